/**
 * GRE (RFC 2784) with key and sequence number (RFC 2890).
 *
 *     +-+-+-+-+-----------------+-----+-------------------------------+
 *     |C|R|K|S|    Reserved0    | Ver |         Protocol Type         |
 *     +-+-+-+-+-----------------+-----+-------------------------------+
 *     |      Checksum (if C)          |       Reserved1 (if C)        |
 *     +-------------------------------+-------------------------------+
 *     |                         Key (if K)                            |
 *     +---------------------------------------------------------------+
 *     |                   Sequence Number (if S)                      |
 *     +---------------------------------------------------------------+
 *
 * Version 1 (PPTP, RFC 2637) and source routing (RFC 1701) are not decoded; ERSPAN and others end as an unknown EtherType,
 * with their key kept.
 */
import { type Decoded, ENCAPSULATION, type Level, NONE } from './decoded.js';
import { ETHERTYPE } from './ethertype.js';
import { STOP, stopDecoding } from './stop.js';

const FLAGS_AND_VERSION = 0;
const PROTOCOL_TYPE = 2;
const OPTIONAL_FIELDS = 4;
const FIELD_LENGTH = 4;
export const HEADER_LENGTH = OPTIONAL_FIELDS;

const CHECKSUM_PRESENT = 0x8000;
const ROUTING_PRESENT = 0x4000;
const KEY_PRESENT = 0x2000;
const SEQUENCE_PRESENT = 0x1000;
const VERSION = 0x0007;

/** Enters the packet behind the GRE header that is the payload of `outer`; see tunnel.ts. */
export function enterGre(view: DataView, outer: Level, d: Decoded): number {
  const at = outer.payloadAt;
  if (outer.payloadCaptured < HEADER_LENGTH) return stopShort(outer, HEADER_LENGTH, d);
  const flags = view.getUint16(at + FLAGS_AND_VERSION);
  if ((flags & VERSION) !== 0) return stop(d, STOP.GreVersionNotDecoded, at, flags & VERSION);
  if ((flags & ROUTING_PRESENT) !== 0) return stop(d, STOP.GreRoutingNotDecoded, at, 0);
  const keyAt = OPTIONAL_FIELDS + ((flags & CHECKSUM_PRESENT) === 0 ? 0 : FIELD_LENGTH);
  const sequenceAt = keyAt + ((flags & KEY_PRESENT) === 0 ? 0 : FIELD_LENGTH);
  const length = sequenceAt + ((flags & SEQUENCE_PRESENT) === 0 ? 0 : FIELD_LENGTH);
  if (outer.payloadCaptured < length) return stopShort(outer, length, d);
  d.innerAt = at + length;
  d.innerEncapsulation = ENCAPSULATION.Gre;
  d.innerTunnelId = (flags & KEY_PRESENT) === 0 ? NONE : view.getInt32(at + keyAt);
  return view.getUint16(at + PROTOCOL_TYPE);
}

function stopShort(outer: Level, length: number, d: Decoded): number {
  return stop(d, outer.payloadLength < length ? STOP.ShortGre : STOP.TruncatedGre, outer.payloadAt, 0);
}

function stop(d: Decoded, code: number, at: number, value: number): number {
  stopDecoding(d, code, at, value);
  return ETHERTYPE.None;
}
