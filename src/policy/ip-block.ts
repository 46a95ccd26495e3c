/**
 * CIDR blocks of policies: `ip in cidr and not in any except` (NETWORKPOLICY.md 1.5).
 *
 * Host bits in a CIDR are masked, as the API accepts `10.10.1.12/24`. IPv4 and IPv6 never match each other. An address is
 * four int32 words, most significant first, with IPv4 in the first, so that a block is masks and values to compare.
 */
import { formatAddress, parseAddress, parseNetwork, type Network } from '../inventory/addresses/address-text.js';

export interface AddressWords {
  readonly family: 4 | 6;
  readonly words: readonly [number, number, number, number];
}

export interface Cidr {
  /** As the policy writes it. */
  readonly text: string;
  readonly family: 4 | 6;
  readonly prefix: number;
  readonly masks: readonly [number, number, number, number];
  readonly values: readonly [number, number, number, number];
}

export interface IpBlock {
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
}

/** The address in any text form as words; null if it is none. */
export function addressWords(text: string): AddressWords | null {
  const bits = parseAddress(text);
  if (bits === null) return null;
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = bits.words;
  return { family: bits.family, words: [w0, w1, w2, w3] };
}

/** Parses `10.0.0.0/8` or `fd00::/64`; null if it is none. */
export function parseCidr(text: string): Cidr | null {
  const network = parseNetwork(text);
  if (network === null) return null;
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = network.bits.words;
  return {
    text,
    family: network.bits.family,
    prefix: network.prefix,
    masks: [mask(network, 0), mask(network, 1), mask(network, 2), mask(network, 3)],
    values: [w0, w1, w2, w3],
  };
}

function mask(network: Network, word: number): number {
  const kept = network.prefix - word * 32;
  if (kept <= 0) return 0;
  return kept >= 32 ? -1 : -1 << (32 - kept);
}

export function cidrContains(cidr: Cidr, { family, words }: AddressWords): boolean {
  if (family !== cidr.family) return false;
  const { masks, values } = cidr;
  return (
    (words[0] & masks[0]) === values[0] &&
    (words[1] & masks[1]) === values[1] &&
    (words[2] & masks[2]) === values[2] &&
    (words[3] & masks[3]) === values[3]
  );
}

/** True if every address of `inner` is in `outer`. */
export function cidrCovers(outer: Cidr, inner: Cidr): boolean {
  return inner.prefix >= outer.prefix && cidrContains(outer, { family: inner.family, words: inner.values });
}

export function blockContains({ cidr, except }: IpBlock, address: AddressWords): boolean {
  return cidrContains(cidr, address) && !except.some((hole) => cidrContains(hole, address));
}

/** The block's network in its canonical spelling, host bits cleared. */
export function canonicalCidr({ family, values, prefix }: Cidr): string {
  return `${formatAddress({ family, words: family === 4 ? values.slice(0, 1) : values })}/${prefix}`;
}
