/**
 * Finished flow rows, packed: what the flow limit moves out of the table. Each row is its words and doubles as variable-length
 * integers (LEB128, signed values zigzag), so that a typical row takes about a third of its size in the table and
 * comes back exactly. Read by unpacking into a scratch row.
 */
import { EXTRAS, isDoubleWord, STRIDE } from './flow-row.js';

const CHUNK_BYTES = 1 << 20;
const LONGEST_ROW_BYTES = STRIDE * 10;

export class CompactRows {
  count = 0;
  private readonly chunks: Uint8Array[] = [];
  /** Where each row starts, counted through all chunks. */
  private starts = new Float64Array(1024);
  private at = CHUNK_BYTES;

  get bytes(): number {
    return this.chunks.length * CHUNK_BYTES;
  }

  append(words: Int32Array, at: number, doubles: Float64Array, extras: number): void {
    if (this.at + LONGEST_ROW_BYTES > CHUNK_BYTES) {
      this.chunks.push(new Uint8Array(CHUNK_BYTES));
      this.at = 0;
    }
    this.noteStart();
    for (let i = 0; i < STRIDE; i++) {
      if (!isDoubleWord(i)) this.writeSigned(i === EXTRAS ? extras : words[at + i]!);
      else if (i % 2 === 0) this.writeSigned(doubles[(at + i) >>> 1]!);
    }
  }

  /** Unpacks row `index` into the start of `row` and `doubles`, which share one buffer of STRIDE words. */
  load(index: number, row: Int32Array, doubles: Float64Array): void {
    const start = this.starts[index]!;
    const chunk = this.chunks[Math.floor(start / CHUNK_BYTES)]!;
    let at = start % CHUNK_BYTES;
    for (let i = 0; i < STRIDE; i++) {
      if (isDoubleWord(i) && i % 2 === 1) continue;
      let value = 0;
      let scale = 1;
      let byte = chunk[at++]!;
      while (byte >= 128) {
        value += (byte & 127) * scale;
        scale *= 128;
        byte = chunk[at++]!;
      }
      value += byte * scale;
      const signed = value % 2 === 1 ? -(value + 1) / 2 : value / 2;
      if (isDoubleWord(i)) doubles[i >>> 1] = signed;
      else row[i] = signed;
    }
  }

  private noteStart(): void {
    if (this.count === this.starts.length) {
      const starts = new Float64Array(this.count * 2);
      starts.set(this.starts);
      this.starts = starts;
    }
    this.starts[this.count++] = (this.chunks.length - 1) * CHUNK_BYTES + this.at;
  }

  private writeSigned(value: number): void {
    const chunk = this.chunks[this.chunks.length - 1]!;
    let rest = value < 0 ? -value * 2 - 1 : value * 2;
    while (rest >= 128) {
      chunk[this.at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    chunk[this.at++] = rest;
  }
}
