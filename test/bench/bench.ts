/**
 * `npm run bench`: podtrail as shipped (dist/) beside what people would use instead, on the same captures in the same run.
 *
 *   npm run bench -- [--rounds 3] [--packets 5000000] [--part tools|flows|start|html|garbage]...
 *
 * Prints CPU seconds (user and system), wall seconds and memory as ranges over the rounds, each as a ratio to `limit`, and the
 * budgets with what was measured. It judges nothing: times depend on the machine and on who else uses it.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ReportSummary } from '../../src/model/document.js';
import { DATA, STANDARD, capture, withPackets } from './captures.js';
import { contenders, podtrailProgram, report } from './contenders.js';
import { type Cost, interleave } from './measure.js';
import { range, table } from './table.js';

const SLOW_SHARE = 10;
const START_ROUNDS = 11;

const { values } = parseArgs({
  options: { rounds: { type: 'string' }, packets: { type: 'string' }, part: { type: 'string', multiple: true } },
});
const rounds = Number(values.rounds ?? 3);
const packets = Number(values.packets ?? STANDARD.packets);

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const progress = (what: string): void => {
  process.stderr.write(`  ${what}\n`);
};
const cpu = (costs: readonly Cost[]): number[] => costs.map((cost) => cost.cpuSeconds);
const wall = (costs: readonly Cost[]): number[] => costs.map((cost) => cost.wallSeconds);
const megabytes = (costs: readonly Cost[]): number[] => costs.map((cost) => cost.maxRssMegabytes);
/** Round by round, so that both runs of a pair had the same neighbours. */
const ratios = (above: readonly number[], below: readonly number[], factor = 1): number[] =>
  above.map((value, round) => (value * factor) / (below[round] ?? NaN));

interface Budget {
  readonly work: string;
  readonly bar: string;
  readonly measured: string;
}

/** Every contender on the standard capture; returns podtrail's part of the budgets. */
async function compareTools(): Promise<Budget[]> {
  const big = capture(withPackets(packets));
  const small = capture(withPackets(packets / SLOW_SHARE));
  const here = contenders().filter((one) => one.command !== null);
  const commands = new Map(here.map((one) => [one.name, one.command!(one.isSlow === true ? small : big)] as const));
  const costs = await interleave(commands, rounds, progress);
  const scale = (name: string): number => (here.find((one) => one.name === name)?.isSlow === true ? SLOW_SHARE : 1);
  const scaledCpu = (name: string): number[] => cpu(costs.get(name) ?? []).map((seconds) => seconds * scale(name));
  const limit = scaledCpu('limit (C)');
  const rows = here.map(({ name, note }) => {
    const seconds = scaledCpu(name);
    const walls = wall(costs.get(name) ?? []).map((value) => value * scale(name));
    const rate = seconds.map((value) => packets / value / 1e6);
    const memory = range(megabytes(costs.get(name) ?? []), 0);
    return [name, range(seconds, 2), range(walls, 2), range(rate, 2), range(ratios(seconds, limit), 1), memory, note];
  });
  say(
    `\n${packets} packets, ${Math.round(statSync(big).size / 1e6)} MB, ${rounds} rounds, one after the other in turn\n`,
  );
  say(table([['', 'CPU s', 'wall s', 'M packets/s', '× limit', 'MB', ''], ...rows]));
  for (const one of contenders()) if (one.command === null) say(`${one.name}: not on this machine`);
  const ours = scaledCpu('podtrail report');
  const workers = wall(costs.get('podtrail, 2 workers') ?? []);
  return [
    { work: 'report to JSON, CPU', bar: '≤ 4 × limit', measured: `${range(ratios(ours, limit), 1)} ×` },
    {
      work: 'report, 2 workers, wall clock',
      bar: '≤ 2 × limit',
      measured: `${range(ratios(workers, wall(costs.get('limit (C)') ?? [])), 1)} ×`,
    },
    { work: 'packets/s beside nfpcapd', bar: '≥ 2 ×', measured: `${range(ratios(scaledCpu('nfpcapd'), ours), 1)} ×` },
    {
      work: 'packets/s beside tshark',
      bar: '≥ 30 ×',
      measured: `${range(ratios(scaledCpu('tshark -z conv,tcp'), ours), 0)} ×`,
    },
    {
      work: 'memory',
      bar: '< 250 MB',
      measured: `${range(megabytes(costs.get('podtrail report') ?? []), 0)} MB, inventory included`,
    },
  ];
}

/** Cost of a packet with some 50,000 flows and with a million: few long connections against many short ones. */
async function compareFlowCounts(): Promise<Budget[]> {
  const few = { ...STANDARD, packets, connections: 2000, segments: 40_000 };
  const many = { ...STANDARD, packets: packets * 2, connections: packets / 25, segments: 4 };
  const commands = new Map([
    ['few flows', report(capture(few), 'few.json')],
    ['many flows', report(capture(many), 'many.json')],
  ]);
  const costs = await interleave(commands, rounds, progress);
  const perPacket = (name: string, count: number): number[] =>
    cpu(costs.get(name) ?? []).map((seconds) => seconds / count);
  const ratio = ratios(perPacket('many flows', many.packets), perPacket('few flows', few.packets));
  const flows = ['few', 'many'].map((name) => flowsIn(`${name}.json`));
  return [
    {
      work: `cost of a packet, ${flows[1]} flows to ${flows[0]}`,
      bar: '≤ 2 ×',
      measured: `${range(ratio, 1)} ×, ${range(megabytes(costs.get('many flows') ?? []), 0)} MB`,
    },
  ];
}

function flowsIn(output: string): number {
  const { totals } = JSON.parse(readFileSync(join(DATA, 'out', output), 'utf8')) as ReportSummary;
  return totals.flows;
}

async function compareStart(): Promise<Budget[]> {
  const program = podtrailProgram();
  const commands = new Map([
    ['node -e 0', [process.execPath, '-e', '0']],
    ['--version', [process.execPath, program, '--version']],
    ['--help', [process.execPath, program, '--help']],
  ] as [string, [string, ...string[]]][]);
  const costs = await interleave(commands, START_ROUNDS, () => undefined);
  const milliseconds = (name: string): number[] => cpu(costs.get(name) ?? []).map((seconds) => seconds * 1000);
  const bare = range(milliseconds('node -e 0'), 0);
  return ['--version', '--help'].map((name) => ({
    work: `podtrail ${name}`,
    bar: '≤ 60 ms where node -e 0 takes 22',
    measured: `${range(milliseconds(name), 0)} ms (node -e 0: ${bare})`,
  }));
}

/** What HTML costs over JSON, and how big the page is. */
async function compareHtml(): Promise<Budget[]> {
  const path = capture(withPackets(packets / SLOW_SHARE));
  const commands = new Map([
    ['json', report(path, 'page.json')],
    ['html', report(path, 'page.html')],
  ]);
  const costs = await interleave(commands, rounds, progress);
  const more = cpu(costs.get('html') ?? []).map(
    (seconds, round) => seconds - (cpu(costs.get('json') ?? [])[round] ?? NaN),
  );
  const size = statSync(join(DATA, 'out/page.html')).size / 1e6;
  return [
    { work: 'HTML over JSON, CPU', bar: '≤ 0.6 s', measured: `${range(more, 2)} s` },
    { work: 'HTML with 10,000 connections', bar: '≤ 2 MB', measured: `${size.toFixed(2)} MB` },
  ];
}

/** Collections of garbage in a whole run: with twice the packets and the same tuples there should be no more of them. */
async function countCollections(): Promise<Budget[]> {
  const collections = [packets / SLOW_SHARE, (2 * packets) / SLOW_SHARE].map((count) => {
    const path = capture({ ...withPackets(count), connections: 1000, segments: 40_000 });
    const [node, ...args] = report(path, 'gc.json', '--workers', '1');
    const { stdout } = spawnSync(node, ['--trace-gc', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
    return stdout.match(/ms: (Scavenge|Mark-Compact)/g)?.length ?? 0;
  });
  const [once, twice] = collections;
  const million = ((twice! - once!) * 1e6) / (packets / SLOW_SHARE);
  return [
    {
      work: 'collections per further million packets',
      bar: '0',
      measured: `${million.toFixed(1)} (${once} and ${twice} in whole runs)`,
    },
  ];
}

const PARTS: Readonly<Record<string, () => Promise<Budget[]>>> = {
  tools: compareTools,
  flows: compareFlowCounts,
  start: compareStart,
  html: compareHtml,
  garbage: countCollections,
};

const budgets: Budget[] = [];
for (const [name, part] of Object.entries(PARTS)) {
  if (values.part === undefined || values.part.includes(name)) budgets.push(...(await part()));
}
say('');
say(table([['budget', 'bar', 'measured', ''], ...budgets.map(({ work, bar, measured }) => [work, bar, measured, ''])]));
