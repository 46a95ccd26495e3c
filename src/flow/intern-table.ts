/**
 * Interns small tuples of five int32 to dense ids; the base of the tables that are looked at once per packet or per flow and
 * hold few rows (encapsulations, outer paths, vantage points).
 */
import { mixFour } from '../base/hash.js';

const INITIAL_SLOTS = 64;
const WIDTH = 5;

export class InternTable {
  /** Number of distinct tuples; ids are 0..size-1. */
  size = 0;
  private fields = new Int32Array((INITIAL_SLOTS / 2) * WIDTH);
  private slots = new Int32Array(INITIAL_SLOTS);

  intern(a: number, b: number, c: number, d: number, e: number): number {
    const mask = this.slots.length - 1;
    let slot = tupleHash(a, b, c, d, e) & mask;
    for (;;) {
      const id = this.slots[slot]! - 1;
      if (id < 0) return this.insert(slot, a, b, c, d, e);
      const at = id * WIDTH;
      const fields = this.fields;
      if (
        fields[at] === a &&
        fields[at + 1] === b &&
        fields[at + 2] === c &&
        fields[at + 3] === d &&
        fields[at + 4] === e
      ) {
        return id;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Field 0..4 of a tuple. */
  field(id: number, index: number): number {
    return this.fields[id * WIDTH + index]!;
  }

  private insert(slot: number, a: number, b: number, c: number, d: number, e: number): number {
    const id = this.size++;
    if ((id + 1) * WIDTH > this.fields.length) {
      const fields = new Int32Array(this.fields.length * 2);
      fields.set(this.fields);
      this.fields = fields;
    }
    const at = id * WIDTH;
    this.fields[at] = a;
    this.fields[at + 1] = b;
    this.fields[at + 2] = c;
    this.fields[at + 3] = d;
    this.fields[at + 4] = e;
    this.slots[slot] = id + 1;
    if (this.size * 2 > this.slots.length) this.grow();
    return id;
  }

  private grow(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot =
        tupleHash(this.field(id, 0), this.field(id, 1), this.field(id, 2), this.field(id, 3), this.field(id, 4)) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = id + 1;
    }
  }
}

function tupleHash(a: number, b: number, c: number, d: number, e: number): number {
  return mixFour(a, b, c, d ^ Math.imul(e, 0x2545f491));
}
