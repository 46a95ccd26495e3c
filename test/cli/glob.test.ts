import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expandBraces, expandGlob, matchesName } from '../../src/cli/glob.js';
import { Bench } from './harness.js';

/** The same meaning, written as a regular expression: an oracle that is too slow for hostile patterns. */
function oracle(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const body = escaped.replace(/\*/g, '[^]*').replace(/\?/g, '[^]');
  return new RegExp(`^${pattern.startsWith('.') ? '' : '(?!\\.)'}${body}$`, 'u');
}

describe('a name', () => {
  test.each([
    ['*.pcap', 'a.pcap', true],
    ['*.pcap', 'a.pcap.gz', false],
    ['*.pcap*', 'a.pcap7', true],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['?.pcap', '.pcap', false],
    ['node-?.pcap', 'node-1.pcap', true],
    ['node-?.pcap', 'node-12.pcap', false],
    ['node-[12].pcap', 'node-2.pcap', true],
    ['node-[!12].pcap', 'node-2.pcap', false],
    ['node-[^12].pcap', 'node-3.pcap', true],
    ['node-[0-9].pcap', 'node-7.pcap', true],
    ['[a-].x', '-.x', true],
    ['[]].x', '].x', true],
    ['[.x', '[.x', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'aXb', false],
    ['', '', true],
    ['**', 'anything', true],
    ['?', '😀', true],
  ])('%s and %s: %s', (pattern, name, matches) => {
    expect(matchesName(pattern, name, false)).toBe(matches);
  });

  test('on Windows case does not matter and a backslash is not an escape', () => {
    expect(matchesName('*.PCAP', 'Node.pcap', true)).toBe(true);
    expect(matchesName('[A-Z].pcap', 'n.PCAP', true)).toBe(true);
  });

  test('stars and question marks mean what a regular expression means', () => {
    const text = fc.stringMatching(/^[ab.]{0,8}$/);
    fc.assert(
      fc.property(fc.stringMatching(/^[ab.*?]{0,8}$/), text, (pattern, name) => {
        expect(matchesName(pattern, name, false)).toBe(oracle(pattern).test(name));
      }),
      { numRuns: 2000 },
    );
  });

  test('every name matches itself, escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        const pattern = name.replace(/[*?[{\\]/g, '\\$&');
        expect(matchesName(pattern, name, false)).toBe(true);
      }),
    );
  });

  test('a hostile pattern is as cheap as any other', () => {
    // A regular expression would need more steps than there are atoms.
    expect(matchesName(`${'a*'.repeat(120)}b`, 'a'.repeat(250), false)).toBe(false);
  });
});

describe('braces', () => {
  test.each([
    ['a{b,c}d', ['abd', 'acd']],
    ['{a,b}{1,2}', ['a1', 'a2', 'b1', 'b2']],
    ['a{b,{c,d}e}', ['ab', 'ace', 'ade']],
    ['{a}', ['{a}']],
    ['{a,b', ['{a,b']],
    ['a\\{b,c}', ['a\\{b,c}']],
    ['{,x}', ['', 'x']],
  ])('%s', (pattern, expected) => {
    expect(expandBraces(pattern, false)).toEqual(expected);
  });

  test('many of them do not fill the memory', () => {
    expect(expandBraces('{a,b}'.repeat(64), false)).toEqual(['{a,b}'.repeat(64)]);
  });
});

describe('a pattern', () => {
  let bench: Bench;

  beforeEach(() => {
    bench = new Bench();
    for (const name of ['a.pcap', 'b.pcap', 'c.txt', '.h.pcap', 'deep/x/d.pcap', 'deep/e.pcap', 'odd/[1].pcap']) {
      mkdirSync(dirname(bench.path(name)), { recursive: true });
      writeFileSync(bench.path(name), '');
    }
    symlinkSync('..', bench.path('deep/loop'));
  });
  afterEach(() => {
    bench.remove();
  });

  const expand = (pattern: string, windows = false) => expandGlob(pattern, { windows, workingDirectory: bench.folder });

  test.each([
    ['*.pcap', ['a.pcap', 'b.pcap']],
    ['./*.pcap', ['./a.pcap', './b.pcap']],
    ['{b,a}.pcap', ['a.pcap', 'b.pcap']],
    ['deep/*.pcap', ['deep/e.pcap']],
    ['d*/?.pcap', ['deep/e.pcap']],
    ['**/*.pcap', ['a.pcap', 'b.pcap', 'deep/e.pcap', 'deep/x/d.pcap', 'odd/[1].pcap']],
    ['deep/**/d.pcap', ['deep/x/d.pcap']],
    ['odd/\\[*', ['odd/[1].pcap']],
    ['no/such/*', []],
    ['*.pcapng', []],
  ])('%s', async (pattern, expected) => {
    expect(await expand(pattern)).toEqual(expected);
  });

  test('an absolute pattern gives absolute names', async () => {
    expect(await expand(`${bench.folder}/*.txt`)).toEqual([`${bench.folder}/c.txt`]);
  });

  test('with backslashes on Windows', async () => {
    expect(await expand('d*', true)).toEqual(['deep']);
    expect(await expand('D*\\*.pcap', true)).toEqual(['deep\\e.pcap']);
    expect(await expand('*.PCAP', true)).toEqual(['a.pcap', 'b.pcap']);
  });
});
