/** What `npm pack` makes, installed in an empty folder without a network: the program, its types and its schema. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../tools/shared.js';
import { buildDist, run } from './dist.js';

const npmIsThere = ((): boolean => {
  try {
    return run('npm', ['--version']).status === 0;
  } catch {
    return false;
  }
})();
const describeWithNpm = npmIsThere ? describe : describe.skip;
const MEGABYTE = 1_000_000;

const scratch = mkdtempSync(join(tmpdir(), 'podtrail-pack-'));
const home = join(scratch, 'home');
const installed = join(home, 'node_modules/podtrail');
let tarball = '';

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((path) => String(path).replaceAll('\\', '/'))
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

describeWithNpm('npm pack (needs npm)', () => {
  beforeAll(() => {
    buildDist();
    const packed = run('npm', ['pack', '--json', '--pack-destination', scratch]);
    if (packed.status !== 0) throw new Error(packed.stderr);
    tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '';
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), '{ "name": "home", "private": true, "type": "module" }');
    const install = run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(scratch, tarball)], home);
    if (install.status !== 0) throw new Error(install.stderr);
  });

  test('holds the bundle, the page and the licence, and nothing else', () => {
    const files = filesBelow(installed);
    expect(files.filter((path) => !/^dist\/|^(package\.json|README\.md|LICENSE)$/.test(path))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist/THIRD-PARTY-NOTICES.txt',
        'dist/document.schema.json',
        'dist/podtrail.js',
        'dist/types/index.d.ts',
      ]),
    );
    expect(files.some((path) => path.startsWith('dist/templates/'))).toBe(true);
    expect(statSync(join(scratch, tarball)).size).toBeLessThan(2 * MEGABYTE);
  });

  test('installs one package: there are no runtime dependencies', () => {
    const packages = readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(packages).toEqual(['podtrail']);
  });

  test('the command runs from the empty folder', () => {
    const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
    const command = join(home, 'node_modules/.bin', process.platform === 'win32' ? 'podtrail.cmd' : 'podtrail');
    const shown = run(command, ['--version'], home);
    expect(shown.stderr).toBe('');
    expect(shown.stdout.trim()).toContain(version);
    expect(shown.status).toBe(0);
  });

  test('its types describe a report to a strict program', () => {
    writeFileSync(
      join(home, 'reader.ts'),
      `import { DOCUMENT_FORMAT, type Connection, type ReportJson } from 'podtrail';
       export const servers = (report: ReportJson): string[] => report.connections.map((one: Connection) => one.server.address);
       export const isReport = (report: { format: string }): boolean => report.format === DOCUMENT_FORMAT;
       // @ts-expect-error a connection has no such member
       export const wrong = (one: Connection): unknown => one.nonsense;`,
    );
    const tsc = join(repositoryRoot, 'node_modules/typescript/lib/tsc.js');
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
    const compiled = run(process.execPath, [tsc, ...options, 'reader.ts'], home);
    expect(compiled.stdout).toBe('');
    expect(compiled.status).toBe(0);
  });

  test('its schema and its format are found by name', () => {
    const script = `import { readFileSync } from 'node:fs';
      import { DOCUMENT_FORMAT } from 'podtrail';
      const schema = JSON.parse(readFileSync(new URL(import.meta.resolve('podtrail/schema')), 'utf8'));
      console.log(JSON.stringify({ DOCUMENT_FORMAT, schema: schema.$schema }));`;
    const shown = run(process.execPath, ['--input-type=module', '--eval', script], home);
    expect(shown.stderr).toBe('');
    const { DOCUMENT_FORMAT, schema } = JSON.parse(shown.stdout);
    expect(DOCUMENT_FORMAT).toMatch(/^podtrail-report\/\d+$/);
    expect(schema).toMatch(/json-schema\.org/);
  });

  test('every bundled package has its notice', () => {
    const notices = readFileSync(join(installed, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const name of ['yargs', 'handlebars', 'd3-node', 'jsdom', 'csv-stringify', 'js-yaml', 'fzstd']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    }
  });
});
