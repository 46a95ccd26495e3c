/**
 * `npm run bench:compare -- REVISION`: this working tree against another revision, built side by side and run in turn.
 *
 * The other revision is checked out as a git worktree below .cache, with this tree's node_modules; it is removed at the end.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../tools/shared.js';
import { STANDARD, capture, withPackets } from './captures.js';
import { report } from './contenders.js';
import { interleave } from './measure.js';
import { range, table } from './table.js';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' }, packets: { type: 'string' } },
  allowPositionals: true,
});
const revision = positionals[0] ?? 'HEAD';
const rounds = Number(values.rounds ?? 5);
const other = join(repositoryRoot, '.cache/compare');

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
}

function removeOther(): void {
  if (!existsSync(other)) return;
  rmSync(join(other, 'node_modules'), { force: true });
  run('git', ['worktree', 'remove', '--force', other], repositoryRoot);
}

removeOther();
try {
  run('git', ['worktree', 'add', '--detach', other, revision], repositoryRoot);
  symlinkSync(join(repositoryRoot, 'node_modules'), join(other, 'node_modules'), 'junction');
  for (const tree of [repositoryRoot, other]) run(process.execPath, ['build.js'], tree);
  const path = capture(withPackets(Number(values.packets ?? STANDARD.packets)));
  const [node, program, ...args] = report(path, 'compare.json', '--workers', '1');
  const commands = new Map<string, [string, ...string[]]>([
    [revision, [node, join(other, 'dist/podtrail.js'), ...args]],
    ['working tree', [node, program!, ...args]],
  ]);
  const costs = await interleave(commands, rounds, (name) => process.stderr.write(`  ${name}\n`));
  const rows = [...costs].map(([name, list]) => [
    name,
    range(
      list.map((cost) => cost.cpuSeconds),
      2,
    ),
    range(
      list.map((cost) => cost.wallSeconds),
      2,
    ),
    range(
      list.map((cost) => cost.maxRssMegabytes),
      0,
    ),
  ]);
  process.stdout.write(`${table([['', 'CPU s', 'wall s', 'MB'], ...rows])}\n`);
} finally {
  removeOther();
}
