/**
 * Every scenario of the lab against its ground truth, translated connections included: each stands in the report once, with all hops that
 * must be seen in the order of its path, its client, backend and Service.
 */
import { basename } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection, Hop, HopEnd, ReportDocument } from '../../src/model/document.js';
import {
  analyzeScenario,
  labRoot,
  readTruth,
  rowsOf,
  scenarioNames,
  type MustSee,
  type TruthConnection,
} from './scenarios.js';

const TIME_SLACK_SECONDS = 3;
const WIREGUARD_PORT = 51820;
/** Captures that hold several hops, or none of the path's: they say nothing about its order. */
const WITHOUT_A_PLACE = /\.any|\.multi|nflog|\.nat/;

/** Where the truth says more than these captures show, or less, with the reason. */
const ACCEPTED: Readonly<Record<string, readonly string[]>> = {
  // The last hop of a hairpin is seen twice: a promiscuous bridge hands the packet on twice.
  '02-services c020': ['path c2s', 'path s2c'],
  '02-services c025': ['path c2s', 'path s2c'],
  // The truth lists a leg of a dropped connection that no file holds (issue B says so).
  '03b-netpol c016': ['hops'],
};

interface Place {
  readonly capture: string;
  readonly hop: Hop;
}

const scenarios = labRoot === null ? describe.skip : describe;

scenarios.each(scenarioNames)('paths of %s (need shared/lab)', (scenario) => {
  const truth = labRoot === null ? null : readTruth(scenario);
  const seen = (truth?.connections ?? [])
    .map((connection) => ({ connection, mustSee: innerOnly(connection.must_see ?? []) }))
    .filter(({ mustSee }) => mustSee.length > 0);
  let document: ReportDocument;
  let rows: readonly Connection[] = [];
  beforeAll(async () => {
    ({ document } = await analyzeScenario(scenario));
    rows = rowsOf(document);
  });

  test('has something to look at', () => {
    expect(seen.length).toBeGreaterThan(0);
  });

  test.each(seen.map(({ connection, mustSee }) => [connection.id, connection, mustSee] as const))(
    '%s',
    (id, connection, mustSee) => {
      const skew = Math.max(0, ...Object.values(truth!.clock_skew).map(Math.abs));
      const found = rows.filter((row) => isAtTime(row, connection, skew) && mustSee.some((each) => has(each, row)));
      expect(found).toHaveLength(1);
      const row = found[0]!;
      expect(differences(row, connection, mustSee)).toEqual(ACCEPTED[`${scenario} ${id}`] ?? []);
    },
  );

  function has(each: MustSee, row: Connection): boolean {
    return placesOf(row).some((place) => isMeant(each, place));
  }

  function placesOf(row: Connection): Place[] {
    return row.hops.map((hop) => {
      const capture = document.summary.vantagePoints[hop.vantagePoint]!.captures[0]!;
      return { capture: basename(document.summary.captures[capture]!.path), hop };
    });
  }

  function differences(row: Connection, connection: TruthConnection, mustSee: readonly MustSee[]): string[] {
    const places = placesOf(row);
    const wrong: string[] = [];
    if (mustSee.some((each) => !places.some((place) => isMeant(each, place)))) wrong.push('hops');
    const forbidden = new Set((connection.must_not_see ?? []).map((capture) => basename(capture)));
    if (places.some(({ capture }) => forbidden.has(capture))) wrong.push('hops that must not be seen');
    for (const direction of ['c2s', 's2c'] as const) {
      const path = direction === 'c2s' ? row.paths.clientToServer : row.paths.serverToClient;
      const expected = mustSee.filter(({ dir, capture }) => (dir === 'both' || dir === direction) && hasPlace(capture));
      const captures = expected.map(({ capture }) => basename(capture));
      const wanted = withoutRepeats(direction === 'c2s' ? captures : captures.toReversed());
      const got = withoutRepeats(path.map((hop) => places[hop]!.capture).filter((name) => captures.includes(name)));
      // A direction that nobody sent in has no path: nobody answered.
      if (path.length > 0 && got.join() !== wanted.join()) wrong.push(`path ${direction}`);
    }
    const service = row.service === null ? null : `${row.service.namespace}/${row.service.name}`;
    if (service !== (connection.service ?? null)) wrong.push('service');
    if (!isEnd(row.client, connection.client.ip, connection.client.port)) wrong.push('client');
    const { server } = connection;
    if (server.kind === 'pod' && !isEnd(row.server, server.ip, server.port)) wrong.push('server');
    return wrong;
  }
});

/** The truth of connections through WireGuard lists the outer packets too; they are connections of their own. */
function innerOnly(mustSee: readonly MustSee[]): MustSee[] {
  return mustSee.filter(({ sport, dport }) => sport !== WIREGUARD_PORT && dport !== WIREGUARD_PORT);
}

function isAtTime(row: Connection, truth: TruthConnection, skew: number): boolean {
  if (row.protocol !== truth.proto.toUpperCase()) return false;
  const slack = TIME_SLACK_SECONDS + skew;
  return secondsOf(row.start) <= truth.end + slack && secondsOf(row.end) >= truth.start - slack;
}

function secondsOf(time: string): number {
  return Date.parse(`${time.slice(0, 23)}Z`) / 1000;
}

/** The truth names the sender first: the client, but for what only answers pass. */
function isMeant({ capture, dir, src, sport, dst, dport }: MustSee, place: Place): boolean {
  if (place.capture !== basename(capture)) return false;
  const { clientSeenAs, serverSeenAs } = place.hop;
  const [sender, receiver] = dir === 's2c' ? [serverSeenAs, clientSeenAs] : [clientSeenAs, serverSeenAs];
  return isEnd(sender, src, sport) && isEnd(receiver, dst, dport);
}

function isEnd(end: HopEnd, address: string, port: number): boolean {
  return end.address === address && end.port === port;
}

function hasPlace(capture: string): boolean {
  return !WITHOUT_A_PLACE.test(capture);
}

function withoutRepeats(names: readonly string[]): string[] {
  return names.filter((name, index) => name !== names[index - 1]);
}
