/** What vantage points that show one direction only, or packets twice, mean for the reader. */
import { describe, expect, test } from '@jest/globals';
import { limitationsOf, type LimitationFacts } from '../../src/analysis/limitations.js';
import { isOneWay, readTraffic } from '../../src/analysis/vantage-traffic.js';
import { emptyInventory } from '../../src/inventory/load.js';
import type { VantagePoint } from '../../src/model/document.js';
import { FLAG, type Packet, TCP, Tracking } from '../flow/tracking.js';

const NOTHING: LimitationFacts = {
  captures: [],
  vantagePoints: [],
  inventory: null,
  latest: null,
  mixedVantages: [],
  oneWayVantages: [],
  areCopiesCounted: true,
  unattributed: 0,
  flowsFinishedEarly: 0,
  flowsAggregated: 0,
  flowsMerged: 0,
  flowsWithoutExtras: 0,
  lostFragments: 0,
  undecodedPackets: 0,
  isInterrupted: false,
};

function textsOf(facts: Partial<LimitationFacts>): string[] {
  return limitationsOf({ ...NOTHING, ...facts }).map(({ text }) => text);
}

/** Packets of some connections at vantage point 0, all in one direction or every other one back. */
function trafficOf(connections: number, packets: number, areAnswered: boolean): ReturnType<typeof readTraffic>[number] {
  const tracking = new Tracking();
  for (let connection = 0; connection < connections; connection++) {
    for (let n = 0; n < packets; n++) {
      const there = { source: 1, sourcePort: 40_000 + connection, destination: 2, destinationPort: 80 };
      const back = { source: 2, sourcePort: 80, destination: 1, destinationPort: 40_000 + connection };
      const ends = areAnswered && n % 2 === 1 ? back : there;
      const packet: Packet = { ...ends, protocol: TCP, tcp: { sequence: n * 10, flags: FLAG.ack }, payload: 10, at: n };
      tracking.see(packet);
    }
  }
  return readTraffic(tracking.flows(), 1, emptyInventory())[0]!;
}

describe('one direction', () => {
  test('of connections that go on for long is told', () => {
    expect(isOneWay('underlay', trafficOf(5, 20, false))).toBe(true);
    expect(textsOf({ oneWayVantages: ['node-1/eth1'] })[0]).toMatch(/^node-1\/eth1: .* one direction only/);
  });

  test.each([
    ['answered ones', 'underlay', trafficOf(5, 20, true)],
    ['attempts that nobody answered', 'underlay', trafficOf(50, 6, false)],
    ['a single connection', 'underlay', trafficOf(1, 50, false)],
    [
      'a bridge, which shows each direction of a translated one with other addresses',
      'bridge',
      trafficOf(5, 20, false),
    ],
  ] as const)('is not claimed of %s', (_name, role, traffic) => {
    expect(isOneWay(role, traffic)).toBe(false);
  });
});

describe('copies', () => {
  const point = (name: string, role: VantagePoint['role'], copies: number): VantagePoint => ({
    id: 0,
    name,
    captures: [0],
    interface: null,
    interfaceIndex: null,
    node: null,
    role,
    pod: null,
    knownBy: { node: null, interface: null, role: null },
    copies,
    packets: 100,
    wireBytes: 10_000,
    time: null,
  });

  test('are added up and named, but for captures that mix interfaces, which have a sentence of their own', () => {
    const vantagePoints = [point('a', 'bridge', 3), point('b', 'any', 50), point('c', 'pod', 4), point('d', 'veth', 0)];
    expect(textsOf({ vantagePoints })).toContainEqual(
      expect.stringMatching(/^7 packets at a, c had been there before/),
    );
  });

  test('of a sample are an estimate', () => {
    const texts = textsOf({ vantagePoints: [point('a', 'bridge', 3)], areCopiesCounted: false });
    expect(texts).toContainEqual(expect.stringMatching(/^About 3 packets/));
  });

  test('that nobody saw are not spoken of', () => {
    expect(textsOf({ vantagePoints: [point('d', 'veth', 0)] }).join()).not.toContain('before');
  });
});
