/** Finds the directed flows to one receiver and port at one vantage point, and those of one TCP initial sequence number among them. */
import { finish, mix } from '../../base/hash.js';
import type { FlowSet } from '../flow-set.js';

const PROTOCOL_TCP = 6;
const NONE = -1;
/** Beyond so many, a search costs more than it can tell: a port scan and its likes have a million flows to one receiver. */
const MOST_CANDIDATES = 2_000;

/** Where packets go, at which vantage point. */
export interface Receiver {
  readonly vantage: number;
  readonly protocol: number;
  readonly receiver: number;
  readonly receiverPort: number;
  /** TCP's, of the direction; null where it is not known. */
  readonly initialSequence: number | null;
}

/** Lists of directed flows (twice the flow's number, plus the direction) under hashes. */
class Chains {
  private readonly heads: Int32Array;
  private readonly following: Int32Array;
  private readonly mask: number;

  constructor(entries: number) {
    let slots = 16;
    while (slots < entries) slots *= 2;
    this.mask = slots - 1;
    this.heads = new Int32Array(slots).fill(NONE);
    this.following = new Int32Array(entries);
  }

  put(hash: number, directed: number): void {
    const slot = hash & this.mask;
    this.following[directed] = this.heads[slot]!;
    this.heads[slot] = directed;
  }

  first(hash: number): number {
    return this.heads[hash & this.mask]!;
  }

  after(directed: number): number {
    return this.following[directed]!;
  }
}

export class ReceiverIndex {
  private readonly flows: FlowSet;
  private readonly bySequence: Chains;
  private readonly withSequence: Chains;
  private readonly withoutSequence: Chains;

  constructor(flows: FlowSet) {
    this.flows = flows;
    const entries = flows.length * 2;
    this.bySequence = new Chains(entries);
    this.withSequence = new Chains(entries);
    this.withoutSequence = new Chains(entries);
    for (let flow = 0; flow < flows.length; flow++) this.put(flow);
  }

  /**
   * True if one of the flows there that may have this initial sequence number is like this; null if there are too many to look at. The flow
   * is loaded when `isLike` is called.
   */
  some(wanted: Receiver, isLike: (direction: number) => boolean): boolean | null {
    const hash = hashOf(wanted.vantage, wanted.protocol, wanted.receiver, wanted.receiverPort);
    const sequence = wanted.initialSequence;
    const known =
      sequence === null
        ? this.someOf(this.withSequence, hash, wanted, isLike)
        : this.someOf(this.bySequence, finish(mix(hash, sequence)), wanted, isLike);
    return known === false ? this.someOf(this.withoutSequence, hash, wanted, isLike) : known;
  }

  private someOf(
    chains: Chains,
    hash: number,
    wanted: Receiver,
    isLike: (direction: number) => boolean,
  ): boolean | null {
    let looked = 0;
    for (let directed = chains.first(hash); directed !== NONE; directed = chains.after(directed)) {
      if (++looked > MOST_CANDIDATES) return null;
      const direction = directed & 1;
      this.flows.load(directed >> 1);
      if (this.isTo(wanted, direction) && isLike(direction)) return true;
    }
    return false;
  }

  /** Of the loaded flow. */
  private isTo({ vantage, protocol, receiver, receiverPort, initialSequence }: Receiver, direction: number): boolean {
    const { flows } = this;
    if (flows.vantage !== vantage || flows.protocol !== protocol) return false;
    if ((direction === 0 ? flows.addressB : flows.addressA) !== receiver) return false;
    if ((direction === 0 ? flows.portB : flows.portA) !== receiverPort) return false;
    if (initialSequence === null || !this.hasSequence(direction)) return true;
    return flows.initialSequence(direction) === initialSequence;
  }

  private hasSequence(direction: number): boolean {
    return this.flows.protocol === PROTOCOL_TCP && this.flows.hasInitialSequence(direction);
  }

  private put(flow: number): void {
    const { flows } = this;
    flows.load(flow);
    for (let direction = 0; direction < 2; direction++) {
      if (flows.packets(direction) === 0) continue;
      const directed = flow * 2 + direction;
      const isForward = direction === 0;
      const receiver = isForward ? flows.addressB : flows.addressA;
      const hash = hashOf(flows.vantage, flows.protocol, receiver, isForward ? flows.portB : flows.portA);
      if (this.hasSequence(direction)) {
        this.withSequence.put(hash, directed);
        this.bySequence.put(finish(mix(hash, flows.initialSequence(direction))), directed);
      } else {
        this.withoutSequence.put(hash, directed);
      }
    }
  }
}

function hashOf(vantage: number, protocol: number, receiver: number, port: number): number {
  return finish(mix(mix(mix(mix(0, vantage), protocol), receiver), port));
}
