/**
 * Matches two sequences of which one was made from the other in the same order, some members missing on either side: packets at a
 * WireGuard device and the messages that carried them. Two may match if their sizes agree and the message lies in the packet's window
 * of time.
 *
 * Of all matchings that keep the order, one with the most matches is taken, and of these the one with the least sum of distances in
 * time: the longest common subsequence by dynamic programming, over a band of at most 128 messages per packet (as many wait for a
 * session). Forward and backward tables together tell what is the same in all matchings with the most matches.
 */

/** In ascending order; `from` and `until` as well: earliest and latest message that may belong to each packet. */
export interface PacketSequence {
  readonly sizes: Int32Array;
  readonly times: Float64Array;
  readonly from: Float64Array;
  readonly until: Float64Array;
}

export interface MessageSequence {
  readonly sizes: Int32Array;
  readonly times: Float64Array;
}

export interface Alignment {
  /** By packet: its message, or -1. */
  readonly matches: Int32Array;
  /** By packet: 1 if it is matched in every matching with the most matches. */
  readonly certain: Uint8Array;
  /** By packet: 1 if it is matched in any of them. */
  readonly possible: Uint8Array;
}

const NO_MATCH = -1;
const BAND = 128;
/** Packets that are matched at once: bounds memory; a cut falls between packets that have no message in common where there is such a place. */
const MOST_ROWS = 2048;
const FEWEST_ROWS = 1024;
/** A match is worth more than all distances together. */
const MATCH = 1e12;
const MOST_COST = 1e8;

export function align(packets: PacketSequence, messages: MessageSequence): Alignment {
  const count = packets.sizes.length;
  const result = {
    matches: new Int32Array(count).fill(NO_MATCH),
    certain: new Uint8Array(count),
    possible: new Uint8Array(count),
  };
  const windows = windowsOf(packets, messages);
  let firstMessage = 0;
  for (let start = 0; start < count;) {
    const end = endOfStretch(windows, start);
    firstMessage = new Stretch(packets, messages, windows, start, end, firstMessage).solve(result);
    start = end;
  }
  return result;
}

/** By packet: the first message of its window, and the first one behind it. Both ascend. */
interface Windows {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

function windowsOf(packets: PacketSequence, messages: MessageSequence): Windows {
  const count = packets.sizes.length;
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const { times } = messages;
  let first = 0;
  let behind = 0;
  for (let i = 0; i < count; i++) {
    while (first < times.length && times[first]! < packets.from[i]!) first++;
    while (behind < times.length && times[behind]! <= packets.until[i]!) behind++;
    low[i] = first;
    high[i] = Math.max(first, Math.min(behind, first + BAND));
  }
  return { low, high };
}

/** Where a stretch that begins at packet `start` ends: at the first gap after the fewest rows, else at the most. */
function endOfStretch({ low, high }: Windows, start: number): number {
  const count = low.length;
  for (let i = start + FEWEST_ROWS; i < count && i < start + MOST_ROWS; i++) if (low[i]! >= high[i - 1]!) return i;
  return Math.min(start + MOST_ROWS, count);
}

class Stretch {
  private readonly packets: PacketSequence;
  private readonly messages: MessageSequence;
  private readonly start: number;
  private readonly rows: number;
  private readonly low: Int32Array;
  private readonly high: Int32Array;
  /** Cells of row r begin at cells[r]: forward for low - 1 .. high - 1, backward for low .. high. */
  private readonly cells: Int32Array;
  private readonly forward: Float64Array;
  private readonly backward: Int32Array;

  constructor(
    packets: PacketSequence,
    messages: MessageSequence,
    windows: Windows,
    start: number,
    end: number,
    firstMessage: number,
  ) {
    this.packets = packets;
    this.messages = messages;
    this.start = start;
    this.rows = end - start;
    this.low = windows.low.slice(start, end).map((low) => Math.max(low, firstMessage));
    this.high = windows.high.slice(start, end).map((high) => Math.max(high, firstMessage));
    this.cells = new Int32Array(this.rows + 1);
    for (let row = 0; row < this.rows; row++) {
      this.cells[row + 1] = this.cells[row]! + this.high[row]! - this.low[row]! + 1;
    }
    this.forward = new Float64Array(this.cells[this.rows]!);
    this.backward = new Int32Array(this.cells[this.rows]!);
  }

  /** Fills the result for its packets; returns the first message behind those that were matched. */
  solve(result: Alignment): number {
    for (let row = 0; row < this.rows; row++) this.fillForward(row);
    for (let row = this.rows - 1; row >= 0; row--) this.fillBackward(row);
    const most = countOf(this.best(this.rows - 1, Infinity));
    for (let row = 0; row < this.rows; row++) this.judge(row, most, result);
    return this.trace(result);
  }

  private mayMatch(row: number, message: number): boolean {
    return this.packets.sizes[this.start + row] === this.messages.sizes[message];
  }

  private valueOf(row: number, message: number): number {
    const distance = Math.abs(this.messages.times[message]! - this.packets.times[this.start + row]!);
    return MATCH - Math.min(distance, MOST_COST);
  }

  /** Best value of packets up to `row` and messages up to `message`, which is not below row's first less one. */
  private best(row: number, message: number): number {
    if (row < 0) return 0;
    const last = Math.min(message, this.high[row]! - 1);
    return this.forward[this.cells[row]! + last - this.low[row]! + 1]!;
  }

  /** Most matches of packets from `row` and messages from `message` on, which is not above row's last plus one. */
  private rest(row: number, message: number): number {
    if (row >= this.rows) return 0;
    const first = Math.max(message, this.low[row]!);
    return this.backward[this.cells[row]! + first - this.low[row]!]!;
  }

  private fillForward(row: number): void {
    const low = this.low[row]!;
    let at = this.cells[row]!;
    let value = this.best(row - 1, low - 1);
    this.forward[at] = value;
    for (let message = low; message < this.high[row]!; message++) {
      value = Math.max(value, this.best(row - 1, message));
      if (this.mayMatch(row, message)) {
        value = Math.max(value, this.best(row - 1, message - 1) + this.valueOf(row, message));
      }
      this.forward[++at] = value;
    }
  }

  private fillBackward(row: number): void {
    const low = this.low[row]!;
    const high = this.high[row]!;
    let count = this.rest(row + 1, high);
    this.backward[this.cells[row]! + high - low] = count;
    for (let message = high - 1; message >= low; message--) {
      count = Math.max(count, this.rest(row + 1, message));
      if (this.mayMatch(row, message)) count = Math.max(count, 1 + this.rest(row + 1, message + 1));
      this.backward[this.cells[row]! + message - low] = count;
    }
  }

  /** Whether the packet is in all, or in any, of the matchings with the most matches. */
  private judge(row: number, most: number, result: Alignment): void {
    const low = this.low[row]!;
    let canBeLeftOut = false;
    let canBeMatched = false;
    for (let message = low - 1; message < this.high[row]!; message++) {
      canBeLeftOut ||= countOf(this.best(row - 1, message)) + this.rest(row + 1, message + 1) === most;
      if (canBeMatched || message < low || !this.mayMatch(row, message)) continue;
      canBeMatched = countOf(this.best(row - 1, message - 1)) + 1 + this.rest(row + 1, message + 1) === most;
    }
    result.certain[this.start + row] = canBeLeftOut ? 0 : 1;
    result.possible[this.start + row] = canBeMatched ? 1 : 0;
  }

  private trace(result: Alignment): number {
    let lastMatched = NO_MATCH;
    let message = Infinity;
    for (let row = this.rows - 1; row >= 0; row--) {
      message = Math.min(message, this.high[row]! - 1);
      const base = this.cells[row]! + 1 - this.low[row]!;
      while (message >= this.low[row]! && this.forward[base + message] === this.forward[base + message - 1]) message--;
      if (message < this.low[row]! || this.forward[base + message] === this.best(row - 1, message)) continue;
      result.matches[this.start + row] = message;
      if (lastMatched === NO_MATCH) lastMatched = message;
      message--;
    }
    return lastMatched === NO_MATCH ? (this.low[0] ?? 0) : lastMatched + 1;
  }
}

function countOf(value: number): number {
  return Math.round(value / MATCH);
}
