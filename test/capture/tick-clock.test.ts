/** Conversion of pcapng's 64-bit counts of ticks, against the same in BigInt. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TickClock, ticksOf } from '../../src/capture/tick-clock.js';

const NANOSECONDS = 1_000_000_000n;

function exactly(high: number, low: number, resolution: number): { seconds: bigint; nanoseconds: bigint } {
  const ticks = (BigInt(high) << 32n) + BigInt(low);
  const exponent = BigInt(resolution & 0x7f);
  const unit = (resolution & 0x80) !== 0 ? 2n ** exponent : 10n ** exponent;
  return { seconds: ticks / unit, nanoseconds: ((ticks % unit) * NANOSECONDS) / unit };
}

const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x1fffff, 0x200000, 0x7fffffff, 0x80000000, 0xffffffff),
);
const resolution = fc.integer({ min: 0, max: 0xff });

describe('TickClock', () => {
  test('converts every count in every resolution exactly', () => {
    fc.assert(
      fc.property(word, word, resolution, (high, low, byte) => {
        const clock = new TickClock(byte, 0);
        clock.set(high | 0, low | 0);
        const expected = exactly(high, low, byte);
        expect(clock.nanoseconds).toBe(Number(expected.nanoseconds));
        expect(clock.seconds).toBe(Number(expected.seconds)); // whole seconds above 2^53 are rounded, as any double is
      }),
      { numRuns: 20_000 },
    );
  });

  test('keeps the nanoseconds of today', () => {
    const clock = new TickClock(9, 0);
    const ticks = 1_795_442_530_123_456_789n;
    clock.set(Number(BigInt.asIntN(32, ticks >> 32n)), Number(BigInt.asIntN(32, ticks)));
    expect([clock.seconds, clock.nanoseconds]).toEqual([1_795_442_530, 123_456_789]);
  });

  test('adds if_tsoffset, also a negative one', () => {
    fc.assert(
      fc.property(word, word, resolution, fc.integer({ min: -1e9, max: 1e9 }), (high, low, byte, offset) => {
        const plain = new TickClock(byte, 0);
        const moved = new TickClock(byte, offset);
        plain.set(high | 0, low | 0);
        moved.set(high | 0, low | 0);
        expect(moved.seconds).toBe(plain.seconds + offset);
        expect(moved.nanoseconds).toBe(plain.nanoseconds);
      }),
    );
  });

  test('ticksOf() is its inverse for whole nanoseconds', () => {
    const seconds = fc.integer({ min: 0, max: 18_446_744_072 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (wholeSeconds, nanoseconds) => {
        const ticks = ticksOf(wholeSeconds, nanoseconds, 9);
        const clock = new TickClock(9, 0);
        clock.set(Number(BigInt.asIntN(32, ticks >> 32n)), Number(BigInt.asIntN(32, ticks)));
        expect([clock.seconds, clock.nanoseconds]).toEqual([wholeSeconds, nanoseconds]);
      }),
    );
  });
});
