import { describe, expect, test } from '@jest/globals';
import { describeContents, findFailures, plainSentence } from '../../src/report/headline.js';
import type { Connection, ReportDocument } from '../../src/model/document.js';
import type { Owner } from '../../src/model/owner.js';
import { buildConnection, buildEndpoint, buildOwner, nobody, tableOf } from './documents/build.js';
import { emptyDocument, minimalDocument } from './documents/plain.js';
import { documentOf } from './documents/totals.js';

const frontend = buildOwner({ name: 'frontend-1', workload: { kind: 'Deployment', name: 'frontend' } });
const database = buildOwner({ name: 'database-0', workload: { kind: 'StatefulSet', name: 'database' } });

let nextId = 0x10000000;
function attempt(state: string, client: Owner, server: Owner, port = 5432, address = '10.244.2.9'): Connection {
  return buildConnection({
    id: `c-${(nextId++).toString(16)}`,
    state,
    client: buildEndpoint('10.244.1.7', 40_000, client),
    server: buildEndpoint(address, port, server),
  });
}

function sentences(document: ReportDocument): string[] {
  const { lead, sentences: others } = describeContents(document);
  return [lead, ...others].map(plainSentence);
}

const times = (count: number, make: () => Connection): Connection[] => Array.from({ length: count }, make);

describe('describeContents', () => {
  test('nobody answered', () => {
    const document = documentOf(times(24, () => attempt('S0', frontend, database)));
    expect(describeContents(document).tone).toBe('failures');
    expect(sentences(document)[0]).toBe(
      'shop/frontend cannot reach shop/database:5432: 24 connection attempts, none answered in this capture.',
    );
  });

  test('one attempt, refused', () => {
    const document = documentOf([attempt('REJ', frontend, database)]);
    expect(sentences(document)[0]).toBe(
      'shop/frontend cannot reach shop/database:5432: 1 connection attempt, refused.',
    );
  });

  test('some failed, some did not', () => {
    const document = documentOf([
      ...times(3, () => attempt('S0', frontend, database)),
      ...times(2, () => attempt('REJ', frontend, database)),
      ...times(5, () => attempt('SF', frontend, database)),
    ]);
    expect(sentences(document)[0]).toBe(
      '5 of 10 connection attempts from shop/frontend to shop/database:5432 failed (3 not answered, 2 refused).',
    );
  });

  test('servers outside are told apart by address, and IPv6 addresses are bracketed', () => {
    const outside = nobody('external', '');
    const document = documentOf([
      attempt('S0', frontend, outside, 443, '203.0.113.9'),
      attempt('S0', frontend, outside, 443, '2001:db8::9'),
    ]);
    const servers = findFailures(document.connections).map((group) => group.server);
    expect(servers.sort()).toEqual(['203.0.113.9:443', '[2001:db8::9]:443']);
  });

  test('the worst first, no more than three told one by one', () => {
    const document = documentOf(
      [1, 2, 3, 4, 5].flatMap((port) => times(port, () => attempt('S0', frontend, database, port))),
    );
    const told = sentences(document);
    expect(told[0]).toContain('shop/database:5: 5 connection attempts');
    expect(told[2]).toContain('shop/database:3: 3 connection attempts');
    expect(told[3]).toBe('3 more connection attempts failed between 2 other pairs.');
  });

  test('nothing failed', () => {
    const document = documentOf([
      ...times(2, () => attempt('SF', frontend, database)),
      attempt('RSTR', frontend, database),
    ]);
    expect(describeContents(document).tone).toBe('quiet');
    expect(sentences(document)).toEqual([
      '3 connections between 2 parties in 1 namespace within 12.3 ms; no attempt failed.',
      'All traffic: shop/frontend → shop/database (8.84 kB, 100 %).',
      '1 connection was set up and then reset.',
    ]);
  });

  describe('of a part of the connections', () => {
    const rows = [
      ...times(2, () => attempt('S0', frontend, database)),
      ...times(3, () => attempt('SF', frontend, database)),
      ...times(4, () => attempt('SF', database, frontend)),
    ];
    /** The first `shown` rows of a document that had `selected` to choose from. */
    const part = (shown: readonly Connection[], selected = rows.length): ReportDocument => {
      const { summary } = documentOf(rows);
      return {
        summary: { ...summary, totals: { ...summary.totals, selectedConnections: selected } },
        connections: tableOf(shown),
      };
    };

    test('tells no share of attempts, for others may have been set up', () => {
      const [first] = sentences(part(rows.slice(0, 2)));
      expect(first).toBe('2 connection attempts from shop/frontend to shop/database:5432 failed (2 not answered).');
    });

    test('says that attempts failed though none of them is shown', () => {
      const document = part(rows.slice(5));
      expect(describeContents(document).tone).toBe('failures');
      expect(sentences(document)[0]).toBe(
        '2 connection attempts failed; none of them is among the 4 connections of this report.',
      );
    });

    test('is quiet on failures that were not asked for, and does not deny them', () => {
      const document = part(rows.slice(5), 4);
      expect(describeContents(document).tone).toBe('quiet');
      expect(sentences(document).join(' ')).not.toContain('failed');
    });
  });

  test('UDP that nobody answers is not a failed connection', () => {
    const document = documentOf([{ ...attempt('S0', frontend, database, 53), protocol: 'UDP', protocolNumber: 17 }]);
    expect(describeContents(document).tone).toBe('quiet');
    expect(sentences(document)[0]).not.toContain('failed');
  });

  test('no packets', () => {
    expect(describeContents(emptyDocument())).toMatchObject({ tone: 'empty', sentences: [] });
    expect(sentences(emptyDocument())).toEqual(['No packets in 1 capture.']);
  });

  test('without an inventory addresses stand for names', () => {
    expect(sentences(minimalDocument())[1]).toContain('10.244.1.7 → 10.244.2.9');
  });
});
