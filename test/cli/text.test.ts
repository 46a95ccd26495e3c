import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countColumns } from './column-count.js';
import { cutMiddle, plainText, textWidth, wrapText } from '../../src/cli/text.js';

const anything = fc.string({ unit: 'binary', maxLength: 60 });
const width = fc.integer({ min: 0, max: 40 });

describe('text for a terminal', () => {
  test.each([
    ['shop/web-0', 'shop/web-0'],
    ['a\u001b[31mb', 'a\ufffd[31mb'],
    ['a\tb\r\nc', 'a b c'],
    ['a\u202eb\u200dc', 'a\ufffdb\ufffdc'],
    ['cafe\u0301', 'café'],
    ['日本', '日本'],
    ['\ud800', '\ufffd'],
    ['😀', '\ufffd'],
  ])('%j becomes %j', (given, expected) => {
    expect(plainText(given)).toBe(expected);
  });

  test('has no character that a terminal obeys or joins', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(plainText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{M}\u{10000}-\u{10ffff}]/u);
      }),
      { numRuns: 1000 },
    );
  });

  test('is as wide as an independent count says, for every character there is', () => {
    const disputed: string[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      const plain = plainText(`a${String.fromCharCode(code)}b`);
      if (textWidth(plain) !== countColumns(plain)) disputed.push(code.toString(16));
    }
    expect(disputed).toEqual([]);
  });
});

describe('a name cut in the middle', () => {
  test.each([
    ['frontend-876d5c9f4b-xqfj5', 11, 'front…xqfj5'],
    ['shop/frontend-876d5c9f4b-xqfj5', 19, 'shop/frontend…xqfj5'],
    ['frontend', 8, 'frontend'],
    ['frontend', 7, 'fro…end'],
    ['frontend', 2, 'f…'],
    ['frontend', 1, '…'],
    ['frontend', 0, ''],
    ['日本語日本語', 7, '日本…語'],
  ])('%s in %d columns', (text, columns, expected) => {
    expect(cutMiddle(text, columns)).toBe(expected);
  });

  test('fits, and keeps both ends', () => {
    fc.assert(
      fc.property(anything.map(plainText), width, (text, columns) => {
        const cut = cutMiddle(text, columns);
        expect(textWidth(cut)).toBeLessThanOrEqual(columns);
        const [head = '', tail = ''] = cut === text ? [text, text] : cut.split('…');
        expect(text.startsWith(head)).toBe(true);
        expect(text.endsWith(tail)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('wrapped text', () => {
  test('breaks at spaces', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapText('', 7)).toEqual([]);
    expect(wrapText('it took 12\u00a0s', 10)).toEqual(['it took', '12\u00a0s']);
    expect(wrapText('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
  });

  test('fits, and loses nothing but spaces', () => {
    fc.assert(
      fc.property(anything.map(plainText), fc.integer({ min: 2, max: 40 }), (text, columns) => {
        const lines = wrapText(text, columns);
        for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      }),
      { numRuns: 1000 },
    );
  });
});
