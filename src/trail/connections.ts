/**
 * Flows to connections: which flows, at any number of vantage points, are the same traffic.
 *
 * First the flows of one (innermost) tuple are told apart: those that overlap in time or have the same initial sequence numbers are
 * one group (cluster.ts). Then groups of different tuples are united that show the same packets: NAT gave them other
 * addresses (same-packets.ts). A connection's hops stand in order of their first packet. Tunnel flows (carriers) belong to no
 * connection.
 *
 * The result is columns, sorted by start; nothing here is an object per flow.
 */
import { joinPieces, type Hops } from './flow-pieces.js';
import { groupByTuple, type FlowColumns } from './flow-columns.js';
import type { FlowSet } from './flow-set.js';
import { clusterDatagrams, clusterTcp } from './cluster.js';
import { chooseCounted, type VantageQuality } from './counted-hop.js';
import { GroupUnion } from './group-union.js';
import { uniteBySamples, type UnitedGroups } from './same-packets.js';
import type { TranslationEvidence } from './translation-evidence.js';
import type { GroupPair } from './same-datagrams.js';
import type { SampleSet } from './sample-set.js';

const PROTOCOL_TCP = 6;
const NONE: readonly number[] = [];
/** Connections that one may be part of, told at most. */
const MOST_CANDIDATES = 8;

export class ConnectionSet {
  readonly length: number;
  /** Flows of connection c, one per place: hops[hopStarts[c]] .. hops[hopStarts[c + 1] - 1], in order of first packet. */
  readonly hopStarts: Int32Array;
  readonly hops: Int32Array;
  /** The flow whose counters are the connection's. */
  readonly counted: Int32Array;
  private readonly translated: Uint8Array;
  private readonly candidates: ReadonlyMap<number, readonly number[]>;

  constructor(
    hopStarts: Int32Array,
    hops: Int32Array,
    counted: Int32Array,
    translated: Uint8Array,
    candidates: ReadonlyMap<number, readonly number[]> = new Map(),
  ) {
    this.candidates = candidates;
    this.length = counted.length;
    this.hopStarts = hopStarts;
    this.hops = hops;
    this.counted = counted;
    this.translated = translated;
  }

  /** True if not all of the connection's hops have the same tuple. */
  isTranslated(connection: number): boolean {
    return this.translated[connection] === 1;
  }

  /** Connections that may be this one before or after translation, which nothing decides. */
  candidatesOf(connection: number): readonly number[] {
    return this.candidates.get(connection) ?? NONE;
  }

  /** Flows of one connection. */
  hopsOf(connection: number): Int32Array {
    return this.hops.subarray(this.hopStarts[connection], this.hopStarts[connection + 1]);
  }
}

/** Joins all flows of the set that are not carriers. `evidence` tells what became of addresses. */
export function buildConnections(
  flows: FlowSet,
  columns: FlowColumns,
  samples: SampleSet,
  quality: VantageQuality,
  evidence: TranslationEvidence,
): ConnectionSet {
  const groups = new Groups(columns);
  groupByTuple(columns, {
    single: (flow) => groups.addSingle(flow),
    several: (members) => {
      const isTcp = columns.protocol[members[0]!] === PROTOCOL_TCP;
      for (const cluster of isTcp ? clusterTcp(columns, members) : clusterDatagrams(columns, members)) {
        cluster.sort((a, b) => compareFlows(columns, a, b));
        groups.add(cluster, joinPieces(flows, columns, cluster));
      }
    },
  });
  const union = new GroupUnion(flows, columns, groups.groupOf, groups.count);
  const united = uniteBySamples(flows, samples, columns, groups.groupOf, union, evidence);
  return groups.connections(united, flows, quality);
}

/** Groups of flows of one tuple each, one after the other in one list. */
class Groups {
  count = 0;
  /** Group of each flow, -1 for those in none. */
  readonly groupOf: Int32Array;
  private readonly columns: FlowColumns;
  /** The flows, one per place, and the first piece of each, which is what has columns. */
  private readonly flows: number[] = [];
  private readonly firsts: number[] = [];
  /** Where each group's flows begin. */
  private readonly starts: number[] = [];

  constructor(columns: FlowColumns) {
    this.columns = columns;
    this.groupOf = new Int32Array(columns.length).fill(-1);
  }

  addSingle(flow: number): void {
    this.groupOf[flow] = this.count++;
    this.starts.push(this.flows.length);
    this.flows.push(flow);
    this.firsts.push(flow);
  }

  add(cluster: readonly number[], hops: Hops): void {
    for (const flow of cluster) this.groupOf[flow] = this.count;
    this.count++;
    this.starts.push(this.flows.length);
    for (const flow of hops.flows) this.flows.push(flow);
    for (const flow of hops.first) this.firsts.push(flow);
  }

  /** The connections that groups with the same root make. A root is the first of its groups. */
  connections({ roots, undecided }: UnitedGroups, flows: FlowSet, quality: VantageQuality): ConnectionSet {
    const next = new Int32Array(this.count).fill(-1);
    const last = Int32Array.from({ length: this.count }, (_, group) => group);
    const order: number[] = [];
    for (let group = 0; group < this.count; group++) {
      const root = roots[group]!;
      if (root === group) {
        order.push(group);
      } else {
        next[last[root]!] = group;
        last[root] = group;
      }
    }
    const places = order.map((root) => this.placesOf(root, next));
    const counted = places.map((each) => each[this.chooseCounted(each, flows, quality)]!);
    const { firsts, columns } = this;
    const byStart = order.map((_, index) => index);
    byStart.sort((x, y) => compareFlows(columns, firsts[counted[x]!]!, firsts[counted[y]!]!));
    const hopStarts = new Int32Array(order.length + 1);
    const hops = new Int32Array(this.flows.length);
    let at = 0;
    for (const [position, index] of byStart.entries()) {
      for (const place of places[index]!) hops[at++] = this.flows[place]!;
      hopStarts[position + 1] = at;
    }
    return new ConnectionSet(
      hopStarts,
      hops,
      Int32Array.from(byStart, (index) => this.flows[counted[index]!]!),
      Uint8Array.from(byStart, (index) => (next[order[index]!] === -1 ? 0 : 1)),
      candidatesByConnection(
        roots,
        byStart.map((index) => order[index]!),
        undecided,
      ),
    );
  }

  /** Indexes into `flows` of a connection's flows, in order of first packet. */
  private placesOf(root: number, next: Int32Array): readonly number[] {
    const places: number[] = [];
    for (let group = root; group !== -1; group = next[group]!) {
      const end = group + 1 < this.count ? this.starts[group + 1]! : this.flows.length;
      for (let place = this.starts[group]!; place < end; place++) places.push(place);
    }
    if (next[root] !== -1) places.sort((a, b) => compareFlows(this.columns, this.firsts[a]!, this.firsts[b]!));
    return places;
  }

  private chooseCounted(places: readonly number[], flows: FlowSet, quality: VantageQuality): number {
    if (places.length === 1) return 0;
    return chooseCounted(
      flows,
      places.map((place) => this.flows[place]!),
      quality,
    );
  }
}

/** By connection: those that it may be one with. `rootOf`: the root of each connection's groups. */
function candidatesByConnection(
  roots: Int32Array,
  rootOf: readonly number[],
  undecided: readonly GroupPair[],
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, Set<number>>();
  if (undecided.length === 0) return new Map();
  const connectionOf = new Map(rootOf.map((root, connection) => [root, connection]));
  const add = (a: number, b: number): void => {
    const known = found.get(a);
    if (known === undefined) found.set(a, new Set([b]));
    else known.add(b);
  };
  for (const [a, b] of undecided) {
    const first = connectionOf.get(roots[a]!);
    const second = connectionOf.get(roots[b]!);
    if (first === undefined || second === undefined || first === second) continue;
    add(first, second);
    add(second, first);
  }
  return new Map(
    [...found].map(([connection, others]) => [connection, [...others].sort((a, b) => a - b).slice(0, MOST_CANDIDATES)]),
  );
}

/** Order of time, then of the tuple; total, whatever order the flows were read in. */
function compareFlows(columns: FlowColumns, a: number, b: number): number {
  return (
    columns.start[a]! - columns.start[b]! ||
    columns.rank[a]! - columns.rank[b]! ||
    columns.end[a]! - columns.end[b]! ||
    columns.vantage[a]! - columns.vantage[b]! ||
    a - b
  );
}
