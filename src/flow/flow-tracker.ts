/**
 * The first sink of the hot path: decoded packets in, flows out.
 *
 * For every level of a packet that has a network header it finds the flow (one per vantage point, encapsulation and 5-tuple)
 * and updates its row. Packets come in batches, so that the look-ups' waits for memory overlap (flow-keys.ts). Sets `flowId` in each level for the sinks after it. Owns all tables that a
 * partial result is made of; never throws and allocates only when a table grows or a flow first needs extras.
 */
import type { AddressTable } from '../base/address.js';
import { MAX_LEVELS, NETWORK_ARP, NETWORK_NONE, NONE, TRANSPORT, type Decoded, type Level } from '../wire/decoded.js';
import { ArpTable } from './arp-table.js';
import type { EncapsulationTable } from './encapsulations.js';
import { FinishedFlows } from './finished-flows.js';
import { beginDirection, beginFlow, countFragments, countPacket, noteTime } from './flow-counters.js';
import {
  A,
  B,
  BATCH,
  DESTINATION,
  DIRECTION,
  FlowKeys,
  HAS_KEY,
  HASH,
  KEY_WORDS,
  keyAt,
  ORDER,
  PORT_PAIR,
  SOURCE,
  WRAPPED_IN,
} from './flow-keys.js';
import { INFO, INFO_CARRIER, INFO_FIRST_DIRECTION, LAST_SECONDS, OUTER_PATH, PACKETS, rowStart } from './flow-row.js';
import { sweepIdle } from './flow-sweep.js';
import { FlowTable, MOST_ROWS } from './flow-table.js';
import { FragmentTable } from './fragment-table.js';
import { internPrefix } from './nflog-prefixes.js';
import { OuterPathTable } from './outer-paths.js';
import { PacketSamples } from './packet-samples.js';
import type { Sighting } from './sighting.js';
import { startsNewIncarnation } from './tcp-flow.js';
import { WireguardTraffic } from './wireguard-traffic.js';

/** Silence after which the same datagram tuple is a new flow (RFC 4787 REQ-5's two minutes, conntrack's stream time-out). */
const DATAGRAM_IDLE_SECONDS = 120;
/** The index numbers no more rows; a batch may go beyond the limit before it is swept. */
const LARGEST_MAX_FLOWS = MOST_ROWS - BATCH * MAX_LEVELS;
const PROTOCOL_TCP = 6;
const PROTOCOL_SCTP = 132;

export class FlowTracker {
  readonly keys = new FlowKeys();
  readonly addresses: AddressTable = this.keys.addresses;
  readonly encapsulations: EncapsulationTable = this.keys.encapsulations;
  readonly outerPaths = new OuterPathTable();
  readonly table = new FlowTable();
  readonly fragments = new FragmentTable();
  readonly arp = new ArpTable();
  /** Flows that the limit finished early. */
  readonly finished: FinishedFlows;
  /** NFLOG prefixes in order of first appearance; extras hold indexes into it. */
  readonly nflogPrefixes: string[] = [];
  readonly samples = new PacketSamples();
  readonly wireguard = new WireguardTraffic();
  private readonly maxFlows: number;

  constructor(maxFlows: number) {
    this.maxFlows = Math.min(maxFlows, LARGEST_MAX_FLOWS);
    this.finished = new FinishedFlows(this.maxFlows, this.addresses);
  }

  /**
   * Counts the first `count` packets (at most BATCH) of two parallel arrays, in order. `view` holds all of them and is only read
   * for what few packets are asked: an NFLOG prefix, the options and the beginning of the payload of samples. The flow ids it leaves in the levels are valid until it is called again.
   */
  packets(decoded: readonly Decoded[], sightings: readonly Sighting[], count: number, view: DataView): void {
    while (this.table.live > this.maxFlows) this.sweep();
    this.keys.begin();
    for (let slot = 0; slot < count; slot++) this.keys.resolve(slot, decoded[slot]!, sightings[slot]!);
    this.keys.locate(this.table);
    for (let slot = 0; slot < count; slot++) this.packet(slot, decoded[slot]!, sightings[slot]!, view);
    this.samples.packets(decoded, sightings, count, view, this.table);
    this.wireguard.packets(decoded, sightings, count, view, this.table);
  }

  /** To be called once after the last packet. */
  close(): void {
    this.fragments.clear();
  }

  private packet(slot: number, d: Decoded, sighting: Sighting, view: DataView): void {
    const depth = d.depth;
    for (let i = 0; i < depth; i++) {
      const level = d.levels[i]!;
      level.flowId = this.countLevel(keyAt(slot, i), i, d, level, sighting);
      if (i > 0 && level.network !== NETWORK_NONE) this.markCarrier(d.levels[i - 1]!.flowId);
    }
    if (d.nflogPrefixAt !== NONE) this.noteNflogPrefix(d, view);
  }

  private markCarrier(flowId: number): void {
    if (flowId === NONE) return;
    const info = rowStart(flowId) + INFO;
    const words = this.table.words;
    words[info] = words[info]! | INFO_CARRIER;
  }

  /** Finds the flow of the level whose key is at `key` and counts the packet in it; NONE if the level belongs to no flow. */
  private countLevel(key: number, index: number, d: Decoded, level: Level, sighting: Sighting): number {
    const keys = this.keys.words;
    if (keys[key + HAS_KEY] === 0) return this.keyless(key, level, sighting);
    const table = this.table;
    let id = table.findLocated(
      this.keys.located[keys[key + ORDER]!]!,
      keys[key + HASH]!,
      sighting.vantage,
      keys[key + WRAPPED_IN]!,
      keys[key + A]!,
      keys[key + B]!,
      keys[key + PORT_PAIR]!,
      level.protocol,
    );
    const direction = keys[key + DIRECTION]!;
    level.flowDirection = direction;
    if (!table.isNew && this.isOver(rowStart(id), d, level, direction, sighting)) id = table.supersede(id);
    const at = rowStart(id);
    if (table.isNew) beginFlow(table, at, direction, level, sighting);
    if (table.words[at + PACKETS + direction] === 0) {
      beginDirection(table.words, at, direction, level);
      if (index > 0) table.words[at + OUTER_PATH + direction] = this.outerPath(key, index);
    }
    countPacket(table, at, direction, d, level, index === d.depth - 1, sighting);
    if (level.isFragment === 1) this.firstFragment(id, key, level, direction, sighting);
    return id;
  }

  /** A level without a key: ARP, a later fragment, or nothing that belongs to a flow. */
  private keyless(key: number, level: Level, sighting: Sighting): number {
    if (level.network === NETWORK_ARP) this.arp.packet(this.addresses, level);
    return level.isFragment === 1 && level.fragmentOffset > 0 ? this.laterFragment(key, level, sighting) : NONE;
  }

  /** True if this packet cannot belong to the flow at word `at` any more. */
  private isOver(at: number, d: Decoded, level: Level, direction: number, sighting: Sighting): boolean {
    const table = this.table;
    if (level.transport === TRANSPORT.Tcp) return startsNewIncarnation(table.words, at, direction, level);
    if (level.protocol === PROTOCOL_TCP || level.protocol === PROTOCOL_SCTP) return false;
    if (d.wireguardType !== NONE) return false;
    return sighting.seconds - table.doubles[(at >>> 1) + LAST_SECONDS]! > DATAGRAM_IDLE_SECONDS;
  }

  /** The path through the levels outside the one at `key`, number `index` of its packet, outermost first. */
  private outerPath(key: number, index: number): number {
    const keys = this.keys.words;
    let path = NONE;
    for (let outer = key - index * KEY_WORDS; outer < key; outer += KEY_WORDS) {
      path = this.outerPaths.intern(path, keys[outer + SOURCE]!, keys[outer + DESTINATION]!);
    }
    return path;
  }

  private firstFragment(id: number, key: number, level: Level, direction: number, sighting: Sighting): void {
    const fragments = this.fragments;
    const keys = this.keys.words;
    const source = keys[key + SOURCE]!;
    const destination = keys[key + DESTINATION]!;
    fragments.first(
      sighting.vantage,
      keys[key + WRAPPED_IN]!,
      source,
      destination,
      level.fragmentId,
      level.protocol,
      id,
    );
    const waiting = fragments.waitingPackets;
    countFragments(
      this.table,
      rowStart(id),
      direction,
      waiting + 1,
      waiting,
      fragments.waitingWireBytes,
      fragments.waitingPayloadBytes,
    );
  }

  private laterFragment(key: number, level: Level, sighting: Sighting): number {
    const keys = this.keys.words;
    const source = keys[key + SOURCE]!;
    const destination = keys[key + DESTINATION]!;
    const wireLength = sighting.wireLength;
    const payload = level.payloadLength;
    const id = this.fragments.later(
      sighting.vantage,
      keys[key + WRAPPED_IN]!,
      source,
      destination,
      level.fragmentId,
      level.protocol,
      wireLength,
      payload,
    );
    if (id === NONE) return NONE;
    const at = rowStart(id);
    const words = this.table.words;
    // The direction follows from the addresses unless both ends are one host; then the first packet's stands in.
    const first = (words[at + INFO]! & INFO_FIRST_DIRECTION) >> 1;
    const direction = source === destination ? first : source < destination ? 0 : 1;
    countFragments(this.table, at, direction, 1, 1, wireLength, payload);
    noteTime(this.table, at, sighting);
    return id;
  }

  private noteNflogPrefix(d: Decoded, view: DataView): void {
    const flowId = d.depth === 0 ? NONE : d.levels[0]!.flowId;
    if (flowId === NONE) return;
    const extras = this.table.extrasAt(rowStart(flowId));
    if (extras.nflogPrefix !== NONE) return;
    extras.nflogPrefix = internPrefix(this.nflogPrefixes, view, d.nflogPrefixAt, d.nflogPrefixLength);
  }

  /** Finishes the longest-idle flows. */
  private sweep(): void {
    this.fragments.clear();
    sweepIdle(this.table, this.finished);
    this.samples.forgetFinished(this.table);
  }
}
