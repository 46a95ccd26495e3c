/**
 * Geneve (RFC 8926), on UDP port 6081.
 *
 *     +---+-----------+-+-+-----------+-------------------------------+
 *     |Ver|  Opt Len  |O|C|    Rsvd.  |          Protocol Type        |   Opt Len in 4-byte words
 *     +---+-----------+-+-+-----------+---------------+---------------+
 *     |        Virtual Network Identifier (VNI)       |    Reserved   |
 *     +-----------------------------------------------+---------------+
 *     |  Options
 *
 * Options are skipped, critical ones too: podtrail looks at traffic, it does not terminate tunnels.
 */
import { type Decoded, ENCAPSULATION, type Level } from './decoded.js';
import { ETHERTYPE } from './ethertype.js';
import { noteOddity, STOP, stopDecoding } from './stop.js';

export const GENEVE_PORT = 6081;

const VERSION_AND_OPTION_LENGTH = 0;
const PROTOCOL_TYPE = 2;
const VNI_AND_RESERVED = 4;
export const HEADER_LENGTH = VNI_AND_RESERVED + 4;

const VERSION_SHIFT = 6;
const OPTION_WORDS = 0x3f;
const VNI_SHIFT = 8;

/** Enters the datagram in `outer` if its header is of version 0; see tunnel.ts. */
export function enterGeneve(view: DataView, outer: Level, d: Decoded): number {
  const at = outer.payloadAt;
  const captured = outer.payloadCaptured;
  if (captured < HEADER_LENGTH) {
    if (outer.payloadLength < HEADER_LENGTH) noteOddity(d, STOP.NotGeneve);
    else stopDecoding(d, STOP.TruncatedGeneve, at, 0);
    return ETHERTYPE.None;
  }
  const first = view.getUint8(at + VERSION_AND_OPTION_LENGTH);
  const length = HEADER_LENGTH + ((first & OPTION_WORDS) << 2);
  if (first >> VERSION_SHIFT !== 0 || length > outer.payloadLength) {
    noteOddity(d, STOP.NotGeneve);
    return ETHERTYPE.None;
  }
  if (length > captured) {
    stopDecoding(d, STOP.TruncatedGeneve, at, 0);
    return ETHERTYPE.None;
  }
  d.innerAt = at + length;
  d.innerEncapsulation = ENCAPSULATION.Geneve;
  d.innerTunnelId = view.getInt32(at + VNI_AND_RESERVED) >>> VNI_SHIFT;
  return view.getUint16(at + PROTOCOL_TYPE);
}
