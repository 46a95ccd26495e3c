/**
 * Who an address is that no object claims: by what its network is for.
 *
 * Special addresses are those of the IANA special-purpose registries (RFC 6890). The cluster's own networks come from
 * podCIDRs, ServiceCIDR objects and the control plane's flags; where these are silent they are guessed narrowly (see below),
 * because calling a cluster address "external" is worse than calling it unknown.
 */
import type { OwnerKind } from '../../model/owner.js';
import {
  type AddressBits,
  formatAddress,
  maskAddress,
  type Network,
  NetworkSet,
  parseAddress,
  parseNetwork,
} from './address-text.js';

export interface Classification {
  readonly kind: OwnerKind;
  /** False for what only stands to reason. */
  readonly isSure: boolean;
  readonly reason: string;
}

/** Pod networks are cut per node from one cluster network, which is hardly ever narrower than this. */
const GUESSED_IPV4_PREFIX = 16;
const GUESSED_IPV6_PREFIX = 56;
/** Around a pod address that no stated network holds. */
const NEIGHBOURHOOD_IPV4_PREFIX = 24;
const NEIGHBOURHOOD_IPV6_PREFIX = 64;

export class ClusterNetworks {
  private readonly pods = new NetworkSet();
  private readonly likelyPods = new NetworkSet();
  private readonly services = new NetworkSet();
  private readonly broadcasts = new Set<string>();

  addPodNetwork(text: string): void {
    const network = parseNetwork(text.trim());
    if (network === null) return;
    this.pods.add(network);
    const guess = network.bits.family === 4 ? GUESSED_IPV4_PREFIX : GUESSED_IPV6_PREFIX;
    if (network.prefix > guess && isPrivate(network.bits)) this.likelyPods.add(widen(network.bits, guess));
  }

  addServiceNetwork(text: string): void {
    const network = parseNetwork(text.trim());
    if (network !== null) this.services.add(network);
  }

  /** Without podCIDRs (cloud networks, Calico pools) the surroundings of a pod's address are taken for pod network. */
  addPodAddress(text: string): void {
    const bits = parseAddress(text);
    if (bits === null || this.pods.has(bits)) return;
    this.likelyPods.add(widen(bits, bits.family === 4 ? NEIGHBOURHOOD_IPV4_PREFIX : NEIGHBOURHOOD_IPV6_PREFIX));
  }

  /** Without a stated service network: the smallest one that holds all ClusterIPs of a family, if there are several. */
  guessServiceNetworks(addresses: readonly string[]): void {
    if (!this.services.isEmpty) return;
    const all = addresses.map(parseAddress).filter((bits) => bits !== null);
    for (const family of [4, 6] as const) {
      const ofFamily = all.filter((bits) => bits.family === family);
      if (ofFamily.length > 1) this.services.add(smallestNetwork(ofFamily, family === 4 ? 12 : 64));
    }
  }

  addBroadcast(address: string): void {
    this.broadcasts.add(address);
  }

  /** Whether the address belongs to a stated pod network. */
  isPodAddress(address: string): boolean {
    const bits = parseAddress(address);
    return bits !== null && this.pods.has(bits);
  }

  /** What an address without owner is; `history` says who had it at other times, if anybody had. */
  classify(address: string, history: string): Classification {
    const bits = parseAddress(address);
    if (bits === null) return { kind: 'unknown', isSure: false, reason: 'this is not an IP address' };
    const special = specialKind(bits);
    if (special !== null) return { kind: special, isSure: true, reason: '' };
    if (this.broadcasts.has(address)) return { kind: 'broadcast', isSure: true, reason: '' };
    if (history !== '') return { kind: 'unknown', isSure: false, reason: history };
    if (this.services.has(bits)) return unknown('in the service network, but no service in the inventory has it');
    if (this.pods.has(bits)) return unknown('in a pod network, but no pod in the inventory had it at that time');
    if (this.likelyPods.has(bits))
      return unknown('near the pod networks, but no pod in the inventory had it at that time');
    if (!isPrivate(bits)) return { kind: 'external', isSure: true, reason: '' };
    if (this.pods.isEmpty && this.likelyPods.isEmpty) {
      return unknown('a private address, and the inventory does not say which networks the cluster uses');
    }
    return { kind: 'external', isSure: false, reason: 'a private address outside the networks of the cluster' };
  }
}

function unknown(reason: string): Classification {
  return { kind: 'unknown', isSure: false, reason };
}

function widen(bits: AddressBits, prefix: number): Network {
  return { bits: maskAddress(bits, prefix), prefix };
}

function smallestNetwork(addresses: readonly AddressBits[], shortest: number): Network {
  let prefix = addresses[0]!.words.length * 32;
  const isShared = (length: number): boolean => {
    const first = formatAddress(maskAddress(addresses[0]!, length));
    return addresses.every((bits) => formatAddress(maskAddress(bits, length)) === first);
  };
  while (prefix > shortest && !isShared(prefix)) prefix--;
  return widen(addresses[0]!, prefix);
}

const SPECIAL: readonly (readonly [string, OwnerKind])[] = [
  ['0.0.0.0/32', 'unspecified'],
  ['::/128', 'unspecified'],
  ['255.255.255.255/32', 'broadcast'],
  ['127.0.0.0/8', 'loopback'],
  ['::1/128', 'loopback'],
  ['224.0.0.0/4', 'multicast'],
  ['ff00::/8', 'multicast'],
  ['169.254.0.0/16', 'link-local'],
  ['fe80::/10', 'link-local'],
];
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

function setOf(texts: readonly string[]): NetworkSet {
  const set = new NetworkSet();
  for (const text of texts) {
    const network = parseNetwork(text);
    if (network !== null) set.add(network);
  }
  return set;
}

const PRIVATE_NETWORKS = setOf(PRIVATE);
const SPECIAL_NETWORKS = SPECIAL.map(([text, kind]) => ({ networks: setOf([text]), kind }));

/** The kind of an address that is special everywhere; null for ordinary ones. */
export function specialKind(bits: AddressBits): OwnerKind | null {
  for (const { networks, kind } of SPECIAL_NETWORKS) if (networks.has(bits)) return kind;
  return null;
}

/** RFC 1918, RFC 4193 (unique local) and RFC 6598 (shared) addresses. */
function isPrivate(bits: AddressBits): boolean {
  return PRIVATE_NETWORKS.has(bits);
}
