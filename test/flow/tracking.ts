/**
 * Packets for flow tests and a tracker that follows them: raw IPv4 packets as bytes through the decoder, with as much payload as
 * they claim left out (a capture cut behind the headers), so that long streams cost nothing.
 */
import { joinFlowParts } from '../../src/analysis/flow-parts.js';
import { BATCH } from '../../src/flow/flow-keys.js';
import { FlowPart } from '../../src/flow/flow-part.js';
import { FlowTracker } from '../../src/flow/flow-tracker.js';
import { Sighting } from '../../src/flow/sighting.js';
import type { FlowSet } from '../../src/trail/flow-set.js';
import { decode } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded } from '../../src/wire/decoded.js';
import { ethernet, vlanTag } from '../wire/packets.js';

const LINKTYPE_IPV4 = 228;
const LINKTYPE_ETHERNET = 1;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_VLAN = 0x8100;
const IPV4_HEADER = 20;
const TCP_HEADER = 20;
const UDP_HEADER = 8;
const MORE_FRAGMENTS = 0x2000;
const NANOSECONDS = 1_000_000_000;
const LONGEST_PACKET = 256;

export const FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** One packet; what is left out is 0. */
export interface Packet {
  readonly protocol: number;
  /** Last byte of the address 10.0.0.x. */
  readonly source: number;
  readonly destination: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** Payload bytes; of a fragment, bytes behind the IP header. */
  readonly payload?: number;
  readonly identification?: number;
  /** Time to live; 64 if left out. */
  readonly timeToLive?: number;
  readonly fragment?: { readonly offset: number; readonly more: boolean };
  readonly tcp?: {
    readonly sequence: number;
    readonly acknowledgement?: number;
    readonly flags: number;
    readonly window?: number;
  };
  /** Time in nanoseconds. */
  readonly at?: number;
  readonly vantage?: number;
  /** Puts the packet in an Ethernet frame with this 802.1Q tag: another encapsulation. */
  readonly vlan?: number;
}

export const TCP = 6;
export const UDP = 17;

export interface TrackingOptions {
  readonly maxFlows?: number;
  /** Packets that the tracker gets at once, 1..BATCH. */
  readonly batch?: number;
  /** Sees the packets of each batch as the sinks behind the tracker do. */
  readonly afterBatch?: (decoded: readonly Decoded[], tracker: FlowTracker) => void;
}

/** A tracker and what feeds it, by the batch. */
export class Tracking {
  readonly tracker: FlowTracker;
  private readonly decoded = Array.from({ length: BATCH }, () => new Decoded());
  private readonly sightings = Array.from({ length: BATCH }, () => new Sighting());
  private readonly options = new DecodeOptions();
  /** The packets of a batch, as in a chunk of a capture. */
  private readonly bytes = new Uint8Array(BATCH * LONGEST_PACKET);
  private readonly view = new DataView(this.bytes.buffer);
  private readonly batch: number;
  private readonly afterBatch: (decoded: readonly Decoded[], tracker: FlowTracker) => void;
  private waiting = 0;

  constructor({ maxFlows = 1_000_000, batch = BATCH, afterBatch = () => undefined }: TrackingOptions = {}) {
    this.tracker = new FlowTracker(maxFlows);
    this.batch = batch;
    this.afterBatch = afterBatch;
  }

  see(packet: Packet): void {
    const ip = packetBytes(packet);
    const { vlan } = packet;
    const bytes =
      vlan === undefined ? ip : Uint8Array.from(ethernet(ETHERTYPE_VLAN, vlanTag(vlan, ETHERTYPE_IPV4, [...ip])));
    const wireLength = wireLengthOf(packet) + bytes.length - ip.length;
    const sighting = this.sightings[this.waiting]!;
    const linkType = vlan === undefined ? LINKTYPE_IPV4 : LINKTYPE_ETHERNET;
    const from = this.waiting * LONGEST_PACKET;
    this.bytes.set(bytes, from);
    decode(this.view, from, bytes.length, wireLength, linkType, this.options, this.decoded[this.waiting]!);
    const at = packet.at ?? 0;
    sighting.vantage = packet.vantage ?? 0;
    sighting.seconds = Math.floor(at / NANOSECONDS);
    sighting.nanoseconds = at % NANOSECONDS;
    sighting.wireLength = wireLength;
    if (++this.waiting === this.batch) this.flush();
  }

  /** All flows so far; nothing may be seen afterwards. */
  flows(): FlowSet {
    this.flush();
    this.tracker.close();
    // Vantage ids are the test's own; the run's are the same.
    const vantages = Int32Array.from({ length: 256 }, (_, id) => id);
    return joinFlowParts([new FlowPart(this.tracker)], [vantages]);
  }

  private flush(): void {
    this.tracker.packets(this.decoded, this.sightings, this.waiting, this.view);
    this.afterBatch(this.decoded.slice(0, this.waiting), this.tracker);
    this.waiting = 0;
  }
}

/** Every flow of the set as `read` sees it. */
export function mapFlows<T>(flows: FlowSet, read: (flows: FlowSet) => T): T[] {
  return Array.from({ length: flows.length }, (_, index) => {
    flows.load(index);
    return read(flows);
  });
}

/** Bytes of the packet on the wire, by its IP header. */
export function wireLengthOf(packet: Packet): number {
  const transport = isLaterFragment(packet)
    ? 0
    : packet.protocol === TCP
      ? TCP_HEADER
      : packet.protocol === UDP
        ? UDP_HEADER
        : 0;
  return IPV4_HEADER + transport + (packet.payload ?? 0);
}

function isLaterFragment({ fragment }: Packet): boolean {
  return fragment !== undefined && fragment.offset > 0;
}

function packetBytes(packet: Packet): Uint8Array<ArrayBuffer> {
  const wireLength = wireLengthOf(packet);
  const bytes = new Uint8Array(IPV4_HEADER + (isLaterFragment(packet) ? 0 : TCP_HEADER));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, wireLength);
  view.setUint16(4, packet.identification ?? 0);
  const { fragment } = packet;
  if (fragment !== undefined) view.setUint16(6, (fragment.more ? MORE_FRAGMENTS : 0) | (fragment.offset >> 3));
  view.setUint8(8, packet.timeToLive ?? 64);
  view.setUint8(9, packet.protocol);
  view.setUint32(12, 0x0a000000 + packet.source);
  view.setUint32(16, 0x0a000000 + packet.destination);
  if (!isLaterFragment(packet)) writeTransport(view, packet);
  return bytes.subarray(0, Math.min(bytes.length, wireLength));
}

function writeTransport(view: DataView, packet: Packet): void {
  view.setUint16(20, packet.sourcePort ?? 0);
  view.setUint16(22, packet.destinationPort ?? 0);
  if (packet.tcp === undefined) {
    view.setUint16(24, UDP_HEADER + (packet.payload ?? 0));
    return;
  }
  view.setUint32(24, packet.tcp.sequence >>> 0);
  view.setUint32(28, (packet.tcp.acknowledgement ?? 0) >>> 0);
  view.setUint8(32, 0x50);
  view.setUint8(33, packet.tcp.flags);
  view.setUint16(34, packet.tcp.window ?? 1024);
}
