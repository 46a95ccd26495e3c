/** Which clocks packets relate to each other, roughly how, and by which one times are told. */
import { involvement, type Change } from './changes.js';
import type { Closure } from './closure.js';
import type { CrossingTimes, NodePair } from './node-pair.js';

/** Closures of the first epoch. */
const MOMENTS = 3;

/** By clock the smallest number of those that it is related to. */
export function groupClocks(pairs: readonly NodePair[], clocks: number): Int32Array {
  const groups = Int32Array.from({ length: clocks }, (_, clock) => clock);
  const rootOf = (clock: number): number => (groups[clock] === clock ? clock : rootOf(groups[clock]!));
  for (const { first, second } of pairs) {
    const a = rootOf(first);
    const b = rootOf(second);
    groups[Math.max(a, b)] = Math.min(a, b);
  }
  return groups.map((_, clock) => rootOf(clock));
}

/** By clock its offset from the first of its group, by constant offsets of pairs, those with most packets first: no more than a start. */
export function roughOffsets(pairs: readonly NodePair[], clocks: number): Float64Array {
  const offsets = new Float64Array(clocks).fill(NaN);
  const groups = groupClocks(pairs, clocks);
  for (let clock = 0; clock < clocks; clock++) if (groups[clock] === clock) offsets[clock] = 0;
  const byPackets = [...pairs].sort((a, b) => b.packets - a.packets);
  for (;;) {
    const next = byPackets.find(
      ({ first, second }) => Number.isNaN(offsets[first]!) !== Number.isNaN(offsets[second]!),
    );
    if (next === undefined) return offsets;
    const difference = roughDifference(next);
    if (Number.isNaN(offsets[next.second]!)) offsets[next.second] = offsets[next.first]! + difference;
    else offsets[next.first] = offsets[next.second]! - difference;
  }
}

function roughDifference({ toSecond, toFirst }: NodePair): number {
  const extreme = (times: CrossingTimes, sign: number): number => {
    let least = Infinity;
    for (let i = 0; i < times.count; i++) least = Math.min(least, sign * (times.atSecond[i]! - times.atFirst[i]!));
    return sign * least;
  };
  if (toFirst.count === 0) return extreme(toSecond, 1);
  if (toSecond.count === 0) return extreme(toFirst, -1);
  return (extreme(toSecond, 1) + extreme(toFirst, -1)) / 2;
}

/**
 * By clock the reference of its group, and that of the largest group. It is the clock in the middle of those that no change is known of,
 * or the first by name that may agree with it. `given` is one in any case.
 */
export function chooseReference(
  groups: Int32Array,
  closures: readonly Closure[],
  changes: readonly Change[],
  names: readonly string[],
  given: number | null,
): { references: Int32Array; main: number } {
  const members = new Map<number, number[]>();
  for (const [clock, group] of groups.entries()) {
    const known = members.get(group);
    if (known === undefined) members.set(group, [clock]);
    else known.push(clock);
  }
  const references = new Int32Array(groups.length);
  const all: { reference: number; clocks: number[] }[] = [];
  for (const clocks of members.values()) {
    const reference = given !== null && clocks.includes(given) ? given : middleClock(clocks, closures, changes, names);
    for (const clock of clocks) references[clock] = reference;
    all.push({ reference, clocks });
  }
  all.sort((a, b) => b.clocks.length - a.clocks.length || compareNames(names, a.reference, b.reference));
  return { references, main: given ?? all[0]?.reference ?? 0 };
}

function middleClock(
  clocks: readonly number[],
  closures: readonly Closure[],
  changes: readonly Change[],
  names: readonly string[],
): number {
  const least = Math.min(...clocks.map((clock) => involvement(clock, changes)));
  const steady = clocks.filter((clock) => involvement(clock, changes) === least);
  const offset = (clock: number): number => {
    const low = closures[1]!.low(clocks[0]!, clock);
    const high = closures[1]!.high(clocks[0]!, clock);
    if (low === -Infinity) return high === Infinity ? 0 : high;
    return high === Infinity ? low : (low + high) / 2;
  };
  steady.sort((a, b) => offset(a) - offset(b) || compareNames(names, a, b));
  const middle = steady[(steady.length - 1) >> 1]!;
  // Of two clocks that part later nothing tells which was set: the first by name is taken for the one that was not.
  const agreeing = steady.filter((clock) =>
    closures.slice(0, MOMENTS).every((closure) => closure.low(middle, clock) <= 0 && closure.high(middle, clock) >= 0),
  );
  return agreeing.sort((a, b) => compareNames(names, a, b))[0]!;
}

function compareNames(names: readonly string[], a: number, b: number): number {
  return names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : a - b;
}
