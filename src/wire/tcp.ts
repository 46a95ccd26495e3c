/**
 * TCP (RFC 9293): header, flags, and options on demand.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-------------------------------+-------------------------------+
 *     |          Source Port          |       Destination Port        |
 *     +-------------------------------+-------------------------------+
 *     |                        Sequence Number                        |
 *     +---------------------------------------------------------------+
 *     |                    Acknowledgment Number                      |
 *     +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 *     | Offset| Rsrvd |C|E|U|A|P|R|S|F|            Window             |
 *     +-------+-------+-+-+-+-+-+-+-+-+-------------------------------+
 *     |           Checksum            |         Urgent Pointer        |
 *     +-------------------------------+-------------------------------+
 *     |                           [Options]                           |
 *
 * Checksums are not verified: offloading leaves them wrong in most captures made on the sending host.
 */
import { type Decoded, type Level, TRANSPORT } from './decoded.js';
import { setPayload } from './payload.js';
import { STOP, stopDecoding } from './stop.js';

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const SEQUENCE = 4;
const ACKNOWLEDGEMENT = 8;
const DATA_OFFSET = 12;
const FLAGS = 13;
const WINDOW = 14;
const URGENT_POINTER = 18;
export const HEADER_LENGTH = URGENT_POINTER + 2;

/** Fills the TCP fields of `level` from the segment at `at`. */
export function decodeTcp(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at < HEADER_LENGTH) return decodePart(view, at, end, wireEnd, level, d);
  level.sourcePort = view.getUint16(at + SOURCE_PORT);
  level.destinationPort = view.getUint16(at + DESTINATION_PORT);
  level.sequence = view.getInt32(at + SEQUENCE);
  const headerLength = (view.getUint8(at + DATA_OFFSET) >> 4) << 2;
  if (headerLength < HEADER_LENGTH || headerLength > wireEnd - at)
    return stopAtHeader(at, headerLength, wireEnd, level, d);
  level.transport = TRANSPORT.Tcp;
  level.acknowledgement = view.getInt32(at + ACKNOWLEDGEMENT);
  level.tcpFlags = view.getUint8(at + FLAGS);
  level.window = view.getUint16(at + WINDOW);
  level.tcpHeaderLength = headerLength;
  setPayload(level, at + headerLength, end, wireEnd);
}

/** What little there is of a header that is cut off: ports, and the sequence number for matching ICMP quotes. */
function decodePart(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at >= SEQUENCE) {
    level.sourcePort = view.getUint16(at + SOURCE_PORT);
    level.destinationPort = view.getUint16(at + DESTINATION_PORT);
  }
  if (end - at >= ACKNOWLEDGEMENT) level.sequence = view.getInt32(at + SEQUENCE);
  if (wireEnd - at >= HEADER_LENGTH) return stopDecoding(d, STOP.TruncatedTcp, at, 0);
  stopDecoding(d, level.isFragment !== 0 ? STOP.TransportSplitByFragmentation : STOP.ShortTcp, at, 0);
}

function stopAtHeader(at: number, headerLength: number, wireEnd: number, level: Level, d: Decoded): void {
  const isSplit = level.isFragment !== 0 && headerLength > wireEnd - at;
  stopDecoding(d, isSplit ? STOP.TransportSplitByFragmentation : STOP.BadTcpHeaderLength, at, headerLength);
}
