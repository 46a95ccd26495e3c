/**
 * WireGuard's data messages, counted per session: per vantage point and receiver index, which names one direction of one session
 * (protocol page, "Nonce Reuse & Replay Attacks": the counter begins at 0 and rises by one per message).
 *
 * Loss, repetition and reordering follow exactly from the counters. Which of the last 8,192 were seen is kept as a bitmap that slides
 * in blocks (RFC 6479, as WireGuard's receivers do it). A peer that moves to another address keeps its index and so its row. Rows
 * are bounded; messages of sessions beyond are only counted.
 */
import { mixFour } from '../base/hash.js';

export const SESSION_WORDS = 26;
export const SESSION_VANTAGE = 0;
export const SESSION_INDEX = 1;
/** Address ids of the last message, and its ports: source in the upper 16 bits. */
export const SESSION_SOURCE = 2;
export const SESSION_DESTINATION = 3;
export const SESSION_PORTS = 4;
/** Address ids of the first message. */
export const SESSION_FIRST_SOURCE = 5;
export const SESSION_FIRST_DESTINATION = 6;
export const SESSION_MESSAGES = 7;
export const SESSION_KEEP_ALIVES = 8;
/** Messages whose counter had been seen. */
export const SESSION_REPEATS = 9;
/** Messages with a new counter below the highest one. */
export const SESSION_REORDERED = 10;
/** Messages too far below the highest counter to tell whether they are new. */
export const SESSION_LATE = 11;
/** Counters seen, apart from those of late messages. */
export const SESSION_DISTINCT = 12;
export const SESSION_FIRST_NANOSECONDS = 13;
export const SESSION_LAST_NANOSECONDS = 14;
/** Messages of which a sample was kept. */
export const SESSION_KEPT = 15;
// Doubles, counted in doubles from the row's start.
export const SESSION_LOWEST = 8;
export const SESSION_HIGHEST = 9;
/** UDP payload. */
export const SESSION_BYTES = 10;
export const SESSION_FIRST_SECONDS = 11;
export const SESSION_LAST_SECONDS = 12;

/** A data message without content: header and authentication tag. */
export const KEEP_ALIVE_LENGTH = 32;

const WINDOW_BITS = 8192;
const BLOCK_BITS = 32;
const BLOCK_SHIFT = 5;
const WINDOW_BLOCKS = WINDOW_BITS >>> BLOCK_SHIFT;
/** One block less than the bitmap holds, as the block of the highest counter begins empty. */
const WINDOW = WINDOW_BITS - BLOCK_BITS;
const TWO_TO_32 = 0x100000000;
const INITIAL_SESSIONS = 16;

/** Whose message it is, and when it was seen; reused. */
export class WireguardMessage {
  vantage = 0;
  source = 0;
  destination = 0;
  ports = 0;
  index = 0;
  counterHigh = 0;
  counterLow = 0;
  /** UDP payload in bytes. */
  length = 0;
  seconds = 0;
  nanoseconds = 0;
}

export class WireguardSessions {
  count = 0;
  /** Messages of sessions beyond the limit. */
  messagesNotKept = 0;
  words: Int32Array = new Int32Array(INITIAL_SESSIONS * SESSION_WORDS);
  doubles: Float64Array = new Float64Array(this.words.buffer);
  private readonly most: number;
  private bitmaps = new Int32Array(INITIAL_SESSIONS * WINDOW_BLOCKS);
  /** Number of a session plus one, by the hash of vantage point and index; 0 is empty. */
  private slots = new Int32Array(INITIAL_SESSIONS * 4);

  constructor(most: number) {
    this.most = most;
  }

  /** Counts a message and returns its session, -1 if there is no room for it. */
  add(message: WireguardMessage): number {
    const session = this.find(message);
    if (session < 0) {
      this.messagesNotKept++;
      return session;
    }
    const at = session * SESSION_WORDS;
    const words = this.words;
    const doubles = this.doubles;
    const counter = message.counterHigh * TWO_TO_32 + (message.counterLow >>> 0);
    if (words[at + SESSION_MESSAGES] === 0) this.begin(at, message, counter);
    else this.note(session, message.counterLow, counter);
    words[at + SESSION_MESSAGES] = words[at + SESSION_MESSAGES]! + 1;
    if (message.length === KEEP_ALIVE_LENGTH) words[at + SESSION_KEEP_ALIVES] = words[at + SESSION_KEEP_ALIVES]! + 1;
    words[at + SESSION_SOURCE] = message.source;
    words[at + SESSION_DESTINATION] = message.destination;
    words[at + SESSION_PORTS] = message.ports;
    words[at + SESSION_LAST_NANOSECONDS] = message.nanoseconds;
    const double = at >>> 1;
    doubles[double + SESSION_LAST_SECONDS] = message.seconds;
    doubles[double + SESSION_BYTES] = doubles[double + SESSION_BYTES]! + message.length;
    return session;
  }

  private begin(at: number, message: WireguardMessage, counter: number): void {
    const words = this.words;
    const double = at >>> 1;
    words[at + SESSION_FIRST_SOURCE] = message.source;
    words[at + SESSION_FIRST_DESTINATION] = message.destination;
    words[at + SESSION_FIRST_NANOSECONDS] = message.nanoseconds;
    words[at + SESSION_DISTINCT] = 1;
    this.doubles[double + SESSION_FIRST_SECONDS] = message.seconds;
    this.doubles[double + SESSION_LOWEST] = counter;
    this.doubles[double + SESSION_HIGHEST] = counter;
    this.mark((at / SESSION_WORDS) * WINDOW_BLOCKS, message.counterLow);
  }

  /** A further message: a new counter, a known one, or one that is too old to tell. */
  private note(session: number, low: number, counter: number): void {
    const words = this.words;
    const doubles = this.doubles;
    const at = session * SESSION_WORDS;
    const double = at >>> 1;
    const bitmap = session * WINDOW_BLOCKS;
    const highest = doubles[double + SESSION_HIGHEST]!;
    if (counter < doubles[double + SESSION_LOWEST]!) doubles[double + SESSION_LOWEST] = counter;
    if (counter > highest) {
      this.slide(bitmap, highest, counter);
      doubles[double + SESSION_HIGHEST] = counter;
    } else if (highest - counter >= WINDOW) {
      words[at + SESSION_LATE] = words[at + SESSION_LATE]! + 1;
      return;
    } else if (this.isMarked(bitmap, low)) {
      words[at + SESSION_REPEATS] = words[at + SESSION_REPEATS]! + 1;
      return;
    } else {
      words[at + SESSION_REORDERED] = words[at + SESSION_REORDERED]! + 1;
    }
    words[at + SESSION_DISTINCT] = words[at + SESSION_DISTINCT]! + 1;
    this.mark(bitmap, low);
  }

  /** Empties the blocks between the one of the highest counter so far and that of a higher one. */
  private slide(bitmap: number, highest: number, counter: number): void {
    const from = Math.floor(highest / BLOCK_BITS);
    const blocks = Math.floor(counter / BLOCK_BITS) - from;
    const count = blocks < WINDOW_BLOCKS ? blocks : WINDOW_BLOCKS;
    const start = from % WINDOW_BLOCKS;
    for (let block = 1; block <= count; block++) this.bitmaps[bitmap + ((start + block) % WINDOW_BLOCKS)] = 0;
  }

  private mark(bitmap: number, low: number): void {
    const block = bitmap + ((low >>> BLOCK_SHIFT) & (WINDOW_BLOCKS - 1));
    this.bitmaps[block] = this.bitmaps[block]! | (1 << (low & (BLOCK_BITS - 1)));
  }

  private isMarked(bitmap: number, low: number): boolean {
    const block = bitmap + ((low >>> BLOCK_SHIFT) & (WINDOW_BLOCKS - 1));
    return (this.bitmaps[block]! & (1 << (low & (BLOCK_BITS - 1)))) !== 0;
  }

  /** The session of a message, a new one if it is the first; -1 if there is no room. */
  private find(message: WireguardMessage): number {
    const mask = this.slots.length - 1;
    let slot = mixFour(message.vantage, message.index, 0, 0) & mask;
    for (;;) {
      const session = this.slots[slot]! - 1;
      if (session < 0) return this.insert(slot, message);
      if (this.isOf(session, message)) return session;
      slot = (slot + 1) & mask;
    }
  }

  /** One end may have moved; where both ends differ, two receivers chose the same index. */
  private isOf(session: number, message: WireguardMessage): boolean {
    const at = session * SESSION_WORDS;
    const words = this.words;
    return (
      words[at + SESSION_INDEX] === message.index &&
      words[at + SESSION_VANTAGE] === message.vantage &&
      (words[at + SESSION_SOURCE] === message.source || words[at + SESSION_DESTINATION] === message.destination)
    );
  }

  private insert(slot: number, message: WireguardMessage): number {
    if (this.count === this.most) return -1;
    const session = this.count++;
    this.slots[slot] = session + 1;
    if (this.count * SESSION_WORDS > this.words.length) this.grow();
    this.words[session * SESSION_WORDS + SESSION_VANTAGE] = message.vantage;
    this.words[session * SESSION_WORDS + SESSION_INDEX] = message.index;
    if (this.count * 2 > this.slots.length) this.rehash();
    return session;
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
    const bitmaps = new Int32Array(this.bitmaps.length * 2);
    bitmaps.set(this.bitmaps);
    this.bitmaps = bitmaps;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let session = 0; session < this.count; session++) {
      const at = session * SESSION_WORDS;
      let slot = mixFour(this.words[at + SESSION_VANTAGE]!, this.words[at + SESSION_INDEX]!, 0, 0) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = session + 1;
    }
  }
}
