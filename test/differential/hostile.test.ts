/**
 * Every malformed and fuzzed capture in shared/hostile through the built command line: alone, and in batches, where a bad one
 * must not lose the rest. No crash, no hang, no stack trace, 300 MB; what can be read before the damage is counted as tshark does.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildDist } from '../package/dist.js';
import { problemsOf } from '../report/schema.js';
import { sharedRoot } from '../tools/shared.js';
import { type Outcome, runAll } from './hostile-runs.js';

const MOST_MEGABYTES = 300;
const BATCH = 10;
/** Many processes, on a machine that may be busy. */
const PATIENCE_MILLISECONDS = 600_000;

/**
 * Wire bytes where tshark is wrong. igmplayer: a bit error in a pcap file makes tshark guess Nokia's variant of the format, and take
 * lengths from wrong places; tcpdump reads the same two packets of 90 and 46 bytes as podtrail.
 */
const WIRE_BYTES: ReadonlyMap<string, number> = new Map([['pcapplusplus__igmplayer', 90 + 46]]);

const folder = sharedRoot === null ? '' : join(sharedRoot, 'hostile');
const names =
  sharedRoot === null
    ? []
    : readdirSync(folder)
        .filter((name) => name.includes('__'))
        .sort();

interface Expected {
  readonly packets: number;
  readonly bytes_wire: number;
  /** 2 where tshark could not read the file, or not to its end. */
  readonly tshark: { readonly exit: number };
}

const expectedOf = (name: string): Expected =>
  JSON.parse(readFileSync(join(folder, 'expected', `${name}.json`), 'utf8')) as Expected;

/** Totals of a report; nothing was read where there is none. */
function totalsOf(outcome: Outcome): { packets: number; wireBytes: number } {
  const document = outcome.document as { totals: { packets: number; wireBytes: number } } | null;
  return { packets: document?.totals.packets ?? 0, wireBytes: document?.totals.wireBytes ?? 0 };
}

function expectGoodEnd(outcome: Outcome): void {
  const { exitCode, signal, stderr, peakMegabytes, formats, written } = outcome;
  expect({ exitCode, signal }).toEqual({ exitCode: expect.any(Number), signal: null });
  expect([0, 3]).toContain(exitCode);
  expect(stderr).not.toMatch(/^\s+at .+:\d+|Error:|node:internal/m);
  expect(peakMegabytes).toBeLessThan(MOST_MEGABYTES);
  // Where no capture could even be opened, there is nothing to report.
  expect(written).toEqual(written.length === 0 && exitCode === 3 ? [] : formats);
}

const describeShared = sharedRoot === null ? describe.skip : describe;

describeShared('malformed and fuzzed captures (needs shared/hostile)', () => {
  let target: string;
  const alone = new Map<string, Outcome>();
  let batches: Outcome[] = [];

  beforeAll(async () => {
    buildDist();
    target = mkdtempSync(join(tmpdir(), 'podtrail-hostile-'));
    const single = names.map((name) => ({ captures: [join(folder, name)], formats: ['json', 'csv'] }));
    const many: typeof single = [];
    for (let at = 0; at < names.length; at += BATCH) {
      const captures = names.slice(at, at + BATCH).map((name) => join(folder, name));
      many.push({ captures, formats: ['json', 'csv', 'html'] });
    }
    const outcomes = await runAll([...single, ...many], target);
    names.forEach((name, index) => alone.set(name, outcomes[index]!));
    batches = outcomes.slice(names.length);
  }, PATIENCE_MILLISECONDS);

  afterAll(() => {
    rmSync(target, { recursive: true, force: true });
    process.stdout.write(exitCodeTable(alone));
  });

  test('are there', () => {
    expect(names.length).toBeGreaterThan(90);
  });

  // A table of cases must not be empty, even where it is skipped.
  test.each(sharedRoot === null ? ['none'] : names)('%s', (name) => {
    const outcome = alone.get(name)!;
    const expected = expectedOf(name);
    expectGoodEnd(outcome);
    expect(outcome.exitCode).toBe(expected.tshark.exit === 0 ? 0 : 3);
    const wireBytes = WIRE_BYTES.get(name) ?? expected.bytes_wire;
    expect(totalsOf(outcome)).toEqual({ packets: expected.packets, wireBytes });
    if (outcome.document !== null) expect(problemsOf(outcome.document)).toEqual([]);
    if (outcome.exitCode === 3) expect(outcome.stderr).toContain(join(folder, name));
  });

  test('in batches, one does not lose the rest', () => {
    expect(batches).toHaveLength(Math.ceil(names.length / BATCH));
    for (const [index, outcome] of batches.entries()) {
      const members = names.slice(index * BATCH, (index + 1) * BATCH);
      expectGoodEnd(outcome);
      expect(outcome.written).toEqual(['json', 'csv', 'html']);
      expect(outcome.exitCode).toBe(members.some((name) => expectedOf(name).tshark.exit !== 0) ? 3 : 0);
      expect(totalsOf(outcome).packets).toBe(members.reduce((sum, name) => sum + expectedOf(name).packets, 0));
      expect(problemsOf(outcome.document)).toEqual([]);
    }
  });
});

function exitCodeTable(outcomes: ReadonlyMap<string, Outcome>): string {
  const lines = [...outcomes].map(
    ([name, { exitCode, peakMegabytes }]) =>
      `${String(exitCode).padStart(4)} ${peakMegabytes.toFixed(0).padStart(4)} MB  ${name}`,
  );
  return `exit, memory\n${lines.join('\n')}\n`;
}
