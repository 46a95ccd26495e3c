/**
 * Which flow of a connection gives it its counters. They are those of one vantage point, never a sum: the one with the most
 * unique payload, then the fewest copies, then the most packets. A capture on all interfaces that does not tell them apart is
 * taken only if there is nothing else, since it holds every packet several times.
 */
import type { FlowSet } from './flow-set.js';

export interface VantageQuality {
  /** True for a vantage point that mixes interfaces (`-i any` without interface indexes). */
  mixesInterfaces(vantage: number): boolean;
}

/** The place in `hops` (flow numbers, in order of start) of the flow whose counters stand for the connection. */
export function chooseCounted(flows: FlowSet, hops: readonly number[], quality: VantageQuality): number {
  if (hops.length === 1) return 0;
  const candidates = hops.map((flow, place) => {
    flows.load(flow);
    return {
      place,
      mixes: quality.mixesInterfaces(flows.vantage),
      unique: flows.uniquePayloadBytes(0) + flows.uniquePayloadBytes(1),
      copies: flows.duplicates,
      packets: flows.packets(0) + flows.packets(1),
    };
  });
  return candidates.reduce((best, candidate) => (isBetter(candidate, best) ? candidate : best)).place;
}

interface Candidate {
  readonly mixes: boolean;
  readonly unique: number;
  readonly copies: number;
  readonly packets: number;
}

function isBetter(candidate: Candidate, best: Candidate): boolean {
  if (candidate.mixes !== best.mixes) return best.mixes;
  if (candidate.unique !== best.unique) return candidate.unique > best.unique;
  if (candidate.copies !== best.copies) return candidate.copies < best.copies;
  return candidate.packets > best.packets;
}
