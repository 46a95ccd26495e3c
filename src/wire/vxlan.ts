/**
 * VXLAN (RFC 7348), with the group policy extension (draft-smith-vxlan-group-policy).
 *
 *     +-+-+-+-+-+-+-+-+---------------+-------------------------------+
 *     |G|R|R|R|I|R|R|R|    Reserved   |  Reserved, or Group Policy ID |
 *     +-+-+-+-+-+-+-+-+---------------+---------------+---------------+
 *     |           VXLAN Network Identifier (VNI)      |   Reserved    |
 *     +-----------------------------------------------+---------------+
 *     |  Ethernet frame
 *
 * "The UDP destination port is 4789": also 8472 (Linux, flannel) and ports the user names, if the I flag is set and the
 * inner frame makes sense. On any other port the header must be exactly flags 0x08 with zeros in every reserved field, and
 * the inner frame must agree with itself and with the datagram to the byte.
 */
import { type Decoded, ENCAPSULATION, type Level } from './decoded.js';
import { ETHERTYPE } from './ethertype.js';
import { isExactFrame, isPlausibleFrame } from './inner-frame.js';
import { noteOddity, STOP, stopDecoding } from './stop.js';

const FLAGS_AND_RESERVED = 0;
const VNI_AND_RESERVED = 4;
export const HEADER_LENGTH = VNI_AND_RESERVED + 4;

const VNI_VALID = 0x08000000;
const VNI_SHIFT = 8;
/** First word without the I flag and what the group policy extension uses: G, D, A and the group policy ID. */
const RESERVED_IN_FIRST_WORD = 0x77b70000;
const RESERVED_IN_SECOND_WORD = 0xff;

/** Enters the datagram to a VXLAN port, if it is VXLAN; see tunnel.ts. */
export function enterVxlan(view: DataView, outer: Level, d: Decoded): number {
  const at = outer.payloadAt;
  if (outer.payloadCaptured < HEADER_LENGTH && outer.payloadLength >= HEADER_LENGTH) {
    stopDecoding(d, STOP.TruncatedVxlan, at, 0);
    return ETHERTYPE.None;
  }
  if (!isVxlan(view, outer)) {
    noteOddity(d, STOP.NotVxlan);
    return ETHERTYPE.None;
  }
  const reserved = view.getInt32(at + FLAGS_AND_RESERVED) & RESERVED_IN_FIRST_WORD;
  if (reserved !== 0 || hasReservedBits(view, at)) noteOddity(d, STOP.VxlanReservedBits);
  return enterFrame(view, at, d);
}

/** Enters the datagram to any other port; the caller has seen that the first word is that of VXLAN. */
export function enterVxlanOnAnyPort(view: DataView, outer: Level, d: Decoded): number {
  const at = outer.payloadAt;
  const end = at + outer.payloadCaptured;
  if (end - at < HEADER_LENGTH) return ETHERTYPE.None;
  if (hasReservedBits(view, at)) return ETHERTYPE.None;
  const isLengthKnown = outer.isFragment === 0;
  if (!isExactFrame(view, at + HEADER_LENGTH, end, at + outer.payloadLength, isLengthKnown)) return ETHERTYPE.None;
  return enterFrame(view, at, d);
}

function isVxlan(view: DataView, outer: Level): boolean {
  const at = outer.payloadAt;
  if (outer.payloadCaptured < HEADER_LENGTH) return false;
  if ((view.getInt32(at + FLAGS_AND_RESERVED) & VNI_VALID) === 0) return false;
  return isPlausibleFrame(view, at + HEADER_LENGTH, at + outer.payloadCaptured, at + outer.payloadLength);
}

/** Whether the byte behind the VNI is not zero. */
function hasReservedBits(view: DataView, at: number): boolean {
  return (view.getInt32(at + VNI_AND_RESERVED) & RESERVED_IN_SECOND_WORD) !== 0;
}

function enterFrame(view: DataView, at: number, d: Decoded): number {
  d.innerAt = at + HEADER_LENGTH;
  d.innerEncapsulation = ENCAPSULATION.Vxlan;
  d.innerTunnelId = view.getInt32(at + VNI_AND_RESERVED) >>> VNI_SHIFT;
  return ETHERTYPE.EthernetBridging;
}
