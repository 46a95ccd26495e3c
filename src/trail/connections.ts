/**
 * Flows to connections: which flows, at any number of vantage points, are the same traffic.
 *
 * In this version: the same (innermost) tuple at overlapping times, told apart on port reuse by the initial sequence
 * numbers. NAT legs, hop order, loss and clocks are not known here yet; a connection's hops stand in order of their first
 * packet. Tunnel flows (carriers) belong to no connection.
 *
 * The result is columns, sorted by start; nothing here is an object per flow.
 */
import { joinPieces, type Hops } from './flow-pieces.js';
import { groupByTuple, type FlowColumns, readFlowColumns } from './flow-columns.js';
import type { FlowSet } from './flow-set.js';
import { clusterDatagrams, clusterTcp } from './cluster.js';
import { chooseCounted, type VantageQuality } from './counted-hop.js';

const PROTOCOL_TCP = 6;

export class ConnectionSet {
  readonly length: number;
  /** Flows of connection c, one per place: hops[hopStarts[c]] .. hops[hopStarts[c + 1] - 1], in order of first packet. */
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
  const clusters = new Clusters();
  groupByTuple(columns, {
    single: (flow) => clusters.addSingle(flow),
    several: (members) => {
      const isTcp = columns.protocol[members[0]!] === PROTOCOL_TCP;
      for (const cluster of isTcp ? clusterTcp(columns, members) : clusterDatagrams(columns, members)) {
        cluster.sort((a, b) => compareFlows(columns, a, b));
        const hops = joinPieces(flows, columns, cluster);
        clusters.add(hops, chooseCounted(flows, hops.flows, quality));
      }
    },
  });
  return clusters.inOrder((a, b) => compareFlows(columns, a, b));
}

/** Connections under construction: their flows one after the other in one list. */
class Clusters {
  private readonly flows: number[] = [];
  /** Where each connection's flows end in `flows`, the flow that stands for it, and the first piece of that, to order by. */
  private readonly ends: number[] = [];
  private readonly counted: number[] = [];
  private readonly first: number[] = [];

  addSingle(flow: number): void {
    this.flows.push(flow);
    this.ends.push(this.flows.length);
    this.counted.push(flow);
    this.first.push(flow);
  }

  /** `counted`: place in `hops` of the flow that stands for the connection. */
  add(hops: Hops, counted: number): void {
    for (const flow of hops.flows) this.flows.push(flow);
    this.ends.push(this.flows.length);
    this.counted.push(hops.flows[counted]!);
    this.first.push(hops.first[counted]!);
  }

  inOrder(compare: (a: number, b: number) => number): ConnectionSet {
    const { counted, ends, first } = this;
    const order = counted.map((_, index) => index);
    order.sort((x, y) => compare(first[x]!, first[y]!));
    const hopStarts = new Int32Array(order.length + 1);
    const hops = new Int32Array(this.flows.length);
    const countedColumn = new Int32Array(order.length);
    let at = 0;
    for (let position = 0; position < order.length; position++) {
      const index = order[position]!;
      for (let i = index === 0 ? 0 : ends[index - 1]!; i < ends[index]!; i++) hops[at++] = this.flows[i]!;
      hopStarts[position + 1] = at;
      countedColumn[position] = counted[index]!;
    }
    return new ConnectionSet(hopStarts, hops, countedColumn);
  }
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
