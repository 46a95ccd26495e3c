/**
 * UDP (RFC 768).
 *
 *     +-------------------------------+-------------------------------+
 *     |          Source Port          |       Destination Port        |
 *     +-------------------------------+-------------------------------+
 *     |            Length             |           Checksum            |
 *     +-------------------------------+-------------------------------+
 *
 * Length 0 means "as long as the IP packet" (RFC 2675 section 4, and GSO super-frames). What the datagram carries is
 * decided in tunnel.ts.
 */
import { type Decoded, type Level, TRANSPORT } from './decoded.js';
import { setPayload } from './payload.js';
import { noteOddity, STOP, stopDecoding } from './stop.js';

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const LENGTH = 4;
const CHECKSUM = 6;
export const HEADER_LENGTH = CHECKSUM + 2;
const LONGEST_LENGTH = 0xffff;

/** The length field: bytes of the whole datagram, header included; may be 0. */
export function length(view: DataView, at: number): number {
  return view.getUint16(at + LENGTH);
}

/** Fills the UDP fields of `level` from the datagram (or its first fragment) at `at`. */
export function decodeUdp(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at >= LENGTH) {
    level.sourcePort = view.getUint16(at + SOURCE_PORT);
    level.destinationPort = view.getUint16(at + DESTINATION_PORT);
  }
  if (end - at < HEADER_LENGTH) return stopShort(at, wireEnd, level, d);
  const udpLength = view.getUint16(at + LENGTH);
  let datagramEnd = at + udpLength;
  if (udpLength < HEADER_LENGTH || datagramEnd > wireEnd || wireEnd - at > LONGEST_LENGTH) {
    if (udpLength > 0 && udpLength < HEADER_LENGTH) return stopDecoding(d, STOP.BadUdpLength, at, udpLength);
    noteLength(udpLength, level, d);
    datagramEnd = wireEnd;
  }
  level.transport = TRANSPORT.Udp;
  level.transportLength = datagramEnd - at;
  setPayload(level, at + HEADER_LENGTH, end < datagramEnd ? end : datagramEnd, datagramEnd);
}

/** A length beyond the IP packet is normal in a first fragment; one that 16 bits cannot hold means nothing. */
function noteLength(udpLength: number, level: Level, d: Decoded): void {
  if (udpLength === 0) noteOddity(d, STOP.UdpLengthZero);
  else if (level.isFragment === 0 && level.transportLength <= LONGEST_LENGTH) noteOddity(d, STOP.UdpLengthBeyondIp);
}

function stopShort(at: number, wireEnd: number, level: Level, d: Decoded): void {
  if (wireEnd - at >= HEADER_LENGTH) return stopDecoding(d, STOP.TruncatedUdp, at, 0);
  stopDecoding(d, level.isFragment !== 0 ? STOP.TransportSplitByFragmentation : STOP.ShortUdp, at, 0);
}
