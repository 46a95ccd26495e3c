/**
 * From headers to keys: which flow each level of a packet belongs to, as numbers, before the flow table is asked.
 *
 * Keys are made for a batch of packets at once. A flow table of more than a few thousand flows does not fit the processor's caches,
 * and a look-up waits for two or three memory accesses, one after the other; `locate` asks for all of a batch's at
 * once, so that the waits overlap (group prefetching: Chen, Ailamaki, Gibbons, Mowry, "Improving hash join performance through
 * prefetching", ICDE 2004). Re-measure with `npm run bench:micro`.
 */
import { AddressTable } from '../base/address.js';
import { NETWORK_IPV4, NETWORK_IPV6, NONE, TRANSPORT, type Decoded, type Level, MAX_LEVELS } from '../wire/decoded.js';
import { BARE, EncapsulationTable } from './encapsulations.js';
import { flowHash, type FlowTable } from './flow-table.js';
import type { Sighting } from './sighting.js';

/** Packets of a batch: with 16 the processor waits for the last of each more often (1 to 11 % of reading, by how busy memory is). */
export const BATCH = 64;

/** Words of a key. HAS_KEY is 0 for a level that belongs to no flow of its own. */
export const KEY_WORDS = 10;
export const HAS_KEY = 0;
/** Address ids as the packet has them; valid for every IPv4 and IPv6 level. */
export const SOURCE = 1;
export const DESTINATION = 2;
/** Encapsulation id; valid for every level. */
export const WRAPPED_IN = 3;
/** 0 = from A to B. */
export const DIRECTION = 4;
export const A = 5;
export const B = 6;
export const PORT_PAIR = 7;
export const HASH = 8;
/** Place of the key among those that locate() looked up. */
export const ORDER = 9;

const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const PROTOCOL_SCTP = 132;

export class FlowKeys {
  readonly addresses = new AddressTable();
  readonly encapsulations = new EncapsulationTable();
  /** Keys by packet of the batch and level: see keyAt. */
  readonly words = new Int32Array(BATCH * MAX_LEVELS * KEY_WORDS);
  /** The hashes of the batch's keys; behind locate(), their probable rows (flow-table.ts). */
  readonly located = new Int32Array(BATCH * MAX_LEVELS);
  private pendingCount = 0;
  /** What locate() read; kept so that the reads are not optimised away. */
  private touched = 0;

  /** To be called before the first resolve() of a batch. */
  begin(): void {
    this.pendingCount = 0;
  }

  /** Makes the keys of all levels of packet `slot` (0..BATCH-1). */
  resolve(slot: number, d: Decoded, sighting: Sighting): void {
    let encapsulation = BARE;
    const depth = d.depth;
    for (let i = 0; i < depth; i++) {
      const level = d.levels[i]!;
      const at = keyAt(slot, i);
      encapsulation = this.encapsulations.of(encapsulation, level);
      this.words[at + WRAPPED_IN] = encapsulation;
      this.words[at + HAS_KEY] = 0;
      if (level.network === NETWORK_IPV4) {
        this.words[at + SOURCE] = this.addresses.internIpv4(level.source3);
        this.words[at + DESTINATION] = this.addresses.internIpv4(level.destination3);
        this.makeKey(at, level, encapsulation, sighting.vantage);
      } else if (level.network === NETWORK_IPV6) {
        this.internIpv6(at, level);
        this.makeKey(at, level, encapsulation, sighting.vantage);
      }
    }
  }

  /** Looks for the rows of the batch, all at once. */
  locate(table: FlowTable): void {
    this.touched ^= table.locate(this.located, this.pendingCount);
  }

  private internIpv6(at: number, level: Level): void {
    this.words[at + SOURCE] = this.addresses.internIpv6(level.source0, level.source1, level.source2, level.source3);
    this.words[at + DESTINATION] = this.addresses.internIpv6(
      level.destination0,
      level.destination1,
      level.destination2,
      level.destination3,
    );
  }

  private makeKey(at: number, level: Level, encapsulation: number, vantage: number): void {
    if (level.isFragment === 1 && level.fragmentOffset > 0) return;
    let sourcePort = level.sourcePort;
    let destinationPort = level.destinationPort;
    if (level.transport !== TRANSPORT.Tcp && level.transport !== TRANSPORT.Udp) {
      sourcePort = portlessKey(level);
      if (sourcePort === NONE) return;
      destinationPort = level.destinationPort !== NONE ? level.destinationPort : sourcePort;
    }
    const words = this.words;
    const source = words[at + SOURCE]!;
    const destination = words[at + DESTINATION]!;
    const isForward = source < destination || (source === destination && sourcePort <= destinationPort);
    const a = isForward ? source : destination;
    const b = isForward ? destination : source;
    const ports = isForward ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    words[at + HAS_KEY] = 1;
    words[at + DIRECTION] = isForward ? 0 : 1;
    words[at + A] = a;
    words[at + B] = b;
    words[at + PORT_PAIR] = ports;
    const hash = flowHash(vantage, encapsulation, a, b, ports, level.protocol);
    words[at + HASH] = hash;
    words[at + ORDER] = this.pendingCount;
    this.located[this.pendingCount++] = hash;
  }
}

/** Word at which the key of one level of one packet of the batch begins. */
export function keyAt(slot: number, level: number): number {
  return (slot * MAX_LEVELS + level) * KEY_WORDS;
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
