/**
 * Clocks from the times of packets that two nodes saw: made-up clocks and delays, whose truth is known. Bounds must hold whatever the delays, as
 * long as none is negative; that is what they rest on.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { estimateClocks, type ClocksEstimate } from '../../src/trail/clocks/estimate.js';
import { NodePairs, type NodePair } from '../../src/trail/clocks/node-pair.js';
import { NodeClocks } from '../../src/trail/clocks/node-clocks.js';

const MICROSECOND = 1000;
const MILLISECOND = 1e6;
const SECOND = 1e9;
/** What the test's own whole nanoseconds add. */
const ROUNDING_NS = 10;
const NAMES = ['a', 'b', 'c', 'd'];

/** What a node's clock shows at a true time. */
type Clock = (time: number) => number;

interface Sent {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly delay: number;
}

const constant =
  (offset: number): Clock =>
  (time) =>
    time + offset;
const drifting =
  (offset: number, ppm: number): Clock =>
  (time) =>
    time + offset + ppm * 1e-6 * time;

function pairsOf(clocks: readonly Clock[], packets: readonly Sent[]): NodePair[] {
  const pairs = new NodePairs(clocks.length);
  for (const { from, to, at, delay } of packets) {
    pairs.add(from, to, Math.floor(clocks[from]!(at)), Math.floor(clocks[to]!(at + delay)) + 1, 0);
  }
  return pairs.list();
}

function estimated(clocks: readonly Clock[], packets: readonly Sent[]): ClocksEstimate {
  return estimateClocks(pairsOf(clocks, packets), NAMES.slice(0, clocks.length), null);
}

/** Packets both ways between two nodes all the time, with delays of 5 us and more. */
function traffic(from: number, to: number, seconds: number, perSecond = 20): Sent[] {
  return Array.from({ length: seconds * perSecond }, (_, index) => {
    const isBack = index % 2 === 1;
    const jitter = ((index * 7919) % 100) * MICROSECOND;
    return {
      from: isBack ? to : from,
      to: isBack ? from : to,
      at: (index / perSecond) * SECOND,
      delay: 5 * MICROSECOND + (index % 5 < 2 ? 0 : jitter),
    };
  });
}

/** How wrong the difference of corrected times of two clocks is at a true time. */
function wrongBy(
  clocks: readonly Clock[],
  { clocks: found }: ClocksEstimate,
  a: number,
  b: number,
  at: number,
): number {
  const corrected = (clock: number): number => {
    const own = clocks[clock]!(at);
    return own + found[clock]!.applied.correction(own);
  };
  return Math.abs(corrected(b) - corrected(a));
}

const packet = (nodes: number): fc.Arbitrary<Sent> =>
  fc
    .record({
      ends: fc.shuffledSubarray(
        Array.from({ length: nodes }, (_, node) => node),
        { minLength: 2, maxLength: 2 },
      ),
      at: fc.integer({ min: 0, max: 5 * SECOND }),
      delay: fc.oneof(fc.integer({ min: 0, max: 20 * MICROSECOND }), fc.integer({ min: 0, max: 50 * MILLISECOND })),
    })
    .map(({ ends, at, delay }) => ({ from: ends[0]!, to: ends[1]!, at, delay }));

const offset = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -300 * SECOND, max: 300 * SECOND }));

describe('bounds', () => {
  test('hold for any delays, losses and constant offsets', () => {
    const input = fc.tuple(fc.array(offset, { minLength: 2, maxLength: 4 }), fc.array(packet(2), { maxLength: 40 }));
    fc.assert(
      fc.property(input, fc.array(packet(4), { maxLength: 60 }), ([offsets, few], many) => {
        const clocks = offsets.map(constant);
        const packets = [...few, ...many].filter(({ from, to }) => from < clocks.length && to < clocks.length);
        const found = estimated(clocks, packets);
        expect(found.jumps).toEqual([]);
        for (let a = 0; a < clocks.length; a++) {
          for (let b = 0; b < clocks.length; b++) {
            const error = found.errors[a * clocks.length + b]!;
            expect(wrongBy(clocks, found, a, b, SECOND)).toBeLessThanOrEqual(error + ROUNDING_NS);
          }
        }
      }),
      { endOnFailure: true },
    );
  });

  test('hold for drifting clocks, from the first packet to the last', () => {
    const ppm = fc.integer({ min: -200, max: 200 });
    const clock = fc
      .tuple(offset, ppm)
      .map(([ahead, rate]) => Object.assign(drifting(ahead, rate), { toString: () => `${ahead} ns, ${rate} ppm` }));
    fc.assert(
      fc.property(
        fc.array(clock, { minLength: 2, maxLength: 3 }),
        fc.array(packet(3), { maxLength: 80 }),
        (clocks, all) => {
          const packets = all.filter(({ from, to }) => from < clocks.length && to < clocks.length);
          if (packets.length === 0) return;
          const found = estimated(clocks, packets);
          const times = packets.map(({ at }) => at);
          for (const at of [Math.min(...times), Math.max(...times)]) {
            for (let a = 0; a < clocks.length; a++) {
              for (let b = a + 1; b < clocks.length; b++) {
                const error = found.errors[a * clocks.length + b]!;
                expect(wrongBy(clocks, found, a, b, at)).toBeLessThanOrEqual(error + ROUNDING_NS);
              }
            }
          }
        },
      ),
      { endOnFailure: true },
    );
  });

  test.each([
    [
      'where one of three is known badly',
      [drifting(729, 104), drifting(-36540677512, -110), drifting(117337347287, 48)],
      [
        { from: 1, to: 0, at: 137503650, delay: 40285145 },
        { from: 1, to: 2, at: 2238924993, delay: 264739 },
        { from: 0, to: 2, at: 4720123984, delay: 11176 },
        { from: 0, to: 1, at: 1261908516, delay: 8727319 },
        { from: 2, to: 0, at: 914052995, delay: 2148 },
      ],
    ],
    [
      'where one is known one way, and began first',
      [drifting(91137806750, 5), drifting(-144956912493, 192), drifting(130282140890, 30)],
      [
        { from: 0, to: 1, at: 2238568709, delay: 32560222 },
        { from: 0, to: 1, at: 2506001085, delay: 7 },
        { from: 1, to: 0, at: 4021395190, delay: 11 },
        { from: 2, to: 1, at: 1120155928, delay: 45797131 },
      ],
    ],
  ])('hold %s', (_, clocks, packets) => {
    const found = estimated(clocks, packets);
    for (const { at } of packets) {
      for (let a = 0; a < clocks.length; a++) {
        for (let b = 0; b < clocks.length; b++) {
          const error = found.errors[a * clocks.length + b]!;
          expect(wrongBy(clocks, found, a, b, at)).toBeLessThanOrEqual(error + ROUNDING_NS);
        }
      }
    }
  });

  test('of one packet each way are half of the round trip and what drift adds', () => {
    const clocks = [constant(0), constant(SECOND)];
    const found = estimated(clocks, [
      { from: 0, to: 1, at: 0, delay: 100 * MICROSECOND },
      { from: 1, to: 0, at: 0, delay: 300 * MICROSECOND },
    ]);
    expect(found.clocks[1]!.error).toBeGreaterThanOrEqual(200 * MICROSECOND);
    expect(found.clocks[1]!.error).toBeLessThan(201 * MICROSECOND);
    expect(found.clocks[1]!.slope).toBeNull();
  });

  test('close over a third node', () => {
    const clocks = [constant(0), constant(350 * MILLISECOND), constant(-1207 * MILLISECOND)];
    const found = estimated(clocks, [...traffic(0, 1, 5), ...traffic(0, 2, 5)]);
    expect(found.errors[1 * 3 + 2]).toBeLessThan(30 * MICROSECOND);
    expect(wrongBy(clocks, found, 1, 2, SECOND)).toBeLessThanOrEqual(found.errors[1 * 3 + 2]!);
  });
});

describe('clocks', () => {
  test('that may agree are left as they are', () => {
    const clocks = [constant(0), constant(3 * MICROSECOND)];
    const found = estimated(clocks, traffic(0, 1, 5));
    expect(found.clocks.map(({ applied }) => applied.isZero)).toEqual([true, true]);
    expect(Math.abs(found.clocks[1]!.offset! - 3 * MICROSECOND)).toBeLessThanOrEqual(found.clocks[1]!.error!);
  });

  test('are told by the one in the middle, and of equals by the first', () => {
    const clocks = [constant(SECOND), constant(-SECOND), constant(0)];
    expect(estimated(clocks, [...traffic(0, 1, 2), ...traffic(1, 2, 2)]).reference).toBe(2);
    const equal = [constant(0), constant(0), constant(0), constant(9 * SECOND)];
    expect(estimated(equal, [...traffic(3, 2, 2), ...traffic(2, 1, 2), ...traffic(1, 0, 2)]).reference).toBe(0);
  });

  test.each([1, 10, 50, 200, -200])('that drift by %d ppm', (ppm) => {
    const clocks = [constant(0), drifting(SECOND, ppm)];
    const { clocks: found, jumps } = estimated(clocks, traffic(0, 1, 20));
    expect(jumps).toEqual([]);
    expect(Math.abs(found[1]!.slope! - ppm * 1e-6)).toBeLessThanOrEqual(found[1]!.slopeError!);
    expect(found[1]!.slopeError).toBeLessThan(3e-6);
  });

  test('known one way only are told from each other where no delay explains it', () => {
    const oneWay = traffic(0, 1, 5).filter(({ from }) => from === 0);
    const apart = (ahead: number): { found: ClocksEstimate; wrong: number } => {
      const clocks = [constant(0), constant(ahead)];
      const found = estimated(clocks, oneWay);
      return { found, wrong: wrongBy(clocks, found, 0, 1, SECOND) };
    };
    const late = apart(-50 * MILLISECOND);
    expect(late.wrong).toBeLessThan(20 * MICROSECOND);
    expect(late.found.errors[1]).toBe(Infinity);
    expect(late.found.clocks[1 - late.found.reference]!.error).toBeNull();
    // It may as well be the network that takes 50 ms.
    expect(apart(50 * MILLISECOND).wrong).toBe(50 * MILLISECOND);
    expect(apart(300 * SECOND).wrong).toBeLessThan(20 * MICROSECOND);
  });

  test('that no packet relates', () => {
    const found = estimated([constant(0), constant(SECOND), constant(SECOND)], traffic(0, 1, 2));
    expect(found.errors[2]).toBe(Infinity);
    expect(found.clocks[2]!.applied.isZero).toBe(true);
  });
});

describe('steps', () => {
  const stepping =
    (at: number, by: number): Clock =>
    (time) =>
      time < at ? time : time + by;

  test.each([20 * MICROSECOND, 5 * MILLISECOND, -5 * MILLISECOND, 5 * SECOND, -300 * MILLISECOND])('of %d ns', (by) => {
    const clocks = [constant(0), constant(7), stepping(10 * SECOND, by)];
    const found = estimated(clocks, [...traffic(0, 1, 20), ...traffic(0, 2, 20), ...traffic(2, 1, 20)]);
    expect(found.jumps).toHaveLength(1);
    const { clock, time, by: size } = found.jumps[0]!;
    expect(clock).toBe(2);
    expect(Math.abs(time - 10 * SECOND)).toBeLessThan(SECOND);
    expect(Math.abs(size - by)).toBeLessThan(15 * MICROSECOND);
    // Before and after, away from what a clock that is set back shows twice.
    for (const at of [3 * SECOND, 16 * SECOND]) {
      expect(wrongBy(clocks, found, 0, 2, at)).toBeLessThanOrEqual(found.errors[2]!);
      expect(wrongBy(clocks, found, 0, 2, at)).toBeLessThan(30 * MICROSECOND);
    }
  });

  test('of two clocks at two times', () => {
    const clocks = [constant(0), stepping(6 * SECOND, SECOND), stepping(13 * SECOND, -MILLISECOND)];
    const { jumps } = estimated(clocks, [...traffic(0, 1, 20), ...traffic(0, 2, 20), ...traffic(1, 2, 20)]);
    expect(jumps.map(({ clock }) => clock)).toEqual([1, 2]);
  });

  test('are not seen in a clock that changes its rate', () => {
    const bent: Clock = (time) => time + 100e-6 * Math.max(0, time - 10 * SECOND);
    const found = estimated(
      [constant(0), bent, constant(0)],
      [...traffic(0, 1, 20), ...traffic(0, 2, 20), ...traffic(1, 2, 20)],
    );
    expect(found.jumps).toEqual([]);
    for (const at of [SECOND, 9 * SECOND, 19 * SECOND]) {
      expect(wrongBy([constant(0), bent], found, 0, 1, at)).toBeLessThanOrEqual(found.errors[1]!);
    }
  });
});

describe('a false match', () => {
  test.each([-300 * MILLISECOND, -2 * SECOND, -MILLISECOND])('of %d ns is left out', (delay) => {
    const clocks = [constant(0), constant(SECOND)];
    const good = traffic(0, 1, 5);
    const found = estimated(clocks, [...good, { from: 0, to: 1, at: 2.6 * SECOND, delay }]);
    expect(found.jumps).toEqual([]);
    expect(found.clocks[1]!.error).toBeLessThan(20 * MICROSECOND);
    expect(wrongBy(clocks, found, 0, 1, SECOND)).toBeLessThan(10 * MICROSECOND);
  });
});

describe('what is given', () => {
  const clocks = [constant(0), constant(100 * MILLISECOND), constant(SECOND)];
  const packets = [...traffic(0, 1, 5), ...traffic(0, 2, 5), ...traffic(1, 2, 5)];
  const nodeClocks = (given: readonly (readonly [number, number])[]): NodeClocks =>
    new NodeClocks({
      pairs: pairsOf(clocks, packets),
      places: { node: (vantage) => vantage },
      names: NAMES.slice(0, 3),
      given: new Map(given),
      originSeconds: 1_700_000_000,
    });
  const correction = (of: NodeClocks, vantage: number): number => of.correction(vantage, 1_700_000_001, 0);

  test('overrides packets, and its error is what they say of it', () => {
    const given = nodeClocks([[1, 150 * MILLISECOND]]);
    expect(given.summary()).toMatchObject({
      reference: 'a',
      nodes: [
        { node: 'a', basis: 'reference', offsetNs: 0 },
        { node: 'b', basis: 'given', offsetNs: 150 * MILLISECOND, errorNs: null },
        { node: 'c', basis: 'packets both ways' },
      ],
    });
    expect(correction(given, 1)).toBe(-150 * MILLISECOND);
    expect(given.between(0, 1)).toBeGreaterThanOrEqual(50 * MILLISECOND);
    expect(given.between(0, 1)).toBeLessThan(51 * MILLISECOND);
  });

  test('as 0 makes a reference', () => {
    const given = nodeClocks([[1, 0]]);
    expect(given.summary()!.reference).toBe('b');
    expect(correction(given, 1)).toBe(0);
    expect(Math.abs(correction(given, 0) - 100 * MILLISECOND)).toBeLessThan(10 * MICROSECOND);
    expect(Math.abs(correction(given, 2) + 900 * MILLISECOND)).toBeLessThan(10 * MICROSECOND);
  });

  test('for every node leaves nothing to tell', () => {
    const given = nodeClocks([
      [0, 5],
      [1, 150],
      [2, -20],
    ]);
    expect([0, 1, 2].map((node) => correction(given, node))).toEqual([-5, -150, 20]);
    expect(given.summary()!.nodes.map(({ basis }) => basis)).toEqual(['given', 'given', 'given']);
  });

  test('one node has nothing to be compared with', () => {
    const one = new NodeClocks({
      pairs: [],
      places: { node: (vantage) => (vantage === 2 ? -1 : 0) },
      names: ['a'],
      given: new Map(),
      originSeconds: 0,
    });
    expect(one.summary()).toBeNull();
    expect([one.between(0, 1), one.between(2, 2), one.between(0, 2)]).toEqual([0, 0, Infinity]);
    expect(one.correctsAnything).toBe(false);
  });
});
