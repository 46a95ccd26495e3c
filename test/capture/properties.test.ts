/** What must hold of any capture, any cut, any chunking and any bytes. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PodtrailError } from '../../src/base/errors.js';
import { packets, pcapBytes, pcapShape, pcapngBytes, type GeneratedPacket } from './generators.js';
import { readPieces, type ReadCapture, type ReadRecord } from './reading.js';

const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
const pcap = fc.tuple(pcapShape, packets()).map(([shape, contents]) => pcapBytes(shape, contents));
const pcapng = fc
  .tuple(packets(2), fc.record({ isLittleEndian: fc.boolean(), hasOtherBlocks: fc.boolean() }))
  .map(([contents, options]) => pcapngBytes(contents, options));
const capture = fc.oneof(pcap, pcapng);

function expectedRecords(contents: readonly GeneratedPacket[], nanosecondsPerTick: number): object[] {
  return contents.map((packet) => ({
    seconds: packet.seconds,
    nanoseconds: packet.nanoseconds - (packet.nanoseconds % nanosecondsPerTick),
    hasTime: 1,
    interfaceId: packet.interfaceIndex,
    wireLength: packet.wireLength,
    capturedLength: packet.data.length,
    bytes: Buffer.from(packet.data).toString('hex'),
  }));
}

function withoutPlace({ frameNumber: _frame, linkType: _type, ...rest }: ReadRecord): object {
  return rest;
}

/** Reads what may be no capture at all; null if it is refused with an error for people. */
async function readAnything(bytes: Uint8Array, sizes?: readonly number[]): Promise<ReadCapture | null> {
  try {
    return await readPieces(bytes, sizes);
  } catch (error) {
    expect(error).toBeInstanceOf(PodtrailError);
    return null;
  }
}

describe('readers', () => {
  test('give back what was written as pcap', async () => {
    await fc.assert(
      fc.asyncProperty(pcapShape, packets(), async (shape, contents) => {
        const { records, cursor } = await readPieces(pcapBytes(shape, contents));
        expect(cursor.damage).toBeNull();
        expect(records.map(withoutPlace)).toEqual(expectedRecords(contents, shape.unit === 'nanoseconds' ? 1 : 1000));
        expect(cursor.interfaces).toMatchObject([{ linkType: shape.linkType, snapLength: shape.snapLength }]);
        expect(records.every((record) => record.linkType === shape.linkType)).toBe(true);
      }),
    );
  });

  test('give back what was written as pcapng', async () => {
    await fc.assert(
      fc.asyncProperty(packets(2), fc.boolean(), fc.boolean(), async (contents, isLittleEndian, hasOtherBlocks) => {
        const { records, cursor } = await readPieces(pcapngBytes(contents, { isLittleEndian, hasOtherBlocks }));
        expect(cursor.damage).toBeNull();
        expect(records.map(withoutPlace)).toEqual(expectedRecords(contents, 1));
        expect(cursor.interfaces.map(({ name, linkType }) => [name, linkType])).toEqual([
          ['eth0', 1],
          ['any', 276],
        ]);
      }),
    );
  });

  test('do not depend on how the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(capture, pieces, async (bytes, sizes) => {
        const whole = await readPieces(bytes);
        const pieced = await readPieces(bytes, sizes);
        expect(pieced.records).toEqual(whole.records);
        expect(pieced.cursor.interfaces).toEqual(whole.cursor.interfaces);
        expect(pieced.cursor.notes).toEqual(whole.cursor.notes);
      }),
    );
  });

  test('deliver a prefix, and say so, when the input is cut off anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(capture, fc.nat(), pieces, async (bytes, seed, sizes) => {
        const length = seed % bytes.length;
        const whole = await readPieces(bytes);
        const cut = await readAnything(bytes.subarray(0, length), sizes);
        if (cut === null) return; // within the header
        const { records, cursor } = cut;
        expect(records).toEqual(whole.records.slice(0, records.length));
        const isBetweenRecords = cursor.damage === null;
        if (isBetweenRecords) return;
        expect(cursor.damage).toMatchObject({ offset: length, isCutOff: true });
        // Not one byte more was needed: the record that is missing ends behind the cut.
        const longer = await readPieces(bytes.subarray(0, length + 1));
        expect(longer.records.length).toBeLessThanOrEqual(records.length + 1);
      }),
    );
  });

  test('find every cut that is not between two records', async () => {
    const contents = [
      { interfaceIndex: 0, seconds: 1, nanoseconds: 5000, data: Uint8Array.of(1, 2, 3), wireLength: 3 },
      { interfaceIndex: 0, seconds: 2, nanoseconds: 6000, data: new Uint8Array(8), wireLength: 8 },
    ];
    const shape = { linkType: 1, snapLength: 96, unit: 'microseconds', isLittleEndian: true } as const;
    const bytes = pcapBytes(shape, contents);
    const boundaries = new Map([
      [24, 0],
      [24 + 16 + 3, 1],
      [24 + 16 + 3 + 16 + 8, 2],
    ]);
    for (let length = 24; length <= bytes.length; length++) {
      const { records, cursor } = await readPieces(bytes.subarray(0, length));
      expect(cursor.damage === null).toBe(boundaries.has(length));
      if (cursor.damage === null) expect(records).toHaveLength(boundaries.get(length)!);
    }
  });

  test('survive any change to a capture: no exception, no endless loop, only bytes that are there', async () => {
    const changes = fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(capture, changes, pieces, async (bytes, edits, sizes) => {
        const changed = bytes.slice();
        for (const { at, value } of edits) changed[at % changed.length] = value;
        const read = await readAnything(changed, sizes);
        const captured = read?.records.reduce((sum, record) => sum + record.capturedLength, 0) ?? 0;
        expect(captured).toBeLessThanOrEqual(changed.length);
      }),
      { numRuns: 3000 },
    );
  });

  test('survive random bytes behind a good beginning', async () => {
    const beginnings = fc.constantFrom(
      pcapBytes({ linkType: 1, snapLength: 0, unit: 'microseconds', isLittleEndian: true }, []),
      pcapBytes({ linkType: 1, snapLength: 0, unit: 'nanoseconds', isLittleEndian: false }, []),
      pcapngBytes([], { isLittleEndian: true, hasOtherBlocks: false }),
      pcapngBytes([], { isLittleEndian: false, hasOtherBlocks: false }),
      new Uint8Array(0),
    );
    await fc.assert(
      fc.asyncProperty(beginnings, fc.uint8Array({ maxLength: 300 }), async (beginning, rest) => {
        const bytes = Buffer.concat([beginning, rest]);
        const read = await readAnything(bytes);
        if (read === null) return;
        const { damage } = read.cursor;
        if (damage !== null) expect(damage.offset).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});
