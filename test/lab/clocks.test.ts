/**
 * Clocks of the lab's nodes against the truth: offsets and their bounds, with all captures and with half of them, and with drift and
 * steps that the test puts into the captures of one node. Connections must be what they are without.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyze } from '../../src/analysis/analyze.js';
import type { AnalysisRequest } from '../../src/analysis/request.js';
import { parseTimestamp, nanosecondsBetween } from '../../src/base/time.js';
import type { ClockSummary, Connection, NodeClock, ReportDocument } from '../../src/model/document.js';
import { captureFiles, type Turn } from './clock-rewriting.js';
import { labRoot, readTruth, requestFor, rowsOf } from './scenarios.js';

const SECOND = 1e9;
const MICROSECOND = 1000;
/** Microseconds of a turned file are cut twice. */
const CUT_TWICE_NS = MICROSECOND;
/** What issue B asks for. */
const WANTED_NS = 10 * MICROSECOND;

const scenarios = labRoot === null ? describe.skip : describe;

async function analyzed(
  scenario: string,
  captures: readonly string[],
  clocks: AnalysisRequest['clocks'] = [],
): Promise<ReportDocument> {
  const folder = join(labRoot!, scenario);
  const request = { ...requestFor(captures, [join(folder, 'inventory'), join(folder, 'hosts')]), clocks };
  const { document } = await analyze(request, {
    listener: () => undefined,
    signal: new AbortController().signal,
    standardInput: () => new PassThrough(),
  });
  return document;
}

function capturesOf(scenario: string): string[] {
  const folder = join(labRoot!, scenario, 'captures');
  return readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
}

function clocksOf({ summary }: ReportDocument): ClockSummary {
  expect(summary.clocks).not.toBeNull();
  return summary.clocks!;
}

function clockOf(document: ReportDocument, node: string): NodeClock {
  return clocksOf(document).nodes.find((clock) => clock.node === node)!;
}

/** How far the node is ahead of the reference, by the truth. */
function trueOffset(scenario: string, { reference }: ClockSummary, node: string): number {
  const skew = readTruth(scenario).clock_skew;
  return Math.round(((skew[node] ?? 0) - (skew[reference] ?? 0)) * SECOND);
}

/** Half of the items, by a linear congruential generator. */
function halfOf<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed
    .sort((a, b) => a.key - b.key)
    .slice(0, items.length / 2)
    .map(({ item }) => item);
}

scenarios('clocks of the lab (needs shared/lab)', () => {
  test.each([
    '09-skew',
    '01-pod-to-pod',
    '02-services',
    '04a-loss',
    '04b-delay-reorder',
    '06-wireguard',
    '08a-dualstack',
  ])('%s: offsets are true within 10 us and within their bounds', async (scenario) => {
    const clocks = clocksOf(await analyzed(scenario, capturesOf(scenario)));
    expect(clocks.steps).toEqual([]);
    expect(clocks.nodes.length).toBeGreaterThan(1);
    for (const { node, offsetNs, errorNs } of clocks.nodes) {
      const wrong = Math.abs(offsetNs! - trueOffset(scenario, clocks, node));
      expect(wrong).toBeLessThanOrEqual(WANTED_NS);
      expect(wrong).toBeLessThanOrEqual(errorNs!);
    }
  });

  test.each(['01-pod-to-pod', '04a-loss'])('%s: clocks that agree are not corrected', async (scenario) => {
    const captures = capturesOf(scenario);
    const document = await analyzed(scenario, captures);
    for (const { start, hops } of rowsOf(document)) expect(hops.map((hop) => hop.start)).toContain(start);
    // The earliest packet of a capture begins a flow; its time is the file's own.
    const starts = new Set(rowsOf(document).flatMap(({ hops }) => hops.map((hop) => hop.start)));
    const nodes = new Set<string>();
    for (const { time, node } of document.summary.vantagePoints) {
      if (time !== null && node !== null && starts.has(time.start)) nodes.add(node);
    }
    expect(nodes.size).toBeGreaterThan(1);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('09-skew: half of the captures, seed %d', async (seed) => {
    const clocks = clocksOf(await analyzed('09-skew', halfOf(capturesOf('09-skew'), seed)));
    const known = clocks.nodes.filter(({ basis }) => basis !== 'none');
    expect(known.length).toBeGreaterThan(1);
    for (const { node, offsetNs, errorNs } of known) {
      const wrong = Math.abs(offsetNs! - trueOffset('09-skew', clocks, node));
      expect(wrong).toBeLessThanOrEqual(WANTED_NS);
      expect(wrong).toBeLessThanOrEqual(errorNs!);
    }
  });

  test('09-skew: what is given counts', async () => {
    const captures = capturesOf('09-skew');
    const given = [
      { node: 'node-2', aheadNs: 0.35 * SECOND },
      { node: 'node-3', aheadNs: -1.207 * SECOND },
    ];
    const document = await analyzed('09-skew', captures, given);
    expect(clocksOf(document)).toMatchObject({
      reference: 'node-1',
      nodes: [
        { node: 'node-1', offsetNs: 0, basis: 'reference' },
        { node: 'node-2', offsetNs: 0.35 * SECOND, errorNs: null, basis: 'given' },
        { node: 'node-3', offsetNs: -1.207 * SECOND, errorNs: null, basis: 'given' },
      ],
    });
    const anchored = await analyzed('09-skew', captures, [{ node: 'node-2', aheadNs: 0 }]);
    expect(clocksOf(anchored).reference).toBe('node-2');
    expect(Math.abs(clockOf(anchored, 'node-3').offsetNs! + 1.557 * SECOND)).toBeLessThanOrEqual(WANTED_NS);
    await expect(analyzed('09-skew', captures, [{ node: 'node-9', aheadNs: 1 }])).rejects.toMatchObject({
      code: 'usage',
      message: '--clock node-9: no capture is known to be from a node of this name',
      hint: 'Nodes with captures: node-1, node-2, node-3.',
    });
  });
});

scenarios('clocks that the test turns (needs shared/lab)', () => {
  let folder = '';
  let runs = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'podtrail-clocks-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  async function turned(scenario: string, turn: Turn): Promise<ReportDocument> {
    const own = join(folder, String(++runs));
    const document = await analyzed(scenario, captureFiles(scenario, own, 'node-2', turn));
    rmSync(own, { recursive: true });
    return document;
  }

  test.each([
    ['09-skew', 10],
    ['09-skew', 200],
    ['01-pod-to-pod', 50],
    ['02-services', 200],
    ['04a-loss', 200],
    ['04b-delay-reorder', 200],
  ])('%s: drift of %d ppm', async (scenario, ppm) => {
    const before = await turned(scenario, () => 0);
    const begin = parseTimestamp(before.summary.time!.start)!.seconds;
    const after = await turned(scenario, (seconds) => ppm * 1000 * (seconds - begin));
    const clock = clockOf(after, 'node-2');
    expect(clock.basis).toBe('packets both ways');
    expect(Math.abs(clock.driftPpm! - ppm)).toBeLessThanOrEqual(clock.driftErrorPpm!);
    expect(clocksOf(after).steps).toEqual([]);
    const span = after.summary.time!.durationNs;
    const bound = clock.errorNs! + clockOf(before, 'node-2').errorNs! + clock.driftErrorPpm! * 1e-6 * span;
    expectSameTimes(before, after, bound + CUT_TWICE_NS);
  });

  test.each([
    ['09-skew', 5],
    ['09-skew', 300],
    ['01-pod-to-pod', 5],
    ['01-pod-to-pod', 300],
    ['01-pod-to-pod', -300],
    ['02-services', 300],
    ['08b-udp-sctp', 300],
  ])('%s: another %d s ahead changes nothing in connections and paths', async (scenario, seconds) => {
    const before = await turned(scenario, () => 0);
    const after = await turned(scenario, () => seconds * SECOND);
    const moved = clockOf(after, 'node-2').offsetNs! - clockOf(before, 'node-2').offsetNs!;
    if (clocksOf(after).reference === clocksOf(before).reference) {
      expect(Math.abs(moved - seconds * SECOND)).toBeLessThanOrEqual(WANTED_NS);
    }
    expect(pathsOf(after)).toEqual(pathsOf(before));
  });

  // With two nodes it may be either's clock: the first by name is taken for the one that was not set.
  test.each([
    ['09-skew', 0.1],
    ['04a-loss', 0.0005],
    ['04a-loss', -0.02],
    ['01-pod-to-pod', 3],
  ])('%s: a step of %d s is found', async (scenario, seconds) => {
    const before = await turned(scenario, () => 0);
    const { start, durationNs } = before.summary.time!;
    const middle = parseTimestamp(start)!.seconds + durationNs / 2 / SECOND;
    const after = await turned(scenario, (time) => (time < middle ? 0 : seconds * SECOND));
    const { steps } = clocksOf(after);
    expect(steps.map(({ node }) => node)).toEqual(['node-2']);
    expect(Math.abs(steps[0]!.byNs - seconds * SECOND)).toBeLessThanOrEqual(20 * MICROSECOND);
    const at = parseTimestamp(steps[0]!.time)!;
    const apart = nanosecondsBetween({ seconds: Math.floor(middle), nanoseconds: 0 }, at) / SECOND - (middle % 1);
    expect(Math.abs(apart)).toBeLessThan(2);
  });
});

/** Hops in the order of their paths, by connection, without times. */
function pathsOf(document: ReportDocument): string[] {
  const nameOf = (row: Connection, hop: number): string =>
    document.summary.vantagePoints[row.hops[hop]!.vantagePoint]!.name;
  return rowsOf(document)
    .map((row) =>
      [
        `${row.protocol} ${row.client.address}:${row.client.port} ${row.server.address}:${row.server.port} ${row.history}`,
        row.paths.clientToServer.map((hop) => nameOf(row, hop)).join(' > '),
        row.paths.serverToClient.map((hop) => nameOf(row, hop)).join(' > '),
      ].join(' | '),
    )
    .sort();
}

/** Starts of hops on node-2 by the reference clock, one connection after the other. */
function expectSameTimes(before: ReportDocument, after: ReportDocument, bound: number): void {
  const startsOf = (document: ReportDocument): Map<string, string[]> => {
    const starts = new Map<string, string[]>();
    for (const row of rowsOf(document)) {
      for (const hop of row.hops) {
        const { node, name } = document.summary.vantagePoints[hop.vantagePoint]!;
        if (node !== 'node-2') continue;
        const ends = [hop.clientSeenAs, hop.serverSeenAs].map(({ address, port }) => `${address} ${port}`).sort();
        const key = [row.protocol, name, hop.encapsulation.length, ...ends].join(' ');
        const known = starts.get(key);
        if (known === undefined) starts.set(key, [hop.start]);
        else known.push(hop.start);
      }
    }
    return starts;
  };
  const expected = startsOf(before);
  const found = startsOf(after);
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [key, times] of expected) {
    for (const [index, time] of times.sort().entries()) {
      const other = found.get(key)!.sort()[index]!;
      expect(Math.abs(nanosecondsBetween(parseTimestamp(time)!, parseTimestamp(other)!))).toBeLessThanOrEqual(bound);
    }
  }
}
