/** next() allocates nothing: a million records cause no garbage collection. Measured in a process of its own, in plain bundled code. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { repositoryRoot } from '../tools/shared.js';

const LEAST_RECORDS = 1_000_000;
/** Less than a byte for each; some ninety calls of fill() take half of it. */
const MOST_HEAP_GROWTH_BYTES = 512 * 1024;

interface Measurement {
  readonly name: string;
  readonly records: number;
  readonly collections: number;
  readonly heapGrowth: number;
}

test('a million records cause no garbage collection in any format', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podtrail-allocation-'));
  try {
    const script = join(folder, 'child.mjs');
    buildSync({
      entryPoints: [join(repositoryRoot, 'test/capture/allocation-child.ts')],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    const output = execFileSync(process.execPath, ['--expose-gc', '--min-semi-space-size=16', script], {
      encoding: 'utf8',
      env: {},
    });
    const measurements = JSON.parse(output) as Measurement[];
    expect(measurements).toHaveLength(5);
    for (const { name, records, collections, heapGrowth } of measurements) {
      expect({ name, collections }).toEqual({ name, collections: 0 });
      expect(records).toBeGreaterThanOrEqual(LEAST_RECORDS);
      expect(heapGrowth).toBeLessThan(MOST_HEAP_GROWTH_BYTES);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
