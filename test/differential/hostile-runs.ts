/** Runs the built command line on captures, each run in a process of its own, and watches it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../tools/shared.js';

/** What one run is given. */
export interface Job {
  /** Paths of captures. */
  readonly captures: readonly string[];
  readonly formats: readonly string[];
}

export interface Outcome extends Job {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Peak resident set size; NaN if the process did not come to its end. */
  readonly peakMegabytes: number;
  /** Formats of the outputs that were written. */
  readonly written: readonly string[];
  /** The JSON report, if it was written. */
  readonly document: unknown;
}

/** Far beyond what any of these files takes: a run that is still going then hangs. */
const HANG_MILLISECONDS = 60_000;
const AT_ONCE = 2;

/** Runs `podtrail report` for each job, outputs to the folder `target`; outcomes in the order of the jobs. */
export async function runAll(jobs: readonly Job[], target: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) {
      const index = next++;
      outcomes[index] = await runOne(jobs[index]!, join(target, String(index)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return outcomes;
}

async function runOne(job: Job, stem: string): Promise<Outcome> {
  const outputs = job.formats.flatMap((format) => ['-o', `${stem}.${format}`]);
  const reporter = pathToFileURL(join(repositoryRoot, 'test/differential/memory-reporter.mjs')).href;
  const child = spawn(
    process.execPath,
    ['--import', reporter, join(repositoryRoot, 'dist/podtrail.js'), 'report', ...job.captures, ...outputs],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      timeout: HANG_MILLISECONDS,
      killSignal: 'SIGKILL',
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    },
  );
  const ended = new Promise<Pick<Outcome, 'exitCode' | 'signal'>>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const [stderr, memory, end] = await Promise.all([textOf(child.stdio[2]), textOf(child.stdio[3]), ended]);
  const json = `${stem}.json`;
  return {
    ...job,
    ...end,
    stderr,
    peakMegabytes: memory === '' ? NaN : (Number(memory) * 1024) / 1e6,
    written: job.formats.filter((format) => existsSync(`${stem}.${format}`)),
    document: existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : null,
  };
}

async function textOf(stream: unknown): Promise<string> {
  let text = '';
  for await (const chunk of (stream as Readable).setEncoding('utf8')) text += String(chunk);
  return text;
}
