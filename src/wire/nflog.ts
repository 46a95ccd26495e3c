/**
 * Linux netfilter log messages (LINKTYPE_NFLOG): what a policy engine logged, with its prefix, interfaces and hook.
 *
 *     +---------------+---------------+-------------------------------+
 *     | Address Family|  Version (0)  |      Resource ID (group)      |
 *     +---------------+---------------+-------------------------------+
 *     then attributes, padded to 4 bytes:
 *     +-------------------------------+-------------------------------+
 *     |  Length, these 4 bytes too    |             Type              |   in the byte order of the capturing host
 *     +-------------------------------+-------------------------------+
 *     |  Value (numbers in network byte order)
 *
 * The byte order is taken from the first attribute. The payload may have been cut by the log rule (`--nflog-size`) without
 * a trace in the record, so its length on the wire is what the IP header says.
 */
import { type Decoded, type Level, NONE } from './decoded.js';
import { decodeAddresses, decodeSourceAddress, HEADER_LENGTH as ETHERNET_HEADER_LENGTH } from './ethernet.js';
import { decodeEtherType, ETHERTYPE } from './ethertype.js';
import { declaredLength } from './raw-ip.js';
import { STOP, stopDecoding } from './stop.js';

const FAMILY = 0;
const RESOURCE_ID = 2;
export const HEADER_LENGTH = RESOURCE_ID + 2;

const ATTRIBUTE_LENGTH = 0;
const ATTRIBUTE_TYPE = 2;
const ATTRIBUTE_HEADER_LENGTH = ATTRIBUTE_TYPE + 2;
/** The two upper bits are flags of netlink. */
const TYPE_MASK = 0x3fff;
const LARGEST_TYPE = 0xff;

const ATTRIBUTE = {
  PacketHeader: 1,
  InIndex: 4,
  OutIndex: 5,
  PhysicalInIndex: 6,
  PhysicalOutIndex: 7,
  HardwareAddress: 8,
  Payload: 9,
  Prefix: 10,
  HardwareHeader: 16,
} as const;

const PACKET_HEADER_PROTOCOL = 0;
const PACKET_HEADER_HOOK = 2;
const INDEX_LENGTH = 4;
const HARDWARE_ADDRESS_LENGTH = 0;
const HARDWARE_ADDRESS = 4;
const MAC_LENGTH = 6;

const FAMILY_INET = 2;
const FAMILY_INET6 = 10;
const ETHERTYPE_UNKNOWN = 0;

/** Decodes the log message at `at`: its attributes, then the packet in its payload. */
export function decodeNflog(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < HEADER_LENGTH ? STOP.ShortNflog : STOP.TruncatedNflog, at, 0);
  }
  d.isNflog = 1;
  const first = at + HEADER_LENGTH;
  const isLittleEndian = isFirstLittleEndian(view, first, end);
  const payload = decodeAttributes(view, first, end, wireEnd, isLittleEndian, d);
  if (payload === NONE) return;
  const payloadAt = payload + ATTRIBUTE_HEADER_LENGTH;
  const payloadEnd = payload + view.getUint16(payload + ATTRIBUTE_LENGTH, isLittleEndian);
  const captured = payloadEnd < end ? payloadEnd : end;
  const packetEnd = payloadAt + declaredLength(view, payloadAt, captured);
  const protocol = protocolOf(view, at, end, isLittleEndian);
  decodeEtherType(view, payloadAt, captured, packetEnd > payloadEnd ? packetEnd : payloadEnd, protocol, level, d);
}

/** Decodes all attributes but the payload and returns where that is; NONE if decoding stopped. */
function decodeAttributes(
  view: DataView,
  first: number,
  end: number,
  wireEnd: number,
  isLittleEndian: boolean,
  d: Decoded,
): number {
  let payload = NONE;
  let at = first;
  while (end - at >= ATTRIBUTE_HEADER_LENGTH) {
    const length = view.getUint16(at + ATTRIBUTE_LENGTH, isLittleEndian);
    if (length < ATTRIBUTE_HEADER_LENGTH || length > wireEnd - at) {
      stopDecoding(d, STOP.BadNflogLength, at, length);
      return NONE;
    }
    const type = view.getUint16(at + ATTRIBUTE_TYPE, isLittleEndian) & TYPE_MASK;
    if (type === ATTRIBUTE.Payload) payload = at;
    else decodeAttribute(view, type, at + ATTRIBUTE_HEADER_LENGTH, at + length < end ? at + length : end, d);
    at += (length + 3) & ~3;
  }
  if (payload === NONE) stopDecoding(d, end < wireEnd ? STOP.TruncatedNflog : STOP.NflogWithoutPayload, first, 0);
  return payload;
}

function decodeAttribute(view: DataView, type: number, at: number, end: number, d: Decoded): void {
  const length = end - at;
  switch (type) {
    case ATTRIBUTE.PacketHeader:
      if (length > PACKET_HEADER_HOOK) d.nflogHook = view.getUint8(at + PACKET_HEADER_HOOK);
      break;
    case ATTRIBUTE.InIndex:
      if (length >= INDEX_LENGTH) d.nflogInIndex = view.getInt32(at);
      break;
    case ATTRIBUTE.OutIndex:
      if (length >= INDEX_LENGTH) d.nflogOutIndex = view.getInt32(at);
      break;
    case ATTRIBUTE.PhysicalInIndex:
      if (length >= INDEX_LENGTH) d.nflogPhysicalInIndex = view.getInt32(at);
      break;
    case ATTRIBUTE.PhysicalOutIndex:
      if (length >= INDEX_LENGTH) d.nflogPhysicalOutIndex = view.getInt32(at);
      break;
    case ATTRIBUTE.Prefix:
      d.nflogPrefixAt = at;
      d.nflogPrefixLength = lengthBeforeNul(view, at, end);
      break;
    case ATTRIBUTE.HardwareAddress:
      if (length >= HARDWARE_ADDRESS + MAC_LENGTH && view.getUint16(at + HARDWARE_ADDRESS_LENGTH) === MAC_LENGTH) {
        decodeSourceAddress(view, at + HARDWARE_ADDRESS, d);
      }
      break;
    case ATTRIBUTE.HardwareHeader:
      if (length === ETHERNET_HEADER_LENGTH) decodeAddresses(view, at, d);
      break;
  }
}

/** EtherType of the payload: by the family, else by the packet header attribute, which the kernel puts first. */
function protocolOf(view: DataView, at: number, end: number, isLittleEndian: boolean): number {
  const family = view.getUint8(at + FAMILY);
  if (family === FAMILY_INET) return ETHERTYPE.Ipv4;
  if (family === FAMILY_INET6) return ETHERTYPE.Ipv6;
  const first = at + HEADER_LENGTH;
  const valueAt = first + ATTRIBUTE_HEADER_LENGTH + PACKET_HEADER_PROTOCOL;
  if (end - valueAt < PACKET_HEADER_HOOK) return ETHERTYPE_UNKNOWN;
  const type = view.getUint16(first + ATTRIBUTE_TYPE, isLittleEndian) & TYPE_MASK;
  return type === ATTRIBUTE.PacketHeader ? view.getUint16(valueAt) : ETHERTYPE_UNKNOWN;
}

/** No attribute type exceeds one byte, so a first attribute whose type does is read in the wrong order. */
function isFirstLittleEndian(view: DataView, at: number, end: number): boolean {
  if (end - at < ATTRIBUTE_HEADER_LENGTH) return true;
  return (view.getUint16(at + ATTRIBUTE_TYPE, true) & TYPE_MASK) <= LARGEST_TYPE;
}

function lengthBeforeNul(view: DataView, at: number, end: number): number {
  let length = 0;
  while (at + length < end && view.getUint8(at + length) !== 0) length++;
  return length;
}
