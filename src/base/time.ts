/**
 * Points in time to the nanosecond, without loss.
 *
 * A timestamp is a pair: whole seconds since 1970-01-01T00:00:00Z (an integral number, may be negative or far in the
 * future) and nanoseconds 0..999,999,999. One double cannot hold both (2^53 ns is 104 days), a BigInt allocates; so the hot
 * path and all columns keep the pair, and text or differences are made at the edge.
 */

export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export const NANOSECONDS_PER_SECOND = 1_000_000_000;
const MILLISECONDS_PER_SECOND = 1000;
const SECONDS_PER_DAY = 86_400;
const LATEST_YEAR_9999_SECONDS = 253_402_300_799;
const EARLIEST_YEAR_0_SECONDS = -62_167_219_200;

/** Negative, zero or positive as a is before, equal to or after b. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a.seconds - b.seconds || a.nanoseconds - b.nanoseconds;
}

/** Nanoseconds from a to b; exact while they are less than 104 days apart. */
export function nanosecondsBetween(a: Timestamp, b: Timestamp): number {
  return (b.seconds - a.seconds) * NANOSECONDS_PER_SECOND + (b.nanoseconds - a.nanoseconds);
}

/** The timestamp that lies `nanoseconds` (may be negative) after `a`. */
export function addNanoseconds(a: Timestamp, nanoseconds: number): Timestamp {
  const carried = Math.floor(nanoseconds / NANOSECONDS_PER_SECOND);
  const rest = a.nanoseconds + (nanoseconds - carried * NANOSECONDS_PER_SECOND);
  const overflow = Math.floor(rest / NANOSECONDS_PER_SECOND);
  return { seconds: a.seconds + carried + overflow, nanoseconds: rest - overflow * NANOSECONDS_PER_SECOND };
}

/** The date of the day that was formatted last: times to be formatted come in no order, but nearly always from one day. */
let lastDay = Number.NaN;
let lastDate = '';

/**
 * RFC 3339 in UTC with nine decimals: `2026-11-23T15:04:02.123456789Z`. Outside the years 0 to 9999, which RFC 3339
 * cannot write, the form is `@SECONDS.NNNNNNNNN` (seconds since 1970).
 */
export function formatTimestamp(seconds: number, nanoseconds: number): string {
  const fraction = nanoseconds.toString().padStart(9, '0');
  if (seconds > LATEST_YEAR_9999_SECONDS || seconds < EARLIEST_YEAR_0_SECONDS) return `@${seconds}.${fraction}`;
  const day = Math.floor(seconds / SECONDS_PER_DAY);
  if (day !== lastDay) {
    lastDay = day;
    lastDate = new Date(day * SECONDS_PER_DAY * MILLISECONDS_PER_SECOND).toISOString().slice(0, 10);
  }
  const minutes = Math.floor((seconds - day * SECONDS_PER_DAY) / 60);
  const second = seconds - day * SECONDS_PER_DAY - minutes * 60;
  return `${lastDate}T${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(second)}.${fraction}Z`;
}

function twoDigits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`;
}

const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|z|[+-]\d\d:\d\d)$/;
/** Every month has this many days. */
const SHORTEST_MONTH = 28;
const OUT_OF_RANGE = /^@(-?\d+)\.(\d{9})$/;

/** Reads RFC 3339 (any offset, up to nine decimals) and the `@SECONDS.N` form of formatTimestamp; null if it is neither. */
export function parseTimestamp(text: string): Timestamp | null {
  const plain = OUT_OF_RANGE.exec(text);
  if (plain !== null) return { seconds: Number(plain[1]), nanoseconds: Number(plain[2]) };
  const match = RFC3339.exec(text);
  if (match === null || !isCalendarDate(match[1]!)) return null;
  const milliseconds = Date.parse(`${match[1]}T${match[2]}${match[4]!.toUpperCase()}`);
  if (Number.isNaN(milliseconds)) return null;
  return {
    seconds: Math.floor(milliseconds / MILLISECONDS_PER_SECOND),
    nanoseconds: Number((match[3] ?? '').padEnd(9, '0')),
  };
}

/** False for 30 February and the like, which Date.parse takes for a day in the next month. */
function isCalendarDate(date: string): boolean {
  const day = Number(date.slice(-2));
  return day <= SHORTEST_MONTH || new Date(Date.parse(date)).getUTCDate() === day;
}
