/** Fragments belong to the flow of their datagram's first one, in whatever order they come. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mapFlows, type Packet, Tracking, UDP, wireLengthOf } from './tracking.js';

const UDP_HEADER = 8;
const STEP = 8;

interface Datagram {
  readonly port: number;
  readonly isAnswer: boolean;
  /** Lengths of the fragments in units of 8 bytes; the last one's is arbitrary. */
  readonly lengths: readonly number[];
  readonly order: readonly number[];
}

const datagram: fc.Arbitrary<Datagram> = fc
  .record({
    port: fc.constantFrom(5000, 5001),
    isAnswer: fc.boolean(),
    lengths: fc.array(fc.integer({ min: 2, max: 180 }), { minLength: 2, maxLength: 12 }),
  })
  .chain((shape) =>
    fc
      .shuffledSubarray([...shape.lengths.keys()], { minLength: shape.lengths.length })
      .map((order) => ({ ...shape, order })),
  );

/** Fragments of the datagram, in order of place. */
function fragmentsOf({ port, isAnswer, lengths }: Datagram, identification: number): Packet[] {
  let offset = 0;
  return lengths.map((length, index) => {
    const more = index < lengths.length - 1;
    const fragment = { offset, more };
    const bytes = length * STEP;
    offset += bytes;
    const hosts = isAnswer ? { source: 2, destination: 1 } : { source: 1, destination: 2 };
    if (index > 0) return { ...hosts, protocol: UDP, identification, fragment, payload: bytes };
    const ports = isAnswer ? { sourcePort: 80, destinationPort: port } : { sourcePort: port, destinationPort: 80 };
    return { ...hosts, ...ports, protocol: UDP, identification, fragment, payload: bytes - UDP_HEADER };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

describe('fragments', () => {
  test('of one datagram are in its flow, all of them, in any order', () => {
    fc.assert(
      fc.property(datagram, fc.nat(0xffff), (one, identification) => {
        const tracking = new Tracking();
        const fragments = fragmentsOf(one, identification);
        for (const index of one.order) tracking.see(fragments[index]!);
        const flows = mapFlows(tracking.flows(), (set) => ({
          ports: [set.portA, set.portB].sort((a, b) => a - b),
          packets: set.packets(0) + set.packets(1),
          wireBytes: set.wireBytes(0) + set.wireBytes(1),
          payload: set.payloadBytes(0) + set.payloadBytes(1),
          unique: set.uniquePayloadBytes(0) + set.uniquePayloadBytes(1),
          fragments: set.fragments,
          isOneWay: set.packets(0) * set.packets(1) === 0,
        }));
        const payload = sum(one.lengths) * STEP - UDP_HEADER;
        expect(flows).toEqual([
          {
            ports: [80, one.port],
            packets: fragments.length,
            wireBytes: sum(fragments.map(wireLengthOf)),
            payload,
            unique: payload,
            fragments: fragments.length,
            isOneWay: true,
          },
        ]);
        expect(tracking.tracker.fragments.lost).toBe(0);
      }),
    );
  });

  test('of many datagrams at once are in a flow or counted as lost, never twice', () => {
    fc.assert(
      fc.property(fc.array(datagram, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (datagrams, random) => {
        const tracking = new Tracking();
        const queues = datagrams.map((one, identification) => {
          const fragments = fragmentsOf(one, identification);
          return one.order.map((index) => fragments[index]!);
        });
        const sent = sum(queues.map((queue) => queue.length));
        while (queues.some((queue) => queue.length > 0)) {
          const open = queues.filter((queue) => queue.length > 0);
          tracking.see(open[random.next().value % open.length]!.shift()!);
        }
        const flows = mapFlows(tracking.flows(), (set) => set.packets(0) + set.packets(1));
        expect(sum(flows) + tracking.tracker.fragments.lost).toBe(sent);
      }),
    );
  });

  test('whose first one never came are lost, and make no flow', () => {
    const tracking = new Tracking();
    const [, ...later] = fragmentsOf({ port: 5000, isAnswer: false, lengths: [10, 10, 10], order: [] }, 1);
    for (const fragment of later) tracking.see(fragment);
    expect(tracking.flows().length).toBe(0);
    expect(tracking.tracker.fragments.lost).toBe(2);
  });

  test('of another datagram with the same identification at another vantage point stay apart', () => {
    const tracking = new Tracking();
    const [first, second] = fragmentsOf({ port: 5000, isAnswer: false, lengths: [10, 10], order: [] }, 1) as [
      Packet,
      Packet,
    ];
    tracking.see({ ...first, vantage: 0 });
    tracking.see({ ...second, vantage: 1 });
    expect(mapFlows(tracking.flows(), (set) => set.packets(0) + set.packets(1))).toEqual([1]);
    expect(tracking.tracker.fragments.lost).toBe(1);
  });

  test('of another datagram with the same identification in another encapsulation stay apart', () => {
    const tracking = new Tracking();
    const [first, second] = fragmentsOf({ port: 5000, isAnswer: false, lengths: [10, 10], order: [] }, 1) as [
      Packet,
      Packet,
    ];
    tracking.see({ ...first, vlan: 10 });
    tracking.see({ ...second, vlan: 20 });
    expect(mapFlows(tracking.flows(), (set) => set.packets(0) + set.packets(1))).toEqual([1]);
    expect(tracking.tracker.fragments.lost).toBe(1);
  });
});
