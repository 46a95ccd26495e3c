/**
 * TCP options (RFC 9293 section 3.1, RFC 7323, RFC 2018), read on demand from a level that was decoded as TCP.
 *
 *     +---------------+---------------+
 *     |     Kind      |    Length     |  value; kinds 0 (end) and 1 (no operation) are a single byte
 *     +---------------+---------------+
 *
 * findTcpOption checks an option's length and that all of it was captured; the accessors below it never check.
 */
import { type Level, NONE, TRANSPORT } from './decoded.js';
import { HEADER_LENGTH } from './tcp.js';

export const TCP_OPTION = {
  End: 0,
  NoOperation: 1,
  MaximumSegmentSize: 2,
  WindowScale: 3,
  SackPermitted: 4,
  Sack: 5,
  Timestamps: 8,
} as const;

const LENGTH = 1;
const VALUE = 2;
const ECHO_REPLY = 6;

const SACK_BLOCK_LENGTH = 8;
const SACK_RIGHT_EDGE = 4;

/**
 * Offset of the first well-formed option of `kind` (one of TCP_OPTION, but for the single-byte ones) in a TCP level; NONE
 * if there is none among the captured bytes.
 */
export function findTcpOption(view: DataView, level: Level, kind: number): number {
  if (level.transport !== TRANSPORT.Tcp) return NONE;
  const end = level.payloadAt; // never behind the captured bytes
  let at = level.transportAt + HEADER_LENGTH;
  while (at < end) {
    const found = view.getUint8(at);
    if (found === TCP_OPTION.NoOperation) {
      at++;
      continue;
    }
    if (found === TCP_OPTION.End || end - at < VALUE) return NONE;
    const length = view.getUint8(at + LENGTH);
    if (length < VALUE || length > end - at) return NONE;
    if (found === kind && isLengthRight(kind, length)) return at;
    at += length;
  }
  return NONE;
}

/** Bytes, of the MaximumSegmentSize option at `optionAt`. */
export function maximumSegmentSize(view: DataView, optionAt: number): number {
  return view.getUint16(optionAt + VALUE);
}

/** Left shift of the window field, of the WindowScale option at `optionAt`; RFC 7323 allows 14 at most. */
export function windowShift(view: DataView, optionAt: number): number {
  return view.getUint8(optionAt + VALUE);
}

/** TSval of the Timestamps option at `optionAt`, int32. */
export function timestampValue(view: DataView, optionAt: number): number {
  return view.getInt32(optionAt + VALUE);
}

/** TSecr of the Timestamps option at `optionAt`, int32; only meaningful in segments with ACK. */
export function timestampEchoReply(view: DataView, optionAt: number): number {
  return view.getInt32(optionAt + ECHO_REPLY);
}

/** Number of blocks (1..4) in the Sack option at `optionAt`. */
export function sackBlockCount(view: DataView, optionAt: number): number {
  return (view.getUint8(optionAt + LENGTH) - VALUE) >> 3;
}

/** First sequence number of block `index`, int32. */
export function sackLeftEdge(view: DataView, optionAt: number, index: number): number {
  return view.getInt32(optionAt + VALUE + index * SACK_BLOCK_LENGTH);
}

/** Sequence number behind the last of block `index`, int32. */
export function sackRightEdge(view: DataView, optionAt: number, index: number): number {
  return view.getInt32(optionAt + VALUE + index * SACK_BLOCK_LENGTH + SACK_RIGHT_EDGE);
}

function isLengthRight(kind: number, length: number): boolean {
  switch (kind) {
    case TCP_OPTION.MaximumSegmentSize:
      return length === 4;
    case TCP_OPTION.WindowScale:
      return length === 3;
    case TCP_OPTION.SackPermitted:
      return length === 2;
    case TCP_OPTION.Timestamps:
      return length === 10;
    case TCP_OPTION.Sack:
      return length > VALUE && (length - VALUE) % SACK_BLOCK_LENGTH === 0;
    default:
      return true;
  }
}
