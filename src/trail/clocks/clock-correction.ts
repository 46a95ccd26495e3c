/** What is to be done to times of a node's clock for those of the reference clock. */
export interface ClockCorrection {
  /** Whole nanoseconds to add to a time of this vantage point. */
  correction(vantage: number, seconds: number, nanoseconds: number): number;
  /** False if no time changes. */
  readonly correctsAnything: boolean;
}
