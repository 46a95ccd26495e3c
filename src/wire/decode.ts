/**
 * Decoding of one packet: the link layer, then a loop over the levels of encapsulation.
 *
 * Never throws, never reads outside [at, at + capturedLength), allocates nothing, and keeps what was understood before
 * the first damage. Every decoder takes (view, at, end, wireEnd, level, d): `end` is the first byte that was not captured,
 * `wireEnd` the first that was not on the wire, both within what the headers around leave, and end <= wireEnd.
 */
import { decodeCommonFrame } from './common-frame.js';
import type { DecodeOptions } from './decode-options.js';
import {
  type Decoded,
  ENCAPSULATION,
  type Level,
  MAX_LEVELS,
  NETWORK_NONE,
  NONE,
  resetLevel,
  resetPacket,
} from './decoded.js';
import { decodeEthernet } from './ethernet.js';
import { decodeEtherType, ETHERTYPE } from './ethertype.js';
import { decodeLink, LINK_TYPE } from './link.js';
import { declaredLength, decodeRawIp } from './raw-ip.js';
import { STOP, stopDecoding } from './stop.js';
import { enterTunnel } from './tunnel.js';

/** Records with absurd lengths must not push offsets out of int32. */
const LONGEST_PACKET = 0x1fffffff;

/**
 * Fills `d` from the packet at `at`, of which `capturedLength` of `wireLength` bytes are in the view, which begins with the
 * header of `linkType` (a LINKTYPE_ number).
 */
export function decode(
  view: DataView,
  at: number,
  capturedLength: number,
  wireLength: number,
  linkType: number,
  options: DecodeOptions,
  d: Decoded,
): void {
  resetPacket(d);
  const end = at + capturedLength;
  const wireEnd = wireEndOf(at, capturedLength, wireLength);
  const level = addLevel(d, ENCAPSULATION.None, NONE);
  if (linkType !== LINK_TYPE.Ethernet || !decodeCommonFrame(view, at, end, wireEnd, level, d)) {
    resetLevel(level);
    decodeLink(view, at, end, wireEnd, linkType, level, d);
  }
  decodeInner(view, level, options, d);
}

/**
 * Fills `into` (another Decoded) from the packet that an ICMP or ICMPv6 error quotes: its addresses and ports are those of
 * into.levels[0], and what it tunnels follows. False if the message quotes nothing. Most quotes are cut after a few bytes,
 * so `transport` may stay None where protocol and ports are known.
 */
export function decodeQuoted(view: DataView, icmp: Level, options: DecodeOptions, into: Decoded): boolean {
  resetPacket(into);
  if (icmp.quotedAt < 0) return false;
  const level = addLevel(into, ENCAPSULATION.None, NONE);
  resetLevel(level);
  const at = icmp.quotedAt;
  const end = at + icmp.payloadCaptured;
  const wireEnd = wireEndOf(at, icmp.payloadCaptured, declaredLength(view, at, end));
  decodeRawIp(view, at, end, wireEnd, level, into);
  decodeInner(view, level, options, into);
  return level.network !== NETWORK_NONE;
}

/** One turn per tunnel, until there is none, or damage, or the limit. */
function decodeInner(view: DataView, outermost: Level, options: DecodeOptions, d: Decoded): void {
  let outer = outermost;
  for (;;) {
    const type = enterTunnel(view, outer, options, d);
    if (type === ETHERTYPE.None) return;
    const at = d.innerAt;
    if (d.depth === MAX_LEVELS) return stopDecoding(d, STOP.TunnelTooDeep, at, MAX_LEVELS);
    const end = outer.payloadAt + outer.payloadCaptured;
    const wireEnd = outer.payloadAt + outer.payloadLength;
    const inner = addLevel(d, d.innerEncapsulation, d.innerTunnelId);
    if (type !== ETHERTYPE.EthernetBridging || !decodeCommonFrame(view, at, end, wireEnd, inner, d)) {
      resetLevel(inner);
      if (type === ETHERTYPE.Opaque) return;
      if (type === ETHERTYPE.EthernetBridging) decodeEthernet(view, at, end, wireEnd, inner, d);
      else decodeEtherType(view, at, end, wireEnd, type, inner, d);
    }
    outer = inner;
  }
}

/** One level more, of which nothing but its encapsulation is valid yet. */
function addLevel(d: Decoded, encapsulation: number, tunnelId: number): Level {
  const level = d.levels[d.depth]!;
  d.depth++;
  level.encapsulation = encapsulation;
  level.tunnelId = tunnelId;
  return level;
}

function wireEndOf(at: number, capturedLength: number, wireLength: number): number {
  if (wireLength <= capturedLength) return at + capturedLength;
  return at + (wireLength < LONGEST_PACKET ? wireLength : LONGEST_PACKET);
}
