/**
 * What IPv4 and IPv6 share: protocol numbers (IANA "Protocol Numbers"), and the way from such a number to the decoder of
 * what follows.
 */
import type { Decoded, Level } from './decoded.js';
import { decodeIcmp, decodeIcmpv6 } from './icmp.js';
import { setPayload } from './payload.js';
import { decodeSctp } from './sctp.js';
import { noteOddity, STOP, stopDecoding } from './stop.js';
import { decodeTcp } from './tcp.js';
import { decodeUdp } from './udp.js';

export const IP_PROTOCOL = {
  HopByHop: 0,
  Icmp: 1,
  IpInIp: 4,
  Tcp: 6,
  Udp: 17,
  Ipv6: 41,
  Routing: 43,
  Fragment: 44,
  Gre: 47,
  AuthenticationHeader: 51,
  Icmpv6: 58,
  NoNextHeader: 59,
  DestinationOptions: 60,
  Sctp: 132,
  Mobility: 135,
  HostIdentity: 139,
  Shim6: 140,
} as const;

/**
 * Decodes what lies behind the IP header and its extensions. Tunnels (4, 41, 47) are left to tunnel.ts; for them and for
 * what is not decoded the payload is everything there is.
 */
export function decodeIpPayload(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  level: Level,
  d: Decoded,
): void {
  level.transportAt = at;
  level.transportLength = wireEnd - at;
  if (level.fragmentOffset !== 0) return setPayload(level, at, end, wireEnd);
  switch (level.protocol) {
    case IP_PROTOCOL.Tcp:
      return decodeTcp(view, at, end, wireEnd, level, d);
    case IP_PROTOCOL.Udp:
      return decodeUdp(view, at, end, wireEnd, level, d);
    case IP_PROTOCOL.Icmp:
      return decodeIcmp(view, at, end, wireEnd, level, d);
    case IP_PROTOCOL.Icmpv6:
      return decodeIcmpv6(view, at, end, wireEnd, level, d);
    case IP_PROTOCOL.Sctp:
      return decodeSctp(view, at, end, wireEnd, level, d);
    case IP_PROTOCOL.IpInIp:
    case IP_PROTOCOL.Ipv6:
    case IP_PROTOCOL.Gre:
    case IP_PROTOCOL.NoNextHeader:
      return setPayload(level, at, end, wireEnd);
    default:
      setPayload(level, at, end, wireEnd);
      stopDecoding(d, STOP.IpProtocolNotDecoded, at, level.protocol);
  }
}

/**
 * Where a packet really ends on the wire whose IP header says `packetEnd`, behind its frame's `wireEnd`. Inside the first
 * fragment of an outer packet the header is right and the rest comes in other frames; otherwise the frame is.
 */
export function endOfLengthBeyondFrame(packetEnd: number, wireEnd: number, d: Decoded): number {
  for (let i = 0; i < d.depth - 1; i++) if (d.levels[i]!.isFragment !== 0) return packetEnd;
  noteOddity(d, STOP.IpLengthBeyondFrame);
  return wireEnd;
}
