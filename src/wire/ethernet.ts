/**
 * Ethernet II and IEEE 802.3.
 *
 *     +---------------------------------------------------------------+
 *     |                 Destination MAC Address (6)                   |
 *     |                    Source MAC Address (6)                     |
 *     +-------------------------------+-------------------------------+
 *     |      EtherType or Length      |   up to 1500 it is a length, and LLC follows
 *     +-------------------------------+
 */
import type { Decoded, Level } from './decoded.js';
import { decodeEtherType, decodeLength, LARGEST_LENGTH } from './ethertype.js';
import { STOP, stopDecoding } from './stop.js';

const DESTINATION = 0;
const SOURCE = 6;
const TYPE = 12;
export const HEADER_LENGTH = TYPE + 2;

const GROUP_BIT = 0x01;

export function etherType(view: DataView, at: number): number {
  return view.getUint16(at + TYPE);
}

/** Whether the source address is a group address, which no frame may have. */
export function isSourceGroup(view: DataView, at: number): boolean {
  return (view.getUint8(at + SOURCE) & GROUP_BIT) !== 0;
}

/** Decodes the frame at `at`; the addresses of the outermost frame are kept. */
export function decodeEthernet(
  view: DataView,
  at: number,
  end: number,
  wireEnd: number,
  level: Level,
  d: Decoded,
): void {
  if (end - at < HEADER_LENGTH) {
    return stopDecoding(d, wireEnd - at < HEADER_LENGTH ? STOP.ShortLink : STOP.TruncatedLink, at, 0);
  }
  if (d.depth === 1) decodeAddresses(view, at, d);
  const type = etherType(view, at);
  if (type > LARGEST_LENGTH) decodeEtherType(view, at + HEADER_LENGTH, end, wireEnd, type, level, d);
  else decodeLength(view, at + HEADER_LENGTH, end, wireEnd, type, level, d);
}

/** Keeps the two MAC addresses of an Ethernet header. */
export function decodeAddresses(view: DataView, at: number, d: Decoded): void {
  d.destinationMacHigh = view.getUint16(at + DESTINATION);
  d.destinationMacLow = view.getInt32(at + DESTINATION + 2);
  decodeSourceAddress(view, at + SOURCE, d);
}

/** Keeps the MAC address at `at` as the sender's. */
export function decodeSourceAddress(view: DataView, at: number, d: Decoded): void {
  d.sourceMacHigh = view.getUint16(at);
  d.sourceMacLow = view.getInt32(at + 2);
}
