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
