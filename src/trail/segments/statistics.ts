/** Figures of segments: latencies in percentiles, and what samples tell of all packets. */
import type { Latency, PathSegment } from '../../model/document.js';

/** Captures of microseconds are cut, not rounded, and one kernel's time may be in two captures of different resolution. */
const RESOLUTION_NS = 1000;
/** A bridge sees what it switches some time after the device that it goes to (LAB: 1-5 us). */
const SWITCHED_NS = 100_000;
/** Share of latencies below what is possible from which on none is believed. */
const MOST_IMPOSSIBLE = 0.01;
/** Of the normal distribution, for 95 %. */
const Z = 1.959964;

/** Percentiles of one-way delays, null if they cannot be: clocks that have nothing in common, or packets that arrive before they are sent. */
export function latencyOf(delays: Float64Array, clockError: number, isSwitched: boolean): Latency | null {
  const count = delays.length;
  if (count === 0 || clockError === Infinity) return null;
  delays.sort();
  const least = -(RESOLUTION_NS + clockError + (isSwitched ? SWITCHED_NS : 0));
  if (delays[Math.floor(count * MOST_IMPOSSIBLE)]! < least) return null;
  const percentile = (share: number): number => Math.max(0, Math.round(delays[Math.ceil(count * share) - 1]!));
  return {
    packets: count,
    p50Ns: percentile(0.5),
    p99Ns: percentile(0.99),
    maxNs: percentile(1),
    errorNs: Math.ceil(clockError),
  };
}

/** Lost packets among `all`, of which `sampled` were looked for and `lost` of these were lost (Wilson's interval, JASA 22, 1927). */
export function estimateLost(lost: number, sampled: number, all: number): PathSegment['estimate'] {
  if (sampled === 0) return null;
  const share = lost / sampled;
  const square = (Z * Z) / sampled;
  const middle = (share + square / 2) / (1 + square);
  const half = (Z * Math.sqrt((share * (1 - share)) / sampled + square / (4 * sampled))) / (1 + square);
  return {
    lost: Math.round(share * all),
    low: Math.max(lost, Math.floor(Math.max(0, middle - half) * all)),
    high: Math.min(all, Math.ceil((middle + half) * all)),
  };
}
