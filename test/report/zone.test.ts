import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TimeZone } from '../../src/report/zone.js';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];
const YEAR_2000 = 946_684_800;
const YEAR_2040 = 2_208_988_800;
const TEN_DAYS = 864_000;

/** What ICU says, by another way than the code under test: a formatted text in a locale that writes ISO dates. */
function icu(zone: string, seconds: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return format.format(seconds * 1000);
}

describe('TimeZone', () => {
  test('agrees with ICU at any moment of a capture in any zone, changes of the clock included', () => {
    const moment = fc.integer({ min: YEAR_2000, max: YEAR_2040 });
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        moment,
        fc.integer({ min: 0, max: TEN_DAYS }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (name, from, length, share) => {
          const zone = new TimeZone(name, from, from + length);
          const seconds = from + Math.floor(length * share);
          const { date, time } = zone.format(seconds, 0);
          expect(`${date} ${time}`).toBe(`${icu(name, seconds)}.000`);
        },
      ),
    );
  });

  test('finds the second at which the clock changes', () => {
    const change = Date.UTC(2026, 9, 25, 1) / 1000; // Europe: the last Sunday of October at 01:00 UTC
    const zone = new TimeZone('Europe/Berlin', change - 5000, change + 5000);
    expect(zone.format(change - 1, 999_999_999)).toEqual({ date: '2026-10-25', time: '02:59:59.999' });
    expect(zone.format(change, 0)).toEqual({ date: '2026-10-25', time: '02:00:00.000' });
    expect(zone.label(change - 1)).toBe('Europe/Berlin (UTC+02:00)');
    expect(zone.label(change)).toBe('Europe/Berlin (UTC+01:00)');
  });

  test('writes moments beyond all dates as seconds', () => {
    const zone = new TimeZone('Asia/Kolkata', 0, 2 ** 52);
    expect(zone.format(2 ** 52, 0)).toEqual({ date: '', time: `@${2 ** 52}` });
    expect(new TimeZone('UTC', 0, 0).formatTimestamp('@9007199254740991.000000001').time).toBe('@9007199254740991');
  });
});
