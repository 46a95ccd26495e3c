/**
 * Runs a child process and says what it cost. CPU time (user and system, all threads) is what the kernel adds to this process
 * when the child is gone (/proc/self/stat, in hundredths of a second); the largest memory is the child's high water mark,
 * looked at while it runs. Elsewhere than on Linux both are NaN and only wall time is measured.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

export interface Cost {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly maxRssMegabytes: number;
}

const TICKS_PER_SECOND = 100;
const LOOK_EVERY_MS = 20;

/** CPU seconds of all children that have ended. */
function childrenCpuSeconds(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
    // proc(5): cutime and cstime are fields 16 and 17; state, behind the name, is field 3.
    return (Number(fields[16 - 3]) + Number(fields[17 - 3])) / TICKS_PER_SECOND;
  } catch {
    return NaN;
  }
}

function highWaterMegabytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * (1024 / 1e6);
  } catch {
    return NaN;
  }
}

/** Runs the command to its end, its output thrown away; rejects with what it said on standard error when it fails. */
export async function measure(command: string, args: readonly string[]): Promise<Cost> {
  const cpuBefore = childrenCpuSeconds();
  const startedAt = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let maxRssMegabytes = NaN;
  const watch = setInterval(() => {
    const now = child.pid === undefined ? NaN : highWaterMegabytes(child.pid);
    if (!(now <= maxRssMegabytes)) maxRssMegabytes = Number.isNaN(now) ? maxRssMegabytes : now;
  }, LOOK_EVERY_MS);
  const [stderr, status] = await Promise.all([tail(child.stderr), ended(child)]);
  clearInterval(watch);
  const wallSeconds = (performance.now() - startedAt) / 1000;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(status)}:\n${stderr}`);
  return { cpuSeconds: childrenCpuSeconds() - cpuBefore, wallSeconds, maxRssMegabytes };
}

async function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

const KEPT = 10_000;

/** The last part of what a stream says. */
async function tail(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text = (text + String(chunk)).slice(-KEPT);
  return text;
}

/** Runs every command once a round, in turn (A B C A B C …), so that a busy machine is unfair to none. */
export async function interleave<Key>(
  commands: ReadonlyMap<Key, readonly [string, ...string[]]>,
  rounds: number,
  onRun: (key: Key) => void,
): Promise<Map<Key, Cost[]>> {
  const costs = new Map<Key, Cost[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [key, [command, ...args]] of commands) {
      onRun(key);
      costs.set(key, [...(costs.get(key) ?? []), await measure(command, args)]);
    }
  }
  return costs;
}
