/**
 * IPv6 (RFC 8200).
 *
 *     +-------+---------------+---------------------------------------+
 *     |Version| Traffic Class |              Flow Label               |
 *     +-------+---------------+-------+---------------+---------------+
 *     |         Payload Length        |  Next Header  |   Hop Limit   |
 *     +-------------------------------+---------------+---------------+
 *     |                    Source Address (16 bytes)                  |
 *     +---------------------------------------------------------------+
 *     |                 Destination Address (16 bytes)                |
 *     +---------------------------------------------------------------+
 *
 * Payload length 0 is a jumbogram (RFC 2675: the length is in a hop-by-hop option) or a BIG TCP super-frame without that
 * option: then the length of the frame is taken.
 */
import { type Decoded, type Level, NETWORK_IPV6, NONE } from './decoded.js';
import { isExtensionHeader, jumboPayloadLength, skipExtensionHeaders } from './ip-extension.js';
import { decodeIpPayload, IP_PROTOCOL, endOfLengthBeyondFrame } from './ip-payload.js';
import { noteOddity, STOP, stopDecoding } from './stop.js';

const VERSION_AND_TRAFFIC_CLASS = 0;
const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const HOP_LIMIT = 7;
const SOURCE = 8;
const DESTINATION = 24;
export const HEADER_LENGTH = DESTINATION + 16;

const VERSION = 6;

/** Bytes behind the fixed header; 0 for jumbograms. */
export function payloadLength(view: DataView, at: number): number {
  return view.getUint16(at + PAYLOAD_LENGTH);
}

/** Fills the network fields of `level` from the packet at `at`, then goes on to its payload. */
export function decodeIpv6(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < HEADER_LENGTH ? STOP.ShortIpv6 : STOP.TruncatedIpv6, at, 0);
  }
  const version = view.getUint8(at + VERSION_AND_TRAFFIC_CLASS) >> 4;
  if (version !== VERSION) return stopDecoding(d, STOP.BadIpVersion, at, version);
  decodeFixedPart(view, at, level);
  const length = payloadLength(view, at);
  let packetEnd = at + HEADER_LENGTH + length;
  if (length === 0) packetEnd = endOfLengthZero(view, at, end, wireEnd, level.protocol, d);
  level.networkLength = packetEnd - at;
  if (packetEnd > wireEnd) packetEnd = endOfLengthBeyondFrame(packetEnd, wireEnd, d);
  const captured = end < packetEnd ? end : packetEnd;
  let payloadAt = at + HEADER_LENGTH;
  if (isExtensionHeader(level.protocol)) {
    payloadAt = skipExtensionHeaders(view, payloadAt, captured, packetEnd, level, d);
    if (payloadAt === NONE) return;
  }
  decodeIpPayload(view, payloadAt, captured, packetEnd, level, d);
}

function decodeFixedPart(view: DataView, at: number, level: Level): void {
  level.network = NETWORK_IPV6;
  level.networkAt = at;
  level.source0 = view.getInt32(at + SOURCE);
  level.source1 = view.getInt32(at + SOURCE + 4);
  level.source2 = view.getInt32(at + SOURCE + 8);
  level.source3 = view.getInt32(at + SOURCE + 12);
  level.destination0 = view.getInt32(at + DESTINATION);
  level.destination1 = view.getInt32(at + DESTINATION + 4);
  level.destination2 = view.getInt32(at + DESTINATION + 8);
  level.destination3 = view.getInt32(at + DESTINATION + 12);
  level.protocol = view.getUint8(at + NEXT_HEADER);
  level.hopLimit = view.getUint8(at + HOP_LIMIT);
}

/** Where a packet of payload length 0 ends on the wire. */
function endOfLengthZero(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  nextHeader: number,
  d: Decoded,
): number {
  const headerEnd = at + HEADER_LENGTH;
  if (nextHeader === IP_PROTOCOL.NoNextHeader) return headerEnd;
  if (nextHeader === IP_PROTOCOL.HopByHop) {
    const jumbo = jumboPayloadLength(view, headerEnd, end);
    if (jumbo > 0 && jumbo <= wireEnd - headerEnd) return headerEnd + jumbo;
    if (jumbo !== 0) {
      noteOddity(d, STOP.BadJumboLength);
      return wireEnd;
    }
  }
  noteOddity(d, STOP.IpLengthZero);
  return wireEnd;
}
