/** IP without a link-layer header (LINKTYPE_RAW and its kin), and wherever else only the version tells the family. */
import type { Decoded, Level } from './decoded.js';
import { decodeIpv4, HEADER_LENGTH as IPV4_HEADER_LENGTH, totalLength } from './ipv4.js';
import { decodeIpv6, HEADER_LENGTH as IPV6_HEADER_LENGTH, payloadLength } from './ipv6.js';
import { STOP, stopDecoding } from './stop.js';

/** Version nibble of the IP header at `at`; 0 if nothing was captured. */
export function ipVersion(view: DataView, at: number, end: number): number {
  return at < end ? view.getUint8(at) >> 4 : 0;
}

/**
 * Bytes that the IP header at `at` gives for its packet, 0 where no header was captured: for packets that were cut before
 * they were captured, without a trace in the capture.
 */
export function declaredLength(view: DataView, at: number, end: number): number {
  const version = ipVersion(view, at, end);
  if (version === 4 && end - at >= IPV4_HEADER_LENGTH) return totalLength(view, at);
  if (version === 6 && end - at >= IPV6_HEADER_LENGTH) return IPV6_HEADER_LENGTH + payloadLength(view, at);
  return 0;
}

/** Decodes an IPv4 or IPv6 packet by its version field. */
export function decodeRawIp(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (at >= end) return stopDecoding(d, at < wireEnd ? STOP.TruncatedIpv4 : STOP.ShortIpv4, at, 0);
  const version = ipVersion(view, at, end);
  if (version === 4) return decodeIpv4(view, at, end, wireEnd, level, d);
  if (version === 6) return decodeIpv6(view, at, end, wireEnd, level, d);
  stopDecoding(d, STOP.BadIpVersion, at, version);
}
