/**
 * Which pairs of MAC addresses the frames of a vantage point have: what tells a node's interface from another's when nothing names
 * it. Cooked captures (SLL) have the sender's alone. The table is small and fixed: a vantage point with more pairs than fit is
 * one of which they tell nothing.
 */
import type { Decoded } from '../wire/decoded.js';

const SLOTS = 256;
/** Beyond these a further pair only counts as one too many. */
const MOST_PAIRS = 192;
const WORDS = 4;
const OUTGOING = 4;
/** Of the two high words of a pair: which of its packets the host sent itself, as cooked captures say. */
const SENT_BIT = 1 << 16;
const GROUP_BIT = 0x0100;

export interface FramePair {
  /** MAC addresses as numbers of 48 bits; 0 where the link has none. */
  readonly source: number;
  readonly destination: number;
  /** The capture says that this host sent them. */
  readonly isOutgoing: boolean;
}

export class FrameAddresses {
  /** Frames whose pair found no room. */
  left = 0;
  private readonly words = new Int32Array(SLOTS * WORDS);
  private readonly used = new Uint8Array(SLOTS);
  private pairsUsed = 0;
  private last = -1;

  /** Notes the addresses of one packet, unless it went to a group. */
  note(d: Decoded): void {
    if ((d.destinationMacHigh & GROUP_BIT) !== 0 || (d.sourceMacHigh === 0 && d.sourceMacLow === 0)) return;
    const high = d.sourceMacHigh | (d.packetType === OUTGOING ? SENT_BIT : 0);
    if (this.last >= 0 && this.isAt(this.last, high, d)) return;
    let slot =
      (Math.imul(d.sourceMacLow, 0x9e3779b1 | 0) ^ Math.imul(d.destinationMacLow, 0x6a09e667) ^ high) & (SLOTS - 1);
    while (this.used[slot] === 1 && !this.isAt(slot, high, d)) slot = (slot + 1) & (SLOTS - 1);
    if (this.used[slot] === 0) {
      if (this.pairsUsed === MOST_PAIRS) {
        this.left++;
        return;
      }
      this.put(slot, high, d.sourceMacLow, d.destinationMacHigh, d.destinationMacLow);
    }
    this.last = slot;
  }

  /** @cold once per vantage point: all pairs, in no particular order. */
  pairs(): FramePair[] {
    const pairs: FramePair[] = [];
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.used[slot] === 0) continue;
      const at = slot * WORDS;
      const high = this.words[at]!;
      pairs.push({
        source: macNumber(high & 0xffff, this.words[at + 1]!),
        destination: macNumber(this.words[at + 2]!, this.words[at + 3]!),
        isOutgoing: (high & SENT_BIT) !== 0,
      });
    }
    return pairs;
  }

  private isAt(slot: number, high: number, d: Decoded): boolean {
    const at = slot * WORDS;
    const words = this.words;
    return (
      words[at] === high &&
      words[at + 1] === d.sourceMacLow &&
      words[at + 2] === d.destinationMacHigh &&
      words[at + 3] === d.destinationMacLow
    );
  }

  private put(slot: number, high: number, low: number, destinationHigh: number, destinationLow: number): void {
    const at = slot * WORDS;
    this.words[at] = high;
    this.words[at + 1] = low;
    this.words[at + 2] = destinationHigh;
    this.words[at + 3] = destinationLow;
    this.used[slot] = 1;
    this.pairsUsed++;
  }
}

function macNumber(high: number, low: number): number {
  return high * 0x100000000 + (low >>> 0);
}
