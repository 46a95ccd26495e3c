/**
 * The whole way from bytes to the report on damaged captures and random packets: no exception, and a report whose numbers agree
 * with each other; the same however the bytes arrive.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../tools/shared.js';
import { analyzeBytes, jsonOf } from './in-memory.js';
import { damagedCaptures } from './mutations.js';
import { packetCaptures } from './packets.js';
import { expectSound } from './soundness.js';
import { fuzzCaptures, PATIENCE_MILLISECONDS } from './time-box.js';

const PIECES = [1, 13, 400, 7];
const FEW_FLOWS = 5;

const folder = join(repositoryRoot, 'test/fuzz/regressions');
const regressions = existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'README.md') : [];

async function check(bytes: Uint8Array): Promise<void> {
  const result = await analyzeBytes(bytes);
  const json = await jsonOf(result);
  expectSound(json);
  for (const failure of result.failures) expect(failure).not.toMatch(/TypeError|RangeError|undefined|NaN/);
  expect(await jsonOf(await analyzeBytes(bytes, {}, PIECES))).toBe(json);
}

describe('analysis', () => {
  test(
    'of damaged captures',
    async () => {
      await fuzzCaptures('damaged captures', damagedCaptures, check);
    },
    PATIENCE_MILLISECONDS,
  );

  test(
    'of random packets',
    async () => {
      await fuzzCaptures('random packets', packetCaptures, check);
    },
    PATIENCE_MILLISECONDS,
  );

  test(
    'of random packets with a small flow limit',
    async () => {
      await fuzzCaptures('small flow limit', packetCaptures, async (bytes) => {
        expectSound(await jsonOf(await analyzeBytes(bytes, { maxFlows: FEW_FLOWS })));
      });
    },
    PATIENCE_MILLISECONDS,
  );

  test.each(['none', ...regressions])('of what failed once: %s', async (name) => {
    if (name !== 'none') await check(new Uint8Array(readFileSync(join(folder, name))));
  });
});
