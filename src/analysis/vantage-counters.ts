/** What is counted per vantage point: packets, bytes, first and last time, and traffic over time. */
import { TrafficBins } from '../flow/traffic-bins.js';

/** Bins cost 8 KiB a vantage point; a capture that claims thousands of interfaces gets none beyond these. */
const MAX_WITH_BINS = 2048;

export class VantageCounters {
  packets = 0;
  wireBytes = 0;
  earliestSeconds = Infinity;
  earliestNanoseconds = 0;
  latestSeconds = -Infinity;
  latestNanoseconds = 0;
  readonly bins: TrafficBins | null;

  constructor(vantage: number) {
    this.bins = vantage < MAX_WITH_BINS ? new TrafficBins() : null;
  }

  add(wireLength: number): void {
    this.packets++;
    this.wireBytes += wireLength;
  }

  addTime(seconds: number, nanoseconds: number, wireLength: number): void {
    if (
      seconds < this.earliestSeconds ||
      (seconds === this.earliestSeconds && nanoseconds < this.earliestNanoseconds)
    ) {
      this.earliestSeconds = seconds;
      this.earliestNanoseconds = nanoseconds;
    }
    if (seconds > this.latestSeconds || (seconds === this.latestSeconds && nanoseconds > this.latestNanoseconds)) {
      this.latestSeconds = seconds;
      this.latestNanoseconds = nanoseconds;
    }
    if (this.bins !== null) this.bins.add(seconds, nanoseconds, wireLength);
  }
}
