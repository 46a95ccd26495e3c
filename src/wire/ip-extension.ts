/**
 * IPv6 extension headers (RFC 8200 section 4): hop-by-hop and destination options, routing (with the segment routing
 * header, RFC 8754), fragment; Authentication Header (RFC 4302, also behind IPv4); Mobility (RFC 6275), HIP (RFC 7401),
 * Shim6 (RFC 5533). All begin alike:
 *
 *     +---------------+---------------+-------------------------------+
 *     |  Next Header  |  Hdr Ext Len  |                               |   length: (Hdr Ext Len + 1) * 8 bytes,
 *     +---------------+---------------+                               +   Authentication Header: (Len + 2) * 4
 *
 *     +---------------+---------------+-------------------------+---+-+
 *     |  Next Header  |   Reserved    |      Fragment Offset    |Res|M|   fragment header: always 8 bytes
 *     +---------------+---------------+-------------------------+---+-+
 *     |                         Identification                        |
 *
 * They are skipped; only the fragment header and the jumbo payload option (RFC 2675) are looked into.
 */
import { type Decoded, type Level, NONE } from './decoded.js';
import { IP_PROTOCOL } from './ip-payload.js';
import { STOP, stopDecoding } from './stop.js';

const NEXT_HEADER = 0;
const LENGTH = 1;
const FRAGMENT_OFFSET = 2;
const FRAGMENT_IDENTIFICATION = 4;
const SHORTEST_LENGTH = 8;
const OPTIONS = 2;

const MORE_FRAGMENTS = 1;
const OFFSET_IN_BYTES = 0xfff8;

const OPTION_PAD1 = 0;
const OPTION_JUMBO_PAYLOAD = 0xc2;
const JUMBO_PAYLOAD_LENGTH = 4;

/** Whether a next header number is one of the extension headers that skipExtensionHeaders knows. */
export function isExtensionHeader(protocol: number): boolean {
  switch (protocol) {
    case IP_PROTOCOL.HopByHop:
    case IP_PROTOCOL.Routing:
    case IP_PROTOCOL.Fragment:
    case IP_PROTOCOL.AuthenticationHeader:
    case IP_PROTOCOL.DestinationOptions:
    case IP_PROTOCOL.Mobility:
    case IP_PROTOCOL.HostIdentity:
    case IP_PROTOCOL.Shim6:
      return true;
    default:
      return false;
  }
}

/**
 * Walks the chain that begins at `from` with header level.protocol, leaves the final protocol there, and returns where its
 * header (or a later fragment's data) begins; NONE if decoding stopped.
 */
export function skipExtensionHeaders(
  view: DataView,
  from: number,
  end: number,
  wireEnd: number,
  level: Level,
  d: Decoded,
): number {
  let at = from;
  while (isExtensionHeader(level.protocol)) {
    const length = end - at < SHORTEST_LENGTH ? SHORTEST_LENGTH : headerLength(view, at, level.protocol);
    if (end - at < length) {
      stopDecoding(d, wireEnd - at < length ? STOP.ShortExtension : STOP.TruncatedExtension, at, level.protocol);
      return NONE;
    }
    if (level.protocol === IP_PROTOCOL.Fragment) decodeFragment(view, at, level);
    level.protocol = view.getUint8(at + NEXT_HEADER);
    at += length;
    if (level.fragmentOffset !== 0) break;
  }
  return at;
}

/**
 * The jumbo payload length in the hop-by-hop header at `at` (bytes behind the IPv6 header; negative from 2^31 on), 0 where
 * there is none.
 */
export function jumboPayloadLength(view: DataView, at: number, end: number): number {
  if (end - at < SHORTEST_LENGTH) return 0;
  const declaredEnd = at + ((view.getUint8(at + LENGTH) + 1) << 3);
  const optionsEnd = declaredEnd < end ? declaredEnd : end;
  let option = at + OPTIONS;
  while (option < optionsEnd) {
    const type = view.getUint8(option);
    if (type === OPTION_PAD1) {
      option += 1;
      continue;
    }
    if (optionsEnd - option < OPTIONS) return 0;
    const length = view.getUint8(option + LENGTH);
    if (optionsEnd - option - OPTIONS < length) return 0;
    if (type === OPTION_JUMBO_PAYLOAD && length === JUMBO_PAYLOAD_LENGTH) return view.getInt32(option + OPTIONS);
    option += OPTIONS + length;
  }
  return 0;
}

function headerLength(view: DataView, at: number, protocol: number): number {
  if (protocol === IP_PROTOCOL.Fragment) return SHORTEST_LENGTH;
  const length = view.getUint8(at + LENGTH);
  return protocol === IP_PROTOCOL.AuthenticationHeader ? (length + 2) << 2 : (length + 1) << 3;
}

/** An atomic fragment (offset 0, no more to come, RFC 6946) is a whole packet. */
function decodeFragment(view: DataView, at: number, level: Level): void {
  const word = view.getUint16(at + FRAGMENT_OFFSET);
  if ((word & (OFFSET_IN_BYTES | MORE_FRAGMENTS)) === 0) return;
  level.isFragment = 1;
  level.fragmentOffset = word & OFFSET_IN_BYTES;
  level.moreFragments = word & MORE_FRAGMENTS;
  level.fragmentId = view.getInt32(at + FRAGMENT_IDENTIFICATION);
}
