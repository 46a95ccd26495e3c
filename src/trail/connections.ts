/**
 * Flows to connections: which flows, at any number of vantage points, are the same traffic.
 *
 * In this version: the same (innermost) tuple at overlapping times, told apart on port reuse by the initial sequence
 * numbers. NAT legs, hop order, loss and clocks are not known here yet; a connection's hops stand in order of their first
 * packet. Tunnel flows (carriers) belong to no connection.
 *
 * The result is columns, sorted by start; nothing here is an object per flow.
 */
import { groupByTuple, type FlowColumns, readFlowColumns } from './flow-columns.js';
import type { FlowSet } from './flow-set.js';
import { clusterDatagrams, clusterTcp } from './cluster.js';
import { chooseCounted, type VantageQuality } from './counted-hop.js';

const PROTOCOL_TCP = 6;

export class ConnectionSet {
  readonly length: number;
  /** Flows of connection c: hops[hopStarts[c]] .. hops[hopStarts[c + 1] - 1], in order of first packet. */
  readonly hopStarts: Int32Array;
  readonly hops: Int32Array;
  /** The flow whose counters are the connection's. */
  readonly counted: Int32Array;

  constructor(hopStarts: Int32Array, hops: Int32Array, counted: Int32Array) {
    this.length = counted.length;
    this.hopStarts = hopStarts;
    this.hops = hops;
    this.counted = counted;
  }
}

/** Joins all flows of the set that are not carriers. */
export function buildConnections(flows: FlowSet, quality: VantageQuality): ConnectionSet {
  const columns = readFlowColumns(flows);
  const clusters: Int32Array[] = [];
  groupByTuple(columns, (members) => {
    if (members.length === 1) {
      clusters.push(Int32Array.of(members[0]!));
      return;
    }
    const isTcp = columns.protocol[members[0]!] === PROTOCOL_TCP;
    for (const cluster of isTcp ? clusterTcp(columns, members) : clusterDatagrams(columns, members)) {
      clusters.push(Int32Array.from(cluster.sort((a, b) => compareFlows(columns, a, b))));
    }
  });
  const counted = clusters.map((cluster) =>
    cluster.length === 1 ? cluster[0]! : chooseCounted(flows, cluster, quality),
  );
  const order = clusters.map((_, index) => index);
  order.sort((x, y) => compareFlows(columns, counted[x]!, counted[y]!));
  return layOut(order, clusters, counted);
}

/** Order of time, then of the tuple; total, whatever order the flows were read in. */
function compareFlows(columns: FlowColumns, a: number, b: number): number {
  return (
    columns.start[a]! - columns.start[b]! ||
    columns.rank[a]! - columns.rank[b]! ||
    columns.end[a]! - columns.end[b]! ||
    a - b
  );
}

function layOut(order: readonly number[], clusters: readonly Int32Array[], counted: readonly number[]): ConnectionSet {
  const hopStarts = new Int32Array(order.length + 1);
  let total = 0;
  for (const cluster of clusters) total += cluster.length;
  const hops = new Int32Array(total);
  const countedColumn = new Int32Array(order.length);
  let at = 0;
  order.forEach((index, position) => {
    hops.set(clusters[index]!, at);
    at += clusters[index]!.length;
    hopStarts[position + 1] = at;
    countedColumn[position] = counted[index]!;
  });
  return new ConnectionSet(hopStarts, hops, countedColumn);
}
