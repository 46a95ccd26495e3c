/**
 * Packets that were seen on two nodes: what the clocks of these nodes are compared by.
 *
 * A packet that was on node a before node b took at least no time, so that b's time minus a's is at least the difference of the
 * clocks. Which node came first is never told by time, which is what is looked for (packet-direction.ts).
 *
 * A packet is told from others by its key (packet-samples.ts) and IP identification; without one, by TCP timestamps and payload, or by the
 * beginning of a datagram. Seen twice at a vantage point it is left out: which of the two was seen elsewhere is open. No window in time
 * limits the search. Where a packet was seen at several places of a node, those nearest to the other node count: the last time
 * on the node that sent it, the first on the one that got it.
 */
import { mixFour } from '../../base/hash.js';
import type { FlowSet } from '../flow-set.js';
import type { SampleSet } from '../sample-set.js';
import { NodePairs, type NodePair } from './node-pair.js';
import { directionBetween, NodeSightings, PacketEnds, type AddressHomes } from './packet-direction.js';
import { timeResolutions } from './time-resolution.js';

const SYN = 2;
const RST = 4;
const ACK = 16;
const EMPTY = -1;
/** Copies of one passage that a capture of all interfaces holds come this close together. */
const SAME_PASSAGE_NS = 20e6;
/** No path gives more sightings of one packet than this. */
const MOST_SIGHTINGS = 64;

/** What comparing clocks needs to know of vantage points and addresses. */
export interface ClockPlaces extends AddressHomes {
  /** Nodes are numbered from 0 to one less. */
  readonly nodeCount: number;
  /** Number of the node, or -1. */
  node(vantage: number): number;
  /** False for vantage points whose times are not those at which the kernel saw the packet. */
  hasKernelTime(vantage: number): boolean;
  /** True for a capture of all interfaces that does not tell them apart. */
  mixesInterfaces(vantage: number): boolean;
}

/**
 * All packets seen on two nodes, by pairs of nodes, and to which multiples the coarsest capture cut its times (ns). `vantages` are those of
 * the flows.
 */
export function findCrossings(
  flows: FlowSet,
  samples: SampleSet,
  vantages: Int32Array,
  places: ClockPlaces,
): { pairs: NodePair[]; resolution: number } {
  const resolutions = timeResolutions(samples, vantages);
  const pairs = new CrossingFinder(flows, samples, vantages, places, resolutions).find().list();
  return { pairs, resolution: resolutions.reduce((most, each) => Math.max(most, each), 0) };
}

class CrossingFinder {
  private readonly flows: FlowSet;
  private readonly samples: SampleSet;
  private readonly vantages: Int32Array;
  private readonly places: ClockPlaces;
  private readonly pairs: NodePairs;
  private readonly ends: PacketEnds;
  private readonly resolutions: Float64Array;

  constructor(
    flows: FlowSet,
    samples: SampleSet,
    vantages: Int32Array,
    places: ClockPlaces,
    resolutions: Float64Array,
  ) {
    this.flows = flows;
    this.samples = samples;
    this.vantages = vantages;
    this.places = places;
    this.pairs = new NodePairs(places.nodeCount);
    this.ends = new PacketEnds(places);
    this.resolutions = resolutions;
  }

  find(): NodePairs {
    const { heads, next } = this.groupByPacket();
    const members: number[] = [];
    for (let slot = 0; slot < heads.length; slot++) {
      members.length = 0;
      for (let i = heads[slot]!; i !== EMPTY; i = next[i]!) members.push(i);
      if (members.length > 1 && members.length <= MOST_SIGHTINGS) this.compare(members);
    }
    return this.pairs;
  }

  /** Lists of the samples of one packet: heads[slot], and from there on next[sample]. */
  private groupByPacket(): { heads: Int32Array; next: Int32Array } {
    const { samples } = this;
    let slots = 16;
    while (slots < samples.length * 2) slots *= 2;
    const heads = new Int32Array(slots).fill(EMPTY);
    const next = new Int32Array(samples.length).fill(EMPTY);
    const keys = new Int32Array(slots * 2);
    for (let i = 0; i < samples.length; i++) {
      samples.load(i);
      const vantage = this.vantages[samples.flow]!;
      if (this.places.node(vantage) < 0 || !this.places.hasKernelTime(vantage) || !this.isUnmistakable()) continue;
      const first = samples.firstKey;
      const second = samples.secondKey ^ samples.identification;
      let slot = mixFour(first, second, 0, 0) & (slots - 1);
      while (heads[slot] !== EMPTY && (keys[slot * 2] !== first || keys[slot * 2 + 1] !== second)) {
        slot = (slot + 1) & (slots - 1);
      }
      keys[slot * 2] = first;
      keys[slot * 2 + 1] = second;
      next[i] = heads[slot]!;
      heads[slot] = i;
    }
    return { heads, next };
  }

  /** False for packets that are sent again just as they were, or that look like their neighbours. */
  private isUnmistakable(): boolean {
    const { samples } = this;
    if (samples.identification > 0) return true;
    if (!samples.isTcp) return samples.payloadLength > 0;
    if (!samples.hasTimestamps || (samples.tcpFlags & RST) !== 0) return false;
    return samples.payloadLength > 0 || (samples.tcpFlags & (SYN | ACK)) === SYN;
  }

  /** Compares the clocks of all nodes that saw one packet. */
  private compare(members: readonly number[]): void {
    const nodes = this.sightingsByNode(members);
    if (nodes === null) return;
    for (let i = 0; i < nodes.length; i++) {
      for (let j = i + 1; j < nodes.length; j++) {
        const direction = directionBetween(nodes[i]!, nodes[j]!, this.ends);
        if (direction === 0) continue;
        const from = direction > 0 ? nodes[i]! : nodes[j]!;
        const to = direction > 0 ? nodes[j]! : nodes[i]!;
        this.pairs.add(from.node, to.node, from.last, to.first, to.firstSample);
      }
    }
  }

  /** Null if only one node saw the packet, or if a vantage point saw two of the kind. */
  private sightingsByNode(members: readonly number[]): NodeSightings[] | null {
    const { samples, places, vantages } = this;
    samples.load(members[0]!);
    const firstNode = places.node(vantages[samples.flow]!);
    const isCrossing = members.some((member) => {
      samples.load(member);
      return places.node(vantages[samples.flow]!) !== firstNode;
    });
    if (!isCrossing || this.hasRepeats(members)) return null;
    const nodes: NodeSightings[] = [];
    this.ends.clear();
    for (const member of members) {
      samples.load(member);
      const vantage = vantages[samples.flow]!;
      const node = places.node(vantage);
      let sightings = nodes.find((each) => each.node === node);
      if (sightings === undefined) nodes.push((sightings = new NodeSightings(node)));
      sightings.add(member, samples.time, this.resolutions[vantage]!, samples.hopLimit);
      this.noteAddresses(sightings);
    }
    return nodes;
  }

  private hasRepeats(members: readonly number[]): boolean {
    const { samples, vantages } = this;
    const seen: { vantage: number; time: number }[] = [];
    for (const member of members) {
      samples.load(member);
      const vantage = vantages[samples.flow]!;
      const before = seen.find((each) => each.vantage === vantage);
      if (before === undefined) seen.push({ vantage, time: samples.time });
      else if (!this.places.mixesInterfaces(vantage) || Math.abs(samples.time - before.time) > SAME_PASSAGE_NS)
        return true;
    }
    return false;
  }

  /** The loaded sample's ends, and of its tunnel. */
  private noteAddresses(sightings: NodeSightings): void {
    const { flows, samples, places } = this;
    flows.load(samples.flow);
    const isForward = samples.direction === 0;
    this.ends.add(isForward ? flows.addressA : flows.addressB, isForward ? flows.addressB : flows.addressA);
    const path = flows.outerPath(samples.direction);
    if (path < 0) return;
    if (places.nodeOfAddress(flows.outerPathTable.source(path)) === sightings.node) sightings.tunnels++;
    if (places.nodeOfAddress(flows.outerPathTable.destination(path)) === sightings.node) sightings.tunnels--;
  }
}
