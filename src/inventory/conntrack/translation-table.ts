/**
 * Translations that nodes made, by what packets look like before and after them: entries of connection tracking (conntrack.ts
 * reads them) as columns with two kinds of look-up.
 *
 * An entry has two ends that its client is seen as and two that its server is: `original` and `translated`. Packets show three
 * pairs of them: both original; the client's original and the server's translated (between DNAT and SNAT, which a bridge shows);
 * both translated. An entry holds from `from` until `until`; what a plain listing shows holds at an unknown time.
 */
import { AddressTable } from '../../base/address.js';
import { mixFour } from '../../base/hash.js';
import type { Instant } from '../instants.js';
import type { ConntrackLine } from './conntrack-line.js';

/** Entries kept; more than any node's table holds by default (nf_conntrack_max). */
const MOST_ENTRIES = 4_000_000;
const INITIAL_ENTRIES = 256;
/** Per entry: the client's and the server's address before, and after. */
const ADDRESSES = 4;
/** The pairs of ends that packets show. */
const PAIRS = 3;
/** Slots of the hash table per entry; a power of two. */
const SLOTS = 4;
/** A tuple that came back more often than this is looked up among its newest entries only. */
const MOST_VISITED = 256;
const UNKNOWN_ID = -1;

/** An address (id in the table) and a port. */
export interface TranslatedEnd {
  readonly address: number;
  readonly port: number;
}

export class TranslationTable {
  /** Number of entries; they are 0..length-1. */
  length = 0;
  /** Entries that were left out because the table was full. */
  dropped = 0;
  readonly addresses: AddressTable;
  /** Names of nodes; an entry refers to them by index. */
  private readonly nodes: string[] = [];
  private ends = new Int32Array(INITIAL_ENTRIES * ADDRESSES);
  private ports = new Uint16Array(INITIAL_ENTRIES * ADDRESSES);
  private protocols = new Uint8Array(INITIAL_ENTRIES);
  private nodeOf = new Int16Array(INITIAL_ENTRIES);
  private froms = new Float64Array(INITIAL_ENTRIES);
  private untils = new Float64Array(INITIAL_ENTRIES);
  /** The kernel's number of the entry, or -1. */
  private ids = new Float64Array(INITIAL_ENTRIES);
  /** Hash table: entry * PAIRS + pair + 1 of the newest under a slot; `next` leads to the older ones. */
  private slots = new Int32Array(INITIAL_ENTRIES * SLOTS);
  private next = new Int32Array(INITIAL_ENTRIES * PAIRS);

  constructor(addresses: AddressTable = new AddressTable()) {
    this.addresses = addresses;
  }

  /**
   * Takes what a line (whose addresses are this table's) says. The time of a listing comes later, with absorb(): until then the start
   * of its entries is told from it, which is less than zero.
   */
  see(line: ConntrackLine): void {
    const { original, reply, event, time } = line;
    const id = line.id ?? UNKNOWN_ID;
    const open = this.openEntry(line);
    if (open >= 0 && this.isReply(open, line) && isSameId(this.ids[open]!, id)) {
      if (event !== 'new' || time === null || this.froms[open] === time) {
        if (event === 'destroy') this.untils[open] = time ?? Infinity;
        if (event === 'listed' && this.froms[open] === -Infinity) this.froms[open] = startOf(line);
        if (this.ids[open] === UNKNOWN_ID) this.ids[open] = id;
        return;
      }
    }
    const from = event === 'new' ? (time ?? -Infinity) : event === 'listed' ? startOf(line) : -Infinity;
    // A tuple is one entry's at a time: what had it before is gone.
    if (open >= 0 && event === 'new' && time !== null) this.untils[open] = time;
    const entry = this.append();
    if (entry < 0) return;
    this.set(entry, 0, original.source, original.sourcePort);
    this.set(entry, 1, original.destination, original.destinationPort);
    this.set(entry, 2, reply.destination, reply.destinationPort);
    this.set(entry, 3, reply.source, reply.sourcePort);
    this.protocols[entry] = line.protocol;
    this.nodeOf[entry] = -1;
    this.froms[entry] = from;
    this.untils[entry] = event === 'destroy' ? (time ?? Infinity) : Infinity;
    this.ids[entry] = id;
    this.index(entry);
  }

  /**
   * Takes over the entries of a table of one file, as those of `node`; entries that are already here are not repeated. `listedAt`: when
   * a listing was made, if that is known.
   */
  absorb(other: TranslationTable, node: string | null, listedAt: Instant | null): void {
    const nodeId = node === null ? -1 : this.nodeId(node);
    const toOwn = Int32Array.from({ length: other.addresses.size }, (_, id) => this.ownAddress(other.addresses, id));
    for (let e = 0; e < other.length; e++) {
      const entry = this.append();
      if (entry < 0) continue;
      for (let end = 0; end < ADDRESSES; end++) {
        this.set(entry, end, toOwn[other.ends[e * ADDRESSES + end]!]!, other.ports[e * ADDRESSES + end]!);
      }
      this.protocols[entry] = other.protocols[e]!;
      this.nodeOf[entry] = nodeId;
      this.froms[entry] = startAt(other.froms[e]!, listedAt);
      this.untils[entry] = other.untils[e]!;
      this.ids[entry] = other.ids[e]!;
      if (this.repeats(entry)) this.length--;
      else this.index(entry);
    }
    this.dropped += other.dropped;
  }

  /** The id of an address of another table in this one's. */
  ownAddress(table: AddressTable, id: number): number {
    if (table.family(id) === 4) return this.addresses.internIpv4(table.word(id, 3));
    return this.addresses.internIpv6(table.word(id, 0), table.word(id, 1), table.word(id, 2), table.word(id, 3));
  }

  /** The entries whose packets from their client have these ends somewhere on their way, newest first. */
  find(protocol: number, client: TranslatedEnd, server: TranslatedEnd): number[] {
    const found: number[] = [];
    const slot = this.slotOf(client.address, client.port, server.address, server.port, protocol);
    let visited = 0;
    for (let place = this.slots[slot]! - 1; place >= 0 && visited < MOST_VISITED; place = this.next[place]! - 1) {
      const entry = (place / PAIRS) | 0;
      const pair = place % PAIRS;
      visited++;
      if (this.protocols[entry] !== protocol) continue;
      if (this.isEnd(entry, clientOf(pair), client) && this.isEnd(entry, serverOf(pair), server)) found.push(entry);
    }
    return found;
  }

  originalClient(entry: number): TranslatedEnd {
    return this.end(entry, 0);
  }

  originalServer(entry: number): TranslatedEnd {
    return this.end(entry, 1);
  }

  translatedClient(entry: number): TranslatedEnd {
    return this.end(entry, 2);
  }

  translatedServer(entry: number): TranslatedEnd {
    return this.end(entry, 3);
  }

  /** Null where it is not known whose table it was in. */
  node(entry: number): string | null {
    const node = this.nodeOf[entry]!;
    return node < 0 ? null : this.nodes[node]!;
  }

  /** Whether a table of this node is among those absorbed. */
  hasNode(node: string): boolean {
    return this.nodes.includes(node);
  }

  from(entry: number): Instant {
    return this.froms[entry]!;
  }

  until(entry: number): Instant {
    return this.untils[entry]!;
  }

  /** The newest entry with the line's original tuple that is not known to have ended. */
  private openEntry(line: ConntrackLine): number {
    const { source, sourcePort, destination, destinationPort } = line.original;
    const client = { address: source, port: sourcePort };
    const server = { address: destination, port: destinationPort };
    const newest = this.find(line.protocol, client, server).find(
      (entry) => this.isEnd(entry, 0, client) && this.isEnd(entry, 1, server),
    );
    return newest !== undefined && this.untils[newest] === Infinity ? newest : -1;
  }

  private isReply(entry: number, { reply }: ConntrackLine): boolean {
    const at = entry * ADDRESSES;
    return (
      this.ends[at + 2] === reply.destination &&
      this.ports[at + 2] === reply.destinationPort &&
      this.ends[at + 3] === reply.source &&
      this.ports[at + 3] === reply.sourcePort
    );
  }

  /** True if the last entry says nothing that an earlier one of its node does not say; makes that one more exact if it can. */
  private repeats(entry: number): boolean {
    const repeated = this.find(this.protocols[entry]!, this.end(entry, 0), this.end(entry, 1)).find(
      (known) => this.nodeOf[known] === this.nodeOf[entry] && this.isSame(known, entry),
    );
    if (repeated === undefined) return false;
    this.froms[repeated] = Math.max(this.froms[repeated]!, this.froms[entry]!);
    this.untils[repeated] = Math.min(this.untils[repeated]!, this.untils[entry]!);
    return true;
  }

  /** True if two entries may be one: equal ends, numbers that do not differ, and times that overlap. */
  private isSame(a: number, b: number): boolean {
    for (let end = 0; end < ADDRESSES; end++) if (!this.isEnd(a, end, this.end(b, end))) return false;
    if (!isSameId(this.ids[a]!, this.ids[b]!)) return false;
    return this.froms[a]! < this.untils[b]! && this.froms[b]! < this.untils[a]!;
  }

  private nodeId(name: string): number {
    const known = this.nodes.indexOf(name);
    return known >= 0 ? known : this.nodes.push(name) - 1;
  }

  private set(entry: number, end: number, address: number, port: number): void {
    this.ends[entry * ADDRESSES + end] = address;
    this.ports[entry * ADDRESSES + end] = port;
  }

  private end(entry: number, end: number): TranslatedEnd {
    return { address: this.ends[entry * ADDRESSES + end]!, port: this.ports[entry * ADDRESSES + end]! };
  }

  private isEnd(entry: number, end: number, { address, port }: TranslatedEnd): boolean {
    return this.ends[entry * ADDRESSES + end] === address && this.ports[entry * ADDRESSES + end] === port;
  }

  private append(): number {
    if (this.length >= MOST_ENTRIES) {
      this.dropped++;
      return -1;
    }
    if (this.length === this.protocols.length) this.grow();
    return this.length++;
  }

  /** Under each pair of ends that differs from those before. */
  private index(entry: number): void {
    for (let pair = 0; pair < PAIRS; pair++) {
      if (pair > 0 && this.isSamePair(entry, pair - 1, pair)) continue;
      const client = entry * ADDRESSES + clientOf(pair);
      const server = entry * ADDRESSES + serverOf(pair);
      const slot = this.slotOf(
        this.ends[client]!,
        this.ports[client]!,
        this.ends[server]!,
        this.ports[server]!,
        this.protocols[entry]!,
      );
      const place = entry * PAIRS + pair;
      this.next[place] = this.slots[slot]!;
      this.slots[slot] = place + 1;
    }
  }

  private isSamePair(entry: number, a: number, b: number): boolean {
    return (
      this.isEnd(entry, clientOf(a), this.end(entry, clientOf(b))) &&
      this.isEnd(entry, serverOf(a), this.end(entry, serverOf(b)))
    );
  }

  private slotOf(client: number, clientPort: number, server: number, serverPort: number, protocol: number): number {
    return mixFour(client, server, (clientPort << 16) | serverPort, protocol) & (this.slots.length - 1);
  }

  private grow(): void {
    const entries = this.protocols.length * 2;
    this.ends = grown(this.ends, new Int32Array(entries * ADDRESSES));
    this.ports = grown(this.ports, new Uint16Array(entries * ADDRESSES));
    this.protocols = grown(this.protocols, new Uint8Array(entries));
    this.nodeOf = grown(this.nodeOf, new Int16Array(entries));
    this.froms = grown(this.froms, new Float64Array(entries));
    this.untils = grown(this.untils, new Float64Array(entries));
    this.ids = grown(this.ids, new Float64Array(entries));
    this.next = new Int32Array(entries * PAIRS);
    this.slots = new Int32Array(entries * SLOTS);
    for (let entry = 0; entry < this.length; entry++) this.index(entry);
  }
}

/** Place of the client's end in a pair, among an entry's ends. */
function clientOf(pair: number): number {
  return pair === 2 ? 2 : 0;
}

function serverOf(pair: number): number {
  return pair === 0 ? 1 : 3;
}

function isSameId(a: number, b: number): boolean {
  return a === b || a === UNKNOWN_ID || b === UNKNOWN_ID;
}

/** When a listed entry was made, told from the time of the listing. */
function startOf({ ageSeconds }: ConntrackLine): Instant {
  // The age is in whole seconds.
  return ageSeconds === null ? -Infinity : -ageSeconds - 1;
}

/** `from` of a listing's entry as an instant. */
function startAt(from: Instant, listedAt: Instant | null): Instant {
  if (from >= 0) return from;
  return listedAt === null ? -Infinity : listedAt + from;
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
