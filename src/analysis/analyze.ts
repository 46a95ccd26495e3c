/**
 * The pipeline: captures and an inventory in, a report document out.
 *
 *     prepare captures → read (hot path) → join flows → connections → owners → select → document
 *
 * Everything after reading is per flow or rarer. Same input, same document.
 */
import type { Timestamp } from '../base/time.js';
import type { Inventory } from '../inventory/inventory.js';
import { emptyInventory, loadInventory } from '../inventory/load.js';
import { DOCUMENT_FORMAT, type ReportDocument, type UnansweredArp } from '../model/document.js';
import type { FlowPart } from '../flow/flow-part.js';
import { buildConnections } from '../trail/connections.js';
import { buildCarriers } from './carriers.js';
import { prepareCaptures, type CaptureGroup } from './capture-groups.js';
import { captureSummary, oddities, vantageSummary } from './capture-summaries.js';
import { AnalyzedConnections } from './connection-table.js';
import { EndpointAggregator } from './endpoint-totals.js';
import { joinFlowParts } from './flow-parts.js';
import { JoinedConnections } from './joined.js';
import { limitationsOf } from './limitations.js';
import { OwnerResolver } from './owner-resolver.js';
import { readCaptures, type ReadResult } from './read-captures.js';
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
  const hasInventory = request.inventory.length > 0 || request.nodeDirectories.length > 0;
  const inventory = hasInventory
    ? await loadInventory(request.inventory, request.nodeDirectories, listener)
    : emptyInventory();
  listener({ type: 'phase', phase: 'captures' });
  const prepared = await prepareCaptures(request);
  for (const { message, hint } of prepared.failures) listener({ type: 'error', message, hint });
  for (const { message, hint } of prepared.duplicates) listener({ type: 'warning', message, hint });
  const read = await readCaptures(prepared.groups, request, context);
  listener({ type: 'phase', phase: 'joining' });
  return {
    document: buildDocument(request, prepared.groups, read, inventory, hasInventory),
    failures: [...prepared.failures.map(({ message }) => message), ...read.failures],
  };
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
  const named = nameVantages(vantages, groups, inventory);
  const identity = Int32Array.from({ length: vantages.table.size }, (_, id) => id);
  const flows = joinFlowParts([read.flows], [identity]);
  const owners = new OwnerResolver(flows.addressTable, inventory, (vantage) => named[vantage]!.node);
  const connections = buildConnections(flows, {
    mixesInterfaces: (vantage) => named[vantage]!.mixesInterfaces,
  });
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
  const vantagePoints = named.map((each, id) => vantageSummary(id, each, vantages, segments.get(id) ?? [], captures));
  const undecodedPackets = sum(captures, (capture) => capture.undecodedPackets);
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
          requests: read.flows.arp.requests,
          replies: read.flows.arp.replies,
          unanswered: unansweredArp(read.flows),
        },
        flowsFinishedEarly: read.flows.finished.count + read.flows.summedFlows,
        flowsAggregated: read.flows.summedFlows,
      },
      endpoints: endpoints.summary(),
      timeline: buildTimeline(vantages, joined),
      carriers: buildCarriers(flows, owners),
      oddities: oddities(captures),
      unattributed: hasInventory ? endpoints.unattributedAddresses() : [],
      limitations: limitationsOf({
        captures: captureSummaries,
        vantagePoints,
        inventory: inventorySummary,
        latest: time?.end ?? null,
        mixedVantages: named.filter(({ mixesInterfaces }) => mixesInterfaces).map(({ name }) => name),
        unattributed: hasInventory ? endpoints.unattributedCount : 0,
        flowsFinishedEarly: read.flows.finished.count + read.flows.summedFlows,
        flowsAggregated: read.flows.summedFlows,
        lostFragments: read.flows.lostFragments,
        undecodedPackets,
        isInterrupted: read.isInterrupted,
      }),
    },
    connections: new AnalyzedConnections(shown, connections, flows, joined, owners),
  };
}

/** Addresses that were asked for and never answered in these captures, most asked first. */
function unansweredArp(flows: FlowPart): UnansweredArp[] {
  const { asked, answered } = flows.arp;
  const result: UnansweredArp[] = [];
  for (let id = 0; id < Math.min(asked.length, flows.addresses.size); id++) {
    if (asked[id]! > 0 && answered[id] === 0) {
      result.push({ address: flows.addresses.text(id), requests: asked[id]! });
    }
  }
  return result
    .sort((a, b) => b.requests - a.requests || (a.address < b.address ? -1 : 1))
    .slice(0, MAX_UNANSWERED_ARP);
}
