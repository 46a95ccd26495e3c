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
import { DOCUMENT_FORMAT, type ReportDocument, type UnansweredArp } from '../model/document.js';
import type { FlowPart } from '../flow/flow-part.js';
import { relateClocks } from '../trail/clocks/node-clocks.js';
import { findProblems } from '../findings/find.js';
import type { PolicyJudge } from '../policy/judge.js';
import { buildConnections } from '../trail/connections.js';
import { findCopies } from '../trail/copies.js';
import { readFlowColumns } from '../trail/flow-columns.js';
import { HopOrder } from '../trail/hop-order.js';
import { SampleIndex } from '../trail/sample-index.js';
import { Segments } from '../trail/segments/segments.js';
import { SampleSet } from '../trail/sample-set.js';
import { analyzeWireguard } from '../trail/wireguard/summary.js';
import { buildCarriers } from './carriers.js';
import { prepareCaptures, type CaptureGroup } from './capture-groups.js';
import { captureDrops, captureWindows } from './capture-windows.js';
import { ConnectionPaths } from './connection-paths.js';
import { captureSummary, oddities, vantageSummary } from './capture-summaries.js';
import { AnalyzedConnections } from './connection-table.js';
import { findCoverageGaps } from './coverage-gaps.js';
import { EndpointAggregator } from './endpoint-totals.js';
import { ClockNodes } from './clock-places.js';
import { joinFlowParts } from './flow-parts.js';
import { JoinedConnections } from './joined.js';
import { limitationsOf } from './limitations.js';
import { loadRequested, makeJudge } from './load-judge.js';
import { summarizePolicies } from './policy-summary.js';
import { NamedPlaces, placePods } from './places.js';
import { OwnerResolver } from './owner-resolver.js';
import type { ReadResult } from './partial-result.js';
import { Reading } from './reading.js';
import type { AnalysisContext, AnalysisRequest, JudgedAnalysis } from './request.js';
import { selectConnections, selectTop } from './selection.js';
import { buildTimeline } from './timeline.js';
import { correctTimes, groupBy, spanOf, sum, timeRange } from './sums.js';
import { NamedWireguardSetting } from './wireguard-setting.js';
import { placeByTraffic } from './vantage-evidence.js';
import { nameVantages } from './vantage-naming.js';
import { isOneWay, readTraffic } from './vantage-traffic.js';
import { Verdicts } from './verdicts.js';
import { findTroubled, rowsOf } from './troubled.js';
import { VERSION } from '../base/version.js';

const MAX_UNANSWERED_ARP = 50;

export async function analyze(request: AnalysisRequest, context: AnalysisContext): Promise<JudgedAnalysis> {
  const { listener } = context;
  listener({ type: 'phase', phase: 'inventory' });
  const prepared = await prepareCaptures(request);
  const reading = new Reading(prepared.groups, request, context);
  try {
    const hasInventory = request.inventory.length > 0 || request.nodeDirectories.length > 0;
    const inventory = await loadRequested(request, listener);
    const judge = await makeJudge(request, inventory, listener);
    listener({ type: 'phase', phase: 'captures' });
    for (const { message, hint } of prepared.failures) listener({ type: 'error', message, hint });
    for (const { message, hint } of prepared.duplicates) listener({ type: 'warning', message, hint });
    const read = await reading.result();
    listener({ type: 'phase', phase: 'joining' });
    return {
      document: buildDocument(request, prepared.groups, read, inventory, hasInventory, judge),
      judge,
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
  judge: PolicyJudge,
): ReportDocument {
  const { captures, vantages } = read;
  const flows = joinFlowParts(read.parts, read.vantageIds);
  const uncorrected = readFlowColumns(flows);
  const byName = placePods(nameVantages(vantages, groups, inventory), uncorrected, flows.addressTable, inventory);
  const traffic = readTraffic(flows, byName.length, inventory);
  const named = placeByTraffic(byName, vantages, traffic, inventory);
  const samples = new SampleSet(flows);
  const clockNodes = new ClockNodes(named, flows.addressTable, inventory);
  const clocks = relateClocks({
    flows,
    samples,
    vantages: uncorrected.vantage,
    places: clockNodes,
    names: clockNodes.names,
    given: clockNodes.givenOffsets(request.clocks ?? []),
  });
  flows.useClock(clocks);
  samples.useClock(clocks, uncorrected.vantage);
  const columns = clocks.correctsAnything ? readFlowColumns(flows) : uncorrected;
  const owners = new OwnerResolver(
    flows.addressTable,
    inventory,
    (vantage) => named[vantage]!.node,
    (vantage) => named[vantage]!.role,
  );
  const quality = { mixesInterfaces: (vantage: number) => named[vantage]!.mixesInterfaces };
  const connections = buildConnections(flows, columns, samples, quality, owners);
  const copies = findCopies(samples, columns, quality);
  const places = new NamedPlaces(named, flows.addressTable, inventory);
  const index = new SampleIndex(samples, flows.length);
  const order = new HopOrder(flows, columns, index, places, clocks);
  const windows = captureWindows(captures, samples.originSeconds, clocks);
  const pathSegments = new Segments({
    ...{ flows, samples, index, places, clocks, windows },
    areFlowsComplete: read.parts.every(({ summedFlows }) => summedFlows === 0),
    captureDrops: captureDrops(captures),
  });
  const joined = new JoinedConnections(connections, flows, owners);
  const paths = new ConnectionPaths(connections, flows, joined, order);
  const lossy = new Uint8Array(connections.length);
  for (let c = 0; c < connections.length; c++) {
    if (connections.hopsOf(c).length > 1 && pathSegments.add(paths.of(c))) lossy[c] = 1;
  }
  const span = spanOf(vantages.segments.map((segment) => correctTimes(segment.times(), segment.vantage, clocks)));
  const latest: Timestamp | null =
    span.latestSeconds === -Infinity ? null : { seconds: span.latestSeconds, nanoseconds: span.latestNanoseconds };
  const placeOf = {
    pod: (vantage: number): string | null => named[vantage]!.pod,
    node: (vantage: number): string | null => named[vantage]!.node,
  };
  const hasPolicies = judge.allVersions.length > 0 || judge.problems.length > 0;
  const verdicts = hasPolicies ? new Verdicts(judge, joined, connections, flows, owners, placeOf, latest) : null;
  const selected = selectConnections(joined, request.selection, latest);
  const shown = selectTop(joined, selected, request.selection.top);
  const endpoints = new EndpointAggregator();
  for (const index of selected) joined.addTo(endpoints, index);
  const { byProtocol, byState } = joined.counts();
  const segments = groupBy(vantages.segments, ({ vantage }) => vantage);
  const captureSummaries = captures.map((facts) => captureSummary(facts, groups));
  const packetsAt = (vantage: number): number => sum(segments.get(vantage) ?? [], ({ packets }) => packets);
  const copiesAt = (vantage: number): number =>
    samples.areAllPackets ? copies.count(vantage) : copies.estimate(vantage, packetsAt(vantage));
  const vantagePoints = named.map((each, id) =>
    vantageSummary(id, each, copiesAt(id), vantages, segments.get(id) ?? [], captures),
  );
  const wireguard = analyzeWireguard(
    { flows, samples, index },
    new NamedWireguardSetting(named, segments, flows.addressTable, inventory, samples.originSeconds, clocks),
  );
  const undecodedPackets = sum(captures, (capture) => capture.undecodedPackets);
  const flowsAggregated = sum(read.parts, ({ summedFlows }) => summedFlows);
  const time = timeRange(span);
  const inventorySummary = hasInventory ? inventory.summary : null;
  const tableOf = (rows: Int32Array): AnalyzedConnections =>
    new AnalyzedConnections(rows, connections, flows, joined, owners, paths, pathSegments, verdicts, wireguard);
  const policies = verdicts === null ? null : summarizePolicies(verdicts);
  const clockSummary = clocks.summary();
  const segmentTotals = pathSegments.totals();
  const findings = findProblems(rowsOf(tableOf(findTroubled(selected, joined, lossy, verdicts))), {
    ...{ time, segments: segmentTotals, vantagePoints, policies, clocks: clockSummary },
    wireguard: wireguard.summary,
  });
  return {
    summary: {
      format: DOCUMENT_FORMAT,
      generator: { name: 'podtrail', version: VERSION },
      options: request.options,
      partial: read.isInterrupted,
      time,
      findings,
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
      timeline: buildTimeline(vantages, joined, clocks),
      carriers: buildCarriers(flows, owners),
      clocks: clockSummary,
      segments: segmentTotals,
      wireguard: wireguard.summary,
      coverageGaps: findCoverageGaps({ named, segments, ends: joined, connections, flows, clocks }),
      policies,
      oddities: oddities(captures),
      unattributed: hasInventory ? endpoints.unattributedAddresses() : [],
      limitations: limitationsOf({
        captures: captureSummaries,
        vantagePoints,
        inventory: inventorySummary,
        latest: time?.end ?? null,
        mixedVantages: named.filter(({ mixesInterfaces }) => mixesInterfaces).map(({ name }) => name),
        oneWayVantages: named.filter(({ role }, id) => isOneWay(role, traffic[id]!)).map(({ name }) => name),
        areCopiesCounted: samples.areAllPackets,
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
    connections: tableOf(shown),
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
