/** Flows as the tracker counts them, against a Map by text, on random traffic with reused ports and packets out of order. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BATCH } from '../../src/flow/flow-keys.js';
import { PORTS, rowStart } from '../../src/flow/flow-row.js';
import { FlowSums } from '../../src/flow/flow-sums.js';
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

/** Per vantage point and protocol, and before the limit's limit also per pair of hosts; beyond it, ports and then hosts are given up. */
function totals(flows: readonly OracleFlow[], hasHosts: boolean): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (const { key, packets, wireBytes, payloadBytes } of flows) {
    const place = key.split(' ').slice(0, 2).join(' ');
    const sum = (sums[hasHosts ? key.replace(/:\d+/g, '') : place] ??= [0, 0, 0]);
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
          const flows = mapFlows(tracking.flows(), asOracle);
          const { rows, sums } = tracking.tracker.finished;
          expect(totals(flows, sums.merged === 0)).toEqual(totals(oracle.flows, sums.merged === 0));
          expect(rows.count).toBeLessThanOrEqual(4 * maxFlows);
        },
      ),
    );
  });

  describe('with ever new flows and a limit of 40', () => {
    const LIMIT = 40;
    const FLOWS = 5000;
    /** Compact rows, sums by server, and per protocol one sum of two vantage points each. */
    const MOST_FLOWS = LIMIT + BATCH + 4 * LIMIT + LIMIT / 4 + 4;
    const fresh = (index: number): Packet => ({
      protocol: index % 2 === 0 ? TCP : UDP,
      source: 1 + (index % 250),
      destination: 10_000 + index,
      sourcePort: 20_000 + index,
      destinationPort: 443,
      payload: 7,
      vantage: (index >> 1) % 2,
      at: index * SECOND,
      ...(index % 2 === 0 ? { tcp: { sequence: 1, flags: FLAG.ack } } : {}),
    });

    test('rows are bounded, and every packet and byte is in one', () => {
      const tracking = new Tracking({ maxFlows: LIMIT });
      const oracle = new FlowOracle();
      for (let index = 0; index < FLOWS; index++) {
        tracking.see(fresh(index));
        oracle.see(fresh(index));
      }
      const set = tracking.flows();
      const flows = mapFlows(set, asOracle);
      expect(flows.length).toBeLessThanOrEqual(MOST_FLOWS);
      expect(totals(flows, false)).toEqual(totals(oracle.flows, false));
      const { sums, rows } = tracking.tracker.finished;
      expect(sums.flows + rows.count + tracking.tracker.table.live).toBe(FLOWS);
      const rest = mapFlows(set, (each) => ({
        ends: [each.addressA, each.addressB].map((address) => each.addressTable.text(address)),
        sent: each.packets(each.clientDirection),
        seconds: [each.firstSeconds, each.lastSeconds],
      })).filter(({ ends }) => ends[0] === '0.0.0.0');
      expect(rest).toHaveLength(4);
      expect(rest.reduce((sum, { sent }) => sum + sent, 0)).toBe(sums.merged);
      for (const { seconds } of rest) expect(seconds[1]! - seconds[0]!).toBeGreaterThan(FLOWS / 2);
    });

    test('what finished flows have beside their rows is bounded, and counted where it is lost', () => {
      const tracking = new Tracking({ maxFlows: LIMIT });
      for (let index = 0; index < FLOWS; index++) {
        const client = { ...fresh(index), protocol: TCP, payload: 0 };
        const server = { ...client, source: client.destination, destination: client.source };
        const back = { sourcePort: client.destinationPort!, destinationPort: client.sourcePort! };
        const at = index * 100 * SECOND;
        // A handshake of ten seconds does not fit a row.
        tracking.see({ ...client, at, tcp: { sequence: 9, flags: FLAG.syn } });
        const answer = { sequence: 70, acknowledgement: 10, flags: FLAG.syn | FLAG.ack };
        tracking.see({ ...server, ...back, at: at + SECOND, tcp: answer });
        const ack = { sequence: 10, acknowledgement: 71, flags: FLAG.ack };
        tracking.see({ ...client, at: at + 10 * SECOND, tcp: ack });
      }
      const { table, finished } = tracking.tracker;
      expect(table.extras.length).toBeLessThanOrEqual(1 + LIMIT + BATCH + LIMIT / 4);
      const handshakes = mapFlows(tracking.flows(), (set) => set.handshakeNs);
      expect(handshakes.filter((time) => time === 10 * SECOND)).toHaveLength(table.live + LIMIT / 4);
      expect(finished.withoutExtras).toBe(finished.rows.count - LIMIT / 4);
    });

    test('a sum goes on when others are made: the table of sums finds its rows again', () => {
      const tracking = new Tracking({ maxFlows: 4 * FLOWS });
      const sums = new FlowSums(tracking.tracker.addresses, FLOWS);
      for (let index = 0; index < FLOWS; index++) {
        // The same port twice: the first row is superseded in the table, but not in the sums.
        tracking.see({ ...fresh(index), protocol: TCP, tcp: { sequence: 1, flags: FLAG.syn } });
        tracking.see({ ...fresh(index), protocol: TCP, tcp: { sequence: 2, flags: FLAG.syn } });
      }
      const { table } = tracking.tracker;
      const { length } = tracking.flows();
      for (let round = 0; round < 2; round++) {
        for (let id = 0; id < length; id++) sums.add(table, rowStart(id));
      }
      expect(length).toBe(2 * FLOWS);
      expect([sums.flows, sums.table.live, sums.merged]).toEqual([2 * length, FLOWS, 0]);
    });
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
