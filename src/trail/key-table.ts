/** A hash table from keys of two words to the flow and the time that were last put under them. */
import { mixFour } from '../base/hash.js';

export class KeyTable {
  /** Time that the last exchange() replaced. */
  replacedTime = 0;
  private readonly mask: number;
  private readonly keys: Int32Array;
  /** Flow + 1; 0 = empty. */
  private readonly flows: Int32Array;
  private readonly times: Float64Array;

  /** For at most `size` keys. */
  constructor(size: number) {
    let slots = 16;
    while (slots < size * 2) slots *= 2;
    this.mask = slots - 1;
    this.keys = new Int32Array(slots * 2);
    this.flows = new Int32Array(slots);
    this.times = new Float64Array(slots);
  }

  /** Puts `flow` under the key; returns the one that was there, or -1. */
  exchange(first: number, second: number, flow: number, time: number): number {
    const slot = this.slotOf(first, second);
    const before = this.flows[slot]! - 1;
    this.replacedTime = this.times[slot]!;
    this.keys[slot * 2] = first;
    this.keys[slot * 2 + 1] = second;
    this.flows[slot] = flow + 1;
    this.times[slot] = time;
    return before;
  }

  /** The flow under the key, or -1. */
  find(first: number, second: number): number {
    return this.flows[this.slotOf(first, second)]! - 1;
  }

  /** The time under a key that there is. */
  timeOf(first: number, second: number): number {
    return this.times[this.slotOf(first, second)]!;
  }

  private slotOf(first: number, second: number): number {
    let slot = mixFour(first, second, 0, 0) & this.mask;
    while (this.flows[slot] !== 0 && (this.keys[slot * 2] !== first || this.keys[slot * 2 + 1] !== second)) {
      slot = (slot + 1) & this.mask;
    }
    return slot;
  }
}
