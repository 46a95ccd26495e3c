/**
 * Readers on damaged captures: no exception but the refusal of the whole file, records inside the buffer, the same records and the
 * same complaint however the bytes arrive.
 */
import { describe, expect, test } from '@jest/globals';
import { PodtrailError } from '../../src/base/errors.js';
import { readPieces, type ReadCapture } from '../capture/reading.js';
import { damagedCaptures } from './mutations.js';
import { fuzzCaptures, PATIENCE_MILLISECONDS } from './time-box.js';

const PIECES: readonly (readonly number[])[] = [[7], [3, 1000, 16]];

/** All records and the end, or the sentence with which the file was refused. */
async function outcomeOf(bytes: Uint8Array, pieces: readonly number[]): Promise<unknown> {
  let capture: ReadCapture;
  try {
    capture = await readPieces(bytes, pieces);
  } catch (error) {
    if (!(error instanceof PodtrailError)) throw error;
    return error.message;
  }
  const { records, cursor } = capture;
  for (const record of records) {
    expect(record.bytes).toHaveLength(record.capturedLength * 2);
    expect(record.nanoseconds).toBeGreaterThanOrEqual(0);
    expect(record.nanoseconds).toBeLessThan(1_000_000_000);
    expect(cursor.interfaces[record.interfaceId]?.linkType).toBe(record.linkType);
  }
  if (cursor.damage !== null) expect(cursor.damage.offset).toBeLessThanOrEqual(bytes.length);
  return { records, damage: cursor.damage, interfaces: cursor.interfaces, notes: cursor.notes };
}

describe('readers', () => {
  test(
    'of damaged captures',
    async () => {
      await fuzzCaptures('readers', damagedCaptures, async (bytes) => {
        const whole = await outcomeOf(bytes, [bytes.length]);
        for (const pieces of PIECES) expect(await outcomeOf(bytes, pieces)).toEqual(whole);
      });
    },
    PATIENCE_MILLISECONDS,
  );
});
