/**
 * Finds out by content what an input is, and gives the reader for it. What is no capture gets an error that names the format
 * and says what to do about it.
 */
import { PodtrailError, describeError } from '../base/errors.js';
import type { ByteSource } from './byte-source.js';
import { ByteWindow } from './byte-window.js';
import type { RecordCursor } from './cursor.js';
import { describeForeign } from './foreign-formats.js';
import { PcapCursor } from './pcap-cursor.js';
import { FILE_HEADER_LENGTH, isPcapMagic, isPcapVersionKnown, readPcapHeader, type PcapHeader } from './pcap-header.js';
import { isSectionHeader } from './pcapng-blocks.js';
import { PcapngCursor } from './pcapng-cursor.js';

/** Bytes looked at to tell what an input is; enough for a tar archive's signature. */
const HEAD_LENGTH = 512;
const MAGIC_LENGTH = 4;

/** The reader for the uncompressed bytes of `source`; `name` is what error messages call it. Throws PodtrailError if it is no capture. */
export async function readerFor(source: ByteSource, name: string): Promise<RecordCursor> {
  const window = new ByteWindow(source);
  await window.fill(0, HEAD_LENGTH);
  return readerOver(window, name);
}

/** As readerFor(), over a window that holds the first HEAD_LENGTH bytes of the input, or all if it has fewer. */
export function readerOver(window: ByteWindow, name: string): RecordCursor {
  const { view, end } = window;
  if (end >= MAGIC_LENGTH && isPcapMagic(view)) {
    if (end < FILE_HEADER_LENGTH) throw headerCutOff(window, name);
    const header = readPcapHeader(view);
    if (!isPcapVersionKnown(header)) throw unknownVersion(header, name);
    return new PcapCursor(window, header);
  }
  if (isSectionHeader(view, end)) return new PcapngCursor(window);
  if (window.failure !== null || end < MAGIC_LENGTH) throw headerCutOff(window, name);
  const foreign = describeForeign(window.bytes.subarray(0, end));
  return fail(`${name}: this is ${foreign.name}, not a pcap or pcapng capture`, foreign.advice);
}

function fail(message: string, hint: string): never {
  throw new PodtrailError('unknown-format', message, { hint });
}

function unknownVersion(header: PcapHeader, name: string): PodtrailError {
  const version = `${header.majorVersion}.${header.minorVersion}`;
  return new PodtrailError('unknown-format', `${name}: this is a pcap file of version ${version}, which is not known`, {
    hint: 'podtrail reads version 2; was the file damaged in transfer?',
  });
}

function headerCutOff(window: ByteWindow, name: string): PodtrailError {
  if (window.failure !== null) {
    return new PodtrailError('damaged-capture', `${name}: ${describeError(window.failure)}`, { cause: window.failure });
  }
  if (window.end === 0) {
    return new PodtrailError('damaged-capture', `${name}: nothing is in it`, {
      hint: 'even a capture without packets has a header; was it stopped before it wrote anything, or not copied whole?',
    });
  }
  return new PodtrailError(
    'damaged-capture',
    `${name}: it ends after ${window.end} bytes, inside the header of a capture`,
    {
      hint: 'copy it again once the capture has been stopped',
    },
  );
}
