/**
 * BSD loopback: LINKTYPE_NULL (four bytes of address family in the byte order of the capturing host) and LINKTYPE_LOOP (the
 * same in network byte order). Both orders are accepted for both. AF_INET is 2 everywhere; AF_INET6 differs by system.
 */
import type { Decoded, Level } from './decoded.js';
import { decodeIpv4 } from './ipv4.js';
import { decodeIpv6 } from './ipv6.js';
import { STOP, stopDecoding } from './stop.js';

export const HEADER_LENGTH = 4;

const LARGEST_FAMILY = 0xffff;

const FAMILY = { Inet: 2, Inet6Linux: 10, Inet6Bsd: 24, Inet6FreeBsd: 28, Inet6Darwin: 30, Inet6Windows: 23 } as const;

/** Decodes the packet at `at`. */
export function decodeNullLoopback(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  level: Level,
  d: Decoded,
): void {
  if (end - at < HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < HEADER_LENGTH ? STOP.ShortLink : STOP.TruncatedLink, at, 0);
  }
  const network = view.getInt32(at);
  const family = network >= 0 && network <= LARGEST_FAMILY ? network : view.getInt32(at, true);
  switch (family) {
    case FAMILY.Inet:
      return decodeIpv4(view, at + HEADER_LENGTH, end, wireEnd, level, d);
    case FAMILY.Inet6Linux:
    case FAMILY.Inet6Bsd:
    case FAMILY.Inet6FreeBsd:
    case FAMILY.Inet6Darwin:
    case FAMILY.Inet6Windows:
      return decodeIpv6(view, at + HEADER_LENGTH, end, wireEnd, level, d);
    default:
      stopDecoding(d, STOP.AddressFamilyNotDecoded, at, family);
  }
}
