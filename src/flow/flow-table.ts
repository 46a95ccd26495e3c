/**
 * The flow table: rows one after the other in one buffer, and a hash index from key to row.
 *
 * A row never moves within the table, so an id stays valid until its flow is finished; the buffer is replaced by a larger one
 * when it is full, so `words` and `doubles` are to be read from the table each time. The index has one word a slot: the upper
 * 8 bits of the key's hash, so that a row is nearly never read in vain, and id + 1; open addressing, at most half full, growing
 * by doubling (a table made large from the start costs 2.5 times as much per packet in cache misses).
 */
import { mixFour } from '../base/hash.js';
import { FlowExtras } from './flow-extras.js';
import {
  ADDRESS_A,
  ADDRESS_B,
  ENCAPSULATION,
  EXTRAS,
  HANDSHAKE,
  HANDSHAKE_UNKNOWN,
  INFO,
  INFO_SUPERSEDED,
  LAST_SECONDS,
  OUTER_PATH,
  PORTS,
  PROTOCOL,
  rowStart,
  VANTAGE,
} from './flow-row.js';

const INITIAL_SLOTS = 2048;
const INITIAL_ROWS = 1024;
const LARGEST_STEP_ROWS = 1 << 18;
const TAG_SHIFT = 24;
const ID_MASK = (1 << TAG_SHIFT) - 1;
/** Rows that the index can number. */
export const MOST_ROWS = ID_MASK - 1;
/** Words of a cache line. */
const LINE_WORDS = 16;
const NONE = -1;

export class FlowTable {
  /** Rows ever used (ids are below it), and how many of them hold a flow now. */
  rows = 0;
  live = 0;
  /** All rows as words and, over the same buffer, as doubles. */
  words: Int32Array = new Int32Array(0);
  doubles: Float64Array = new Float64Array(0);
  /** True if the last find() or supersede() made the row. */
  isNew = false;
  /** Index 0 is nobody's. */
  readonly extras: FlowExtras[] = [new FlowExtras()];
  private readonly freeIds: number[] = [];
  private readonly freeExtras: number[] = [];
  private slots = new Int32Array(INITIAL_SLOTS);
  private mask = INITIAL_SLOTS - 1;
  private used = 0;

  constructor() {
    this.reserve(INITIAL_ROWS);
  }

  /** The id of the flow with this key, made if there is none; A must be the smaller endpoint. */
  find(vantage: number, encapsulation: number, a: number, b: number, ports: number, protocol: number): number {
    const hash = flowHash(vantage, encapsulation, a, b, ports, protocol);
    return this.findHashed(hash, vantage, encapsulation, a, b, ports, protocol);
  }

  /**
   * Turns the first `count` of `hashes` into what is probably their rows, id + 1, or 0, and reads the cache lines of those rows,
   * so that they are at hand; what it returns means nothing. Tight loops without branches that depend on what is read, or the
   * processor would not see far enough ahead. A third of the keys do not lie in their first slot, nearly all of them in the
   * first two: to ask for the wrong row costs two waits.
   */
  locate(hashes: Int32Array, count: number): number {
    const slots = this.slots;
    const mask = this.mask;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i]!;
      const entry = slots[hash & mask]!;
      const next = slots[(hash + 1) & mask]!;
      // All ones where the first slot has the hash's tag, else zero.
      const isFirst = (((entry ^ hash) >>> TAG_SHIFT) - 1) >> 31;
      hashes[i] = ((entry & isFirst) | (next & ~isFirst)) & ID_MASK;
    }
    const words = this.words;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const entry = hashes[i]!;
      const at = rowStart(entry - 1 - ((entry - 1) >> 31));
      touched ^= words[at]! ^ words[at + LINE_WORDS]!;
    }
    return touched;
  }

  /** As find(), given what locate() made of the key's hash: then it is one comparison for nearly every packet. */
  findLocated(
    located: number,
    hash: number,
    vantage: number,
    encapsulation: number,
    a: number,
    b: number,
    ports: number,
    protocol: number,
  ): number {
    const words = this.words;
    if (located !== 0) {
      const at = rowStart(located - 1);
      if (
        words[at + ADDRESS_A] === a &&
        words[at + ADDRESS_B] === b &&
        words[at + PORTS] === ports &&
        words[at + PROTOCOL] === protocol &&
        words[at + VANTAGE] === vantage &&
        words[at + ENCAPSULATION] === encapsulation &&
        // A packet of the same batch may have begun another row under this key.
        (words[at + INFO]! & INFO_SUPERSEDED) === 0
      ) {
        this.isNew = false;
        return located - 1;
      }
    }
    return this.findHashed(hash, vantage, encapsulation, a, b, ports, protocol);
  }

  /** As find(), with the key's hash already known. */
  findHashed(
    hash: number,
    vantage: number,
    encapsulation: number,
    a: number,
    b: number,
    ports: number,
    protocol: number,
  ): number {
    const slots = this.slots;
    const words = this.words;
    const mask = this.mask;
    let slot = hash & mask;
    for (;;) {
      const entry = slots[slot]!;
      if (entry === 0) break;
      if (entry >>> TAG_SHIFT === hash >>> TAG_SHIFT) {
        const id = (entry & ID_MASK) - 1;
        const at = rowStart(id);
        if (
          words[at + ADDRESS_A] === a &&
          words[at + ADDRESS_B] === b &&
          words[at + PORTS] === ports &&
          words[at + PROTOCOL] === protocol &&
          words[at + VANTAGE] === vantage &&
          words[at + ENCAPSULATION] === encapsulation
        ) {
          this.isNew = false;
          return id;
        }
      }
      slot = (slot + 1) & mask;
    }
    const id = this.allocate(vantage, encapsulation, a, b, ports, protocol);
    slots[slot] = entryOf(hash, id);
    this.used++;
    if (this.used * 2 > mask) this.growIndex();
    return id;
  }

  /** @cold when the compact store is full. True if there is a flow with this key. */
  has(vantage: number, encapsulation: number, a: number, b: number, ports: number, protocol: number): boolean {
    const words = this.words;
    let slot = flowHash(vantage, encapsulation, a, b, ports, protocol) & this.mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & this.mask) {
      const at = rowStart((this.slots[slot]! & ID_MASK) - 1);
      if (
        words[at + ADDRESS_A] === a &&
        words[at + ADDRESS_B] === b &&
        words[at + PORTS] === ports &&
        words[at + PROTOCOL] === protocol &&
        words[at + VANTAGE] === vantage &&
        words[at + ENCAPSULATION] === encapsulation
      ) {
        return true;
      }
    }
    return false;
  }

  /** A new row under the key of row `oldId`, which stays in the table as superseded. */
  supersede(oldId: number): number {
    const at = rowStart(oldId);
    const words = this.words;
    words[at + INFO] = words[at + INFO]! | INFO_SUPERSEDED;
    const hash = this.hashOf(at);
    let slot = hash & this.mask;
    while ((this.slots[slot]! & ID_MASK) !== oldId + 1) slot = (slot + 1) & this.mask;
    const id = this.allocate(
      words[at + VANTAGE]!,
      words[at + ENCAPSULATION]!,
      words[at + ADDRESS_A]!,
      words[at + ADDRESS_B]!,
      words[at + PORTS]!,
      words[at + PROTOCOL]!,
    );
    this.slots[slot] = entryOf(hash, id);
    return id;
  }

  /** The extras of the row that starts at word `at`, made on first use. */
  extrasAt(at: number): FlowExtras {
    const index = this.words[at + EXTRAS]!;
    return index === 0 ? this.makeExtras(at) : this.extras[index]!;
  }

  /** @cold when a flow first needs extras */
  private makeExtras(at: number): FlowExtras {
    const extras = new FlowExtras();
    const index = this.freeExtras.pop() ?? this.extras.length;
    this.extras[index] = extras;
    this.words[at + EXTRAS] = index;
    return extras;
  }

  /** @cold when the flow limit is reached. Frees extras that no row will ask for any more. */
  dropExtras(index: number): void {
    if (index === 0) return;
    this.extras[index] = this.extras[0]!;
    this.freeExtras.push(index);
  }

  /** True if the row holds a flow. */
  isLive(id: number): boolean {
    return this.words[rowStart(id) + VANTAGE] !== NONE;
  }

  /**
   * @cold when the flow limit is reached
   * Hands every flow that was last seen before `seconds` to `keep` and frees its row; returns how many. The index is built
   * anew, so this is for rare, large sweeps.
   */
  release(seconds: number, keep: (id: number) => void): number {
    let released = 0;
    for (let id = 0; id < this.rows; id++) {
      if (!this.isLive(id) || this.doubles[(rowStart(id) >>> 1) + LAST_SECONDS]! >= seconds) continue;
      keep(id);
      this.words[rowStart(id) + VANTAGE] = NONE;
      this.freeIds.push(id);
      this.live--;
      released++;
    }
    this.rebuildIndex();
    return released;
  }

  private allocate(
    vantage: number,
    encapsulation: number,
    a: number,
    b: number,
    ports: number,
    protocol: number,
  ): number {
    let id = this.rows;
    if (this.freeIds.length > 0) {
      id = this.freeIds.pop()!;
      this.words.fill(0, rowStart(id), rowStart(id + 1));
    } else if (rowStart(++this.rows) > this.words.length) {
      this.reserve(nextCapacity(this.rows));
    }
    const at = rowStart(id);
    const words = this.words;
    words[at + VANTAGE] = vantage;
    words[at + ENCAPSULATION] = encapsulation;
    words[at + ADDRESS_A] = a;
    words[at + ADDRESS_B] = b;
    words[at + PORTS] = ports;
    words[at + PROTOCOL] = protocol;
    words[at + OUTER_PATH] = NONE;
    words[at + OUTER_PATH + 1] = NONE;
    words[at + HANDSHAKE] = HANDSHAKE_UNKNOWN;
    this.live++;
    this.isNew = true;
    return id;
  }

  private reserve(rows: number): void {
    const buffer = new ArrayBuffer(rowStart(rows) * Int32Array.BYTES_PER_ELEMENT);
    const words = new Int32Array(buffer);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(buffer);
  }

  private growIndex(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    this.mask = this.slots.length - 1;
    this.fillIndex();
  }

  private rebuildIndex(): void {
    this.slots.fill(0);
    this.fillIndex();
  }

  private fillIndex(): void {
    this.used = 0;
    for (let id = 0; id < this.rows; id++) {
      const at = rowStart(id);
      if (!this.isLive(id) || (this.words[at + INFO]! & INFO_SUPERSEDED) !== 0) continue;
      const hash = this.hashOf(at);
      let slot = hash & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = entryOf(hash, id);
      this.used++;
    }
  }

  private hashOf(at: number): number {
    const words = this.words;
    return flowHash(
      words[at + VANTAGE]!,
      words[at + ENCAPSULATION]!,
      words[at + ADDRESS_A]!,
      words[at + ADDRESS_B]!,
      words[at + PORTS]!,
      words[at + PROTOCOL]!,
    );
  }
}

/** What the index holds for a row. */
function entryOf(hash: number, id: number): number {
  return (hash & ~ID_MASK) | (id + 1);
}

/** Doubles while the table is small; later grows by a fixed step, so that no more than 50 MB lie idle. */
function nextCapacity(rows: number): number {
  return rows <= LARGEST_STEP_ROWS ? rows * 2 : rows + LARGEST_STEP_ROWS;
}

/** Hash of a flow's key. */
export function flowHash(
  vantage: number,
  encapsulation: number,
  a: number,
  b: number,
  ports: number,
  protocol: number,
): number {
  return mixFour(a, b, ports, (vantage << 20) ^ (encapsulation << 8) ^ protocol);
}
