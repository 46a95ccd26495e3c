/** Figures as people read them: SI units (1 kB is 1000 bytes), three digits that matter, never a locale. */
import { formatCount } from '../base/counted.js';

export { counted, formatCount } from '../base/counted.js';

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const COUNT_UNITS = ['', ' k', ' M', ' G', ' T'];
const MICROSECONDS_PER_SECOND = 1_000_000;
const SECONDS_PER_HOUR = 3600;
const SECONDS_PER_DAY = 86_400;
/** From here on three digits would round up to 1000 of the unit. */
const NEXT_UNIT = 999.5;

/** `812 B`, `12.4 kB`, `842 MB`. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, BYTE_UNITS, ' ');
}

/** `9,842` as it is, then `12.4 k`, `1.2 M`. */
export function formatShortCount(count: number): string {
  return count < 10_000 ? formatCount(count) : scaled(count, COUNT_UNITS, '');
}

/** `350 µs`, `12.4 ms`, `3.02 s`, `4 min 34 s`, `2 h 5 min`, `3 d 4 h`; from microseconds. */
export function formatDuration(microseconds: number): string {
  const sign = microseconds < 0 ? '−' : '';
  const amount = Math.abs(microseconds);
  if (amount < 1000) return `${sign}${Math.round(amount)} µs`;
  if (amount < MICROSECONDS_PER_SECOND) return `${sign}${threeDigits(amount / 1000)} ms`;
  if (amount < 60 * MICROSECONDS_PER_SECOND) return `${sign}${threeDigits(amount / MICROSECONDS_PER_SECOND)} s`;
  const seconds = Math.round(amount / MICROSECONDS_PER_SECOND);
  if (seconds < SECONDS_PER_HOUR) return sign + pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const hours = Math.floor(seconds / SECONDS_PER_HOUR);
  if (seconds < SECONDS_PER_DAY) return sign + pair(hours, 'h', Math.floor((seconds % SECONDS_PER_HOUR) / 60), 'min');
  return sign + pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** As `formatDuration`, but `3.4 µs` below ten. */
export function formatLatency(microseconds: number): string {
  const amount = Math.abs(microseconds);
  if (amount >= 9.95 || amount < 0.05) return formatDuration(amount < 0.05 ? 0 : microseconds);
  return `${microseconds < 0 ? '−' : ''}${amount.toFixed(1)} µs`;
}

/** `61 %`; what is there is never `0 %`, and what lacks something never `100 %`. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const percent = (part / whole) * 100;
  if (percent < 1) return '< 1 %';
  return `${part < whole ? Math.min(99, Math.round(percent)) : 100} %`;
}

function scaled(value: number, units: readonly string[], space: string): string {
  let amount = value;
  let unit = 0;
  while (amount >= NEXT_UNIT && unit + 1 < units.length) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 ? amount : threeDigits(amount)}${space}${units[unit] ?? ''}`;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function threeDigits(value: number): string {
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}
