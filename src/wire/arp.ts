/**
 * ARP (RFC 826) for IPv4, over any hardware.
 *
 *     +-------------------------------+-------------------------------+
 *     |         Hardware Type         |         Protocol Type         |
 *     +---------------+---------------+-------------------------------+
 *     |   HW Length   | Proto Length  |           Operation           |
 *     +---------------+---------------+-------------------------------+
 *     |  Sender Hardware Address (HW Length), Sender Protocol Address,
 *     |  Target Hardware Address (HW Length), Target Protocol Address
 */
import { type Decoded, type Level, NETWORK_ARP } from './decoded.js';
import { STOP, stopDecoding } from './stop.js';

const PROTOCOL_TYPE = 2;
const HARDWARE_LENGTH = 4;
const PROTOCOL_LENGTH = 5;
const OPERATION = 6;
const SENDER_HARDWARE = 8;
export const FIXED_LENGTH = SENDER_HARDWARE;

const PROTOCOL_IPV4 = 0x0800;
const IPV4_LENGTH = 4;

/** Fills operation and addresses: sender into the source word, target into the destination word. */
export function decodeArp(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < FIXED_LENGTH) {
    return stopDecoding(d, wireEnd - at < FIXED_LENGTH ? STOP.ShortArp : STOP.TruncatedArp, at, 0);
  }
  level.network = NETWORK_ARP;
  level.networkAt = at;
  level.arpOperation = view.getUint16(at + OPERATION);
  const hardwareLength = view.getUint8(at + HARDWARE_LENGTH);
  const protocolLength = view.getUint8(at + PROTOCOL_LENGTH);
  const length = FIXED_LENGTH + 2 * (hardwareLength + protocolLength);
  level.networkLength = length;
  const protocolType = view.getUint16(at + PROTOCOL_TYPE);
  if (protocolType !== PROTOCOL_IPV4 || protocolLength !== IPV4_LENGTH) {
    return stopDecoding(d, STOP.ArpTypeNotDecoded, at, protocolType);
  }
  const senderAt = at + SENDER_HARDWARE + hardwareLength;
  const targetAt = senderAt + IPV4_LENGTH + hardwareLength;
  if (end - senderAt >= IPV4_LENGTH) level.source3 = view.getInt32(senderAt);
  if (end - targetAt >= IPV4_LENGTH) level.destination3 = view.getInt32(targetAt);
  else stopDecoding(d, wireEnd - at < length ? STOP.ShortArp : STOP.TruncatedArp, at, 0);
}
