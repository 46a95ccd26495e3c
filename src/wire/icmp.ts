/**
 * ICMP (RFC 792) and ICMPv6 (RFC 4443), which share their layout.
 *
 *     +---------------+---------------+-------------------------------+
 *     |     Type      |     Code      |           Checksum            |
 *     +---------------+---------------+-------------------------------+
 *     |      Identifier (queries)     |   Sequence Number (queries)   |
 *     +-------------------------------+-------------------------------+
 *     |   Data, or the IP header of the packet that an error is about |
 *
 * The quoted packet is only located here; decodeQuoted in decode.ts decodes it.
 */
import { type Decoded, type Level, TRANSPORT } from './decoded.js';
import { setPayload } from './payload.js';
import { STOP, stopDecoding } from './stop.js';

const TYPE = 0;
const CODE = 1;
const IDENTIFIER = 4;
const SEQUENCE = 6;
export const HEADER_LENGTH = SEQUENCE + 2;

export const ICMP_TYPE = {
  EchoReply: 0,
  DestinationUnreachable: 3,
  SourceQuench: 4,
  Redirect: 5,
  Echo: 8,
  TimeExceeded: 11,
  ParameterProblem: 12,
  Timestamp: 13,
  AddressMaskReply: 18,
} as const;

export const ICMPV6_TYPE = {
  DestinationUnreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
} as const;

/** Fills the ICMP fields of `level` from the message at `at`. */
export function decodeIcmp(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (!decodeHeader(view, at, end, wireEnd, level, d)) return;
  level.transport = TRANSPORT.Icmp;
  const type = level.icmpType;
  if (type === ICMP_TYPE.Echo || type === ICMP_TYPE.EchoReply) decodeQuery(view, at, level);
  else if (type >= ICMP_TYPE.Timestamp && type <= ICMP_TYPE.AddressMaskReply) decodeQuery(view, at, level);
  else if (isIcmpError(type) && level.payloadCaptured > 0) level.quotedAt = level.payloadAt;
}

/** Fills the ICMPv6 fields of `level` from the message at `at`. */
export function decodeIcmpv6(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (!decodeHeader(view, at, end, wireEnd, level, d)) return;
  level.transport = TRANSPORT.Icmpv6;
  const type = level.icmpType;
  if (type === ICMPV6_TYPE.EchoRequest || type === ICMPV6_TYPE.EchoReply) decodeQuery(view, at, level);
  else if (isIcmpv6Error(type) && level.payloadCaptured > 0) level.quotedAt = level.payloadAt;
}

function isIcmpError(type: number): boolean {
  switch (type) {
    case ICMP_TYPE.DestinationUnreachable:
    case ICMP_TYPE.SourceQuench:
    case ICMP_TYPE.Redirect:
    case ICMP_TYPE.TimeExceeded:
    case ICMP_TYPE.ParameterProblem:
      return true;
    default:
      return false;
  }
}

function isIcmpv6Error(type: number): boolean {
  return type >= ICMPV6_TYPE.DestinationUnreachable && type <= ICMPV6_TYPE.ParameterProblem;
}

function decodeHeader(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): boolean {
  if (end - at > CODE) {
    level.icmpType = view.getUint8(at + TYPE);
    level.icmpCode = view.getUint8(at + CODE);
  }
  if (end - at < HEADER_LENGTH) {
    if (wireEnd - at >= HEADER_LENGTH) stopDecoding(d, STOP.TruncatedIcmp, at, 0);
    else stopDecoding(d, level.isFragment !== 0 ? STOP.TransportSplitByFragmentation : STOP.ShortIcmp, at, 0);
    return false;
  }
  setPayload(level, at + HEADER_LENGTH, end, wireEnd);
  return true;
}

function decodeQuery(view: DataView, at: number, level: Level): void {
  level.icmpIdentifier = view.getUint16(at + IDENTIFIER);
  level.icmpSequence = view.getUint16(at + SEQUENCE);
}
