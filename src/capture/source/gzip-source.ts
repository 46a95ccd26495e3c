/**
 * gzip (RFC 1952), any number of members, decompressed as it is read. One piece of input is given to zlib at a time and one
 * chunk of output waits at most, so a small file that expands to gigabytes costs no more memory than any other.
 *
 * When the input is damaged, node:zlib drops the output of the call that found out, and there is no asking for it again. Pieces are
 * therefore small at the beginning of the input and grow with what has been read, to where smaller ones would cost time: what is
 * missed before the damage is at most a 256th, or 512 bytes of a small input, and never more than 32 KiB as compressed.
 */
import type { TransformOptions } from 'node:stream';
import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import type { ByteSource } from '../byte-source.js';

/** Output beyond one chunk waits inside zlib until read() takes the first. */
const GUNZIP_OPTIONS: ZlibOptions & TransformOptions = { chunkSize: 512 * 1024, readableHighWaterMark: 1 };
const SMALLEST_PIECE = 512;
const LARGEST_PIECE = 32 * 1024;
const PIECE_SHARE = 256;

export class GzipSource implements ByteSource {
  private readonly input: ByteSource;
  private readonly gunzip: Gunzip;
  private readonly piece = Buffer.allocUnsafeSlow(LARGEST_PIECE);
  private output: Uint8Array = new Uint8Array(0);
  private outputAt = 0;
  private isWriting = false;
  private isOver = false;
  private failure: Error | null = null;
  private wake: () => void = () => {};

  constructor(input: ByteSource) {
    this.input = input;
    this.gunzip = createGunzip(GUNZIP_OPTIONS);
    this.gunzip.on('readable', () => this.wake());
    this.gunzip.on('end', () => {
      this.isOver = true;
      this.wake();
    });
    this.gunzip.on('error', (error) => {
      this.failure = error;
      this.wake();
    });
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    while (this.outputAt === this.output.length) {
      if (!(await this.advance())) return 0;
    }
    const count = Math.min(length, this.output.length - this.outputAt);
    target.set(this.output.subarray(this.outputAt, this.outputAt + count), at);
    this.outputAt += count;
    return count;
  }

  consumedBytes(): number {
    return this.input.consumedBytes();
  }

  close(): Promise<void> {
    this.isOver = true;
    this.gunzip.destroy();
    return this.input.close();
  }

  /** Gets the next output, or feeds zlib, or waits for it; false at the end. */
  private async advance(): Promise<boolean> {
    const output: unknown = this.gunzip.read();
    if (output instanceof Uint8Array) {
      this.output = output;
      this.outputAt = 0;
      return true;
    }
    if (this.failure !== null) throw new Error(explain(this.failure), { cause: this.failure });
    if (this.isOver) return false;
    if (this.isWriting || this.gunzip.writableEnded) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    } else {
      await this.feed();
    }
    return true;
  }

  private async feed(): Promise<void> {
    const share = Math.floor(this.input.consumedBytes() / PIECE_SHARE);
    const count = await this.input.read(this.piece, 0, Math.min(Math.max(share, SMALLEST_PIECE), LARGEST_PIECE));
    if (count === 0) {
      this.gunzip.end();
      return;
    }
    this.isWriting = true;
    this.gunzip.write(this.piece.subarray(0, count), () => {
      this.isWriting = false;
      this.wake();
    });
  }
}

function explain(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'Z_BUF_ERROR' ? 'the gzip data ends too early' : `the gzip data is damaged (${error.message})`;
}
