/** Putting together what was counted in parts: first and last moments, sums, groups. */
import { addNanoseconds, formatTimestamp } from '../base/time.js';
import type { TimeRange } from '../model/document.js';
import type { ClockCorrection } from '../trail/clocks/clock-correction.js';

/** Infinite seconds mean that nothing with a time was counted. */
export interface Times {
  readonly earliestSeconds: number;
  readonly earliestNanoseconds: number;
  readonly latestSeconds: number;
  readonly latestNanoseconds: number;
}

export function timeRange(times: Times): TimeRange | null {
  if (times.earliestSeconds === Infinity) return null;
  return {
    start: formatTimestamp(times.earliestSeconds, times.earliestNanoseconds),
    end: formatTimestamp(times.latestSeconds, times.latestNanoseconds),
    durationNs:
      (times.latestSeconds - times.earliestSeconds) * 1e9 + (times.latestNanoseconds - times.earliestNanoseconds),
  };
}

/** Times of a vantage point as the reference clock has them. */
export function correctTimes(times: Times, vantage: number, clock: ClockCorrection): Times {
  if (times.earliestSeconds === Infinity) return times;
  const correct = (seconds: number, nanoseconds: number): { seconds: number; nanoseconds: number } =>
    addNanoseconds({ seconds, nanoseconds }, clock.correction(vantage, seconds, nanoseconds));
  const earliest = correct(times.earliestSeconds, times.earliestNanoseconds);
  const latest = correct(times.latestSeconds, times.latestNanoseconds);
  return {
    earliestSeconds: earliest.seconds,
    earliestNanoseconds: earliest.nanoseconds,
    latestSeconds: latest.seconds,
    latestNanoseconds: latest.nanoseconds,
  };
}

/** The range that holds all ranges. */
export function spanOf(all: readonly Times[]): Times {
  const span = { earliestSeconds: Infinity, earliestNanoseconds: 0, latestSeconds: -Infinity, latestNanoseconds: 0 };
  for (const times of all) {
    if (
      times.earliestSeconds < span.earliestSeconds ||
      (times.earliestSeconds === span.earliestSeconds && times.earliestNanoseconds < span.earliestNanoseconds)
    ) {
      span.earliestSeconds = times.earliestSeconds;
      span.earliestNanoseconds = times.earliestNanoseconds;
    }
    if (
      times.latestSeconds > span.latestSeconds ||
      (times.latestSeconds === span.latestSeconds && times.latestNanoseconds > span.latestNanoseconds)
    ) {
      span.latestSeconds = times.latestSeconds;
      span.latestNanoseconds = times.latestNanoseconds;
    }
  }
  return span;
}

/** Sum of one figure over all items. */
export function sum<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}

/** The items by a number that each has. */
export function groupBy<T>(items: readonly T[], key: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
