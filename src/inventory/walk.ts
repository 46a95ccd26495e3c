/**
 * The files below the given paths, in a fixed order: directories are searched to the bottom, links are followed once.
 *
 * Sockets, pipes and devices are never opened; a limit keeps `--inventory /` from reading a whole disk.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../base/errors.js';

export interface UnreadablePath {
  readonly path: string;
  readonly reason: string;
  /** It is one of the paths that were asked for, not something found below. */
  readonly isGiven: boolean;
}

export interface FoundFiles {
  /** Sorted, each file once. */
  readonly files: readonly string[];
  /** Paths that could not be read, with the reason. */
  readonly unreadable: readonly UnreadablePath[];
  /** True if the limit was hit and files were left out. */
  readonly isCut: boolean;
}

const MAX_FILES = 100_000;
const MAX_DEPTH = 32;
const SKIPPED_DIRECTORIES = new Set(['.git', 'node_modules']);

/** Finds all regular files at or below the paths. Never throws. */
export async function findFiles(paths: readonly string[]): Promise<FoundFiles> {
  const walk = new Walk();
  for (const path of paths) await walk.visit(path, 0);
  const files = [...walk.files.values()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { files, unreadable: walk.unreadable, isCut: walk.isCut };
}

class Walk {
  /** Path as found, by real path: the same file by two ways counts once. */
  readonly files = new Map<string, string>();
  readonly unreadable: UnreadablePath[] = [];
  isCut = false;
  private readonly directories = new Set<string>();

  async visit(path: string, depth: number): Promise<void> {
    if (this.files.size >= MAX_FILES || depth > MAX_DEPTH) {
      this.isCut = true;
      return;
    }
    try {
      const real = await realpath(path);
      const kind = await stat(real);
      if (kind.isFile() && !this.files.has(real)) this.files.set(real, path);
      if (kind.isDirectory()) await this.visitDirectory(path, real, depth);
      else if (depth === 0 && !kind.isFile())
        this.unreadable.push({ path, reason: 'neither a file nor a directory', isGiven: true });
    } catch (error) {
      this.unreadable.push({ path, reason: describeError(error), isGiven: depth === 0 });
    }
  }

  private async visitDirectory(path: string, real: string, depth: number): Promise<void> {
    if (this.directories.has(real)) return;
    this.directories.add(real);
    for (const name of (await readdir(path)).sort()) {
      if (!SKIPPED_DIRECTORIES.has(name)) await this.visit(join(path, name), depth + 1);
    }
  }
}
