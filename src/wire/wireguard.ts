/**
 * WireGuard messages (protocol page "Messages"), seen from outside: type, indexes and counter. Numbers are little-endian.
 *
 *     +---------------+---------------+---------------+---------------+
 *     |  Message Type |                 Reserved (0)                  |
 *     +---------------+---------------+---------------+---------------+
 *     |  1 Initiation: sender index; 2 Response: sender index;        |
 *     |  3 Cookie Reply: receiver index; 4 Transport Data: receiver   |
 *     +---------------------------------------------------------------+
 *     |  2: receiver index; 4: counter (8 bytes)                      |
 *     +---------------------------------------------------------------+
 *
 * Ports mean nothing, so the length must be exactly that of the type, and a data message's counter must be one that a
 * session can reach: it lives 180 seconds, and 2^48 messages in that time are out of reach. That keeps DNS, RTP and others
 * out whose first four bytes look alike. Data is padded to 16 bytes, but not beyond the tunnel's MTU (Linux
 * drivers/net/wireguard/send.c, calculate_skb_padding), so full-sized messages may have any length.
 */
import { type Decoded, WIREGUARD } from './decoded.js';

const SENDER = 4;
const RESPONSE_RECEIVER = 8;
const RECEIVER = 4;
const COUNTER_LOW = 8;
const COUNTER_HIGH = 12;
export const DATA_HEADER_LENGTH = COUNTER_HIGH + 4;

const INITIATION_LENGTH = 148;
const RESPONSE_LENGTH = 92;
const COOKIE_REPLY_LENGTH = 64;
const SHORTEST_DATA_LENGTH = 32;
const DATA_PADDING = 16;
/** Smallest MTU that a tunnel may be given (RFC 791), with the 32 bytes around its packet. */
const SHORTEST_FULL_LENGTH = 576 + 32;
const LARGEST_COUNTER_HIGH = 0xffff;

/**
 * Fills the WireGuard fields if the UDP payload at `at`, `length` bytes on the wire, is a message. The caller has seen that
 * the first byte is 1..4 and three zeros follow.
 */
export function decodeWireguard(view: DataView, at: number, end: number, length: number, d: Decoded): void {
  if (end - at < DATA_HEADER_LENGTH) return;
  switch (view.getUint8(at)) {
    case WIREGUARD.Initiation:
      if (length !== INITIATION_LENGTH) return;
      d.wireguardType = WIREGUARD.Initiation;
      d.wireguardSender = view.getInt32(at + SENDER, true);
      return;
    case WIREGUARD.Response:
      if (length !== RESPONSE_LENGTH) return;
      d.wireguardType = WIREGUARD.Response;
      d.wireguardSender = view.getInt32(at + SENDER, true);
      d.wireguardReceiver = view.getInt32(at + RESPONSE_RECEIVER, true);
      return;
    case WIREGUARD.CookieReply:
      if (length !== COOKIE_REPLY_LENGTH) return;
      d.wireguardType = WIREGUARD.CookieReply;
      d.wireguardReceiver = view.getInt32(at + RECEIVER, true);
      return;
    case WIREGUARD.TransportData:
      return decodeData(view, at, length, d);
  }
}

function decodeData(view: DataView, at: number, length: number, d: Decoded): void {
  if (length < SHORTEST_DATA_LENGTH) return;
  if (length % DATA_PADDING !== 0 && length < SHORTEST_FULL_LENGTH) return;
  const counterHigh = view.getInt32(at + COUNTER_HIGH, true);
  if (counterHigh < 0 || counterHigh > LARGEST_COUNTER_HIGH) return;
  d.wireguardType = WIREGUARD.TransportData;
  d.wireguardReceiver = view.getInt32(at + RECEIVER, true);
  d.wireguardCounterLow = view.getInt32(at + COUNTER_LOW, true);
  d.wireguardCounterHigh = counterHigh;
}
