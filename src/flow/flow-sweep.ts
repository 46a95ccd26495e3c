/**
 * What happens when the flow table is full: the longest-idle quarter of the flows is finished into the compact store, and once
 * that has reached its own limit, added up by client, server and server port.
 * The quartile is taken from an even sample, so a sweep is one pass over the table.
 */
import type { CompactRows } from './compact-rows.js';
import type { FlowExtras } from './flow-extras.js';
import {
  ADDRESS_A,
  ADDRESS_B,
  ENCAPSULATION,
  EXTRAS,
  FIRST_NANOSECONDS,
  FIRST_SECONDS,
  INFO,
  INFO_CLIENT_DIRECTION,
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
import type { FlowTable } from './flow-table.js';

/** Where finished flows go. */
export interface FinishedFlows {
  readonly rows: CompactRows;
  /** Rows that the compact store takes at most. */
  readonly limit: number;
  /** Flows beyond it, with the client's port taken as 0. */
  readonly sums: FlowTable;
  /** How many flows went into the sums. */
  summed: number;
}

const SHARE = 0.25;
const SAMPLES = 4096;

/** @cold when the flow limit is reached */
export function sweepIdle(table: FlowTable, finished: FinishedFlows): void {
  const samples: number[] = [];
  const step = Math.max(1, Math.floor(table.rows / SAMPLES));
  for (let id = 0; id < table.rows; id += step) {
    if (!table.isLive(id)) continue;
    samples.push(table.doubles[(rowStart(id) >>> 1) + LAST_SECONDS]!);
  }
  samples.sort((a, b) => a - b);
  const quartile = samples[Math.floor(samples.length * SHARE)] ?? 0;
  // Times are compared by whole seconds, so the sweep takes the quartile's own second with it and always frees something.
  table.release(quartile + 1, (id) => finish(table, id, finished));
}

/** @cold when the flow limit is reached */
function finish(table: FlowTable, id: number, finished: FinishedFlows): void {
  const at = rowStart(id);
  if (finished.rows.count >= finished.limit) return addUp(table, at, finished);
  let index = table.words[at + EXTRAS]!;
  if (index !== 0) {
    const extras = table.extras[index]!;
    extras.gaps0 = null;
    extras.gaps1 = null;
    if (!isWorthKeeping(extras)) {
      table.extras[index] = table.extras[0]!;
      index = 0;
    }
  }
  finished.rows.append(table.words, at, table.doubles, index);
}

/** @cold when the compact store is full. Adds a row to the sum of the flows with the same ends but for the client's port. */
function addUp(table: FlowTable, at: number, finished: FinishedFlows): void {
  const { words } = table;
  const { sums } = finished;
  const isClientA = (words[at + INFO]! & INFO_CLIENT_DIRECTION) === 0;
  const ports = words[at + PORTS]! & (isClientA ? 0xffff : ~0xffff);
  const id = sums.find(
    words[at + VANTAGE]!,
    words[at + ENCAPSULATION]!,
    words[at + ADDRESS_A]!,
    words[at + ADDRESS_B]!,
    ports,
    words[at + PROTOCOL]!,
  );
  const sum = rowStart(id);
  finished.summed++;
  if (sums.isNew) {
    // The first flow stands for the rest in everything that cannot be added up.
    sums.words.set(words.subarray(at, at + STRIDE), sum);
    sums.words[sum + PORTS] = ports;
    sums.words[sum + EXTRAS] = 0;
    return;
  }
  const to = sum >>> 1;
  const from = at >>> 1;
  for (let direction = 0; direction < 2; direction++) {
    sums.words[sum + PACKETS + direction]! += words[at + PACKETS + direction]!;
    for (const field of [WIRE_BYTES, PAYLOAD_BYTES, UNIQUE_BYTES]) {
      sums.doubles[to + field + direction]! += table.doubles[from + field + direction]!;
    }
  }
  extend(sums, sum, table, at);
}

/** Makes the sum's time range hold the row's. */
function extend(sums: FlowTable, sum: number, table: FlowTable, at: number): void {
  const to = sum >>> 1;
  const from = at >>> 1;
  if (table.doubles[from + FIRST_SECONDS]! < sums.doubles[to + FIRST_SECONDS]!) {
    sums.doubles[to + FIRST_SECONDS] = table.doubles[from + FIRST_SECONDS]!;
    sums.words[sum + FIRST_NANOSECONDS] = table.words[at + FIRST_NANOSECONDS]!;
  }
  if (table.doubles[from + LAST_SECONDS]! > sums.doubles[to + LAST_SECONDS]!) {
    sums.doubles[to + LAST_SECONDS] = table.doubles[from + LAST_SECONDS]!;
    sums.words[sum + LAST_NANOSECONDS] = table.words[at + LAST_NANOSECONDS]!;
  }
}

/** @cold when the flow limit is reached */
function isWorthKeeping(extras: FlowExtras): boolean {
  return extras.nflogPrefix >= 0 || extras.handshake >= 0 || extras.wireguard !== null;
}
