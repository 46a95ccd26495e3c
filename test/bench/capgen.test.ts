/** The generator is the C program's twin: same arguments, same bytes. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { sharedRoot } from '../tools/shared.js';
import { type CaptureShape, largestSize, writeCapture, writePods } from './capgen.js';

const scratch = mkdtempSync(join(tmpdir(), 'podtrail-capgen-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const SHAPES: [string, CaptureShape][] = [
  [
    'many short connections, snap length 128',
    { packets: 40_000, connections: 500, vxlanPercent: 60, snapLength: 128, segments: 32 },
  ],
  ['whole packets, no tunnel', { packets: 5_000, connections: 90, vxlanPercent: 0, snapLength: 65_535, segments: 4 }],
  [
    'few long connections, all in VXLAN',
    { packets: 30_000, connections: 3, vxlanPercent: 100, snapLength: 96, segments: 600 },
  ],
];

/** The C program, compiled; null where its source or a compiler is missing. */
function compileTwin(): string | null {
  if (sharedRoot === null) return null;
  const binary = join(scratch, 'capgen');
  const { status } = spawnSync('cc', ['-O2', '-o', binary, join(sharedRoot, 'bench/capgen.c')]);
  return status === 0 ? binary : null;
}

const twin = compileTwin();

describe(twin === null ? 'against capgen.c (skipped: needs shared/bench and cc)' : 'against capgen.c', () => {
  (twin === null ? test.skip : test).each(SHAPES)('%s', (_name, shape) => {
    const [ours, theirs, pods, theirPods] = ['a.pcap', 'b.pcap', 'a.json', 'b.json'].map((name) => join(scratch, name));
    writeCapture(ours!, shape);
    writePods(pods!);
    const { packets, connections, vxlanPercent, snapLength, segments } = shape;
    const numbers = [packets, connections, vxlanPercent, snapLength].map(String);
    const made = spawnSync(twin!, [...numbers, theirs!, theirPods!, String(segments)]);
    expect(made.status).toBe(0);
    expect(sha256(ours!)).toBe(sha256(theirs!));
    expect(sha256(pods!)).toBe(sha256(theirPods!));
  });
});

/** Of files by capgen.c, so that the generator is held to its bytes where there is no compiler, too. */
const BYTES_OF_CAPGEN_C = [
  '2e7cc9706e030584e9d640c36faa1141e4391664a54b20c7524b256c8aedc116',
  '3c941f8fdfa440effea1d1ca3db8a3ba63d06a0d5cfb987112591fd4e9a12f92',
  'faf0e0ef935da9e22fc9f65d0d371cba81a4a2e41252ffa0ff5962d169371e67',
];

test.each(SHAPES.map(([name, shape], i) => [name, shape, BYTES_OF_CAPGEN_C[i]!] as const))(
  'bytes of capgen.c, remembered: %s',
  (_name, shape, expected) => {
    const path = join(scratch, 'remembered.pcap');
    writeCapture(path, shape);
    expect(sha256(path)).toBe(expected);
    expect(readFileSync(path).length).toBeLessThanOrEqual(largestSize(shape));
  },
);
