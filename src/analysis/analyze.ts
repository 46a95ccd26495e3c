/**
 * The pipeline: captures and an inventory in, a report document out.
 *
 *     prepare captures → read (hot path) → join flows → connections → owners → select → document
 *
 * Captures are read by threads while this one loads the inventory, or after it by this one where that does as well. Everything after
 * reading is per flow or rarer. Same input, same document, however many threads.
 */
import type { Timestamp } from '../base/time.js';
import type { Inventory } from '../inventory/inventory.js';
import { emptyInventory, loadInventory } from '../inventory/load.js';
import { withNames } from '../inventory/names.js';
import { DOCUMENT_FORMAT, type ReportDocument, type UnansweredArp } from '../model/document.js';
import type { FlowPart } from '../flow/flow-part.js';
import { NodeClockErrors, type ClockErrors } from '../trail/clocks/clock-errors.js';
import { buildConnections } from '../trail/connections.js';
import { findCopies } from '../trail/copies.js';
import { readFlowColumns } from '../trail/flow-columns.js';
import { HopOrder } from '../trail/hop-order.js';
import { SampleIndex } from '../trail/sample-index.js';
import { SampleSet } from '../trail/sample-set.js';
import { buildCarriers } from './carriers.js';
import { prepareCaptures, type CaptureGroup } from './capture-groups.js';
import { captureSummary, oddities, vantageSummary } from './capture-summaries.js';
import { AnalyzedConnections } from './connection-table.js';
import { EndpointAggregator } from './endpoint-totals.js';
import { joinFlowParts } from './flow-parts.js';
import { JoinedConnections } from './joined.js';
import { limitationsOf } from './limitations.js';
import { NamedPlaces, placePods } from './places.js';
import { OwnerResolver } from './owner-resolver.js';
import type { ReadResult } from './partial-result.js';
import { Reading } from './reading.js';
import type { AnalysisContext, AnalysisRequest, AnalysisResult } from './request.js';
import { selectConnections, selectTop } from './selection.js';
import { buildTimeline } from './timeline.js';
import { groupBy, spanOf, sum, timeRange } from './sums.js';
import { nameVantages } from './vantage-naming.js';
import { VERSION } from '../base/version.js';

const MAX_UNANSWERED_ARP = 50;

export async function analyze(request: AnalysisRequest, context: AnalysisContext): Promise<AnalysisResult> {
  const { listener } = context;
  listener({ type: 'phase', phase: 'inventory' });
  const prepared = await prepareCaptures(request);
  const reading = new Reading(prepared.groups, request, context);
  try {
    const hasInventory = request.inventory.length > 0 || request.nodeDirectories.length > 0;
    const snapshot = hasInventory
      ? await loadInventory(request.inventory, request.nodeDirectories, listener)
      : emptyInventory();
    const inventory = withNames(snapshot, request.names);
    listener({ type: 'phase', phase: 'captures' });
    for (const { message, hint } of prepared.failures) listener({ type: 'error', message, hint });
    for (const { message, hint } of prepared.duplicates) listener({ type: 'warning', message, hint });
    const read = await reading.result();
    listener({ type: 'phase', phase: 'joining' });
    return {
      document: buildDocument(request, prepared.groups, read, inventory, hasInventory),
      failures: [...prepared.failures.map(({ message }) => message), ...read.failures],
    };
  } catch (error) {
    await reading.abandon();
    throw error;
  }
}

/** Joins what was read with the inventory. */
function buildDocument(
  request: AnalysisRequest,
  groups: readonly CaptureGroup[],
  read: ReadResult,
  inventory: Inventory,
  hasInventory: boolean,
): ReportDocument {
  const { captures, vantages } = read;
  const flows = joinFlowParts(read.parts, read.vantageIds);
  const columns = readFlowColumns(flows);
  const named = placePods(nameVantages(vantages, groups, inventory), columns, flows.addressTable, inventory);
  const samples = new SampleSet(flows);
  const owners = new OwnerResolver(flows.addressTable, inventory, (vantage) => named[vantage]!.node);
  const quality = { mixesInterfaces: (vantage: number) => named[vantage]!.mixesInterfaces };
  const connections = buildConnections(flows, columns, samples, quality, owners);
  const copies = findCopies(samples, columns, quality);
  const places = new NamedPlaces(named, flows.addressTable, inventory);
  const clockErrors: ClockErrors = new NodeClockErrors(places);
  const order = new HopOrder(flows, columns, new SampleIndex(samples, flows.length), places, clockErrors);
  const joined = new JoinedConnections(connections, flows, owners);
  const span = spanOf(vantages.segments.map((segment) => segment.times()));
  const latest: Timestamp | null =
    span.latestSeconds === -Infinity ? null : { seconds: span.latestSeconds, nanoseconds: span.latestNanoseconds };
  const selected = selectConnections(joined, request.selection, latest);
  const shown = selectTop(joined, selected, request.selection.top);
  const endpoints = new EndpointAggregator();
  for (const index of selected) joined.addTo(endpoints, index);
  const { byProtocol, byState } = joined.counts();
  const segments = groupBy(vantages.segments, ({ vantage }) => vantage);
  const captureSummaries = captures.map((facts) => captureSummary(facts, groups));
  const vantagePoints = named.map((each, id) =>
    vantageSummary(id, each, copies.count(id), vantages, segments.get(id) ?? [], captures),
  );
  const undecodedPackets = sum(captures, (capture) => capture.undecodedPackets);
  const flowsAggregated = sum(read.parts, ({ summedFlows }) => summedFlows);
  const time = timeRange(span);
  const inventorySummary = hasInventory ? inventory.summary : null;
  return {
    summary: {
      format: DOCUMENT_FORMAT,
      generator: { name: 'podtrail', version: VERSION },
      options: request.options,
      partial: read.isInterrupted,
      time,
      captures: captureSummaries,
      vantagePoints,
      inventory: inventorySummary,
      totals: {
        packets: sum(vantages.segments, ({ packets }) => packets),
        wireBytes: sum(vantages.segments, ({ wireBytes }) => wireBytes),
        flows: flows.length,
        connections: joined.length,
        selectedConnections: selected.length,
        connectionsByProtocol: byProtocol,
        connectionsByState: byState,
        undecodedPackets,
        arp: {
          requests: sum(read.parts, ({ arp }) => arp.requests),
          replies: sum(read.parts, ({ arp }) => arp.replies),
          unanswered: unansweredArp(read.parts),
        },
        flowsFinishedEarly: flowsAggregated + sum(read.parts, ({ finished }) => finished.count),
        flowsAggregated,
      },
      endpoints: endpoints.summary(),
      timeline: buildTimeline(vantages, joined),
      carriers: buildCarriers(flows, owners),
      clocks: null,
      segments: [],
      wireguard: null,
      coverageGaps: [],
      policies: null,
      oddities: oddities(captures),
      unattributed: hasInventory ? endpoints.unattributedAddresses() : [],
      limitations: limitationsOf({
        captures: captureSummaries,
        vantagePoints,
        inventory: inventorySummary,
        latest: time?.end ?? null,
        mixedVantages: named.filter(({ mixesInterfaces }) => mixesInterfaces).map(({ name }) => name),
        unattributed: hasInventory ? endpoints.unattributedCount : 0,
        flowsFinishedEarly: flowsAggregated + sum(read.parts, ({ finished }) => finished.count),
        flowsAggregated,
        flowsMerged: sum(read.parts, ({ mergedFlows }) => mergedFlows),
        flowsWithoutExtras: sum(read.parts, ({ flowsWithoutExtras }) => flowsWithoutExtras),
        lostFragments: sum(read.parts, ({ lostFragments }) => lostFragments),
        undecodedPackets,
        isInterrupted: read.isInterrupted,
      }),
    },
    connections: new AnalyzedConnections(shown, connections, flows, joined, owners, order),
  };
}

/** Addresses that were asked for and never answered in these captures, most asked first. */
function unansweredArp(parts: readonly FlowPart[]): UnansweredArp[] {
  const requests = new Map<string, number>();
  const answered = new Set<string>();
  for (const { addresses, arp } of parts) {
    for (let id = 0; id < Math.min(arp.asked.length, addresses.size); id++) {
      if (arp.answered[id]! > 0) answered.add(addresses.text(id));
      else if (arp.asked[id]! > 0)
        requests.set(addresses.text(id), (requests.get(addresses.text(id)) ?? 0) + arp.asked[id]!);
    }
  }
  return [...requests]
    .filter(([address]) => !answered.has(address))
    .map(([address, count]) => ({ address, requests: count }))
    .sort((a, b) => b.requests - a.requests || (a.address < b.address ? -1 : 1))
    .slice(0, MAX_UNANSWERED_ARP);
}
