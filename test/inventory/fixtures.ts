/** Small objects and files for the inventory's tests. */
import type { Timestamp } from '../../src/base/time.js';

/** A timestamp from seconds since 1970. */
export function timestamp(seconds: number): Timestamp {
  const whole = Math.floor(seconds);
  return { seconds: whole, nanoseconds: Math.round((seconds - whole) * 1e9) };
}
