/** Sessions counted by their counters: against sets of counters, on streams with loss, repetition and reordering; and the limits. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  SESSION_DISTINCT,
  SESSION_HIGHEST,
  SESSION_LATE,
  SESSION_LOWEST,
  SESSION_MESSAGES,
  SESSION_REORDERED,
  SESSION_REPEATS,
  SESSION_WORDS,
  WireguardMessage,
  WireguardSessions,
} from '../../src/flow/wireguard-sessions.js';

const WINDOW = 8192 - 32;

function messageWith(counter: number, changes: Partial<WireguardMessage> = {}): WireguardMessage {
  const counters = { counterHigh: Math.floor(counter / 2 ** 32), counterLow: counter | 0, length: 96 };
  return Object.assign(new WireguardMessage(), counters, changes);
}

function countersOf(sessions: WireguardSessions, session = 0): Record<string, number> {
  const word = (field: number): number => sessions.words[session * SESSION_WORDS + field]!;
  const double = (field: number): number => sessions.doubles[(session * SESSION_WORDS) / 2 + field]!;
  return {
    messages: word(SESSION_MESSAGES),
    distinct: word(SESSION_DISTINCT),
    repeats: word(SESSION_REPEATS),
    reordered: word(SESSION_REORDERED),
    late: word(SESSION_LATE),
    lowest: double(SESSION_LOWEST),
    highest: double(SESSION_HIGHEST),
  };
}

/** The same with a set of all counters. */
function expected(counters: readonly number[]): Record<string, number> {
  const seen = new Set<number>();
  const sums = { messages: counters.length, distinct: 0, repeats: 0, reordered: 0, late: 0 };
  let highest = -1;
  for (const counter of counters) {
    if (counter > highest) sums.distinct++;
    else if (highest - counter >= WINDOW) sums.late++;
    else if (seen.has(counter)) sums.repeats++;
    else {
      sums.distinct++;
      sums.reordered++;
    }
    if (highest < 0 || highest - counter < WINDOW) seen.add(counter);
    highest = Math.max(highest, counter);
  }
  return { ...sums, lowest: Math.min(...counters), highest };
}

/** Steps that go back a little, stand still, go on, or leap; from any counter. */
const stream = fc
  .record({
    start: fc.constantFrom(0, 5, 31, 8190, 2 ** 32 - 3, 2 ** 40),
    steps: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }) },
        { weight: 3, arbitrary: fc.integer({ min: -40, max: 0 }) },
        { weight: 1, arbitrary: fc.integer({ min: -9000, max: 30_000 }) },
      ),
      { maxLength: 300 },
    ),
  })
  .map(({ start, steps }) => {
    const counters = [start];
    for (const step of steps) counters.push(Math.max(0, counters[counters.length - 1]! + step));
    return counters;
  });

describe('WireGuard sessions', () => {
  test('count lost, repeated, reordered and late messages as a set of all counters does', () => {
    fc.assert(
      fc.property(stream, (counters) => {
        const sessions = new WireguardSessions(4);
        for (const counter of counters) sessions.add(messageWith(counter));
        expect(countersOf(sessions)).toEqual(expected(counters));
      }),
      { numRuns: 500 },
    );
  });

  test('are told apart by vantage point and index, and follow a peer to another address', () => {
    const sessions = new WireguardSessions(8);
    const ends = { source: 1, destination: 2, index: 77, vantage: 0 };
    expect(sessions.add(messageWith(0, ends))).toBe(0);
    expect(sessions.add(messageWith(1, { ...ends, source: 9 }))).toBe(0);
    expect(sessions.add(messageWith(0, { ...ends, vantage: 1 }))).toBe(1);
    expect(sessions.add(messageWith(0, { ...ends, index: 78 }))).toBe(2);
    expect(sessions.add(messageWith(0, { ...ends, source: 2, destination: 9 }))).toBe(3);
    expect(countersOf(sessions)['messages']).toBe(2);
  });

  test('beyond the limit are only counted, and those before go on', () => {
    const sessions = new WireguardSessions(100);
    for (let index = 0; index < 150; index++) sessions.add(messageWith(3, { index }));
    for (let index = 0; index < 150; index++) sessions.add(messageWith(4, { index }));
    expect(sessions.count).toBe(100);
    expect(sessions.messagesNotKept).toBe(100);
    for (let session = 0; session < 100; session++) {
      expect(countersOf(sessions, session)).toMatchObject({ messages: 2, distinct: 2, lowest: 3, highest: 4 });
    }
  });
});
