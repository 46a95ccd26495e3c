/**
 * What a level carries: recognises tunnels behind UDP and IP and hands over to the loop in decode.ts.
 *
 * An `enter…` function returns the EtherType of what is inside (ETHERTYPE.None: no tunnel, or stopped) and sets d.innerAt,
 * d.innerEncapsulation and d.innerTunnelId.
 */
import type { DecodeOptions } from './decode-options.js';
import { type Decoded, ENCAPSULATION, type Level, NETWORK_IPV4, NONE, TRANSPORT } from './decoded.js';
import { ETHERTYPE } from './ethertype.js';
import { enterGeneve, GENEVE_PORT } from './geneve.js';
import { enterGre } from './gre.js';
import { IP_PROTOCOL } from './ip-payload.js';
import * as udp from './udp.js';
import { enterVxlan, enterVxlanOnAnyPort } from './vxlan.js';
import { enterVxlanGpe, VXLAN_GPE_PORT } from './vxlan-gpe.js';
import { decodeWireguard } from './wireguard.js';

const WORD = 4;
const LOW_24_BITS = 0x00ffffff;
const FIRST_BYTE_VXLAN = 8;

/** Looks into the payload of the level decoded last. */
export function enterTunnel(view: DataView, level: Level, options: DecodeOptions, d: Decoded): number {
  if (level.transport === TRANSPORT.Tcp) return ETHERTYPE.None;
  if (level.transport === TRANSPORT.Udp) return enterUdp(view, level, options, d);
  if (d.stop !== 0 || level.fragmentOffset !== 0) return ETHERTYPE.None;
  switch (level.protocol) {
    case IP_PROTOCOL.IpInIp:
      return enterIp(level, ETHERTYPE.Ipv4, d);
    case IP_PROTOCOL.Ipv6:
      return enterIp(level, ETHERTYPE.Ipv6, d);
    case IP_PROTOCOL.Gre:
      return enterGre(view, level, d);
    default:
      return ETHERTYPE.None;
  }
}

function enterUdp(view: DataView, level: Level, options: DecodeOptions, d: Decoded): number {
  const port = level.destinationPort;
  if (options.isVxlanPort(port)) return enterVxlan(view, level, d);
  if (port === GENEVE_PORT) return enterGeneve(view, level, d);
  if (port === VXLAN_GPE_PORT) return enterVxlanGpe(view, level, d);
  if (level.payloadCaptured < WORD) return ETHERTYPE.None;
  // VXLAN and WireGuard both begin with a small byte and three zeros: ordinary UDP costs one read.
  const word = view.getInt32(level.payloadAt);
  if ((word & LOW_24_BITS) !== 0) return ETHERTYPE.None;
  if (word >>> 24 === FIRST_BYTE_VXLAN) return enterVxlanOnAnyPort(view, level, d);
  // A first fragment's datagram is longer than what this packet has of it.
  const length = level.isFragment === 0 ? level.payloadLength : udp.length(view, level.transportAt) - udp.HEADER_LENGTH;
  decodeWireguard(view, level.payloadAt, level.payloadAt + level.payloadCaptured, length, d);
  return ETHERTYPE.None;
}

/** IP in IP: RFC 2003 and 4213 in IPv4, RFC 2473 in IPv6. */
function enterIp(level: Level, type: number, d: Decoded): number {
  d.innerAt = level.payloadAt;
  d.innerEncapsulation = ipEncapsulation(level.network, type);
  d.innerTunnelId = NONE;
  return type;
}

function ipEncapsulation(outerNetwork: number, innerType: number): number {
  if (outerNetwork === NETWORK_IPV4) {
    return innerType === ETHERTYPE.Ipv4 ? ENCAPSULATION.IpInIp : ENCAPSULATION.SixInFour;
  }
  return innerType === ETHERTYPE.Ipv4 ? ENCAPSULATION.FourInSix : ENCAPSULATION.SixInSix;
}
