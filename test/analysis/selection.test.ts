/** Selecting connections: shown whole or not at all, and nothing else changes. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Selection } from '../../src/analysis/request.js';
import { resolveBound } from '../../src/analysis/selection.js';
import { formatTimestamp, parseTimestamp } from '../../src/base/time.js';
import type { Connection, ReportDocument } from '../../src/model/document.js';
import { ALL, rowsOf, run, sample } from './pipeline.js';

const REQUEST = {
  captures: [sample('pod-churn', 'captures')],
  inventory: [sample('pod-churn', 'inventory')],
};

let everything: Connection[] = [];
let whole: ReportDocument;

async function select(selection: Partial<Selection>): Promise<{ rows: Connection[]; document: ReportDocument }> {
  const { document } = await run({ ...REQUEST, captures: await captureFiles(), selection: { ...ALL, ...selection } });
  return { rows: rowsOf(document), document };
}

async function captureFiles(): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  const folder = REQUEST.captures[0]!;
  return (await readdir(folder)).sort().map((name) => `${folder}/${name}`);
}

beforeAll(async () => {
  const { rows, document } = await select({});
  everything = rows;
  whole = document;
  expect(everything.length).toBeGreaterThan(9);
});

describe('selection', () => {
  test('by namespace keeps exactly the connections with an end in it', async () => {
    const { rows, document } = await select({ namespaces: ['shop'] });
    const isShop = ({ client, server }: Connection): boolean =>
      [client, server].some(({ owner }) => [owner, ...owner.candidates].some(({ namespace }) => namespace === 'shop'));
    expect(rows).toEqual(everything.filter(isShop));
    expect(rows.length).toBeLessThan(everything.length);
    expect(document.summary.totals.connections).toBe(everything.length);
    expect(document.summary.totals.selectedConnections).toBe(rows.length);
  });

  test('by pod takes a name, a namespace with a name, or a prefix', async () => {
    const byName = await select({ pods: ['web-0'] });
    const qualified = await select({ pods: ['shop/web-0'] });
    const prefix = await select({ pods: ['shop/web*'] });
    const other = await select({ pods: ['default/web-0'] });
    expect(byName.rows.length).toBeGreaterThan(0);
    expect(qualified.rows).toEqual(byName.rows);
    expect(prefix.rows).toEqual(byName.rows);
    expect(other.rows).toEqual([]);
  });

  test('by time keeps what overlaps', async () => {
    const middle = everything[Math.floor(everything.length / 2)]!;
    const time = parseTimestamp(middle.start)!;
    const since = await select({ since: { kind: 'absolute', time } });
    const until = await select({ until: { kind: 'absolute', time } });
    expect(since.rows).toEqual(everything.filter(({ end }) => end >= middle.start));
    expect(until.rows).toEqual(everything.filter(({ start }) => start <= middle.start));
  });

  test('--top keeps the largest in their order and leaves the totals alone', async () => {
    const { rows, document } = await select({ top: 3 });
    const size = ({ clientToServer, serverToClient }: Connection): number =>
      clientToServer.wireBytes + serverToClient.wireBytes;
    expect(rows).toHaveLength(3);
    const smallest = Math.min(...rows.map(size));
    expect(everything.filter((row) => size(row) > smallest).length).toBeLessThanOrEqual(3);
    expect(rows.map(({ start }) => start)).toEqual(rows.map(({ start }) => start).sort());
    expect(document.summary.endpoints).toEqual(whole.summary.endpoints);
  });
});

describe('time bounds', () => {
  const latest = parseTimestamp('2026-11-23T14:06:41.5Z')!;
  test.each([
    [{ kind: 'before-end', nanoseconds: 600e9 } as const, '2026-11-23T13:56:41.500000000Z'],
    [{ kind: 'time-of-day', secondsOfDay: 14 * 3600 + 2 * 60 } as const, '2026-11-23T14:02:00.000000000Z'],
    [{ kind: 'time-of-day', secondsOfDay: 23 * 3600 } as const, '2026-11-22T23:00:00.000000000Z'],
  ])('%j', (bound, expected) => {
    const { seconds, nanoseconds } = resolveBound(bound, latest)!;
    expect(formatTimestamp(seconds, nanoseconds)).toBe(expected);
  });
});
