/** Reads captures whole, for tests: every record copied out of its cursor. */
import type { Readable } from 'node:stream';
import type { ByteSource } from '../../src/capture/byte-source.js';
import type { RecordCursor } from '../../src/capture/cursor.js';
import { openCapture } from '../../src/capture/open.js';
import { readerFor } from '../../src/capture/recognition.js';

export interface ReadRecord {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly hasTime: number;
  readonly interfaceId: number;
  readonly linkType: number;
  readonly frameNumber: number;
  readonly wireLength: number;
  readonly capturedLength: number;
  /** Captured bytes, in hexadecimal. */
  readonly bytes: string;
}

export interface ReadCapture {
  readonly records: readonly ReadRecord[];
  readonly cursor: RecordCursor;
}

/** Standard input that must not be asked for. */
export const noStandardInput = {
  standardInput: (): Readable => {
    throw new Error('standard input was asked for');
  },
};

/** Reads the capture at `path` to its end and closes it. */
export async function readFile(path: string): Promise<ReadCapture> {
  return drain(await openCapture(path, noStandardInput));
}

/** Reads a stream as if it were standard input. */
export async function readStandardInput(stream: Readable): Promise<ReadCapture> {
  return drain(await openCapture('-', { standardInput: () => stream }));
}

/** Reads uncompressed bytes that arrive in pieces of the given sizes, over and over. */
export async function readPieces(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]): Promise<ReadCapture> {
  return drain(await readerFor(new PiecewiseSource(bytes, sizes), 'test'));
}

export async function drain(cursor: RecordCursor): Promise<ReadCapture> {
  const records: ReadRecord[] = [];
  do {
    while (cursor.next()) records.push(copyRecord(cursor));
  } while (await cursor.fill());
  await cursor.close();
  return { records, cursor };
}

function copyRecord(cursor: RecordCursor): ReadRecord {
  const { view, dataAt, capturedLength } = cursor;
  return {
    seconds: cursor.seconds,
    nanoseconds: cursor.nanoseconds,
    hasTime: cursor.hasTime,
    interfaceId: cursor.interfaceId,
    linkType: cursor.linkType,
    frameNumber: cursor.frameNumber,
    wireLength: cursor.wireLength,
    capturedLength,
    bytes: Buffer.from(view.buffer, view.byteOffset + dataAt, capturedLength).toString('hex'),
  };
}

class PiecewiseSource implements ByteSource {
  private readonly bytes: Uint8Array;
  private readonly sizes: readonly number[];
  private at = 0;
  private turn = 0;

  constructor(bytes: Uint8Array, sizes: readonly number[]) {
    this.bytes = bytes;
    this.sizes = sizes;
  }

  read(target: Uint8Array, at: number, length: number): Promise<number> {
    const size = Math.max(1, this.sizes[this.turn++ % this.sizes.length] ?? 1);
    const count = Math.min(size, length, this.bytes.length - this.at);
    target.set(this.bytes.subarray(this.at, this.at + count), at);
    this.at += count;
    return Promise.resolve(count);
  }

  consumedBytes(): number {
    return this.at;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
