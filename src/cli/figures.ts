/** Numbers, durations and times of day as people read them on a terminal. Units are SI: 1 kB is 1000 bytes. */

const STEP = 1000;
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const COUNT_UNITS = ['', ' k', ' M', ' G', ' T'];
const MILLISECONDS_PER_SECOND = 1000;
const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** `812 B`, `12.4 kB`, `842 MB`. */
export function bytesText(bytes: number): string {
  const [amount, unit] = scaled(bytes, BYTE_UNITS);
  return `${amount} ${unit}`;
}

/** `842`, `12.4 k`, `1.2 M`; whole numbers are written out up to 9999. */
export function countText(count: number): string {
  if (count < 10 * STEP && Number.isInteger(count)) return String(count);
  return scaled(count, COUNT_UNITS).join('');
}

/** `350 µs`, `12.4 ms`, `3.02 s`, `4 min 34 s`, `2 h 5 min`, `3 d 4 h`. */
export function durationText(nanoseconds: number): string {
  if (nanoseconds < NANOSECONDS_PER_MILLISECOND) return `${threeDigits(nanoseconds / 1000)} µs`;
  const milliseconds = nanoseconds / NANOSECONDS_PER_MILLISECOND;
  if (milliseconds < MILLISECONDS_PER_SECOND) return `${threeDigits(milliseconds)} ms`;
  const exactSeconds = milliseconds / MILLISECONDS_PER_SECOND;
  if (exactSeconds < 60) return `${threeDigits(exactSeconds)} s`;
  const seconds = Math.round(exactSeconds);
  if (seconds < 3600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86_400) return pair(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min');
  return pair(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h');
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function scaled(value: number, units: readonly string[]): [string, string] {
  let amount = value;
  let unit = 0;
  // 999.95 would be written as 1000.
  while (amount >= STEP - 0.5 && unit + 1 < units.length) {
    amount /= STEP;
    unit++;
  }
  return [unit === 0 ? String(amount) : threeDigits(amount), units[unit] ?? ''];
}

function threeDigits(value: number): string {
  const decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return value.toFixed(decimals).replace(/\.0+$/, '');
}
