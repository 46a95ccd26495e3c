/** Bytes of a file (or a named pipe, or /dev/fd/N), read one after the other into the caller's buffer. */
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

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    if (this.isClosed) return 0;
    const { bytesRead } = await this.handle.read(target, at, length, null);
    this.consumed += bytesRead;
    return bytesRead;
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
