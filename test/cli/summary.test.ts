import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countColumns } from './column-count.js';
import { summaryText, type SummaryOptions } from '../../src/cli/summary.js';
import { textWidth } from '../../src/cli/text.js';
import type { PolicyOutcome, ReportDocument } from '../../src/model/document.js';
import {
  buildConnection,
  buildCounters,
  buildEndpoint,
  buildOwner,
  buildSummary,
  nobody,
} from '../report/documents/build.js';
import { hostileDocument } from '../report/documents/hostile.js';
import { emptyDocument, minimalDocument } from '../report/documents/plain.js';
import { richDocument } from '../report/documents/shop.js';
import { documentOf } from '../report/documents/totals.js';

const PLAIN: SummaryOptions = { columns: 80, color: false, timeZone: 'UTC', rows: null };

function noRow(): never {
  throw new Error('there is no row');
}

function lines(document: ReportDocument, options: Partial<SummaryOptions> = {}): string[] {
  const text = summaryText(document, { ...PLAIN, ...options });
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n');
}

function expectToFit(document: ReportDocument, options: Partial<SummaryOptions>): void {
  const columns = options.columns ?? PLAIN.columns;
  for (const line of lines(document, options).map((styled) => stripVTControlCharacters(styled))) {
    expect({ line, fits: textWidth(line) <= columns && countColumns(line) <= columns }).toEqual({ line, fits: true });
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  }
}

describe('the summary', () => {
  test('says in order: facts, what it means, the largest connections, what is missing', () => {
    const text = lines(richDocument());
    const at = (start: string): number => text.findIndex((line) => line.startsWith(start));
    const places = [
      at('3 captures · 3 nodes · 2026-11-23 14:02:07'),
      at('● shop/frontend cannot reach shop/database:5432'),
      at('The first 5 of 35 failed connections'),
      at('The 10 largest of 1,204 connections'),
      at('What these captures cannot show'),
    ];
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('says when clocks differ', () => {
    const known = { driftPpm: 0, driftErrorPpm: 3, packets: 9, basis: 'packets both ways' } as const;
    const reference = { ...known, node: 'node-1', offsetNs: 0, errorNs: 0, basis: 'reference' } as const;
    const said = (offsetNs: number): boolean => {
      const nodes = [reference, { ...known, node: 'node-2', offsetNs, errorNs: 2900 }];
      const { connections, summary } = richDocument();
      const text = lines({ connections, summary: { ...summary, clocks: { reference: 'node-1', nodes, steps: [] } } });
      return text.join(' ').includes('Clocks differ: node-2 is');
    };
    expect([said(900), said(-1_207_000_218)]).toEqual([false, true]);
  });

  test('shows the connections with the most bytes, the largest first', () => {
    const document = richDocument({ connections: 200 });
    const bytes = Array.from({ length: document.connections.length }, (_, index) => document.connections.row(index))
      .map(({ clientToServer, serverToClient }) => clientToServer.wireBytes + serverToClient.wireBytes)
      .sort((a, b) => b - a);
    const table = lines(document, { rows: 3 });
    const rows = table.slice(table.findIndex((line) => line.includes('largest')) + 2).slice(0, 3);
    const shown = rows.map((row) => / ([\d.]+) kB$/.exec(row)?.[1]);
    expect(shown).toEqual(bytes.slice(0, 3).map((value) => String(Number((value / 1000).toPrecision(3)))));
  });

  test('shows the first failed connections, and no table of them where there are none', () => {
    const text = lines(richDocument());
    const rows = text.slice(text.findIndex((line) => line.includes('failed connections')) + 2).slice(0, 5);
    for (const row of rows) expect(row).toMatch(/ (no answer|refused) /);
    expect(rows).toEqual([...rows].sort());
    expect(lines(minimalDocument()).join('\n')).not.toContain('failed connection');
  });

  test('says of failed connections that policies deny them, and has no column for it where none does', () => {
    const refused = { state: 'S0', clientToServer: buildCounters(1, 0), serverToClient: buildCounters(0, 0) };
    const end = { verdict: 'allowed', reason: '', selecting: [], deciding: [], misses: [] } as const;
    const table = (verdict: 'allowed' | 'denied', outcome: PolicyOutcome): string[] => {
      const policy = { verdict, outcome, remarks: [], egress: end, ingress: end };
      return lines(documentOf([buildConnection({ ...refused, policy })]));
    };
    const under = (text: string[]): string | undefined => {
      const head = text.find((line) => line.includes('POLICY')) ?? '';
      return text
        .find((line) => /^\d\d:/.test(line))
        ?.slice(head.indexOf('POLICY'))
        .split(' ')[0];
    };
    expect(under(table('denied', 'denied and dropped'))).toBe('denied');
    expect(under(table('allowed', 'allowed but dropped'))).toBe('dropped');
    expect(table('allowed', 'allowed but unanswered').join()).not.toContain('POLICY');
  });

  test('keeps figures beside their units', () => {
    for (let columns = 40; columns <= 120; columns += 8) {
      for (const line of lines(richDocument({ connections: 100 }), { columns })) {
        expect(line).not.toMatch(/^\s*(k|[kMG]B|min|%|packets)(?!\w)/);
      }
    }
  });

  test('counts what is selected apart from all there is', () => {
    const { summary, connections } = richDocument({ connections: 40 });
    const totals = { ...summary.totals, connections: 5000 };
    const text = lines({ summary: { ...summary, totals }, connections }, { rows: 40 }).join('\n');
    expect(text).toContain('40 selected connections, by bytes');
    const none = { length: 0, row: noRow };
    expect(lines({ summary: { ...summary, totals }, connections: none }).join('\n')).toContain(
      'None of 5,000 connections is selected.',
    );
  });

  test('of nothing is short, and says so', () => {
    const text = lines(emptyDocument());
    expect(text.join('\n')).toContain('No packets in 1 capture.');
    expect(text.join('\n')).not.toContain('CLIENT');
  });

  test('an interrupted run is marked', () => {
    const { summary, connections } = minimalDocument();
    expect(lines({ summary: { ...summary, partial: true }, connections }).join('\n')).toContain('Interrupted');
  });

  test('times are in the zone that is asked for', () => {
    const text = lines(minimalDocument(), { timeZone: 'Asia/Kolkata', columns: 100 }).join('\n');
    expect(text).toContain('2026-11-23 19:32:07.100–19:32:07.112 Asia/Kolkata');
    expect(text).toMatch(/^19:32:07\.100 {2}10\.244\.1\.7/m);
  });

  test('over midnight the rows have their day', () => {
    const { summary, connections } = minimalDocument();
    const time = { start: '2026-11-23T14:02:07.1Z', end: '2026-11-24T01:00:00.0Z', durationNs: 39_472_900_000_000 };
    const text = lines({ summary: { ...summary, time }, connections }).join('\n');
    expect(text).toContain('2026-11-23 14:02:07–2026-11-24 01:00:00 UTC (10 h 57 min)');
    expect(text).toMatch(/^11-23 14:02:07 /m);
  });

  test('names what is known of the ends, marks what is not sure', () => {
    const ends = (
      client: ReturnType<typeof buildOwner>,
      server: ReturnType<typeof buildOwner>,
      port: number | null,
    ) => ({
      client: buildEndpoint('fd00::1', 40000, client),
      server: buildEndpoint('fd00::2', port, server),
    });
    const unknown = nobody('unknown', 'nobody has it');
    const document = documentOf([
      buildConnection({ id: 'c-1', ...ends(unknown, unknown, 443) }),
      buildConnection({ id: 'c-2', ...ends(unknown, unknown, null), protocol: 'ICMPv6', protocolNumber: 58 }),
      buildConnection({ id: 'c-3', ...ends(buildOwner({ confidence: 'assumed' }), unknown, 53), protocol: 'UDP' }),
      buildConnection({
        id: 'c-4',
        ...ends(buildOwner({ kind: 'gateway', namespace: null, name: 'node-1' }), buildOwner({ name: 'db' }), 5432),
        state: 'S0',
        serverToClient: buildCounters(0, 0),
      }),
    ]);
    const text = lines(document, { columns: 120 }).join('\n');
    expect(text).toMatch(/ fd00::1 +\[fd00::2\]:443 +closed/);
    expect(text).toMatch(/ fd00::1 +fd00::2 ICMPv6 +answered/);
    expect(text).toMatch(/ shop\/frontend-876d5c9f4b-xqfj5\? +\[fd00::2\]:53\/UDP +answered/);
    expect(text).toMatch(/ node-1 gateway +shop\/db:5432 +no answer/);
  });

  test('keeps the port when it cuts the name', () => {
    const text = lines(richDocument(), { columns: 40 });
    const rows = text.slice(text.findIndex((line) => line.startsWith('CLIENT')) + 1);
    expect(rows[0]).toMatch(/^shop\/\S*…\S+ +shop\/\S*…\S*:5432 +[\d.]+ k?B$/);
  });
});

describe('colours', () => {
  test('are there only when asked for, and say nothing that the words do not', () => {
    const plain = summaryText(richDocument(), PLAIN);
    expect(plain).not.toContain('\u001b');
    const colored = summaryText(richDocument(), { ...PLAIN, color: true });
    expect(colored).toContain('\u001b[31m');
    expect(stripVTControlCharacters(colored)).toBe(plain);
  });
});

describe('the width of the terminal is kept', () => {
  test.each([24, 40, 60, 64, 76, 80, 100, 110, 120, 140, 160, 250])('at %d columns', (columns) => {
    for (const color of [false, true]) {
      expectToFit(richDocument({ connections: 60 }), { columns, color });
      expectToFit(richDocument({ connections: 60, ipv6: true }), { columns, color, rows: 60 });
      expectToFit(hostileDocument(), { columns, color, rows: 100 });
    }
  });

  test('whatever the names, also of wide letters', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
      fc.string({
        unit: fc.constantFrom('界', 'ｗ', '한', 'a', '́', '👩‍👩‍👧', '🇩🇪', '\u001b[2J', ' '),
        minLength: 1,
        maxLength: 80,
      }),
    );
    const size = fc.nat({ max: 2 ** 50 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, name, name, fc.nat({ max: 65_535 }), size), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 24, max: 200 }),
        fc.boolean(),
        (rows, columns, color) => {
          const connections = rows.map(([namespace, client, server, port, bytes], index) =>
            buildConnection({
              id: `c-${index}`,
              client: buildEndpoint('10.0.0.1', 1, buildOwner({ namespace, name: client })),
              server: buildEndpoint('10.0.0.2', port, buildOwner({ namespace, name: server, confidence: 'ambiguous' })),
              clientToServer: buildCounters(bytes, bytes),
              durationNs: bytes,
              handshakeRttNs: bytes,
            }),
          );
          const limitations = rows.map(([text, advice]) => ({ severity: 'note' as const, text, advice }));
          expectToFit(documentOf(connections, { limitations }), { columns, color });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a summary of nothing at all', () => {
    expectToFit({ summary: buildSummary(), connections: { length: 0, row: noRow } }, { columns: 24 });
  });
});
