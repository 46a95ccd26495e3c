/** Matching packets with the messages that carried them: against an exhaustive search, and on tunnels with members missing. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { align, type Alignment } from '../../src/trail/wireguard/alignment.js';
import { messageLength } from '../../src/trail/wireguard/attribution.js';

interface Item {
  readonly size: number;
  readonly time: number;
}

function alignItems(packets: readonly Item[], messages: readonly Item[], longest: number): Alignment {
  const times = Float64Array.from(packets, ({ time }) => time);
  return align(
    {
      sizes: Int32Array.from(packets, ({ size }) => size),
      times,
      from: times,
      until: times.map((time) => time + longest),
    },
    {
      sizes: Int32Array.from(messages, ({ size }) => size),
      times: Float64Array.from(messages, ({ time }) => time),
    },
  );
}

/** All matchings that keep the order, by brute force. */
function matchings(packets: readonly Item[], messages: readonly Item[], longest: number): number[][] {
  const extend = (i: number, first: number): number[][] => {
    if (i === packets.length) return [[]];
    const without = extend(i + 1, first).map((rest) => [-1, ...rest]);
    for (let j = first; j < messages.length; j++) {
      const delay = messages[j]!.time - packets[i]!.time;
      if (messages[j]!.size !== packets[i]!.size || delay < 0 || delay > longest) continue;
      without.push(...extend(i + 1, j + 1).map((rest) => [j, ...rest]));
    }
    return without;
  };
  return extend(0, 0);
}

const items = fc
  .array(fc.record({ size: fc.constantFrom(64, 80), time: fc.nat(40) }), { maxLength: 7 })
  .map((all) => all.sort((x, y) => x.time - y.time));

describe('alignment', () => {
  test('has the most matches, of these the least delay, and knows what all such matchings have in common', () => {
    fc.assert(
      fc.property(items, items, (packets, messages) => {
        const all = matchings(packets, messages, 20);
        const countOf = (matching: readonly number[]): number => matching.filter((match) => match >= 0).length;
        const most = Math.max(...all.map(countOf));
        const best = all.filter((matching) => countOf(matching) === most);
        const delayOf = (matching: Iterable<number>): number =>
          [...matching].reduce((sum, match, i) => sum + (match < 0 ? 0 : messages[match]!.time - packets[i]!.time), 0);
        const result = alignItems(packets, messages, 20);
        expect(countOf([...result.matches])).toBe(most);
        expect(best).toContainEqual([...result.matches]);
        expect(delayOf(result.matches)).toBe(Math.min(...best.map(delayOf)));
        for (const i of packets.keys()) {
          expect(result.certain[i]).toBe(best.every((matching) => matching[i]! >= 0) ? 1 : 0);
          expect(result.possible[i]).toBe(best.some((matching) => matching[i]! >= 0) ? 1 : 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what is missing on either side never gives a message to another pair where sizes tell the pairs apart', () => {
    const stream = fc.array(
      fc.record({
        pair: fc.nat(3),
        gap: fc.integer({ min: 1, max: 9000 }),
        isSeen: fc.boolean(),
        isSent: fc.boolean(),
      }),
      {
        minLength: 1,
        maxLength: 400,
      },
    );
    fc.assert(
      fc.property(stream, (made) => {
        let time = 0;
        const all = made.map((each) => {
          time += each.gap;
          return { ...each, time, size: messageLength(100 + each.pair * 16, 1420) };
        });
        const packets = all.filter(({ isSeen }) => isSeen);
        const messages = all.filter(({ isSent }) => isSent).map((each) => ({ ...each, time: each.time + 500 }));
        const { matches } = alignItems(packets, messages, 20e6);
        for (const [i, match] of matches.entries()) {
          if (match >= 0) expect(messages[match]!.pair).toBe(packets[i]!.pair);
        }
      }),
    );
  });

  test('matches everything where nothing is missing, over many stretches', () => {
    const all = Array.from({ length: 9000 }, (_, i) => ({ size: 64 + 16 * ((i * 7919) % 5), time: i * 10_000 }));
    const { matches, certain } = alignItems(
      all,
      all.map(({ size, time }) => ({ size, time: time + 45_000 })),
      20e6,
    );
    expect([...matches]).toEqual(all.map((_, i) => i));
    expect(certain.every((each) => each === 1)).toBe(true);
  });
});

describe('length of a message', () => {
  // Linux drivers/net/wireguard/send.c: padded to 16, not beyond the MTU; 32 bytes of header and tag.
  test.each([
    [0, 32],
    [52, 96],
    [64, 96],
    [1404, 1440],
    [1409, 1452],
    [1420, 1452],
  ])('a packet of %d bytes becomes a message of %d', (packet, message) => {
    expect(messageLength(packet, 1420)).toBe(message);
  });
});
