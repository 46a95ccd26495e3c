/**
 * The flow table: rows one after the other in one buffer, and a hash index from key to row.
 *
 * A row never moves within the table, so an id stays valid until its flow is finished; the buffer is replaced by a larger one
 * when it is full, so `words` and `doubles` are to be read from the table each time. The index has two words a slot
 * (hash, id + 1), open addressing, at most half full, and grows by doubling: a table made large from the start costs
 * 2.5 times as much per packet in cache misses.
 */
import { mixFour } from '../base/hash.js';
import { FlowExtras } from './flow-extras.js';
import {
  ADDRESS_A,
  ADDRESS_B,
  DOUBLE_STRIDE,
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
  STRIDE,
  VANTAGE,
} from './flow-row.js';

const INITIAL_SLOTS = 2048;
const INITIAL_ROWS = 1024;
const LARGEST_STEP_ROWS = 1 << 18;
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
  private slots = new Int32Array(INITIAL_SLOTS * 2);
  /** Of word positions in `slots`. */
  private mask = INITIAL_SLOTS * 2 - 1;
  private used = 0;

  constructor() {
    this.reserve(INITIAL_ROWS);
  }

  /** The id of the flow with this key, made if there is none; A must be the smaller endpoint. */
  find(vantage: number, encapsulation: number, a: number, b: number, ports: number, protocol: number): number {
    const hash = flowHash(vantage, encapsulation, a, b, ports, protocol);
    return this.findHashed(hash, vantage, encapsulation, a, b, ports, protocol);
  }

  /** Id of the flow that find() will probably come to, or NONE: a hint for touch(), read without comparing keys. */
  candidate(hash: number): number {
    return this.slots[((hash << 1) & this.mask) + 1]! - 1;
  }

  /** Reads each cache line of a row once, so that it is at hand when it is needed; what it returns means nothing. */
  touch(id: number): number {
    if (id < 0) return 0;
    const at = id * STRIDE;
    return this.words[at]! ^ this.words[at + LINE_WORDS]! ^ this.words[at + 2 * LINE_WORDS]!;
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
    let slot = (hash << 1) & mask;
    for (;;) {
      const entry = slots[slot + 1]!;
      if (entry === 0) break;
      if (slots[slot] === hash) {
        const at = (entry - 1) * STRIDE;
        if (
          words[at + ADDRESS_A] === a &&
          words[at + ADDRESS_B] === b &&
          words[at + PORTS] === ports &&
          words[at + PROTOCOL] === protocol &&
          words[at + VANTAGE] === vantage &&
          words[at + ENCAPSULATION] === encapsulation
        ) {
          this.isNew = false;
          return entry - 1;
        }
      }
      slot = (slot + 2) & mask;
    }
    const id = this.allocate(vantage, encapsulation, a, b, ports, protocol);
    slots[slot] = hash;
    slots[slot + 1] = id + 1;
    this.used++;
    if (this.used * 4 > mask) this.growIndex();
    return id;
  }

  /** A new row under the key of row `oldId`, which stays in the table as superseded. */
  supersede(oldId: number): number {
    const at = oldId * STRIDE;
    const words = this.words;
    words[at + INFO] = words[at + INFO]! | INFO_SUPERSEDED;
    let slot = (this.hashOf(at) << 1) & this.mask;
    while (this.slots[slot + 1] !== oldId + 1) slot = (slot + 2) & this.mask;
    const id = this.allocate(
      words[at + VANTAGE]!,
      words[at + ENCAPSULATION]!,
      words[at + ADDRESS_A]!,
      words[at + ADDRESS_B]!,
      words[at + PORTS]!,
      words[at + PROTOCOL]!,
    );
    this.slots[slot + 1] = id + 1;
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
    this.words[at + EXTRAS] = this.extras.push(extras) - 1;
    return extras;
  }

  /** True if the row holds a flow. */
  isLive(id: number): boolean {
    return this.words[id * STRIDE + VANTAGE] !== NONE;
  }

  /**
   * @cold when the flow limit is reached
   * Hands every flow that was last seen before `seconds` to `keep` and frees its row; returns how many. The index is built
   * anew, so this is for rare, large sweeps.
   */
  release(seconds: number, keep: (id: number) => void): number {
    let released = 0;
    for (let id = 0; id < this.rows; id++) {
      if (!this.isLive(id) || this.doubles[id * DOUBLE_STRIDE + LAST_SECONDS]! >= seconds) continue;
      keep(id);
      this.words[id * STRIDE + VANTAGE] = NONE;
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
    if (this.freeIds.length > 0) id = this.freeIds.pop()!;
    else if (++this.rows * STRIDE > this.words.length) this.reserve(nextCapacity(this.rows));
    const at = id * STRIDE;
    const words = this.words;
    words.fill(0, at, at + STRIDE);
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
    const buffer = new ArrayBuffer(rows * STRIDE * Int32Array.BYTES_PER_ELEMENT);
    const words = new Int32Array(buffer);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(buffer);
  }

  private growIndex(): void {
    const old = this.slots;
    this.slots = new Int32Array(old.length * 2);
    this.mask = this.slots.length - 1;
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot + 1] !== 0) this.place(old[slot]!, old[slot + 1]!);
    }
  }

  private rebuildIndex(): void {
    this.slots.fill(0);
    this.used = 0;
    for (let id = 0; id < this.rows; id++) {
      const at = id * STRIDE;
      if (!this.isLive(id) || (this.words[at + INFO]! & INFO_SUPERSEDED) !== 0) continue;
      this.place(this.hashOf(at), id + 1);
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

  private place(hash: number, idPlusOne: number): void {
    let slot = (hash << 1) & this.mask;
    while (this.slots[slot + 1] !== 0) slot = (slot + 2) & this.mask;
    this.slots[slot] = hash;
    this.slots[slot + 1] = idPlusOne;
  }
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
