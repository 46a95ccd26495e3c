/**
 * Where a reader's bytes come from: a file, a stream, or a decompressor in front of either. Implementations live in
 * `source/`; everything else in this folder sees only this.
 */

export interface ByteSource {
  /**
   * Puts at most `length` (> 0) bytes into `target` from `at` on and resolves to their number; 0 = the input is over. One call
   * at a time. Rejects when the input cannot be read or decompressed any further; what came before has been delivered.
   */
  read(target: Uint8Array, at: number, length: number): Promise<number>;
  /** Bytes taken from the input as it is stored, that is before decompression. */
  consumedBytes(): number;
  /** Safe to call more than once. */
  close(): Promise<void>;
}

/** Reads until `length` bytes are there or the input is over; resolves to the number read. */
export async function readFully(source: ByteSource, target: Uint8Array, at: number, length: number): Promise<number> {
  let got = 0;
  while (got < length) {
    const count = await source.read(target, at + got, length - got);
    if (count === 0) break;
    got += count;
  }
  return got;
}
