/**
 * Packets at WireGuard devices, by the tunnel and direction that they belong to: whose address the source is tells that the node sends,
 * whose the destination is that it receives. Packets that offload merged are cut into the segments that are encrypted one by one.
 */
import type { FlowSet } from '../flow-set.js';
import type { SampleIndex } from '../sample-index.js';
import type { SampleSet } from '../sample-set.js';
import type { WireguardSetting } from './setting.js';

/** A direction of a flow at a WireGuard device. */
export interface InnerFlow {
  readonly flow: number;
  readonly direction: number;
  readonly vantage: number;
  readonly source: number;
  readonly destination: number;
  readonly packets: number;
  readonly start: number;
}

/** Packets of one tunnel direction at one device, in order of sighting. */
export interface InnerPackets {
  readonly flows: readonly InnerFlow[];
  /** By segment: index into `flows`, number of the packet it is of, time, and IP length. */
  readonly flowOf: Int32Array;
  readonly packetOf: Int32Array;
  readonly times: Float64Array;
  readonly lengths: Int32Array;
  readonly packetLengths: Int32Array;
  readonly packetFlows: Int32Array;
  /** False if not all packets of these flows were kept. */
  readonly isComplete: boolean;
}

/** Nodes at the ends of an inner flow's direction; null where they are not known. */
export interface InnerEnds {
  readonly from: string | null;
  readonly to: string | null;
}

/** Flows at WireGuard devices, with the nodes that their packets go between. */
export function innerFlows(
  flows: FlowSet,
  originSeconds: number,
  setting: WireguardSetting,
): (InnerFlow & InnerEnds)[] {
  const found: (InnerFlow & InnerEnds)[] = [];
  for (let flow = 0; flow < flows.length; flow++) {
    flows.load(flow);
    const { vantage } = flows;
    if (setting.role(vantage) !== 'wireguard' || flows.isCarrier) continue;
    const start = (flows.firstSeconds - originSeconds) * 1e9 + flows.firstNanoseconds;
    const nodeA = setting.ownerOf(flows.addressA, start, vantage).node;
    const nodeB = setting.ownerOf(flows.addressB, start, vantage).node;
    for (const direction of [0, 1]) {
      const packets = flows.packets(direction);
      if (packets === 0) continue;
      const isForward = direction === 0;
      found.push({
        flow,
        direction,
        vantage,
        source: isForward ? flows.addressA : flows.addressB,
        destination: isForward ? flows.addressB : flows.addressA,
        packets,
        start,
        from: isForward ? nodeA : nodeB,
        to: isForward ? nodeB : nodeA,
      });
    }
  }
  return found;
}

/** The packets of these flows, cut into segments of at most `mtu` bytes. */
export function innerPackets(
  flows: readonly InnerFlow[],
  samples: SampleSet,
  index: SampleIndex,
  mtu: number,
): InnerPackets {
  const packets: { flow: number; time: number; length: number; payload: number; sample: number }[] = [];
  let isComplete = true;
  for (const [position, { flow, direction, packets: expected }] of flows.entries()) {
    const from = index.from(flow, direction);
    const until = index.until(flow, direction);
    isComplete &&= until - from === expected;
    for (let at = from; at < until; at++) {
      const sample = index.sampleAt(at);
      samples.load(sample);
      const length = samples.packetLength;
      if (length < 0) isComplete = false;
      else packets.push({ flow: position, time: samples.ownTime, length, payload: samples.payloadLength, sample });
    }
  }
  // Samples of one capture are numbered in the order of its packets.
  packets.sort((x, y) => x.time - y.time || x.sample - y.sample);
  const flowOf: number[] = [];
  const packetOf: number[] = [];
  const times: number[] = [];
  const lengths: number[] = [];
  for (const [number, { flow, time, length, payload }] of packets.entries()) {
    for (const segment of segmentLengths(length, payload, mtu)) {
      flowOf.push(flow);
      packetOf.push(number);
      times.push(time);
      lengths.push(segment);
    }
  }
  return {
    flows,
    flowOf: Int32Array.from(flowOf),
    packetOf: Int32Array.from(packetOf),
    times: Float64Array.from(times),
    lengths: Int32Array.from(lengths),
    packetLengths: Int32Array.from(packets, ({ length }) => length),
    packetFlows: Int32Array.from(packets, ({ flow }) => flow),
    isComplete,
  };
}

/** Lengths of the packets that one of `length` bytes with this payload is cut into, each with the headers of the whole. */
export function segmentLengths(length: number, payload: number, mtu: number): number[] {
  const headers = length - payload;
  const room = mtu - headers;
  if (length <= mtu || room <= 0) return [length];
  const segments = [];
  for (let rest = payload; rest > 0; rest -= room) segments.push(headers + Math.min(rest, room));
  return segments;
}
