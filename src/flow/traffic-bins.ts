/**
 * Traffic over time per vantage point: equal bins that double in width when the time range outgrows them, so memory is fixed
 * per vantage point and nothing has to be known in advance. Bin edges are multiples of the width since 1970, so that the
 * bins of several workers line up.
 */

export const BINS = 512;
const FIRST_WIDTH_SECONDS = 2 ** -6;
/** Packets this far from all others (a wrong clock) must not stretch the axis to centuries: they go to the edge bins. */
const WIDEST_SECONDS = 2 ** 22;

export class TrafficBins {
  /** Width of a bin in seconds, a power of two. */
  width = FIRST_WIDTH_SECONDS;
  /** Number (time / width, rounded down) of the first bin; meaningless until `started`. */
  origin = 0;
  started = false;
  readonly packets = new Float64Array(BINS);
  readonly bytes = new Float64Array(BINS);

  add(seconds: number, nanoseconds: number, wireLength: number): void {
    const time = seconds + nanoseconds * 1e-9;
    let bin = Math.floor(time / this.width) - this.origin;
    if (bin < 0 || bin >= BINS || !this.started) bin = this.makeRoom(time);
    this.packets[bin] = this.packets[bin]! + 1;
    this.bytes[bin] = this.bytes[bin]! + wireLength;
  }

  /** Doubles the width until it is at least `width` (a power of two). */
  widenTo(width: number): void {
    while (this.width < width) this.widen();
  }

  private makeRoom(time: number): number {
    if (!this.started) {
      this.started = true;
      this.origin = Math.floor(time / this.width) - BINS / 4;
      return BINS / 4;
    }
    for (;;) {
      const bin = Math.floor(time / this.width) - this.origin;
      if (bin >= 0 && bin < BINS) return bin;
      if (this.width >= WIDEST_SECONDS) return bin < 0 ? 0 : BINS - 1;
      this.widen();
    }
  }

  /** @cold when the time range outgrows the bins. Joins bins by pairs and puts the result in the middle, so that there is room on both sides. */
  private widen(): void {
    const oldOrigin = this.origin;
    const packets = this.packets.slice();
    const bytes = this.bytes.slice();
    this.packets.fill(0);
    this.bytes.fill(0);
    this.width *= 2;
    this.origin = Math.floor(oldOrigin / 2) - BINS / 4;
    for (let i = 0; i < BINS; i++) {
      const bin = Math.floor((oldOrigin + i) / 2) - this.origin;
      this.packets[bin] = this.packets[bin]! + packets[i]!;
      this.bytes[bin] = this.bytes[bin]! + bytes[i]!;
    }
  }
}
