/**
 * What `ip -j [-d] link`, `ip -j addr`, `ip -j route`, `ip -j neigh` and `bridge -j fdb` print, told apart by their members.
 *
 * Links and addresses make the vantage points' names and the nodes' own addresses; routes, neighbours and forwarding entries
 * say which veth leads to which pod. JSON members as iproute2 6.x writes them (ip/ipaddress.c, ip/iproute.c, ip/ipneigh.c).
 */
import { canonicalAddress } from '../addresses/address-text.js';
import { asInteger, asList, asObject, asText, at, member, type RawObject } from '../facts/guards.js';

export interface LinkAddress {
  readonly address: string;
  readonly prefix: number;
  readonly broadcast: string | null;
}

/** One network interface; members that this kind of output does not show are null. */
export interface LinkSighting {
  readonly index: number;
  readonly name: string;
  readonly isLoopback: boolean;
  readonly kind: string | null;
  readonly mac: string | null;
  readonly mtu: number | null;
  readonly peerIndex: number | null;
  readonly linkNamespaceId: number | null;
  readonly master: string | null;
  readonly vxlanId: number | null;
  readonly addresses: readonly LinkAddress[];
}

/** An address (or MAC address) that is reached through a device. */
export interface Reach {
  readonly target: string;
  readonly device: string;
  /** For a neighbour: its MAC address. */
  readonly mac: string | null;
}

export type IpOutput =
  | { readonly type: 'links'; readonly links: readonly LinkSighting[] }
  | { readonly type: 'routes' | 'neighbours' | 'forwarding'; readonly reaches: readonly Reach[] }
  | { readonly type: 'bridge ports' };

/** Reads a parsed JSON value as one of these outputs; null if it is none of them. */
export function readIpOutput(value: unknown): IpOutput | null {
  // `ip -j -4 addr` prints {} for every link without such an address.
  const entries = asList(value)
    .map(asObject)
    .filter((entry) => entry !== null);
  const rows = entries.filter((entry) => Object.keys(entry).length > 0);
  if (rows.length === 0 || entries.length !== asList(value).length) return null;
  if (rows.every(isLink)) return { type: 'links', links: rows.map(readLink) };
  if (rows.every(isBridgePort)) return { type: 'bridge ports' };
  if (rows.every(isForwarding)) return { type: 'forwarding', reaches: rows.map(readForwarding) };
  if (rows.every(isNeighbour)) return { type: 'neighbours', reaches: readReaches(rows) };
  if (rows.every(isRoute)) return { type: 'routes', reaches: readReaches(rows) };
  return null;
}

function isLink(row: RawObject): boolean {
  if (asInteger(member(row, 'ifindex')) === null || asText(member(row, 'ifname')) === null) return false;
  return asText(member(row, 'link_type')) !== null || Array.isArray(member(row, 'addr_info'));
}

function isBridgePort(row: RawObject): boolean {
  return asInteger(member(row, 'ifindex')) !== null && asText(member(row, 'ifname')) !== null;
}

function isForwarding(row: RawObject): boolean {
  return asText(member(row, 'mac')) !== null && asText(member(row, 'ifname')) !== null;
}

function isNeighbour(row: RawObject): boolean {
  if (asText(member(row, 'dst')) === null || asText(member(row, 'dev')) === null) return false;
  return asText(member(row, 'lladdr')) !== null || Array.isArray(member(row, 'state'));
}

function isRoute(row: RawObject): boolean {
  if (asText(member(row, 'dst')) === null) return false;
  return ['dev', 'gateway', 'nexthops', 'type', 'nhid'].some((key) => member(row, key) !== undefined);
}

function readLink(row: RawObject): LinkSighting {
  return {
    index: asInteger(member(row, 'ifindex')) ?? 0,
    name: asText(member(row, 'ifname')) ?? '',
    isLoopback: member(row, 'link_type') === 'loopback',
    kind: asText(at(row, 'linkinfo', 'info_kind')),
    mac: asText(member(row, 'address')),
    mtu: asInteger(member(row, 'mtu')),
    peerIndex: asInteger(member(row, 'link_index')),
    linkNamespaceId: asInteger(member(row, 'link_netnsid')),
    master: asText(member(row, 'master')),
    vxlanId: vxlanIdOf(row),
    addresses: asList(member(row, 'addr_info')).flatMap((entry) => readLinkAddress(entry) ?? []),
  };
}

function vxlanIdOf(row: RawObject): number | null {
  return at(row, 'linkinfo', 'info_kind') === 'vxlan' ? asInteger(at(row, 'linkinfo', 'info_data', 'id')) : null;
}

function readLinkAddress(entry: unknown): LinkAddress | null {
  const address = canonicalAddress(asText(member(entry, 'local')) ?? '');
  if (address === null) return null;
  const broadcast = asText(member(entry, 'broadcast'));
  return {
    address,
    prefix: asInteger(member(entry, 'prefixlen')) ?? (address.includes(':') ? 128 : 32),
    broadcast: broadcast === null ? null : canonicalAddress(broadcast),
  };
}

function readForwarding(row: RawObject): Reach {
  const mac = asText(member(row, 'mac')) ?? '';
  return { target: mac, device: asText(member(row, 'ifname')) ?? '', mac };
}

/** Single addresses only: a route to a network leads to no pod in particular. */
function readReaches(rows: readonly RawObject[]): Reach[] {
  const reaches: Reach[] = [];
  for (const row of rows) {
    const destination = asText(member(row, 'dst')) ?? '';
    const target = canonicalAddress(destination.replace(/\/(32|128)$/, ''));
    const device = asText(member(row, 'dev'));
    if (target === null || device === null || asText(member(row, 'gateway')) !== null) continue;
    reaches.push({ target, device, mac: asText(member(row, 'lladdr')) });
  }
  return reaches;
}
