/** A report document whose summary is added up from its connections the simple way. */
import { parseTimestamp } from '../../../src/base/time.js';
import {
  isFailed,
  type Connection,
  type Endpoint,
  type EndpointTotals,
  type Hop,
  type ReportDocument,
  type ReportSummary,
  type Timeline,
  type VantagePoint,
  type WorkloadPair,
  type WorkloadTotals,
} from '../../../src/model/document.js';
import type { Owner } from '../../../src/model/owner.js';
import { SECOND, buildSummary, tableOf } from './build.js';

/** Adds the summary up from the connections, the simple way. */
export function documentOf(rows: readonly Connection[], members: Partial<ReportSummary> = {}): ReportDocument {
  const sorted = [...rows].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.id < b.id ? -1 : 1));
  const first = sorted[0]?.start;
  const last = sorted.reduce((latest, row) => (row.end > latest ? row.end : latest), first ?? '');
  const time = first === undefined ? null : { start: first, end: last, durationNs: between(first, last) };
  const vantagePoints = (members.vantagePoints ?? []).map((point) => countPoint(point, sorted));
  const packets = sum(vantagePoints.map((point) => point.packets));
  const flows = sum(sorted.map((row) => row.hops.length));
  const base = buildSummary();
  return {
    summary: {
      ...base,
      time,
      totals: {
        ...base.totals,
        packets,
        wireBytes: sum(vantagePoints.map((point) => point.wireBytes)),
        flows,
        connections: sorted.length,
        selectedConnections: sorted.length,
        connectionsByProtocol: countBy(sorted, (row) => row.protocol),
        connectionsByState: countBy(
          sorted.filter((row) => row.protocol === 'TCP'),
          (row) => row.state,
        ),
      },
      endpoints: {
        pods: podTotals(sorted),
        workloads: workloadTotals(sorted),
        pairs: workloadPairs(sorted),
        otherPairs: { pairs: 0, connections: 0, bytes: 0 },
      },
      timeline: time === null ? null : timelineOf(sorted, time.start, time.durationNs, vantagePoints),
      ...members,
      vantagePoints,
    },
    connections: tableOf(sorted),
  };
}

export function between(start: string, end: string): number {
  const a = parseTimestamp(start);
  const b = parseTimestamp(end);
  if (a === null || b === null) throw new Error(`not a time: ${start} ${end}`);
  return (b.seconds - a.seconds) * SECOND + b.nanoseconds - a.nanoseconds;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function countBy(rows: readonly Connection[], key: (row: Connection) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[key(row)] = (counts[key(row)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function countPoint(point: VantagePoint, rows: readonly Connection[]): VantagePoint {
  const hops = rows.flatMap((row) => row.hops.filter((hop) => hop.vantagePoint === point.id));
  if (hops.length === 0) return point;
  const start = hops.reduce((least, hop) => (hop.start < least ? hop.start : least), hops[0]?.start ?? '');
  const end = hops.reduce((most, hop) => (hop.end > most ? hop.end : most), hops[0]?.end ?? '');
  return {
    ...point,
    packets: sum(hops.map((hop) => hop.clientToServer.packets + hop.serverToClient.packets)),
    wireBytes: sum(hops.map((hop) => hop.clientToServer.wireBytes + hop.serverToClient.wireBytes)),
    time: { start, end, durationNs: between(start, end) },
  };
}

function keyOf(endpoint: Endpoint): { key: string; label: string } {
  const { owner, address } = endpoint;
  if (owner.workload !== null && owner.namespace !== null) {
    return { key: `${owner.namespace}/${owner.workload.kind}/${owner.workload.name}`, label: owner.workload.name };
  }
  if (owner.kind === 'external') return { key: 'external', label: 'outside the cluster' };
  if (owner.name === null) return { key: address, label: address };
  const scope = owner.namespace === null ? owner.kind : `${owner.namespace}/${owner.kind}`;
  return { key: `${scope}/${owner.name}`, label: owner.name };
}

function bytesOf(row: Connection): number {
  return row.clientToServer.wireBytes + row.serverToClient.wireBytes;
}

function workloadTotals(rows: readonly Connection[]): WorkloadTotals[] {
  const totals = new Map<string, WorkloadTotals & { readonly names: Set<string> }>();
  for (const row of rows) {
    for (const side of ['client', 'server'] as const) {
      const { key, label } = keyOf(row[side]);
      const { owner } = row[side];
      const before = totals.get(key);
      const sent = side === 'client' ? row.clientToServer : row.serverToClient;
      const received = side === 'client' ? row.serverToClient : row.clientToServer;
      const names = before?.names ?? new Set<string>();
      if (owner.kind === 'pod' && owner.name !== null) names.add(owner.name);
      totals.set(key, {
        key,
        kind: owner.kind,
        namespace: owner.namespace,
        workload: owner.workload,
        label,
        pods: names.size,
        connectionsAsClient: (before?.connectionsAsClient ?? 0) + (side === 'client' ? 1 : 0),
        connectionsAsServer: (before?.connectionsAsServer ?? 0) + (side === 'server' ? 1 : 0),
        failedConnections: (before?.failedConnections ?? 0) + (isFailed(row.protocol, row.state) ? 1 : 0),
        bytesSent: (before?.bytesSent ?? 0) + sent.wireBytes,
        bytesReceived: (before?.bytesReceived ?? 0) + received.wireBytes,
        names,
      });
    }
  }
  return [...totals.values()]
    .map(({ names: _names, ...rest }) => rest)
    .sort((a, b) => b.bytesSent + b.bytesReceived - a.bytesSent - a.bytesReceived || (a.key < b.key ? -1 : 1))
    .slice(0, 200);
}

function podTotals(rows: readonly Connection[]): EndpointTotals[] {
  const totals = new Map<Owner, EndpointTotals>();
  for (const row of rows) {
    for (const side of ['client', 'server'] as const) {
      const { owner, address } = row[side];
      if (owner.kind !== 'pod') continue;
      const before = totals.get(owner);
      const sent = side === 'client' ? row.clientToServer : row.serverToClient;
      const received = side === 'client' ? row.serverToClient : row.clientToServer;
      totals.set(owner, {
        owner,
        addresses: [...new Set([...(before?.addresses ?? []), address])],
        connectionsAsClient: (before?.connectionsAsClient ?? 0) + (side === 'client' ? 1 : 0),
        connectionsAsServer: (before?.connectionsAsServer ?? 0) + (side === 'server' ? 1 : 0),
        failedConnections: (before?.failedConnections ?? 0) + (isFailed(row.protocol, row.state) ? 1 : 0),
        bytesSent: (before?.bytesSent ?? 0) + sent.wireBytes,
        bytesReceived: (before?.bytesReceived ?? 0) + received.wireBytes,
      });
    }
  }
  return [...totals.values()]
    .sort(
      (a, b) =>
        b.bytesSent + b.bytesReceived - a.bytesSent - a.bytesReceived ||
        ((a.owner.name ?? '') < (b.owner.name ?? '') ? -1 : 1),
    )
    .slice(0, 500);
}

function workloadPairs(rows: readonly Connection[]): WorkloadPair[] {
  const pairs = new Map<string, WorkloadPair>();
  for (const row of rows) {
    const client = keyOf(row.client).key;
    const server = keyOf(row.server).key;
    const before = pairs.get(`${client} ${server}`);
    const ports = new Set(before?.ports ?? []);
    if (row.server.port !== null) ports.add(`${row.server.port}/${row.protocol}`);
    pairs.set(`${client} ${server}`, {
      client,
      server,
      ports: [...ports].slice(0, 8),
      connections: (before?.connections ?? 0) + 1,
      failedConnections: (before?.failedConnections ?? 0) + (isFailed(row.protocol, row.state) ? 1 : 0),
      bytes: (before?.bytes ?? 0) + bytesOf(row),
    });
  }
  return [...pairs.values()].sort((a, b) => b.bytes - a.bytes || (a.client < b.client ? -1 : 1)).slice(0, 400);
}

function timelineOf(
  rows: readonly Connection[],
  start: string,
  durationNs: number,
  points: readonly VantagePoint[],
): Timeline {
  const bins = 300;
  const binNs = Math.max(1, Math.ceil((durationNs + 1) / bins));
  const started = new Array<number>(bins).fill(0);
  const failed = new Array<number>(bins).fill(0);
  const series = points.map((point) => ({
    vantagePoint: point.id,
    bytes: new Array<number>(bins).fill(0),
    packets: new Array<number>(bins).fill(0),
  }));
  for (const row of rows) {
    const bin = Math.floor(between(start, row.start) / binNs);
    started[bin] = (started[bin] ?? 0) + 1;
    if (isFailed(row.protocol, row.state)) failed[bin] = (failed[bin] ?? 0) + 1;
    for (const hop of row.hops) spread(series, hop, start, binNs);
  }
  return { start, binNs, bins, series, started, failed };
}

function spread(
  series: { vantagePoint: number; bytes: number[]; packets: number[] }[],
  hop: Hop,
  start: string,
  binNs: number,
): void {
  const entry = series.find((one) => one.vantagePoint === hop.vantagePoint);
  if (entry === undefined) return;
  const from = Math.floor(between(start, hop.start) / binNs);
  const to = Math.floor(between(start, hop.end) / binNs);
  const share = 1 / (to - from + 1);
  for (let bin = from; bin <= to; bin++) {
    entry.bytes[bin] = Math.round(
      (entry.bytes[bin] ?? 0) + (hop.clientToServer.wireBytes + hop.serverToClient.wireBytes) * share,
    );
    entry.packets[bin] = Math.round(
      (entry.packets[bin] ?? 0) + (hop.clientToServer.packets + hop.serverToClient.packets) * share,
    );
  }
}
