/**
 * Bytes of a file (or a named pipe, or /dev/fd/N), read one after the other into the caller's buffer.
 *
 * A regular file is read synchronously: its bytes are there at once, and arrive in the caches of the core that decodes them, where
 * a thread of the pool would leave them in another's and wake us for each read. Now and then the event loop gets its turn,
 * for Ctrl-C and the progress bar. A pipe may make us wait, so it is read by the thread pool.
 */
import { read, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { ByteSource } from '../byte-source.js';

/** Bytes between two turns of the event loop: some hundredths of a second. */
const BYTES_PER_TURN = 16 * 1024 * 1024;

export class FileSource implements ByteSource {
  private readonly handle: FileHandle;
  private readonly isRegular: boolean;
  private consumed = 0;
  private sinceTurn = 0;
  private isClosed = false;

  private constructor(handle: FileHandle, isRegular: boolean) {
    this.handle = handle;
    this.isRegular = isRegular;
  }

  static async open(path: string): Promise<FileSource> {
    const handle = await open(path, 'r');
    try {
      return new FileSource(handle, (await handle.stat()).isFile());
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    if (this.sinceTurn >= BYTES_PER_TURN) await this.takeTurn();
    // Closed before, or while others had their turn.
    if (this.isClosed) return 0;
    const count = this.isRegular
      ? readSync(this.handle.fd, target, at, length, null)
      : await this.readByPool(target, at, length);
    this.consumed += count;
    this.sinceTurn += count;
    return count;
  }

  consumedBytes(): number {
    return this.consumed;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.handle.close();
  }

  private takeTurn(): Promise<void> {
    this.sinceTurn = 0;
    return new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  /** By the callback interface: it allocates a fifth of what FileHandle.read() does, which keeps the collector away. */
  private readByPool(target: Uint8Array, at: number, length: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.handle.fd, target, at, length, null, (error, count) => {
        if (error !== null) return reject(error);
        return resolve(count);
      });
    });
  }
}
