/**
 * When each vantage point was capturing: from the first to the last packet of each file that holds it, of whatever interface. Between the parts
 * of a rotated capture nobody knows. And how many packets its captures say that they missed.
 */
import type { ClockCorrection } from '../trail/clocks/clock-correction.js';
import type { CaptureWindows } from '../trail/segments/vantage-pairs.js';
import type { CaptureFacts } from './capture-facts.js';
import { spanOf } from './sums.js';

const NANOSECONDS = 1e9;

interface Window {
  readonly start: number;
  readonly end: number;
}

/** Times are nanoseconds after `originSeconds`, in the reference clock. */
export function captureWindows(
  captures: readonly CaptureFacts[],
  originSeconds: number,
  clocks: ClockCorrection,
): CaptureWindows {
  const windows = new Map<number, Window[]>();
  for (const { segments } of captures) {
    const times = spanOf(segments.map((segment) => segment.times()));
    if (times.earliestSeconds === Infinity) continue;
    for (const vantage of new Set(segments.map((segment) => segment.vantage))) {
      const at = (seconds: number, nanoseconds: number): number =>
        (seconds - originSeconds) * NANOSECONDS + nanoseconds + clocks.correction(vantage, seconds, nanoseconds);
      const window = {
        start: at(times.earliestSeconds, times.earliestNanoseconds),
        end: at(times.latestSeconds, times.latestNanoseconds),
      };
      const known = windows.get(vantage);
      if (known === undefined) windows.set(vantage, [window]);
      else known.push(window);
    }
  }
  return {
    covers: (vantage, from, until) =>
      windows.get(vantage)?.some(({ start, end }) => start <= from && until <= end) ?? false,
  };
}

/** Packets that the captures of a vantage point say they dropped, on its interfaces; null where none says so. */
export function captureDrops(captures: readonly CaptureFacts[]): (vantage: number) => number | null {
  const drops = new Map<number, number>();
  for (const { segments, interfaces } of captures) {
    const noted = new Set<string>();
    for (const { vantage, interfaceId } of segments) {
      const dropped = interfaces[interfaceId]?.droppedPackets ?? null;
      const key = `${vantage}/${interfaceId}`;
      if (dropped === null || noted.has(key)) continue;
      noted.add(key);
      drops.set(vantage, (drops.get(vantage) ?? 0) + dropped);
    }
  }
  return (vantage) => drops.get(vantage) ?? null;
}
