/**
 * Opens a capture: finds out by its content what it is and gives the reader for it. What is not a capture gets an error that
 * names the format and what to do about it.
 */
import type { Readable } from 'node:stream';
import { PodtrailError, describeError } from '../base/errors.js';
import { ByteWindow } from './byte-window.js';
import type { RecordCursor } from './cursor.js';
import { describeForeign } from './foreign-formats.js';
import { FILE_HEADER_LENGTH, isPcapMagic, isPcapVersionKnown, readPcapHeader } from './pcap-header.js';
import { PcapCursor } from './pcap-cursor.js';
import { isSectionHeader } from './pcapng-blocks.js';
import { PcapngCursor } from './pcapng-cursor.js';
import type { ByteSource } from './byte-source.js';
import { STANDARD_INPUT, openSource, type Compression } from './source/open-source.js';

/** Bytes looked at to tell what an input is; enough for a tar archive's signature. */
const HEAD_LENGTH = 512;

export interface OpenOptions {
  /** Gives the stream that the path `-` stands for; called at most once. */
  readonly standardInput: () => Readable;
}

export interface OpenedCapture {
  readonly cursor: RecordCursor;
  readonly compression: Compression;
}

/**
 * Opens the capture at `path` (`-` = standard input), which may be compressed. Throws PodtrailError if it cannot be read or
 * is no capture; damage further on is told by the cursor.
 */
export async function openCapture(path: string, options: OpenOptions): Promise<RecordCursor> {
  return (await openCaptureWithDetails(path, options)).cursor;
}

/** As openCapture(), and says how the input is compressed. */
export async function openCaptureWithDetails(path: string, options: OpenOptions): Promise<OpenedCapture> {
  const { source, compression } = await openSource(path, options.standardInput);
  try {
    return { cursor: await readerFor(source, path === STANDARD_INPUT ? 'standard input' : path), compression };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The reader for the uncompressed bytes of `source`; `name` is for error messages. */
export async function readerFor(source: ByteSource, name: string): Promise<RecordCursor> {
  const window = new ByteWindow(source);
  await window.fill(0, HEAD_LENGTH);
  const { view, end } = window;
  if (end >= 4 && isPcapMagic(view)) {
    if (end < FILE_HEADER_LENGTH) throw tooShort(name, window);
    const header = readPcapHeader(view);
    if (!isPcapVersionKnown(header)) {
      const version = `${header.majorVersion}.${header.minorVersion}`;
      throw new PodtrailError(
        'unknown-format',
        `${name}: this is a pcap file of version ${version}, which is not known`,
        {
          hint: 'podtrail reads version 2; was the file damaged in transfer?',
        },
      );
    }
    return new PcapCursor(window, header);
  }
  if (isSectionHeader(view, end)) return new PcapngCursor(window);
  if (window.failure !== null && end < HEAD_LENGTH) {
    throw new PodtrailError('damaged-capture', `${name}: ${describeError(window.failure)}`, { cause: window.failure });
  }
  if (end < 4) throw tooShort(name, window);
  const foreign = describeForeign(window.bytes.subarray(0, end));
  throw new PodtrailError('unknown-format', `${name}: this is ${foreign.name}, not a pcap or pcapng capture`, {
    hint: foreign.advice,
  });
}

function tooShort(name: string, window: ByteWindow): PodtrailError {
  if (window.failure !== null) {
    return new PodtrailError('damaged-capture', `${name}: ${describeError(window.failure)}`, { cause: window.failure });
  }
  if (window.end === 0) {
    return new PodtrailError('damaged-capture', `${name}: this file is empty`, {
      hint: 'even a capture without packets has a header; was tcpdump stopped before it wrote anything?',
    });
  }
  return new PodtrailError('damaged-capture', `${name}: the capture ends inside its header, at byte ${window.end}`, {
    hint: 'copy it again once tcpdump has been stopped',
  });
}
