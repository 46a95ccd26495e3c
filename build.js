/**
 * Builds dist/, which is what ships: an ESM bundle with everything in it, so that an installation has no dependencies.
 *
 *   node build.js               everything: bundle, types, schema, templates, notices
 *   node build.js --if-stale    nothing if dist/ is newer than all it is made from (`npm start`)
 *
 * Code is split where the sources import lazily: a run that writes CSV never reads the half second of d3 and jsdom. All chunks
 * stand in one folder, so that paths relative to `import.meta.url` mean the same in a chunk as in the entry.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lightDom, lightStringWidth, withoutSyncRequests } from './test/tools/build/bundle-plugins.js';
import { inlineConstantsPlugin } from './test/tools/build/inline-constants.js';
import { precompiledPage } from './test/tools/build/precompiled-page.js';
import { thirdPartyNotices } from './test/tools/build/notices.js';

const DIST = 'dist';
const FRESH = `.cache/dist-${process.pid}`;
const SOURCES = [
  'src',
  'templates',
  'test/tools/build',
  'build.js',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];
const SCHEMA = 'src/model/document.schema.json';

const ENTRIES = { podtrail: 'src/cli/main.ts', index: 'src/index.ts' };

/** Worker threads load a file of their own, by its name beside the chunk that starts them. */
function workerEntries() {
  const paths = readdirSync('src', { recursive: true }).map((path) => path.replaceAll('\\', '/'));
  const workers = paths.filter((path) => /(^|[/-])worker\.ts$/.test(path));
  return Object.fromEntries(workers.map((path) => [basename(path, '.ts'), `src/${path}`]));
}

function newestChange(path) {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  const times = readdirSync(path, { recursive: true }).map((name) => statSync(join(path, name)).mtimeMs);
  return Math.max(statSync(path).mtimeMs, ...times);
}

function isFresh() {
  const stamp = `${DIST}/podtrail.js`;
  return existsSync(stamp) && statSync(stamp).mtimeMs >= Math.max(...SOURCES.map(newestChange));
}

async function bundle() {
  const { metafile } = await build({
    entryPoints: { ...ENTRIES, ...workerEntries() },
    outdir: FRESH,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    chunkNames: '[name]-[hash]',
    // CommonJS packages inside the bundle call require() for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    // Its CommonJS, which is what Node takes, has no names of its own when it is imported lazily from a bundle; this is the same as modules.
    alias: { yaml: './node_modules/yaml/browser/index.js' },
    // An optional drawing backend of jsdom: absent on purpose.
    external: ['canvas'],
    plugins: [precompiledPage, inlineConstantsPlugin, lightStringWidth, withoutSyncRequests, lightDom],
    legalComments: 'none',
    // Names stay, so that the stack of a defect can be read.
    minifyWhitespace: true,
    // Writes scalar constants where they are used, across modules.
    minifySyntax: true,
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** The declarations of what src/index.ts exports, for `import type { Connection } from 'podtrail'`. */
function emitTypes() {
  const tsc = fileURLToPath(import.meta.resolve('typescript/lib/tsc.js'));
  const options = [
    '--ignoreConfig',
    '--declaration',
    '--emitDeclarationOnly',
    '--outDir',
    `${FRESH}/types`,
    '--rootDir',
    'src',
  ];
  const language = ['--module', 'nodenext', '--target', 'es2022', '--strict', '--skipLibCheck', '--types', 'node'];
  const { status } = spawnSync(process.execPath, [tsc, ...options, ...language, ENTRIES.index], { stdio: 'inherit' });
  if (status !== 0) throw new Error('tsc could not write the declarations of src/index.ts.');
}

/** Makes the entry a program that a shell can start. */
function makeExecutable(path) {
  const code = readFileSync(path, 'utf8');
  if (!code.startsWith('#!')) writeFileSync(path, `#!/usr/bin/env node\n${code}`);
  chmodSync(path, 0o755);
}

async function buildAll() {
  mkdirSync(FRESH, { recursive: true });
  const metafile = await bundle();
  emitTypes();
  cpSync('templates', `${FRESH}/templates`, { recursive: true });
  cpSync(SCHEMA, `${FRESH}/${basename(SCHEMA)}`);
  writeFileSync(`${FRESH}/THIRD-PARTY-NOTICES.txt`, thirdPartyNotices(metafile));
  makeExecutable(`${FRESH}/podtrail.js`);
  replaceDist();
}

/** Whole or not at all: a build that fails leaves the one before it, and of two at the same time one stays. */
function replaceDist() {
  const old = `${FRESH}-old`;
  try {
    renameSync(DIST, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  try {
    renameSync(FRESH, DIST);
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
  for (const path of [old, FRESH]) rmSync(path, { recursive: true, force: true });
}

if (!(process.argv.includes('--if-stale') && isFresh())) {
  try {
    await buildAll();
  } catch (error) {
    // esbuild and tsc have printed the places; a stack of this file helps nobody.
    console.error(error.message);
    rmSync(FRESH, { recursive: true, force: true });
    process.exitCode = 1;
  }
}
