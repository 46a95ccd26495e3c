/**
 * Puts the pieces of one flow together again. The flow limit finishes a flow while it is silent; what comes of it later is a row
 * of its own that knows nothing of the first. Joined, they say what one row would have said, but for what depends on
 * both at once: payload repeated across the cut, and history's letters for counts.
 */
import {
  DUPLICATES,
  FRAGMENTS,
  HANDSHAKE,
  HANDSHAKE_UNKNOWN,
  HOP_LIMITS,
  INFO,
  INFO_CLIENT_DIRECTION,
  INFO_ISN_SHIFT,
  INFO_REASON_MASK,
  INFO_REASON_SHIFT,
  INFO_SYN_SHIFT,
  INITIAL_SEQUENCE,
  LAST_NANOSECONDS,
  LAST_SECONDS,
  OUTER_PATH,
  PACKETS,
  PAYLOAD_BYTES,
  PROTOCOL,
  TCP_STATE,
  UNIQUE_BYTES,
  WIRE_BYTES,
} from './flow-row.js';
import { joinHistory } from './history.js';
import { joinTcpStates } from './tcp-state.js';

const PROTOCOL_TCP = 6;
const NONE = -1;
const DIRECTION_HOP_LIMIT = 0xffff;

/** A row: where it starts, in words over one buffer with doubles. */
export interface Row {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly at: number;
}

/** @cold after reading. Adds `later` to `earlier`, which began first; extras are left as they are. */
export function joinRows(earlier: Row, later: Row): void {
  const { words, at } = earlier;
  for (let direction = 0; direction < 2; direction++) joinDirection(earlier, later, direction);
  joinClient(earlier, later);
  words[at + DUPLICATES]! += later.words[later.at + DUPLICATES]!;
  words[at + FRAGMENTS]! += later.words[later.at + FRAGMENTS]!;
  if (words[at + HANDSHAKE] === HANDSHAKE_UNKNOWN) words[at + HANDSHAKE] = later.words[later.at + HANDSHAKE]!;
  if (words[at + PROTOCOL] === PROTOCOL_TCP) {
    words[at + TCP_STATE] = joinTcpStates(words[at + TCP_STATE]!, later.words[later.at + TCP_STATE]!);
    joinHistory(words, at, later.words, later.at);
  }
  joinEnd(earlier, later);
}

/** @cold after reading. Counters add up; what the first packet of the direction said is kept. */
function joinDirection(earlier: Row, later: Row, direction: number): void {
  const { words, at } = earlier;
  for (const field of [WIRE_BYTES, PAYLOAD_BYTES, UNIQUE_BYTES]) {
    earlier.doubles[(at >>> 1) + field + direction]! += later.doubles[(later.at >>> 1) + field + direction]!;
  }
  words[at + PACKETS + direction]! += later.words[later.at + PACKETS + direction]!;
  const hopLimit = DIRECTION_HOP_LIMIT << (direction * 16);
  if ((words[at + HOP_LIMITS]! & hopLimit) === 0) {
    words[at + HOP_LIMITS]! |= later.words[later.at + HOP_LIMITS]! & hopLimit;
  }
  const path = OUTER_PATH + direction;
  if (words[at + path] === NONE) words[at + path] = later.words[later.at + path]!;
  const hasBegun = 1 << (INFO_ISN_SHIFT + direction);
  if ((words[at + INFO]! & hasBegun) === 0) {
    words[at + INITIAL_SEQUENCE + direction] = later.words[later.at + INITIAL_SEQUENCE + direction]!;
    words[at + INFO]! |= later.words[later.at + INFO]! & (hasBegun | (1 << (INFO_SYN_SHIFT + direction)));
  }
}

/** @cold after reading. Who is the client is decided by the piece with the better reason. */
function joinClient(earlier: Row, later: Row): void {
  const info = earlier.words[earlier.at + INFO]!;
  const laterInfo = later.words[later.at + INFO]!;
  if (reasonRank(laterInfo) >= reasonRank(info)) return;
  const decision = INFO_CLIENT_DIRECTION | (INFO_REASON_MASK << INFO_REASON_SHIFT);
  earlier.words[earlier.at + INFO] = (info & ~decision) | (laterInfo & decision);
}

/** Place of the row's CLIENT_REASON from the strongest to the weakest: as they are numbered, but for "first packet", which is 0. */
function reasonRank(info: number): number {
  return (((info >>> INFO_REASON_SHIFT) & INFO_REASON_MASK) + INFO_REASON_MASK) & INFO_REASON_MASK;
}

/** @cold after reading. The later piece need not end later: packets may come out of order of time. */
function joinEnd(earlier: Row, later: Row): void {
  const end = (earlier.at >>> 1) + LAST_SECONDS;
  const laterEnd = (later.at >>> 1) + LAST_SECONDS;
  const difference =
    later.doubles[laterEnd]! - earlier.doubles[end]! ||
    later.words[later.at + LAST_NANOSECONDS]! - earlier.words[earlier.at + LAST_NANOSECONDS]!;
  if (difference <= 0) return;
  earlier.doubles[end] = later.doubles[laterEnd]!;
  earlier.words[earlier.at + LAST_NANOSECONDS] = later.words[later.at + LAST_NANOSECONDS]!;
}
