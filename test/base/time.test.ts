/** Timestamps as text: what is written can be read back, and what no calendar holds is refused. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatTimestamp, parseTimestamp } from '../../src/base/time.js';

describe('parseTimestamp', () => {
  test('reads what formatTimestamp writes, inside and outside the years 0 to 9999', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: -70_000_000_000, max: 260_000_000_000 }), fc.maxSafeInteger()),
        fc.nat(999_999_999),
        (seconds, nanoseconds) => {
          expect(parseTimestamp(formatTimestamp(seconds, nanoseconds))).toEqual({ seconds, nanoseconds });
        },
      ),
    );
  });

  test.each([
    ['2026-11-23T14:02:07.5Z', Date.UTC(2026, 10, 23, 14, 2, 7), 500_000_000],
    ['2026-11-23T14:02:07.123456789999+02:30', Date.UTC(2026, 10, 23, 11, 32, 7), 123_456_789],
    ['2026-11-23 14:02:07z', Date.UTC(2026, 10, 23, 14, 2, 7), 0],
    ['2024-02-29T23:59:59-01:00', Date.UTC(2024, 2, 1, 0, 59, 59), 0],
    ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29), 0],
    ['2026-12-31T00:00:00Z', Date.UTC(2026, 11, 31), 0],
  ])('reads %s', (text, milliseconds, nanoseconds) => {
    expect(parseTimestamp(text)).toEqual({ seconds: milliseconds / 1000, nanoseconds });
  });

  test.each([
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T23:59:59+02:00',
    '2026-06-31 00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:60:00Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '',
  ])('refuses %j: no such moment, or not told which', (text) => {
    expect(parseTimestamp(text)).toBeNull();
  });
});
