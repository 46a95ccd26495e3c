/**
 * Fuzzing within a time box: as many random inputs as fit, the seed printed, the input that failed kept in a file.
 *
 *     PODTRAIL_FUZZ_MS=600000 npm run test:unit -- test/fuzz       longer than the usual few seconds
 *     PODTRAIL_FUZZ_SEED=12345 npm run test:unit -- test/fuzz      once more what a run did
 *
 * A capture that failed is written to .cache/fuzz, and belongs into test/fuzz/regressions once what it found is mended: every file
 * there is analysed by each run.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { repositoryRoot } from '../tools/shared.js';

const MILLISECONDS = Number(process.env['PODTRAIL_FUZZ_MS'] ?? 5000);
/** For jest: the box, and time to make a failing input small. */
export const PATIENCE_MILLISECONDS = MILLISECONDS * 2 + 60_000;
const AT_MOST = 1_000_000_000;

function seedOf(): number {
  const given = process.env['PODTRAIL_FUZZ_SEED'];
  return given === undefined ? Date.now() & 0x7fffffff : Number(given);
}

/** Checks captures until the time is over. `check` rejects where something is wrong. */
export async function fuzzCaptures(
  name: string,
  captures: fc.Arbitrary<Uint8Array>,
  check: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const seed = seedOf();
  let runs = 0;
  let smallest: Uint8Array | null = null;
  const property = fc.asyncProperty(captures, async (bytes) => {
    runs++;
    try {
      await check(bytes);
    } catch (error) {
      if (smallest === null || bytes.length <= smallest.length) smallest = bytes;
      throw error;
    }
  });
  try {
    await fc.assert(property, {
      seed,
      numRuns: AT_MOST,
      interruptAfterTimeLimit: MILLISECONDS,
      markInterruptAsFailure: false,
    });
  } finally {
    const kept = smallest === null ? '' : `; the input that failed is in ${keep(name, smallest)}`;
    process.stdout.write(`fuzz ${name}: seed ${seed}, ${runs} runs${kept}\n`);
  }
}

function keep(name: string, bytes: Uint8Array): string {
  const folder = join(repositoryRoot, '.cache/fuzz');
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const path = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}-${digest}`);
  writeFileSync(path, bytes);
  return path;
}
