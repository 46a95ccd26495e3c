/**
 * Builds report documents for the tests of the writers, without any capture: a small shop in a cluster of three nodes whose
 * connections are made by a seeded generator, and a summary that is added up from them the simple way. Everything that a
 * test may want to vary is an option or can be replaced with a spread.
 */
import { formatTimestamp, parseTimestamp } from '../../src/base/time.js';
import {
  DOCUMENT_FORMAT,
  isFailed,
  type CaptureSummary,
  type Connection,
  type ConnectionTable,
  type DirectionCounters,
  type Endpoint,
  type EndpointTotals,
  type Hop,
  type ReportDocument,
  type ReportSummary,
  type Timeline,
  type VantagePoint,
  type WorkloadPair,
  type WorkloadTotals,
} from '../../src/model/document.js';
import type { Owner } from '../../src/model/owner.js';

const START = '2026-11-23T14:02:07.100000000Z';
const SECOND = 1_000_000_000;

/** A table over objects that exist already. */
export function tableOf(rows: readonly Connection[]): ConnectionTable {
  return {
    length: rows.length,
    row(index) {
      const row = rows[index];
      if (row === undefined) throw new RangeError(`row ${index}`);
      return row;
    },
  };
}

export function rowsOf(document: ReportDocument): Connection[] {
  return Array.from({ length: document.connections.length }, (_, index) => document.connections.row(index));
}

export function buildOwner(members: Partial<Owner> = {}): Owner {
  return {
    kind: 'pod',
    namespace: 'shop',
    name: 'frontend-876d5c9f4b-xqfj5',
    uid: '0b8e3f0a-3c1e-4a57-9d3f-1c0a5f6f2b11',
    node: 'node-1',
    workload: { kind: 'Deployment', name: 'frontend' },
    labels: { app: 'frontend', 'pod-template-hash': '876d5c9f4b' },
    hostNetwork: false,
    confidence: 'observed',
    reason: '',
    candidates: [],
    ...members,
  };
}

export function nobody(kind: Owner['kind'], reason: string): Owner {
  return buildOwner({
    kind,
    namespace: null,
    name: null,
    uid: null,
    node: null,
    workload: null,
    labels: {},
    confidence: kind === 'unknown' ? 'unknown' : 'observed',
    reason,
  });
}

export function buildCounters(packets: number, payloadBytes: number): DirectionCounters {
  return { packets, wireBytes: packets * 66 + payloadBytes, payloadBytes, uniquePayloadBytes: payloadBytes };
}

export function buildHop(members: Partial<Hop> = {}): Hop {
  return {
    vantagePoint: 0,
    encapsulation: [],
    vlans: [],
    start: START,
    end: '2026-11-23T14:02:07.112345678Z',
    state: 'SF',
    history: 'ShADadFf',
    clientToServer: buildCounters(6, 420),
    serverToClient: buildCounters(5, 1800),
    handshakeRttNs: 184_211,
    clientTtl: 64,
    serverTtl: 63,
    nflogPrefix: null,
    ...members,
  };
}

export function buildEndpoint(address: string, port: number | null, owner: Owner): Endpoint {
  return { address, port, owner };
}

export function buildConnection(members: Partial<Connection> = {}): Connection {
  const hop = buildHop();
  return {
    id: 'c-4f2a9b10',
    protocol: 'TCP',
    protocolNumber: 6,
    client: buildEndpoint('10.244.1.7', 43210, buildOwner()),
    server: buildEndpoint(
      '10.244.2.9',
      8080,
      buildOwner({
        name: 'backend-7c9d8f6b5-8mz69',
        node: 'node-2',
        workload: { kind: 'Deployment', name: 'backend' },
      }),
    ),
    clientReason: 'SYN',
    start: hop.start,
    end: hop.end,
    durationNs: 12_345_678,
    state: hop.state,
    history: hop.history,
    clientToServer: hop.clientToServer,
    serverToClient: hop.serverToClient,
    handshakeRttNs: hop.handshakeRttNs,
    icmp: null,
    countedAt: 0,
    hops: [hop],
    ...members,
  };
}

export function buildCapture(id: number, members: Partial<CaptureSummary> = {}): CaptureSummary {
  return {
    id,
    path: `captures/node-${id + 1}-any.pcapng.gz`,
    rotation: null,
    format: 'pcapng',
    compression: 'gzip',
    sizeBytes: 8_411_903,
    packets: 412_883,
    wireBytes: 281_004_112,
    capturedBytes: 61_204_551,
    truncatedPackets: 0,
    packetsWithoutTime: 0,
    time: { start: START, end: '2026-11-23T14:06:41.002113000Z', durationNs: 273_902_113_000 },
    interfaces: [
      {
        section: 0,
        index: 0,
        name: 'eth1',
        description: null,
        linkType: 1,
        linkTypeName: 'EN10MB',
        snapLength: 262_144,
        ticksPerSecond: SECOND,
        packets: 412_883,
        wireBytes: 281_004_112,
        droppedPackets: 0,
        comments: [],
      },
    ],
    notes: ['Dumpcap (Wireshark) 4.0.17'],
    damage: null,
    ...members,
  };
}

export function buildSummary(members: Partial<ReportSummary> = {}): ReportSummary {
  return {
    format: DOCUMENT_FORMAT,
    generator: { name: 'podtrail', version: '0.1.0' },
    options: [],
    partial: false,
    time: null,
    captures: [],
    vantagePoints: [],
    inventory: null,
    totals: {
      packets: 0,
      wireBytes: 0,
      flows: 0,
      connections: 0,
      selectedConnections: 0,
      connectionsByProtocol: {},
      connectionsByState: {},
      undecodedPackets: 0,
      arp: { requests: 0, replies: 0, unanswered: [] },
      flowsFinishedEarly: 0,
      flowsAggregated: 0,
    },
    endpoints: { pods: [], workloads: [], pairs: [], otherPairs: { pairs: 0, connections: 0, bytes: 0 } },
    timeline: null,
    carriers: [],
    oddities: [],
    unattributed: [],
    limitations: [],
    ...members,
  };
}

/** A capture file with a header and nothing else. */
export function emptyDocument(): ReportDocument {
  return {
    summary: buildSummary({
      captures: [
        buildCapture(0, {
          path: 'empty.pcap',
          format: 'pcap',
          compression: 'none',
          sizeBytes: 24,
          packets: 0,
          wireBytes: 0,
          capturedBytes: 0,
          time: null,
          interfaces: [],
          notes: [],
        }),
      ],
      limitations: [
        { severity: 'warning', text: 'The capture holds no packets.', advice: 'Check the filter it was made with.' },
      ],
    }),
    connections: tableOf([]),
  };
}

/** One connection, one capture, no inventory. */
export function minimalDocument(): ReportDocument {
  return documentOf(
    [
      buildConnection({
        client: buildEndpoint('10.244.1.7', 43210, nobody('unknown', 'no inventory was given')),
        server: buildEndpoint('10.244.2.9', 8080, nobody('unknown', 'no inventory was given')),
      }),
    ],
    {
      captures: [buildCapture(0, { path: 'capture.pcap', format: 'pcap', compression: 'none' })],
      vantagePoints: [vantagePoint(0, 'capture.pcap', null, null, 'unknown')],
      inventory: null,
      limitations: [
        {
          severity: 'warning',
          text: 'No inventory was given: addresses have no names.',
          advice:
            'kubectl get pods,services,endpointslices,nodes,namespaces -A -o json > inventory.json, and add --inventory inventory.json.',
        },
      ],
    },
  );
}

function vantagePoint(
  id: number,
  name: string,
  node: string | null,
  device: string | null,
  role: VantagePoint['role'],
): VantagePoint {
  return {
    id,
    name,
    captures: [0],
    interface: device,
    interfaceIndex: null,
    node,
    role,
    packets: 0,
    wireBytes: 0,
    time: null,
  };
}

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

function between(start: string, end: string): number {
  const a = parseTimestamp(start);
  const b = parseTimestamp(end);
  if (a === null || b === null) throw new Error(`not a time: ${start} ${end}`);
  return (b.seconds - a.seconds) * SECOND + b.nanoseconds - a.nanoseconds;
}

function sum(values: readonly number[]): number {
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

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Deployment {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly pods: readonly { readonly owner: Owner; readonly address: string; readonly node: number }[];
}

const SUFFIXES = 'bcdfghjklmnpqrstvwxz2456789';

class Cluster {
  readonly random: () => number;
  private nextAddress = [10, 10, 10];
  private readonly ipv6: boolean;

  constructor(random: () => number, ipv6: boolean) {
    this.random = random;
    this.ipv6 = ipv6;
  }

  suffix(length: number): string {
    return Array.from({ length }, () => SUFFIXES[Math.floor(this.random() * SUFFIXES.length)] ?? 'x').join('');
  }

  deploy(namespace: string, name: string, replicas: number, kind = 'Deployment'): Deployment {
    const hash = this.suffix(9);
    const pods = Array.from({ length: replicas }, (_, index) => {
      const node = Math.floor(this.random() * 3);
      const podName =
        kind === 'StatefulSet'
          ? `${name}-${index}`
          : kind === 'DaemonSet'
            ? `${name}-${this.suffix(5)}`
            : `${name}-${hash}-${this.suffix(5)}`;
      const labels: Record<string, string> =
        kind === 'Deployment' ? { app: name, 'pod-template-hash': hash } : { app: name };
      const owner = buildOwner({
        namespace,
        name: podName,
        uid: `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-8${this.hex(3)}-${this.hex(12)}`,
        node: `node-${node + 1}`,
        workload: { kind, name },
        labels,
      });
      return { owner, address: this.address(node), node };
    });
    return { namespace, name, kind, pods };
  }

  hex(length: number): string {
    return Array.from({ length }, () => Math.floor(this.random() * 16).toString(16)).join('');
  }

  private address(node: number): string {
    const host = this.nextAddress[node] ?? 10;
    this.nextAddress[node] = host + 1;
    return this.ipv6 ? `fd00:10:244:${node + 1}::${host.toString(16)}` : `10.244.${node + 1}.${host}`;
  }
}

export interface RichOptions {
  readonly connections?: number;
  readonly seed?: number;
  readonly ipv6?: boolean;
  readonly minutes?: number;
}

interface Route {
  readonly from: Deployment | null;
  readonly to: Deployment;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly weight: number;
  readonly bytes: number;
  readonly outcome: 'fine' | 'unanswered' | 'refused' | 'reset';
}

/** An evening at the shop: frontend cannot reach the database, everything else works. */
export function richDocument(options: RichOptions = {}): ReportDocument {
  const count = options.connections ?? 1204;
  const minutes = options.minutes ?? 4.5;
  const random = seededRandom(options.seed ?? 7);
  const cluster = new Cluster(random, options.ipv6 ?? false);
  const frontend = cluster.deploy('shop', 'frontend', 3);
  const backend = cluster.deploy('shop', 'backend', 4);
  const database = cluster.deploy('shop', 'database', 1, 'StatefulSet');
  const checkout = cluster.deploy('shop', 'checkout-payment-reconciliation-worker', 2);
  const cache = cluster.deploy('shop', 'cache', 2, 'StatefulSet');
  const dns = cluster.deploy('kube-system', 'coredns', 2);
  const prometheus = cluster.deploy('monitoring', 'prometheus', 1, 'StatefulSet');
  const exporter = cluster.deploy('monitoring', 'node-exporter', 3, 'DaemonSet');
  const grafana = cluster.deploy('monitoring', 'grafana', 1);
  const ingress = cluster.deploy('ingress-nginx', 'ingress-nginx-controller', 2);
  const routes: Route[] = [
    { from: null, to: ingress, port: 443, protocol: 'TCP', weight: 10, bytes: 60_000, outcome: 'fine' },
    { from: ingress, to: frontend, port: 8080, protocol: 'TCP', weight: 14, bytes: 48_000, outcome: 'fine' },
    { from: frontend, to: backend, port: 8080, protocol: 'TCP', weight: 22, bytes: 32_000, outcome: 'fine' },
    { from: frontend, to: database, port: 5432, protocol: 'TCP', weight: 2, bytes: 0, outcome: 'unanswered' },
    { from: backend, to: database, port: 5432, protocol: 'TCP', weight: 9, bytes: 210_000, outcome: 'fine' },
    { from: backend, to: cache, port: 6379, protocol: 'TCP', weight: 8, bytes: 5_000, outcome: 'fine' },
    { from: checkout, to: backend, port: 9090, protocol: 'TCP', weight: 1, bytes: 0, outcome: 'refused' },
    { from: checkout, to: database, port: 5432, protocol: 'TCP', weight: 2, bytes: 9_000, outcome: 'reset' },
    { from: frontend, to: dns, port: 53, protocol: 'UDP', weight: 14, bytes: 180, outcome: 'fine' },
    { from: backend, to: dns, port: 53, protocol: 'UDP', weight: 10, bytes: 180, outcome: 'fine' },
    { from: prometheus, to: exporter, port: 9100, protocol: 'TCP', weight: 4, bytes: 90_000, outcome: 'fine' },
    { from: prometheus, to: backend, port: 9102, protocol: 'TCP', weight: 3, bytes: 30_000, outcome: 'fine' },
    { from: grafana, to: prometheus, port: 9090, protocol: 'TCP', weight: 2, bytes: 70_000, outcome: 'fine' },
  ];
  const vantagePoints = [1, 2, 3].flatMap((node, index) => [
    { ...vantagePoint(index * 3, `node-${node}/cni0`, `node-${node}`, 'cni0', 'bridge'), captures: [index] },
    {
      ...vantagePoint(index * 3 + 1, `node-${node}/flannel.1`, `node-${node}`, 'flannel.1', 'overlay'),
      captures: [index],
    },
    { ...vantagePoint(index * 3 + 2, `node-${node}/eth1`, `node-${node}`, 'eth1', 'underlay'), captures: [index] },
  ]);
  const rows: Connection[] = [];
  const outside = nobody('external', '');
  const assumed = new Map<Owner, Owner>();
  const totalWeight = sum(routes.map((route) => route.weight));
  for (let index = 0; index < count; index++) {
    let pick = random() * totalWeight;
    const route = routes.find((one) => (pick -= one.weight) < 0) ?? routes[0];
    if (route === undefined) throw new Error('no route');
    const to = route.to.pods[Math.floor(random() * route.to.pods.length)];
    const from = route.from?.pods[Math.floor(random() * route.from.pods.length)];
    if (to === undefined) throw new Error('no pod');
    const client =
      from === undefined
        ? buildEndpoint(`203.0.113.${1 + Math.floor(random() * 40)}`, 20_000 + Math.floor(random() * 40_000), outside)
        : buildEndpoint(from.address, 32_768 + Math.floor(random() * 28_000), from.owner);
    let serverOwner = to.owner;
    if (route.to === cache) {
      serverOwner =
        assumed.get(to.owner) ??
        buildOwner({
          ...to.owner,
          confidence: 'assumed',
          reason: 'the pod was created after this traffic; the address had no other owner in any snapshot',
        });
      assumed.set(to.owner, serverOwner);
    }
    const server = buildEndpoint(to.address, route.port, serverOwner);
    const wave = 0.5 + 0.5 * Math.sin((index / count) * 9);
    const startNs = Math.floor(((index + wave * 0.3) / count) * minutes * 60 * SECOND);
    rows.push(makeConnection(cluster, route, client, server, from?.node ?? null, to.node, startNs));
  }
  return documentOf(rows, {
    captures: [0, 1, 2].map((id) =>
      buildCapture(
        id,
        id === 2
          ? {
              truncatedPackets: 18,
              damage: {
                offset: 7_340_021,
                message: 'the file ends in the middle of a packet record (captured length 1514, 220 bytes left)',
              },
            }
          : {},
      ),
    ),
    vantagePoints,
    inventory: {
      snapshots: ['2026-11-23T14:08:12.000000000Z'],
      files: [
        {
          path: 'snapshot/cluster.json',
          recognizedAs: 'List of Pod, Service, EndpointSlice, Node, Namespace',
          objects: 61,
        },
        { path: 'snapshot/hosts/node-1/ip-link.json', recognizedAs: 'ip -j link of node-1', objects: 14 },
      ],
      pods: 24,
      services: 9,
      nodes: 3,
      namespaces: 5,
      policies: 2,
      warnings: ['snapshot/notes.txt is not something that podtrail reads'],
    },
    options: [
      { name: 'inventory', value: 'snapshot/' },
      { name: 'max-flows', value: '1000000' },
    ],
    carriers: [
      {
        kind: 'VXLAN',
        tunnelId: 1,
        vantagePoint: 2,
        a: { address: '192.168.56.11', owner: nodeOwner('node-1') },
        b: { address: '192.168.56.12', owner: nodeOwner('node-2') },
        packetsAToB: 12_204,
        packetsBToA: 11_870,
        wireBytes: 18_220_114,
        innerFlows: 408,
        wireguard: null,
      },
      {
        kind: 'WireGuard',
        tunnelId: null,
        vantagePoint: 5,
        a: { address: '192.168.56.12', owner: nodeOwner('node-2') },
        b: { address: '192.168.56.13', owner: nodeOwner('node-3') },
        packetsAToB: 812,
        packetsBToA: 799,
        wireBytes: 1_204_882,
        innerFlows: 0,
        wireguard: {
          handshakeInitiations: 3,
          handshakeResponses: 2,
          cookieReplies: 0,
          transportData: 1_590,
          keepAlives: 16,
        },
      },
    ],
    oddities: [
      {
        code: 'ip-total-length-zero',
        explanation: 'The IPv4 total length is zero, as segmentation offload leaves it; the captured length was used.',
        capture: 0,
        interface: 0,
        packets: 212,
        firstFrame: 1_881,
      },
      {
        code: 'unknown-ethertype',
        explanation: 'The Ethernet type 0x88cc (LLDP) is not decoded.',
        capture: 1,
        interface: 0,
        packets: 9,
        firstFrame: 204,
      },
    ],
    unattributed: [
      {
        address: '10.244.3.199',
        reason: 'inside the pod network, but no pod of any snapshot had it',
        connections: 4,
        bytes: 2_180,
      },
    ],
    limitations: [
      {
        severity: 'warning',
        text: 'captures/node-3-any.pcapng.gz ends in the middle of a packet: traffic after 14:06:41 UTC is missing there.',
        advice: 'Stop tcpdump with Ctrl-C (or SIGINT) before copying the file.',
      },
      {
        severity: 'note',
        text: 'The inventory is 91 s younger than the last packet: pods that ended before it are not known.',
        advice: 'Collect a snapshot before and after capturing.',
      },
      { severity: 'note', text: '18 packets were cut short by the snap length.', advice: null },
    ],
  });
}

function nodeOwner(name: string): Owner {
  return buildOwner({ kind: 'node', namespace: null, name, uid: null, node: name, workload: null, labels: {} });
}

function makeConnection(
  cluster: Cluster,
  route: Route,
  client: Endpoint,
  server: Endpoint,
  fromNode: number | null,
  toNode: number,
  startNs: number,
): Connection {
  const { random } = cluster;
  const size = Math.floor(route.bytes * (0.2 + random() * 1.6));
  const durationNs =
    route.outcome === 'unanswered'
      ? 3_000_000_000 + Math.floor(random() * 1e9)
      : 400_000 + Math.floor(random() ** 3 * 2e9);
  const shape = shapeOf(route, size);
  const path =
    fromNode === toNode
      ? [toNode * 3]
      : [
          ...(fromNode === null ? [] : [fromNode * 3, fromNode * 3 + 1, fromNode * 3 + 2]),
          toNode * 3 + 2,
          toNode * 3 + 1,
          toNode * 3,
        ];
  const visible = route.outcome === 'unanswered' ? path.slice(0, -1) : path;
  const hops = (visible.length === 0 ? path : visible).map((point, index) => {
    const wire = point % 3 === 2 && fromNode !== null;
    const overhead = wire ? 50 : 0;
    const offset = index * (9_000 + Math.floor(random() * 20_000));
    return buildHop({
      vantagePoint: point,
      encapsulation: wire
        ? [
            {
              kind: 'VXLAN',
              tunnelId: 1,
              outer: { source: `192.168.56.${11 + (fromNode ?? 0)}`, destination: `192.168.56.${11 + toNode}` },
            },
          ]
        : [],
      start: at(startNs + offset),
      end: at(startNs + durationNs + offset),
      state: shape.state,
      history: shape.history,
      clientToServer: withOverhead(shape.client, overhead),
      serverToClient: withOverhead(shape.server, overhead),
      handshakeRttNs: shape.rtt ? 60_000 + Math.floor(random() * 900_000) : null,
      clientTtl: 64 - (index > 1 ? 1 : 0),
      serverTtl: shape.server.packets > 0 ? 63 : null,
    });
  });
  const counted = hops[0] ?? buildHop();
  const last = hops.reduce((latest, hop) => (hop.end > latest ? hop.end : latest), counted.end);
  return {
    id: `c-${cluster.hex(8)}`,
    protocol: route.protocol,
    protocolNumber: route.protocol === 'TCP' ? 6 : 17,
    client,
    server,
    clientReason: route.protocol === 'TCP' ? 'SYN' : 'DNS',
    start: counted.start,
    end: last,
    durationNs: between(counted.start, last),
    state: counted.state,
    history: counted.history,
    clientToServer: counted.clientToServer,
    serverToClient: counted.serverToClient,
    handshakeRttNs: counted.handshakeRttNs,
    icmp: null,
    countedAt: counted.vantagePoint,
    hops,
  };
}

function withOverhead(counters: DirectionCounters, overhead: number): DirectionCounters {
  return { ...counters, wireBytes: counters.wireBytes + overhead * counters.packets };
}

function shapeOf(
  route: Route,
  size: number,
): { state: string; history: string; client: DirectionCounters; server: DirectionCounters; rtt: boolean } {
  const none = buildCounters(0, 0);
  if (route.protocol === 'UDP')
    return { state: 'SF', history: 'Dd', client: buildCounters(2, 84), server: buildCounters(2, size), rtt: false };
  if (route.outcome === 'unanswered')
    return { state: 'S0', history: 'S', client: buildCounters(3, 0), server: none, rtt: false };
  if (route.outcome === 'refused')
    return { state: 'REJ', history: 'Sr', client: buildCounters(1, 0), server: buildCounters(1, 0), rtt: false };
  const client = buildCounters(6 + Math.floor(size / 3000), 420 + Math.floor(size / 20));
  const server = buildCounters(5 + Math.floor(size / 1448), size);
  if (route.outcome === 'reset') return { state: 'RSTR', history: 'ShADadr', client, server, rtt: true };
  return { state: 'SF', history: 'ShADadFf', client, server, rtt: true };
}

function at(offsetNs: number): string {
  const base = parseTimestamp(START);
  if (base === null) throw new Error('start');
  const total = base.nanoseconds + offsetNs;
  const seconds = Math.floor(total / SECOND);
  return formatTimestamp(base.seconds + seconds, total - seconds * SECOND);
}

export const HOSTILE_STRINGS: readonly string[] = [
  '<script>alert(1)</script>',
  '</script><script>alert(1)//',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '<!--<script>',
  ']]></style><svg onload=alert(1)>',
  '{{constructor}}{{{this}}}',
  '=HYPERLINK("http://evil.example","x")',
  '  =1+1',
  '@SUM(A1)',
  'a\u0000b\u0007c\u001b[31md',
  'line\r\nbreak\u2028and\u2029more',
  'left\u202egnp.exe\u2066iso\u2069',
  'half \ud800 pair \udc00',
  'javascript:alert(1)',
  '__proto__',
  '\ufeffbom\u200bzero',
  'x'.repeat(4000),
];

/** The rich document's shape with hostile text wherever text comes from outside. */
export function hostileDocument(strings: readonly string[] = HOSTILE_STRINGS): ReportDocument {
  const pick = (index: number): string => strings[index % strings.length] ?? '';
  const rows = strings.map((text, index) => {
    const owner = buildOwner({
      name: text,
      namespace: pick(index + 1),
      uid: pick(index + 2),
      node: pick(index + 3),
      workload: { kind: pick(index + 4), name: pick(index + 5) },
      labels: { [text]: pick(index + 6), app: text },
      confidence: 'ambiguous',
      reason: pick(index + 7),
      candidates: [{ kind: 'pod', namespace: text, name: pick(index + 8), uid: null }],
    });
    return buildConnection({
      id: `c-${(0x10000000 + index).toString(16)}`,
      client: buildEndpoint('10.244.1.7', 1000 + index, owner),
      server: buildEndpoint('10.244.1.8', 80, buildOwner({ ...owner, workload: null, name: pick(index + 9) })),
      state: index % 3 === 0 ? 'S0' : 'SF',
      hops: [
        buildHop({ nflogPrefix: text }),
        buildHop({ encapsulation: [{ kind: 'GRE', tunnelId: 5, outer: null }], vlans: [7] }),
      ],
    });
  });
  const owner = rows[0]?.client.owner ?? buildOwner();
  return documentOf(rows, {
    captures: strings.map((text, id) =>
      buildCapture(id, {
        path: text,
        rotation: { group: text, part: 1, parts: 2 },
        notes: [text],
        damage: { offset: 3, message: text },
        interfaces: buildCapture(0).interfaces.map((one) => ({
          ...one,
          name: text,
          description: text,
          comments: [text],
        })),
      }),
    ),
    vantagePoints: strings.map((text, id) => ({ ...vantagePoint(id, text, text, text, 'unknown'), captures: [id] })),
    inventory: {
      snapshots: ['2026-11-23T14:08:12.000000000Z'],
      files: strings.map((path) => ({ path, recognizedAs: path, objects: 1 })),
      pods: 1,
      services: 1,
      nodes: 1,
      namespaces: 1,
      policies: 0,
      warnings: strings,
    },
    options: strings.map((value) => ({ name: value, value })),
    carriers: [
      {
        kind: 'VXLAN',
        tunnelId: 1,
        vantagePoint: 0,
        a: { address: '10.0.0.1', owner },
        b: { address: '10.0.0.2', owner },
        packetsAToB: 1,
        packetsBToA: 1,
        wireBytes: 1,
        innerFlows: 1,
        wireguard: null,
      },
    ],
    oddities: strings.map((text) => ({
      code: text,
      explanation: text,
      capture: 0,
      interface: 0,
      packets: 1,
      firstFrame: 1,
    })),
    unattributed: strings.map((text) => ({ address: '10.0.0.9', reason: text, connections: 1, bytes: 1 })),
    limitations: strings.map((text) => ({ severity: 'note', text, advice: text })),
  });
}

/** Collects what a writer writes. */
export function collect(): {
  sink: { write(chunk: string | Uint8Array): Promise<void> };
  text: () => string;
  chunks: number[];
} {
  const parts: string[] = [];
  const chunks: number[] = [];
  return {
    sink: {
      async write(chunk) {
        const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
        parts.push(text);
        chunks.push(text.length);
      },
    },
    text: () => parts.join(''),
    chunks,
  };
}
