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
import { noteOddity, STOP } from './stop.js';

const FLAGS = 0;
const VNI_AND_RESERVED = 4;
export const HEADER_LENGTH = VNI_AND_RESERVED + 4;

const VNI_VALID = 0x08;
const VNI_SHIFT = 8;
/** First word without the I flag and what the group policy extension uses: G, D, A and the group policy ID. */
const RESERVED_IN_FIRST_WORD = 0x77b70000;
const RESERVED_IN_SECOND_WORD = 0xff;

/** Whether the datagram to a VXLAN port is VXLAN; then the hand-over fields of `d` are set. Returns the inner EtherType. */
export function enterVxlan(view: DataView, outer: Level, d: Decoded): number {
  const at = outer.payloadAt;
  const end = at + outer.payloadCaptured;
  const frameAt = at + HEADER_LENGTH;
  const isVxlan =
    end - at >= HEADER_LENGTH &&
    (view.getUint8(at + FLAGS) & VNI_VALID) !== 0 &&
    isPlausibleFrame(view, frameAt, end, at + outer.payloadLength);
  if (!isVxlan) {
    noteOddity(d, STOP.NotVxlan);
    return ETHERTYPE.None;
  }
  if (
    ((view.getInt32(at) & RESERVED_IN_FIRST_WORD) |
      (view.getInt32(at + VNI_AND_RESERVED) & RESERVED_IN_SECOND_WORD)) !==
    0
  ) {
    noteOddity(d, STOP.VxlanReservedBits);
  }
  return enterFrame(view, at, d);
}

/** The same for a port that says nothing; the caller has seen that the first word is that of VXLAN. */
export function enterVxlanOnAnyPort(view: DataView, outer: Level, d: Decoded): number {
  const at = outer.payloadAt;
  const end = at + outer.payloadCaptured;
  if (end - at < HEADER_LENGTH) return ETHERTYPE.None;
  if ((view.getInt32(at + VNI_AND_RESERVED) & RESERVED_IN_SECOND_WORD) !== 0) return ETHERTYPE.None;
  const isLengthKnown = outer.isFragment === 0;
  if (!isExactFrame(view, at + HEADER_LENGTH, end, at + outer.payloadLength, isLengthKnown)) return ETHERTYPE.None;
  return enterFrame(view, at, d);
}

function enterFrame(view: DataView, at: number, d: Decoded): number {
  d.innerAt = at + HEADER_LENGTH;
  d.innerEncapsulation = ENCAPSULATION.Vxlan;
  d.innerTunnelId = view.getInt32(at + VNI_AND_RESERVED) >>> VNI_SHIFT;
  return ETHERTYPE.EthernetBridging;
}
