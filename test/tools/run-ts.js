/**
 * Runs a TypeScript program of the tests: `node test/tools/run-ts.js test/bench/bench.ts ARGUMENTS`.
 * Node 20 cannot strip types, so esbuild bundles the program (packages stay outside) into .cache/run-ts, which lies as deep
 * as test/tools, and it is imported from there.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inlineConstantsPlugin } from './build/inline-constants.js';

const [, self, program, ...rest] = process.argv;
if (program === undefined) {
  console.error('usage: node test/tools/run-ts.js PROGRAM.ts [ARGUMENT...]');
  process.exit(2);
}
const outfile = resolve('.cache/run-ts', `${program.replaceAll(/[^A-Za-z0-9]+/g, '-')}.mjs`);
await build({
  entryPoints: [program],
  outfile,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  // As build.js does it, so that benchmarks run the code that ships.
  minifySyntax: true,
  plugins: [inlineConstantsPlugin],
  logLevel: 'warning',
});
process.argv = [process.argv[0], self, ...rest];
await import(pathToFileURL(outfile).href);
