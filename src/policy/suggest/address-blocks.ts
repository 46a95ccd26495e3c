/**
 * Addresses as the fewest CIDRs that hold them and nothing else, or, if asked for, whole networks of a given size.
 *
 * A network that would hold somebody of the cluster who was not meant is not used; the single addresses are, then.
 */
import { formatAddress } from '../../inventory/addresses/address-text.js';
import { addressWords, type AddressWords } from '../ip-block.js';

/** Length of the prefix that external addresses may be widened to: 32 and 128 keep them as they were seen. */
export interface Widening {
  readonly ipv4: number;
  readonly ipv6: number;
}

/** `10.0.0.4/31`, in order. `addresses` are canonical; `isForeign` tells whether a network holds somebody not meant. */
export function blocksOf(
  addresses: readonly string[],
  widening: Widening,
  isForeign: (network: NetworkBits) => boolean,
): string[] {
  const networks = addresses.flatMap((text) => {
    const address = addressWords(text);
    if (address === null) return [];
    const bits = bitsOf(address);
    const wide = bits.slice(0, Math.max(0, address.family === 4 ? widening.ipv4 : widening.ipv6));
    return [{ family: address.family, bits: isForeign({ family: address.family, bits: wide }) ? bits : wide }];
  });
  return [4, 6].flatMap((family) =>
    joined(networks.filter((network) => network.family === family).map(({ bits }) => bits)).map((bits) =>
      formatBits(bits, family === 4 ? 32 : 128),
    ),
  );
}

/** A network as the bits of its prefix, `0` and `1`. */
export interface NetworkBits {
  readonly family: 4 | 6;
  readonly bits: string;
}

/** All bits of an address. */
export function bitsOf({ family, words }: AddressWords): string {
  const used = family === 4 ? words.slice(0, 1) : words;
  return used.map((word) => (word >>> 0).toString(2).padStart(32, '0')).join('');
}

/** Drops what is inside another network, and joins halves to the network that they make up, as long as there are any. */
function joined(networks: readonly string[]): string[] {
  let known = new Set(networks);
  known = new Set([...known].filter((bits) => !isInside(bits, known)));
  const byLength = [...known].sort((a, b) => b.length - a.length);
  for (let next = byLength.shift(); next !== undefined; next = byLength.shift()) {
    const parent = next.slice(0, -1);
    const sibling = `${parent}${next.endsWith('0') ? '1' : '0'}`;
    if (next === '' || !known.has(next) || !known.has(sibling)) continue;
    known.delete(next);
    known.delete(sibling);
    known.add(parent);
    const at = byLength.findIndex(({ length }) => length <= parent.length);
    byLength.splice(at < 0 ? byLength.length : at, 0, parent);
  }
  return [...known].sort();
}

function isInside(bits: string, networks: ReadonlySet<string>): boolean {
  for (let length = 0; length < bits.length; length++) if (networks.has(bits.slice(0, length))) return true;
  return false;
}

function formatBits(bits: string, length: number): string {
  const padded = bits.padEnd(length, '0');
  const words = Array.from(
    { length: length / 32 },
    (_, word) => parseInt(padded.slice(word * 32, word * 32 + 32), 2) | 0,
  );
  return `${formatAddress({ family: length === 32 ? 4 : 6, words })}/${bits.length}`;
}
