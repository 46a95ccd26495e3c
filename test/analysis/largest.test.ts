/** The largest few of many: the same as sorting all of them and cutting off the rest. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { indexesOfLargest, leastOfLargest } from '../../src/analysis/largest.js';
import { compareText } from '../../src/base/compare-text.js';

describe('the largest few', () => {
  // Few values, so that there are ties.
  const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 });
  const counts = fc.integer({ min: 0, max: 45 });

  test('are those that sorting all would put first', () => {
    fc.assert(
      fc.property(sizes, counts, (values, count) => {
        const compare = (a: number, b: number): number => values[b]! - values[a]! || a - b;
        const expected = [...values.keys()].sort(compare).slice(0, count);
        expect(indexesOfLargest(Float64Array.from(values), count, compare)).toEqual(expected);
      }),
    );
  });

  test('all reach the least size, and those that exceed it are no more than asked for', () => {
    fc.assert(
      fc.property(sizes, counts, (values, count) => {
        const least = leastOfLargest(Float64Array.from(values), count);
        expect(values.filter((value) => value >= least).length).toBeGreaterThanOrEqual(Math.min(count, values.length));
        expect(values.filter((value) => value > least).length).toBeLessThanOrEqual(count);
      }),
    );
  });

  test('none and all', () => {
    expect(leastOfLargest(Float64Array.of(3, 1, 2), 0)).toBe(Infinity);
    expect(leastOfLargest(Float64Array.of(3, 1, 2), 3)).toBe(-Infinity);
    expect(leastOfLargest(Float64Array.of(3, 1, 2), 2)).toBe(2);
  });
});

test('text is compared by code unit', () => {
  expect(['b', 'a', 'Z', 'ä', 'a'].sort(compareText)).toEqual(['Z', 'a', 'a', 'b', 'ä']);
});
