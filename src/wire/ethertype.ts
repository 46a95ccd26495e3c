/**
 * From an EtherType (IANA "IEEE 802 Numbers") to the decoder of what follows, through VLAN tags and LLC/SNAP. EtherTypes are
 * also how GRE, Geneve and our own tunnel loop say what is inside.
 */
import { decodeArp } from './arp.js';
import type { Decoded, Level } from './decoded.js';
import { decodeIpv4 } from './ipv4.js';
import { decodeIpv6 } from './ipv6.js';
import { dsap, isSnap, LLC_LENGTH, SNAP_LENGTH, snapEtherType } from './llc.js';
import { decodeMpls } from './mpls.js';
import { decodePppoe } from './ppp.js';
import { STOP, stopDecoding } from './stop.js';
import { decodeVlanTag, TAG_LENGTH } from './vlan.js';

export const ETHERTYPE = {
  /** Not EtherTypes: what a tunnel's `enter…` function says if there is no tunnel, or nothing inside that is decoded. */
  None: -1,
  Opaque: -2,
  Ipv4: 0x0800,
  Arp: 0x0806,
  /** Transparent Ethernet Bridging: an Ethernet frame, in GRE and Geneve (RFC 1701). */
  EthernetBridging: 0x6558,
  /** RFC 903; the same packet as ARP. */
  ReverseArp: 0x8035,
  Vlan: 0x8100,
  Ipv6: 0x86dd,
  MplsUnicast: 0x8847,
  MplsMulticast: 0x8848,
  PppoeSession: 0x8864,
  ServiceVlan: 0x88a8,
  QinQ9100: 0x9100,
  QinQ9200: 0x9200,
} as const;

/** In Ethernet and behind VLAN tags, values up to this are lengths (IEEE 802.3 section 3.2.6); elsewhere they mean nothing. */
export const LARGEST_LENGTH = 1500;

/** Decodes what lies at `from`, given its EtherType. */
export function decodeEtherType(
  view: DataView,
  from: number,
  end: number,
  wireEnd: number,
  firstType: number,
  level: Level,
  d: Decoded,
): void {
  let at = from;
  let type = firstType;
  while (isVlanTag(type)) {
    if (end - at < TAG_LENGTH) {
      return stopDecoding(d, wireEnd - at < TAG_LENGTH ? STOP.ShortVlan : STOP.TruncatedVlan, at, 0);
    }
    type = decodeVlanTag(view, at, level);
    at += TAG_LENGTH;
  }
  if (type <= LARGEST_LENGTH && at > from) return decodeLength(view, at, end, wireEnd, type, level, d);
  decodeNetwork(view, at, end, wireEnd, type, level, d);
}

/** Decodes the LLC frame at `at`, given the IEEE 802.3 length in front of it. */
export function decodeLength(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  length: number,
  level: Level,
  d: Decoded,
): void {
  const frameEnd = at + length < wireEnd ? at + length : wireEnd;
  decodeLlc(view, at, end < frameEnd ? end : frameEnd, frameEnd, level, d);
}

/** Decodes a frame that begins with an LLC header. */
export function decodeLlc(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < LLC_LENGTH) {
    return stopDecoding(d, wireEnd - at < LLC_LENGTH ? STOP.ShortLlc : STOP.TruncatedLlc, at, 0);
  }
  if (!isSnap(view, at)) return stopDecoding(d, STOP.LlcNotDecoded, at, dsap(view, at));
  if (end - at < SNAP_LENGTH) {
    return stopDecoding(d, wireEnd - at < SNAP_LENGTH ? STOP.ShortLlc : STOP.TruncatedLlc, at, 0);
  }
  const type = snapEtherType(view, at);
  if (type === 0) return stopDecoding(d, STOP.LlcNotDecoded, at, dsap(view, at));
  decodeNetwork(view, at + SNAP_LENGTH, end, wireEnd, type, level, d);
}

function decodeNetwork(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  type: number,
  level: Level,
  d: Decoded,
): void {
  switch (type) {
    case ETHERTYPE.Ipv4:
      return decodeIpv4(view, at, end, wireEnd, level, d);
    case ETHERTYPE.Ipv6:
      return decodeIpv6(view, at, end, wireEnd, level, d);
    case ETHERTYPE.Arp:
    case ETHERTYPE.ReverseArp:
      return decodeArp(view, at, end, wireEnd, level, d);
    case ETHERTYPE.MplsUnicast:
    case ETHERTYPE.MplsMulticast:
      return decodeMpls(view, at, end, wireEnd, level, d);
    case ETHERTYPE.PppoeSession:
      return decodePppoe(view, at, end, wireEnd, level, d);
    default:
      stopDecoding(d, STOP.EtherTypeNotDecoded, at, type);
  }
}

function isVlanTag(type: number): boolean {
  switch (type) {
    case ETHERTYPE.Vlan:
    case ETHERTYPE.ServiceVlan:
    case ETHERTYPE.QinQ9100:
    case ETHERTYPE.QinQ9200:
      return true;
    default:
      return false;
  }
}
