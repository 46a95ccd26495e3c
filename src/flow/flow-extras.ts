/**
 * What only some flows have: holes in their sequence space, retransmissions, stray RSTs, WireGuard message counts, an NFLOG prefix.
 *
 * Made on first need and kept small, so that the ordinary flow costs its row and nothing else. Plain data, so that it can be
 * handed from a worker to the main thread.
 */
import { SequenceGaps } from './sequence-gaps.js';

/** WireGuard message types 1..4, plus keep-alives (type 4 with no content), counted per direction. */
export const WIREGUARD_COUNTERS = 5;
export const WIREGUARD_KEEP_ALIVE = 4;

// Places in `counts`, per direction each.
/** Segments that brought no new byte. */
export const RETRANSMISSIONS = 0;
/** Segments that announced a zero window. */
export const ZERO_WINDOWS = 2;
/** Holes that the other side acknowledged although they were never captured. */
export const UNSEEN_HOLES = 4;
/** Sequence number of the last RST, and 1 where it is known: where it was another than the expected one. */
const RESET_SEQUENCE = 6;
const HAS_RESET = 8;
const COUNTS = 10;

export class FlowExtras {
  readonly counts = new Int32Array(COUNTS);
  /** Holes per direction; null until there was one, and again once the flow is finished. */
  gaps0: SequenceGaps | null = null;
  gaps1: SequenceGaps | null = null;
  /** WIREGUARD_COUNTERS per direction; null if no message was WireGuard. */
  wireguard: Int32Array | null = null;
  /** Index into the table's NFLOG prefixes, or -1. */
  nflogPrefix = -1;
  /** Handshake round trip in nanoseconds when it does not fit the row, or -1. */
  handshake = -1;

  gapsOf(direction: number): SequenceGaps | null {
    return direction === 0 ? this.gaps0 : this.gaps1;
  }

  /** @cold at a flow's first hole */
  makeGaps(direction: number): SequenceGaps {
    if (direction === 0) return (this.gaps0 ??= new SequenceGaps());
    return (this.gaps1 ??= new SequenceGaps());
  }

  /** @cold once per WireGuard flow */
  makeWireguard(): Int32Array {
    return (this.wireguard ??= new Int32Array(2 * WIREGUARD_COUNTERS));
  }

  /** Remembers the sequence number of a direction's last RST. */
  noteReset(direction: number, sequence: number): void {
    this.counts[HAS_RESET + direction] = 1;
    this.counts[RESET_SEQUENCE + direction] = sequence;
  }

  /** The sequence number of the last RST, `expected` if none is remembered. */
  lastReset(direction: number, expected: number): number {
    return this.counts[HAS_RESET + direction] === 0 ? expected : this.counts[RESET_SEQUENCE + direction]!;
  }

  /** Adds one to a count and returns it. */
  count(place: number, direction: number): number {
    const count = this.counts[place + direction]! + 1;
    this.counts[place + direction] = count;
    return count;
  }

  /** @cold after reading. Adds those of a later piece of the same flow. */
  add(later: FlowExtras): void {
    for (let i = 0; i < RESET_SEQUENCE; i++) this.counts[i]! += later.counts[i]!;
    if (later.wireguard !== null) {
      const counters = this.makeWireguard();
      for (let i = 0; i < counters.length; i++) counters[i]! += later.wireguard[i]!;
    }
    if (this.nflogPrefix < 0) this.nflogPrefix = later.nflogPrefix;
    if (this.handshake < 0) this.handshake = later.handshake;
  }
}
