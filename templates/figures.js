/** Figures as people read them, the same as src/report/figures.ts (a test holds them together), and text made fit for markup. */

export const MICROSECONDS = 1_000_000;
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function threeDigits(value) {
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}

/** `812 B`, `12.4 kB`, `842 MB`; 1 kB is 1000 bytes. */
export function formatBytes(bytes) {
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit + 1 < BYTE_UNITS.length) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 ? amount : threeDigits(amount)} ${BYTE_UNITS[unit]}`;
}

/** `1,204`. */
export function formatCount(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `350 µs`, `12.4 ms`, `3.02 s`, `4 min 34 s`, from microseconds. */
export function formatDuration(microseconds) {
  const sign = microseconds < 0 ? '−' : '';
  const amount = Math.abs(microseconds);
  if (amount < 1000) return `${sign}${Math.round(amount)} µs`;
  if (amount < MICROSECONDS) return `${sign}${threeDigits(amount / 1000)} ms`;
  if (amount < 60 * MICROSECONDS) return `${sign}${threeDigits(amount / MICROSECONDS)} s`;
  const seconds = Math.round(amount / MICROSECONDS);
  if (seconds < 3600) return sign + pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86_400) return sign + pair(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min');
  return sign + pair(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h');
}

/** As `formatDuration`, but `3.4 µs` below ten. */
export function formatLatency(microseconds) {
  const amount = Math.abs(microseconds);
  if (amount >= 9.95 || amount < 0.05) return formatDuration(amount < 0.05 ? 0 : microseconds);
  return `${microseconds < 0 ? '−' : ''}${amount.toFixed(1)} µs`;
}

function pair(large, largeUnit, small, smallUnit) {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
