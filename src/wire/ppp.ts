/**
 * PPP (RFC 1661) as a link type, with or without HDLC address and control (RFC 1662), and PPPoE sessions (RFC 2516).
 * IPv4 and IPv6 only.
 *
 *     +---------------+---------------+-------------------------------+
 *     | [Address 0xff | Control 0x03] |  Protocol (8 bits if it is odd, else 16)
 *     +---------------+---------------+-------------------------------+
 *
 *     +-------+-------+---------------+-------------------------------+
 *     |Ver (1)|Type(1)|    Code (0)   |          Session ID           |   PPPoE
 *     +-------+-------+---------------+-------------------------------+
 *     |            Length             |  PPP protocol and payload
 *     +-------------------------------+
 */
import type { Decoded, Level } from './decoded.js';
import { decodeIpv4 } from './ipv4.js';
import { decodeIpv6 } from './ipv6.js';
import { STOP, stopDecoding } from './stop.js';

/** All stations; no protocol number begins like this. */
const ADDRESS = 0xff;
const ADDRESS_AND_CONTROL_LENGTH = 2;
const PROTOCOL_LENGTH = 2;
const COMPRESSED_PROTOCOL = 1;
const PROTOCOL_IPV4 = 0x0021;
const PROTOCOL_IPV6 = 0x0057;

const PPPOE_CODE = 1;
const PPPOE_LENGTH = 4;
export const PPPOE_HEADER_LENGTH = PPPOE_LENGTH + 2;
const PPPOE_CODE_SESSION = 0;

/** Decodes the PPP frame at `at`. */
export function decodePpp(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  const isFramed = at < end && view.getUint8(at) === ADDRESS;
  const protocolAt = isFramed ? at + ADDRESS_AND_CONTROL_LENGTH : at;
  const isCompressed = protocolAt < end && (view.getUint8(protocolAt) & COMPRESSED_PROTOCOL) !== 0;
  const payloadAt = protocolAt + (isCompressed ? 1 : PROTOCOL_LENGTH);
  if (payloadAt > end) return stopDecoding(d, payloadAt > wireEnd ? STOP.ShortPpp : STOP.TruncatedPpp, at, 0);
  const protocol = isCompressed ? view.getUint8(protocolAt) : view.getUint16(protocolAt);
  if (protocol === PROTOCOL_IPV4) return decodeIpv4(view, payloadAt, end, wireEnd, level, d);
  if (protocol === PROTOCOL_IPV6) return decodeIpv6(view, payloadAt, end, wireEnd, level, d);
  stopDecoding(d, STOP.PppProtocolNotDecoded, protocolAt, protocol);
}

/** Decodes the PPPoE session packet at `at`. */
export function decodePppoe(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < PPPOE_HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < PPPOE_HEADER_LENGTH ? STOP.ShortPpp : STOP.TruncatedPpp, at, 0);
  }
  const code = view.getUint8(at + PPPOE_CODE);
  if (code !== PPPOE_CODE_SESSION) return stopDecoding(d, STOP.PppoeCodeNotDecoded, at, code);
  const payloadAt = at + PPPOE_HEADER_LENGTH;
  const declaredEnd = payloadAt + view.getUint16(at + PPPOE_LENGTH);
  const payloadEnd = declaredEnd < wireEnd ? declaredEnd : wireEnd;
  decodePpp(view, payloadAt, end < payloadEnd ? end : payloadEnd, payloadEnd, level, d);
}
