/** What the file system says of a file, and whether two captures have the same content. */
import { stat } from 'node:fs/promises';
import { PodtrailError, describeError } from '../../base/errors.js';
import { readFully } from '../byte-source.js';
import { openFileSource } from './open-source.js';

const COMPARED_AT_ONCE = 1024 * 1024;

export interface FileIdentity {
  /** Bytes as it is stored; 0 for what is no regular file. */
  readonly size: number;
  /** Device and file number, after following links. */
  readonly identity: string;
  /** False for pipes, terminals and devices, which can be read only once. */
  readonly isRegular: boolean;
}

/** Throws PodtrailError if there is no such file or it is a directory. */
export async function identifyFile(path: string): Promise<FileIdentity> {
  try {
    const status = await stat(path, { bigint: true });
    if (status.isDirectory()) throw new PodtrailError('unreadable-input', `${path}: is a directory`);
    return {
      size: status.isFile() ? Number(status.size) : 0,
      identity: `${status.dev}:${status.ino}`,
      isRegular: status.isFile(),
    };
  } catch (error) {
    if (error instanceof PodtrailError) throw error;
    throw new PodtrailError('unreadable-input', `${path}: ${describeError(error)}`, { cause: error });
  }
}

/** Compares two files byte by byte, after decompression. False if either cannot be read to its end. */
export async function haveSameContent(pathA: string, pathB: string): Promise<boolean> {
  const a = await openFileSource(pathA);
  try {
    const b = await openFileSource(pathB);
    try {
      const bytesA = Buffer.alloc(COMPARED_AT_ONCE);
      const bytesB = Buffer.alloc(COMPARED_AT_ONCE);
      for (;;) {
        const lengthA = await readFully(a.source, bytesA, 0, COMPARED_AT_ONCE);
        const lengthB = await readFully(b.source, bytesB, 0, COMPARED_AT_ONCE);
        if (lengthA !== lengthB || bytesA.compare(bytesB, 0, lengthB, 0, lengthA) !== 0) return false;
        if (lengthA < COMPARED_AT_ONCE) return true;
      }
    } finally {
      await b.source.close();
    }
  } catch {
    return false;
  } finally {
    await a.source.close();
  }
}
