/** dist/ as a user runs it: the commands of the page on the samples, and what a start loads. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ReportJson } from '../../src/index.js';
import { repositoryRoot } from '../tools/shared.js';
import { buildDist, podtrail, run } from './dist.js';

const scratch = mkdtempSync(join(tmpdir(), 'podtrail-smoke-'));
const inScratch = (name: string): string => join(scratch, name);
const readJson = (name: string): ReportJson => JSON.parse(readFileSync(inScratch(name), 'utf8'));

beforeAll(buildDist);
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

/**
 * TCP connections in each sample, as samples/README.md says (from the lab's ground truth). Rows whose server is a Service are
 * the first leg of a connection that is there with its pod, too.
 */
const SAMPLES = [
  ['pod-to-pod', 25],
  ['pod-churn', 9],
  ['wireguard', 8],
] as const;

describe.each(SAMPLES)('report on samples/%s', (sample, connections) => {
  const outputs = ['html', 'json', 'csv', 'ndjson', 'md'].map((format) => `${sample}.${format}`);

  beforeAll(() => {
    const options = outputs.flatMap((name) => ['-o', inScratch(name)]);
    const done = podtrail('report', `samples/${sample}/captures`, '-i', `samples/${sample}/inventory`, ...options);
    expect(done.stderr).not.toMatch(/ at .*\.js:\d+/);
    expect(done.status).toBe(0);
    expect(done.stdout).toBe('');
  });

  test('writes every format', () => {
    for (const name of outputs) expect(statSync(inScratch(name)).size).toBeGreaterThan(0);
  });

  test('finds the TCP connections that were made', () => {
    const { connections: rows } = readJson(`${sample}.json`);
    const made = rows.filter((row) => row.protocol === 'TCP' && row.server.owner.kind !== 'service');
    expect(made).toHaveLength(connections);
  });

  test('has as many records in each data format', () => {
    const { connections: rows } = readJson(`${sample}.json`);
    const lines = (name: string): number => readFileSync(inScratch(name), 'utf8').trimEnd().split(/\r?\n/).length;
    expect(lines(`${sample}.ndjson`)).toBe(rows.length);
    expect(lines(`${sample}.csv`)).toBe(rows.length + 1);
  });

  test('makes a page that asks nobody for anything', () => {
    const page = readFileSync(inScratch(`${sample}.html`), 'utf8');
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).toMatch(/http-equiv="Content-Security-Policy"/);
    expect(page).not.toMatch(/<(script|img|link|iframe)[^>]+(src|href)="(https?:)?\/\//i);
  });
});

test('the page of the bundle, its templates compiled and its DOM cut down, is the page of the sources', () => {
  const pages = [inScratch('bundle.html'), inScratch('sources.html')] as const;
  const report = ['report', 'samples/pod-churn/captures', '-i', 'samples/pod-churn/inventory', '-o'];
  expect(podtrail(...report, pages[0]).status).toBe(0);
  expect(run(process.execPath, ['test/tools/run-ts.js', 'src/cli/main.ts', ...report, pages[1]]).status).toBe(0);
  expect(readFileSync(pages[0], 'utf8')).toBe(readFileSync(pages[1], 'utf8'));
});

test('one worker or two, the document is the same', () => {
  const documentOf = (workers: string): string => {
    const output = inScratch(`workers-${workers}.json`);
    const done = podtrail(
      'report',
      'samples/pod-to-pod/captures',
      '-i',
      'samples/pod-to-pod/inventory',
      '--workers',
      workers,
      '-o',
      output,
    );
    expect(done.status).toBe(0);
    return readFileSync(output, 'utf8');
  };
  expect(documentOf('2').replaceAll(/"--?workers"|workers/g, '')).toBe(
    documentOf('1').replaceAll(/"--?workers"|workers/g, ''),
  );
});

test('a damaged capture costs exit code 3 and a sentence, not a stack trace; the rest is reported', () => {
  const whole = readFileSync(join(repositoryRoot, 'samples/pod-to-pod/captures/node-1.eth1.pcap'));
  writeFileSync(inScratch('cut.pcap'), whole.subarray(0, whole.length - 7));
  const done = podtrail('report', inScratch('cut.pcap'), '-o', inScratch('cut.json'));
  expect(done.status).toBe(3);
  expect(done.stderr).toContain('cut.pcap');
  expect(done.stderr).not.toMatch(/ at .*\.js:\d+/);
  expect(readJson('cut.json').totals.packets).toBe(240);
});

describe('what a start loads', () => {
  /** The entry and every chunk that it imports without being asked. */
  function staticChunks(entry: string): string[] {
    const found = new Set<string>();
    const visit = (name: string): void => {
      if (found.has(name)) return;
      found.add(name);
      const code = readFileSync(join(repositoryRoot, 'dist', name), 'utf8');
      for (const match of code.matchAll(/(?:^|;|\n)(?:import|export)(?:[^;'"()]*from)?\s*"\.\/([^"]+\.js)"/g))
        visit(match[1]!);
    };
    visit(entry);
    return [...found];
  }

  test('little: neither d3 nor templates nor YAML before a command needs them', () => {
    const chunks = staticChunks('podtrail.js');
    const bytes = chunks.reduce((sum, name) => sum + statSync(join(repositoryRoot, 'dist', name)).size, 0);
    expect(chunks.length).toBeGreaterThan(1);
    expect(bytes).toBeLessThan(100_000);
  });

  test('d3 and jsdom are loaded by nothing but the page', () => {
    const all = readdirSync(join(repositoryRoot, 'dist')).filter((name) => name.endsWith('.js'));
    const isHeavy = (name: string): boolean => statSync(join(repositoryRoot, 'dist', name)).size > 1_000_000;
    const heavy = all.filter((name) => staticChunks(name).some(isHeavy));
    expect(heavy).not.toEqual([]);
    expect(heavy.filter((name) => !/^(svg-surface|src)-/.test(name))).toEqual([]);
  });
});

test('--help and --version answer', () => {
  expect(podtrail('--help')).toMatchObject({ status: 0, stderr: '' });
  expect(podtrail('--version')).toMatchObject({ status: 0, stderr: '' });
});
