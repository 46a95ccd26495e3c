/** Which packets compare the clocks of two nodes, and which do not, from packets as two nodes' captures hold them. */
import { describe, expect, test } from '@jest/globals';
import { addAcknowledgements } from '../../src/trail/clocks/acknowledgements.js';
import { findCrossings, type ClockPlaces } from '../../src/trail/clocks/crossings.js';
import type { NodePair } from '../../src/trail/clocks/node-pair.js';
import { directionBetween, NodeSightings, PacketEnds } from '../../src/trail/clocks/packet-direction.js';
import { readFlowColumns } from '../../src/trail/flow-columns.js';
import { SampleSet } from '../../src/trail/sample-set.js';
import { FLAG, type Packet, TCP, Tracking } from '../flow/tracking.js';

const CLIENT = 1;
const SERVER = 2;
const AHEAD = 5e9;

/** Vantage points 1 and 11 are on node 0, where the client is, 2 and 12 on node 1, where the server is, 3 on none. */
const NODES: Readonly<Record<number, number>> = { 1: 0, 11: 0, 2: 1, 12: 1 };

function crossings(packets: readonly Packet[], mixed = -1): { pairs: NodePair[]; samples: SampleSet } {
  const tracking = new Tracking();
  for (const packet of packets) tracking.see(packet);
  const flows = tracking.flows();
  const samples = new SampleSet(flows);
  const homeOf = (address: number): number => ['10.0.0.1', '10.0.0.2'].indexOf(flows.addressTable.text(address));
  const places: ClockPlaces = {
    nodeCount: 2,
    node: (vantage) => NODES[vantage] ?? -1,
    hasKernelTime: () => true,
    mixesInterfaces: (vantage) => vantage === mixed,
    nodeOfAddress: () => -1,
    nodeOfPods: homeOf,
  };
  return { pairs: findCrossings(flows, samples, readFlowColumns(flows).vantage, places).pairs, samples };
}

/** A segment of 10 bytes; `number` makes it another packet. */
function segment(vantage: number, at: number, number: number, isAnswer = false, identification = number): Packet {
  const ends = isAnswer
    ? { source: SERVER, sourcePort: 80, destination: CLIENT, destinationPort: 40_000 }
    : { source: CLIENT, sourcePort: 40_000, destination: SERVER, destinationPort: 80 };
  const tcp = isAnswer
    ? { sequence: 9000 + number * 10, acknowledgement: 1000 + number * 10, flags: FLAG.ack }
    : { sequence: 1000 + number * 10, acknowledgement: 9000 + number * 10, flags: FLAG.ack };
  return {
    ...ends,
    protocol: TCP,
    vantage,
    at: at + (vantage % 10 === 2 ? AHEAD : 0),
    tcp,
    payload: 10,
    identification,
  };
}

function timesOf({ toSecond, toFirst }: NodePair): { toSecond: number[]; toFirst: number[] } {
  const apart = ({ count, atFirst, atSecond }: NodePair['toFirst']): number[] =>
    Array.from({ length: count }, (_, i) => atSecond[i]! - atFirst[i]!);
  return { toSecond: apart(toSecond), toFirst: apart(toFirst) };
}

describe('packets that two nodes saw', () => {
  test('bound the difference of their clocks from both sides, as far as their times are told', () => {
    const { pairs } = crossings([
      segment(1, 1_000_007, 1),
      segment(2, 1_020_009, 1),
      segment(2, 2_000_003, 2, true),
      segment(1, 2_030_001, 2, true),
    ]);
    expect(pairs).toHaveLength(1);
    // A time to the nanosecond may be cut by one.
    expect(timesOf(pairs[0]!)).toEqual({ toSecond: [AHEAD + 20_002 + 1], toFirst: [AHEAD - 29_998 - 1] });
  });

  test('count where they were nearest to the other node', () => {
    const { pairs } = crossings([
      segment(11, 1_000_001, 1),
      segment(1, 1_010_001, 1),
      segment(2, 1_030_001, 1),
      segment(12, 1_050_001, 1),
      segment(11, 1_050_003, 9),
      segment(12, 1_050_007, 8),
    ]);
    expect(timesOf(pairs[0]!).toSecond).toEqual([AHEAD + 20_000 + 1]);
  });

  test.each([
    ['on one node only', [segment(1, 1, 1), segment(11, 5, 1)]],
    ['at a place whose node is not known', [segment(1, 1, 1), segment(3, 5, 1)]],
    ['twice at one place', [segment(1, 1, 1), segment(1, 200_000_000, 1), segment(2, 9, 1)]],
    ['without identification and timestamps', [segment(1, 1, 1, false, 0), segment(2, 5, 1, false, 0)]],
    ['with another identification', [segment(1, 1, 1, false, 7), segment(2, 5, 1, false, 8)]],
  ])('tell nothing if seen %s', (_name, packets) => {
    expect(crossings(packets).pairs).toEqual([]);
  });

  test('may be seen several times where interfaces are mixed', () => {
    const packets = [
      segment(1, 1_000_001, 1),
      segment(1, 1_008_001, 1),
      segment(2, 1_020_001, 1),
      segment(2, 1_020_003, 4),
    ];
    expect(timesOf(crossings(packets, 1).pairs[0]!).toSecond).toEqual([AHEAD + 12_000 + 1]);
  });
});

describe('acknowledgements', () => {
  test('bound what packets bound from one side only', () => {
    const data = segment(2, 1_000_003, 0, true);
    const acknowledging: Packet = {
      ...segment(1, 1_400_009, 5),
      tcp: { sequence: 1050, acknowledgement: 9010, flags: FLAG.ack },
    };
    const arrived: Packet = { ...acknowledging, vantage: 2, at: acknowledging.at! + 100_000 + AHEAD };
    const { pairs, samples } = crossings([data, acknowledging, arrived]);
    expect(timesOf(pairs[0]!).toFirst).toEqual([]);
    addAcknowledgements(pairs, samples, 1);
    expect(pairs[0]!.usesAcknowledgements).toBe(true);
    // Sent 400 us before what acknowledges it left the other node.
    expect(timesOf(pairs[0]!).toFirst).toEqual([AHEAD - 400_006 - 1]);
  });
});

describe('the node that a packet passed first', () => {
  const ends = (): PacketEnds => new PacketEnds({ nodeOfAddress: () => -1, nodeOfPods: (address) => address });
  const sightings = (node: number, timesToLive: readonly number[], tunnels = 0): NodeSightings => {
    const all = new NodeSightings(node);
    for (const timeToLive of timesToLive) all.add(0, 0, 1, timeToLive);
    all.tunnels = tunnels;
    return all;
  };

  test.each([
    ['has the higher time to live', [64, 63], [63, 62], 0, 0, 1],
    ['has the lower one that is as high as any of the other', [63], [63, 62], 0, 0, 1],
    ['is where the tunnel begins', [63], [63], 1, -1, 1],
    ['is not where the tunnel ends', [63], [63], 0, 1, -1],
    ['is open where the packet came back', [64, 61], [63, 62], 0, 0, 0],
    ['is open where tunnel and time to live contradict', [64], [63], -1, 1, 0],
    ['is open where nothing tells', [63], [63], 0, 0, 0],
  ])('%s', (_name, a, b, tunnelsA, tunnelsB, expected) => {
    const first = sightings(0, a, tunnelsA);
    const second = sightings(1, b, tunnelsB);
    expect(directionBetween(first, second, ends())).toBe(expected);
    expect(directionBetween(second, first, ends()) + expected).toBe(0);
  });

  test('is the one of the pod that sends, or not the one of the pod that gets it', () => {
    const first = sightings(0, [63]);
    const second = sightings(1, [63]);
    const known = ends();
    known.add(0, 7);
    expect(directionBetween(first, second, known)).toBe(1);
    known.clear();
    known.add(7, 0);
    expect(directionBetween(first, second, known)).toBe(-1);
    // Two senders: before and after translation.
    known.clear();
    known.add(0, 7);
    known.add(1, 7);
    expect(directionBetween(first, second, known)).toBe(0);
  });
});
