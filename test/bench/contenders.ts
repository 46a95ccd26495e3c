/** What podtrail is measured against: programs that people would use instead, and `limit`, the bare minimum in C. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, sharedRoot } from '../tools/shared.js';
import { DATA, pods } from './captures.js';

export interface Contender {
  readonly name: string;
  /** What it does not do that podtrail does, or what the figure is for. */
  readonly note: string;
  /** Tools that take a minute a million packets get a tenth of the packets; their time is multiplied by ten. */
  readonly isSlow?: boolean;
  /** Null where it is not on this machine. */
  readonly command: ((capture: string) => [string, ...string[]]) | null;
}

const OUTPUT = join(DATA, 'out');

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

const whereInstalled = <T>(program: string, command: T): T | null => (isInstalled(program) ? command : null);

/** Path of shared/bench/limit.c compiled here; null where the source or a compiler is missing. */
export function compileLimit(): string | null {
  if (sharedRoot === null) return null;
  const source = join(sharedRoot, 'bench/limit.c');
  const binary = join(DATA, 'limit');
  mkdirSync(DATA, { recursive: true });
  if (!existsSync(source)) return null;
  const { status } = spawnSync('cc', ['-O3', '-march=native', '-o', binary, source], { stdio: 'ignore' });
  return status === 0 ? binary : null;
}

/** A copy of dist/, so that a build in the meantime changes nothing under a running benchmark. */
const FROZEN = join(DATA, `dist-${process.pid}`);

export function podtrailProgram(): string {
  if (!existsSync(FROZEN)) {
    mkdirSync(DATA, { recursive: true });
    cpSync(join(repositoryRoot, 'dist'), FROZEN, { recursive: true });
    process.once('exit', () => rmSync(FROZEN, { recursive: true, force: true }));
  }
  return join(FROZEN, 'podtrail.js');
}

/** `podtrail report` as the budgets mean it: to the JSON summary with the top 10,000 connections. */
export function report(capture: string, output: string, ...more: readonly string[]): [string, ...string[]] {
  mkdirSync(OUTPUT, { recursive: true });
  const program = podtrailProgram();
  const options = ['--quiet', '--inventory', pods(), '--top', '10000', '-o', join(OUTPUT, output)];
  return [process.execPath, program, 'report', capture, ...options, ...more];
}

export function contenders(): Contender[] {
  mkdirSync(OUTPUT, { recursive: true });
  const limit = compileLimit();
  const parserLoop = join(repositoryRoot, 'test/bench/pcap-parser-loop.cjs');
  return [
    {
      name: 'limit (C)',
      note: limit === null ? 'limit not found' : 'decap, biflows, sequence check; no join, no output',
      command: limit === null ? null : (capture) => [limit, capture],
    },
    {
      name: 'podtrail report',
      note: 'to JSON, top 10,000',
      command: (capture) => report(capture, 'report.json', '--workers', '1'),
    },
    {
      name: 'podtrail, 2 workers',
      note: 'the same',
      command: (capture) => report(capture, 'workers.json', '--workers', '2'),
    },
    { name: 'cat', note: 'reading alone', command: whereInstalled('cat', (capture: string) => ['cat', capture]) },
    {
      name: 'pcap-parser',
      note: 'read loop, nothing decoded',
      command: (capture) => [process.execPath, '--no-deprecation', parserLoop, capture],
    },
    {
      name: 'tcpdump -w',
      note: 'copies, no analysis',
      command: whereInstalled('tcpdump', (capture: string) => ['tcpdump', '-r', capture, '-w', '/dev/null']),
    },
    {
      name: 'nfpcapd',
      note: 'flows, no decap',
      command: whereInstalled('nfpcapd', (capture: string) => ['nfpcapd', '-r', capture, '-w', OUTPUT]),
    },
    {
      name: 'argus',
      note: 'flows, no decap',
      command: whereInstalled('argus', (capture: string) => ['argus', '-r', capture, '-w', join(OUTPUT, 'argus.out')]),
    },
    {
      name: 'tcpdump -nn',
      note: 'text, × 10',
      isSlow: true,
      command: whereInstalled('tcpdump', (capture: string) => ['tcpdump', '-nn', '-r', capture]),
    },
    {
      name: 'tshark -z conv,tcp',
      note: 'decap, conversations, × 10',
      isSlow: true,
      command: whereInstalled('tshark', (capture: string) => ['tshark', '-n', '-q', '-z', 'conv,tcp', '-r', capture]),
    },
  ];
}
