/**
 * Instants inside the inventory: seconds since 1970 as one double, -Infinity and Infinity for "open".
 *
 * Kubernetes writes whole seconds (RFC 3339), so a double's quarter of a microsecond is far below what the sources know;
 * the nanoseconds of packets are only compared with these bounds, never kept in this form.
 */
import { type Timestamp, formatTimestamp, NANOSECONDS_PER_SECOND, parseTimestamp } from '../base/time.js';

/** Seconds since 1970; Kubernetes truncates, so an event with instant `x` happened in [x, x + CLOCK_GRANULARITY). */
export type Instant = number;

/** Kubernetes timestamps are whole seconds, rounded down. */
export const CLOCK_GRANULARITY = 1;

export function instantOf(time: Timestamp): Instant {
  return instantAt(time.seconds, time.nanoseconds);
}

/** As instantOf, from the two numbers of a timestamp. */
export function instantAt(seconds: number, nanoseconds: number): Instant {
  return seconds + nanoseconds / NANOSECONDS_PER_SECOND;
}

/**
 * `2026-11-23T15:04:02Z`: how the API server writes its times, which Date.parse reads as it stands. Days that not every month has,
 * and leap seconds, are left to parseTimestamp.
 */
const WHOLE_SECONDS = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** Reads an RFC 3339 timestamp; null for anything else. */
export function parseInstant(value: unknown): Instant | null {
  if (typeof value !== 'string' || value.length > 64) return null;
  if (WHOLE_SECONDS.test(value)) {
    const milliseconds = Date.parse(value);
    return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
  }
  const time = parseTimestamp(value);
  return time === null ? null : instantOf(time);
}

/** RFC 3339 in UTC, to the second: for sentences. */
export function formatInstant(instant: Instant): string {
  return `${formatTimestamp(Math.floor(instant), 0).slice(0, -11)}Z`;
}

/** RFC 3339 in UTC with nine decimals: for data. */
export function formatInstantExactly(instant: Instant): string {
  const seconds = Math.floor(instant);
  const milliseconds = Math.min(999, Math.round((instant - seconds) * 1000));
  return formatTimestamp(seconds, milliseconds * 1_000_000);
}

/** The later of two instants of which either may be unknown. */
export function later(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}

/** The earlier of two instants of which either may be unknown. */
export function earlier(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}
