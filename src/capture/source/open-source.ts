/**
 * Opens an input and puts a decompressor before it where its first bytes ask for one. Names are not looked at: rotated and
 * copied captures have any.
 */
import type { Readable } from 'node:stream';
import { PodtrailError, describeError } from '../../base/errors.js';
import { readFully, type ByteSource } from '../byte-source.js';
import { FileSource } from './file-source.js';
import { GzipSource } from './gzip-source.js';
import { PrefixedSource } from './prefixed-source.js';
import { StreamSource } from './stream-source.js';

export type Compression = 'none' | 'gzip' | 'zstd';

export interface OpenedSource {
  readonly source: ByteSource;
  readonly compression: Compression;
}

/** The path that means standard input. */
export const STANDARD_INPUT = '-';
const MAGIC_LENGTH = 4;
const GZIP = 0x1f8b08;
const ZSTD = 0x28b52ffd;
/** Skippable frames may come before the first zstd frame: 0x184D2A5? in little-endian order. */
const ZSTD_SKIPPABLE = 0x502a4d18;
const ZSTD_SKIPPABLE_MASK = 0xf0ffffff | 0;

/** Opens `path`, or the stream that `standardInput` gives for `-`. Throws PodtrailError if that cannot be done. */
export async function openSource(path: string, standardInput: () => Readable): Promise<OpenedSource> {
  const raw = path === STANDARD_INPUT ? new StreamSource(standardInput()) : await openFile(path);
  try {
    return await decompressed(raw);
  } catch (error) {
    await raw.close();
    throw unreadable(path, error);
  }
}

/** Looks at the first bytes of `raw` and decompresses it if they say so. */
export async function decompressed(raw: ByteSource): Promise<OpenedSource> {
  const head = new Uint8Array(MAGIC_LENGTH);
  const length = await readFully(raw, head, 0, MAGIC_LENGTH);
  const source = new PrefixedSource(head.subarray(0, length), raw);
  const magic = new DataView(head.buffer).getUint32(0);
  if (magic >>> 8 === GZIP) return { source: new GzipSource(source), compression: 'gzip' };
  if (magic === ZSTD || (magic & ZSTD_SKIPPABLE_MASK) === ZSTD_SKIPPABLE) {
    const { ZstdSource } = await import('./zstd-source.js');
    return { source: new ZstdSource(source), compression: 'zstd' };
  }
  return { source, compression: 'none' };
}

async function openFile(path: string): Promise<ByteSource> {
  try {
    return await FileSource.open(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): PodtrailError {
  const name = path === STANDARD_INPUT ? 'standard input' : path;
  return new PodtrailError('unreadable-input', `${name}: ${describeError(error)}`, { cause: error });
}
