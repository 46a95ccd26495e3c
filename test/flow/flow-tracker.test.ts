/** Flows as the tracker counts them, against a Map by text, on random traffic with reused ports and packets out of order. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BATCH } from '../../src/flow/flow-keys.js';
import { PORTS, rowStart } from '../../src/flow/flow-row.js';
import type { FlowTracker } from '../../src/flow/flow-tracker.js';
import type { FlowSet } from '../../src/trail/flow-set.js';
import type { Decoded } from '../../src/wire/decoded.js';
import { FlowOracle, type OracleFlow } from './flow-oracle.js';
import { FLAG, mapFlows, type Packet, TCP, Tracking, UDP } from './tracking.js';

const SECOND = 1_000_000_000;

const ends = fc.record({
  source: fc.integer({ min: 1, max: 4 }),
  destination: fc.integer({ min: 1, max: 4 }),
  sourcePort: fc.constantFrom(80, 5000, 5001),
  destinationPort: fc.constantFrom(80, 5000, 5001),
  payload: fc.constantFrom(0, 0, 1, 100, 1460),
  vantage: fc.nat(1),
  // Mostly forward in time, with steps back and silences around the 120 seconds.
  step: fc.constantFrom(0, 1, 1000, SECOND, -SECOND, 60 * SECOND, 119 * SECOND, 121 * SECOND, 122 * SECOND),
});

const flags = fc.constantFrom(
  FLAG.syn,
  FLAG.syn | FLAG.ack,
  FLAG.ack,
  FLAG.ack,
  FLAG.ack | FLAG.fin,
  FLAG.rst,
  FLAG.rst | FLAG.ack,
);
/** Few values, so that SYNs are repeated, answered and contradicted. */
const sequence = fc.constantFrom(999, 1000, 1001, 5000, 5001, 90_000);

const traffic: fc.Arbitrary<Packet[]> = fc
  .array(
    fc.record({ ends, tcp: fc.option(fc.record({ sequence, acknowledgement: sequence, flags }), { nil: undefined }) }),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps) => {
    let at = 1000 * SECOND;
    return steps.map(({ ends: { step, ...rest }, tcp }): Packet => {
      at += step;
      return tcp === undefined ? { ...rest, protocol: UDP, at } : { ...rest, protocol: TCP, tcp, at };
    });
  });

function asOracle(set: FlowSet): OracleFlow {
  const name = (address: number, port: number): string =>
    `${set.addressTable.text(address).slice('10.0.0.'.length)}:${port}`;
  const a = name(set.addressA, set.portA);
  const b = name(set.addressB, set.portB);
  const low = a <= b ? 0 : 1;
  const pair = (read: (direction: number) => number): [number, number] => [read(low), read(1 - low)];
  return {
    key: `${set.vantage} ${set.protocol} ${[a, b].sort().join(' ')}`,
    packets: pair((direction) => set.packets(direction)),
    wireBytes: pair((direction) => set.wireBytes(direction)),
    payloadBytes: pair((direction) => set.payloadBytes(direction)),
    first: set.firstSeconds * SECOND + set.firstNanoseconds,
    last: set.lastSeconds * SECOND + set.lastNanoseconds,
  };
}

/** A line per flow: rows of a reused tuple may lie in any order. */
function lines(flows: readonly OracleFlow[]): string[] {
  return flows
    .map(({ key, packets, wireBytes, payloadBytes, first, last }) =>
      [key, ...packets, ...wireBytes, ...payloadBytes, first, last].join(' '),
    )
    .sort();
}

/** Per vantage point, protocol and pair of hosts: beyond the limit's limit, ports are given up. */
function totals(flows: readonly OracleFlow[]): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (const { key, packets, wireBytes, payloadBytes } of flows) {
    const hosts = key.replace(/:\d+/g, '');
    const sum = (sums[hosts] ??= [0, 0, 0]);
    [packets, wireBytes, payloadBytes].forEach(([a, b], index) => (sum[index]! += a + b));
  }
  return sums;
}

describe('FlowTracker', () => {
  test('counts what a Map by text counts', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 1, max: BATCH }), (packets, batch) => {
        const tracking = new Tracking({ batch });
        const oracle = new FlowOracle();
        for (const packet of packets) {
          tracking.see(packet);
          oracle.see(packet);
        }
        expect(lines(mapFlows(tracking.flows(), asOracle))).toEqual(lines(oracle.flows));
      }),
      { numRuns: 500 },
    );
  });

  test('loses no packet and no byte under a small flow limit', () => {
    fc.assert(
      fc.property(
        traffic,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: BATCH }),
        (packets, maxFlows, batch) => {
          const tracking = new Tracking({ maxFlows, batch });
          const oracle = new FlowOracle();
          for (const packet of packets) {
            tracking.see(packet);
            oracle.see(packet);
          }
          expect(totals(mapFlows(tracking.flows(), asOracle))).toEqual(totals(oracle.flows));
          expect(tracking.tracker.finished.rows.count).toBeLessThanOrEqual(4 * maxFlows);
        },
      ),
    );
  });

  test('leaves flow ids that the sinks behind it can use, also when the limit finished flows', () => {
    const expectOwnFlows = (decoded: readonly Decoded[], { table }: FlowTracker): void => {
      for (const { levels } of decoded) {
        const { flowId, sourcePort, destinationPort } = levels[0]!;
        expect(table.isLive(flowId)).toBe(true);
        const ports = table.words[rowStart(flowId) + PORTS]!;
        expect([ports >>> 16, ports & 0xffff].sort()).toEqual([sourcePort, destinationPort].sort());
      }
    };
    fc.assert(
      fc.property(
        traffic,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: BATCH }),
        (packets, maxFlows, batch) => {
          const tracking = new Tracking({ maxFlows, batch, afterBatch: expectOwnFlows });
          for (const packet of packets) tracking.see(packet);
          expect(tracking.flows().length).toBeGreaterThan(0);
        },
      ),
    );
  });

  test.each([
    ['UDP', 120, 1],
    ['UDP', 121, 2],
    ['TCP', 86_400, 1],
  ])('%s goes on after %i seconds of silence in flow number %i', (protocol, silence, flows) => {
    const packet: Packet = {
      source: 1,
      destination: 2,
      sourcePort: 5000,
      destinationPort: 80,
      ...(protocol === 'UDP' ? { protocol: UDP } : { protocol: TCP, tcp: { sequence: 1, flags: FLAG.ack } }),
    };
    const tracking = new Tracking();
    tracking.see({ ...packet, at: 0 });
    tracking.see({ ...packet, at: silence * SECOND });
    expect(tracking.flows().length).toBe(flows);
  });

  test('a packet whose TCP header was cut behind the ports belongs to the flow of these ports', () => {
    const tracking = new Tracking();
    const ports = { source: 1, destination: 2, sourcePort: 5000, destinationPort: 80 };
    tracking.see({ ...ports, protocol: TCP, tcp: { sequence: 1, flags: FLAG.syn } });
    // A first fragment of 8 bytes: ports and sequence number, and no more.
    tracking.see({
      ...ports,
      protocol: TCP,
      payload: -12,
      tcp: { sequence: 2, flags: FLAG.ack },
      fragment: { offset: 0, more: true },
    });
    expect(mapFlows(tracking.flows(), (set) => [set.packets(0) + set.packets(1), set.portA, set.portB])).toEqual([
      [2, 5000, 80],
    ]);
  });
});
