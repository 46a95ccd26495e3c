/**
 * With half of the captures missing the report says less, and nothing else: no hops of two connections become one connection, and those
 * that are left stand in the same order.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { analyze } from '../../src/analysis/analyze.js';
import type { Connection, Hop, ReportDocument } from '../../src/model/document.js';
import { labRoot, requestFor, rowsOf, scenarioNames } from './scenarios.js';

async function analyzed(scenario: string, isTaken: (index: number) => boolean): Promise<ReportDocument> {
  const folder = join(labRoot!, scenario);
  const captures = readdirSync(join(folder, 'captures'))
    .filter((_, index) => isTaken(index))
    .map((file) => join(folder, 'captures', file));
  const { document } = await analyze(requestFor(captures, [join(folder, 'inventory'), join(folder, 'hosts')]), {
    listener: () => undefined,
    signal: new AbortController().signal,
    standardInput: () => new PassThrough(),
  });
  return document;
}

/** What a hop is, whichever captures are beside it, but for its place among those that look like it. */
function placeOf(hop: Hop, { summary }: ReportDocument): string {
  const vantage = summary.vantagePoints[hop.vantagePoint]!;
  const capture = basename(summary.captures[vantage.captures[0]!]!.path);
  const ends = [hop.clientSeenAs, hop.serverSeenAs].map(({ address, port }) => `${address} ${port}`).sort();
  const tunnels = hop.encapsulation.map(({ kind, tunnelId }) => `${kind} ${tunnelId}`);
  return [capture, vantage.interface, vantage.interfaceIndex, ...ends, ...tunnels].join('|');
}

/** Names of hops. Fewer captures tell the clocks of nodes a little otherwise, so the name has their order in it and not their times. */
function namesOf(rows: readonly Connection[], document: ReportDocument): Map<Hop, string> {
  const names = new Map<Hop, string>();
  const counts = new Map<string, number>();
  const hops = rows.flatMap((row) => row.hops);
  for (const hop of hops.toSorted((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))) {
    const place = placeOf(hop, document);
    const count = counts.get(place) ?? 0;
    counts.set(place, count + 1);
    names.set(hop, `${place}|${count}`);
  }
  return names;
}

function keysOf(connection: Connection, names: ReadonlyMap<Hop, string>): string[] {
  return connection.hops.map((hop) => names.get(hop)!);
}

const scenarios = labRoot === null ? describe.skip : describe;

scenarios('half of the captures (needs shared/lab)', () => {
  test.each(scenarioNames)('%s', async (scenario) => {
    const whole = await analyzed(scenario, () => true);
    const connectionOf = new Map<string, Connection>();
    const rows = rowsOf(whole);
    const names = namesOf(rows, whole);
    for (const row of rows) for (const key of keysOf(row, names)) connectionOf.set(key, row);
    for (const half of [0, 1]) {
      const part = await analyzed(scenario, (index) => index % 2 === half);
      const partRows = rowsOf(part);
      const partNames = namesOf(partRows, part);
      for (const row of partRows) {
        const keys = keysOf(row, partNames);
        const connections = new Set(keys.map((key) => connectionOf.get(key)?.id));
        expect([...connections]).toHaveLength(1);
        const full = connectionOf.get(keys[0]!)!;
        const order = keysOf(full, names);
        for (const direction of ['clientToServer', 'serverToClient'] as const) {
          const place = new Map(full.paths[direction].map((hop, index) => [order[hop]!, index]));
          // A capture on all interfaces that does not tell them apart stands at several places at once.
          const places = row.paths[direction]
            .filter((hop) => part.summary.vantagePoints[row.hops[hop]!.vantagePoint]!.role !== 'any')
            .map((hop) => place.get(keys[hop]!));
          expect({ id: full.id, direction, places }).toEqual({
            id: full.id,
            direction,
            places: places.toSorted((a, b) => (a ?? -1) - (b ?? -1)),
          });
        }
      }
    }
  });
});
