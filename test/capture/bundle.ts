/** Runs a test's child script in a process of its own: bundled to plain JavaScript, without jest's machinery around it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { repositoryRoot } from '../tools/shared.js';

/** Standard output of `test/capture/<script>`, parsed as JSON. */
export function runChild(script: string, options: { nodeOptions?: string[]; args?: string[] } = {}): unknown {
  const scratch = mkdtempSync(join(tmpdir(), 'podtrail-capture-'));
  try {
    const bundle = join(scratch, 'child.mjs');
    buildSync({
      entryPoints: [join(repositoryRoot, 'test/capture', script)],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    const args = [...(options.nodeOptions ?? []), bundle, ...(options.args ?? [])];
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', env: {} }));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
