/** Findings over made-up connections: one cause each, grouped by parties, safe commands, the worst first. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FindingFacts } from '../../src/findings/detector.js';
import { findProblems } from '../../src/findings/find.js';
import { commandLine } from '../../src/findings/shell.js';
import type { Connection, SegmentTotals } from '../../src/model/document.js';
import type { Owner } from '../../src/model/owner.js';
import { buildConnection, buildEndpoint, buildOwner } from '../report/documents/build.js';

const FACTS: FindingFacts = {
  time: { start: '2026-11-23T14:00:00.000000000Z', end: '2026-11-23T15:00:00.000000000Z', durationNs: 3.6e12 },
  ...{ segments: [], vantagePoints: [], clocks: null, wireguard: null, policies: null, inventory: null },
};
const web = buildOwner({ kind: 'pod', namespace: 'shop', name: 'web-0', workload: null });
const api = buildOwner({ kind: 'pod', namespace: 'shop', name: 'api-0', workload: null });

function attempt(state: string, server: Owner, changes: Partial<Connection> = {}): Connection {
  return buildConnection({
    protocol: 'TCP',
    state,
    client: buildEndpoint('10.244.1.5', 40_000, web),
    server: buildEndpoint('10.244.2.7', 8080, server),
    ...changes,
  });
}

describe('findings', () => {
  test('say nothing of connections that were set up, and of resets after a close', () => {
    const harmless = [
      attempt('SF', api, { history: 'ShADadFf' }),
      attempt('RSTO', api, { history: 'ShADadfR' }),
      attempt('RSTR', api, { history: 'ShADadFr' }),
    ];
    expect(findProblems(harmless, FACTS)).toEqual([]);
  });

  test('are one for all attempts between the same parties, each attempt under one cause', () => {
    const refused = Array.from({ length: 150 }, (_, index) => attempt('REJ', api, { id: `c-${index}` }));
    const found = findProblems(
      [...refused, attempt('S0', buildOwner({ kind: 'unknown', namespace: null, name: null, workload: null }))],
      FACTS,
    );
    expect(found.map(({ id, connectionCount }) => [id, connectionCount])).toEqual([
      ['connection-refused-1', 150],
      ['dead-address-1', 1],
    ]);
    expect(found[0]?.connections).toHaveLength(100);
  });

  test('wait with an answer that the capture had no time for', () => {
    const late = { start: '2026-11-23T14:59:58.500000000Z' };
    const one = { clientToServer: { packets: 1, wireBytes: 60, payloadBytes: 0, uniquePayloadBytes: 0 } };
    expect(findProblems([attempt('S0', api, { ...late, ...one })], FACTS)).toEqual([]);
    expect(findProblems([attempt('S0', api, one)], FACTS).map(({ kind }) => kind)).toEqual(['connection-unanswered']);
  });

  test('tell a reset in the middle, and an answer that the client does not know', () => {
    const aborted = attempt('RSTR', api, { history: 'ShADadr' });
    const dialed = buildEndpoint('10.96.0.9', 80, buildOwner({ kind: 'service', name: 'api' }));
    const rejected = attempt('RSTO', api, { history: 'ShR', dialed });
    const found = findProblems([aborted, rejected, attempt('RSTO', api, { history: 'ShR' })], FACTS);
    expect(found.map(({ kind, connectionCount }) => [kind, connectionCount])).toEqual([
      ['answer-rejected', 1],
      ['connection-reset', 1],
    ]);
  });

  test('tell a Service that leads nowhere from a host that refuses', () => {
    const service = buildOwner({ kind: 'service', namespace: 'shop', name: 'empty', workload: null });
    expect(findProblems([attempt('S0', service)], FACTS).map(({ kind, confidence }) => [kind, confidence])).toEqual([
      ['service-without-backend', 'possible'],
    ]);
  });
});

describe('losses between two places', () => {
  const sizes = { smallestLostPayload: 1398, largestDeliveredPayload: 1100 };
  const segment = (changes: Partial<SegmentTotals>): SegmentTotals => ({
    ...{ from: 0, to: 1, connections: 1, packets: 40, lost: 16, unknown: 0, estimate: null },
    ...{ latency: null, latencyMissing: 'no packet at both ends', captureDrops: null, ...sizes, ...changes },
  });
  const kindsOf = (changes: Partial<SegmentTotals>): string[] =>
    findProblems([], { ...FACTS, segments: [segment(changes)] }).map(({ kind }) => kind);

  test('are by size if only the largest packets are lost, and chance does not do that', () => {
    expect(kindsOf({})).toEqual(['path-mtu']);
    expect(kindsOf({ largestDeliveredPayload: 1398 })).toEqual(['packet-loss']);
    // 1 in C(6, 3) = 20 draws takes just the three largest of six.
    expect(kindsOf({ packets: 6, lost: 3 })).toEqual(['packet-loss']);
    // 1 in C(23, 3) = 1,771.
    expect(kindsOf({ packets: 23, lost: 3 })).toEqual(['path-mtu']);
    expect(kindsOf({ packets: 1000, lost: 2 })).toEqual(['packet-loss']);
  });

  test('are none where the second capture missed packets itself', () => {
    expect(kindsOf({ captureDrops: 0 })).toEqual(['path-mtu']);
    expect(kindsOf({ captureDrops: 7 })).toEqual([]);
    expect(kindsOf({ lost: 0 })).toEqual([]);
  });
});

test('a command line gives a shell back the words it was made of', () => {
  const words = fc.array(
    fc.string({ unit: 'grapheme' }).map((word) => word.replaceAll('\0', '')),
    {
      minLength: 1,
      maxLength: 5,
    },
  );
  fc.assert(
    fc.property(words, (given) => {
      const output = execFileSync('sh', ['-c', `printf '%s\\0' ${commandLine(...given)}`], { encoding: 'utf8' });
      expect(output.split('\0').slice(0, -1)).toEqual(given);
    }),
    { numRuns: 60 },
  );
});
