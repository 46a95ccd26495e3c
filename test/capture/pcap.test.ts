/** Classic pcap: variants of the header and the record, and damage. Bytes are built by hand from the specification. */
import { describe, expect, test } from '@jest/globals';
import { readPieces, type ReadCapture } from './reading.js';

interface Variant {
  readonly magic?: number;
  readonly major?: number;
  readonly minor?: number;
  readonly snapLength?: number;
  readonly network?: number;
  readonly isLittleEndian?: boolean;
}

/** 32-bit words in the byte order of the variant, then raw bytes. */
function words(values: readonly number[], isLittleEndian: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  values.forEach((value, index) => view.setUint32(index * 4, value, isLittleEndian));
  return bytes;
}

function file(variant: Variant, ...records: readonly (readonly [header: readonly number[], data: string])[]): Buffer {
  const isLittleEndian = variant.isLittleEndian ?? true;
  const version = Buffer.alloc(4);
  const view = new DataView(version.buffer, version.byteOffset);
  view.setUint16(0, variant.major ?? 2, isLittleEndian);
  view.setUint16(2, variant.minor ?? 4, isLittleEndian);
  return Buffer.concat([
    words([variant.magic ?? 0xa1b2c3d4], isLittleEndian),
    version,
    words([0, 0, variant.snapLength ?? 65_535, variant.network ?? 1], isLittleEndian),
    ...records.map(([header, data]) => Buffer.concat([words(header, isLittleEndian), Buffer.from(data)])),
  ]);
}

function summary({ records }: ReadCapture): unknown[] {
  return records.map(({ seconds, nanoseconds, capturedLength, wireLength, bytes }) => [
    seconds,
    nanoseconds,
    capturedLength,
    wireLength,
    Buffer.from(bytes, 'hex').toString(),
  ]);
}

describe.each([true, false])('classic pcap, little-endian: %s', (isLittleEndian) => {
  test('microseconds', async () => {
    const read = await readPieces(file({ isLittleEndian }, [[7, 8, 3, 60], 'abc'], [[9, 999_999, 0, 0], '']));
    expect(read.cursor.format).toBe('pcap');
    expect(summary(read)).toEqual([
      [7, 8000, 3, 60, 'abc'],
      [9, 999_999_000, 0, 0, ''],
    ]);
    expect(read.cursor.interfaces[0]).toMatchObject({ ticksPerSecond: 1_000_000, snapLength: 65_535, name: null });
  });

  test('nanoseconds', async () => {
    const read = await readPieces(file({ magic: 0xa1b23c4d, isLittleEndian }, [[7, 999_999_999, 3, 3], 'abc']));
    expect(read.cursor.format).toBe('pcap (nanoseconds)');
    expect(summary(read)).toEqual([[7, 999_999_999, 3, 3, 'abc']]);
    expect(read.cursor.interfaces[0]).toMatchObject({ ticksPerSecond: 1_000_000_000 });
  });

  test('modified: record headers of 24 bytes', async () => {
    const records = [[7, 8, 3, 60, 2, 0x0800], 'abc'] as const;
    const read = await readPieces(file({ magic: 0xa1b2cd34, isLittleEndian }, records, records));
    expect(read.cursor.format).toBe('pcap (modified)');
    expect(summary(read)).toEqual([
      [7, 8000, 3, 60, 'abc'],
      [7, 8000, 3, 60, 'abc'],
    ]);
  });

  test('seconds beyond 2038', async () => {
    const read = await readPieces(file({ isLittleEndian }, [[0xffffffff, 1, 0, 0], '']));
    expect(summary(read)).toEqual([[0xffffffff, 1000, 0, 0, '']]);
  });
});

describe('the link type', () => {
  test('comes without the length of the frame check sequence', async () => {
    const { cursor } = await readPieces(file({ network: 0x54000001 }));
    expect(cursor.interfaces[0]!.linkType).toBe(1);
  });

  test('may be one that nobody knows', async () => {
    const { records } = await readPieces(file({ network: 4711 }, [[1, 1, 1, 1], 'x']));
    expect(records[0]!.linkType).toBe(4711);
  });
});

describe('old versions', () => {
  test.each([
    ['2.2: the length on the wire comes first', { minor: 2 }, 60, 3],
    ['2.3: the smaller one is the captured length', { minor: 3 }, 60, 3],
    ['2.3, in the other order', { minor: 3 }, 3, 60],
    ['543.0 of DG/UX: the length on the wire comes first', { major: 543, minor: 0 }, 60, 3],
    ['2.4: the captured length comes first', {}, 3, 60],
    ['2.17: likewise', { minor: 17 }, 3, 60],
  ])('%s', async (_name, version, first, second) => {
    const read = await readPieces(file(version, [[7, 8, first, second], 'abc']));
    expect(summary(read)).toEqual([[7, 8000, 3, 60, 'abc']]);
  });

  test('another major version is refused', async () => {
    await expect(readPieces(file({ major: 3 }))).rejects.toThrow(/pcap file of version 3\.4/);
  });
});

describe('damage', () => {
  const good = [[1, 1, 3, 3], 'abc'] as const;

  test.each([
    ['4 GiB', 0xffffffff, 65_535],
    ['a byte more than libpcap believes', 262_145, 65_535],
    ['more than the snapshot length allows', 300_001, 300_000],
    ['more than anything is believed, whatever the snapshot length', 262_145, 0xffffffff],
  ])('a captured length of %s ends the capture there', async (_name, length, snapLength) => {
    const read = await readPieces(file({ snapLength }, good, [[2, 2, length, length], 'rest'], good));
    expect(summary(read)).toEqual([[1, 1000, 3, 3, 'abc']]);
    expect(read.cursor.damage).toMatchObject({ offset: 24 + 19, isCutOff: false });
    expect(read.cursor.damage!.message).toContain(`${length} captured bytes`);
  });

  test('a large snapshot length is believed', async () => {
    const data = 'x'.repeat(2_000_000);
    const read = await readPieces(
      file({ snapLength: 2_000_000 }, [[1, 1, data.length, data.length], data], good),
      [65_536],
    );
    expect(read.records.map((record) => record.capturedLength)).toEqual([2_000_000, 3]);
    expect(read.cursor.damage).toBeNull();
  });

  test('a record may be longer than the snapshot length, and captured longer than it was', async () => {
    const read = await readPieces(file({ snapLength: 2 }, [[1, 1, 3, 1], 'abc']));
    expect(summary(read)).toEqual([[1, 1000, 3, 1, 'abc']]);
  });

  test('a length on the wire beyond 2^31 stays within int32', async () => {
    const read = await readPieces(file({}, [[1, 1, 3, 0xfffffff0], 'abc']));
    expect(read.records[0]!.wireLength).toBe(0x7fffffff);
  });

  test('a fraction of a second or more counts as none, and the file says so once', async () => {
    const read = await readPieces(file({}, [[5, 1_000_000, 1, 1], 'a'], [[6, 0x80000000, 1, 1], 'b'], good));
    expect(summary(read)).toEqual([
      [5, 0, 1, 1, 'a'],
      [6, 0, 1, 1, 'b'],
      [1, 1000, 3, 3, 'abc'],
    ]);
    expect(read.cursor.notes).toHaveLength(1);
    expect(read.cursor.damage).toBeNull();
  });

  test('a file that still grows is cut off, with the offset of its end', async () => {
    const bytes = file({}, good, good).subarray(0, 24 + 19 + 17);
    const { records, cursor } = await readPieces(bytes);
    expect(records).toHaveLength(1);
    expect(cursor.damage).toEqual({
      offset: 60,
      message: 'the capture ends inside a record (17 of at least 19 bytes are there)',
      isCutOff: true,
    });
  });

  test('nothing is read after close()', async () => {
    const { cursor } = await readPieces(file({}, good));
    expect(cursor.next()).toBe(false);
    expect(await cursor.fill()).toBe(false);
    await expect(cursor.close()).resolves.toBeUndefined();
  });
});
