/** The verdict joined with what was seen. */
import { describe, expect, test } from '@jest/globals';
import { outcomeOf, remarksOn, seenOf, type SeenFacts } from '../../src/policy/outcome.js';
import type { Verdict } from '../../src/policy/verdict.js';

function facts(more: Partial<SeenFacts>): SeenFacts {
  return {
    protocol: 'TCP',
    state: 'SF',
    fromClient: 1,
    fromServer: 1,
    wasDelivered: false,
    secondsAfterStart: 60,
    ...more,
  };
}

describe('what was seen', () => {
  test.each([
    ['a handshake and an end', {}, 'answered'],
    ['a handshake that is still open', { state: 'S1' }, 'answered'],
    ['a reset after the handshake', { state: 'RSTR' }, 'answered'],
    ['a reset as the answer to a SYN', { state: 'REJ' }, 'refused'],
    ['SYNs and nothing else', { state: 'S0', fromServer: 0 }, 'unanswered'],
    ['SYNs at the very end of the captures', { state: 'S0', fromServer: 0, secondsAfterStart: 1 }, 'partly'],
    ["SYNs at the server's own device", { state: 'S0', fromServer: 0, wasDelivered: true }, 'delivered'],
    ['the middle of a connection, both ways', { state: 'OTH' }, 'answered'],
    ['the middle of a connection, one way', { state: 'OTH', fromServer: 0 }, 'partly'],
    ['a question and its answer by UDP', { protocol: 'UDP' }, 'answered'],
    ['UDP without an answer', { protocol: 'UDP', state: 'S0', fromServer: 0 }, 'unanswered'],
    ['an answer by UDP without its question', { protocol: 'UDP', fromClient: 0 }, 'partly'],
    ['an ICMP message', { protocol: 'ICMP', state: 'S0', fromServer: 0 }, 'one way'],
  ] as const)('%s', (_what, more, seen) => {
    expect(seenOf(facts(more))).toBe(seen);
  });
});

describe('the outcome', () => {
  test.each([
    ['allowed', 'answered', 'allowed and answered'],
    ['not selected', 'unanswered', 'allowed but unanswered'],
    ['allowed', 'refused', 'allowed but refused'],
    ['denied', 'unanswered', 'denied and dropped'],
    ['denied', 'refused', 'denied and rejected'],
    ['denied', 'answered', 'denied but established'],
    ['denied', 'delivered', 'denied but delivered'],
    ['denied', 'partly', 'partly seen'],
    ['undefined', 'answered', 'not judged'],
  ] as const)('%s, %s: %s', (verdict: Verdict, seen, outcome) => {
    expect(outcomeOf(verdict, seen)).toBe(outcome);
  });

  test('denied but established gives the three possible reasons', () => {
    const remarks = remarksOn('denied but established', { dependsOn: [], isUdp: false, hasSourceNat: false });
    expect(remarks).toHaveLength(3);
    expect(remarks.join(' ')).toMatch(/enforce.*inventory.*older than the policy/s);
  });

  test('a verdict that hangs on a reading says so', () => {
    const remarks = remarksOn('denied and dropped', { dependsOn: ['ipBlocks'], isUdp: false, hasSourceNat: true });
    expect(remarks).toHaveLength(2);
    expect(remarks.join(' ')).toMatch(/address.*ipBlock/s);
  });
});
