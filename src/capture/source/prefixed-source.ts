/** A source whose first bytes have been looked at already: delivers them again, then the rest. */
import type { ByteSource } from '../byte-source.js';

export class PrefixedSource implements ByteSource {
  private readonly head: Uint8Array;
  private readonly rest: ByteSource;
  private headAt = 0;

  constructor(head: Uint8Array, rest: ByteSource) {
    this.head = head;
    this.rest = rest;
  }

  read(target: Uint8Array, at: number, length: number): Promise<number> {
    const count = Math.min(length, this.head.length - this.headAt);
    if (count === 0) return this.rest.read(target, at, length);
    target.set(this.head.subarray(this.headAt, this.headAt + count), at);
    this.headAt += count;
    return Promise.resolve(count);
  }

  consumedBytes(): number {
    return this.rest.consumedBytes() - (this.head.length - this.headAt);
  }

  close(): Promise<void> {
    return this.rest.close();
  }
}
