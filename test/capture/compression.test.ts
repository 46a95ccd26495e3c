/** Compressed captures: recognised by content, any number of parts, cut off, damaged, and made to exhaust memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PodtrailError } from '../../src/base/errors.js';
import { runChild } from './bundle.js';
import { packets, pcapBytes } from './generators.js';
import { readFile, readPieces, readStandardInput, type ReadCapture } from './reading.js';
import { STORED_BLOCK, block, frame, skippableFrame, storedFrame, zerosFrame } from './zstd-frames.js';

const shape = { linkType: 1, snapLength: 0, unit: 'nanoseconds', isLittleEndian: true } as const;
/** Large enough to fill many zstd blocks and pieces of gzip, and hard to compress. */
const large = pcapBytes(
  shape,
  Array.from({ length: 1500 }, (_, index) => {
    const data = Uint8Array.from({ length: 200 }, (_byte, at) => (index * 31 + at * at * (index | 1)) & 0xff);
    return { interfaceIndex: 0, seconds: index, nanoseconds: index, data, wireLength: 200 };
  }),
);

/**
 * 40 packets `packet N of a capture that zstd compresses …`, a second apart from 1700000000 on, compressed by
 * `zstd -19 --check` (1.5.4): Huffman-coded literals, sequences, a checksum.
 */
const BY_ZSTD = Buffer.from(
  'KLUv/WTfCBUOALYVUjsgszqAOsAAbkQiiERKLECfFBKSQAIrU+b4z/wTzLenGySRJBAFklJKKVOSrPaKVXnSxJNmnjTzzPc3GUYAQQBBADd/' +
    'KqekX/uph7TrrjTanKWgEQ15I4837sic7hailLyXsBRxZTjueiUp3kIxTNGFNCzHlZtIYsxxZGiO5iwqmqZJqsHZ8QlX55sRVGGsLb4xyHa/' +
    '8xRo90oDIti0XhCl6K61VptTthqo2XfMQsDva9gG6t/ml+1kK26RAXffy/oB4IytisaUA7kTh686u0rLy27sI7Dh5uuiDQO+1k10XPnrl/y0' +
    'dHUSoYW9vYqgFKh+6iBhQsV2f2iW26s7QhDecebAHViKNXyr1eodtMnct54hKz7/bDYn8EdhNX4ZmomL7/9yYtjaj+mRyP7/vqAITa0/zAy3' +
    'ru/igtFMv0ch6t3O4vHgrz18qBHgcIln2H8DwJXSGBILFIQAIljMCf/zA0AI66DqSQO1PcDVWRHoqBlBNipKBc8HWiRAdNQOB8H2hAlV4QOE' +
    'XFJgVcASQmwUgAFywkwATDOtv2AydWG3boAM2eZP/XHGzUgUI1SsSGEKGo4FS/tJKQJo8I+NGh2GMHA=',
  'base64',
);

let folder = '';
let expected: ReadCapture;
beforeAll(async () => {
  expected = await readPieces(large);
  folder = mkdtempSync(join(tmpdir(), 'podtrail-compression-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Some ways to compress bytes. */
const WAYS: readonly [string, (bytes: Uint8Array) => Uint8Array][] = [
  ['gzip', (bytes) => gzipSync(bytes)],
  ['gzip in members', (bytes) => Buffer.concat(thirds(bytes).map((third) => gzipSync(third)))],
  ['gzip with an empty member', (bytes) => Buffer.concat([gzipSync(''), gzipSync(bytes), gzipSync('')])],
  ['gzip padded with zeros', (bytes) => Buffer.concat([gzipSync(bytes), new Uint8Array(512)])],
  ['zstd', (bytes) => storedFrame(bytes)],
  ['zstd in small blocks', (bytes) => storedFrame(bytes, 300)],
  ['zstd in frames', (bytes) => Buffer.concat(thirds(bytes).map((third) => storedFrame(third)))],
  [
    'zstd with skippable frames',
    (bytes) =>
      Buffer.concat([
        skippableFrame(Uint8Array.of(1, 2, 3)),
        ...thirds(bytes).flatMap((third) => [storedFrame(third), skippableFrame(new Uint8Array(3000))]),
      ]),
  ],
];

function thirds(bytes: Uint8Array): Uint8Array[] {
  const third = Math.ceil(bytes.length / 3);
  return [bytes.subarray(0, third), bytes.subarray(third, 2 * third), bytes.subarray(2 * third)];
}

function inPieces(bytes: Uint8Array, size: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(Buffer.from(bytes.subarray(at, at + size)));
  return Readable.from(pieces, { objectMode: false });
}

describe('a compressed capture', () => {
  test.each(WAYS)('in a file: %s', async (name, compress) => {
    const { records, cursor } = await readFile(write(`${name}.pcap`, compress(large)));
    expect(cursor.damage).toBeNull();
    expect(records).toEqual(expected.records);
  });

  test.each(WAYS)('from standard input, byte by byte: %s', async (_name, compress) => {
    await fc.assert(
      fc.asyncProperty(packets(), fc.integer({ min: 1, max: 9 }), async (contents, size) => {
        const bytes = pcapBytes(shape, contents);
        const plain = await readPieces(bytes);
        const { records, cursor } = await readStandardInput(inPieces(compress(bytes), size));
        expect(cursor.damage).toBeNull();
        expect(records).toEqual(plain.records);
      }),
      { numRuns: 30 },
    );
  });

  test('as the zstd program writes it', async () => {
    const { records, cursor } = await readStandardInput(inPieces(BY_ZSTD, 100));
    expect(cursor.damage).toBeNull();
    expect(
      records.map(({ seconds, nanoseconds, bytes }) => [seconds, nanoseconds, Buffer.from(bytes, 'hex').toString()]),
    ).toEqual(
      Array.from({ length: 40 }, (_, index) => [
        1_700_000_000 + index,
        index * 1_000_000,
        `packet ${index} of a capture that zstd compresses ${(index * 7919) % 1000}`,
      ]),
    );
  });

  test.each(WAYS)('cut off: what came before is read, the rest is missed: %s', async (_name, compress) => {
    const compressed = compress(large);
    const lengths = [0.3, 0.6, 0.9].map((share) => Math.floor(compressed.length * share));
    for (const length of lengths) {
      const { records, cursor } = await readStandardInput(inPieces(compressed.subarray(0, length), 5000));
      expect(cursor.damage?.message ?? 'padding only').toMatch(/ends too early|padding only/);
      expect(records).toEqual(expected.records.slice(0, records.length));
      // Incompressible data: nearly all that was stored before the cut, less a zstd block.
      const stored = (length - STORED_BLOCK - 5000) / compressed.length;
      expect(records.length / expected.records.length).toBeGreaterThan(Math.min(stored, 0.95));
    }
  });

  test('cut off within gzip delivers all that was compressed before', async () => {
    const parts = Buffer.concat([gzipSync(large.subarray(0, 24 + 216 * 1000)), gzipSync(large).subarray(0, 20)]);
    const { records, cursor } = await readStandardInput(inPieces(parts, 4096));
    expect(records).toEqual(expected.records.slice(0, 1000));
    expect(cursor.damage?.message).toMatch(/the gzip data ends too early/);
  });

  /** A record takes about 126 bytes as compressed; a piece of 512 bytes, or a 256th of what was read, may be missed. */
  test.each([
    [100, 5],
    [1400, 7],
  ])('damaged within gzip behind record %i: at most the last %i are missed', async (whole, missed) => {
    const good = gzipSync(large.subarray(0, 24 + 216 * whole));
    const compressed = Buffer.concat([good, Buffer.from('this is no gzip member')]);
    const { records, cursor } = await readFile(write('damaged', compressed));
    expect(cursor.damage?.message).toMatch(/the gzip data is damaged/);
    expect(cursor.damage?.isCutOff).toBe(false);
    expect(records.length).toBeGreaterThanOrEqual(whole - missed);
    expect(records).toEqual(expected.records.slice(0, records.length));
  });

  test('survives any change to it', async () => {
    const sources = fc.constantFrom(
      BY_ZSTD,
      gzipSync(large.subarray(0, 5000)),
      storedFrame(large.subarray(0, 5000), 999),
    );
    const changes = fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(sources, changes, async (bytes, edits) => {
        const changed = Buffer.from(bytes);
        for (const { at, value } of edits) changed[at % changed.length] = value;
        try {
          await readStandardInput(inPieces(changed, 1000));
        } catch (error) {
          expect(error).toBeInstanceOf(PodtrailError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('compressed twice is told so', async () => {
    const error: unknown = await readFile(write('twice', gzipSync(gzipSync(large)))).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(/twice: this is gzip-compressed twice/);
  });
});

describe('zstd that is refused', () => {
  const refused: [string, Uint8Array, RegExp][] = [
    ['a window of 3.75 TB', frame([], 0xff), /MiB of history/],
    [
      'a window of 128 MiB, as zstd --long makes it',
      frame([], 0x88),
      /128 MiB of history, more than 32.*zstd -dc --long/,
    ],
    ['a dictionary', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1, 0x50, 7, 1, 0, 0), /needs a dictionary/],
    ['a reserved block type', frame([block(3, 5, new Uint8Array(5), true)]), /invalid block/],
    ['a block of 2 MiB', frame([block(1, 2_000_000, new Uint8Array(1), true)]), /invalid block/],
    ['a frame that is only a beginning', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), /ends too early/],
    // Compressed literals, then a Huffman tree whose weights are coded with one certain symbol: four bits 0 say 32 states, and
    // six bits 1 are the value 33, a probability of 32 in 32.
    [
      'weights that never end',
      frame([block(2, 14, Uint8Array.of(0x42, 0x80, 2, 7, 0xf0, 3, 1, 1, 1, 1, 1, 0, 0, 0), true)]),
      /invalid Huffman table/,
    ],
  ];

  test.each(refused)('%s', async (_name, bytes, message) => {
    const error: unknown = await readStandardInput(inPieces(bytes, 3)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PodtrailError);
    expect((error as Error).message).toMatch(message);
  });
});

describe('a bomb takes no more memory than any other capture', () => {
  const GIBIBYTE = 1024 * 1024 * 1024;
  const header = pcapBytes(shape, []);
  /** After 24 bytes of header, zeros are records without content, of 16 bytes each. */
  const RECORDS = GIBIBYTE / 16;
  const MOST_MEGABYTES = 300;

  function expectModest(path: string): void {
    const result = runChild('memory-child.ts', { args: [path] }) as { records: number; maxMegabytes: number };
    expect(result.records).toBe(RECORDS);
    expect(result.maxMegabytes).toBeLessThan(MOST_MEGABYTES);
  }

  test('gzip: 1 GiB of zeros in 1 MB', () => {
    const member = gzipSync(new Uint8Array(GIBIBYTE / 64));
    expectModest(write('bomb.gz', Buffer.concat([gzipSync(header), ...Array<Uint8Array>(64).fill(member)])));
  });

  test('zstd: 1 GiB of zeros in 32 kB', () => {
    expectModest(write('bomb.zst', Buffer.concat([storedFrame(header), zerosFrame(GIBIBYTE / (128 * 1024))])));
  });
});
