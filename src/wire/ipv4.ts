/**
 * IPv4 (RFC 791).
 *
 *     +-------+-------+---------------+-------------------------------+
 *     |Version|  IHL  |Type of Service|          Total Length         |
 *     +-------+-------+---------------+-----+-------------------------+
 *     |         Identification        |Flags|      Fragment Offset    |
 *     +---------------+---------------+-----+-------------------------+
 *     |  Time to Live |    Protocol   |         Header Checksum       |
 *     +---------------+---------------+-------------------------------+
 *     |                       Source Address                          |
 *     +---------------------------------------------------------------+
 *     |                    Destination Address                        |
 *     +---------------------------------------------------------------+
 *     |                    [Options]                                  |
 *
 * Total length 0 is what GSO super-frames and IPv4 BIG TCP (Linux commit b1a78b9b9886) have: then the length of the frame
 * is taken. Options are skipped; an Authentication Header (RFC 4302) too. Checksums are not verified (offloading).
 */
import { type Decoded, type Level, NETWORK_IPV4, NONE } from './decoded.js';
import { skipExtensionHeaders } from './ip-extension.js';
import { decodeIpPayload, IP_PROTOCOL, endOfLengthBeyondFrame } from './ip-payload.js';
import { noteOddity, STOP, stopDecoding } from './stop.js';

const VERSION_AND_HEADER_LENGTH = 0;
const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FLAGS_AND_FRAGMENT_OFFSET = 6;
const TIME_TO_LIVE = 8;
const PROTOCOL = 9;
const SOURCE = 12;
const DESTINATION = 16;
export const HEADER_LENGTH = DESTINATION + 4;

const VERSION = 4;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/** Version field of an IP header of either family. */
export function version(view: DataView, at: number): number {
  return view.getUint8(at) >> 4;
}

export function headerLength(view: DataView, at: number): number {
  return (view.getUint8(at + VERSION_AND_HEADER_LENGTH) & 0x0f) << 2;
}

export function totalLength(view: DataView, at: number): number {
  return view.getUint16(at + TOTAL_LENGTH);
}

/** Fills the network fields of `level` from the packet at `at`, then goes on to its payload. */
export function decodeIpv4(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < HEADER_LENGTH ? STOP.ShortIpv4 : STOP.TruncatedIpv4, at, 0);
  }
  if (version(view, at) !== VERSION) return stopDecoding(d, STOP.BadIpVersion, at, version(view, at));
  decodeFixedPart(view, at, level);
  const length = headerLength(view, at);
  if (length < HEADER_LENGTH) return stopDecoding(d, STOP.BadIpv4HeaderLength, at, length);
  const total = totalLength(view, at);
  let packetEnd = at + total;
  if (total === 0) {
    noteOddity(d, STOP.IpLengthZero);
    packetEnd = wireEnd;
  }
  level.networkLength = packetEnd - at;
  if (packetEnd > wireEnd) packetEnd = endOfLengthBeyondFrame(packetEnd, wireEnd, d);
  if (packetEnd - at < length) return stopDecoding(d, STOP.BadIpv4TotalLength, at, total);
  const captured = end < packetEnd ? end : packetEnd;
  if (captured - at < length) return stopDecoding(d, STOP.TruncatedIpv4, at, 0);
  let payloadAt = at + length;
  if (level.protocol === IP_PROTOCOL.AuthenticationHeader) {
    payloadAt = skipExtensionHeaders(view, payloadAt, captured, packetEnd, level, d);
    if (payloadAt === NONE) return;
  }
  decodeIpPayload(view, payloadAt, captured, packetEnd, level, d);
}

function decodeFixedPart(view: DataView, at: number, level: Level): void {
  level.network = NETWORK_IPV4;
  level.networkAt = at;
  level.source3 = view.getInt32(at + SOURCE);
  level.destination3 = view.getInt32(at + DESTINATION);
  level.protocol = view.getUint8(at + PROTOCOL);
  level.hopLimit = view.getUint8(at + TIME_TO_LIVE);
  level.identification = view.getUint16(at + IDENTIFICATION);
  const fragment = view.getUint16(at + FLAGS_AND_FRAGMENT_OFFSET);
  if ((fragment & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) === 0) return;
  level.isFragment = 1;
  level.fragmentOffset = (fragment & FRAGMENT_OFFSET) << 3;
  level.moreFragments = (fragment & MORE_FRAGMENTS) === 0 ? 0 : 1;
  level.fragmentId = level.identification;
}
