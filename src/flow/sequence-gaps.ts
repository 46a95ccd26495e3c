/**
 * The holes in one direction's sequence space: byte ranges below the highest byte seen that were not captured (yet).
 *
 * Made only for flows that have a hole at all, so that a later segment can be told apart: filling a hole (new bytes) or
 * repeating what was seen (a retransmission). Bounded: beyond MAX_GAPS the oldest hole is forgotten, and bytes that fill it
 * later count as repeated.
 */
import { sequenceDistance } from './sequence.js';

const INITIAL_GAPS = 4;
const MAX_GAPS = 64;

export class SequenceGaps {
  /** Holes ever seen, and how many bytes of them are still open. */
  opened = 0;
  openBytes = 0;
  private count = 0;
  /** Holes that end below this were reported by acknowledge(). */
  private reportedBelow = 0;
  private reported = false;
  private starts = new Int32Array(INITIAL_GAPS);
  private ends = new Int32Array(INITIAL_GAPS);

  /** Notes that [start, end) was jumped over. */
  open(start: number, end: number): void {
    if (this.count === MAX_GAPS) this.forgetOldest();
    this.append(start, end);
    this.opened++;
    this.openBytes += sequenceDistance(end, start);
  }

  /** Takes [start, end) out of the holes; returns how many bytes of it were missing until now. */
  fill(start: number, end: number): number {
    let filled = 0;
    for (let i = this.count - 1; i >= 0; i--) {
      const gapStart = this.starts[i]!;
      const gapEnd = this.ends[i]!;
      const from = sequenceDistance(start, gapStart) > 0 ? start : gapStart;
      const to = sequenceDistance(end, gapEnd) < 0 ? end : gapEnd;
      const bytes = sequenceDistance(to, from);
      if (bytes <= 0) continue;
      filled += bytes;
      this.shrink(i, gapStart, from, to, gapEnd);
    }
    this.openBytes -= filled;
    return filled;
  }

  /** Replaces hole i by what remains of it left and right of [from, to). */
  private shrink(i: number, gapStart: number, from: number, to: number, gapEnd: number): void {
    const hasLeft = from !== gapStart;
    const hasRight = to !== gapEnd;
    if (hasLeft) this.ends[i] = from;
    else if (hasRight) this.starts[i] = to;
    else this.remove(i);
    if (!hasLeft || !hasRight) return;
    if (this.count === MAX_GAPS) {
      this.openBytes -= sequenceDistance(gapEnd, to); // no room for the right part: forget it
      return;
    }
    this.append(to, gapEnd);
  }

  /**
   * Bytes of holes that lie wholly below `acknowledgement` and were not reported by an earlier call: the receiver has them, the
   * capture does not. They stay open, since a capture may show a segment after its acknowledgement.
   */
  acknowledge(acknowledgement: number): number {
    let bytes = 0;
    for (let i = 0; i < this.count; i++) {
      const end = this.ends[i]!;
      if (sequenceDistance(acknowledgement, end) < 0) continue;
      if (this.reported && sequenceDistance(end, this.reportedBelow) <= 0) continue;
      bytes += sequenceDistance(end, this.starts[i]!);
    }
    if (!this.reported || sequenceDistance(acknowledgement, this.reportedBelow) > 0)
      this.reportedBelow = acknowledgement;
    this.reported = true;
    return bytes;
  }

  private append(start: number, end: number): void {
    if (this.count === this.starts.length) this.grow();
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count++;
  }

  private grow(): void {
    const starts = new Int32Array(this.starts.length * 2);
    starts.set(this.starts);
    this.starts = starts;
    const ends = new Int32Array(this.ends.length * 2);
    ends.set(this.ends);
    this.ends = ends;
  }

  private remove(i: number): void {
    this.starts.copyWithin(i, i + 1, this.count);
    this.ends.copyWithin(i, i + 1, this.count);
    this.count--;
  }

  private forgetOldest(): void {
    this.openBytes -= sequenceDistance(this.ends[0]!, this.starts[0]!);
    this.remove(0);
  }
}
