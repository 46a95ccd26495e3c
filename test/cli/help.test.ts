/** The help text as a file to read in a review; `UPDATE_GOLDEN=1` writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { helpText } from '../../src/cli/help.js';
import { REPORT_OPTIONS } from '../../src/cli/options.js';

const GOLDEN = new URL('./help.golden.txt', import.meta.url);

describe('the help text', () => {
  test('is the golden one', () => {
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, helpText(80));
    expect(helpText(80)).toBe(readFileSync(GOLDEN, 'utf8'));
  });

  test.each([
    [1, 80],
    [80, 80],
    [93, 93],
    [100, 100],
    [400, 100],
  ])('on %d columns wraps at %d, but for commands to copy', (columns, width) => {
    const text = helpText(columns).split('\n');
    const examples = text.slice(text.indexOf('Examples:'), text.indexOf('Exit codes:'));
    for (const line of text.filter((other) => !examples.includes(other)))
      expect(line.length).toBeLessThanOrEqual(width);
    const widest = Math.max(...text.filter((other) => !examples.includes(other)).map((line) => line.length));
    expect(widest).toBeGreaterThan(width - 12);
  });

  test('has every option once, with its short form', () => {
    const text = helpText(100);
    for (const { name, alias } of REPORT_OPTIONS.flatMap(({ options }) => options)) {
      const lines = text.split('\n').filter((line) => new RegExp(`^ {2}(-., | {4})--${name}( |$)`).test(line));
      expect(lines).toHaveLength(1);
      expect(lines[0]?.startsWith(`  -${alias ?? ''}, `)).toBe(alias !== undefined);
    }
  });
});
