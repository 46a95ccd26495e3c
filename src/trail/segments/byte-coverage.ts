/**
 * How often each byte of a stretch of sequence space was seen, to be used up by the segments that are looked for in it.
 *
 * Bytes are places relative to a base number, so that the 32 bits of a sequence number may wrap; what lies too far from it to tell which
 * way round is refused.
 */

const FARTHEST = 0x4000_0000;

export class ByteCoverage {
  private base = 0;
  private isTooLong = false;
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly wanted: number[] = [];
  /** Places where the count may change, in order, and the count from each to the next. */
  private places = new Int32Array(0);
  private counts = new Int32Array(0);

  /** Forgets everything; `base` is a sequence number near all that follow. */
  begin(base: number): void {
    this.base = base;
    this.isTooLong = false;
    this.starts.length = 0;
    this.ends.length = 0;
    this.wanted.length = 0;
  }

  /** Bytes that were seen. */
  add(sequence: number, length: number): void {
    const start = this.placeOf(sequence);
    this.starts.push(start);
    this.ends.push(start + length);
  }

  /** Bytes that take() will be asked for. */
  want(sequence: number, length: number): void {
    const start = this.placeOf(sequence);
    this.wanted.push(start, start + length);
  }

  /** To be called between these and take(); false if the bytes cannot be told apart. */
  seal(): boolean {
    if (this.isTooLong) return false;
    this.places = Int32Array.from(new Set([...this.starts, ...this.ends, ...this.wanted])).sort();
    this.counts = new Int32Array(this.places.length);
    for (const start of this.starts) this.change(start, 1);
    for (const end of this.ends) this.change(end, -1);
    for (let i = 1; i < this.counts.length; i++) this.counts[i] = this.counts[i]! + this.counts[i - 1]!;
    return true;
  }

  /** Uses each byte once; returns how many were not there. */
  take(sequence: number, length: number): number {
    const from = this.placeOf(sequence);
    let missing = 0;
    for (let i = this.indexOf(from); this.places[i]! < from + length; i++) {
      if (this.counts[i]! > 0) this.counts[i] = this.counts[i]! - 1;
      else missing += this.places[i + 1]! - this.places[i]!;
    }
    return missing;
  }

  private change(place: number, by: number): void {
    const index = this.indexOf(place);
    this.counts[index] = this.counts[index]! + by;
  }

  private placeOf(sequence: number): number {
    const place = (sequence - this.base) | 0;
    if (place > FARTHEST || place < -FARTHEST) this.isTooLong = true;
    return place;
  }

  /** Index of a place that is there. */
  private indexOf(place: number): number {
    let low = 0;
    let high = this.places.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
