/**
 * Which groups of flows are one connection although their tuples differ: before and after NAT, or because a bridge showed each
 * direction with another tuple.
 *
 * A group is the flows of one tuple that are one connection (cluster.ts). Groups are united, best evidence first:
 *
 * 1. They share a packet: equal sequence and acknowledgement number, flags, length and timestamps. A SYN without timestamps needs an equal
 *    identification and a shared endpoint besides: scanners send the same number to many. For datagrams see same-datagrams.ts.
 * 2. The SYN of one is what the SYN-ACK or the RST of the other acknowledges, and they have one tuple; or they share an endpoint, and
 *    the one has no answer and the other no SYN of its own.
 * 3. What one sent, with its timestamp, is what the other acknowledges and echoes, and they share an endpoint.
 *
 * 4. An entry of a node's connection tracking was both at the time when both were seen. Datagrams that packets have already
 *    united with others need entries for all of them.
 *
 * Initial sequence numbers that differ forbid it. Addresses alone never unite, and what would have more tuples than any chain of
 * translations makes is left apart.
 */
import type { FlowColumns } from './flow-columns.js';
import type { FlowSet } from './flow-set.js';
import { KeyTable } from './key-table.js';
import type { GroupUnion } from './group-union.js';
import type { TranslationEvidence } from './translation-evidence.js';
import { stillOpen, uniteDatagrams, type GroupPair } from './same-datagrams.js';
import type { SampleSet } from './sample-set.js';

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/** Flows of one entry at most: more tuples than it has, at places and times enough. */
const MOST_OF_ENTRY = 64;
/** Clocks of nodes may differ by this. */
const CLOCK_SLACK_NS = 2e9;
const PROTOCOL_TCP = 6;
/** Sequence numbers without timestamps mean the same packet for this long (RFC 9293: the maximum segment lifetime is two minutes). */
const SEQUENCE_WINDOW_NS = 60e9;

/** Unites groups. `groupOf` is -1 for flows in no group; `evidence` is what is known of the ends. */
export function uniteBySamples(
  flows: FlowSet,
  samples: SampleSet,
  columns: FlowColumns,
  groupOf: Int32Array,
  union: GroupUnion,
  evidence: TranslationEvidence,
): UnitedGroups {
  const joiner = new SampleJoiner(flows, samples, columns, groupOf, union, evidence);
  joiner.byPacket();
  const undecided = uniteDatagrams(flows, samples, columns, groupOf, union, evidence);
  joiner.byHandshake();
  joiner.byEcho();
  joiner.byEntry();
  const roots = union.roots();
  return { roots, undecided: stillOpen(undecided, union) };
}

/** Which groups are one, and which may be. */
export interface UnitedGroups {
  /** For each group the one that stands for all it was united with. */
  readonly roots: Int32Array;
  /** Pairs of which nothing decides whether they are one. */
  readonly undecided: readonly GroupPair[];
}

class SampleJoiner {
  private readonly flows: FlowSet;
  private readonly samples: SampleSet;
  private readonly columns: FlowColumns;
  private readonly groupOf: Int32Array;
  private readonly union: GroupUnion;
  private readonly evidence: TranslationEvidence;

  constructor(
    flows: FlowSet,
    samples: SampleSet,
    columns: FlowColumns,
    groupOf: Int32Array,
    union: GroupUnion,
    evidence: TranslationEvidence,
  ) {
    this.flows = flows;
    this.evidence = evidence;
    this.samples = samples;
    this.columns = columns;
    this.groupOf = groupOf;
    this.union = union;
  }

  byPacket(): void {
    const { samples } = this;
    const last = new KeyTable(samples.length);
    for (let i = 0; i < samples.length; i++) {
      samples.load(i);
      if (!samples.isTcp || this.isBareReset()) continue;
      const isWeakSyn = this.isWeakSyn();
      if (isWeakSyn && samples.identification <= 0) continue;
      const second = isWeakSyn ? samples.secondKey ^ samples.identification : samples.secondKey;
      const before = last.exchange(samples.firstKey, second, samples.flow, samples.time);
      if (before < 0 || !this.areSeveral(before)) continue;
      const apart = Math.abs(samples.time - last.replacedTime);
      if (apart > this.window()) continue;
      if (isWeakSyn && !this.shareEndpoint(before)) continue;
      this.union.unite(this.groupOf[samples.flow]!, this.groupOf[before]!);
    }
  }

  byHandshake(): void {
    const { samples } = this;
    const last = new KeyTable(samples.length);
    for (let i = 0; i < samples.length; i++) {
      samples.load(i);
      if (!samples.isTcp || !this.isHandshake()) continue;
      const isSyn = (samples.tcpFlags & (SYN | ACK)) === SYN;
      const sequence = isSyn ? samples.sequence : (samples.acknowledgement - 1) | 0;
      const before = last.exchange(sequence, 0, samples.flow, samples.time);
      if (before < 0 || !this.areSeveral(before) || !this.shareEndpoint(before)) continue;
      if (Math.abs(samples.time - last.replacedTime) > SEQUENCE_WINDOW_NS) continue;
      const group = this.groupOf[samples.flow]!;
      if (!this.hasSameTuple(before) && !this.union.isSynAndAnswer(group, this.groupOf[before]!)) continue;
      this.union.uniteAnswer(group, this.groupOf[before]!);
    }
  }

  byEcho(): void {
    const { samples } = this;
    const sent = new KeyTable(samples.length);
    for (let i = 0; i < samples.length; i++) {
      samples.load(i);
      if (samples.hasTimestamps) sent.exchange(this.endOfSegment(), samples.tsval, samples.flow, samples.time);
    }
    for (let i = 0; i < samples.length; i++) {
      samples.load(i);
      if (!samples.hasTimestamps || (samples.tcpFlags & ACK) === 0) continue;
      const before = sent.find(samples.acknowledgement, samples.tsecr);
      if (before < 0 || !this.areSeveral(before) || !this.shareEndpoint(before)) continue;
      this.union.unite(this.groupOf[samples.flow]!, this.groupOf[before]!);
    }
  }

  byEntry(): void {
    const { groupOf, columns, union } = this;
    const before = union.rootsNow();
    const sizes = new Int32Array(before.length);
    for (const root of before) sizes[root] = sizes[root]! + 1;
    for (const flows of this.flowsByEntry().values()) {
      const groups = new Set(flows.map((flow) => groupOf[flow]!));
      const own = (root: number): number => [...groups].filter((group) => before[group] === root).length;
      for (const [i, flow] of flows.entries()) {
        for (let j = i + 1; j < flows.length; j++) {
          const other = flows[j]!;
          if (!this.areTogether(flow, other) || union.areUnited(groupOf[flow]!, groupOf[other]!)) continue;
          const isWhole = [flow, other].every((each) => {
            const root = before[groupOf[each]!]!;
            return own(root) === sizes[root];
          });
          if (columns.protocol[flow] === PROTOCOL_TCP || isWhole) union.unite(groupOf[flow]!, groupOf[other]!);
        }
      }
    }
  }

  /** One flow of each group that translations are known of, by the number of the translation. */
  private flowsByEntry(): Map<number, number[]> {
    const { flows, groupOf, evidence } = this;
    const found = new Map<number, number[]>();
    if (evidence.entriesOf === undefined) return found;
    const isSeen = new Uint8Array(groupOf.length);
    for (let flow = 0; flow < groupOf.length; flow++) {
      const group = groupOf[flow]!;
      if (group < 0 || isSeen[group] === 1) continue;
      isSeen[group] = 1;
      flows.load(flow);
      for (let direction = 0; direction < 2; direction++) {
        for (const entry of evidence.entriesOf(flows, direction)) {
          const known = found.get(entry);
          if (known === undefined) found.set(entry, [flow]);
          else if (known.length < MOST_OF_ENTRY) known.push(flow);
        }
      }
    }
    return found;
  }

  private areTogether(a: number, b: number): boolean {
    const { start, end } = this.columns;
    return start[a]! - CLOCK_SLACK_NS <= end[b]! && start[b]! - CLOCK_SLACK_NS <= end[a]!;
  }

  /** How far apart in time two sightings of one packet may be. */
  private window(): number {
    return this.samples.hasTimestamps ? Infinity : SEQUENCE_WINDOW_NS;
  }

  /** A RST that answers what has no connection says little: sequence number 0, or no acknowledgement. */
  private isBareReset(): boolean {
    const { samples } = this;
    return (samples.tcpFlags & RST) !== 0 && (samples.sequence === 0 || samples.acknowledgement === 0);
  }

  /** A SYN, its SYN-ACK, or the RST of one that nobody wanted (RFC 9293 section 3.10.7.1). */
  private isHandshake(): boolean {
    const { tcpFlags, sequence } = this.samples;
    return (tcpFlags & SYN) !== 0 || ((tcpFlags & (RST | ACK)) === (RST | ACK) && sequence === 0);
  }

  private endOfSegment(): number {
    const { samples } = this;
    const takesOne = (samples.tcpFlags & (SYN | FIN)) !== 0 ? 1 : 0;
    return (samples.sequence + samples.payloadLength + takesOne) | 0;
  }

  /** True if the sample's flow and another are of one protocol, in groups that are not united yet. */
  private areSeveral(other: number): boolean {
    const { columns, groupOf, samples } = this;
    const group = groupOf[samples.flow]!;
    const otherGroup = groupOf[other]!;
    if (group < 0 || otherGroup < 0 || group === otherGroup) return false;
    return columns.protocol[samples.flow] === columns.protocol[other] && !this.union.areUnited(group, otherGroup);
  }

  /** A SYN that has nothing but its sequence number to be known by. */
  private isWeakSyn(): boolean {
    const { samples } = this;
    return samples.isTcp && !samples.hasTimestamps && (samples.tcpFlags & (SYN | ACK)) === SYN;
  }

  private hasSameTuple(other: number): boolean {
    const { columns } = this;
    const { flow } = this.samples;
    return (
      columns.low[flow] === columns.low[other] &&
      columns.high[flow] === columns.high[other] &&
      columns.ports[flow] === columns.ports[other]
    );
  }

  private shareEndpoint(other: number): boolean {
    const { columns } = this;
    const { flow } = this.samples;
    const low = columns.low[flow]!;
    const high = columns.high[flow]!;
    const ports = columns.ports[flow]!;
    return hasEndpoint(columns, other, low, ports >>> 16) || hasEndpoint(columns, other, high, ports & 0xffff);
  }
}

function hasEndpoint(columns: FlowColumns, flow: number, address: number, port: number): boolean {
  const ports = columns.ports[flow]!;
  return (
    (columns.low[flow] === address && ports >>> 16 === port) ||
    (columns.high[flow] === address && (ports & 0xffff) === port)
  );
}
