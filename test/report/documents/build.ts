/**
 * Small parts of report documents for the tests of the writers, made without any capture. Whatever a test may want to vary can be
 * replaced by the members it gives.
 */
import {
  DOCUMENT_FORMAT,
  type CaptureSummary,
  type Connection,
  type ConnectionTable,
  type DirectionCounters,
  type Endpoint,
  type Hop,
  type ReportDocument,
  type ReportSummary,
  type VantagePoint,
} from '../../../src/model/document.js';
import type { Owner } from '../../../src/model/owner.js';

export const START = '2026-11-23T14:02:07.100000000Z';

export const SECOND = 1_000_000_000;

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
    clientSeenAs: { address: '10.244.1.7', port: 43210 },
    serverSeenAs: { address: '10.244.2.9', port: 8080 },
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
    wireguard: null,
    ...members,
  };
}

export function buildEndpoint(address: string, port: number | null, owner: Owner): Endpoint {
  return { address, port, owner };
}

export function buildConnection(members: Partial<Connection> = {}): Connection {
  const hop = buildHop();
  const there = [...(members.hops ?? [hop]).keys()];
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
    dialed: null,
    service: null,
    nat: [],
    translatedBy: null,
    candidates: [],
    leftover: null,
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
    paths: { clientToServer: there, serverToClient: [...there].reverse() },
    segments: { clientToServer: [], serverToClient: [] },
    lostPackets: [],
    deadEnds: [],
    retransmissions: { clientToServer: null, serverToClient: null },
    policy: null,
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

export function vantagePoint(
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
    pod: null,
    knownBy: { node: null, interface: null, role: null },
    copies: 0,
    packets: 0,
    wireBytes: 0,
    time: null,
  };
}

export function buildSummary(members: Partial<ReportSummary> = {}): ReportSummary {
  return {
    format: DOCUMENT_FORMAT,
    generator: { name: 'podtrail', version: '0.1.0' },
    options: [],
    partial: false,
    time: null,
    findings: [],
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
    clocks: null,
    segments: [],
    wireguard: null,
    coverageGaps: [],
    policies: null,
    oddities: [],
    unattributed: [],
    limitations: [],
    ...members,
  };
}
