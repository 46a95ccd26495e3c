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

const MAGIC_LENGTH = 4;
const GZIP = 0x1f8b08;
const ZSTD = 0x28b52ffd;
/** Skippable frames may come before the first zstd frame: 0x184D2A5? in little-endian order. */
const ZSTD_SKIPPABLE = 0x502a4d18;
const ZSTD_SKIPPABLE_MASK = 0xf0ffffff | 0;

/** Opens the file at `path`. Throws PodtrailError if it cannot be read. */
export async function openFileSource(path: string): Promise<OpenedSource> {
  let raw: ByteSource;
  try {
    raw = await FileSource.open(path);
  } catch (error) {
    throw unreadable(path, error);
  }
  return decompressedOrClosed(raw, path);
}

/** Reads from `stream`, in the same way. */
export async function openStreamSource(stream: Readable, name: string): Promise<OpenedSource> {
  return decompressedOrClosed(new StreamSource(stream), name);
}

async function decompressedOrClosed(raw: ByteSource, name: string): Promise<OpenedSource> {
  try {
    return await decompressed(raw);
  } catch (error) {
    await raw.close();
    throw unreadable(name, error);
  }
}

/** Looks at the first bytes of `raw` and decompresses it if they say so. */
async function decompressed(raw: ByteSource): Promise<OpenedSource> {
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

function unreadable(name: string, error: unknown): PodtrailError {
  return new PodtrailError('unreadable-input', `${name}: ${describeError(error)}`, { cause: error });
}
