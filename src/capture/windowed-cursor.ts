/**
 * What the readers of pcap and pcapng share: the position in the window, the waiting for bytes, and the words for an
 * input that ends too early. Subclasses implement next() and say with `lack()` how many bytes the record at hand needs.
 */
import { describeError } from '../base/errors.js';
import type { ByteWindow } from './byte-window.js';
import { RecordCursor } from './cursor.js';

/** Largest record of ordinary link types: libpcap's and Wireshark's limit. */
const ORDINARY_CAPTURED_LENGTH = 262_144;
/** Larger lengths on the wire are nonsense; this one keeps them int32, as Wireshark does. */
export const LARGEST_WIRE_LENGTH = 0x7fffffff;
/** Largest record that is believed even if the file's snapshot length allows more. */
const LARGEST_CAPTURED_LENGTH = 16 * 1024 * 1024;

/** Largest captured length to believe of an interface with this snapshot length (0 = none stated). */
export function largestCapturedLength(snapLength: number): number {
  return snapLength > ORDINARY_CAPTURED_LENGTH && snapLength <= LARGEST_CAPTURED_LENGTH
    ? snapLength
    : ORDINARY_CAPTURED_LENGTH;
}

export abstract class WindowedCursor extends RecordCursor {
  /** Start of the next record in `view`, and end of the valid bytes. */
  protected at = 0;
  protected end = 0;
  protected isOver = false;
  protected readonly window: ByteWindow;
  /** Bytes from `at` on that next() waits for. */
  private needed = 0;

  constructor(window: ByteWindow) {
    super();
    this.window = window;
    this.view = window.view;
    this.end = window.end;
  }

  async fill(): Promise<boolean> {
    if (this.isOver) return false;
    const isFilled = await this.window.fill(this.at, this.needed);
    this.follow();
    if (isFilled) return true;
    this.finish(this.end, this.needed);
    return false;
  }

  consumedBytes(): number {
    return this.window.consumedBytes();
  }

  close(): Promise<void> {
    this.isOver = true;
    this.end = this.at;
    return this.window.close();
  }

  /** next() cannot go on with fewer than `needed` bytes from `at` on. Always false, so that next() can return it. */
  protected lack(needed: number): boolean {
    this.needed = needed;
    return false;
  }

  /** Ends reading at byte `at` of `view`. Always false, so that next() can return it. */
  protected fail(at: number, message: string): boolean {
    return this.stop(this.window.base + at, message, false);
  }

  /** Takes over the window's state after it has moved. */
  protected follow(): void {
    this.view = this.window.view;
    this.at = 0;
    this.end = this.window.end;
  }

  /** The input is over with `present` bytes of a record that needs `needed`. @cold once, at the end */
  protected finish(present: number, needed: number): void {
    const offset = this.window.base + this.end;
    if (this.window.failure !== null) {
      this.stop(offset, `reading stopped: ${describeError(this.window.failure)}`, false);
    } else if (present > 0) {
      this.stop(offset, `the capture ends inside a record (${present} of at least ${needed} bytes are there)`, true);
    }
    this.isOver = true;
  }

  /** @cold once, at the end */
  private stop(offset: number, message: string, isCutOff: boolean): boolean {
    this.damage ??= { offset, message, isCutOff };
    this.isOver = true;
    this.end = this.at;
    return false;
  }
}
