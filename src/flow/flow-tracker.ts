/**
 * The first sink of the hot path: decoded packets in, flows out.
 *
 * For every level of a packet that has a network header it interns the addresses, finds the flow (one per vantage point,
 * encapsulation and 5-tuple) and updates its row. Sets `flowId` in each level for the sinks after it. Owns all tables that a
 * partial result is made of; never throws and allocates only when a table grows or a flow first needs extras.
 */
import { AddressTable } from '../base/address.js';
import { NETWORK_ARP, NETWORK_IPV4, NETWORK_IPV6, NONE, TRANSPORT, type Decoded, type Level } from '../wire/decoded.js';
import { ArpTable } from './arp-table.js';
import { CompactRows } from './compact-rows.js';
import { BARE, EncapsulationTable } from './encapsulations.js';
import { beginDirection, beginFlow, countFragments, countPacket, noteTime } from './flow-counters.js';
import { INFO, INFO_CARRIER, INFO_FIRST_DIRECTION, LAST_SECONDS, OUTER_PATH, PACKETS, STRIDE } from './flow-row.js';
import { sweepIdle, type FinishedFlows } from './flow-sweep.js';
import { FlowTable } from './flow-table.js';
import { FragmentTable } from './fragment-table.js';
import { internPrefix } from './nflog-prefixes.js';
import { OuterPathTable } from './outer-paths.js';
import type { Sighting } from './sighting.js';
import { startsNewIncarnation } from './tcp-flow.js';

/** Silence after which the same datagram tuple is a new flow (RFC 4787 REQ-5's two minutes, conntrack's stream time-out). */
const DATAGRAM_IDLE_SECONDS = 120;
/** The compact store holds this many finished flows for each that the table may hold; they take a third of the memory. */
const FINISHED_PER_LIVE = 4;
const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const PROTOCOL_SCTP = 132;

export class FlowTracker {
  readonly addresses = new AddressTable();
  readonly encapsulations = new EncapsulationTable();
  readonly outerPaths = new OuterPathTable();
  readonly table = new FlowTable();
  readonly fragments = new FragmentTable();
  readonly arp = new ArpTable();
  /** Flows that the limit finished early. */
  readonly finished: FinishedFlows;
  /** NFLOG prefixes in order of first appearance; extras hold indexes into it. */
  readonly nflogPrefixes: string[] = [];
  private readonly maxFlows: number;
  /** Address ids per level of the current packet. */
  private readonly sources = new Int32Array(16);
  private readonly destinations = new Int32Array(16);

  constructor(maxFlows: number) {
    this.maxFlows = maxFlows;
    this.finished = { rows: new CompactRows(), limit: maxFlows * FINISHED_PER_LIVE, sums: new FlowTable(), summed: 0 };
  }

  /** Counts one packet. `view` is only read for rare things (an NFLOG prefix). */
  packet(d: Decoded, view: DataView, sighting: Sighting): void {
    let encapsulation = BARE;
    const depth = d.depth;
    for (let i = 0; i < depth; i++) {
      const level = d.levels[i]!;
      encapsulation = this.encapsulations.of(encapsulation, level);
      if (level.network === NETWORK_IPV4) {
        this.sources[i] = this.addresses.internIpv4(level.source3);
        this.destinations[i] = this.addresses.internIpv4(level.destination3);
      } else if (level.network === NETWORK_IPV6) {
        this.internIpv6(i, level);
      } else {
        if (level.network === NETWORK_ARP) this.arp.packet(this.addresses, level);
        level.flowId = NONE;
        continue;
      }
      level.flowId = this.networkPacket(d, i, level, encapsulation, sighting);
      if (i > 0) this.markCarrier(d.levels[i - 1]!.flowId);
      if (d.nflogPrefixAt !== NONE) this.noteNflogPrefix(d, level, view);
    }
    if (this.table.live > this.maxFlows) this.sweep();
  }

  /** To be called once after the last packet. */
  close(): void {
    this.fragments.clear();
  }

  private internIpv6(index: number, level: Level): void {
    this.sources[index] = this.addresses.internIpv6(level.source0, level.source1, level.source2, level.source3);
    this.destinations[index] = this.addresses.internIpv6(
      level.destination0,
      level.destination1,
      level.destination2,
      level.destination3,
    );
  }

  private markCarrier(flowId: number): void {
    if (flowId === NONE) return;
    const info = flowId * STRIDE + INFO;
    const words = this.table.words;
    words[info] = words[info]! | INFO_CARRIER;
  }

  /** Finds the flow of one level and counts the packet in it; NONE if the level belongs to no flow. */
  private networkPacket(d: Decoded, index: number, level: Level, encapsulation: number, sighting: Sighting): number {
    if (level.isFragment === 1 && level.fragmentOffset > 0) return this.laterFragment(index, level, sighting);
    let sourcePort = level.sourcePort;
    let destinationPort = level.destinationPort;
    if (level.transport !== TRANSPORT.Tcp && level.transport !== TRANSPORT.Udp) {
      sourcePort = portlessKey(level);
      if (sourcePort === NONE) return NONE;
      destinationPort = level.destinationPort !== NONE ? level.destinationPort : sourcePort;
    }
    const source = this.sources[index]!;
    const destination = this.destinations[index]!;
    const isForward = source < destination || (source === destination && sourcePort <= destinationPort);
    const direction = isForward ? 0 : 1;
    const a = isForward ? source : destination;
    const b = isForward ? destination : source;
    const ports = isForward ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    const table = this.table;
    let id = table.find(sighting.vantage, encapsulation, a, b, ports, level.protocol);
    if (!table.isNew && this.isOver(id * STRIDE, d, level, direction, sighting)) id = table.supersede(id);
    const at = id * STRIDE;
    if (table.isNew) beginFlow(table, at, direction, level, sighting);
    if (table.words[at + PACKETS + direction] === 0) {
      beginDirection(table.words, at, direction, level);
      if (index > 0) table.words[at + OUTER_PATH + direction] = this.outerPath(index);
    }
    countPacket(table, at, direction, d, level, index === d.depth - 1, sighting);
    if (level.isFragment === 1) this.firstFragment(id, index, level, direction, sighting);
    return id;
  }

  /** True if this packet cannot belong to the flow at word `at` any more. */
  private isOver(at: number, d: Decoded, level: Level, direction: number, sighting: Sighting): boolean {
    const table = this.table;
    if (level.transport === TRANSPORT.Tcp) return startsNewIncarnation(table.words, at, direction, level);
    if (level.protocol === PROTOCOL_TCP || level.protocol === PROTOCOL_SCTP) return false;
    if (d.wireguardType !== NONE) return false;
    return sighting.seconds - table.doubles[(at >>> 1) + LAST_SECONDS]! > DATAGRAM_IDLE_SECONDS;
  }

  /** The path through the levels outside `index`, outermost first. */
  private outerPath(index: number): number {
    let path = NONE;
    for (let i = 0; i < index; i++) path = this.outerPaths.intern(path, this.sources[i]!, this.destinations[i]!);
    return path;
  }

  private firstFragment(id: number, index: number, level: Level, direction: number, sighting: Sighting): void {
    const fragments = this.fragments;
    const source = this.sources[index]!;
    const destination = this.destinations[index]!;
    fragments.first(sighting.vantage, source, destination, level.fragmentId, level.protocol, id);
    const waiting = fragments.waitingPackets;
    countFragments(
      this.table,
      id * STRIDE,
      direction,
      waiting + 1,
      waiting,
      fragments.waitingWireBytes,
      fragments.waitingPayloadBytes,
    );
  }

  private laterFragment(index: number, level: Level, sighting: Sighting): number {
    const source = this.sources[index]!;
    const destination = this.destinations[index]!;
    const wireLength = sighting.wireLength;
    const payload = level.payloadLength;
    const id = this.fragments.later(
      sighting.vantage,
      source,
      destination,
      level.fragmentId,
      level.protocol,
      wireLength,
      payload,
    );
    if (id === NONE) return NONE;
    const at = id * STRIDE;
    const words = this.table.words;
    // The direction follows from the addresses unless both ends are one host; then the first packet's stands in.
    const first = (words[at + INFO]! & INFO_FIRST_DIRECTION) >> 1;
    const direction = source === destination ? first : source < destination ? 0 : 1;
    countFragments(this.table, at, direction, 1, 1, wireLength, payload);
    noteTime(this.table, at, sighting);
    return id;
  }

  private noteNflogPrefix(d: Decoded, level: Level, view: DataView): void {
    if (level.flowId === NONE) return;
    const extras = this.table.extrasAt(level.flowId * STRIDE);
    if (extras.nflogPrefix !== NONE) return;
    extras.nflogPrefix = internPrefix(this.nflogPrefixes, view, d.nflogPrefixAt, d.nflogPrefixLength);
  }

  /** Finishes the longest-idle flows into the compact store. */
  private sweep(): void {
    this.fragments.clear();
    sweepIdle(this.table, this.finished);
  }
}

/**
 * What stands in the place of the source port for a level whose transport is not TCP or UDP: SCTP's own, the identifier of ICMP
 * echo messages, else type and code, 0 for protocols without ports. A header of which only the ports were captured or make
 * sense counts by them; NONE if there should be ports but there are not.
 */
function portlessKey(level: Level): number {
  switch (level.transport) {
    case TRANSPORT.Icmp:
    case TRANSPORT.Icmpv6:
      return level.icmpIdentifier !== NONE ? level.icmpIdentifier : (level.icmpType << 8) | level.icmpCode;
    default:
      if (level.sourcePort !== NONE) return level.sourcePort;
      return level.transportAt === NONE || hasPorts(level.protocol) ? NONE : 0;
  }
}

function hasPorts(protocol: number): boolean {
  return protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP || protocol === PROTOCOL_SCTP;
}
