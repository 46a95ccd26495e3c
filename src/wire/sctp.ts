/**
 * SCTP (RFC 9260): common header and chunks.
 *
 *     +-------------------------------+-------------------------------+
 *     |          Source Port          |       Destination Port        |
 *     +-------------------------------+-------------------------------+
 *     |                       Verification Tag                        |
 *     +---------------------------------------------------------------+
 *     |                           Checksum                            |
 *     +---------------+---------------+-------------------------------+
 *     |  Chunk Type   |  Chunk Flags  |         Chunk Length          |  as often as there is room, padded to 4 bytes;
 *     +---------------+---------------+-------------------------------+  DATA (0): user data behind 16 bytes,
 *     |                          Chunk Value                          |  I-DATA (64, RFC 8260): behind 20
 *
 * payloadLength counts user data only (the sum over DATA and I-DATA chunks whose headers were captured), so that an SCTP
 * flow's payload is what its applications sent. payloadAt and payloadCaptured are the user data of the first such chunk.
 */
import { type Decoded, type Level, TRANSPORT } from './decoded.js';
import { STOP, stopDecoding } from './stop.js';

const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const VERIFICATION_TAG = 4;
const CHECKSUM = 8;
export const HEADER_LENGTH = CHECKSUM + 4;

const CHUNK_TYPE = 0;
const CHUNK_LENGTH = 2;
const CHUNK_HEADER_LENGTH = CHUNK_LENGTH + 2;
const DATA_HEADER_LENGTH = 16;
const I_DATA_HEADER_LENGTH = 20;

export const SCTP_CHUNK = { Data: 0, Init: 1, InitAck: 2, Abort: 6, Shutdown: 7, CookieEcho: 10, IData: 64 } as const;

/** Fills the SCTP fields of `level` from the packet at `at`. */
export function decodeSctp(view: DataView, at: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  if (end - at >= VERIFICATION_TAG) {
    level.sourcePort = view.getUint16(at + SOURCE_PORT);
    level.destinationPort = view.getUint16(at + DESTINATION_PORT);
  }
  if (end - at < HEADER_LENGTH) return stopShort(at, wireEnd, level, d);
  level.transport = TRANSPORT.Sctp;
  level.verificationTag = view.getInt32(at + VERIFICATION_TAG);
  level.payloadAt = at + HEADER_LENGTH;
  if (end - at > HEADER_LENGTH) level.chunkType = view.getUint8(at + HEADER_LENGTH + CHUNK_TYPE);
  sumUserData(view, at + HEADER_LENGTH, end, wireEnd, level, d);
}

function sumUserData(view: DataView, from: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  let at = from;
  while (end - at >= CHUNK_HEADER_LENGTH) {
    const type = view.getUint8(at + CHUNK_TYPE);
    const chunkLength = view.getUint16(at + CHUNK_LENGTH);
    // A fragmented packet's last chunk goes on in the next fragment.
    if (chunkLength < CHUNK_HEADER_LENGTH || (chunkLength > wireEnd - at && level.isFragment === 0)) {
      return stopDecoding(d, STOP.BadSctpChunkLength, at, chunkLength);
    }
    if (type === SCTP_CHUNK.Data) addUserData(at, DATA_HEADER_LENGTH, chunkLength, end, wireEnd, level);
    else if (type === SCTP_CHUNK.IData) addUserData(at, I_DATA_HEADER_LENGTH, chunkLength, end, wireEnd, level);
    at += (chunkLength + 3) & ~3;
  }
}

function addUserData(
  chunkAt: number,
  headerLength: number,
  chunkLength: number,
  end: number,
  wireEnd: number,
  level: Level,
): void {
  const dataAt = chunkAt + headerLength;
  const dataEnd = chunkAt + chunkLength < wireEnd ? chunkAt + chunkLength : wireEnd;
  if (dataEnd <= dataAt) return;
  if (level.payloadLength === 0) {
    level.payloadAt = dataAt < end ? dataAt : end;
    level.payloadCaptured = (dataEnd < end ? dataEnd : end) - level.payloadAt;
  }
  level.payloadLength += dataEnd - dataAt;
}

function stopShort(at: number, wireEnd: number, level: Level, d: Decoded): void {
  if (wireEnd - at >= HEADER_LENGTH) return stopDecoding(d, STOP.TruncatedSctp, at, 0);
  stopDecoding(d, level.isFragment !== 0 ? STOP.TransportSplitByFragmentation : STOP.ShortSctp, at, 0);
}
