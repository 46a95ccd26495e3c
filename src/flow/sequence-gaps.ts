/**
 * The holes in one direction's sequence space: byte ranges below the highest byte seen that were not captured (yet).
 *
 * Made only for flows that have a hole at all, so that a later segment can be told apart: filling a hole (new bytes) or
 * repeating what was seen (a retransmission). Bounded: beyond MAX_HOLES the oldest hole is forgotten, and bytes that fill it
 * later count as repeated.
 */
import { sequenceDistance } from './sequence.js';

const INITIAL_HOLES = 2;
const MAX_HOLES = 64;

export class SequenceGaps {
  /** Bytes of the holes that are still open. */
  openBytes = 0;
  private count = 0;
  /** Start and end (one past the last byte) of each hole, oldest first. */
  private holes = new Int32Array(INITIAL_HOLES * 2);
  /** Holes that end below this were reported by acknowledge(). */
  private reportedBelow = 0;
  private hasReported = false;

  /** Notes that [start, end) was jumped over. */
  open(start: number, end: number): void {
    if (this.count === MAX_HOLES) this.forgetOldest();
    this.append(start, end);
    this.openBytes += sequenceDistance(end, start);
  }

  /** Takes [start, end) out of the holes; returns how many bytes of it were missing until now. */
  fill(start: number, end: number): number {
    let filled = 0;
    for (let i = this.count - 1; i >= 0; i--) {
      const holeStart = this.holes[i * 2]!;
      const holeEnd = this.holes[i * 2 + 1]!;
      const from = sequenceDistance(start, holeStart) > 0 ? start : holeStart;
      const to = sequenceDistance(end, holeEnd) < 0 ? end : holeEnd;
      const bytes = sequenceDistance(to, from);
      if (bytes <= 0) continue;
      filled += bytes;
      this.shrink(i, holeStart, from, to, holeEnd);
    }
    this.openBytes -= filled;
    return filled;
  }

  /**
   * Bytes of holes that lie wholly below `acknowledgement` and were not reported by an earlier call: the receiver has them, the
   * capture does not. They stay open, since a capture may show a segment after its acknowledgement.
   */
  acknowledge(acknowledgement: number): number {
    let bytes = 0;
    for (let i = 0; i < this.count; i++) {
      const end = this.holes[i * 2 + 1]!;
      if (sequenceDistance(acknowledgement, end) < 0) continue;
      if (this.hasReported && sequenceDistance(end, this.reportedBelow) <= 0) continue;
      bytes += sequenceDistance(end, this.holes[i * 2]!);
    }
    if (!this.hasReported || sequenceDistance(acknowledgement, this.reportedBelow) > 0) {
      this.reportedBelow = acknowledgement;
    }
    this.hasReported = true;
    return bytes;
  }

  /** Replaces hole i by what remains of it left and right of [from, to). */
  private shrink(i: number, holeStart: number, from: number, to: number, holeEnd: number): void {
    const hasLeft = from !== holeStart;
    const hasRight = to !== holeEnd;
    if (hasLeft) this.holes[i * 2 + 1] = from;
    else if (hasRight) this.holes[i * 2] = to;
    else this.remove(i);
    if (!hasLeft || !hasRight) return;
    if (this.count < MAX_HOLES) this.append(to, holeEnd);
    else this.openBytes -= sequenceDistance(holeEnd, to); // no room for the right part: forget it
  }

  private append(start: number, end: number): void {
    if (this.count * 2 === this.holes.length) this.grow();
    this.holes[this.count * 2] = start;
    this.holes[this.count * 2 + 1] = end;
    this.count++;
  }

  private grow(): void {
    const holes = new Int32Array(this.holes.length * 2);
    holes.set(this.holes);
    this.holes = holes;
  }

  private remove(i: number): void {
    this.holes.copyWithin(i * 2, i * 2 + 2, this.count * 2);
    this.count--;
  }

  private forgetOldest(): void {
    this.openBytes -= sequenceDistance(this.holes[1]!, this.holes[0]!);
    this.remove(0);
  }
}
