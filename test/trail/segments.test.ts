/**
 * Losses between hops of made-up paths: packets that were lost are found, by name, and nothing else is, whatever offload, reordering, copies,
 * clocks and the ends of captures do.
 *
 * The path has four vantage points, two on each of two nodes; packets are lost between the nodes.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Connection } from '../../src/model/document.js';
import type { ClockErrors } from '../../src/trail/clocks/clock-errors.js';
import type { Places } from '../../src/trail/hop-order.js';
import { SampleIndex } from '../../src/trail/sample-index.js';
import { SampleSet } from '../../src/trail/sample-set.js';
import type { CaptureWindows } from '../../src/trail/segments/vantage-pairs.js';
import { Segments, type ConnectionSegments } from '../../src/trail/segments/segments.js';
import { estimateLost, latencyOf } from '../../src/trail/segments/statistics.js';
import { FLAG, type Packet, TCP, Tracking, UDP } from '../flow/tracking.js';

const MILLISECOND = 1_000_000;
const START = 1000 * MILLISECOND;
const RETRANSMISSION_TIMEOUT = 200 * MILLISECOND;
const LARGEST_CLOCK_ERROR = 20_000;
const FAR_VANTAGE = 2;
const CLIENT = { source: 1, destination: 2, sourcePort: 5000, destinationPort: 80, protocol: TCP };

/** A segment as the sender's device shows it. */
interface Sent {
  readonly at: number;
  readonly sequence: number;
  readonly payload: number;
  readonly identification: number;
  readonly isLost: boolean;
}

interface Network {
  /** Delay on the way between the nodes of each packet, so that some overtake others. */
  readonly delays: readonly number[];
  /** Which packets the far node's first device shows twice. */
  readonly copies: readonly boolean[];
  /** By how much the far node's clock is ahead. */
  readonly skew: number;
  /** How many segments in a row the sending node shows as one. */
  readonly merged: number;
}

/** Segments one after the other; what is lost is sent again later, until it arrives. */
function segmentsOf(lengths: readonly number[], losses: readonly number[]): Sent[] {
  const sent: Sent[] = [];
  let sequence = 1000;
  let identification = 1;
  lengths.forEach((payload, index) => {
    let at = START + index * MILLISECOND;
    for (let copy = 0; copy <= losses[index]!; copy++) {
      sent.push({ at, sequence, payload, identification: 0, isLost: copy < losses[index]! });
      at += RETRANSMISSION_TIMEOUT * 2 ** copy;
    }
    sequence += payload;
  });
  return sent.sort((a, b) => a.at - b.at).map((segment) => ({ ...segment, identification: identification++ }));
}

/** Neighbours in sequence space and time as one, as segmentation offload hands them to the device. */
function mergeSegments(sent: readonly Sent[], most: number): Sent[] {
  const merged: Sent[] = [];
  let count = 0;
  for (const segment of sent) {
    const last = merged.at(-1);
    const follows =
      last !== undefined &&
      last.sequence + last.payload === segment.sequence &&
      segment.at - last.at < most * MILLISECOND;
    if (follows && count < most) {
      merged[merged.length - 1] = { ...last, payload: last.payload + segment.payload };
      count++;
    } else {
      merged.push(segment);
      count = 1;
    }
  }
  return merged;
}

function packetOf(segment: Sent, vantage: number, at: number): Packet {
  const { sequence, payload, identification } = segment;
  return { ...CLIENT, vantage, at, payload, identification, tcp: { sequence, acknowledgement: 1, flags: FLAG.ack } };
}

function sightings(sent: readonly Sent[], { delays, copies, skew, merged }: Network): Packet[] {
  const near = mergeSegments(sent, merged);
  const packets = [0, 1].flatMap((vantage) =>
    near.map((segment) => packetOf(segment, vantage, segment.at + vantage * 2000)),
  );
  sent.forEach((segment, index) => {
    if (segment.isLost) return;
    const at = segment.at + 5000 + delays[index % delays.length]! + skew;
    packets.push(packetOf(segment, FAR_VANTAGE, at), packetOf(segment, FAR_VANTAGE + 1, at + 3000));
    if (copies[index % copies.length]!) packets.push(packetOf(segment, FAR_VANTAGE, at + 1000));
  });
  return packets.sort((a, b) => a.at! - b.at!);
}

const PLACES: Places = {
  node: (vantage) => (vantage < FAR_VANTAGE ? 0 : 1),
  role: () => 'unknown',
  nodeOfAddress: () => -1,
  homeOfAddress: () => -1,
  podAddresses: () => null,
};

const ALL_THERE = { areFlowsComplete: true, captureDrops: () => null };
const always: CaptureWindows = { covers: (): boolean => true };

function judge(packets: readonly Packet[], clockError: number, windows = always): ConnectionSegments {
  const tracking = new Tracking();
  for (const packet of packets) tracking.see(packet);
  const flows = tracking.flows();
  const samples = new SampleSet(flows);
  const index = new SampleIndex(samples, flows.length);
  const clocks: ClockErrors = { between: (a, b) => (PLACES.node(a) === PLACES.node(b) ? 0 : clockError) };
  const segments = new Segments({ flows, samples, index, places: PLACES, clocks, windows, ...ALL_THERE });
  const order = Array.from({ length: flows.length }, (_, flow) => {
    flows.load(flow);
    return { flow, vantage: flows.vantage };
  }).sort((a, b) => a.vantage - b.vantage);
  const paths: Connection['paths'] = { clientToServer: order.map((_, hop) => hop), serverToClient: [] };
  const connection = { flows: order.map(({ flow }) => flow), directions: order.map(() => 0), paths };
  segments.add(connection);
  expect(segments.totals().reduce((sum, { lost }) => sum + lost, 0)).toBe(
    segments.of(connection).segments.clientToServer.reduce((sum, { lost }) => sum + lost, 0),
  );
  return segments.of(connection);
}

function namesOf({ lostPackets }: ConnectionSegments): string[] {
  return lostPackets.map(({ from, to, sequence, payloadBytes }) => `${from}>${to} ${sequence} ${payloadBytes}`).sort();
}

const lengths = fc.array(fc.integer({ min: 1, max: 1400 }), { minLength: 4, maxLength: 40 });
const losses = fc.array(fc.constantFrom(0, 0, 0, 0, 1, 2), { minLength: 40, maxLength: 40 });
const network = fc.record({
  delays: fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 40 }),
  copies: fc.array(fc.constantFrom(false, false, true), { minLength: 1, maxLength: 40 }),
  skew: fc.integer({ min: -LARGEST_CLOCK_ERROR, max: LARGEST_CLOCK_ERROR }),
  merged: fc.constant(1),
});

describe('packets that were lost', () => {
  test('are named, each copy for itself, and nothing else', () => {
    fc.assert(
      fc.property(lengths, losses, network, (segmentLengths, lost, net) => {
        const sent = segmentsOf(segmentLengths, lost);
        const truth = sent.filter(({ isLost }) => isLost);
        const result = judge(sightings(sent, net), LARGEST_CLOCK_ERROR);
        const expected = truth.map(({ sequence, payload }) => `1>2 ${sequence} ${payload}`).sort();
        expect(namesOf(result)).toEqual(expected);
        expect(result.retransmissions.clientToServer).toMatchObject({
          packets: truth.length,
          lost: truth.length === 0 ? [] : [{ from: 1, to: 2, packets: truth.length }],
          spurious: 0,
          unexplained: 0,
        });
      }),
    );
  });

  test('are counted in bytes where offload shows several as one', () => {
    fc.assert(
      fc.property(lengths, losses, network, fc.integer({ min: 2, max: 20 }), (segmentLengths, lost, net, merged) => {
        const sent = segmentsOf(segmentLengths, lost);
        const bytes = sent.filter(({ isLost }) => isLost).reduce((sum, { payload }) => sum + payload, 0);
        const result = judge(sightings(sent, { ...net, merged }), LARGEST_CLOCK_ERROR);
        expect(result.segments.clientToServer.map(({ lostBytes }) => lostBytes)).toEqual([0, bytes, 0]);
      }),
    );
  });

  test('are lost nowhere else because the next capture began late or ended early', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(lengths, losses, network, share, share, (segmentLengths, lost, net, one, other) => {
        const sent = segmentsOf(segmentLengths, lost);
        const all = sightings(sent, net);
        const far = all.filter(({ vantage }) => vantage === FAR_VANTAGE);
        const [from, until] = [one, other].sort((a, b) => a - b).map((each) => Math.floor(each * far.length));
        const kept = new Set(far.slice(from, until));
        // The vantage point behind it is not captured, so that nothing tells what came later.
        const packets = all.filter((packet) => packet.vantage! < FAR_VANTAGE || kept.has(packet));
        const times = [...kept].map(({ at }) => at!);
        const origin = Math.floor(Math.min(...packets.map(({ at }) => at!)) / 1e9) * 1e9;
        const windows = {
          covers: (vantage: number, start: number, end: number): boolean =>
            vantage < FAR_VANTAGE || (Math.min(...times) - origin <= start && end <= Math.max(...times) - origin),
        };
        const truth = new Set(
          sent.filter(({ isLost }) => isLost).map(({ sequence, payload }) => `1>2 ${sequence} ${payload}`),
        );
        for (const clockError of [LARGEST_CLOCK_ERROR, Infinity]) {
          const wrong = namesOf(judge(packets, clockError, windows)).filter((name) => !truth.has(name));
          expect(wrong).toEqual([]);
        }
      }),
    );
  });

  test('are known by the packets around them where clocks have nothing in common', () => {
    const sent = segmentsOf(
      Array.from({ length: 20 }, () => 100),
      Array.from({ length: 20 }, (_, index) => (index === 10 ? 1 : 0)),
    );
    const net = { delays: [0], copies: [false], skew: 3600 * 1000 * MILLISECOND, merged: 1 };
    const { lostPackets, segments } = judge(sightings(sent, net), Infinity);
    expect(lostPackets).toMatchObject([{ from: 1, to: 2, sequence: 2000, proof: 'packets around it' }]);
    expect(segments.clientToServer[1]!.latency).toBeNull();
    expect(segments.clientToServer[0]!.latency).toMatchObject({ p50Ns: 2000, maxNs: 2000, errorNs: 0 });
  });
});

describe('what is no loss', () => {
  const segment = (vantage: number, at: number, more: Partial<Packet> = {}): Packet => ({
    ...CLIENT,
    vantage,
    at,
    payload: 10,
    identification: 7,
    tcp: { sequence: 1, acknowledgement: 1, flags: FLAG.ack },
    ...more,
  });

  test('a packet that one vantage point misses and the next one shows', () => {
    const packets = [0, 1, 3].map((vantage) => segment(vantage, START + vantage));
    const other = { identification: 8, tcp: { sequence: 11, acknowledgement: 1, flags: FLAG.ack } };
    const all = [0, 1, 2, 3].map((vantage) => segment(vantage, START + MILLISECOND + vantage, other));
    const { segments, lostPackets } = judge([...packets, ...all], 0);
    expect(lostPackets).toEqual([]);
    expect(segments.clientToServer.map(({ packets: count, lost }) => [count, lost])).toEqual([
      [2, 0],
      [2, 0],
      [1, 0],
    ]);
  });

  test('copies at the first vantage point, and they are not sent again', () => {
    const packets = [segment(0, START), segment(0, START + 1000), segment(1, START + 2000)];
    const { segments, retransmissions } = judge(packets, 0);
    expect(segments.clientToServer).toMatchObject([{ packets: 1, lost: 0, unknown: 0 }]);
    expect(retransmissions.clientToServer).toMatchObject({ packets: 0 });
  });

  test('a datagram that is cut into fragments on the way', () => {
    const datagram = { ...CLIENT, protocol: UDP, identification: 9, payload: 3000 };
    const first = { ...datagram, payload: 1480, fragment: { offset: 0, more: true } };
    const packets = [
      { ...datagram, vantage: 0, at: START },
      { ...first, vantage: 1, at: START + 1000 },
    ];
    const { segments } = judge(packets, 0);
    expect(segments.clientToServer).toMatchObject([{ packets: 1, lost: 0 }]);
  });
});

describe('datagrams without identification', () => {
  test('are counted: of three equal ones that came as two, one is lost', () => {
    const datagram = (vantage: number, at: number): Packet => ({ ...CLIENT, protocol: UDP, payload: 20, vantage, at });
    const times = [0, 100, 200].map((each) => START + each * MILLISECOND);
    const packets = [
      ...times.map((at) => datagram(0, at)),
      ...[times[0]!, times[2]!].map((at) => datagram(1, at + 1000)),
    ];
    const { lostPackets } = judge(packets, 0);
    expect(lostPackets).toMatchObject([{ from: 0, to: 1, sequence: null, time: '1970-01-01T00:00:01.100000000Z' }]);
  });
});

describe('figures', () => {
  test('of samples have the interval that textbooks give: 10 of 100 are 5.52 % to 17.44 %', () => {
    // Wilson (1927), as in Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998).
    expect(estimateLost(10, 100, 10_000)).toEqual({ lost: 1000, low: 552, high: 1744 });
    expect(estimateLost(0, 100, 10_000)).toMatchObject({ lost: 0, low: 0 });
    expect(estimateLost(0, 0, 10_000)).toBeNull();
  });

  test('of delays are not told where packets arrive before they were sent', () => {
    const delays = (least: number): Float64Array => Float64Array.from([least, 1000, 2000, 3000]);
    expect(latencyOf(delays(-500), 0, false).latency).toMatchObject({ packets: 4, p50Ns: 1000, maxNs: 3000 });
    expect(latencyOf(delays(-50_000), 0, false)).toEqual({ latency: null, latencyMissing: 'seen before it was sent' });
    expect(latencyOf(delays(-50_000), 60_000, false).latency).toMatchObject({ errorNs: 60_000 });
    expect(latencyOf(delays(1000), Infinity, false)).toEqual({ latency: null, latencyMissing: 'clocks not compared' });
    expect(latencyOf(new Float64Array(0), 0, false)).toEqual({
      latency: null,
      latencyMissing: 'no packet at both ends',
    });
  });
});
