/**
 * Addresses and networks as text: one canonical spelling per address, and sets of networks to look an address up in.
 *
 * Canonical is dotted decimal for IPv4 (also when written IPv4-mapped, RFC 4291 section 2.5.5.2) and RFC 5952 for IPv6,
 * the same as base/address.ts prints. ipaddr.js alone takes `10.1` and `0x0a000001` for addresses, so node:net decides first.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { formatIpv4, formatIpv6 } from '../../base/address.js';

export interface AddressBits {
  readonly family: 4 | 6;
  /** Four 32-bit words, most significant first; IPv4 has one word. */
  readonly words: readonly number[];
}

export interface Network {
  readonly bits: AddressBits;
  readonly prefix: number;
}

const WORD_BITS = 32;

/** Parses an address in any valid text form, zone (`%eth0`) ignored; IPv4-mapped becomes IPv4. Null if it is none. */
export function parseAddress(text: string): AddressBits | null {
  const word = parseIpv4(text);
  if (word !== null) return { family: 4, words: [word] };
  const zone = text.indexOf('%');
  const plain = zone < 0 ? text : text.slice(0, zone);
  if (isIP(plain) === 0) return null;
  const bytes = ipaddr.process(plain).toByteArray();
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    words.push((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
  return { family: words.length === 1 ? 4 : 6, words };
}

/** The word of an IPv4 address in strict dotted decimal (no leading zeros), which is its canonical form; null if it is none. */
function parseIpv4(text: string): number | null {
  let word = 0;
  let dots = 0;
  let octet = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e) {
      if (octet < 0) return null;
      word = (word << 8) | octet;
      octet = -1;
      dots++;
      continue;
    }
    if (code < 0x30 || code > 0x39 || octet === 0) return null;
    octet = (octet < 0 ? 0 : octet * 10) + code - 0x30;
    if (octet > 255) return null;
  }
  return dots === 3 && octet >= 0 ? (word << 8) | octet : null;
}

export function formatAddress(bits: AddressBits): string {
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = bits.words;
  return bits.family === 4 ? formatIpv4(w0) : formatIpv6(w0, w1, w2, w3);
}

/** The one spelling of an address that all tables use as key; null if the text is no address. */
export function canonicalAddress(text: string): string | null {
  if (parseIpv4(text) !== null) return text;
  const bits = parseAddress(text);
  return bits === null ? null : formatAddress(bits);
}

/** Canonical forms of those texts that are addresses, each once; the rest (`None`, host names) is left out. */
export function canonicalAddresses(texts: readonly string[]): string[] {
  const found = new Set<string>();
  for (const text of texts) {
    const address = canonicalAddress(text);
    if (address !== null) found.add(address);
  }
  return [...found];
}

/** Parses `10.244.1.0/24` or `fd00::/64`; null if it is none. */
export function parseNetwork(text: string): Network | null {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const bits = parseAddress(match[1]!);
  const prefix = Number(match[2]);
  if (bits === null || prefix > bits.words.length * WORD_BITS) return null;
  return { bits: maskAddress(bits, prefix), prefix };
}

/** The address with all bits after the first `prefix` cleared. */
export function maskAddress(bits: AddressBits, prefix: number): AddressBits {
  const words = bits.words.map((word, index) => word & wordMask(prefix - index * WORD_BITS));
  return { family: bits.family, words };
}

function wordMask(kept: number): number {
  if (kept <= 0) return 0;
  return kept >= WORD_BITS ? -1 : -1 << (WORD_BITS - kept);
}

/** The address `offset` (small, not negative) after the first of a network; null when the network is too small for it. */
export function addressInNetwork(network: Network, offset: number): string | null {
  const hostBits = network.bits.words.length * WORD_BITS - network.prefix;
  if (hostBits < WORD_BITS && offset >= 2 ** hostBits) return null;
  const words = [...network.bits.words];
  words[words.length - 1] = (words[words.length - 1]! + offset) | 0;
  return formatAddress({ family: network.bits.family, words });
}

/** The directed broadcast address of an IPv4 network (RFC 919); null for IPv6 and for /31 and /32, which have none. */
export function broadcastOf(network: Network): string | null {
  if (network.bits.family !== 4 || network.prefix > 30) return null;
  return formatIpv4(network.bits.words[0]! | ~wordMask(network.prefix));
}

/** A set of networks; looking an address up costs one probe per distinct prefix length. */
export class NetworkSet {
  /** First addresses of the networks by prefix length: IPv4 as words, IPv6 as text. */
  private readonly ipv4 = new Map<number, Set<number>>();
  private readonly ipv6 = new Map<number, Set<string>>();

  get isEmpty(): boolean {
    return this.ipv4.size + this.ipv6.size === 0;
  }

  add({ bits, prefix }: Network): void {
    if (bits.family === 4) addTo(this.ipv4, prefix, bits.words[0]!);
    else addTo(this.ipv6, prefix, formatAddress(bits));
  }

  has(bits: AddressBits): boolean {
    if (bits.family === 4) {
      const word = bits.words[0]!;
      for (const [prefix, words] of this.ipv4) if (words.has(word & wordMask(prefix))) return true;
      return false;
    }
    for (const [prefix, texts] of this.ipv6) if (texts.has(formatAddress(maskAddress(bits, prefix)))) return true;
    return false;
  }
}

function addTo<T>(byPrefix: Map<number, Set<T>>, prefix: number, value: T): void {
  const values = byPrefix.get(prefix);
  if (values === undefined) byPrefix.set(prefix, new Set([value]));
  else values.add(value);
}
