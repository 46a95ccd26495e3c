/**
 * Bounds of differences between all clocks from those between some: what is known of a and b, and of b and c, says something of a
 * and c. Bounds of differences are lengths of edges, and the best that follow from them are shortest paths (Floyd and Warshall).
 */

export interface DifferenceBounds {
  /** Numbers of clocks; the second's value minus the first's lies in low..high, which may be infinite. */
  readonly first: number;
  readonly second: number;
  readonly low: number;
  readonly high: number;
}

/** Bounds above a negative cycle of this size are rounding. */
const ROUNDING = -1e-3;

export class Closure {
  private readonly count: number;
  private readonly lengths: Float64Array;

  private constructor(count: number, lengths: Float64Array) {
    this.count = count;
    this.lengths = lengths;
  }

  /** Null if the bounds contradict each other. */
  static of(count: number, bounds: readonly DifferenceBounds[]): Closure | null {
    const lengths = new Float64Array(count * count).fill(Infinity);
    for (let i = 0; i < count; i++) lengths[i * count + i] = 0;
    for (const { first, second, low, high } of bounds) {
      const there = first * count + second;
      const back = second * count + first;
      lengths[there] = Math.min(lengths[there]!, high);
      lengths[back] = Math.min(lengths[back]!, -low);
    }
    for (let over = 0; over < count; over++) {
      for (let from = 0; from < count; from++) {
        const toOver = lengths[from * count + over]!;
        if (toOver === Infinity) continue;
        for (let to = 0; to < count; to++) {
          const length = toOver + lengths[over * count + to]!;
          if (length < lengths[from * count + to]!) lengths[from * count + to] = length;
        }
      }
    }
    for (let i = 0; i < count; i++) if (lengths[i * count + i]! < ROUNDING) return null;
    return new Closure(count, lengths);
  }

  /** The most that `second` can be above `first`. */
  high(first: number, second: number): number {
    return this.lengths[first * this.count + second]!;
  }

  /** The least that `second` can be above `first`. */
  low(first: number, second: number): number {
    return -this.lengths[second * this.count + first]!;
  }
}
