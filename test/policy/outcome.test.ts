/** The verdict joined with what was seen. */
import { describe, expect, test } from '@jest/globals';
import { describeDrop, saysDropped } from '../../src/policy/logged-drop.js';
import { outcomeOf, remarksOn, seenOf, type SeenFacts } from '../../src/policy/outcome.js';
import type { Verdict } from '../../src/policy/verdict.js';

function facts(more: Partial<SeenFacts>): SeenFacts {
  return {
    protocol: 'TCP',
    state: 'SF',
    fromClient: 1,
    fromServer: 1,
    wasDelivered: false,
    wasLoggedAsDropped: false,
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
    ['SYNs that a policy engine logged', { state: 'S0', fromServer: 0, wasLoggedAsDropped: true }, 'dropped'],
    [
      'one SYN at the very end that a policy engine logged',
      { state: 'S0', fromServer: 0, secondsAfterStart: 0, wasLoggedAsDropped: true },
      'dropped',
    ],
    ['what was answered although some of it was logged', { wasLoggedAsDropped: true }, 'answered'],
    ['UDP that a policy engine logged', { protocol: 'UDP', fromServer: 0, wasLoggedAsDropped: true }, 'dropped'],
    ['ICMP that a policy engine logged', { protocol: 'ICMP', fromServer: 0, wasLoggedAsDropped: true }, 'dropped'],
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

describe('a prefix of NFLOG', () => {
  // Calico's are the examples of felix/rules/nflog_prefix_test.go and its comment; kube-router's of its network policy controller.
  test.each([
    ['DPI0|namespace1/default.policy', true],
    ['API0|namespace1/default.policy', false],
    ['NRE999|short', false],
    ['DPE|default', true],
    ['DROP by policy shop/database-0', true],
    ['API0|drop-all', false],
    ['[UFW BLOCK] ', true],
    ['fw-deny: ', true],
    ['IPT_DROPPED_', true],
    ['not dropped', false],
    ['dropbox', false],
    ['accepted', false],
    ['', false],
  ])('%j says dropped: %s', (prefix, expected) => {
    expect(saysDropped(prefix)).toBe(expected);
  });

  test('is quoted in the proof, and not at any length', () => {
    expect(describeDrop('DROP by policy shop/web', 'node-1')).toContain(
      'node-1 has its packets as dropped, under "DROP by policy shop/web"',
    );
    expect(describeDrop('x'.repeat(1000), null).length).toBeLessThan(200);
  });
});

describe('the outcome', () => {
  test.each([
    ['allowed', 'answered', 'allowed and answered'],
    ['not selected', 'unanswered', 'allowed but unanswered'],
    ['allowed', 'refused', 'allowed but refused'],
    ['denied', 'unanswered', 'denied and dropped'],
    ['denied', 'dropped', 'denied and dropped'],
    ['allowed', 'dropped', 'allowed but dropped'],
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
