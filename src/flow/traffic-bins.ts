/**
 * Traffic over time per vantage point: equal bins that double in width when the time range outgrows them, so memory is fixed
 * per vantage point and nothing has to be known in advance. Bin edges are multiples of the width since 1970 and a packet's bin
 * is computed in integers, so the bins do not depend on the order of packets and those of several workers line up.
 */

export const BINS = 512;
/** A 64th of a second; 10^9 is divisible by it. */
const FIRST_WIDTH_SECONDS = 2 ** -6;
/** Packets this far from all others (a wrong clock) must not stretch the axis to centuries: they go to the edge bins. */
const WIDEST_SECONDS = 2 ** 22;
const NANOSECONDS = 1_000_000_000;

export class TrafficBins {
  /** Width of a bin in seconds, a power of two. */
  width = FIRST_WIDTH_SECONDS;
  /** Number (time / width, rounded down) of the first bin; meaningless until `started`. */
  origin = 0;
  started = false;
  readonly packets = new Float64Array(BINS);
  readonly bytes = new Float64Array(BINS);
  /** The bin of the last packet, and which nanoseconds of that packet's second lie in it: nearly always the next one's as well. */
  private bin = 0;
  private binSeconds = 0;
  private binFrom = 0;
  /** 0: no bin is known. */
  private binUntil = 0;

  add(seconds: number, nanoseconds: number, wireLength: number): void {
    if (seconds !== this.binSeconds || nanoseconds < this.binFrom || nanoseconds >= this.binUntil) {
      this.locate(seconds, nanoseconds);
    }
    const bin = this.bin;
    this.packets[bin] = this.packets[bin]! + 1;
    this.bytes[bin] = this.bytes[bin]! + wireLength;
  }

  /** Doubles the width until it is at least `width` (a power of two). */
  widenTo(width: number): void {
    while (this.width < width) this.widen();
  }

  private locate(seconds: number, nanoseconds: number): void {
    this.bin = this.makeRoom(seconds, nanoseconds);
    this.binSeconds = seconds;
    if (this.width >= 1) {
      this.binFrom = 0;
      this.binUntil = NANOSECONDS;
    } else {
      const step = NANOSECONDS * this.width;
      this.binFrom = nanoseconds - (nanoseconds % step);
      this.binUntil = this.binFrom + step;
    }
  }

  private makeRoom(seconds: number, nanoseconds: number): number {
    if (!this.started) {
      this.started = true;
      this.origin = binNumber(seconds, nanoseconds, this.width) - BINS / 4;
    }
    for (;;) {
      const bin = binNumber(seconds, nanoseconds, this.width) - this.origin;
      if (bin >= 0 && bin < BINS) return bin;
      if (this.width >= WIDEST_SECONDS) return bin < 0 ? 0 : BINS - 1;
      this.widen();
    }
  }

  /** @cold when the time range outgrows the bins. Joins bins by pairs and puts the result in the middle. */
  private widen(): void {
    const oldOrigin = this.origin;
    const packets = this.packets.slice();
    const bytes = this.bytes.slice();
    this.packets.fill(0);
    this.bytes.fill(0);
    this.width *= 2;
    this.origin = Math.floor(oldOrigin / 2) - BINS / 4;
    this.binUntil = 0;
    for (let i = 0; i < BINS; i++) {
      const bin = Math.floor((oldOrigin + i) / 2) - this.origin;
      this.packets[bin] = this.packets[bin]! + packets[i]!;
      this.bytes[bin] = this.bytes[bin]! + bytes[i]!;
    }
  }
}

/** Number of the bin of this width (a power of two) that holds a moment, counted from 1970. */
export function binNumber(seconds: number, nanoseconds: number, width: number): number {
  return width >= 1 ? Math.floor(seconds / width) : seconds / width + Math.floor(nanoseconds / (NANOSECONDS * width));
}
