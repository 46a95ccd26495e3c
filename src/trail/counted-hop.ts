/**
 * Which flow of a connection gives it its counters. They are those of one vantage point, never a sum: the one with the most
 * unique payload, then the fewest copies, then the most packets. A capture on all interfaces that does not tell them apart is
 * taken only if there is nothing else, since it holds every packet several times.
 *
 * The flow limit cuts a flow in pieces, which lie at the same vantage point in the same encapsulation: they are judged together, and
 * the first stands for them.
 */
import type { FlowSet } from './flow-set.js';

export interface VantageQuality {
  /** True for a vantage point that mixes interfaces (`-i any` without interface indexes). */
  mixesInterfaces(vantage: number): boolean;
}

/** The pieces of one flow. */
interface Candidate {
  readonly first: number;
  readonly vantage: number;
  readonly encapsulation: number;
  readonly mixes: boolean;
  unique: number;
  copies: number;
  packets: number;
}

/** The member of `cluster` (flow numbers, in order of start) whose counters, with those of its later pieces, stand for the connection. */
export function chooseCounted(flows: FlowSet, cluster: readonly number[], quality: VantageQuality): number {
  const candidates: Candidate[] = [];
  for (const flow of cluster) {
    flows.load(flow);
    const candidate = candidateOf(flows, flow, candidates, quality);
    candidate.unique += flows.uniquePayloadBytes(0) + flows.uniquePayloadBytes(1);
    candidate.copies += flows.duplicates;
    candidate.packets += flows.packets(0) + flows.packets(1);
  }
  return candidates.reduce((best, candidate) => (isBetter(candidate, best) ? candidate : best)).first;
}

/** The candidate that the loaded flow is a piece of, added if it is the first. */
function candidateOf(flows: FlowSet, flow: number, candidates: Candidate[], quality: VantageQuality): Candidate {
  const { vantage, encapsulation } = flows;
  const known = candidates.find((other) => other.vantage === vantage && other.encapsulation === encapsulation);
  if (known !== undefined) return known;
  const mixes = quality.mixesInterfaces(vantage);
  const candidate = { first: flow, vantage, encapsulation, mixes, unique: 0, copies: 0, packets: 0 };
  candidates.push(candidate);
  return candidate;
}

function isBetter(candidate: Candidate, best: Candidate): boolean {
  if (candidate.mixes !== best.mixes) return best.mixes;
  if (candidate.unique !== best.unique) return candidate.unique > best.unique;
  if (candidate.copies !== best.copies) return candidate.copies < best.copies;
  return candidate.packets > best.packets;
}
