/**
 * Flows added up, for what the compact store has no room for: by client, server and server port while the sums have room
 * themselves, then in one row per vantage point and protocol, under the unspecified address (RFC 6890). However many flows
 * a capture claims, no packet and no byte is lost and memory is bounded.
 *
 * A sum is a row like any other. Tunnel flows are added up apart, since they belong to no connection.
 */
import type { AddressTable } from '../base/address.js';
import { BARE } from './encapsulations.js';
import {
  ADDRESS_A,
  ADDRESS_B,
  DUPLICATES,
  ENCAPSULATION,
  EXTRAS,
  FIRST_NANOSECONDS,
  FIRST_SECONDS,
  FRAGMENTS,
  INFO,
  INFO_CARRIER,
  INFO_CLIENT_DIRECTION,
  INFO_FIRST_DIRECTION,
  INFO_REASON_MASK,
  INFO_REASON_SHIFT,
  INITIAL_SEQUENCE,
  LAST_NANOSECONDS,
  LAST_SECONDS,
  PACKETS,
  PAYLOAD_BYTES,
  PORTS,
  PROTOCOL,
  rowStart,
  STRIDE,
  UNIQUE_BYTES,
  VANTAGE,
  WIRE_BYTES,
} from './flow-row.js';
import { FlowTable } from './flow-table.js';

const UNSPECIFIED_IPV4 = 0;
/** What a sum keeps of its first flow's INFO; its sequence numbers and what may come later are nobody's any more. */
const INFO_OF_SUMS =
  INFO_CLIENT_DIRECTION | INFO_FIRST_DIRECTION | INFO_CARRIER | (INFO_REASON_MASK << INFO_REASON_SHIFT);
/** Stand in the place of the client's port. */
const NO_PORT = 0;
const CARRIERS = 1;

export class FlowSums {
  readonly table = new FlowTable();
  /** How many flows were added up, and how many of these are only in the row of their protocol. */
  flows = 0;
  merged = 0;
  private readonly addresses: AddressTable;
  private readonly limit: number;

  /** `limit`: sums by client, server and server port. */
  constructor(addresses: AddressTable, limit: number) {
    this.addresses = addresses;
    this.limit = limit;
  }

  /** @cold when the compact store is full. Adds the row at word `at` of another table to its sum. */
  add(from: FlowTable, at: number): void {
    const { words } = from;
    const { table } = this;
    const ports = portsOfSum(words, at);
    const vantage = words[at + VANTAGE]!;
    const encapsulation = words[at + ENCAPSULATION]!;
    const a = words[at + ADDRESS_A]!;
    const b = words[at + ADDRESS_B]!;
    const protocol = words[at + PROTOCOL]!;
    this.flows++;
    if (table.live >= this.limit && !table.has(vantage, encapsulation, a, b, ports, protocol)) {
      this.merge(from, at);
      return;
    }
    const sum = rowStart(table.find(vantage, encapsulation, a, b, ports, protocol));
    if (!table.isNew) {
      addRow(table, sum, from, at, 0);
      return;
    }
    // The first flow stands for the rest in everything that cannot be added up.
    const sums = table.words;
    sums.set(words.subarray(at, at + STRIDE), sum);
    sums[sum + PORTS] = ports;
    sums[sum + EXTRAS] = 0;
    sums[sum + INFO] = sums[sum + INFO]! & INFO_OF_SUMS;
    sums[sum + INITIAL_SEQUENCE] = 0;
    sums[sum + INITIAL_SEQUENCE + 1] = 0;
  }

  /** @cold when the sums are full */
  private merge(from: FlowTable, at: number): void {
    const { words } = from;
    const { table } = this;
    const nobody = this.addresses.internIpv4(UNSPECIFIED_IPV4);
    const carrier = words[at + INFO]! & INFO_CARRIER;
    const ports = carrier === 0 ? NO_PORT : CARRIERS;
    const sum = rowStart(table.find(words[at + VANTAGE]!, BARE, nobody, nobody, ports, words[at + PROTOCOL]!));
    this.merged++;
    if (table.isNew) {
      table.words[sum + INFO] = carrier;
      copyTimes(table, sum, from, at);
    }
    // Direction 0 of such a row is from the clients to the servers.
    addRow(table, sum, from, at, words[at + INFO]! & INFO_CLIENT_DIRECTION);
  }
}

/** The flow's ports without the client's. */
function portsOfSum(words: Int32Array, at: number): number {
  const info = words[at + INFO]!;
  const stand = (info & INFO_CARRIER) === 0 ? NO_PORT : CARRIERS;
  const ports = words[at + PORTS]!;
  return (info & INFO_CLIENT_DIRECTION) === 0 ? (stand << 16) | (ports & 0xffff) : (ports & ~0xffff) | stand;
}

/** Adds a row to a sum; its directions change places if `turn` is 1. */
function addRow(sums: FlowTable, sum: number, from: FlowTable, at: number, turn: number): void {
  const words = sums.words;
  const doubles = sums.doubles;
  const to = sum >>> 1;
  const doubleAt = at >>> 1;
  for (let direction = 0; direction < 2; direction++) {
    const other = direction ^ turn;
    words[sum + PACKETS + other]! += from.words[at + PACKETS + direction]!;
    doubles[to + WIRE_BYTES + other]! += from.doubles[doubleAt + WIRE_BYTES + direction]!;
    doubles[to + PAYLOAD_BYTES + other]! += from.doubles[doubleAt + PAYLOAD_BYTES + direction]!;
    doubles[to + UNIQUE_BYTES + other]! += from.doubles[doubleAt + UNIQUE_BYTES + direction]!;
  }
  words[sum + DUPLICATES]! += from.words[at + DUPLICATES]!;
  words[sum + FRAGMENTS]! += from.words[at + FRAGMENTS]!;
  extend(sums, sum, from, at);
}

function copyTimes(sums: FlowTable, sum: number, from: FlowTable, at: number): void {
  sums.doubles[(sum >>> 1) + FIRST_SECONDS] = from.doubles[(at >>> 1) + FIRST_SECONDS]!;
  sums.words[sum + FIRST_NANOSECONDS] = from.words[at + FIRST_NANOSECONDS]!;
  sums.doubles[(sum >>> 1) + LAST_SECONDS] = from.doubles[(at >>> 1) + LAST_SECONDS]!;
  sums.words[sum + LAST_NANOSECONDS] = from.words[at + LAST_NANOSECONDS]!;
}

/** Makes the sum's time range hold the row's. */
function extend(sums: FlowTable, sum: number, from: FlowTable, at: number): void {
  const to = sum >>> 1;
  const doubleAt = at >>> 1;
  const earlier =
    from.doubles[doubleAt + FIRST_SECONDS]! - sums.doubles[to + FIRST_SECONDS]! ||
    from.words[at + FIRST_NANOSECONDS]! - sums.words[sum + FIRST_NANOSECONDS]!;
  if (earlier < 0) {
    sums.doubles[to + FIRST_SECONDS] = from.doubles[doubleAt + FIRST_SECONDS]!;
    sums.words[sum + FIRST_NANOSECONDS] = from.words[at + FIRST_NANOSECONDS]!;
  }
  const later =
    from.doubles[doubleAt + LAST_SECONDS]! - sums.doubles[to + LAST_SECONDS]! ||
    from.words[at + LAST_NANOSECONDS]! - sums.words[sum + LAST_NANOSECONDS]!;
  if (later > 0) {
    sums.doubles[to + LAST_SECONDS] = from.doubles[doubleAt + LAST_SECONDS]!;
    sums.words[sum + LAST_NANOSECONDS] = from.words[at + LAST_NANOSECONDS]!;
  }
}
