/**
 * A small shop in a cluster of three nodes, seen at nine vantage points: connections by a seeded generator, of which some fail, and every
 * part of a summary.
 */
import type {
  Connection,
  DirectionCounters,
  Endpoint,
  NodeClock,
  ReportDocument,
  VantagePoint,
} from '../../../src/model/document.js';
import type { Owner } from '../../../src/model/owner.js';
import {
  SECOND,
  buildCapture,
  buildCounters,
  buildEndpoint,
  buildHop,
  buildOwner,
  nobody,
  vantagePoint,
} from './build.js';
import { deniedPolicy, somePolicies, someWireguard } from './cluster-wide.js';
import { at, seededRandom } from './random.js';
import { segmentTotals, segmentsOf } from './segments.js';
import { between, documentOf, sum } from './totals.js';

interface Deployment {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly pods: readonly { readonly owner: Owner; readonly address: string; readonly node: number }[];
}

const DENIED = deniedPolicy();

const SUFFIXES = 'bcdfghjklmnpqrstvwxz2456789';

class Cluster {
  readonly random: () => number;
  /** For what happens between hops, so that all else stays what it is without. */
  readonly transit = seededRandom(23);
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
  const known = { node: '--vantage', interface: 'file name', role: `ip link` };
  const vantagePoints = [1, 2, 3].flatMap((node, index) => [
    {
      ...vantagePoint(index * 3, `node-${node}/cni0`, `node-${node}`, 'cni0', 'bridge'),
      ...{ captures: [index], knownBy: known, packets: 1_204_118, wireBytes: 812_004_112, copies: index * 211 },
    },
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
    rows.push(makeConnection(cluster, route, client, server, from?.node ?? null, to.node, startNs, vantagePoints));
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
    policies: somePolicies(),
    wireguard: someWireguard(),
    clocks: {
      reference: 'node-1',
      nodes: [
        clock('node-1', 'reference', 0, 0, 0),
        clock('node-2', 'packets both ways', 350_012_400, 4_200, 12.4),
        clock('node-3', 'packets one way', -1_204_000, null, null),
      ],
      steps: [{ node: 'node-3', time: at(60 * SECOND), byNs: -2_000_000_000 }],
    },
    segments: segmentTotals(rows),
    coverageGaps: [
      {
        node: 'node-3',
        role: 'pod',
        text: 'Without the pods’ own interfaces it cannot be told whether packets reached them.',
        connections: 212,
      },
      { node: 'node-4', role: 'any', text: 'Nothing was captured on this node.', connections: 3 },
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

function clock(
  node: string,
  basis: NodeClock['basis'],
  offsetNs: number,
  errorNs: number | null,
  driftPpm: number | null,
): NodeClock {
  const driftErrorPpm = driftPpm === null ? null : 0.4;
  return { node, offsetNs, errorNs, driftPpm, driftErrorPpm, basis, packets: basis === 'reference' ? 0 : 1_812 };
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
  points: readonly VantagePoint[],
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
      clientSeenAs: { address: client.address, port: client.port },
      serverSeenAs: { address: server.address, port: server.port },
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
  const paths = {
    clientToServer: hops.map((_, index) => index),
    serverToClient: hops.map((_, index) => index).reverse(),
  };
  const last = hops.reduce((latest, hop) => (hop.end > latest ? hop.end : latest), counted.end);
  return {
    id: `c-${cluster.hex(8)}`,
    protocol: route.protocol,
    protocolNumber: route.protocol === 'TCP' ? 6 : 17,
    client,
    server,
    dialed: null,
    service: null,
    nat: [],
    translatedBy: null,
    candidates: [],
    leftover: null,
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
    paths,
    ...segmentsOf(hops, paths, points, cluster.transit),
    policy: route.outcome === 'unanswered' ? DENIED : null,
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
