/**
 * Reads `--since` and `--until`: RFC 3339, a UTC time of day, or a duration before the capture's end.
 *
 * What is not written out is not guessed: a date without a time or a date-time without an offset is refused with an example,
 * because two readers would understand two moments.
 */
import { PodtrailError } from '../base/errors.js';
import { NANOSECONDS_PER_SECOND, compareTimestamps, parseTimestamp } from '../base/time.js';
import type { TimeBound } from '../analysis/request.js';

const TIME_OF_DAY = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d{1,9})?))?$/;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g;
const SECONDS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
};

/** The moment that the value of `option` means; a usage error if it means none. */
export function parseTimeBound(option: string, text: string): TimeBound {
  const timeOfDay = TIME_OF_DAY.exec(text);
  if (timeOfDay !== null) {
    const [, hours, minutes, seconds = '0'] = timeOfDay;
    return { kind: 'time-of-day', secondsOfDay: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) };
  }
  if (DURATION.test(text)) return { kind: 'before-end', nanoseconds: durationNanoseconds(text) };
  const time = parseTimestamp(text);
  if (time !== null) return { kind: 'absolute', time };
  throw new PodtrailError('usage', `${option} ${text}: this is not a time`, {
    hint: 'Write 2026-11-23T14:02:07Z, 14:02 or 14:02:07 (UTC, on the last day of the capture), or 10m, 90s, 2h (before its end).',
  });
}

/** Refuses a range that is empty whatever the captures hold. */
export function checkTimeRange(since: TimeBound | null, until: TimeBound | null): void {
  if (since === null || until === null) return;
  const empty =
    (since.kind === 'absolute' && until.kind === 'absolute' && compareTimestamps(since.time, until.time) > 0) ||
    (since.kind === 'time-of-day' && until.kind === 'time-of-day' && since.secondsOfDay > until.secondsOfDay) ||
    (since.kind === 'before-end' && until.kind === 'before-end' && since.nanoseconds < until.nanoseconds);
  if (empty) {
    throw new PodtrailError('usage', '--since is after --until: no connection can be in between', {
      hint: 'Exchange the two.',
    });
  }
}

function durationNanoseconds(text: string): number {
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    seconds += Number(amount) * (SECONDS_PER_UNIT[unit ?? ''] ?? 0);
  }
  return Math.round(seconds * NANOSECONDS_PER_SECOND);
}
