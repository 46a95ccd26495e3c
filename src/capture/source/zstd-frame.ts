/**
 * The framing of zstd (RFC 8878 section 3.1): enough of it to hand fzstd one block at a time and to refuse, before any
 * memory or time is spent, what it would choke on.
 *
 *     | magic | descriptor | window | dictionary id | content size | block … | checksum |
 *     block: last (1 bit), type (2 bits), size (21 bits), then the content
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DESCRIPTOR = 4;
/** Magic and descriptor: enough to know how long the header is; also magic and length of a skippable frame. */
export const LEAST_FRAME_HEADER = 5;
export const SKIPPABLE_HEADER_LENGTH = 8;
export const BLOCK_HEADER_LENGTH = 3;
const CHECKSUM_LENGTH = 4;
const LARGEST_BLOCK = 128 * 1024;

const RAW_BLOCK = 0;
const RLE_BLOCK = 1;
const COMPRESSED_BLOCK = 2;
const COMPRESSED_LITERALS = 2;

/**
 * fzstd 0.1.1 reads at most 25 bits of a distance right (from 26 on, the upper ones are lost where the bits do not begin a
 * byte), and moves the whole window for each block. This covers zstd up to level 20 without --long.
 */
export const LARGEST_WINDOW_SIZE = 32 * 1024 * 1024;

export interface ZstdFrame {
  readonly headerLength: number;
  /** Bytes of history that the decompressor must keep. */
  readonly windowSize: number;
  readonly needsDictionary: boolean;
  readonly checksumLength: number;
}

export interface ZstdBlock {
  readonly isLast: boolean;
  /** Bytes after the block header. */
  readonly contentLength: number;
}

/** Whether `magic` (little-endian) begins a skippable frame. */
export function isSkippable(magic: number): boolean {
  return (magic & ~0xf) === SKIPPABLE_MAGIC;
}

/** Length of the frame header that starts at `at`; null if none does. Needs LEAST_FRAME_HEADER bytes. */
export function frameHeaderLength(view: DataView, at: number): number | null {
  if (view.getUint32(at, true) !== MAGIC) return null;
  const descriptor = view.getUint8(at + DESCRIPTOR);
  return LEAST_FRAME_HEADER + windowLength(descriptor) + dictionaryLength(descriptor) + contentSizeLength(descriptor);
}

/** Reads a frame header that is whole. */
export function readFrameHeader(view: DataView, at: number): ZstdFrame {
  const descriptor = view.getUint8(at + DESCRIPTOR);
  const windowAt = at + LEAST_FRAME_HEADER;
  const dictionaryAt = windowAt + windowLength(descriptor);
  const contentSizeAt = dictionaryAt + dictionaryLength(descriptor);
  const headerLength = contentSizeAt + contentSizeLength(descriptor) - at;
  let windowSize = 0;
  if (windowLength(descriptor) === 0) {
    windowSize = contentSize(view, contentSizeAt, contentSizeLength(descriptor));
  } else {
    const base = 2 ** (10 + (view.getUint8(windowAt) >>> 3));
    windowSize = base + (base / 8) * (view.getUint8(windowAt) & 7);
  }
  return {
    headerLength,
    windowSize,
    needsDictionary: hasDictionary(view, dictionaryAt, dictionaryLength(descriptor)),
    checksumLength: (descriptor & 4) === 0 ? 0 : CHECKSUM_LENGTH,
  };
}

/** Reads a block header; null if no valid block starts at `at`. */
export function readBlockHeader(view: DataView, at: number): ZstdBlock | null {
  const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  const type = (header >>> 1) & 3;
  const size = header >>> 3;
  if (type > COMPRESSED_BLOCK || size > LARGEST_BLOCK || (type === COMPRESSED_BLOCK && size < 2)) return null;
  return { isLast: (header & 1) === 1, contentLength: type === RLE_BLOCK ? 1 : size };
}

/**
 * Whether the literals of the block at `at` (header included, whole up to `end`) come with Huffman weights coded so that one
 * symbol has all the probability. Reading those takes no bits, so it never ends in fzstd 0.1.1; zstd itself refuses them.
 */
export function hasEndlessWeights(bytes: Uint8Array, at: number, end: number): boolean {
  const contentAt = at + BLOCK_HEADER_LENGTH;
  const blockType = (byteAt(bytes, at, end) >>> 1) & 3;
  const literals = byteAt(bytes, contentAt, end);
  if (blockType === RAW_BLOCK || blockType === RLE_BLOCK || (literals & 3) !== COMPRESSED_LITERALS) return false;
  const sizeFormat = (literals >>> 2) & 3;
  const treeAt = contentAt + (sizeFormat < 2 ? 3 : sizeFormat + 2);
  if (byteAt(bytes, treeAt, end) >= 128) return false; // weights are written out, not coded
  return hasCertainSymbol(bytes, treeAt + 1, end);
}

/** Whether the FSE table description (RFC 8878 section 4.1.1) at `at` gives its first possible symbol all the probability. */
function hasCertainSymbol(bytes: Uint8Array, at: number, end: number): boolean {
  const tableSize = 1 << ((byteAt(bytes, at, end) & 15) + 5);
  const bits = Math.floor(Math.log2(tableSize + 1)) + 1;
  let position = at * 8 + 4;
  for (let symbol = 0; symbol < 256; symbol++) {
    const value = bitsAt(bytes, position, bits, end);
    const low = value & ((1 << (bits - 1)) - 1);
    const threshold = (1 << bits) - 1 - (tableSize + 1);
    const isShort = low < threshold;
    const coded = isShort ? low : value >= 1 << (bits - 1) ? value - threshold : value;
    position += isShort ? bits - 1 : bits;
    if (coded !== 1) return coded - 1 === tableSize;
    // Probability 0: two-bit counts of further symbols with probability 0 follow.
    for (let repeat = 3; repeat === 3; position += 2) {
      if (position >= end * 8) return false;
      repeat = bitsAt(bytes, position, 2, end);
    }
  }
  return false;
}

/** At most 16 bits from bit `position` on, least significant first; zeros behind the end, as fzstd reads them. */
function bitsAt(bytes: Uint8Array, position: number, count: number, end: number): number {
  const at = position >>> 3;
  const word = byteAt(bytes, at, end) | (byteAt(bytes, at + 1, end) << 8) | (byteAt(bytes, at + 2, end) << 16);
  return (word >>> (position & 7)) & ((1 << count) - 1);
}

function byteAt(bytes: Uint8Array, at: number, end: number): number {
  return at < end ? (bytes[at] ?? 0) : 0;
}

/** A frame that is one segment has no window descriptor: its window is its content. */
function windowLength(descriptor: number): number {
  return (descriptor & 0x20) === 0 ? 1 : 0;
}

function dictionaryLength(descriptor: number): number {
  const flag = descriptor & 3;
  return flag === 3 ? 4 : flag;
}

function contentSizeLength(descriptor: number): number {
  const flag = descriptor >>> 6;
  if (flag === 0) return windowLength(descriptor) === 0 ? 1 : 0;
  return 1 << flag;
}

function contentSize(view: DataView, at: number, length: number): number {
  if (length === 1) return view.getUint8(at);
  if (length === 2) return view.getUint16(at, true) + 256;
  const low = view.getUint32(at, true);
  return length === 4 ? low : view.getUint32(at + 4, true) * 2 ** 32 + low;
}

function hasDictionary(view: DataView, at: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    if (view.getUint8(at + index) !== 0) return true;
  }
  return false;
}
