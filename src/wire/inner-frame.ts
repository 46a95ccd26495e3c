/**
 * Whether bytes make sense as an Ethernet frame: what tells VXLAN from other UDP where the port alone does not.
 *
 * Only captured bytes are judged, so a small snapshot length does not turn a tunnel into plain UDP.
 */
import { etherType, HEADER_LENGTH as ETHERNET_HEADER_LENGTH, isSourceGroup } from './ethernet.js';
import { ETHERTYPE } from './ethertype.js';
import { headerLength, HEADER_LENGTH as IPV4_HEADER_LENGTH, totalLength } from './ipv4.js';
import { HEADER_LENGTH as IPV6_HEADER_LENGTH, payloadLength } from './ipv6.js';
import { ipVersion } from './raw-ip.js';

/** Shortest Ethernet frame without its frame check sequence: shorter packets are padded to it. */
const SHORTEST_FRAME = 60;
const ARP_HARDWARE_ETHERNET = 1;
const ARP_LENGTH = 28;

/** Whether the frame at `at` may be one: a unicast source, and an IP version that fits the EtherType. */
export function isPlausibleFrame(view: DataView, at: number, end: number, wireEnd: number): boolean {
  if (wireEnd - at < ETHERNET_HEADER_LENGTH) return false;
  if (end - at < ETHERNET_HEADER_LENGTH) return true;
  if (isSourceGroup(view, at)) return false;
  const payloadAt = at + ETHERNET_HEADER_LENGTH;
  if (payloadAt >= end) return true;
  const type = etherType(view, at);
  if (type === ETHERTYPE.Ipv4)
    return ipVersion(view, payloadAt, end) === 4 && headerLength(view, payloadAt) >= IPV4_HEADER_LENGTH;
  if (type === ETHERTYPE.Ipv6) return ipVersion(view, payloadAt, end) === 6;
  return true;
}

/**
 * Whether the frame at `at` must be one: IPv4, IPv6 or ARP, as long as the space it has (or padded to 60 bytes). With
 * `isLengthKnown` false the space is only a lower bound.
 */
export function isExactFrame(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  isLengthKnown: boolean,
): boolean {
  if (end - at < ETHERNET_HEADER_LENGTH || !isPlausibleFrame(view, at, end, wireEnd)) return false;
  const packetAt = at + ETHERNET_HEADER_LENGTH;
  const length = packetLength(view, packetAt, end, etherType(view, at));
  if (length <= 0) return false;
  if (packetAt + length === wireEnd) return true;
  if (packetAt + length > wireEnd) return !isLengthKnown;
  return wireEnd - at === SHORTEST_FRAME;
}

/** Bytes of the packet at `at` by its own header; 0 if it is none that is known. */
function packetLength(view: DataView, at: number, end: number, type: number): number {
  switch (type) {
    case ETHERTYPE.Ipv4:
      return end - at < IPV4_HEADER_LENGTH ? 0 : totalLength(view, at);
    case ETHERTYPE.Ipv6:
      return end - at < IPV6_HEADER_LENGTH ? 0 : IPV6_HEADER_LENGTH + payloadLength(view, at);
    case ETHERTYPE.Arp:
      return end - at < ARP_LENGTH || view.getUint16(at) !== ARP_HARDWARE_ETHERNET ? 0 : ARP_LENGTH;
    default:
      return 0;
  }
}
