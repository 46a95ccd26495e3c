/** The built product, made anew when a source is newer, and a way to run it as a user would. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../tools/shared.js';

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const BIGGEST_OUTPUT = 1 << 28;

export function run(command: string, args: readonly string[], cwd: string = repositoryRoot): Run {
  const shell = process.platform === 'win32' && !command.endsWith('.exe');
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    shell,
    encoding: 'utf8',
    maxBuffer: BIGGEST_OUTPUT,
    env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' },
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/** Builds dist/ unless it is newer than its sources; throws with the build's own words when that fails. */
export function buildDist(): void {
  const { status, stderr } = run(process.execPath, ['build.js', '--if-stale']);
  if (status !== 0) throw new Error(`node build.js failed:\n${stderr}`);
}

/** Runs dist/podtrail.js in the repository's folder. */
export function podtrail(...args: readonly string[]): Run {
  return run(process.execPath, [join(repositoryRoot, 'dist/podtrail.js'), ...args]);
}
