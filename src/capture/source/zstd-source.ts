/**
 * zstd (RFC 8878), any number of frames, skippable ones among them, decompressed by fzstd block by block: at most 128 KiB
 * wait at a time, and a frame that wants more history than the zstd command would give it is refused. Content checksums are
 * not verified. Loaded only when an input is zstd-compressed.
 */
import { Decompress } from 'fzstd';
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
  /** Bytes in front of the next block that belong to its push: the frame header before the first one. */
  private headerLength = 0;
  private checksumLength = 0;
  /** What fzstd has given and read() has not taken; fzstd may give two blocks at once where the first is tiny. */
  private readonly outputs: Uint8Array[] = [];
  private outputAt = 0;

  constructor(input: ByteSource) {
    this.input = new ByteWindow(input);
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    while (this.outputs.length === 0) {
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
    if (frame.needsDictionary) throw new Error('the zstd data needs a dictionary; decompress it on the way: zstd -dc');
    if (frame.windowSize > LARGEST_WINDOW_SIZE) {
      throw new Error(
        `the zstd data needs ${Math.ceil(frame.windowSize / 2 ** 20)} MiB of history, more than ${LARGEST_WINDOW_SIZE / 2 ** 20}; decompress it on the way: zstd -dc --long=31`,
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
    await this.require(this.headerLength + BLOCK_HEADER_LENGTH);
    const block = readBlockHeader(this.input.view, this.at + this.headerLength);
    if (block === null) throw new Error('the zstd data is damaged (invalid block)');
    const contentLength = this.headerLength + BLOCK_HEADER_LENGTH + block.contentLength;
    const length = contentLength + (block.isLast ? this.checksumLength : 0);
    await this.require(length);
    const end = this.at + length;
    if (hasEndlessWeights(this.input.bytes, this.at + this.headerLength, this.at + contentLength)) {
      throw new Error('the zstd data is damaged (invalid Huffman table)');
    }
    try {
      // A copy: fzstd keeps what it cannot use yet, and the window moves.
      decompressor.push(this.input.bytes.slice(this.at, end), block.isLast);
    } catch (error) {
      throw new Error(`the zstd data is damaged (${String((error as Error).message)})`, { cause: error });
    }
    this.at = end;
    this.headerLength = 0;
    if (block.isLast) this.decompressor = null;
    return true;
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
