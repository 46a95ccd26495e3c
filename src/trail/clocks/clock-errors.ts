/**
 * How well times of different vantage points compare, once they are told in one clock. One-way delays between nodes mean
 * nothing without it: half a minimum round trip is the best that packets can tell of two clocks (RFC 5905 section 8).
 */
export interface ClockErrors {
  /**
   * By how much the difference of two corrected times at these vantage points (ids) may be wrong, in nanoseconds: 0 for one clock,
   * Infinity where nothing is known.
   */
  between(from: number, to: number): number;
}

/** Before anything is known of clocks: vantage points on one node have one, all others have nothing in common. */
export class NodeClockErrors implements ClockErrors {
  private readonly places: { node(vantage: number): number };

  constructor(places: { node(vantage: number): number }) {
    this.places = places;
  }

  between(from: number, to: number): number {
    if (from === to) return 0;
    const node = this.places.node(from);
    return node >= 0 && node === this.places.node(to) ? 0 : Infinity;
  }
}
