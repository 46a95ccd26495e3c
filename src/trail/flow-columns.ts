/**
 * The few facts of every flow that joining looks at, as columns, and their grouping by tuple.
 *
 * The tuple is written the same way round whichever way a flow had it: the endpoint with the smaller (address id, port) is
 * "low". Times are nanoseconds after the earliest flow of the set, exact to 104 days.
 */
import type { AddressTable } from '../base/address.js';
import { finish, mix } from '../base/hash.js';
import type { FlowSet } from './flow-set.js';

const CARRIER = -1;

export interface FlowColumns {
  readonly length: number;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly ports: Int32Array;
  /** IP protocol, or -1 for a carrier. */
  readonly protocol: Int32Array;
  readonly vantage: Int32Array;
  readonly encapsulation: Int32Array;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Initial sequence numbers of the low and the high endpoint, valid where hasSequence has bit 0 or 1. */
  readonly lowSequence: Int32Array;
  readonly highSequence: Int32Array;
  readonly hasSequence: Uint8Array;
  /** A number that orders flows of equal start by their addresses and ports, whatever ids these have. */
  readonly rank: Float64Array;
}

export function readFlowColumns(flows: FlowSet): FlowColumns {
  const n = flows.length;
  const columns = {
    length: n,
    low: new Int32Array(n),
    high: new Int32Array(n),
    ports: new Int32Array(n),
    protocol: new Int32Array(n),
    vantage: new Int32Array(n),
    encapsulation: new Int32Array(n),
    start: new Float64Array(n),
    end: new Float64Array(n),
    lowSequence: new Int32Array(n),
    highSequence: new Int32Array(n),
    hasSequence: new Uint8Array(n),
    rank: new Float64Array(n),
  };
  const origin = earliestSecond(flows);
  const addressHashes = hashAddresses(flows.addressTable);
  for (let f = 0; f < n; f++) {
    flows.load(f);
    const a = flows.addressA;
    const b = flows.addressB;
    const isSwapped = a > b || (a === b && flows.portA > flows.portB);
    const lowDirection = isSwapped ? 1 : 0;
    columns.low[f] = isSwapped ? b : a;
    columns.high[f] = isSwapped ? a : b;
    columns.ports[f] = isSwapped ? (flows.portB << 16) | flows.portA : (flows.portA << 16) | flows.portB;
    columns.protocol[f] = flows.isCarrier ? CARRIER : flows.protocol;
    columns.vantage[f] = flows.vantage;
    columns.encapsulation[f] = flows.encapsulation;
    columns.start[f] = (flows.firstSeconds - origin) * 1e9 + flows.firstNanoseconds;
    columns.end[f] = (flows.lastSeconds - origin) * 1e9 + flows.lastNanoseconds;
    columns.lowSequence[f] = flows.initialSequence(lowDirection);
    columns.highSequence[f] = flows.initialSequence(1 - lowDirection);
    columns.hasSequence[f] =
      (flows.hasInitialSequence(lowDirection) ? 1 : 0) | (flows.hasInitialSequence(1 - lowDirection) ? 2 : 0);
    columns.rank[f] =
      (finish(mix(addressHashes[a]!, flows.portA)) >>> 0) +
      (finish(mix(addressHashes[b]!, flows.portB)) >>> 0) +
      flows.protocol / 256;
  }
  return columns;
}

function earliestSecond(flows: FlowSet): number {
  let earliest = Infinity;
  for (let f = 0; f < flows.length; f++) {
    flows.load(f);
    if (flows.firstSeconds < earliest) earliest = flows.firstSeconds;
  }
  return earliest === Infinity ? 0 : earliest;
}

/** Hash of each address's value, not of its id, which depends on what was met first. */
function hashAddresses(table: AddressTable): Int32Array {
  const hashes = new Int32Array(table.size);
  for (let id = 0; id < table.size; id++) {
    let hash = table.family(id);
    for (let word = 0; word < 4; word++) hash = mix(hash, table.word(id, word));
    hashes[id] = hash;
  }
  return hashes;
}

/** Calls `single` or `several` with the flows of each tuple, carriers left out. */
export function groupByTuple(
  columns: FlowColumns,
  visit: { single(flow: number): void; several(members: number[]): void },
): void {
  let slotCount = 1024;
  while (slotCount < columns.length * 2) slotCount *= 2;
  const heads = new Int32Array(slotCount).fill(-1);
  const tails = new Int32Array(slotCount);
  const next = new Int32Array(columns.length).fill(-1);
  const firsts: number[] = [];
  for (let f = 0; f < columns.length; f++) {
    if (columns.protocol[f] === CARRIER) continue;
    let slot = tupleHash(columns, f) & (slotCount - 1);
    while (heads[slot] !== -1 && !hasSameTuple(columns, heads[slot]!, f)) slot = (slot + 1) & (slotCount - 1);
    if (heads[slot] === -1) {
      heads[slot] = f;
      firsts.push(f);
    } else {
      next[tails[slot]!] = f;
    }
    tails[slot] = f;
  }
  for (const first of firsts) {
    if (next[first] === -1) {
      visit.single(first);
      continue;
    }
    const members: number[] = [];
    for (let f = first; f !== -1; f = next[f]!) members.push(f);
    visit.several(members);
  }
}

function tupleHash(columns: FlowColumns, f: number): number {
  return finish(mix(mix(mix(columns.low[f]!, columns.high[f]!), columns.ports[f]!), columns.protocol[f]!));
}

function hasSameTuple(columns: FlowColumns, f: number, g: number): boolean {
  return (
    columns.low[f] === columns.low[g] &&
    columns.high[f] === columns.high[g] &&
    columns.ports[f] === columns.ports[g] &&
    columns.protocol[f] === columns.protocol[g]
  );
}
