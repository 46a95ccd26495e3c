/**
 * What every packet does to its flow's row, whatever the transport: counters, times, copies, WireGuard messages. TCP's own part
 * is in tcp-flow.ts.
 */
import { NONE, TRANSPORT, WIREGUARD, type Decoded, type Level } from '../wire/decoded.js';
import { decideClient, SENDER_IS_SERVER } from './client.js';
import { WIREGUARD_COUNTERS, WIREGUARD_KEEP_ALIVE } from './flow-extras.js';
import {
  DUPLICATES,
  FIRST_NANOSECONDS,
  FIRST_SECONDS,
  FRAGMENTS,
  HOP_LIMITS,
  ICMP,
  ICMP_KNOWN,
  INFO,
  INFO_FIRST_DIRECTION,
  INFO_REASON_SHIFT,
  LAST_IDENTITY,
  LAST_NANOSECONDS,
  LAST_SECONDS,
  PACKETS,
  PAYLOAD_BYTES,
  PROTOCOL,
  SYN_SECONDS,
  UNIQUE_BYTES,
  WIRE_BYTES,
} from './flow-row.js';
import type { FlowTable } from './flow-table.js';
import type { Sighting } from './sighting.js';
import { updateTcp } from './tcp-flow.js';

const PROTOCOL_TCP = 6;
const WIREGUARD_EMPTY_DATA_LENGTH = 32;

/** Writes what the first packet of a flow decides. `at` is the word at which the row starts. */
export function beginFlow(table: FlowTable, at: number, direction: number, level: Level, sighting: Sighting): void {
  const words = table.words;
  const decision = decideClient(level);
  const clientDirection = (decision & SENDER_IS_SERVER) === 0 ? direction : 1 - direction;
  const reason = decision & (SENDER_IS_SERVER - 1);
  words[at + INFO] = clientDirection | (direction === 0 ? 0 : INFO_FIRST_DIRECTION) | (reason << INFO_REASON_SHIFT);
  words[at + FIRST_NANOSECONDS] = sighting.nanoseconds;
  words[at + LAST_NANOSECONDS] = sighting.nanoseconds;
  table.doubles[(at >>> 1) + FIRST_SECONDS] = sighting.seconds;
  table.doubles[(at >>> 1) + LAST_SECONDS] = sighting.seconds;
  if (level.icmpType !== NONE) words[at + ICMP] = ICMP_KNOWN | (level.icmpType << 8) | level.icmpCode;
}

/** Writes what the first packet of a direction decides. */
export function beginDirection(words: Int32Array, at: number, direction: number, level: Level): void {
  words[at + HOP_LIMITS] = words[at + HOP_LIMITS]! | ((level.hopLimit + 1) << (direction * 16));
}

/** Counts one packet. `isInnermost` says whether `level` is the packet's last. */
export function countPacket(
  table: FlowTable,
  at: number,
  direction: number,
  d: Decoded,
  level: Level,
  isInnermost: boolean,
  sighting: Sighting,
): void {
  const words = table.words;
  const doubles = table.doubles;
  const doubleAt = at >>> 1;
  const payload = level.payloadLength;
  words[at + PACKETS + direction] = words[at + PACKETS + direction]! + 1;
  noteTime(table, at, sighting);
  doubles[doubleAt + WIRE_BYTES + direction] = doubles[doubleAt + WIRE_BYTES + direction]! + sighting.wireLength;
  const isCopy = level.identification > 0 && isCopyOfLast(words, at, direction, level);
  if (payload > 0) {
    doubles[doubleAt + PAYLOAD_BYTES + direction] = doubles[doubleAt + PAYLOAD_BYTES + direction]! + payload;
  }
  if (level.transport === TRANSPORT.Tcp) {
    updateTcp(table, at, direction, level, isCopy, sighting);
  } else {
    if (!isCopy) doubles[doubleAt + UNIQUE_BYTES + direction] = doubles[doubleAt + UNIQUE_BYTES + direction]! + payload;
    if (isInnermost && d.wireguardType !== NONE) countWireguard(table, at, direction, d, level);
  }
}

/** Widens the row's time range by one packet. Packets of a capture need not be in order of time. */
export function noteTime(table: FlowTable, at: number, sighting: Sighting): void {
  const last = (at >>> 1) + LAST_SECONDS;
  const latest = table.doubles[last]!;
  const seconds = sighting.seconds;
  const nanoseconds = sighting.nanoseconds;
  if (seconds > latest || (seconds === latest && nanoseconds >= table.words[at + LAST_NANOSECONDS]!)) {
    table.doubles[last] = seconds;
    table.words[at + LAST_NANOSECONDS] = nanoseconds;
  } else {
    beginEarlier(table, at, sighting);
  }
}

/** Moves the start of the flow back if the packet was seen before it; the time of a SYN counts from the start. */
function beginEarlier(table: FlowTable, at: number, sighting: Sighting): void {
  const first = (at >>> 1) + FIRST_SECONDS;
  const earliest = table.doubles[first]!;
  const words = table.words;
  if (sighting.seconds > earliest) return;
  if (sighting.seconds === earliest && sighting.nanoseconds >= words[at + FIRST_NANOSECONDS]!) return;
  if (words[at + PROTOCOL] === PROTOCOL_TCP) {
    words[at + SYN_SECONDS] = words[at + SYN_SECONDS]! + (earliest - sighting.seconds);
  }
  table.doubles[first] = sighting.seconds;
  words[at + FIRST_NANOSECONDS] = sighting.nanoseconds;
}

/** Adds fragments to the row: all of them to FRAGMENTS, and `packets` that were not counted otherwise. */
export function countFragments(
  table: FlowTable,
  at: number,
  direction: number,
  fragments: number,
  packets: number,
  wireBytes: number,
  payload: number,
): void {
  const words = table.words;
  const doubles = table.doubles;
  const doubleAt = at >>> 1;
  words[at + FRAGMENTS] = words[at + FRAGMENTS]! + fragments;
  words[at + PACKETS + direction] = words[at + PACKETS + direction]! + packets;
  doubles[doubleAt + WIRE_BYTES + direction] = doubles[doubleAt + WIRE_BYTES + direction]! + wireBytes;
  doubles[doubleAt + PAYLOAD_BYTES + direction] = doubles[doubleAt + PAYLOAD_BYTES + direction]! + payload;
  doubles[doubleAt + UNIQUE_BYTES + direction] = doubles[doubleAt + UNIQUE_BYTES + direction]! + payload;
}

/**
 * True if this packet is the one before it in its direction once more: same non-zero IP identification, sequence,
 * acknowledgement and length. Such copies come from mirrors and promiscuous bridges; a retransmission has a new identification.
 */
function isCopyOfLast(words: Int32Array, at: number, direction: number, level: Level): boolean {
  if (level.isFragment === 1) return false;
  const digest = level.sequence ^ Math.imul(level.acknowledgement, 31) ^ (level.transportLength << 3);
  const identity = (level.identification << 16) | ((digest ^ (digest >>> 16)) & 0xffff);
  const field = at + LAST_IDENTITY + direction;
  if (words[field] === identity) {
    words[at + DUPLICATES] = words[at + DUPLICATES]! + 1;
    return true;
  }
  words[field] = identity;
  return false;
}

function countWireguard(table: FlowTable, at: number, direction: number, d: Decoded, level: Level): void {
  const counters = table.extrasAt(at).makeWireguard();
  const type = direction * WIREGUARD_COUNTERS + d.wireguardType - 1;
  counters[type] = counters[type]! + 1;
  if (d.wireguardType === WIREGUARD.TransportData && level.payloadLength === WIREGUARD_EMPTY_DATA_LENGTH) {
    const keepAlive = direction * WIREGUARD_COUNTERS + WIREGUARD_KEEP_ALIVE;
    counters[keepAlive] = counters[keepAlive]! + 1;
  }
}
