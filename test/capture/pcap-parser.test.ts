/**
 * The same packets as the npm package pcap-parser reads, for what it can read: classic pcap with microseconds and no damage
 * (it does not know the nanosecond and modified magics, and passes over truncated ends in silence).
 */
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packets, pcapBytes, pcapShape } from './generators.js';
import { readFile, readPieces, type ReadRecord } from './reading.js';

interface OraclePacket {
  readonly header: {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  };
  readonly data: Uint8Array;
}

const require = createRequire(import.meta.url);
const oracle = require('pcap-parser') as { parse: (stream: Readable) => NodeJS.EventEmitter };
const samples = join(dirname(require.resolve('pcap-parser')), '..', 'test');

/** What both readers say of a packet. */
interface Packet {
  readonly seconds: number;
  readonly microseconds: number;
  readonly capturedLength: number;
  readonly wireLength: number;
  readonly bytes: string;
}

async function readWithOracle(bytes: Uint8Array): Promise<Packet[]> {
  const read: Packet[] = [];
  const parser = oracle.parse(Readable.from([Buffer.from(bytes)], { objectMode: false }));
  parser.on('packet', ({ header, data }: OraclePacket) =>
    read.push({
      seconds: header.timestampSeconds,
      microseconds: header.timestampMicroseconds,
      capturedLength: header.capturedLength,
      wireLength: header.originalLength,
      bytes: Buffer.from(data).toString('hex'),
    }),
  );
  await once(parser, 'end');
  return read;
}

function comparable(record: ReadRecord): Packet {
  const { seconds, nanoseconds, capturedLength, wireLength, bytes } = record;
  return { seconds, microseconds: nanoseconds / 1000, capturedLength, wireLength, bytes };
}

describe('pcap-parser', () => {
  test('reads the same packets from generated captures', async () => {
    await fc.assert(
      fc.asyncProperty(pcapShape, packets(), async (shape, contents) => {
        const bytes = pcapBytes({ ...shape, unit: 'microseconds' }, contents);
        const { records } = await readPieces(bytes);
        expect(records.map(comparable)).toEqual(await readWithOracle(bytes));
      }),
    );
  });

  const names = readdirSync(samples).filter((name) => name.endsWith('.pcap') && !name.includes('malformed'));

  test.each(names)('reads the same packets from its sample %s', async (name) => {
    const { records, cursor } = await readFile(join(samples, name));
    const expected = await readWithOracle(readFileSync(join(samples, name)));
    expect(expected.length).toBeGreaterThan(0);
    expect(cursor.damage).toBeNull();
    expect(records.map(comparable)).toEqual(expected);
  });
});
