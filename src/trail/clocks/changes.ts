/**
 * When clocks were set or changed their rate, from the pairs that show it: each pair knows a span of time in which it happened; spans that have
 * a moment in common are one change. Whose clock it was follows from what pairs show it, the reference's excepted.
 */
import type { NodePair } from './node-pair.js';
import type { BoundedPair, Stretch } from './pair-bounds.js';

export interface Change {
  readonly time: number;
  readonly pairs: readonly NodePair[];
}

/** The changes in order of time: as few as explain all pairs. */
export function findChanges(bounded: readonly BoundedPair[]): Change[] {
  const spans = bounded.flatMap(({ pair, stretches }) =>
    stretches.slice(0, -1).map(({ endsAfter, endsBefore }) => ({ pair, endsAfter, endsBefore })),
  );
  spans.sort((a, b) => a.endsBefore - b.endsBefore || a.endsAfter - b.endsAfter);
  const changes: { after: number; before: number; pairs: NodePair[] }[] = [];
  for (const { pair, endsAfter, endsBefore } of spans) {
    const last = changes.at(-1);
    if (last === undefined || endsAfter > last.before) {
      changes.push({ after: endsAfter, before: endsBefore, pairs: [pair] });
    } else {
      last.after = Math.max(last.after, endsAfter);
      last.pairs.push(pair);
    }
  }
  return changes.map(({ after, before, pairs }) => ({ time: (after + before) / 2, pairs }));
}

/** In how many pairs that show a change a clock is. */
export function involvement(clock: number, changes: readonly Change[]): number {
  return changes.reduce((sum, { pairs }) => sum + pairs.filter((pair) => has(pair, clock)).length, 0);
}

/** The clocks that changed: those in most of its pairs, until none is left over. Never one of `references`. */
export function clocksOf(change: Change, references: ReadonlySet<number>): Set<number> {
  const clocks = new Set<number>();
  let left = change.pairs;
  while (left.length > 0) {
    const counts = new Map<number, number>();
    for (const { first, second } of left) {
      for (const clock of [first, second]) {
        if (!references.has(clock)) counts.set(clock, (counts.get(clock) ?? 0) + 1);
      }
    }
    const [most] = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
    if (most === undefined) break;
    clocks.add(most[0]);
    left = left.filter((pair) => !has(pair, most[0]));
  }
  return clocks;
}

/** The stretch of the pair in which it is at a moment between changes. */
export function stretchAt({ pair, stretches }: BoundedPair, moment: number, changes: readonly Change[]): Stretch {
  const before = changes.filter(({ time, pairs }) => time <= moment && pairs.includes(pair)).length;
  return stretches[Math.min(before, stretches.length - 1)]!;
}

function has({ first, second }: NodePair, clock: number): boolean {
  return first === clock || second === clock;
}
