/**
 * What only some flows have: holes in their sequence space, retransmissions, WireGuard message counts, an NFLOG prefix.
 *
 * Made on first need, so that the ordinary flow costs its row and nothing else. Plain data, so that it can be handed from a
 * worker to the main thread.
 */
import { SequenceGaps } from './sequence-gaps.js';

/** WireGuard message types 1..4, plus keep-alives (type 4 with no content), counted per direction. */
export const WIREGUARD_COUNTERS = 5;
export const WIREGUARD_KEEP_ALIVE = 4;

export class FlowExtras {
  /** Per direction; null until a hole was seen, and again once the flow is finished. */
  gaps0: SequenceGaps | null = null;
  gaps1: SequenceGaps | null = null;
  /** Segments that brought no new byte, per direction. */
  readonly retransmissions = new Int32Array(2);
  /** Segments that announced a zero window, per direction. */
  readonly zeroWindows = new Int32Array(2);
  /** Holes that the other side acknowledged although they were never captured, per direction, and their bytes. */
  readonly unseenHoles = new Int32Array(2);
  readonly unseenBytes = new Float64Array(2);
  readonly wireguard = new Int32Array(2 * WIREGUARD_COUNTERS);
  /** Index into the table's NFLOG prefixes, or -1. */
  nflogPrefix = -1;
  /** Handshake round trip in nanoseconds when it does not fit the row. */
  handshake = -1;

  gapsOf(direction: number): SequenceGaps | null {
    return direction === 0 ? this.gaps0 : this.gaps1;
  }

  /** @cold at a flow's first hole */
  makeGaps(direction: number): SequenceGaps {
    if (direction === 0) return (this.gaps0 ??= new SequenceGaps());
    return (this.gaps1 ??= new SequenceGaps());
  }
}
