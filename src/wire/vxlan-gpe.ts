/**
 * VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe), on UDP port 4790, and the network service header (NSH, RFC 8300) inside it.
 *
 *     +-+-+-+-+-+-+-+-+-------------------------------+---------------+
 *     |R|R|Ver|I|P|B|O|            Reserved           | Next Protocol |   next protocol if P is set, else Ethernet
 *     +-+-+-+-+-+-+-+-+-------------------------------+---------------+
 *     |                VXLAN Network Identifier       |    Reserved   |   if I is set
 *     +-----------------------------------------------+---------------+
 *
 *     +---+-+-+-----------+-----------+-------+-------+---------------+
 *     |Ver|O|U|    TTL    |   Length  |U|U|U|U|MD Type| Next Protocol |   NSH; length in 4-byte words, all of it
 *     +---+-+-+-----------+-----------+-------+-------+---------------+
 *     |  Service Path Header, Context Header(s)
 */
import { type Decoded, ENCAPSULATION, type Level, NONE } from './decoded.js';
import { ETHERTYPE } from './ethertype.js';
import { noteOddity, STOP, stopDecoding } from './stop.js';

export const VXLAN_GPE_PORT = 4790;

const FLAGS = 0;
const NEXT_PROTOCOL = 3;
const VNI_AND_RESERVED = 4;
export const HEADER_LENGTH = VNI_AND_RESERVED + 4;

const RESERVED_AND_VERSION = 0xf0;
const VNI_VALID = 0x08;
const NEXT_PROTOCOL_VALID = 0x04;
const VNI_SHIFT = 8;

const NSH_VERSION_TO_LENGTH = 0;
const NSH_NEXT_PROTOCOL = 3;
export const NSH_SHORTEST_LENGTH = 8;
const NSH_LENGTH_WORDS = 0x3f;

/** The same registry values in VXLAN-GPE and NSH. */
const NEXT = { Ipv4: 1, Ipv6: 2, Ethernet: 3, Nsh: 4, Mpls: 5 } as const;

/** Enters the datagram in `outer` if its header is of version 0; see tunnel.ts. */
export function enterVxlanGpe(view: DataView, outer: Level, d: Decoded): number {
  const at = outer.payloadAt;
  const end = at + outer.payloadCaptured;
  if (outer.payloadCaptured < HEADER_LENGTH && outer.payloadLength >= HEADER_LENGTH) {
    stopDecoding(d, STOP.TruncatedVxlan, at, 0);
    return ETHERTYPE.None;
  }
  if (end - at < HEADER_LENGTH || (view.getUint8(at + FLAGS) & RESERVED_AND_VERSION) !== 0) {
    noteOddity(d, STOP.NotVxlanGpe);
    return ETHERTYPE.None;
  }
  const flags = view.getUint8(at + FLAGS);
  d.innerAt = at + HEADER_LENGTH;
  d.innerEncapsulation = ENCAPSULATION.VxlanGpe;
  d.innerTunnelId = (flags & VNI_VALID) === 0 ? NONE : view.getInt32(at + VNI_AND_RESERVED) >>> VNI_SHIFT;
  const next = (flags & NEXT_PROTOCOL_VALID) === 0 ? NEXT.Ethernet : view.getUint8(at + NEXT_PROTOCOL);
  return enterNext(view, end, at + outer.payloadLength, next, d);
}

/** The EtherType of what lies at d.innerAt, behind any network service headers. */
function enterNext(view: DataView, end: number, wireEnd: number, firstProtocol: number, d: Decoded): number {
  let next = firstProtocol;
  while (next === NEXT.Nsh) {
    const at = d.innerAt;
    if (end - at < NSH_SHORTEST_LENGTH)
      return stopOpaque(d, wireEnd - at < NSH_SHORTEST_LENGTH ? STOP.ShortNsh : STOP.TruncatedNsh, 0);
    const length = (view.getUint16(at + NSH_VERSION_TO_LENGTH) & NSH_LENGTH_WORDS) << 2;
    if (length < NSH_SHORTEST_LENGTH || length > wireEnd - at) return stopOpaque(d, STOP.BadNshLength, length);
    if (length > end - at) return stopOpaque(d, STOP.TruncatedNsh, 0);
    next = view.getUint8(at + NSH_NEXT_PROTOCOL);
    d.innerAt = at + length;
  }
  switch (next) {
    case NEXT.Ipv4:
      return ETHERTYPE.Ipv4;
    case NEXT.Ipv6:
      return ETHERTYPE.Ipv6;
    case NEXT.Ethernet:
      return ETHERTYPE.EthernetBridging;
    case NEXT.Mpls:
      return ETHERTYPE.MplsUnicast;
    default:
      return stopOpaque(d, STOP.NextProtocolNotDecoded, next);
  }
}

function stopOpaque(d: Decoded, code: number, value: number): number {
  stopDecoding(d, code, d.innerAt, value);
  return ETHERTYPE.Opaque;
}
