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

/** The member of `cluster` (flow numbers) whose counters stand for the connection. */
export function chooseCounted(flows: FlowSet, cluster: readonly number[], quality: VantageQuality): number {
  let best = -1;
  let bestMixes = true;
  let bestUnique = 0;
  let bestCopies = 0;
  let bestPackets = 0;
  for (const flow of cluster) {
    flows.load(flow);
    const mixes = quality.mixesInterfaces(flows.vantage);
    const unique = flows.uniquePayloadBytes(0) + flows.uniquePayloadBytes(1);
    const copies = flows.duplicates;
    const packets = flows.packets(0) + flows.packets(1);
    const isBetter =
      best < 0 ||
      (mixes !== bestMixes
        ? bestMixes
        : unique !== bestUnique
          ? unique > bestUnique
          : copies !== bestCopies
            ? copies < bestCopies
            : packets > bestPackets);
    if (!isBetter) continue;
    best = flow;
    bestMixes = mixes;
    bestUnique = unique;
    bestCopies = copies;
    bestPackets = packets;
  }
  return best;
}
