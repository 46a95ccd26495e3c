/**
 * What connection tracking of nodes knows of a connection: which translation it went through, by what its packets looked like at some
 * place and when.
 *
 * An entry counts if its time is near the packets', and if it explains everything that packets show. Two nodes may each translate the
 * same packets, so entries are followed both ways. Where several entries would do and say different things (a tuple that came
 * back, listings without times), all of them are the answer.
 */
import type { AddressTable } from '../base/address.js';
import { instantAt, type Instant } from '../inventory/instants.js';
import type { TranslatedEnd, TranslationTable } from '../inventory/conntrack/translation-table.js';
import type { FlowSet } from '../trail/flow-set.js';

/** Clocks of nodes may differ by this, and entries outlive the last packet anyway. */
const SLACK_SECONDS = 2;
/** Nodes that translate the same packets one after the other. */
const MOST_STEPS = 3;
const MOST_ANSWERS = 8;

/** Ends by ids of the flows' addresses. */
export interface KnownTranslation {
  readonly client: TranslatedEnd;
  /** What the client sent to. */
  readonly dialed: TranslatedEnd;
  /** What became of it. */
  readonly server: TranslatedEnd;
  readonly hasSourceNat: boolean;
  /** Whose table had it; null where that is not known. */
  readonly node: string | null;
}

/** The ends of packets from the client, as one place shows them. */
export interface SeenPair {
  readonly client: TranslatedEnd;
  readonly server: TranslatedEnd;
}

export interface SeenTime {
  readonly start: Instant;
  readonly end: Instant;
}

export class KnownTranslations {
  private readonly table: TranslationTable;
  private readonly addresses: AddressTable;
  /** By id of a flows' address: id in the table, plus one. */
  private readonly ids: Int32Array;

  constructor(table: TranslationTable, addresses: AddressTable) {
    this.table = table;
    this.addresses = addresses;
    this.ids = new Int32Array(table.length === 0 ? 0 : addresses.size);
  }

  get isEmpty(): boolean {
    return this.table.length === 0;
  }

  /** Whether the connection tracking of a node is known. */
  hasNode(node: string): boolean {
    return this.table.hasNode(node);
  }

  /**
   * Numbers of the entries at the loaded flow's time that its packets sent in `direction` would belong to; only those of `node`, if
   * that is not null.
   */
  entriesOf(flows: FlowSet, direction: number, node: string | null): number[] {
    if (this.isEmpty) return [];
    const a = { address: this.own(flows.addressA), port: flows.portA };
    const b = { address: this.own(flows.addressB), port: flows.portB };
    const time = timeOf(flows);
    const entries = this.table.find(flows.protocol, direction === 0 ? a : b, direction === 0 ? b : a);
    return entries.filter((entry) => this.isNear(entry, time, SLACK_SECONDS) && this.isOn(entry, node));
  }

  /**
   * What the connection with these pairs of ends went through: nothing if no entry knows it, several where it is not clear which.
   * `nodes`: where it was seen, which decides between equal tuples of several nodes. `node`: where it was seen with an address that
   * other nodes have too; null if it has none.
   */
  find(
    protocol: number,
    pairs: readonly SeenPair[],
    time: SeenTime,
    nodes: ReadonlySet<string>,
    node: string | null,
  ): KnownTranslation[] {
    if (this.isEmpty) return [];
    const own = pairs.map(({ client, server }) => ({ client: this.ownEnd(client), server: this.ownEnd(server) }));
    const entries = new Set(own.flatMap(({ client, server }) => this.table.find(protocol, client, server)));
    const near = [...entries].filter((entry) => this.isNear(entry, time, SLACK_SECONDS) && this.isOn(entry, node));
    const chains = near
      .map((entry) => this.chainOf(protocol, entry, time))
      .filter((chain) => own.every((pair) => chain.some((entry) => this.shows(entry, pair))));
    const preferred = narrowed(
      chains,
      [
        (chain) => chain.every((entry) => this.isDated(entry) && this.isNear(entry, time, 0)),
        (chain) => chain.some((entry) => nodes.has(this.table.node(entry) ?? '')),
        (chain) => chain.every((entry) => this.isDated(entry)),
      ],
      (chain) => this.describe(chain),
    );
    const answers = new Map<string, KnownTranslation>();
    for (const chain of preferred) answers.set(this.describe(chain), this.translationOf(chain));
    return [...answers]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, MOST_ANSWERS)
      .map(([, answer]) => answer);
  }

  /** The entry and those that translated the same packets before and after it, in the client's order. */
  private chainOf(protocol: number, entry: number, time: SeenTime): number[] {
    const { table } = this;
    const chain = [entry];
    for (let step = 0; step < MOST_STEPS; step++) {
      const first = chain[0]!;
      const client = table.originalClient(first);
      const server = table.originalServer(first);
      const before = table.find(protocol, client, server).find((other) => {
        const isLast = isSame(table.translatedClient(other), client) && isSame(table.translatedServer(other), server);
        return isLast && !chain.includes(other) && this.isNear(other, time, SLACK_SECONDS);
      });
      if (before === undefined) break;
      chain.unshift(before);
    }
    for (let step = 0; step < MOST_STEPS; step++) {
      const last = chain[chain.length - 1]!;
      const client = table.translatedClient(last);
      const server = table.translatedServer(last);
      const after = table.find(protocol, client, server).find((other) => {
        const isFirst = isSame(table.originalClient(other), client) && isSame(table.originalServer(other), server);
        return isFirst && !chain.includes(other) && this.isNear(other, time, SLACK_SECONDS);
      });
      if (after === undefined) break;
      chain.push(after);
    }
    return chain;
  }

  private translationOf(chain: readonly number[]): KnownTranslation {
    const { table } = this;
    const first = chain[0]!;
    const last = chain[chain.length - 1]!;
    const client = table.originalClient(first);
    return {
      client: this.flowsEnd(client),
      dialed: this.flowsEnd(table.originalServer(first)),
      server: this.flowsEnd(table.translatedServer(last)),
      hasSourceNat: !isSame(client, table.translatedClient(last)),
      node: table.node(first),
    };
  }

  private describe(chain: readonly number[]): string {
    const { client, dialed, server } = this.translationOf(chain);
    return [client, dialed, server].map(({ address, port }) => `${this.addresses.text(address)} ${port}`).join(' ');
  }

  /** True if packets of the entry look like the pair somewhere. */
  private shows(entry: number, { client, server }: SeenPair): boolean {
    const { table } = this;
    if (isSame(client, table.originalClient(entry))) {
      return isSame(server, table.originalServer(entry)) || isSame(server, table.translatedServer(entry));
    }
    return isSame(client, table.translatedClient(entry)) && isSame(server, table.translatedServer(entry));
  }

  private isNear(entry: number, { start, end }: SeenTime, slack: number): boolean {
    return this.table.from(entry) <= end + slack && this.table.until(entry) >= start - slack;
  }

  /** False if the entry is known to be another node's. */
  private isOn(entry: number, node: string | null): boolean {
    const own = this.table.node(entry);
    return node === null || own === null || own === node;
  }

  private isDated(entry: number): boolean {
    return this.table.from(entry) > -Infinity || this.table.until(entry) < Infinity;
  }

  private own(address: number): number {
    const known = this.ids[address] ?? 0;
    if (known > 0) return known - 1;
    const id = this.table.ownAddress(this.addresses, address);
    if (address < this.ids.length) this.ids[address] = id + 1;
    return id;
  }

  private ownEnd({ address, port }: TranslatedEnd): TranslatedEnd {
    return { address: this.own(address), port };
  }

  private flowsEnd({ address, port }: TranslatedEnd): TranslatedEnd {
    const { addresses } = this.table;
    if (addresses.family(address) === 4)
      return { address: this.addresses.internIpv4(addresses.word(address, 3)), port };
    const word = (index: number): number => addresses.word(address, index);
    return { address: this.addresses.internIpv6(word(0), word(1), word(2), word(3)), port };
  }
}

/** From when until when the loaded flow was seen. */
export function timeOf(flows: FlowSet): SeenTime {
  return {
    start: instantAt(flows.firstSeconds, flows.firstNanoseconds),
    end: instantAt(flows.lastSeconds, flows.lastNanoseconds),
  };
}

function isSame(a: TranslatedEnd, b: TranslatedEnd): boolean {
  return a.address === b.address && a.port === b.port;
}

/** As long as they say different things: those that pass the first test, then the next, each only if any passes. */
function narrowed<T>(
  all: readonly T[],
  tests: readonly ((one: T) => boolean)[],
  say: (one: T) => string,
): readonly T[] {
  let left = all;
  for (const test of tests) {
    if (new Set(left.map(say)).size < 2) break;
    const passed = left.filter(test);
    if (passed.length > 0) left = passed;
  }
  return left;
}
