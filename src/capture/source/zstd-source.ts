/**
 * zstd (RFC 8878), any number of frames, skippable ones among them, decompressed by fzstd block by block: at most 128 KiB
 * wait at a time, and a frame that wants more history than fzstd reads right is refused. Content checksums are
 * not verified. Loaded only when an input is zstd-compressed.
 */
import { Decompress } from 'fzstd';
import { describeError } from '../../base/errors.js';
import type { ByteSource } from '../byte-source.js';
import { ByteWindow } from '../byte-window.js';
import {
  BLOCK_HEADER_LENGTH,
  LARGEST_WINDOW_SIZE,
  LEAST_FRAME_HEADER,
  SKIPPABLE_HEADER_LENGTH,
  frameHeaderLength,
  hasEndlessWeights,
  isSkippable,
  readBlockHeader,
  readFrameHeader,
} from './zstd-frame.js';

export class ZstdSource implements ByteSource {
  private readonly input: ByteWindow;
  /** First byte of `input` that is not consumed. */
  private at = 0;
  private decompressor: Decompress | null = null;
  /** Length of the frame header before the next block; 0 but for the first. */
  private headerLength = 0;
  /** Bytes from `at` on that fzstd has already. */
  private pushedLength = 0;
  private checksumLength = 0;
  /** The input ends behind the block that has been read last, though the frame does not. */
  private isCutOff = false;
  /** What fzstd has given and read() has not taken; fzstd may give two blocks at once where the first is tiny. */
  private readonly outputs: Uint8Array[] = [];
  private outputAt = 0;

  constructor(input: ByteSource) {
    this.input = new ByteWindow(input);
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    while (this.outputs.length === 0) {
      if (this.isCutOff) throw this.shortage();
      const isMore = this.decompressor === null ? await this.beginFrame() : await this.readBlock(this.decompressor);
      if (!isMore) return 0;
    }
    const output = this.outputs[0]!;
    const count = Math.min(length, output.length - this.outputAt);
    target.set(output.subarray(this.outputAt, this.outputAt + count), at);
    this.outputAt += count;
    if (this.outputAt === output.length) {
      this.outputs.shift();
      this.outputAt = 0;
    }
    return count;
  }

  consumedBytes(): number {
    return this.input.consumedBytes();
  }

  close(): Promise<void> {
    return this.input.close();
  }

  /** Reads a frame header or passes over a skippable frame; false at the end of the input. */
  private async beginFrame(): Promise<boolean> {
    if (!(await this.need(1))) return false;
    await this.require(LEAST_FRAME_HEADER);
    const view = this.input.view;
    if (isSkippable(view.getUint32(this.at, true))) {
      await this.skipFrame();
      return true;
    }
    const headerLength = frameHeaderLength(view, this.at);
    if (headerLength === null) throw new Error('the zstd data is damaged (no frame where one should begin)');
    await this.require(headerLength);
    const frame = readFrameHeader(this.input.view, this.at);
    if (frame.needsDictionary)
      throw new Error(
        'the zstd data needs a dictionary; decompress it on the way: zstd -dc -D DICTIONARY FILE | podtrail report -',
      );
    if (frame.windowSize > LARGEST_WINDOW_SIZE) {
      throw new Error(
        `the zstd data needs ${Math.ceil(frame.windowSize / 2 ** 20)} MiB of history, more than ${LARGEST_WINDOW_SIZE / 2 ** 20}; decompress it on the way: zstd -dc --long=31 FILE | podtrail report -`,
      );
    }
    this.headerLength = headerLength;
    this.checksumLength = frame.checksumLength;
    this.decompressor = new Decompress((data) => {
      if (data.length > 0) this.outputs.push(data);
    });
    return true;
  }

  private async skipFrame(): Promise<void> {
    await this.require(SKIPPABLE_HEADER_LENGTH);
    const length = SKIPPABLE_HEADER_LENGTH + this.input.view.getUint32(this.at + 4, true);
    const isThere = await this.input.skip(this.at, length);
    this.at = 0;
    if (!isThere) throw this.shortage();
  }

  private async readBlock(decompressor: Decompress): Promise<boolean> {
    const blockAt = this.headerLength;
    await this.require(blockAt + BLOCK_HEADER_LENGTH);
    const block = readBlockHeader(this.input.view, this.at + blockAt);
    if (block === null) throw new Error('the zstd data is damaged (invalid block)');
    const blockEnd = blockAt + BLOCK_HEADER_LENGTH + block.contentLength;
    // Of a block that is not the last, the next one's first byte goes along: fzstd 0.1.1 keeps a reference to every
    // piece that ends exactly where a block does, for as long as the frame lasts.
    let length = blockEnd + (block.isLast ? this.checksumLength : 1);
    if (!(await this.need(length))) {
      this.isCutOff = true;
      length = blockEnd;
      await this.require(length);
    }
    const { bytes } = this.input;
    if (hasEndlessWeights(bytes, this.at + blockAt, this.at + blockEnd)) {
      throw new Error('the zstd data is damaged (invalid Huffman table)');
    }
    // A copy: fzstd keeps what it cannot use yet, and the window moves.
    push(decompressor, bytes.slice(this.at + this.pushedLength, this.at + length), block.isLast && !this.isCutOff);
    this.pushedLength = length - blockEnd;
    this.at += blockEnd;
    this.headerLength = 0;
    if (block.isLast) this.endFrame();
    return true;
  }

  /** The checksum has gone with the last block. */
  private endFrame(): void {
    this.at += this.pushedLength;
    this.pushedLength = 0;
    this.decompressor = null;
  }

  /** Whether `count` bytes from `at` on are in the window, after reading on. */
  private async need(count: number): Promise<boolean> {
    if (this.at + count <= this.input.end) return true;
    const isThere = await this.input.fill(this.at, count);
    this.at = 0;
    return isThere;
  }

  private async require(count: number): Promise<void> {
    if (!(await this.need(count))) throw this.shortage();
  }

  private shortage(): Error {
    const { failure } = this.input;
    return failure instanceof Error ? failure : new Error('the zstd data ends too early');
  }
}

function push(decompressor: Decompress, bytes: Uint8Array, isLast: boolean): void {
  try {
    decompressor.push(bytes, isLast);
  } catch (error) {
    throw new Error(`the zstd data is damaged (${describeError(error)})`, { cause: error });
  }
}
