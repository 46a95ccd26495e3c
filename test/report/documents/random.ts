/** Random numbers and times that are the same in every run. */
import { formatTimestamp, parseTimestamp } from '../../../src/base/time.js';
import { SECOND, START } from './build.js';

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function at(offsetNs: number): string {
  const base = parseTimestamp(START);
  if (base === null) throw new Error('start');
  const total = base.nanoseconds + offsetNs;
  const seconds = Math.floor(total / SECOND);
  return formatTimestamp(base.seconds + seconds, total - seconds * SECOND);
}
