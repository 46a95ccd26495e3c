/** Facts about the repository itself: what stands at the top, what the lock file holds, which versions are pinned. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../tools/shared.js';

const readJson = (path: string): Record<string, never> => JSON.parse(readFileSync(join(repositoryRoot, path), 'utf8'));
const manifest = readJson('package.json') as unknown as {
  readonly dependencies?: object;
  readonly devDependencies: Record<string, string>;
  readonly scripts: Record<string, string>;
};

/** Files known to git, or null where this is not a git working tree (an unpacked archive). */
function trackedFiles(): string[] | null {
  const { status, stdout } = spawnSync('git', ['ls-files'], { cwd: repositoryRoot, encoding: 'utf8' });
  return status === 0 ? stdout.split('\n').filter((path) => path !== '') : null;
}

const tracked = trackedFiles();
const testTracked = tracked === null ? test.skip : test;

describe('package.json', () => {
  test('nothing is installed with the product: the bundle carries its packages', () => {
    expect(manifest.dependencies ?? {}).toEqual({});
  });

  test('no script runs at installation', () => {
    const atInstall = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(Object.keys(manifest.scripts).filter((name) => atInstall.includes(name))).toEqual([]);
  });

  test('scripts run on Windows too: no variables set in front, no shell builtins', () => {
    const offending = Object.entries(manifest.scripts).filter(([, command]) =>
      /^\w+=|\$\{?\w|\b(rm|cp|mv|export) /.test(command),
    );
    expect(offending).toEqual([]);
  });

  test.each(['typescript', 'dependency-cruiser'])('%s is pinned to one version', (name) => {
    expect(manifest.devDependencies[name]).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

describe('package-lock.json', () => {
  const lock = readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8');

  test('names no registry, so that everybody installs from their own', () => {
    expect(lock).not.toMatch(/"resolved"/);
    expect(lock).not.toMatch(/registry/);
  });

  test('has no package with an install script but those known to work without it', () => {
    const { packages } = JSON.parse(lock) as { packages: Record<string, { hasInstallScript?: boolean }> };
    const withScript = Object.entries(packages).flatMap(([path, entry]) =>
      entry.hasInstallScript === true ? [path] : [],
    );
    // esbuild only replaces its launcher by the binary; fsevents is for macOS and optional; unrs-resolver checks its binary;
    // @parcel/watcher (optional, for jest --watch) brings a binary of its own.
    expect(
      withScript.filter((path) => !/node_modules\/(esbuild|fsevents|unrs-resolver|@parcel\/watcher)$/.test(path)),
    ).toEqual([]);
  });
});

testTracked('the top level holds what the plan lists, and tool configuration', () => {
  const expected = new Set([
    ...['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE'],
    ...['src', 'templates', 'samples', 'test', '.ci'],
    ...['.gitattributes', '.gitignore', '.npmrc', '.prettierrc.json', '.prettierignore'],
    ...['jest.config.js', 'eslint.config.js', '.dependency-cruiser.js', 'knip.json', 'build.js'],
  ]);
  const top = new Set((tracked ?? []).map((path) => path.split('/')[0]!));
  expect([...top].filter((name) => !expected.has(name))).toEqual([]);
});

testTracked('no file names a path of a machine or a package registry', () => {
  const isText = (path: string): boolean =>
    /\.(ts|js|cjs|json|md|yaml|yml|hbs|css|sh)$|^\.ci\/|^\.npmrc$|LICENSE$/.test(path);
  const self = 'test/architecture/repository.test.ts';
  const pattern = /(^|[\s"'`(=])\/(work|root|farm|home\/\w+)\/|registry\.(npmjs|yarnpkg)|\/tmp\/bash_jobs/m;
  const offending = (tracked ?? [])
    .filter((path) => isText(path) && path !== self && existsSync(join(repositoryRoot, path)))
    .filter((path) => pattern.test(readFileSync(join(repositoryRoot, path), 'utf8')));
  expect(offending).toEqual([]);
});
