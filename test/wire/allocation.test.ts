/** A million packets are decoded without a single garbage collection. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { repositoryRoot } from '../tools/shared.js';

type Results = Readonly<Record<string, { readonly collections: number; readonly sum: number }>>;

async function measure(): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'podtrail-wire-'));
  try {
    const program = join(folder, 'decode-loop.mjs');
    await build({
      entryPoints: [join(repositoryRoot, 'test/wire/decode-loop.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
    });
    const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8', env: { PATH: '' } });
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('decoding a million packets', () => {
  test('collects no garbage', async () => {
    const results = await measure();
    expect(Object.keys(results)).toEqual(['tcp', 'vxlan', 'mixed', 'everything']);
    for (const [mix, { collections, sum }] of Object.entries(results)) {
      expect([mix, collections]).toEqual([mix, 0]);
      expect(sum).toBeGreaterThan(0);
    }
  });
});
