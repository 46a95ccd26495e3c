/**
 * By how much a clock is ahead of the reference clock, as lines in time one after the other: a new one where it was set or changed its
 * rate. Times are nanoseconds after a common origin.
 */

/** The offset at reference time x is `offset + slope * (x - at)`, from reference time `from` on. */
export interface ClockLine {
  readonly from: number;
  readonly at: number;
  readonly offset: number;
  readonly slope: number;
}

export class ClockLines {
  private readonly lines: readonly ClockLine[];
  /** From these times on by the clock itself the next line holds. */
  private readonly changes: readonly number[];

  /** `lines` in order of time, at least one. */
  constructor(lines: readonly ClockLine[]) {
    this.lines = lines;
    // A clock that was set back shows times twice. Which of the two is meant is not known: the middle divides them.
    this.changes = lines
      .slice(1)
      .map((line, index) => line.from + (offsetOf(lines[index]!, line.from) + offsetOf(line, line.from)) / 2);
  }

  static constant(offset: number): ClockLines {
    return new ClockLines([{ from: -Infinity, at: 0, offset, slope: 0 }]);
  }

  /** Offset at a reference time. */
  offsetAt(reference: number): number {
    let i = this.lines.length - 1;
    while (i > 0 && this.lines[i]!.from > reference) i--;
    return offsetOf(this.lines[i]!, reference);
  }

  /** What is to be added to a time of this clock for the reference clock's, in whole nanoseconds. */
  correction(time: number): number {
    let i = this.changes.length;
    while (i > 0 && this.changes[i - 1]! > time) i--;
    const { at, offset, slope } = this.lines[i]!;
    return slope === 0 ? -Math.round(offset) : Math.round(-(offset + slope * (time - at)) / (1 + slope));
  }

  get isZero(): boolean {
    return this.lines.every(({ offset, slope }) => offset === 0 && slope === 0);
  }
}

function offsetOf({ at, offset, slope }: ClockLine, reference: number): number {
  return offset + slope * (reference - at);
}
