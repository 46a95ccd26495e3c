/**
 * ARP, counted per asked address: requests and replies (RFC 826). Bounded; what comes after the limit is only in the totals.
 */
import type { AddressTable } from '../base/address.js';
import type { Level } from '../wire/decoded.js';

const MAX_ADDRESSES = 65_536;
const REQUEST = 1;
const REPLY = 2;

export class ArpTable {
  requests = 0;
  replies = 0;
  /** Per address id: requests for it, and replies by it. */
  asked = new Int32Array(256);
  answered = new Int32Array(256);

  packet(addresses: AddressTable, level: Level): void {
    if (level.arpOperation === REQUEST) {
      this.requests++;
      // A host asking for its own address announces itself or probes for a duplicate (RFC 5227): no answer is expected.
      if (level.source3 === level.destination3 || level.source3 === 0) return;
      const id = addresses.internIpv4(level.destination3);
      if (this.reserve(id)) this.asked[id] = this.asked[id]! + 1;
    } else if (level.arpOperation === REPLY) {
      this.replies++;
      const id = addresses.internIpv4(level.source3);
      if (this.reserve(id)) this.answered[id] = this.answered[id]! + 1;
    }
  }

  private reserve(id: number): boolean {
    if (id < this.asked.length) return true;
    if (id >= MAX_ADDRESSES) return false;
    let length = this.asked.length;
    while (length <= id) length *= 2;
    const asked = new Int32Array(length);
    asked.set(this.asked);
    this.asked = asked;
    const answered = new Int32Array(length);
    answered.set(this.answered);
    this.answered = answered;
    return true;
  }
}
