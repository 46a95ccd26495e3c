/** What the gates say first of a run of jest that failed: names and reasons, in few lines. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failureLines, type JestResults } from '../tools/jest-failures.js';
import { repositoryRoot } from '../tools/shared.js';

/** As jest sees them: one file with two failures between much noise, one that does not load, one that passes. */
const FILES = {
  'noisy.test.js': `
    const noise = () => { for (let i = 0; i < 50; i++) console.log('noise ' + i); };
    describe('sums', () => {
      test('come out right', () => { noise(); expect(1 + 1).toBe(3); });
      test('are numbers', () => { noise(); throw new Error('one\\ntwo\\nthree\\nfour\\nfive\\nsix'); });
      test('exist', noise);
    });`,
  'broken.test.js': `require('./is-not-there.js');`,
  'fine.test.js': `test('passes', () => {});`,
};

let folder = '';
let results: JestResults;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'podtrail-gates-'));
  mkdirSync(join(folder, 'test'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, 'test', name), text);
  writeFileSync(join(folder, 'package.json'), '{}');
  const jest = join(repositoryRoot, 'node_modules/jest/bin/jest.js');
  const output = join(folder, 'results.json');
  spawnSync(process.execPath, [jest, '--rootDir', folder, '--json', `--outputFile=${output}`], { cwd: folder });
  results = JSON.parse(readFileSync(output, 'utf8')) as JestResults;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the lines on failing tests', () => {
  test('name each with the beginning of its message and its place', () => {
    const lines = failureLines(results, 60);
    const text = lines.join('\n');
    expect(lines.filter((line) => line.startsWith('✕')).sort()).toEqual([
      '✕ test/broken.test.js',
      '✕ test/noisy.test.js: sums are numbers',
      '✕ test/noisy.test.js: sums come out right',
    ]);
    expect(text).toContain('Expected: 3');
    expect(text).toContain('Received: 2');
    expect(text).toContain('Error: one\n    two\n');
    expect(text).toContain("Cannot find module './is-not-there.js'");
    expect(text).toMatch(/at .*noisy\.test\.js:4/);
    expect(text).not.toContain('noise 1');
    expect(text).not.toContain('fine.test.js');
  });

  test.each([60, 12, 6, 3, 2, 1])('are at most %i, and none is left out in silence', (most) => {
    const lines = failureLines(results, most);
    const named = lines.filter((line) => line.startsWith('✕')).length;
    expect(lines.length).toBeLessThanOrEqual(most);
    if (named < 3) expect(lines.at(-1)).toBe(`… and ${3 - named} more`);
  });

  test('are none where nothing failed', () => {
    const testResults = results.testResults.filter(({ name }) => name.endsWith('fine.test.js'));
    expect(failureLines({ testResults }, 60)).toEqual([]);
  });
});
