/**
 * The promise behind the hot-path rules, counted instead of timed: a million packets go through reader, decoder and flow table
 * without a single collection of garbage once the tables have grown. Runs in a process of its own: jest's would be measured
 * along, and coverage counters allocate.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type CaptureShape, writeCapture } from '../bench/capgen.js';
import { repositoryRoot } from '../tools/shared.js';

interface Counts {
  readonly packets: number;
  /** Collections in each million packets, and in the whole process. */
  readonly windows: readonly number[];
  readonly seen: number;
}

const MILLION = 1_000_000;
const SHAPE: CaptureShape = {
  packets: 4 * MILLION,
  connections: 20_000,
  vxlanPercent: 60,
  snapLength: 96,
  segments: 600,
};

const scratch = mkdtempSync(join(tmpdir(), 'podtrail-allocation-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function probe(capture: string): Counts {
  const program = [
    join(repositoryRoot, 'test/tools/run-ts.js'),
    'test/architecture/allocation-probe.ts',
    capture,
    String(MILLION),
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, program, { cwd: repositoryRoot, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('garbage collections in the hot path', () => {
  const capture = join(scratch, 'load.pcap');
  writeCapture(capture, SHAPE);
  const counts = probe(capture);

  test('the probe saw every packet, and sees collections at all', () => {
    expect(counts.packets).toBe(4 * MILLION);
    expect(counts.seen).toBeGreaterThan(0);
  });

  // On a busy machine the compiler is late and slow code boxes numbers for longer; what counts is that a warm million costs none.
  test('none in a million packets with warm tables', () => {
    expect(Math.min(...counts.windows.slice(1))).toBe(0);
  });

  test('at most three while the tables grow', () => {
    expect(counts.windows[0]).toBeLessThanOrEqual(3);
  });
});
