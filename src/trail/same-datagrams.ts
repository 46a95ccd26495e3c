/**
 * Which groups of datagram flows (UDP, ICMP, SCTP) are one connection although their tuples differ, and which only may be.
 *
 * Copies of a datagram have equal identification, length and beginning of the payload within a second. With an identification, two
 * groups that share one are united if they have the same client, and one of the two servers is a Service or a node, or the same server
 * and one of the two clients is a node. Without (0, or IPv6) equal datagrams may be different ones: the client must be the
 * same and one server a Service, and there must be no third flow that fits as well. What stays undecided is kept as such.
 */
import type { FlowColumns } from './flow-columns.js';
import type { FlowSet } from './flow-set.js';
import type { GroupUnion } from './group-union.js';
import { KeyTable } from './key-table.js';
import type { TranslationEvidence } from './translation-evidence.js';
import type { SampleSet } from './sample-set.js';

/** Copies of a datagram come this close together, clocks of nodes included. */
const WINDOW_NS = 1e9;
/** Sightings of one datagram that are compared with each other at most: on every interface that it may pass. */
const MOST_COPIES = 128;
const MOST_UNDECIDED = 10_000;

/** How sure it is that two flows with an equal datagram are the same traffic. */
const NO = 0;
const POSSIBLE = 1;
const WEAK = 2;
const SURE = 3;

/** Two groups that may be one. */
export type GroupPair = readonly [number, number];

/** A Service's side of a datagram without identification, and what it may have become. */
interface Options {
  readonly original: number;
  readonly translated: Set<number>;
}

/** Unites what is sure, and returns what may be the same but is not decided. */
export function uniteDatagrams(
  flows: FlowSet,
  samples: SampleSet,
  columns: FlowColumns,
  groupOf: Int32Array,
  union: GroupUnion,
  evidence: TranslationEvidence,
): readonly GroupPair[] {
  return new DatagramJoiner(flows, samples, columns, groupOf, union, evidence).join();
}

/** Those of the pairs that are still open: nothing united either group with another that it could be one with. */
export function stillOpen(pairs: readonly GroupPair[], union: GroupUnion): readonly GroupPair[] {
  const settled = new Set<number>();
  for (const [a, b] of pairs) if (union.areUnited(a, b)) settled.add(a).add(b);
  return pairs.filter(([a, b]) => !settled.has(a) && !settled.has(b));
}

class DatagramJoiner {
  private readonly flows: FlowSet;
  private readonly samples: SampleSet;
  private readonly columns: FlowColumns;
  private readonly groupOf: Int32Array;
  private readonly union: GroupUnion;
  private readonly evidence: TranslationEvidence;
  private readonly undecided: GroupPair[] = [];
  /** One list per datagram. */
  private readonly weak: Options[][] = [];

  constructor(
    flows: FlowSet,
    samples: SampleSet,
    columns: FlowColumns,
    groupOf: Int32Array,
    union: GroupUnion,
    evidence: TranslationEvidence,
  ) {
    this.flows = flows;
    this.samples = samples;
    this.columns = columns;
    this.groupOf = groupOf;
    this.union = union;
    this.evidence = evidence;
  }

  join(): readonly GroupPair[] {
    this.eachDatagram((copies) => this.compare(copies));
    // What is decided by one datagram decides others of the same flows.
    for (let before = -1; before !== this.weak.length;) {
      before = this.weak.length;
      const left = this.weak.splice(0).filter((datagram) => !this.decide(datagram));
      this.weak.push(...left);
    }
    for (const datagram of this.weak) {
      for (const { original, translated } of datagram) for (const group of translated) this.leaveOpen(original, group);
    }
    return this.undecided;
  }

  /** Calls `visit` with the samples of each datagram that several flows have, in order of time. */
  private eachDatagram(visit: (copies: number[]) => void): void {
    const { samples } = this;
    const last = new KeyTable(samples.length);
    const previous = new Int32Array(samples.length).fill(-1);
    const isLast = new Uint8Array(samples.length);
    const times = new Float64Array(samples.length);
    for (let i = 0; i < samples.length; i++) {
      samples.load(i);
      if (samples.isTcp || this.groupOf[samples.flow]! < 0) continue;
      const before = last.exchange(samples.firstKey, samples.secondKey, i, samples.time);
      times[i] = samples.time;
      previous[i] = before;
      isLast[i] = 1;
      if (before >= 0) isLast[before] = 0;
    }
    for (let i = 0; i < samples.length; i++) {
      if (isLast[i] === 0 || previous[i] === -1) continue;
      const copies: number[] = [];
      for (let copy = i; copy >= 0; copy = previous[copy]!) copies.push(copy);
      copies.sort((a, b) => times[a]! - times[b]! || a - b);
      visit(copies);
    }
  }

  private compare(copies: readonly number[]): void {
    const { samples, groupOf, union } = this;
    const options = new Map<number, Options>();
    const compared = new Set<string>();
    for (let i = 1; i < copies.length; i++) {
      samples.load(copies[i]!);
      const { flow, time, identification } = samples;
      const group = groupOf[flow]!;
      for (let j = i - 1; j >= Math.max(0, i - MOST_COPIES); j--) {
        samples.load(copies[j]!);
        if (time - samples.time > WINDOW_NS) break;
        const other = samples.flow;
        const otherGroup = groupOf[other]!;
        if (group === otherGroup || !this.isComparable(flow, other)) continue;
        const pair = `${group} ${otherGroup}`;
        if (compared.has(pair) || union.areUnited(group, otherGroup)) continue;
        compared.add(pair);
        const sureness = this.sureness(flow, other, identification);
        if (sureness === SURE) union.unite(group, otherGroup);
        else if (sureness === WEAK) this.addOption(options, flow, other);
        else if (sureness === POSSIBLE) this.leaveOpen(group, otherGroup);
      }
    }
    if (options.size > 0) this.weak.push([...options.values()]);
  }

  /** True for flows of one protocol that have an endpoint in common. */
  private isComparable(a: number, b: number): boolean {
    const { low, high, ports, protocol } = this.columns;
    if (protocol[a] !== protocol[b]) return false;
    const lowPort = ports[a]! >>> 16;
    const highPort = ports[a]! & 0xffff;
    const otherLowPort = ports[b]! >>> 16;
    const otherHighPort = ports[b]! & 0xffff;
    return (
      (low[a] === low[b] && lowPort === otherLowPort) ||
      (low[a] === high[b] && lowPort === otherHighPort) ||
      (high[a] === low[b] && highPort === otherLowPort) ||
      (high[a] === high[b] && highPort === otherHighPort)
    );
  }

  private addOption(options: Map<number, Options>, flow: number, other: number): void {
    const { flows, groupOf } = this;
    flows.load(flow);
    const isOriginal = this.evidence.isService(serverOf(flows).address, flows);
    const original = groupOf[isOriginal ? flow : other]!;
    const translated = groupOf[isOriginal ? other : flow]!;
    const known = options.get(original);
    if (known === undefined) options.set(original, { original, translated: new Set([translated]) });
    else known.translated.add(translated);
  }

  /** Unites those of one datagram that have just one possibility each. False if others are left. */
  private decide(datagram: Options[]): boolean {
    const { union } = this;
    const isSettled = ({ original, translated }: Options): boolean =>
      [...translated].some((group) => union.areUnited(original, group));
    const rootsOf = ({ original, translated }: Options): Set<number> => {
      const taken = datagram.filter((other) => !union.areUnited(other.original, original));
      const free = [...translated].filter((group) => !taken.some((other) => union.areUnited(other.original, group)));
      return new Set(free.map((group) => union.rootOf(group)));
    };
    let isDone = true;
    for (const options of datagram) {
      if (isSettled(options)) continue;
      const roots = rootsOf(options);
      const [root] = roots;
      if (root === undefined) continue;
      const hasRival = datagram.some((other) => other !== options && !isSettled(other) && rootsOf(other).has(root));
      if (roots.size === 1 && !hasRival) union.unite(options.original, root);
      else isDone = false;
    }
    return isDone;
  }

  private leaveOpen(a: number, b: number): void {
    if (this.undecided.length < MOST_UNDECIDED) this.undecided.push([a, b]);
  }

  /** What is known of their ends says whether one of two flows may be the other after translation. */
  private sureness(flow: number, other: number, identification: number): number {
    const { flows, evidence } = this;
    flows.load(flow);
    const client = clientOf(flows);
    const server = serverOf(flows);
    const isService = evidence.isService(server.address, flows);
    const isNodePort = evidence.isNode(server.address, flows);
    const isMasqueraded = evidence.isNode(client.address, flows);
    flows.load(other);
    const otherServer = serverOf(flows);
    if (isSame(clientOf(flows), client)) {
      if (evidence.isService(otherServer.address, flows) !== isService) return identification > 0 ? SURE : WEAK;
      return identification > 0 && evidence.isNode(otherServer.address, flows) !== isNodePort ? SURE : NO;
    }
    if (!isSame(otherServer, server)) return NO;
    if (evidence.isNode(clientOf(flows).address, flows) === isMasqueraded) return NO;
    return identification > 0 ? SURE : POSSIBLE;
  }
}

interface Place {
  readonly address: number;
  readonly port: number;
}

function placeOf(flows: FlowSet, direction: number): Place {
  return direction === 0
    ? { address: flows.addressA, port: flows.portA }
    : { address: flows.addressB, port: flows.portB };
}

function clientOf(flows: FlowSet): Place {
  return placeOf(flows, flows.clientDirection);
}

function serverOf(flows: FlowSet): Place {
  return placeOf(flows, 1 - flows.clientDirection);
}

function isSame(a: Place, b: Place): boolean {
  return a.address === b.address && a.port === b.port;
}
