/**
 * Traffic over time for the document: the vantage points' bins brought to one width and origin, and the connections that began
 * in each bin.
 */
import { formatTimestamp, NANOSECONDS_PER_SECOND, type Timestamp } from '../base/time.js';
import { binNumber, BINS, type TrafficBins } from '../flow/traffic-bins.js';
import type { Timeline } from '../model/document.js';
import type { ClockCorrection } from '../trail/clocks/clock-correction.js';
import type { VantagePoints } from './vantage-points.js';

const MAX_BINS = 600;

/** Where connections began. */
export interface ConnectionStarts {
  readonly length: number;
  start(index: number): Timestamp;
  hasFailed(index: number): boolean;
}

/** Bins of a vantage point whose clock is corrected are moved as a whole, to the nearest bin. */
export function buildTimeline(
  vantages: VantagePoints,
  connections: ConnectionStarts,
  clock: ClockCorrection,
): Timeline | null {
  const used: MovedBins[] = [];
  vantages.bins.forEach((bins, id) => {
    if (bins !== null && bins.started) used.push({ id, bins, moved: (bin) => bin + shiftOf(bin, bins, id, clock) });
  });
  if (used.length === 0) return null;
  const frame = frameOf(used);
  const started = new Array<number>(frame.bins).fill(0);
  const failed = new Array<number>(frame.bins).fill(0);
  for (let index = 0; index < connections.length; index++) {
    const { seconds, nanoseconds } = connections.start(index);
    const bin = binNumber(seconds, nanoseconds, frame.width) - frame.first;
    if (bin < 0 || bin >= frame.bins) continue;
    started[bin] = started[bin]! + 1;
    if (connections.hasFailed(index)) failed[bin] = failed[bin]! + 1;
  }
  const startTime = frame.first * frame.width;
  const seconds = Math.floor(startTime);
  return {
    start: formatTimestamp(seconds, Math.round((startTime - seconds) * NANOSECONDS_PER_SECOND)),
    binNs: frame.width * NANOSECONDS_PER_SECOND,
    bins: frame.bins,
    series: used.map(({ id, bins, moved }) => ({
      vantagePoint: id,
      bytes: cut(bins.bytes, bins.origin, frame, moved),
      packets: cut(bins.packets, bins.origin, frame, moved),
    })),
    started,
    failed,
  };
}

interface MovedBins {
  readonly id: number;
  readonly bins: TrafficBins;
  /** The bin of the reference clock for one of the vantage point's. */
  readonly moved: (bin: number) => number;
}

/** By how many bins the clock moves the middle of a bin. */
function shiftOf(bin: number, { width }: TrafficBins, vantage: number, clock: ClockCorrection): number {
  const middle = (bin + 0.5) * width;
  const seconds = Math.floor(middle);
  const nanoseconds = Math.round((middle - seconds) * NANOSECONDS_PER_SECOND);
  return Math.round(clock.correction(vantage, seconds, nanoseconds) / (width * NANOSECONDS_PER_SECOND));
}

interface Frame {
  /** Width of a bin in seconds. */
  readonly width: number;
  /** Number of the first bin since 1970. */
  readonly first: number;
  readonly bins: number;
}

/** Brings all bins to the widest one's width, and wider until the whole range fits. */
function frameOf(all: readonly MovedBins[]): Frame {
  let width = Math.max(...all.map(({ bins }) => bins.width));
  for (;;) {
    let first = Infinity;
    let last = -Infinity;
    for (const { bins, moved } of all) {
      bins.widenTo(width);
      for (let i = 0; i < BINS; i++) {
        if (bins.packets[i] === 0) continue;
        first = Math.min(first, moved(bins.origin + i));
        last = Math.max(last, moved(bins.origin + i));
      }
    }
    if (last - first < MAX_BINS) return { width, first, bins: last - first + 1 };
    width *= 2;
  }
}

function cut(values: Float64Array, origin: number, frame: Frame, moved: (bin: number) => number): number[] {
  const result = new Array<number>(frame.bins).fill(0);
  for (const [index, value] of values.entries()) {
    if (value === 0) continue;
    const bin = moved(origin + index) - frame.first;
    result[bin] = result[bin]! + value;
  }
  return result;
}
