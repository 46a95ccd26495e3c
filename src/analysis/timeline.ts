/**
 * Traffic over time for the document: the vantage points' bins brought to one width and origin, and the connections that began
 * in each bin.
 */
import { formatTimestamp, NANOSECONDS_PER_SECOND, type Timestamp } from '../base/time.js';
import { binNumber, BINS, type TrafficBins } from '../flow/traffic-bins.js';
import type { Timeline } from '../model/document.js';
import type { VantagePoints } from './vantage-points.js';

const MAX_BINS = 600;

/** Where connections began. */
export interface ConnectionStarts {
  readonly length: number;
  start(index: number): Timestamp;
  hasFailed(index: number): boolean;
}

export function buildTimeline(vantages: VantagePoints, connections: ConnectionStarts): Timeline | null {
  const used: { id: number; bins: TrafficBins }[] = [];
  vantages.bins.forEach((bins, id) => {
    if (bins !== null && bins.started) used.push({ id, bins });
  });
  if (used.length === 0) return null;
  const frame = frameOf(used.map(({ bins }) => bins));
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
    series: used.map(({ id, bins }) => ({
      vantagePoint: id,
      bytes: cut(bins.bytes, bins.origin, frame),
      packets: cut(bins.packets, bins.origin, frame),
    })),
    started,
    failed,
  };
}

interface Frame {
  /** Width of a bin in seconds. */
  readonly width: number;
  /** Number of the first bin since 1970. */
  readonly first: number;
  readonly bins: number;
}

/** Brings all bins to the widest one's width, and wider until the whole range fits. */
function frameOf(all: readonly TrafficBins[]): Frame {
  let width = Math.max(...all.map((bins) => bins.width));
  for (;;) {
    let first = Infinity;
    let last = -Infinity;
    for (const bins of all) {
      bins.widenTo(width);
      for (let i = 0; i < BINS; i++) {
        if (bins.packets[i] === 0) continue;
        first = Math.min(first, bins.origin + i);
        last = Math.max(last, bins.origin + i);
      }
    }
    if (last - first < MAX_BINS) return { width, first, bins: last - first + 1 };
    width *= 2;
  }
}

function cut(values: Float64Array, origin: number, frame: Frame): number[] {
  const result = new Array<number>(frame.bins);
  for (let i = 0; i < frame.bins; i++) result[i] = values[frame.first + i - origin] ?? 0;
  return result;
}
