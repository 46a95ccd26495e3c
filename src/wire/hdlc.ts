/**
 * Cisco HDLC (LINKTYPE_C_HDLC, RFC 1547 section 4.3.1), and PPP in HDLC-like framing, which shares the link type.
 *
 *     +---------------+---------------+-------------------------------+
 *     |    Address    |  Control (0)  |           EtherType           |   address 0x0f unicast, 0x8f broadcast; 0xff: PPP
 *     +---------------+---------------+-------------------------------+
 */
import type { Decoded, Level } from './decoded.js';
import { decodeEtherType } from './ethertype.js';
import { decodePpp } from './ppp.js';
import { STOP, stopDecoding } from './stop.js';

const ADDRESS = 0;
const TYPE = 2;
export const HEADER_LENGTH = TYPE + 2;

const ADDRESS_PPP = 0xff;
/** Cisco's address resolution and keepalives, on a number that elsewhere is RARP. */
const TYPE_SLARP = 0x8035;

/** Decodes the frame at `at`. */
export function decodeHdlc(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < HEADER_LENGTH ? STOP.ShortLink : STOP.TruncatedLink, at, 0);
  }
  if (view.getUint8(at + ADDRESS) === ADDRESS_PPP) return decodePpp(view, at, end, wireEnd, level, d);
  const type = view.getUint16(at + TYPE);
  if (type === TYPE_SLARP) return stopDecoding(d, STOP.EtherTypeNotDecoded, at, type);
  decodeEtherType(view, at + HEADER_LENGTH, end, wireEnd, type, level, d);
}
