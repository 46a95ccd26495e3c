/**
 * IP addresses as numbers: interning to dense ids, and text at the edge.
 *
 * An address is four int32 words, most significant first; an IPv4 address has its value in the last word, zeros before
 * it and family 4. The table gives each distinct (family, words) a dense id from 0, so a later join with the inventory is an
 * array index.
 */
import { mixFour } from './hash.js';

export const FAMILY_IPV4 = 4;
export const FAMILY_IPV6 = 6;
const INITIAL_SLOTS = 1024;
const WORDS = 4;

export class AddressTable {
  /** Number of distinct addresses; ids are 0..size-1. */
  size = 0;
  private words = new Int32Array((INITIAL_SLOTS / 2) * WORDS);
  private families = new Uint8Array(INITIAL_SLOTS / 2);
  /** IPv4: the address and id + 1 (0 = empty) per slot, so that a look-up stays in one cache line. */
  private ipv4Slots = new Int32Array(INITIAL_SLOTS * 2);
  private ipv4Shift = Math.clz32(INITIAL_SLOTS - 1);
  private ipv4Count = 0;
  /** IPv6: id + 1 per slot. */
  private ipv6Slots = new Int32Array(INITIAL_SLOTS);
  private ipv6Count = 0;

  /** The id of an IPv4 address given as one int32 word. */
  internIpv4(word: number): number {
    const slots = this.ipv4Slots;
    let slot = hashIpv4(word, this.ipv4Shift);
    for (;;) {
      const entry = slots[slot + 1]!;
      if (entry === 0) return this.insertIpv4(slot, word);
      if (slots[slot] === word) return entry - 1;
      slot = (slot + 2) & (slots.length - 1);
    }
  }

  /** The id of an IPv6 address given as four int32 words. */
  internIpv6(w0: number, w1: number, w2: number, w3: number): number {
    const mask = this.ipv6Slots.length - 1;
    let slot = mixFour(w0, w1, w2, w3) & mask;
    for (;;) {
      const id = this.ipv6Slots[slot]! - 1;
      if (id < 0) return this.insertIpv6(slot, w0, w1, w2, w3);
      const at = id * WORDS;
      const words = this.words;
      if (words[at + 3] === w3 && words[at + 2] === w2 && words[at + 1] === w1 && words[at] === w0) return id;
      slot = (slot + 1) & mask;
    }
  }

  /** FAMILY_IPV4 or FAMILY_IPV6. */
  family(id: number): number {
    return this.families[id]!;
  }

  /** Word 0..3 of the address, most significant first. */
  word(id: number, index: number): number {
    return this.words[id * WORDS + index]!;
  }

  text(id: number): string {
    const at = id * WORDS;
    if (this.families[id] === FAMILY_IPV4) return formatIpv4(this.words[at + 3]!);
    return formatIpv6(this.words[at]!, this.words[at + 1]!, this.words[at + 2]!, this.words[at + 3]!);
  }

  private insertIpv4(slot: number, word: number): number {
    const id = this.append(FAMILY_IPV4, 0, 0, 0, word);
    this.ipv4Slots[slot] = word;
    this.ipv4Slots[slot + 1] = id + 1;
    if (++this.ipv4Count * 4 > this.ipv4Slots.length) this.growIpv4();
    return id;
  }

  private insertIpv6(slot: number, w0: number, w1: number, w2: number, w3: number): number {
    const id = this.append(FAMILY_IPV6, w0, w1, w2, w3);
    this.ipv6Slots[slot] = id + 1;
    if (++this.ipv6Count * 2 > this.ipv6Slots.length) this.growIpv6();
    return id;
  }

  private append(family: number, w0: number, w1: number, w2: number, w3: number): number {
    const id = this.size++;
    if (id >= this.families.length) this.growEntries();
    const at = id * WORDS;
    this.words[at] = w0;
    this.words[at + 1] = w1;
    this.words[at + 2] = w2;
    this.words[at + 3] = w3;
    this.families[id] = family;
    return id;
  }

  private growEntries(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    const families = new Uint8Array(this.families.length * 2);
    families.set(this.families);
    this.families = families;
  }

  private growIpv4(): void {
    const old = this.ipv4Slots;
    this.ipv4Slots = new Int32Array(old.length * 2);
    this.ipv4Shift--;
    const mask = this.ipv4Slots.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === 0) continue;
      let slot = hashIpv4(old[from]!, this.ipv4Shift);
      while (this.ipv4Slots[slot + 1] !== 0) slot = (slot + 2) & mask;
      this.ipv4Slots[slot] = old[from]!;
      this.ipv4Slots[slot + 1] = old[from + 1]!;
    }
  }

  private growIpv6(): void {
    this.ipv6Slots = new Int32Array(this.ipv6Slots.length * 2);
    const mask = this.ipv6Slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      if (this.families[id] !== FAMILY_IPV6) continue;
      const at = id * WORDS;
      let slot = mixFour(this.words[at]!, this.words[at + 1]!, this.words[at + 2]!, this.words[at + 3]!) & mask;
      while (this.ipv6Slots[slot] !== 0) slot = (slot + 1) & mask;
      this.ipv6Slots[slot] = id + 1;
    }
  }
}

/**
 * Position of an address in a table of pairs of which 2^(32 - shift) have room: the upper bits of one multiplication, which put
 * the neighbours of a subnet far from each other (Knuth, The Art of Computer Programming 6.4, Fibonacci hashing).
 */
function hashIpv4(word: number, shift: number): number {
  return (Math.imul(word, 0x9e3779b1 | 0) >>> shift) << 1;
}

export function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
export function formatIpv6(w0: number, w1: number, w2: number, w3: number): string {
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return `::ffff:${formatIpv4(w3)}`; // RFC 5952 section 5
  const groups: number[] = [];
  for (const word of [w0, w1, w2, w3]) groups.push(word >>> 16, word & 0xffff);
  let bestAt = -1;
  let bestLength = 1;
  for (let at = 0; at < 8;) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > bestLength) {
      bestAt = at;
      bestLength = length;
    }
    at += Math.max(length, 1);
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return bestAt < 0 ? text(0, 8) : `${text(0, bestAt)}::${text(bestAt + bestLength, 8)}`;
}

/** Text of a MAC address from its upper 16 and lower 32 bits: `02:42:ac:11:00:02`. */
export function formatMac(high16: number, low32: number): string {
  const hex = (high16 & 0xffff).toString(16).padStart(4, '0') + (low32 >>> 0).toString(16).padStart(8, '0');
  return hex.replace(/(..)(?=.)/g, '$1:');
}
