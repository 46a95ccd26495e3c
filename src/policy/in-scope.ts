/**
 * Of which traffic policies say nothing at all: what has no two hosts at its ends (multicast, broadcast, DHCP's unspecified address),
 * what stays inside one (loopback), and what keeps a link working (IPv6 link-local: neighbour and router discovery).
 *
 * NetworkPolicy speaks of connections between pods, and between pods and addresses; the rest varies by plugin (NETWORKPOLICY.md 1.6).
 * IPv4 link-local is judged: ipBlocks name 169.254.169.254, and node-local DNS is called there.
 */
import type { Owner } from '../model/owner.js';

const OUTSIDE: ReadonlySet<Owner['kind']> = new Set(['multicast', 'broadcast', 'loopback', 'unspecified']);
/** fe80::/10 in canonical text. */
const IPV6_LINK_LOCAL = /^fe[89ab][0-9a-f]:/i;

/** False for an end of which policies say nothing, and so of the whole connection; `address` is canonical. */
export function isInScope({ kind }: Owner, address: string): boolean {
  return !OUTSIDE.has(kind) && !IPV6_LINK_LOCAL.test(address);
}
