/**
 * Linux cooked captures (`tcpdump -i any`): LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2.
 *
 *     SLL                                        SLL2
 *     +-------------------------------+          +-------------------------------+
 *     |          Packet Type          |  0       |         Protocol Type         |  0
 *     |         ARPHRD_ Type          |  2       |         Reserved (0)          |  2
 *     |  Link-layer Address Length    |  4       |        Interface Index        |  4
 *     |  Link-layer Address (8 bytes) |  6       |         ARPHRD_ Type          |  8
 *     |         Protocol Type         | 14       |  Packet Type  |  Addr. Length | 10
 *     +-------------------------------+          |  Link-layer Address (8 bytes) | 12
 *                                                +-------------------------------+
 * The address is the sender's. The protocol type is an EtherType, but for the ARPHRD_ types listed below.
 */
import type { Decoded, Level } from './decoded.js';
import { decodeSourceAddress } from './ethernet.js';
import { decodeEtherType, decodeLlc } from './ethertype.js';
import { STOP, stopDecoding } from './stop.js';

const SLL_PACKET_TYPE = 0;
const SLL_HARDWARE_TYPE = 2;
const SLL_ADDRESS_LENGTH = 4;
const SLL_ADDRESS = 6;
const SLL_PROTOCOL = 14;
export const SLL_HEADER_LENGTH = SLL_PROTOCOL + 2;

const SLL2_PROTOCOL = 0;
const SLL2_INTERFACE_INDEX = 4;
const SLL2_HARDWARE_TYPE = 8;
const SLL2_PACKET_TYPE = 10;
const SLL2_ADDRESS_LENGTH = 11;
const SLL2_ADDRESS = 12;
export const SLL2_HEADER_LENGTH = SLL2_ADDRESS + 8;

const MAC_LENGTH = 6;
const ARPHRD_NETLINK = 824;
/** Linux's ETH_P_802_2: an LLC header follows. */
const PROTOCOL_LLC = 0x0004;

/** Decodes a packet with an SLL header. */
export function decodeSll(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < SLL_HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < SLL_HEADER_LENGTH ? STOP.ShortLink : STOP.TruncatedLink, at, 0);
  }
  d.packetType = view.getUint16(at + SLL_PACKET_TYPE);
  if (view.getUint16(at + SLL_ADDRESS_LENGTH) === MAC_LENGTH) decodeSourceAddress(view, at + SLL_ADDRESS, d);
  const hardwareType = view.getUint16(at + SLL_HARDWARE_TYPE);
  const protocol = view.getUint16(at + SLL_PROTOCOL);
  decodeProtocol(view, at + SLL_HEADER_LENGTH, end, wireEnd, hardwareType, protocol, level, d);
}

/** Decodes a packet with an SLL2 header. */
export function decodeSll2(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < SLL2_HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < SLL2_HEADER_LENGTH ? STOP.ShortLink : STOP.TruncatedLink, at, 0);
  }
  d.packetType = view.getUint8(at + SLL2_PACKET_TYPE);
  d.interfaceIndex = view.getInt32(at + SLL2_INTERFACE_INDEX);
  if (view.getUint8(at + SLL2_ADDRESS_LENGTH) === MAC_LENGTH) decodeSourceAddress(view, at + SLL2_ADDRESS, d);
  const hardwareType = view.getUint16(at + SLL2_HARDWARE_TYPE);
  const protocol = view.getUint16(at + SLL2_PROTOCOL);
  decodeProtocol(view, at + SLL2_HEADER_LENGTH, end, wireEnd, hardwareType, protocol, level, d);
}

function decodeProtocol(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  hardwareType: number,
  protocol: number,
  level: Level,
  d: Decoded,
): void {
  if (hardwareType === ARPHRD_NETLINK) return stopDecoding(d, STOP.EtherTypeNotDecoded, at, protocol);
  if (protocol === PROTOCOL_LLC) return decodeLlc(view, at, end, wireEnd, level, d);
  decodeEtherType(view, at, end, wireEnd, protocol, level, d);
}
