/**
 * The flow limit cuts a flow in pieces, which lie at the same vantage point in the same encapsulation of one connection. They are
 * joined here, so that nothing behind this has to know of them.
 */
import type { FlowColumns } from './flow-columns.js';
import type { FlowSet } from './flow-set.js';

/** The flows of one connection, one per place; and of each place the first piece, for what has columns only. */
export interface Hops {
  readonly flows: readonly number[];
  readonly first: readonly number[];
}

/** Joins those of `cluster` (flow numbers, in order of start) that are at the same place. */
export function joinPieces(flows: FlowSet, columns: FlowColumns, cluster: readonly number[]): Hops {
  const places: number[][] = [];
  for (const flow of cluster) {
    const place = places.find((pieces) => isSamePlace(columns, pieces[0]!, flow));
    if (place === undefined) places.push([flow]);
    else place.push(flow);
  }
  return {
    flows: places.map((pieces) => (pieces.length === 1 ? pieces[0]! : flows.join(pieces))),
    first: places.map((pieces) => pieces[0]!),
  };
}

function isSamePlace(columns: FlowColumns, a: number, b: number): boolean {
  return columns.vantage[a] === columns.vantage[b] && columns.encapsulation[a] === columns.encapsulation[b];
}
