/** Neighbouring vantage points between which packets were lost, and whether only the large ones were. */
import type { SegmentTotals } from '../model/document.js';

/** Fewer do not show a limit. */
const LEAST = 3;
/** Chance that losses that do not ask for sizes take the largest packets only: below this it was the size. */
const CHANCE = 1e-3;

export interface LossySegment extends SegmentTotals {
  /** True if all packets above some size were lost and none below it. */
  readonly isBySize: boolean;
}

/** Those whose receiving capture dropped nothing itself. */
export function lossySegments(segments: readonly SegmentTotals[]): LossySegment[] {
  return segments
    .filter(({ lost, captureDrops }) => lost > 0 && (captureDrops ?? 0) === 0)
    .map((segment) => ({ ...segment, isBySize: isBySize(segment) }));
}

function isBySize({ packets, lost, unknown, smallestLostPayload, largestDeliveredPayload }: SegmentTotals): boolean {
  if (smallestLostPayload === null || largestDeliveredPayload === null) return false;
  const delivered = packets - lost - unknown;
  if (lost < LEAST || delivered < LEAST || smallestLostPayload <= largestDeliveredPayload) return false;
  return chanceOfLargest(lost, delivered) < CHANCE;
}

/** 1 / C(lost + delivered, lost): the chance that of so many packets just the largest are hit. */
function chanceOfLargest(lost: number, delivered: number): number {
  let chance = 1;
  for (let i = 1; i <= lost && chance >= CHANCE; i++) chance *= i / (delivered + i);
  return chance;
}
