/**
 * The blocks of pcapng that are rare: section headers, interface descriptions, interface statistics, and the options in
 * them (draft-ietf-opsawg-pcapng). Everything here may allocate. An option that does not fit ends the list of options: what
 * was read before it counts.
 *
 *     +------------+--------------+----------------------------+--------------+
 *     | block type | total length | body, padded to 32 bits    | total length |
 *     +------------+--------------+----------------------------+--------------+
 */
import type { CaptureInterface } from './interface.js';
import {
  BYTE_ORDER_MAGIC,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSOFFSET,
  IF_TSRESOL,
  ISB_IFDROP,
  ISB_IFRECV,
  ISB_OSDROP,
  OPTION_COMMENT,
  OPTION_END,
  SECTION_HEADER_BLOCK,
  SHB_HARDWARE,
  SHB_OS,
  SHB_USERAPPL,
  SWAPPED_BYTE_ORDER_MAGIC,
} from './pcapng-codes.js';
import { DEFAULT_RESOLUTION, TickClock } from './tick-clock.js';

/** Type, total length, and total length again. */
export const BLOCK_OVERHEAD = 12;
export const BODY = 8;

const SECTION_OPTIONS = BODY + 16;
const SECTION_MAJOR_VERSION = BODY + 4;
const SECTION_MINOR_VERSION = BODY + 6;
export const SECTION_HEADER_LENGTH = SECTION_OPTIONS + 4;

const INTERFACE_LINK_TYPE = BODY;
const INTERFACE_SNAP_LENGTH = BODY + 4;
const INTERFACE_OPTIONS = BODY + 8;
export const INTERFACE_DESCRIPTION_LENGTH = INTERFACE_OPTIONS + 4;

const STATISTICS_INTERFACE = BODY;
const STATISTICS_OPTIONS = BODY + 12;
export const INTERFACE_STATISTICS_LENGTH = STATISTICS_OPTIONS + 4;

const OPTION_HEADER_LENGTH = 4;
const TWO_32 = 0x1_0000_0000;
/** Notes and comments kept of one file, and of one interface; the rest of a hostile file's is dropped. */
const MOST_NOTES = 1000;
const MOST_COMMENTS = 100;

const utf8 = new TextDecoder();

/** Where an option's value lies in the view. */
type OptionVisitor = (code: number, at: number, length: number) => void;

/** Whether the first `length` bytes of `view` begin a section header block. */
export function isSectionHeader(view: DataView, length: number): boolean {
  if (length < BLOCK_OVERHEAD || view.getUint32(0) !== SECTION_HEADER_BLOCK) return false;
  const magic = view.getUint32(BODY);
  return magic === BYTE_ORDER_MAGIC || magic === SWAPPED_BYTE_ORDER_MAGIC;
}

/** Calls `visit` for each option in at..end-1; false if the last one does not fit. */
function visitOptions(view: DataView, at: number, end: number, isLittleEndian: boolean, visit: OptionVisitor): boolean {
  while (at + OPTION_HEADER_LENGTH <= end) {
    const code = view.getUint16(at, isLittleEndian);
    const length = view.getUint16(at + 2, isLittleEndian);
    if (code === OPTION_END) return true;
    const valueAt = at + OPTION_HEADER_LENGTH;
    if (valueAt + length > end) return false;
    visit(code, valueAt, length);
    at = valueAt + padded(length);
  }
  return true;
}

/** Rounded up to a multiple of four. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

/** Text of an option; some writers end it with NUL, which is not part of it. */
function optionText(view: DataView, at: number, length: number): string {
  return utf8.decode(new Uint8Array(view.buffer, view.byteOffset + at, length)).replace(/\0+$/, '');
}

function addNote(notes: string[], note: string): void {
  if (notes.length < MOST_NOTES) notes.push(note);
}

/** Whether this reader knows the version of the section whose header block starts at `at`. 1.2 is written by some tools and is 1.0. */
export function sectionVersionProblem(view: DataView, at: number, isLittleEndian: boolean): string | null {
  const major = view.getUint16(at + SECTION_MAJOR_VERSION, isLittleEndian);
  const minor = view.getUint16(at + SECTION_MINOR_VERSION, isLittleEndian);
  return major === 1 && (minor === 0 || minor === 2) ? null : `pcapng version ${major}.${minor} is not known`;
}

/** Adds what the section header block at..at+length-1 says of the file to `notes`. */
export function readSectionNotes(
  view: DataView,
  at: number,
  length: number,
  isLittleEndian: boolean,
  notes: string[],
): void {
  const isWhole = visitOptions(view, at + SECTION_OPTIONS, at + length - 4, isLittleEndian, (code, valueAt, size) => {
    if (code === OPTION_COMMENT) addNote(notes, `comment: ${optionText(view, valueAt, size)}`);
    else if (code === SHB_HARDWARE) addNote(notes, `hardware: ${optionText(view, valueAt, size)}`);
    else if (code === SHB_OS) addNote(notes, `operating system: ${optionText(view, valueAt, size)}`);
    else if (code === SHB_USERAPPL) addNote(notes, `application: ${optionText(view, valueAt, size)}`);
  });
  if (!isWhole) addNote(notes, 'a section header has an option that does not fit; it and those after it are not read');
}

/** An interface with the clock that its packets' timestamps need. */
export interface DescribedInterface {
  readonly description: CaptureInterface;
  readonly clock: TickClock;
}

/** Reads the interface description block at..at+length-1. */
export function readInterfaceDescription(
  view: DataView,
  at: number,
  length: number,
  isLittleEndian: boolean,
  place: { readonly section: number; readonly index: number },
  notes: string[],
): DescribedInterface {
  let name: string | null = null;
  let description: string | null = null;
  let resolution = DEFAULT_RESOLUTION;
  let offsetSeconds = 0;
  const comments: string[] = [];
  const isWhole = visitOptions(view, at + INTERFACE_OPTIONS, at + length - 4, isLittleEndian, (code, valueAt, size) => {
    if (code === OPTION_COMMENT) addComment(comments, optionText(view, valueAt, size));
    else if (code === IF_NAME) name = optionText(view, valueAt, size);
    else if (code === IF_DESCRIPTION) description = optionText(view, valueAt, size);
    else if (code === IF_TSRESOL && size >= 1) resolution = view.getUint8(valueAt);
    else if (code === IF_TSOFFSET && size >= 8) offsetSeconds = readSigned64(view, valueAt, isLittleEndian);
  });
  if (!isWhole) {
    addNote(
      notes,
      `interface ${place.index} of section ${place.section} has an option that does not fit; it and those after it are not read`,
    );
  }
  const clock = new TickClock(resolution, offsetSeconds);
  return {
    description: {
      section: place.section,
      index: place.index,
      name,
      description,
      linkType: view.getUint16(at + INTERFACE_LINK_TYPE, isLittleEndian),
      snapLength: view.getUint32(at + INTERFACE_SNAP_LENGTH, isLittleEndian),
      ticksPerSecond: clock.ticksPerSecond,
      offsetSeconds,
      comments,
      receivedPackets: null,
      droppedPackets: null,
    },
    clock,
  };
}

/** What an interface statistics block says; counters are null where it does not. */
export interface InterfaceStatistics {
  /** Index of the interface in its section. */
  readonly index: number;
  readonly receivedPackets: number | null;
  /** Dropped by the interface and by the operating system. */
  readonly droppedPackets: number | null;
  readonly comments: readonly string[];
}

/** Reads the interface statistics block at..at+length-1. */
export function readInterfaceStatistics(
  view: DataView,
  at: number,
  length: number,
  isLittleEndian: boolean,
): InterfaceStatistics {
  let receivedPackets: number | null = null;
  let droppedPackets: number | null = null;
  const comments: string[] = [];
  visitOptions(view, at + STATISTICS_OPTIONS, at + length - 4, isLittleEndian, (code, valueAt, size) => {
    if (code === OPTION_COMMENT) addComment(comments, optionText(view, valueAt, size));
    if (size !== 8) return;
    if (code === ISB_IFRECV) receivedPackets = readUnsigned64(view, valueAt, isLittleEndian);
    else if (code === ISB_IFDROP || code === ISB_OSDROP) {
      droppedPackets = (droppedPackets ?? 0) + readUnsigned64(view, valueAt, isLittleEndian);
    }
  });
  const index = view.getUint32(at + STATISTICS_INTERFACE, isLittleEndian);
  return { index, receivedPackets, droppedPackets, comments };
}

/** Adds to an interface's comments, up to a bound. */
export function addComment(comments: string[], comment: string): void {
  if (comments.length < MOST_COMMENTS) comments.push(comment);
}

/** Exact up to 2^53. */
function readUnsigned64(view: DataView, at: number, isLittleEndian: boolean): number {
  const high = view.getUint32(at + (isLittleEndian ? 4 : 0), isLittleEndian);
  const low = view.getUint32(at + (isLittleEndian ? 0 : 4), isLittleEndian);
  return high * TWO_32 + low;
}

function readSigned64(view: DataView, at: number, isLittleEndian: boolean): number {
  return Number(view.getBigInt64(at, isLittleEndian));
}
