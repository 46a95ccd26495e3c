/**
 * The reused buffer through which a capture is read. Bytes that are still needed move to the front, the rest is filled
 * anew; it grows only when one record does not fit, and only up to a bound. A failing source ends the input: the failure is
 * kept for whoever reads.
 */
import type { ByteSource } from './byte-source.js';

/** Amortises a read, and leaves room in the second-level cache for the tables of the decoder and the flows. */
const INITIAL_CAPACITY = 512 * 1024;
const FIRST_READ = 4 * 1024;
/** Room for the largest record a reader accepts, with its header and options. */
export const LARGEST_WINDOW = 17 * 1024 * 1024;

export class ByteWindow {
  bytes: Uint8Array;
  view: DataView;
  /** Bytes 0..end-1 are valid. */
  end = 0;
  /** Offset of byte 0 in the (uncompressed) input. */
  base = 0;
  /** What the source rejected with; the input counts as over then. */
  failure: unknown = null;
  /**
   * Bytes to ask for. Reading begins with little, so that what happens at the end of a buffer happens early: the optimising
   * compiler takes what it has not seen for impossible, and would compile the hot loop again and again.
   */
  private atOnce = FIRST_READ;
  private readonly source: ByteSource;

  constructor(source: ByteSource, capacity: number = INITIAL_CAPACITY) {
    this.source = source;
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /**
   * Makes byte `at` the first one and reads until `needed` (at most LARGEST_WINDOW) bytes are there; false if the input
   * ends before.
   */
  async fill(at: number, needed: number): Promise<boolean> {
    this.discard(at, needed);
    while (this.end < needed) {
      const count = await this.readOn();
      if (count === 0) return false;
      this.end += count;
    }
    return true;
  }

  /** Drops `count` bytes from byte `at` on, without keeping them, and makes what follows the first; false if the input ends before. */
  async skip(at: number, count: number): Promise<boolean> {
    let left = count - (this.end - at);
    if (left <= 0) {
      this.discard(at + count, 0);
      return true;
    }
    for (;;) {
      this.base += this.end;
      this.end = 0;
      const got = await this.readOn();
      this.end = got;
      if (got === 0) return false;
      if (got >= left) {
        this.discard(left, 0);
        return true;
      }
      left -= got;
    }
  }

  consumedBytes(): number {
    return this.source.consumedBytes();
  }

  close(): Promise<void> {
    return this.source.close();
  }

  /** Reads once, behind the valid bytes. */
  private async readOn(): Promise<number> {
    if (this.failure !== null) return 0;
    try {
      const room = this.bytes.length - this.end;
      const count = await this.source.read(this.bytes, this.end, Math.min(room, this.atOnce));
      this.atOnce = Math.min(this.atOnce * 2, LARGEST_WINDOW);
      return count;
    } catch (error) {
      this.failure = error;
      return 0;
    }
  }

  /** Makes byte `at` the first one, in a buffer of at least `capacity` bytes. */
  private discard(at: number, capacity: number): void {
    if (capacity > this.bytes.length) {
      const larger = new Uint8Array(Math.min(Math.max(capacity, this.bytes.length * 2), LARGEST_WINDOW));
      larger.set(this.bytes.subarray(at, this.end));
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    } else {
      this.bytes.copyWithin(0, at, this.end);
    }
    this.base += at;
    this.end -= at;
  }
}
