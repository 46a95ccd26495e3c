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

/** What a hop is, whichever captures are beside it. */
function keyOf(hop: Hop, { summary }: ReportDocument): string {
  const vantage = summary.vantagePoints[hop.vantagePoint]!;
  const capture = basename(summary.captures[vantage.captures[0]!]!.path);
  const ends = [hop.clientSeenAs, hop.serverSeenAs].map(({ address, port }) => `${address} ${port}`).sort();
  const tunnels = hop.encapsulation.map(({ kind, tunnelId }) => `${kind} ${tunnelId}`);
  return [capture, vantage.interface, vantage.interfaceIndex, ...ends, ...tunnels, hop.start].join('|');
}

function keysOf(connection: Connection, document: ReportDocument): string[] {
  return connection.hops.map((hop) => keyOf(hop, document));
}

const scenarios = labRoot === null ? describe.skip : describe;

scenarios('half of the captures (needs shared/lab)', () => {
  test.each(scenarioNames)('%s', async (scenario) => {
    const whole = await analyzed(scenario, () => true);
    const connectionOf = new Map<string, Connection>();
    for (const row of rowsOf(whole)) for (const key of keysOf(row, whole)) connectionOf.set(key, row);
    for (const half of [0, 1]) {
      const part = await analyzed(scenario, (index) => index % 2 === half);
      for (const row of rowsOf(part)) {
        const keys = keysOf(row, part);
        const connections = new Set(keys.map((key) => connectionOf.get(key)?.id));
        expect([...connections]).toHaveLength(1);
        const full = connectionOf.get(keys[0]!)!;
        const order = keysOf(full, whole);
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
