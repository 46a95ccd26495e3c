/** Figures of segments: latencies in percentiles, and what samples tell of all packets. */
import type { Latency, LatencyGap, LossEstimate } from '../../model/document.js';

/** Captures of microseconds are cut, not rounded, and one kernel's time may be in two captures of different resolution. */
const RESOLUTION_NS = 1000;
/** A bridge sees what it switches some time after the device that it goes to (LAB: 1-5 us). */
const SWITCHED_NS = 100_000;
/** Share of latencies below what is possible from which on none is believed. */
const MOST_IMPOSSIBLE = 0.01;
/** Of the normal distribution, for 95 %. */
const Z = 1.959964;

/** What is measured of latency, or why nothing is: one of both is null. */
export interface MeasuredLatency {
  readonly latency: Latency | null;
  readonly latencyMissing: LatencyGap | null;
}

/** Percentiles of one-way delays, unless clocks have nothing in common or packets arrive before they are sent. */
export function latencyOf(delays: Float64Array, clockError: number, isSwitched: boolean): MeasuredLatency {
  const count = delays.length;
  if (clockError === Infinity) return without('clocks not compared');
  if (count === 0) return without('no packet at both ends');
  delays.sort();
  const least = -(RESOLUTION_NS + clockError + (isSwitched ? SWITCHED_NS : 0));
  if (delays[Math.floor(count * MOST_IMPOSSIBLE)]! < least) return without('seen before it was sent');
  const percentile = (share: number): number => Math.max(0, Math.round(delays[Math.ceil(count * share) - 1]!));
  const latency = {
    packets: count,
    p50Ns: percentile(0.5),
    p99Ns: percentile(0.99),
    maxNs: percentile(1),
    errorNs: Math.ceil(clockError),
  };
  return { latency, latencyMissing: null };
}

function without(latencyMissing: LatencyGap): MeasuredLatency {
  return { latency: null, latencyMissing };
}

/** Lost packets among `all`, of which `sampled` were looked for and `lost` of these were lost (Wilson's interval, JASA 22, 1927). */
export function estimateLost(lost: number, sampled: number, all: number): LossEstimate | null {
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

/** The estimate for these and further packets of which `lost` were counted as lost. */
export function estimateAdded({ lost, low, high }: LossEstimate, counted: number): LossEstimate {
  return { lost: lost + counted, low: low + counted, high: high + counted };
}
