/**
 * An output file that appears when it is complete: written beside its target under a temporary name, flushed to the disk, then
 * renamed. What is not a regular file (a device, a pipe, `/dev/stdout`) is written to directly.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Sink } from '../report/index.js';

/** Temporary files that exist now, so that a process that is told to end at once leaves none behind. */
export class TemporaryFiles {
  private readonly paths = new Set<string>();

  add(path: string): void {
    this.paths.add(path);
  }

  delete(path: string): void {
    this.paths.delete(path);
  }

  removeAll(): void {
    for (const path of this.paths) rmSync(path, { force: true });
    this.paths.clear();
  }
}

export class AtomicFile implements Sink {
  bytesWritten = 0;
  private readonly handle: FileHandle;
  private readonly target: string;
  /** Null when the target is written to directly. */
  private readonly temporary: string | null;
  private readonly temporaryFiles: TemporaryFiles;

  private constructor(handle: FileHandle, target: string, temporary: string | null, temporaryFiles: TemporaryFiles) {
    this.handle = handle;
    this.target = target;
    this.temporary = temporary;
    this.temporaryFiles = temporaryFiles;
  }

  /** Rejects with the file system's error if the file cannot be made. */
  static async create(path: string, temporaryFiles: TemporaryFiles): Promise<AtomicFile> {
    const existing = await stat(path).catch(() => null);
    if (existing !== null && !existing.isFile() && !existing.isDirectory()) {
      return new AtomicFile(await open(path, 'w'), path, null, temporaryFiles);
    }
    // Beside the file itself, not beside a link to it: the link stays.
    const target = existing === null ? path : await realpath(path);
    const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
    const handle = await open(temporary, 'wx');
    temporaryFiles.add(temporary);
    return new AtomicFile(handle, target, temporary, temporaryFiles);
  }

  async write(chunk: string | Uint8Array): Promise<void> {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    await this.handle.writeFile(bytes);
    this.bytesWritten += bytes.length;
  }

  /** Completes the file under its name. */
  async finish(): Promise<void> {
    if (this.temporary === null) return this.handle.close();
    await this.handle.sync();
    await this.handle.close();
    await rename(this.temporary, this.target);
    this.temporaryFiles.delete(this.temporary);
  }

  /** Gives up: the target stays as it was. */
  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    if (this.temporary === null) return;
    await rm(this.temporary, { force: true }).catch(() => undefined);
    this.temporaryFiles.delete(this.temporary);
  }
}
