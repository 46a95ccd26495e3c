/**
 * The bounds that packets give for the difference of two nodes' clocks, over time: one line's, or several's after each other.
 *
 * If no line fits, the worst match is taken for a false one, as long as few have to go; else the time is split where both
 * sides have lines: a clock was set there, or changed its rate. Which of the two nodes' clocks gives the order in time is tried both ways,
 * since a clock that is set back tells no order.
 */
import { bestSlope, hullOf, LineBounds, type BestSlope, type Constraints } from './line-bounds.js';
import type { CrossingTimes, NodePair } from './node-pair.js';

/** Whole nanoseconds may be cut. */
const ROUNDING_NS = 1;
/** Of matches, that may be false. */
const FALSE_SHARE = 0.001;
const MOST_FALSE = 8;
/** Fewer matches than these are too few to call one of them false. */
const LEAST_MATCHES = 10;
/** Clocks that are set more often are not described. */
const MOST_SEGMENTS = 8;

/** A stretch of time in which lines fit. */
export interface Stretch {
  /** It ends after one and before the other of these moments; Infinity for the last stretch. */
  readonly endsAfter: number;
  readonly endsBefore: number;
  readonly lines: LineBounds;
}

/** The difference of the second clock from the first's. */
export interface BoundedPair {
  readonly pair: NodePair;
  /** One more than the changes that the pair shows. */
  readonly stretches: readonly Stretch[];
  /** The one of the two clocks by which times are told. */
  readonly toldBy: number;
}

/** Time in the reference clock at which a node's clock showed `time`. */
export type ReferenceTime = (node: number, time: number) => number;

/** By how much such times may be wrong, in nanoseconds. */
export type TimeErrors = (node: number) => number;

/** Stretch by stretch, told by the surer clock if that needs no more of them; null if no lines fit. */
export function boundsOf(pair: NodePair, referenceTime: ReferenceTime, timeErrors: TimeErrors): BoundedPair | null {
  const { first, second } = pair;
  const toldByFirst = (): BoundedPair | null => bounded(pair, first, (atFirst) => referenceTime(first, atFirst));
  const toldBySecond = (): BoundedPair | null =>
    bounded(pair, second, (_, atSecond) => referenceTime(second, atSecond));
  const isFirstSurer = timeErrors(first) <= timeErrors(second);
  const surer = isFirstSurer ? toldByFirst() : toldBySecond();
  if (surer?.stretches.length === 1) return surer;
  const other = isFirstSurer ? toldBySecond() : toldByFirst();
  if (surer === null || other === null) return surer ?? other;
  return other.stretches.length < surer.stretches.length ? other : surer;
}

function bounded(pair: NodePair, toldBy: number, moment: Moment): BoundedPair | null {
  const stretches = split(constraintsOf(pair, moment));
  return stretches === null ? null : { pair, stretches, toldBy };
}

type Moment = (atFirst: number, atSecond: number) => number;

function constraintsOf(pair: NodePair, moment: Moment): Constraints {
  const all: { x: number; y: number; isUpper: 0 | 1 }[] = [];
  const take = ({ count, atFirst, atSecond }: CrossingTimes, isUpper: 0 | 1): void => {
    const slack = isUpper === 1 ? ROUNDING_NS : -ROUNDING_NS;
    for (let i = 0; i < count; i++) {
      const y = atSecond[i]! - atFirst[i]! + slack;
      all.push({ x: moment(atFirst[i]!, atSecond[i]!), y, isUpper });
    }
  };
  take(pair.toSecond, 1);
  take(pair.toFirst, 0);
  all.sort((a, b) => a.x - b.x || a.isUpper - b.isUpper || a.y - b.y);
  return {
    x: Float64Array.from(all, ({ x }) => x),
    y: Float64Array.from(all, ({ y }) => y),
    isUpper: Uint8Array.from(all, ({ isUpper }) => isUpper),
  };
}

function split(constraints: Constraints): Stretch[] | null {
  const stretches: Stretch[] = [];
  const { x } = constraints;
  const end = x.length;
  let from = 0;
  while (from < end) {
    if (stretches.length === MOST_SEGMENTS) return null;
    const whole = fit(constraints, from, end);
    if (whole !== null) {
      stretches.push({ endsAfter: Infinity, endsBefore: Infinity, lines: whole });
      return stretches;
    }
    const longest = lastThat(from + 1, end, (until) => fit(constraints, from, until) !== null);
    // Where the rest is one line as well, the split may lie anywhere where both sides fit: in the middle of that.
    const shortest = end - lastThat(1, end - from, (length) => fit(constraints, end - length, end) !== null);
    const at = shortest <= longest ? Math.max(from + 1, (shortest + longest) >> 1) : longest;
    const endsAfter = x[Math.max(from, Math.min(shortest, longest) - 1)]!;
    const lines = fit(constraints, from, at);
    if (lines === null) return null;
    stretches.push({ endsAfter, endsBefore: x[longest]!, lines });
    from = at;
  }
  return stretches;
}

/** The largest number in low..high for which `holds` is true, which it is for all up to some number; at least `low`. */
function lastThat(low: number, high: number, holds: (value: number) => boolean): number {
  let yes = low;
  let no = high + 1;
  while (no - yes > 1) {
    const middle = (yes + no) >>> 1;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/** The lines that fit constraints from..until-1, few of them left out if need be; null if there are none. */
function fit(constraints: Constraints, from: number, until: number): LineBounds | null {
  const count = until - from;
  const allowed = count < LEAST_MATCHES ? 0 : Math.max(1, Math.min(MOST_FALSE, Math.floor(count * FALSE_SHARE)));
  const without = new Set<number>();
  const trial = (): { lines: () => LineBounds; best: BestSlope } => {
    const uppers = hullOf(constraints, 1, from, until, without);
    const lowers = hullOf(constraints, 0, from, until, without);
    const best = bestSlope(uppers, lowers);
    return { lines: () => new LineBounds(uppers, lowers, best.slope), best };
  };
  for (;;) {
    const { lines, best } = trial();
    if (best.room >= 0) return lines();
    if (without.size === allowed) return null;
    let worst = -1;
    let mostRoom = best.room;
    for (const index of best.limits) {
      without.add(index);
      const { room } = trial().best;
      without.delete(index);
      if (room <= mostRoom) continue;
      mostRoom = room;
      worst = index;
    }
    if (worst < 0) return null;
    without.add(worst);
  }
}
