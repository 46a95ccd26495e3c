/**
 * Gives later IP fragments to the flow of their datagram's first one, which alone has the ports.
 *
 * Bounded: SLOTS datagrams, one per hash slot, the newer one wins. Fragments that come before the first of their
 * datagram are added up in the slot and credited when it comes; what is displaced before that is counted in `lost`.
 * Reassembly is not attempted (RFC 791, RFC 8200 section 4.5 name the key: source, destination, identification, protocol), and
 * what is seen at two places, or in two tunnels, are two datagrams.
 */
import { finish, mix } from '../base/hash.js';

const SLOTS = 4096;
const WIDTH = 7;
const FLOW = 6;
const UNKNOWN_FLOW = -1;

export class FragmentTable {
  /** Fragments whose datagram's first fragment never came while they were remembered. */
  lost = 0;
  /** What waits for the flow that `first` was called for: packets, wire bytes, payload bytes. Valid after `first`. */
  waitingPackets = 0;
  waitingWireBytes = 0;
  waitingPayloadBytes = 0;
  /** Per slot: vantage, encapsulation, source id, destination id, identification, protocol + 1 (0 = empty), flow id. */
  private readonly keys = new Int32Array(SLOTS * WIDTH);
  private readonly packets = new Int32Array(SLOTS);
  private readonly wireBytes = new Float64Array(SLOTS);
  private readonly payloadBytes = new Float64Array(SLOTS);

  /** The first fragment of a datagram belongs to `flowId`; what waited for it is in the waiting fields. */
  first(
    vantage: number,
    encapsulation: number,
    source: number,
    destination: number,
    identification: number,
    protocol: number,
    flowId: number,
  ): void {
    const slot = this.claim(vantage, encapsulation, source, destination, identification, protocol);
    this.waitingPackets = this.packets[slot]!;
    this.waitingWireBytes = this.wireBytes[slot]!;
    this.waitingPayloadBytes = this.payloadBytes[slot]!;
    this.packets[slot] = 0;
    this.wireBytes[slot] = 0;
    this.payloadBytes[slot] = 0;
    this.keys[slot * WIDTH + FLOW] = flowId;
  }

  /** The flow of a later fragment, or -1 if its first has not been seen: then the fragment waits. */
  later(
    vantage: number,
    encapsulation: number,
    source: number,
    destination: number,
    identification: number,
    protocol: number,
    wireLength: number,
    payloadLength: number,
  ): number {
    const slot = this.claim(vantage, encapsulation, source, destination, identification, protocol);
    const flowId = this.keys[slot * WIDTH + FLOW]!;
    if (flowId !== UNKNOWN_FLOW) return flowId;
    this.packets[slot] = this.packets[slot]! + 1;
    this.wireBytes[slot] = this.wireBytes[slot]! + wireLength;
    this.payloadBytes[slot] = this.payloadBytes[slot]! + payloadLength;
    return UNKNOWN_FLOW;
  }

  /** Forgets all datagrams (flow ids are about to change) and counts what still waited as lost. */
  clear(): void {
    for (let slot = 0; slot < SLOTS; slot++) this.lost += this.packets[slot]!;
    this.keys.fill(0);
    this.packets.fill(0);
    this.wireBytes.fill(0);
    this.payloadBytes.fill(0);
  }

  private claim(
    vantage: number,
    encapsulation: number,
    source: number,
    destination: number,
    identification: number,
    protocol: number,
  ): number {
    const key = mix(mix(mix(mix(mix(vantage, encapsulation), source), destination), identification), protocol);
    const slot = finish(key) & (SLOTS - 1);
    const keys = this.keys;
    const at = slot * WIDTH;
    if (
      keys[at + 4] === identification &&
      keys[at + 2] === source &&
      keys[at + 3] === destination &&
      keys[at + 5] === protocol + 1 &&
      keys[at] === vantage &&
      keys[at + 1] === encapsulation
    ) {
      return slot;
    }
    this.lost += this.packets[slot]!;
    this.packets[slot] = 0;
    this.wireBytes[slot] = 0;
    this.payloadBytes[slot] = 0;
    keys[at] = vantage;
    keys[at + 1] = encapsulation;
    keys[at + 2] = source;
    keys[at + 3] = destination;
    keys[at + 4] = identification;
    keys[at + 5] = protocol + 1;
    keys[at + FLOW] = UNKNOWN_FLOW;
    return slot;
  }
}
