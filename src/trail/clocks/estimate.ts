/**
 * The offsets of all clocks that packets relate, over time, and what they may be wrong by.
 *
 * Pairs of clocks are bounded one by one (pair-bounds.ts), then all together (closure.ts): at the beginning, in the middle and at the end
 * of each epoch, which is the time between two changes of any clock. A clock has one offset if that is possible; else it gets a
 * line. The bounds are always those of clocks that may drift. Clocks that may agree with the reference are left as they are: a
 * correction smaller than its own error would only make exact times inexact.
 */
import { clocksOf, findChanges, stretchAt, type Change } from './changes.js';
import { ClockLines, type ClockLine } from './clock-lines.js';
import { Closure, type DifferenceBounds } from './closure.js';
import { LARGEST_SLOPE, type LineBounds } from './line-bounds.js';
import type { NodePair } from './node-pair.js';
import { boundsOf, type BoundedPair, type ReferenceTime, type TimeErrors } from './pair-bounds.js';
import { chooseReference, groupClocks, roughOffsets } from './reference.js';

/** No packet in a cluster takes this long at its fastest: beyond it one way is enough to tell that clocks differ. */
const LONGEST_DELAY_NS = 200e6;
/** Two times are corrected by whole nanoseconds. */
const ROUNDING_NS = 2;
/** Slopes that are known no better than this are not known. */
const UNKNOWN_SLOPE = 0.9 * LARGEST_SLOPE;

/** Moments are told by what was found, so they are wrong as well, by as much times what slopes may be. */
const SECOND_ORDER = 1 + 2 * LARGEST_SLOPE;

const NO_ERRORS: TimeErrors = () => 0;

/** What is known of one clock; numbers are relative to the reference of its group, in the middle of the packets. */
export interface ClockEstimate {
  readonly reference: number;
  readonly applied: ClockLines;
  /** Null where nothing tells it. */
  readonly offset: number | null;
  /** Null where only one way is known. */
  readonly error: number | null;
  /** Null where the packets do not tell it. */
  readonly slope: number | null;
  readonly slopeError: number | null;
}

export interface ClockJump {
  readonly clock: number;
  /** Reference time. */
  readonly time: number;
  readonly by: number;
}

export interface ClocksEstimate {
  readonly reference: number;
  readonly clocks: readonly ClockEstimate[];
  readonly jumps: readonly ClockJump[];
  /** By how much the difference of two corrected times may be wrong: of clocks a and b, errors[a * clocks + b]. */
  readonly errors: Float64Array;
}

/** The time between two changes. */
interface Epoch {
  /** The beginning, the middle and the end. */
  readonly moments: readonly number[];
  readonly closures: readonly Closure[];
  /** Of clocks that do not drift; null if there cannot be such. */
  readonly constant: Closure | null;
  readonly slopes: Closure | null;
}

/** `names` by clock decide between equals; `given` is the clock that is the reference in any case. */
export function estimateClocks(
  pairs: readonly NodePair[],
  names: readonly string[],
  given: number | null,
): ClocksEstimate {
  const rough = roughOffsets(pairs, names.length);
  const roughly: ReferenceTime = (clock, time) => time - rough[clock]!;
  const first = new Estimation(pairs, names, given, roughly, NO_ERRORS).result();
  // Lines are straight in the reference clock. Which one that is, is known now; a second step tells drifting clocks by it.
  const nearly: ReferenceTime = (clock, time) => time - rough[clock]! + rough[first.clocks[clock]!.reference]!;
  const second = new Estimation(pairs, names, given, nearly, NO_ERRORS).result();
  const exactly: ReferenceTime = (clock, time) => time + second.clocks[clock]!.applied.correction(time);
  const timeErrors: TimeErrors = (clock) => {
    const error = second.errors[second.clocks[clock]!.reference * names.length + clock]!;
    return error === Infinity ? LONGEST_DELAY_NS : error;
  };
  return new Estimation(pairs, names, given, exactly, timeErrors).result();
}

class Estimation {
  private readonly names: readonly string[];
  private readonly timeErrors: TimeErrors;
  private readonly count: number;
  private bounded: BoundedPair[];
  private changes: Change[] = [];
  private epochs: Epoch[] = [];
  private readonly references: Int32Array;
  private readonly reference: number;
  private readonly begin: number;
  private readonly end: number;

  constructor(
    pairs: readonly NodePair[],
    names: readonly string[],
    given: number | null,
    referenceTime: ReferenceTime,
    timeErrors: TimeErrors,
  ) {
    this.names = names;
    this.timeErrors = timeErrors;
    this.count = names.length;
    [this.begin, this.end] = spanOf(pairs, referenceTime, timeErrors);
    this.bounded = pairs.flatMap((pair) => boundsOf(pair, referenceTime, timeErrors) ?? []);
    this.bounded.sort((a, b) => b.pair.packets - a.pair.packets);
    // What contradicts the rest is most likely the pair that rests on the fewest packets.
    while (!this.makeEpochs()) this.bounded.pop();
    const groups = groupClocks(
      this.bounded.map(({ pair }) => pair),
      this.count,
    );
    const closures = this.epochs.flatMap((epoch) => epoch.closures);
    const chosen = chooseReference(groups, closures, this.changes, this.names, given);
    this.references = chosen.references;
    this.reference = chosen.main;
  }

  result(): ClocksEstimate {
    const isReference = new Set(this.references);
    const changed = this.changes.map((change) => clocksOf(change, isReference));
    const clocks = this.names.map((_, clock) => this.clock(clock, changed));
    const jumps = changed.flatMap((own, index) => [...own].flatMap((clock) => this.jump(clock, index)));
    return { reference: this.reference, clocks, jumps, errors: this.errors(clocks) };
  }

  /** False if the pairs contradict each other. */
  private makeEpochs(): boolean {
    this.changes = findChanges(this.bounded).filter(({ time }) => time > this.begin && time < this.end);
    this.epochs = [];
    for (let index = 0; index <= this.changes.length; index++) {
      const begin = this.changes[index - 1]?.time ?? this.begin;
      const end = (this.changes[index]?.time ?? this.end + 1) - 1;
      const middle = (begin + end) / 2;
      const moments = [begin, middle, end];
      const lines = this.bounded.map((each) => {
        // Pairs are put together at moments that each tells by one of its own clocks.
        const shift = LARGEST_SLOPE * this.timeErrors(each.toldBy);
        return { each, shift, lines: stretchAt(each, middle, this.changes).lines };
      });
      const closureOf = (
        low: (lines: LineBounds, shift: number) => number,
        high: (lines: LineBounds, shift: number) => number,
      ): Closure | null =>
        Closure.of(
          this.count,
          lines.map(({ each: { pair }, lines: own, shift }): DifferenceBounds => {
            return { first: pair.first, second: pair.second, low: low(own, shift), high: high(own, shift) };
          }),
        );
      const closures = moments.map((moment) =>
        closureOf(
          (own, shift) => own.lowestAt(moment) - shift,
          (own, shift) => own.highestAt(moment) + shift,
        ),
      );
      if (!closures.every((closure) => closure !== null)) return false;
      const constant = closureOf(
        (own) => (own.constantLow <= own.constantHigh ? own.constantLow : -Infinity),
        (own) => (own.constantLow <= own.constantHigh ? own.constantHigh : Infinity),
      );
      const slopes = closureOf(
        (own) => own.lowestSlope,
        (own) => own.highestSlope,
      );
      this.epochs.push({ moments, closures, constant, slopes });
    }
    return true;
  }

  private clock(clock: number, changed: readonly ReadonlySet<number>[]): ClockEstimate {
    const reference = this.references[clock]!;
    if (clock === reference) {
      return { reference, applied: ClockLines.constant(0), offset: 0, error: 0, slope: 0, slopeError: 0 };
    }
    const best: ClockLine[] = [];
    const applied: ClockLine[] = [];
    let from = 0;
    for (let until = 1; until <= this.epochs.length; until++) {
      if (until < this.epochs.length && !changed[until - 1]!.has(clock)) continue;
      const line = this.line(reference, clock, from, until);
      best.push(line);
      applied.push(this.needsCorrection(reference, clock, from, until, line) ? line : { ...line, offset: 0 });
      from = until;
    }
    return { reference, applied: new ClockLines(applied), ...this.inTheMiddle(reference, clock, new ClockLines(best)) };
  }

  /** The clock's best line over some epochs. */
  private line(reference: number, clock: number, from: number, until: number): ClockLine {
    const epochs = this.epochs.slice(from, until);
    const start = from === 0 ? -Infinity : epochs[0]!.moments[0]!;
    const constant = (offset: number): ClockLine => ({ from: start, at: 0, offset, slope: 0 });
    const [low, high] = commonRange(
      epochs.flatMap(({ closures }) => closures),
      reference,
      clock,
    );
    if (high === Infinity || low === -Infinity) {
      return constant(high !== Infinity ? high : low !== -Infinity ? low : 0);
    }
    const undrifted = epochs.map((epoch) => epoch.constant);
    if (undrifted.every((closure) => closure !== null)) {
      const [least, most] = commonRange(undrifted, reference, clock);
      if (least <= most && least !== -Infinity && most !== Infinity) return constant((least + most) / 2);
    }
    if (low <= high) return constant((low + high) / 2);
    const first = epochs[0]!;
    const last = epochs[epochs.length - 1]!;
    const at = first.moments[0]!;
    const offset = middleOf(first.closures[0]!, reference, clock);
    const slope = (middleOf(last.closures[2]!, reference, clock) - offset) / (last.moments[2]! - at);
    return { from: start, at, offset, slope };
  }

  /** False if the clock may agree with the reference all the time. */
  private needsCorrection(reference: number, clock: number, from: number, until: number, line: ClockLine): boolean {
    if (line.slope !== 0) return true;
    const [low, high] = commonRange(
      this.epochs.slice(from, until).flatMap(({ closures }) => closures),
      reference,
      clock,
    );
    if (low > 0 || high < 0) return true;
    return low === -Infinity || high === Infinity ? Math.abs(line.offset) > LONGEST_DELAY_NS : false;
  }

  private inTheMiddle(
    reference: number,
    clock: number,
    best: ClockLines,
  ): Pick<ClockEstimate, 'offset' | 'error' | 'slope' | 'slopeError'> {
    const middle = (this.begin + this.end) / 2;
    const epoch = this.epochs.findLast(({ moments }) => moments[0]! <= middle) ?? this.epochs[0]!;
    const [, moment] = epoch.moments as [number, number];
    const closure = epoch.closures[1]!;
    const low = closure.low(reference, clock);
    const high = closure.high(reference, clock);
    if (low === -Infinity && high === Infinity) return { offset: null, error: null, slope: null, slopeError: null };
    const offset = best.offsetAt(middle);
    const there = best.offsetAt(moment);
    const error = Math.max(high - there, there - low) * SECOND_ORDER;
    const slope = best.offsetAt(moment + 1e6) - best.offsetAt(moment);
    const slopeError = this.slopeError(epoch, reference, clock, slope / 1e6);
    return {
      offset,
      error: error === Infinity ? null : error,
      slope: slopeError === null ? null : slope / 1e6,
      slopeError,
    };
  }

  private slopeError({ slopes }: Epoch, reference: number, clock: number, slope: number): number | null {
    if (slopes === null) return null;
    const error = Math.max(slopes.high(reference, clock) - slope, slope - slopes.low(reference, clock));
    return error > UNKNOWN_SLOPE ? null : error;
  }

  /** Nothing if the clock may have changed its rate only. */
  private jump(clock: number, change: number): ClockJump[] {
    const reference = this.references[clock]!;
    const { time } = this.changes[change]!;
    const before = this.epochs[change]!.closures[2]!;
    const after = this.epochs[change + 1]!.closures[0]!;
    const isSure =
      before.high(reference, clock) < after.low(reference, clock) ||
      before.low(reference, clock) > after.high(reference, clock);
    const by = middleOf(after, reference, clock) - middleOf(before, reference, clock);
    return isSure ? [{ clock, time, by }] : [];
  }

  private errors(clocks: readonly ClockEstimate[]): Float64Array {
    const { count } = this;
    const errors = new Float64Array(count * count);
    for (let a = 0; a < count; a++) {
      for (let b = 0; b < count; b++) {
        if (a === b) continue;
        let worst = 0;
        for (const { moments, closures } of this.epochs) {
          for (const [index, moment] of moments.entries()) {
            const apart = clocks[b]!.applied.offsetAt(moment) - clocks[a]!.applied.offsetAt(moment);
            const closure = closures[index]!;
            worst = Math.max(worst, closure.high(a, b) - apart, apart - closure.low(a, b));
          }
        }
        errors[a * count + b] = worst * SECOND_ORDER + ROUNDING_NS;
      }
    }
    return errors;
  }
}

/** Bounds of one clock against another that hold in all closures. */
function commonRange(closures: readonly Closure[], reference: number, clock: number): [number, number] {
  let low = -Infinity;
  let high = Infinity;
  for (const closure of closures) {
    low = Math.max(low, closure.low(reference, clock));
    high = Math.min(high, closure.high(reference, clock));
  }
  return [low, high];
}

function middleOf(closure: Closure, reference: number, clock: number): number {
  return (closure.low(reference, clock) + closure.high(reference, clock)) / 2;
}

/** The first and the last moment of packets that compare clocks, at both of their nodes: between them the bounds have to hold. */
function spanOf(pairs: readonly NodePair[], referenceTime: ReferenceTime, timeErrors: TimeErrors): [number, number] {
  let begin = Infinity;
  let end = -Infinity;
  const take = (clock: number, shown: number): void => {
    const time = referenceTime(clock, shown);
    const error = timeErrors(clock);
    if (time - error < begin) begin = time - error;
    if (time + error > end) end = time + error;
  };
  for (const { first, second, toSecond, toFirst } of pairs) {
    for (const { count, atFirst, atSecond } of [toSecond, toFirst]) {
      for (let i = 0; i < count; i++) {
        take(first, atFirst[i]!);
        take(second, atSecond[i]!);
      }
    }
  }
  return begin <= end ? [begin, end] : [0, 0];
}
