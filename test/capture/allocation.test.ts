/** next() allocates nothing: a million records cause no garbage collection. Measured in a process of its own, in plain bundled code. */
import { expect, test } from '@jest/globals';
import { runChild } from './bundle.js';

const LEAST_RECORDS = 1_000_000;
/** Less than a byte for each; some ninety calls of fill() take half of it. */
const MOST_HEAP_GROWTH_BYTES = 512 * 1024;

interface Measurement {
  readonly name: string;
  readonly records: number;
  readonly collections: number;
  readonly heapGrowth: number;
}

test('a million records cause no garbage collection in any format', () => {
  const measurements = runChild('allocation-child.ts', {
    nodeOptions: ['--expose-gc', '--min-semi-space-size=16'],
  }) as Measurement[];
  expect(measurements).toHaveLength(5);
  for (const { name, records, collections, heapGrowth } of measurements) {
    expect({ name, collections }).toEqual({ name, collections: 0 });
    expect(records).toBeGreaterThanOrEqual(LEAST_RECORDS);
    expect(heapGrowth).toBeLessThan(MOST_HEAP_GROWTH_BYTES);
  }
});
