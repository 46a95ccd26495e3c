/** Opens a capture, compressed or not, and looks into one without reading it through. */
import type { Readable } from 'node:stream';
import { finish, mix } from '../base/hash.js';
import type { Timestamp } from '../base/time.js';
import { ByteWindow } from './byte-window.js';
import type { RecordCursor } from './cursor.js';
import type { CaptureInterface } from './interface.js';
import { readerFor, readerOver } from './recognition.js';
import { openFileSource, openStreamSource, type Compression } from './source/open-source.js';
import { identifyFile } from './source/file-identity.js';

export interface OpenOptions {
  /** Gives the stream that the path `-` stands for; called at most once. */
  readonly standardInput: () => Readable;
}

/** The path that means standard input. */
export const STANDARD_INPUT = '-';
/** Bytes of the head that a fingerprint covers. */
const FINGERPRINT_LENGTH = 64 * 1024;
/** How many windows are read to find the first packet. */
const MOST_WINDOWS = 16;
const FINGERPRINT_SEEDS = [0x9747b28c, 0x5bd1e995] as const;

/**
 * Opens the capture at `path` (`-` = standard input), which may be gzip- or zstd-compressed. Throws PodtrailError if it cannot
 * be read or is no capture; damage further on is told by the cursor.
 */
export async function openCapture(path: string, options: OpenOptions): Promise<RecordCursor> {
  const isStandardInput = path === STANDARD_INPUT;
  const name = isStandardInput ? 'standard input' : path;
  const { source } = isStandardInput
    ? await openStreamSource(options.standardInput(), name)
    : await openFileSource(path);
  try {
    return await readerFor(source, name);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** What is known of a capture after looking at its beginning. */
export interface CapturePeek {
  readonly path: string;
  /** As RecordCursor.format. */
  readonly format: string;
  readonly compression: Compression;
  /** Bytes as it is stored. */
  readonly size: number;
  /** Device and file number: equal for two paths that lead to the same file. */
  readonly identity: string;
  /** Those described before the first packet. */
  readonly interfaces: readonly CaptureInterface[];
  /** Of the first packet that has a time; null if none does among the first. */
  readonly firstTime: Timestamp | null;
  /** Of the uncompressed head: equal for equal captures, also if only one is compressed. */
  readonly fingerprint: string;
}

/**
 * Looks at the beginning of the capture at `path`. Null for standard input and pipes, which can be read only once. Throws
 * PodtrailError as openCapture() does.
 */
export async function peekCapture(path: string): Promise<CapturePeek | null> {
  if (path === STANDARD_INPUT) return null;
  const file = await identifyFile(path);
  if (!file.isRegular) return null;
  const { source, compression } = await openFileSource(path);
  try {
    const window = new ByteWindow(source, FINGERPRINT_LENGTH);
    await window.fill(0, FINGERPRINT_LENGTH);
    const fingerprint = fingerprintOf(window.view, Math.min(window.end, FINGERPRINT_LENGTH));
    const cursor = readerOver(window, path);
    const firstTime = await findFirstTime(cursor);
    return {
      path,
      format: cursor.format,
      compression,
      size: file.size,
      identity: file.identity,
      interfaces: cursor.interfaces,
      firstTime,
      fingerprint,
    };
  } finally {
    await source.close();
  }
}

async function findFirstTime(cursor: RecordCursor): Promise<Timestamp | null> {
  for (let windows = 0; windows < MOST_WINDOWS; windows++) {
    while (cursor.next()) {
      if (cursor.hasTime === 1) return { seconds: cursor.seconds, nanoseconds: cursor.nanoseconds };
    }
    if (!(await cursor.fill())) return null;
  }
  return null;
}

function fingerprintOf(view: DataView, length: number): string {
  return FINGERPRINT_SEEDS.map((seed) => {
    let hash = mix(seed, length);
    let at = 0;
    for (; at + 4 <= length; at += 4) hash = mix(hash, view.getInt32(at));
    for (; at < length; at++) hash = mix(hash, view.getUint8(at));
    return (finish(hash) >>> 0).toString(16).padStart(8, '0');
  }).join('');
}
