/**
 * What is known of each ordered pair of neighbouring vantage points from the packets of all connections, and what follows for a packet that was
 * seen at the first and not at the second.
 *
 * It was lost if the second was capturing when it had to come, the longest delay seen between them included; or, where their clocks cannot
 * be compared, if packets before and after it, further away than delays differ, were seen at both. Anything less proves nothing: at the ends of
 * a capture all packets seem lost.
 */
import type { LostPacket } from '../../model/document.js';
import type { ClockErrors } from '../clocks/clock-errors.js';

/** When vantage points were capturing. */
export interface CaptureWindows {
  /** True if all of this time (nanoseconds, as the samples' times are) lies between the first and the last packet of one capture file. */
  covers(vantage: number, from: number, until: number): boolean;
}

/** Delays are taken to be able to reach this, however few were seen. */
const LEAST_DELAY_NS = 1e6;
/** The same between vantage points that no packet was seen to pass one after the other. */
const UNSEEN_DELAY_NS = 1e9;

export class VantagePairs {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly connections: number[] = [];
  readonly packets: number[] = [];
  readonly unsure: number[] = [];
  /** Of connections of which samples were kept: samples looked for, those that are unsure, and packets that they stand for. */
  readonly sampled: number[] = [];
  readonly unsureSamples: number[] = [];
  readonly sampledFrom: number[] = [];
  /** Payload of the largest packet that arrived; -1 without any. */
  readonly largestDelivered: number[] = [];
  private readonly leastDelay: number[] = [];
  private readonly mostDelay: number[] = [];
  private readonly firstMatched: number[] = [];
  private readonly lastMatched: number[] = [];
  private readonly ids = new Map<number, Map<number, number>>();
  private readonly clocks: ClockErrors;
  private readonly windows: CaptureWindows;

  constructor(clocks: ClockErrors, windows: CaptureWindows) {
    this.clocks = clocks;
    this.windows = windows;
  }

  get length(): number {
    return this.from.length;
  }

  idOf(from: number, to: number): number {
    let others = this.ids.get(from);
    if (others === undefined) this.ids.set(from, (others = new Map<number, number>()));
    let id = others.get(to);
    if (id === undefined) {
      id = this.from.push(from) - 1;
      this.to.push(to);
      const { sampled, unsureSamples, sampledFrom } = this;
      for (const counts of [this.connections, this.packets, this.unsure, sampled, unsureSamples, sampledFrom]) {
        counts.push(0);
      }
      this.largestDelivered.push(-1);
      this.leastDelay.push(Infinity);
      this.mostDelay.push(-Infinity);
      this.firstMatched.push(Infinity);
      this.lastMatched.push(-Infinity);
      others.set(to, id);
    }
    return id;
  }

  /** Of one connection. */
  noteSampled(pair: number, samples: number, unsure: number, packets: number): void {
    this.sampled[pair] = this.sampled[pair]! + samples;
    this.unsureSamples[pair] = this.unsureSamples[pair]! + unsure;
    this.sampledFrom[pair] = this.sampledFrom[pair]! + packets;
  }

  /** A packet, or all its bytes, arrived. */
  noteDelivered(pair: number, payload: number): void {
    if (payload > this.largestDelivered[pair]!) this.largestDelivered[pair] = payload;
  }

  /** A packet was seen at both, at `time` at the first of them. */
  noteMatch(pair: number, time: number, delay: number): void {
    if (delay < this.leastDelay[pair]!) this.leastDelay[pair] = delay;
    if (delay > this.mostDelay[pair]!) this.mostDelay[pair] = delay;
    if (time < this.firstMatched[pair]!) this.firstMatched[pair] = time;
    if (time > this.lastMatched[pair]!) this.lastMatched[pair] = time;
  }

  /** How much the clocks may differ; Infinity: by anything. */
  errorOf(pair: number): number {
    return this.clocks.between(this.from[pair]!, this.to[pair]!);
  }

  /** As proofOf(), for vantage points that need not have been neighbours on any path. */
  proofBetween(from: number, to: number, time: number): LostPacket['proof'] | null {
    const pair = this.ids.get(from)?.get(to);
    if (pair !== undefined && this.mostDelay[pair]! > -Infinity) return this.proofOf(pair, time);
    const error = this.clocks.between(from, to);
    if (error === Infinity) return null;
    return this.windows.covers(to, time - error, time + error + UNSEEN_DELAY_NS) ? 'capturing' : null;
  }

  /** What proves that a packet seen at the first at `time` and not at the second was lost between them; null: nothing does. */
  proofOf(pair: number, time: number): LostPacket['proof'] | null {
    const error = this.errorOf(pair);
    if (error !== Infinity) {
      const latest = time + error + Math.max(LEAST_DELAY_NS, this.mostDelay[pair]!);
      return this.windows.covers(this.to[pair]!, time - error, latest) ? 'capturing' : null;
    }
    const spread = Math.max(LEAST_DELAY_NS, this.mostDelay[pair]! - this.leastDelay[pair]!);
    const isBracketed = this.firstMatched[pair]! < time - spread && this.lastMatched[pair]! > time + spread;
    return isBracketed ? 'packets around it' : null;
  }
}
