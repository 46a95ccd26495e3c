/** Bytes of a Readable, such as standard input, in chunks of whatever size it delivers. */
import type { Readable } from 'node:stream';
import type { ByteSource } from '../byte-source.js';

export class StreamSource implements ByteSource {
  private readonly stream: Readable;
  private readonly chunks: AsyncIterator<unknown>;
  private chunk: Uint8Array = new Uint8Array(0);
  private chunkAt = 0;
  private consumed = 0;
  private isOver = false;

  constructor(stream: Readable) {
    this.stream = stream;
    this.chunks = stream[Symbol.asyncIterator]();
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    while (this.chunkAt === this.chunk.length) {
      if (this.isOver) return 0;
      const result = await this.chunks.next();
      if (result.done === true) {
        this.isOver = true;
        return 0;
      }
      const value: unknown = result.value;
      this.chunk = value instanceof Uint8Array ? value : Buffer.from(String(value), 'latin1');
      this.chunkAt = 0;
    }
    const count = Math.min(length, this.chunk.length - this.chunkAt);
    target.set(this.chunk.subarray(this.chunkAt, this.chunkAt + count), at);
    this.chunkAt += count;
    this.consumed += count;
    return count;
  }

  consumedBytes(): number {
    return this.consumed;
  }

  close(): Promise<void> {
    this.isOver = true;
    this.stream.destroy();
    return Promise.resolve();
  }
}
