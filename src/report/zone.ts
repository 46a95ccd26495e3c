/**
 * Moments as people read them: ISO dates and times of day in one time zone for the whole page.
 *
 * The zone becomes a short list of offsets over the time that the document covers, so that the page's script needs nothing but
 * additions, and so that nothing depends on the locale of the machine.
 */
import { parseTimestamp } from '../base/time.js';
import { PodtrailError } from '../base/errors.js';
import type { ReportSummary } from '../model/document.js';

const SECONDS_PER_DAY = 86_400;
/** No zone changes its offset twice within this many seconds. */
const SAMPLE_SECONDS = 7 * SECONDS_PER_DAY;
const MOST_SAMPLES = 600;
/** ECMAScript's Date ends here; a day less leaves room for the offset. */
const LAST_DATE_SECONDS = 8.64e12 - SECONDS_PER_DAY;

/** [first second for which it holds, seconds east of UTC]; the first entry holds for everything before as well. */
export type ZoneOffset = readonly [number, number];

export interface MomentText {
  /** `2026-11-23`; empty where there is no such date. */
  readonly date: string;
  /** `14:02:09.118`, or `@SECONDS` beyond all dates. */
  readonly time: string;
}

/** The zone over the time that a document covers. Throws a usage error if there is no such zone. */
export function zoneOf({ time }: ReportSummary, name: string): TimeZone {
  const [from, to] = [time?.start, time?.end].map((text) => parseTimestamp(text ?? '')?.seconds ?? 0);
  return new TimeZone(name, from ?? 0, to ?? 0);
}

export class TimeZone {
  /** `UTC`, `Europe/Berlin`. */
  readonly name: string;
  readonly offsets: readonly ZoneOffset[];

  /** For moments between the seconds `from` and `to`. Throws a usage error if there is no such zone. */
  constructor(name: string, from: number, to: number) {
    this.name = name;
    this.offsets = name === 'UTC' ? [[0, 0]] : offsetsBetween(offsetReader(name), from, to);
  }

  /** Seconds east of UTC at a moment. */
  offsetAt(seconds: number): number {
    let offset = 0;
    for (const [index, [since, value]] of this.offsets.entries()) if (index === 0 || seconds >= since) offset = value;
    return offset;
  }

  /** Date and time of day with milliseconds (cut, not rounded). */
  format(seconds: number, nanoseconds: number): MomentText {
    if (Math.abs(seconds) > LAST_DATE_SECONDS) return { date: '', time: `@${seconds}` };
    const text = new Date((seconds + this.offsetAt(seconds)) * 1000).toISOString();
    const at = text.indexOf('T');
    const milliseconds = String(Math.floor(nanoseconds / 1_000_000)).padStart(3, '0');
    return { date: text.slice(0, at), time: `${text.slice(at + 1, at + 9)}.${milliseconds}` };
  }

  /** The same of a timestamp of the document. */
  formatTimestamp(timestamp: string): MomentText {
    const moment = parseTimestamp(timestamp);
    return moment === null ? { date: '', time: timestamp } : this.format(moment.seconds, moment.nanoseconds);
  }

  /** `UTC`, `Europe/Berlin (UTC+01:00)`. */
  label(seconds: number): string {
    if (this.name === 'UTC') return 'UTC';
    const offset = this.offsetAt(seconds);
    const minutes = Math.round(Math.abs(offset) / 60);
    const digits = (value: number): string => String(value).padStart(2, '0');
    return `${this.name} (UTC${offset < 0 ? '−' : '+'}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)})`;
  }
}

type OffsetReader = (seconds: number) => number;

function offsetReader(name: string): OffsetReader {
  const format = partsFormat(name);
  return (seconds) => {
    const moment = new Date(Math.max(-LAST_DATE_SECONDS, Math.min(LAST_DATE_SECONDS, seconds)) * 1000);
    const parts = new Map(format.formatToParts(moment).map((part) => [part.type, Number(part.value)]));
    const at = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
    return Math.round(local / 1000) - Math.floor(moment.getTime() / 1000);
  };
}

function partsFormat(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric';
  try {
    // eslint-disable-next-line no-restricted-syntax -- the locale and every field are fixed; only the zone's rules are wanted
    return new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
    });
  } catch (cause) {
    throw new PodtrailError('usage', `${timeZone}: there is no such time zone`, {
      hint: 'Write UTC or a name such as Europe/Berlin.',
      cause,
    });
  }
}

function offsetsBetween(read: OffsetReader, from: number, to: number): ZoneOffset[] {
  const offsets: ZoneOffset[] = [[from, read(from)]];
  const step = Math.max(SAMPLE_SECONDS, (to - from) / MOST_SAMPLES);
  for (let low = from; low < to; low += step) {
    const high = Math.min(low + step, to);
    if (read(low) !== read(high)) offsets.push([changeBetween(read, low, high), read(high)]);
  }
  return offsets;
}

/** The first second with the offset of `high`, by bisection. */
function changeBetween(read: OffsetReader, low: number, high: number): number {
  const before = read(low);
  let [left, right] = [Math.floor(low), Math.ceil(high)];
  while (right - left > 1) {
    const middle = Math.floor((left + right) / 2);
    if (read(middle) === before) left = middle;
    else right = middle;
  }
  return right;
}
