import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatTimestamp } from '../../src/base/time.js';
import { checkTimeRange, parseTimeBound } from '../../src/cli/time-bound.js';
import { resolveTimeZone } from '../../src/cli/time-zone.js';

const bound = (text: string) => parseTimeBound('--since', text);

describe('a time bound', () => {
  test.each([
    ['14:02', 14 * 3600 + 2 * 60],
    ['4:02', 4 * 3600 + 2 * 60],
    ['00:00:00', 0],
    ['23:59:59.5', 86_399.5],
  ])('%s is a time of day', (text, secondsOfDay) => {
    expect(bound(text)).toEqual({ kind: 'time-of-day', secondsOfDay });
  });

  test.each([
    ['10m', 600e9],
    ['90s', 90e9],
    ['2h', 7200e9],
    ['1h30m', 5400e9],
    ['1.5s', 1.5e9],
    ['250ms', 250e6],
    ['1d', 86_400e9],
    ['3us', 3000],
    ['0s', 0],
  ])('%s is a duration before the end', (text, nanoseconds) => {
    expect(bound(text)).toEqual({ kind: 'before-end', nanoseconds });
  });

  test('RFC 3339 keeps its nanoseconds and its offset', () => {
    expect(bound('2026-11-23T16:02:07.123456789+02:00')).toEqual({
      kind: 'absolute',
      time: { seconds: Date.UTC(2026, 10, 23, 14, 2, 7) / 1000, nanoseconds: 123_456_789 },
    });
  });

  test.each([
    '',
    ' ',
    '24:00',
    '14:60',
    '14:02:60',
    '10',
    '10 m',
    '-10m',
    'm',
    '10x',
    'yesterday',
    '2026-11-23',
    '2026-11-23T14:02:07',
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '14:02Z',
    '1h 30m',
    '10m\n',
  ])('%j is refused with an example', (text) => {
    expect(() => bound(text)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('14:02') }),
    );
  });

  test('every moment of the years 0 to 9999 comes back as it was written', () => {
    const seconds = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (whole, nanoseconds) => {
        expect(bound(formatTimestamp(whole, nanoseconds))).toEqual({
          kind: 'absolute',
          time: { seconds: whole, nanoseconds },
        });
      }),
    );
  });

  test('every second of the day comes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_399 }), (secondsOfDay) => {
        const text = new Date(secondsOfDay * 1000).toISOString().slice(11, 19);
        expect(bound(text)).toEqual({ kind: 'time-of-day', secondsOfDay });
      }),
    );
  });

  test('a duration is the sum of its parts', () => {
    const part = fc.integer({ min: 0, max: 999 });
    fc.assert(
      fc.property(part, part, part, (hours, minutes, seconds) => {
        const total = (hours * 3600 + minutes * 60 + seconds) * 1e9;
        expect(bound(`${hours}h${minutes}m${seconds}s`)).toEqual({ kind: 'before-end', nanoseconds: total });
      }),
    );
  });

  test('whatever is written is understood or refused, never more', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9:.TZhmsd+-]{0,24}$/)), (text) => {
        try {
          expect(['absolute', 'time-of-day', 'before-end']).toContain(bound(text).kind);
        } catch (error) {
          expect(error).toMatchObject({ name: 'PodtrailError', code: 'usage' });
        }
      }),
    );
  });
});

describe('a time range', () => {
  const refused: [string, string][] = [
    ['5m', '10m'],
    ['14:03', '14:02'],
    ['2026-11-23T14:02:08Z', '2026-11-23T14:02:07.999999999Z'],
  ];
  test.each(refused)('from %s until %s is empty', (since, until) => {
    expect(() => checkTimeRange(bound(since), bound(until))).toThrow('--since is after --until');
  });

  const accepted: [string, string][] = [
    ['10m', '5m'],
    ['10m', '10m'],
    ['14:02', '14:03'],
    ['23:00', '2026-11-23T14:02:07Z'],
    ['2026-11-23T14:02:07Z', '2026-11-23T14:02:07.000000001Z'],
  ];
  test.each(accepted)('from %s until %s may hold connections', (since, until) => {
    expect(() => checkTimeRange(bound(since), bound(until))).not.toThrow();
  });

  test('an open range is never empty', () => {
    expect(() => checkTimeRange(null, bound('10m'))).not.toThrow();
    expect(() => checkTimeRange(bound('10m'), null)).not.toThrow();
  });
});

describe('a time zone', () => {
  const local = (): string => 'Asia/Tokyo';

  test.each([
    ['utc', 'UTC'],
    ['UTC', 'UTC'],
    ['local', 'Asia/Tokyo'],
    ['Europe/Berlin', 'Europe/Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
  ])('%s is %s', (name, zone) => {
    expect(resolveTimeZone(name, local)).toBe(zone);
  });

  test.each(['', 'Mars/Olympus', 'Europe/Berlin; rm -rf'])('%j is refused', (name) => {
    expect(() => resolveTimeZone(name, local)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
