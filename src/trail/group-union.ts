/**
 * Union of groups of flows (union by path halving), with what forbids one: two TCP connections whose initial sequence numbers, of the
 * client or of the server, are known and differ are two.
 */
import { mixFour } from '../base/hash.js';
import type { FlowColumns } from './flow-columns.js';
import type { FlowSet } from './flow-set.js';

const CLIENT = 1;
const SERVER = 2;
/** Packets of the server were seen. */
const ANSWERED = 4;
/**
 * More tuples than translations give one connection: two ends each, for up to two nodes that translate, and on a bridge halves of
 * both.
 */
const MOST_TUPLES = 8;

export class GroupUnion {
  private readonly parents: Int32Array;
  /** Initial sequence numbers of client and server, valid where `known` has bit CLIENT or SERVER. */
  private readonly clientSequences: Int32Array;
  private readonly serverSequences: Int32Array;
  private readonly known: Uint8Array;
  /** A hash of each group's tuple. */
  private readonly tupleOf: Int32Array;

  constructor(flows: FlowSet, columns: FlowColumns, groupOf: Int32Array, groups: number) {
    this.parents = Int32Array.from({ length: groups }, (_, group) => group);
    this.clientSequences = new Int32Array(groups);
    this.serverSequences = new Int32Array(groups);
    this.known = new Uint8Array(groups);
    this.tupleOf = new Int32Array(groups);
    for (let flow = 0; flow < columns.length; flow++) {
      const group = groupOf[flow]!;
      if (group < 0) continue;
      this.tupleOf[group] = mixFour(columns.low[flow]!, columns.high[flow]!, columns.ports[flow]!, 0);
      if (columns.hasSequence[flow] !== 0) this.learn(flows, flow, group);
    }
  }

  /** The group that stands for this one now. */
  rootOf(group: number): number {
    const parents = this.parents;
    let root = group;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!;
      root = parents[root]!;
    }
    return root;
  }

  areUnited(a: number, b: number): boolean {
    return this.rootOf(a) === this.rootOf(b);
  }

  /** Unites the groups unless their sequence numbers forbid it. */
  unite(a: number, b: number): void {
    if (!this.differ(a, b, CLIENT) && !this.differ(a, b, SERVER)) this.join(a, b);
  }

  /** Unites a client's SYN with an answer to it. A server that answers a SYN again may choose another number. */
  uniteAnswer(a: number, b: number): void {
    if (!this.differ(a, b, CLIENT)) this.join(a, b);
  }

  private join(a: number, b: number): void {
    const first = Math.min(this.rootOf(a), this.rootOf(b));
    const second = Math.max(this.rootOf(a), this.rootOf(b));
    if (first === second) return;
    this.parents[second] = first;
    const known = this.known[second]!;
    if ((known & CLIENT) !== 0) this.clientSequences[first] = this.clientSequences[second]!;
    if ((known & SERVER) !== 0) this.serverSequences[first] = this.serverSequences[second]!;
    this.known[first] = this.known[first]! | known;
  }

  /** True if one group is a SYN that nobody answered, and the other has none (nor an answer to one that it has). */
  isSynAndAnswer(a: number, b: number): boolean {
    const first = this.known[this.rootOf(a)]!;
    const second = this.known[this.rootOf(b)]!;
    if ((first & CLIENT) !== 0) return (first & ANSWERED) === 0 && (second & CLIENT) === 0;
    return (second & CLIENT) !== 0 && (second & ANSWERED) === 0;
  }

  /** The group that stands for each group: the first of those united. */
  roots(): Int32Array {
    const roots = this.rootsNow();
    const tuples = new Map<number, Set<number>>();
    for (const [group, root] of roots.entries()) {
      if (root === group) continue;
      let own = tuples.get(root);
      if (own === undefined) tuples.set(root, (own = new Set([this.tupleOf[root]!])));
      own.add(this.tupleOf[group]!);
    }
    return roots.map((root, group) => ((tuples.get(root)?.size ?? 0) > MOST_TUPLES ? group : root));
  }

  /** As roots(), whatever the tuples. */
  rootsNow(): Int32Array {
    return this.parents.map((_, group) => this.rootOf(group));
  }

  private learn(flows: FlowSet, flow: number, group: number): void {
    flows.load(flow);
    const client = flows.clientDirection;
    if (flows.packets(1 - client) > 0) this.known[group] = this.known[group]! | ANSWERED;
    if (flows.hasInitialSequence(client)) {
      this.clientSequences[group] = flows.initialSequence(client);
      this.known[group] = this.known[group]! | CLIENT;
    }
    if (flows.hasInitialSequence(1 - client)) {
      this.serverSequences[group] = flows.initialSequence(1 - client);
      this.known[group] = this.known[group]! | SERVER;
    }
  }

  /** True if the initial sequence numbers of this side are known of both and differ. */
  private differ(a: number, b: number, side: number): boolean {
    const first = this.rootOf(a);
    const second = this.rootOf(b);
    if ((this.known[first]! & this.known[second]! & side) === 0) return false;
    const sequences = side === CLIENT ? this.clientSequences : this.serverSequences;
    return sequences[first] !== sequences[second];
  }
}
