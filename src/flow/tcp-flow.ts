/**
 * What one TCP segment does to its flow's row: state, history, handshake time, and payload counted once.
 *
 * Payload is counted in sequence space: in-order bytes are new; bytes beyond a hole are new and open the hole; bytes below the
 * highest one seen are new only where they fill a hole, else they are a retransmission. The common case, the next segment
 * in order, costs one comparison.
 *
 * A RST says nothing about the sender's next byte: whoever wants to end a connection may guess its sequence number, and the
 * receiver only believes the one that it expects (RFC 9293 section 3.10.7.4). What comes behind it goes on where the stream
 * was. RST payload is not part of the stream (as in Zeek).
 */
import type { Level } from '../wire/decoded.js';
import {
  EXTRAS,
  FIRST_SECONDS,
  HANDSHAKE,
  HANDSHAKE_LONG,
  HANDSHAKE_LONGEST_INLINE,
  INFO,
  INFO_CLIENT_DIRECTION,
  INFO_HANDSHAKE_PENDING,
  INFO_HOLES,
  INFO_ISN_SHIFT,
  INFO_RUNNING_SHIFT,
  INFO_SYN_SHIFT,
  INITIAL_SEQUENCE,
  NEXT_SEQUENCE,
  SYN_NANOSECONDS,
  SYN_SECONDS,
  TCP_STATE,
  UNIQUE_BYTES,
} from './flow-row.js';
import { RETRANSMISSIONS, UNSEEN_HOLES, ZERO_WINDOWS } from './flow-extras.js';
import { LETTER, noteHistory } from './history.js';
import { sequenceAdd, sequenceDistance } from './sequence.js';
import type { Sighting } from './sighting.js';
import { ACK, ENDPOINT, endpointState, FIN, flagsSeen, RST, SYN, updateTcpState } from './tcp-state.js';
import type { FlowTable } from './flow-table.js';

/** A jump in sequence numbers beyond this is not a hole but nonsense, or another connection. */
const LARGEST_HOLE = 1 << 30;

/**
 * True if a SYN cannot belong to the selected flow: its direction already has another initial sequence number. A SYN-ACK
 * that acknowledges the client's SYN does belong to it.
 */
export function startsNewIncarnation(row: Int32Array, at: number, direction: number, level: Level): boolean {
  if ((level.tcpFlags & SYN) === 0) return false;
  const info = row[at + INFO]!;
  if (((info >>> (INFO_ISN_SHIFT + direction)) & 1) === 0) return false;
  if (row[at + INITIAL_SEQUENCE + direction] === level.sequence) return false;
  if ((level.tcpFlags & ACK) === 0) return true;
  const peer = 1 - direction;
  const peerSentSyn = ((info >>> (INFO_SYN_SHIFT + peer)) & 1) === 1;
  return !peerSentSyn || sequenceAdd(row[at + INITIAL_SEQUENCE + peer]!, 1) !== level.acknowledgement;
}

/** Applies one segment to the row that starts at word `at`. */
export function updateTcp(
  table: FlowTable,
  at: number,
  direction: number,
  level: Level,
  isCopy: boolean,
  sighting: Sighting,
): void {
  const row = table.words;
  const flags = level.tcpFlags;
  if (((row[at + INFO]! >>> (INFO_RUNNING_SHIFT + direction)) & 1) === 0) enter(table, at, direction, level);
  else if ((flags & SYN) !== 0) learnSyn(row, at, direction, level);
  noteSegment(table, at, direction, level);
  updateTcpState(row, at, direction, flags, level.payloadLength);
  if ((row[at + INFO]! & INFO_HANDSHAKE_PENDING) !== 0 || (flags & SYN) !== 0) {
    timeHandshake(table, at, direction, level, sighting);
  }
  if ((flags & RST) === 0) advance(table, at, direction, level, isCopy);
  else row[at + INFO] = row[at + INFO]! & ~(1 << (INFO_RUNNING_SHIFT + direction));
  if ((row[at + INFO]! & INFO_HOLES) !== 0 && (flags & ACK) !== 0) noteAcknowledgement(table, at, direction, level);
}

/** The first segment of a direction, or the first one behind a RST. */
function enter(table: FlowTable, at: number, direction: number, level: Level): void {
  const row = table.words;
  const info = row[at + INFO]!;
  const hasBegun = ((info >>> (INFO_ISN_SHIFT + direction)) & 1) === 1;
  if ((level.tcpFlags & RST) !== 0) {
    if (!hasBegun) begin(row, at, direction, level);
    return;
  }
  const next = row[at + NEXT_SEQUENCE + direction]!;
  if (hasBegun) rememberReset(table, at, direction, next);
  const hasSyn = ((info >>> (INFO_SYN_SHIFT + direction)) & 1) === 1;
  const hasOnlyReset = !hasSyn && sequenceAdd(row[at + INITIAL_SEQUENCE + direction]!, 1) === next;
  if (!hasBegun || hasOnlyReset) begin(row, at, direction, level);
  else if ((level.tcpFlags & SYN) !== 0) learnSyn(row, at, direction, level);
  row[at + INFO] = row[at + INFO]! | (1 << (INFO_RUNNING_SHIFT + direction));
}

/** The last RST was where `next` still is; from now on that moves. */
function rememberReset(table: FlowTable, at: number, direction: number, next: number): void {
  const extras = table.extrasAt(at);
  extras.noteReset(direction, extras.lastReset(direction, next));
}

function begin(row: Int32Array, at: number, direction: number, level: Level): void {
  const isSyn = (level.tcpFlags & SYN) !== 0 ? 1 : 0;
  row[at + INITIAL_SEQUENCE + direction] = isSyn === 1 ? level.sequence : sequenceAdd(level.sequence, -1);
  row[at + NEXT_SEQUENCE + direction] = sequenceAdd(level.sequence, isSyn);
  row[at + INFO] = row[at + INFO]! | (1 << (INFO_ISN_SHIFT + direction)) | (isSyn << (INFO_SYN_SHIFT + direction));
}

/** A SYN tells for certain what was inferred from segments before it: out of order, or an injected RST. */
function learnSyn(row: Int32Array, at: number, direction: number, level: Level): void {
  if (row[at + INITIAL_SEQUENCE + direction] !== level.sequence) {
    row[at + INITIAL_SEQUENCE + direction] = level.sequence;
    row[at + NEXT_SEQUENCE + direction] = sequenceAdd(level.sequence, 1);
  }
  row[at + INFO] = row[at + INFO]! | (1 << (INFO_SYN_SHIFT + direction));
}

/** History letter of this segment, before its sequence number moves the expected one on. */
function noteSegment(table: FlowTable, at: number, direction: number, level: Level): void {
  const row = table.words;
  const flags = level.tcpFlags;
  const control = flags & (SYN | FIN | RST);
  switch (control) {
    case 0:
      if (level.payloadLength > 0) noteHistory(row, at, direction, LETTER.Data, 0);
      else if ((flags & ACK) !== 0) noteHistory(row, at, direction, LETTER.Ack, 0);
      if (level.window === 0) noteZeroWindow(table, at, direction);
      return;
    case SYN:
      noteHistory(row, at, direction, (flags & ACK) !== 0 ? LETTER.SynAck : LETTER.Syn, 0);
      return;
    case FIN: {
      const end = sequenceAdd(level.sequence, level.payloadLength + 1);
      noteHistory(row, at, direction, LETTER.Fin, end === row[at + NEXT_SEQUENCE + direction] ? 0 : 1);
      return;
    }
    case RST:
      noteReset(table, at, direction, level.sequence);
      return;
    default:
      noteHistory(
        row,
        at,
        direction,
        (control & FIN) !== 0 && (control & RST) !== 0 ? LETTER.FinRst : LETTER.MultiFlag,
        0,
      );
      return;
  }
}

/** A RST is told apart from the one before it, or from the expected one if it is the first. */
function noteReset(table: FlowTable, at: number, direction: number, sequence: number): void {
  const row = table.words;
  const extras = table.extras[row[at + EXTRAS]!]!;
  const isOther = sequence !== extras.lastReset(direction, row[at + NEXT_SEQUENCE + direction]!);
  noteHistory(row, at, direction, LETTER.Rst, isOther ? 1 : 0);
  if (isOther) table.extrasAt(at).noteReset(direction, sequence);
}

/** "Zero windows are boring if ... they come after the peer has sent a FIN" or after a RST (Zeek, update_window). */
function noteZeroWindow(table: FlowTable, at: number, direction: number): void {
  const word = table.words[at + TCP_STATE]!;
  if (endpointState(word, 1 - direction) === ENDPOINT.Closed || endpointState(word, direction) === ENDPOINT.Reset)
    return;
  const count = table.extrasAt(at).count(ZERO_WINDOWS, direction);
  if (isPowerOfTen(count)) noteHistory(table.words, at, direction, LETTER.ZeroWindow, 1);
}

/** Latest SYN to the client's acknowledgement of the SYN-ACK. */
function timeHandshake(table: FlowTable, at: number, direction: number, level: Level, sighting: Sighting): void {
  const row = table.words;
  const info = row[at + INFO]!;
  if (direction !== (info & INFO_CLIENT_DIRECTION)) return;
  const first = table.doubles[(at >>> 1) + FIRST_SECONDS]!;
  if ((level.tcpFlags & (SYN | ACK)) === SYN) {
    row[at + SYN_SECONDS] = sighting.seconds - first;
    row[at + SYN_NANOSECONDS] = sighting.nanoseconds;
    row[at + INFO] = info | INFO_HANDSHAKE_PENDING;
    return;
  }
  const server = 1 - direction;
  if ((flagsSeen(row[at + TCP_STATE]!, server) & SYN) === 0 || (level.tcpFlags & ACK) === 0) return;
  row[at + INFO] = info & ~INFO_HANDSHAKE_PENDING;
  if (level.acknowledgement !== sequenceAdd(row[at + INITIAL_SEQUENCE + server]!, 1)) return;
  const seconds = sighting.seconds - (first + row[at + SYN_SECONDS]!);
  const nanoseconds = seconds * 1e9 + (sighting.nanoseconds - row[at + SYN_NANOSECONDS]!);
  if (nanoseconds < 0) return;
  if (nanoseconds <= HANDSHAKE_LONGEST_INLINE) {
    row[at + HANDSHAKE] = nanoseconds;
  } else {
    row[at + HANDSHAKE] = HANDSHAKE_LONG;
    table.extrasAt(at).handshake = nanoseconds;
  }
}

/** Counts payload once and moves the expected sequence number on. */
function advance(table: FlowTable, at: number, direction: number, level: Level, isCopy: boolean): void {
  const row = table.words;
  const next = at + NEXT_SEQUENCE + direction;
  const payload = level.payloadLength;
  const start = (level.tcpFlags & SYN) !== 0 ? sequenceAdd(level.sequence, 1) : level.sequence;
  const end = sequenceAdd(start, payload);
  if (payload > 0) {
    if (start === row[next]) {
      const unique = (at >>> 1) + UNIQUE_BYTES + direction;
      table.doubles[unique] = table.doubles[unique]! + payload;
      row[next] = end;
    } else {
      advanceOutOfOrder(table, at, direction, start, end, isCopy);
    }
  }
  if ((level.tcpFlags & FIN) !== 0) advanceByFin(table, at, direction, payload, end);
}

/** A FIN takes a sequence number. One that comes alone, before the bytes in front of it, shows how many are missing. */
function advanceByFin(table: FlowTable, at: number, direction: number, payload: number, end: number): void {
  const row = table.words;
  const next = at + NEXT_SEQUENCE + direction;
  const jump = sequenceDistance(end, row[next]!);
  if (jump !== 0 && (payload > 0 || jump < 0 || jump > LARGEST_HOLE)) return;
  if (jump > 0) table.extrasAt(at).makeGaps(direction).open(row[next]!, end);
  row[next] = sequenceAdd(end, 1);
}

function advanceOutOfOrder(
  table: FlowTable,
  at: number,
  direction: number,
  start: number,
  end: number,
  isCopy: boolean,
): void {
  const row = table.words;
  const next = at + NEXT_SEQUENCE + direction;
  const unique = (at >>> 1) + UNIQUE_BYTES + direction;
  const expected = row[next]!;
  const jump = sequenceDistance(start, expected);
  let newBytes = 0;
  if (jump > 0 || jump < -LARGEST_HOLE) {
    if (jump > 0 && jump <= LARGEST_HOLE) {
      table.extrasAt(at).makeGaps(direction).open(expected, start);
      row[at + INFO] = row[at + INFO]! | INFO_HOLES;
    }
    newBytes = sequenceDistance(end, start);
    row[next] = end;
  } else {
    const beyond = sequenceDistance(end, expected);
    const gaps = table.extrasAt(at).gapsOf(direction);
    if (gaps !== null) newBytes = gaps.fill(start, beyond > 0 ? expected : end);
    if (beyond > 0) {
      newBytes += beyond;
      row[next] = end;
    }
    if (newBytes === 0 && !isCopy) noteRetransmission(table, at, direction);
  }
  table.doubles[unique] = table.doubles[unique]! + newBytes;
}

function noteRetransmission(table: FlowTable, at: number, direction: number): void {
  const count = table.extrasAt(at).count(RETRANSMISSIONS, direction);
  if (isPowerOfTen(count)) noteHistory(table.words, at, direction, LETTER.Retransmission, 1);
}

/** Holes of the other direction that this acknowledgement covers: the receiver had the bytes, the capture does not. */
function noteAcknowledgement(table: FlowTable, at: number, direction: number, level: Level): void {
  const extras = table.extras[table.words[at + EXTRAS]!]!;
  const other = 1 - direction;
  const gaps = extras.gapsOf(other);
  if (gaps === null || gaps.openBytes === 0) {
    // Nothing is missing in either direction: the next hole sets the bit again.
    const own = extras.gapsOf(direction);
    if (own === null || own.openBytes === 0) table.words[at + INFO] = table.words[at + INFO]! & ~INFO_HOLES;
    return;
  }
  if (gaps.acknowledge(level.acknowledgement) === 0) return;
  const count = extras.count(UNSEEN_HOLES, other);
  if (isPowerOfTen(count)) noteHistory(table.words, at, other, LETTER.Gap, 1);
}

function isPowerOfTen(count: number): boolean {
  return count === 1 || count === 10 || count === 100 || count === 1000 || count === 10_000 || count === 100_000;
}
