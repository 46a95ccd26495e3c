/**
 * IP addresses as numbers: interning to dense ids, and text at the edge.
 *
 * An address is four int32 words, most significant first; an IPv4 address has its value in the last word, zeros before
 * it and family 4. The table gives each distinct (family, words) a dense id from 0, so a later join with the inventory is an
 * array index.
 */
import { finish, mixFour } from './hash.js';

export const FAMILY_IPV4 = 4;
export const FAMILY_IPV6 = 6;
const INITIAL_SLOTS = 1024;
const WORDS = 4;

export class AddressTable {
  /** Number of distinct addresses; ids are 0..size-1. */
  size = 0;
  private words = new Int32Array((INITIAL_SLOTS / 2) * WORDS);
  private families = new Uint8Array(INITIAL_SLOTS / 2);
  /** id + 1 per slot, 0 = empty. */
  private slots = new Int32Array(INITIAL_SLOTS);
  private mask = INITIAL_SLOTS - 1;

  /** The id of an IPv4 address given as one int32 word. */
  internIpv4(word: number): number {
    let slot = finish(word) & this.mask;
    for (;;) {
      const id = this.slots[slot]! - 1;
      if (id < 0) return this.insert(slot, FAMILY_IPV4, 0, 0, 0, word);
      if (this.words[id * WORDS + 3] === word && this.families[id] === FAMILY_IPV4) return id;
      slot = (slot + 1) & this.mask;
    }
  }

  /** The id of an IPv6 address given as four int32 words. */
  internIpv6(w0: number, w1: number, w2: number, w3: number): number {
    let slot = mixFour(w0, w1, w2, w3) & this.mask;
    for (;;) {
      const id = this.slots[slot]! - 1;
      if (id < 0) return this.insert(slot, FAMILY_IPV6, w0, w1, w2, w3);
      const at = id * WORDS;
      if (
        this.words[at + 3] === w3 &&
        this.words[at + 2] === w2 &&
        this.words[at + 1] === w1 &&
        this.words[at] === w0 &&
        this.families[id] === FAMILY_IPV6
      ) {
        return id;
      }
      slot = (slot + 1) & this.mask;
    }
  }

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

  private insert(slot: number, family: number, w0: number, w1: number, w2: number, w3: number): number {
    const id = this.size++;
    if (id >= this.families.length) this.growEntries();
    const at = id * WORDS;
    this.words[at] = w0;
    this.words[at + 1] = w1;
    this.words[at + 2] = w2;
    this.words[at + 3] = w3;
    this.families[id] = family;
    this.slots[slot] = id + 1;
    if (this.size * 2 > this.slots.length) this.growSlots();
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

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    this.mask = this.slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      const at = id * WORDS;
      const hash =
        this.families[id] === FAMILY_IPV4
          ? finish(this.words[at + 3]!)
          : mixFour(this.words[at]!, this.words[at + 1]!, this.words[at + 2]!, this.words[at + 3]!);
      let slot = hash & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = id + 1;
    }
  }
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
