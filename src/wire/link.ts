/** From a capture's link type (LINKTYPE_ number, tcpdump.org/linktypes.html) to its decoder: the manifest of link types. */
import type { Decoded, Level } from './decoded.js';
import { decodeEthernet } from './ethernet.js';
import { decodeHdlc } from './hdlc.js';
import { decodeNflog } from './nflog.js';
import { decodeNullLoopback } from './null-loopback.js';
import { decodePpp } from './ppp.js';
import { decodeRawIp } from './raw-ip.js';
import { decodeSll, decodeSll2 } from './sll.js';
import { STOP, stopDecoding } from './stop.js';

export const LINK_TYPE = {
  Null: 0,
  Ethernet: 1,
  Ppp: 9,
  /** DLT_RAW of most systems and of OpenBSD, which some files carry in place of LINKTYPE_RAW. */
  RawBsd: 12,
  RawOpenBsd: 14,
  PppHdlc: 50,
  Raw: 101,
  CiscoHdlc: 104,
  Loop: 108,
  LinuxSll: 113,
  Ipv4: 228,
  Ipv6: 229,
  Nflog: 239,
  LinuxSll2: 276,
} as const;

/** Decodes the outermost level. */
export function decodeLink(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  linkType: number,
  level: Level,
  d: Decoded,
): void {
  switch (linkType) {
    case LINK_TYPE.Ethernet:
      return decodeEthernet(view, at, end, wireEnd, level, d);
    case LINK_TYPE.LinuxSll:
      return decodeSll(view, at, end, wireEnd, level, d);
    case LINK_TYPE.LinuxSll2:
      return decodeSll2(view, at, end, wireEnd, level, d);
    case LINK_TYPE.RawBsd:
    case LINK_TYPE.RawOpenBsd:
    case LINK_TYPE.Raw:
    case LINK_TYPE.Ipv4:
    case LINK_TYPE.Ipv6:
      return decodeRawIp(view, at, end, wireEnd, level, d);
    case LINK_TYPE.Null:
    case LINK_TYPE.Loop:
      return decodeNullLoopback(view, at, end, wireEnd, level, d);
    case LINK_TYPE.Nflog:
      return decodeNflog(view, at, end, wireEnd, level, d);
    case LINK_TYPE.Ppp:
    case LINK_TYPE.PppHdlc:
      return decodePpp(view, at, end, wireEnd, level, d);
    case LINK_TYPE.CiscoHdlc:
      return decodeHdlc(view, at, end, wireEnd, level, d);
    default:
      stopDecoding(d, STOP.LinkTypeNotDecoded, at, linkType);
  }
}
