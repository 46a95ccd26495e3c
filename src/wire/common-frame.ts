/**
 * The frame that nearly all packets are, at one go: Ethernet, IPv4 without options and not fragmented, TCP or UDP, with
 * lengths that agree with each other.
 *
 *     | MAC addresses (12) | 08 00 45 | ToS | Total Length | Id | Flags, Offset | TTL | Protocol | Checksum | Source | Destination | ...
 *
 * Takes half the time of the decoders that it stands in for (ethernet.ts, ipv4.ts, tcp.ts, udp.ts): neighbouring fields are
 * read as one word, and every field of the level is written once instead of being reset first. Whatever is not exactly so is left
 * to them; test/wire/common-frame.test.ts holds both against each other.
 */
import { type Decoded, type Level, NETWORK_IPV4, NONE, resetRareFields, TRANSPORT } from './decoded.js';
import { decodeAddresses, HEADER_LENGTH as ETHERNET_HEADER_LENGTH } from './ethernet.js';
import { HEADER_LENGTH as IPV4_HEADER_LENGTH } from './ipv4.js';
import { IP_PROTOCOL } from './ip-payload.js';
import { setPayload } from './payload.js';
import { HEADER_LENGTH as TCP_HEADER_LENGTH } from './tcp.js';
import { HEADER_LENGTH as UDP_HEADER_LENGTH } from './udp.js';

/** Words of the frame. */
const ETHERTYPE_AND_VERSION = 12;
const LENGTH_AND_IDENTIFICATION = 16;
const FRAGMENT_AND_PROTOCOL = 20;
const SOURCE = 26;
const DESTINATION = 30;
const TRANSPORT_AT = ETHERNET_HEADER_LENGTH + IPV4_HEADER_LENGTH;

/** Words of a transport header. */
const SEQUENCE = 4;
const UDP_LENGTH = 4;
const ACKNOWLEDGEMENT = 8;
const OFFSET_AND_FLAGS = 12;

/** EtherType 0x0800, version 4, header length 5 words. */
const IPV4_WITHOUT_OPTIONS = 0x080045;
/** More fragments, or an offset. */
const IS_FRAGMENT = 0x3fff0000;
const LOW_16_BITS = 0xffff;

/**
 * Decodes the frame at `at` into `level`, which need not have been reset, all but how it is encapsulated; the addresses of the outermost frame are kept.
 * False, with nothing of use written, if it is another frame.
 */
export function decodeCommonFrame(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  level: Level,
  d: Decoded,
): boolean {
  const transportAt = at + TRANSPORT_AT;
  if (end - transportAt < UDP_HEADER_LENGTH) return false;
  if (view.getInt32(at + ETHERTYPE_AND_VERSION) >>> 8 !== IPV4_WITHOUT_OPTIONS) return false;
  const fragmentAndProtocol = view.getInt32(at + FRAGMENT_AND_PROTOCOL);
  if ((fragmentAndProtocol & IS_FRAGMENT) !== 0) return false;
  const lengthAndIdentification = view.getInt32(at + LENGTH_AND_IDENTIFICATION);
  const networkLength = lengthAndIdentification >>> 16;
  const networkAt = at + ETHERNET_HEADER_LENGTH;
  const packetEnd = networkAt + networkLength;
  if (packetEnd > wireEnd) return false;
  const captured = end < packetEnd ? end : packetEnd;
  const protocol = fragmentAndProtocol & 0xff;
  if (protocol === IP_PROTOCOL.Tcp) {
    if (!decodeSegment(view, transportAt, captured, packetEnd, level)) return false;
  } else if (protocol === IP_PROTOCOL.Udp) {
    if (!decodeDatagram(view, transportAt, captured, packetEnd, level)) return false;
  } else {
    return false;
  }
  if (d.depth === 1) decodeAddresses(view, at, d);
  level.network = NETWORK_IPV4;
  level.networkAt = networkAt;
  level.networkLength = networkLength;
  level.source3 = view.getInt32(at + SOURCE);
  level.destination3 = view.getInt32(at + DESTINATION);
  level.protocol = protocol;
  level.hopLimit = (fragmentAndProtocol >>> 8) & 0xff;
  level.identification = lengthAndIdentification & LOW_16_BITS;
  level.transportAt = transportAt;
  level.flowId = NONE;
  return true;
}

function decodeSegment(view: DataView, at: number, end: number, packetEnd: number, level: Level): boolean {
  if (end - at < TCP_HEADER_LENGTH) return false;
  const offsetAndFlags = view.getInt32(at + OFFSET_AND_FLAGS);
  const headerLength = (offsetAndFlags >>> 28) << 2;
  if (headerLength < TCP_HEADER_LENGTH || headerLength > packetEnd - at) return false;
  resetRareFields(level);
  const ports = view.getInt32(at);
  level.transport = TRANSPORT.Tcp;
  level.transportLength = packetEnd - at;
  level.sourcePort = ports >>> 16;
  level.destinationPort = ports & LOW_16_BITS;
  level.sequence = view.getInt32(at + SEQUENCE);
  level.acknowledgement = view.getInt32(at + ACKNOWLEDGEMENT);
  level.tcpFlags = (offsetAndFlags >>> 16) & 0xff;
  level.window = offsetAndFlags & LOW_16_BITS;
  level.tcpHeaderLength = headerLength;
  setPayload(level, at + headerLength, end, packetEnd);
  return true;
}

function decodeDatagram(view: DataView, at: number, end: number, packetEnd: number, level: Level): boolean {
  if (end - at < UDP_HEADER_LENGTH) return false;
  const udpLength = view.getUint16(at + UDP_LENGTH);
  const datagramEnd = at + udpLength;
  if (udpLength < UDP_HEADER_LENGTH || datagramEnd > packetEnd) return false;
  resetRareFields(level);
  const ports = view.getInt32(at);
  level.transport = TRANSPORT.Udp;
  level.transportLength = udpLength;
  level.sourcePort = ports >>> 16;
  level.destinationPort = ports & LOW_16_BITS;
  level.sequence = 0;
  level.acknowledgement = 0;
  level.tcpFlags = 0;
  level.window = 0;
  level.tcpHeaderLength = 0;
  setPayload(level, at + UDP_HEADER_LENGTH, end < datagramEnd ? end : datagramEnd, datagramEnd);
  return true;
}
