/** Flows at many vantage points to connections: what is the same traffic, what is another, and whose counters count. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildConnections } from '../../src/trail/connections.js';
import { readFlowColumns } from '../../src/trail/flow-columns.js';
import { SampleSet } from '../../src/trail/sample-set.js';
import type { FlowSet } from '../../src/trail/flow-set.js';
import { FLAG, type Packet, TCP, Tracking, UDP } from '../flow/tracking.js';

const NO_EVIDENCE = { isService: (): boolean => false, isNode: (): boolean => false };

const SECOND = 1_000_000_000;
const MINUTE = 60 * SECOND;

interface Found {
  readonly hops: readonly number[];
  /** Vantage point whose counters count. */
  readonly counted: number;
  readonly start: number;
}

function connectionsOf(packets: readonly Packet[], mixed: readonly number[] = []): Found[] {
  const tracking = new Tracking();
  for (const packet of packets) tracking.see(packet);
  const flows = tracking.flows();
  const connections = buildConnections(
    flows,
    readFlowColumns(flows),
    new SampleSet(flows),
    {
      mixesInterfaces: (vantage) => mixed.includes(vantage),
    },
    NO_EVIDENCE,
  );
  const vantageOf = (flow: number): number => loaded(flows, flow).vantage;
  return Array.from({ length: connections.length }, (_, index) => {
    const counted = connections.counted[index]!;
    return {
      hops: [...connections.hops.subarray(connections.hopStarts[index], connections.hopStarts[index + 1])].map(
        vantageOf,
      ),
      counted: vantageOf(counted),
      start: loaded(flows, counted).firstSeconds * SECOND + flows.firstNanoseconds,
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function loaded(flows: FlowSet, flow: number): FlowSet {
  flows.load(flow);
  return flows;
}

const CLIENT = { source: 1, destination: 2, sourcePort: 5000, destinationPort: 80 };
const SERVER = { source: 2, destination: 1, sourcePort: 80, destinationPort: 5000 };

/** SYN, SYN-ACK, ACK, and as many segments of 100 bytes; 1 ms from one to the next. */
function tcp(at: number, vantage: number, initial = 1000, segments = 1): Packet[] {
  const step = SECOND / 1000;
  const send = (from: typeof CLIENT, index: number, sequence: number, flags: number, payload = 0): Packet => ({
    ...from,
    protocol: TCP,
    vantage,
    at: at + index * step,
    payload,
    tcp: { sequence, acknowledgement: from === CLIENT ? initial + 7001 : initial + 1, flags },
  });
  return [
    send(CLIENT, 0, initial, FLAG.syn),
    send(SERVER, 1, initial + 7000, FLAG.syn | FLAG.ack),
    send(CLIENT, 2, initial + 1, FLAG.ack),
    ...Array.from({ length: segments }, (_, index) =>
      send(CLIENT, 3 + index, initial + 1 + index * 100, FLAG.ack, 100),
    ),
  ];
}

function udp(at: number, vantage: number): Packet[] {
  return [
    { ...CLIENT, protocol: UDP, vantage, at, payload: 20 },
    { ...SERVER, protocol: UDP, vantage, at: at + 1000, payload: 40 },
  ];
}

describe('the same traffic at several vantage points', () => {
  test('is one connection, its hops in order of time', () => {
    expect(connectionsOf([...tcp(300, 4), ...tcp(100, 7), ...tcp(200, 1)])).toEqual([
      { hops: [7, 1, 4], counted: 7, start: 100 },
    ]);
  });

  test('is one connection where a capture began after the handshake', () => {
    const late = tcp(2000, 3).slice(3);
    expect(connectionsOf([...tcp(0, 1), ...late])).toMatchObject([{ hops: [1, 3] }]);
  });

  test('is one connection where each of two captures saw one direction of the handshake', () => {
    const both = tcp(0, 1);
    const halves = both.map((packet, index) => ({ ...packet, vantage: index % 2 }));
    expect(connectionsOf(halves)).toMatchObject([{ hops: [0, 1] }]);
  });

  test('is one connection though clocks differ by minutes, if the initial sequence numbers agree', () => {
    expect(connectionsOf([...tcp(0, 1), ...tcp(5 * MINUTE, 2)])).toMatchObject([{ hops: [1, 2] }]);
    expect(connectionsOf([...tcp(0, 1), ...tcp(5 * MINUTE, 2, 2000)])).toHaveLength(2);
  });

  test('counts where most payload was seen, never at a capture of mixed interfaces if there is another', () => {
    const most = [...tcp(0, 1, 1000, 3), ...tcp(10, 2, 1000, 9), ...tcp(20, 3, 1000, 5)];
    expect(connectionsOf(most)).toMatchObject([{ counted: 2 }]);
    expect(connectionsOf(most, [2])).toMatchObject([{ counted: 3 }]);
    expect(connectionsOf(most, [1, 2, 3])).toMatchObject([{ counted: 2 }]);
  });

  test('is the same whatever numbers the vantage points have and in whatever order they were read', () => {
    const captures = [tcp(0, 0, 1000, 4), tcp(50, 1, 1000, 2), tcp(90, 2, 1000, 3), udp(70, 3), udp(1070, 4)];
    const expected = connectionsOf(captures.flat());
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (order) => {
        expect(connectionsOf(order.flatMap((index) => captures[index]!))).toEqual(expected);
        // Vantage point v is called order[v] now.
        const renamed = captures.flat().map((packet) => ({ ...packet, vantage: order[packet.vantage!]! }));
        const name = (vantage: number): number => order.indexOf(vantage);
        expect(
          connectionsOf(renamed).map((each) => ({ ...each, hops: each.hops.map(name), counted: name(each.counted) })),
        ).toEqual(expected);
      }),
    );
  });
});

describe('other traffic of the same tuple', () => {
  test('a reused port is another connection, at every vantage point', () => {
    const packets = [1, 2].flatMap((vantage) => [...tcp(0, vantage), ...tcp(SECOND, vantage, 900_000)]);
    expect(connectionsOf(packets)).toMatchObject([
      { hops: [1, 2], start: 0 },
      { hops: [1, 2], start: SECOND },
    ]);
  });

  test('datagrams after a silence of more than two minutes are another connection', () => {
    expect(connectionsOf([...udp(0, 1), ...udp(MINUTE, 1), ...udp(4 * MINUTE, 1)])).toMatchObject([
      { start: 0 },
      { start: 4 * MINUTE },
    ]);
  });

  test('datagrams at two vantage points at different times are two connections', () => {
    expect(connectionsOf([...udp(0, 1), ...udp(MINUTE, 2)])).toHaveLength(2);
  });
});

test('connections stand in order of time, and every flow is in exactly one', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          at: fc.nat(10 * MINUTE),
          vantage: fc.nat(3),
          source: fc.integer({ min: 1, max: 4 }),
          destination: fc.integer({ min: 1, max: 4 }),
          initial: fc.constantFrom(null, 1000, 2000, 3000),
        }),
        { maxLength: 40 },
      ),
      (all) => {
        const packets = all.map(({ at, vantage, initial, ...hosts }): Packet => {
          const rest = { ...hosts, sourcePort: 80, destinationPort: 80, at, vantage };
          if (initial === null) return { ...rest, protocol: UDP };
          return { ...rest, protocol: TCP, tcp: { sequence: initial, flags: FLAG.syn } };
        });
        const tracking = new Tracking();
        for (const packet of packets.sort((a, b) => a.at! - b.at!)) tracking.see(packet);
        const flows = tracking.flows();
        const connections = buildConnections(
          flows,
          readFlowColumns(flows),
          new SampleSet(flows),
          {
            mixesInterfaces: () => false,
          },
          NO_EVIDENCE,
        );
        const pieces = [...connections.hops].flatMap((hop) => flows.piecesOf(hop));
        expect(pieces.sort((a, b) => a - b)).toEqual(Array.from({ length: flows.length }, (_, i) => i));
        expect(sum([...connections.hops].map((hop) => loaded(flows, hop).packets(0) + flows.packets(1)))).toBe(
          packets.length,
        );
        const starts = connectionsOf(packets).map(({ start }) => start);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
        connections.counted.forEach((counted, index) => {
          const hops = connections.hops.subarray(connections.hopStarts[index], connections.hopStarts[index + 1]);
          expect(hops).toContain(counted);
          const places = [...hops].map((hop) => loaded(flows, hop).vantage);
          expect(new Set(places).size).toBe(places.length);
        });
      },
    ),
  );
});
