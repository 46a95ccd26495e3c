/**
 * `npm test`: every gate, cheapest first, each a script of package.json that can be run alone (`npm run lint`).
 *
 * A failing gate does not hide the ones behind it; its output is shown, that of a passing gate is not. The last line is
 * `N passed, N failed`: the tests of jest one by one, every other gate as one. `npm test -- lint knip` runs those gates only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

const GATES = ['format:check', 'typecheck', 'lint', 'depcruise', 'knip', 'build', 'test:unit', 'test:dist'];
const JEST_GATES = new Set(['test:unit', 'test:dist']);
const RESULTS = '.cache/jest.json';

function run(gate) {
  rmSync(RESULTS, { force: true });
  const extra = JEST_GATES.has(gate) ? ['--', '--json', `--outputFile=${RESULTS}`] : [];
  const npm = process.env.npm_execpath;
  const args = ['run', '--silent', gate, ...extra];
  return npm === undefined
    ? spawnSync(`npm ${args.join(' ')}`, { shell: true, encoding: 'utf8', maxBuffer: 1 << 28 })
    : spawnSync(process.execPath, [npm, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** Tests of the jest run just made as [passed, failed]; a suite that did not even load is one failure. */
function jestCounts() {
  if (!existsSync(RESULTS)) return [0, 1];
  const results = JSON.parse(readFileSync(RESULTS, 'utf8'));
  return [results.numPassedTests, results.numFailedTests + results.numRuntimeErrorTestSuites];
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((gate) => !GATES.includes(gate));
if (unknown.length > 0) {
  console.error(`No such gate: ${unknown.join(', ')}. Gates: ${GATES.join(', ')}`);
  process.exit(2);
}
mkdirSync('.cache', { recursive: true });

let passed = 0;
let failed = 0;
for (const gate of GATES) {
  if (chosen.length > 0 && !chosen.includes(gate)) continue;
  const startedAt = Date.now();
  const { status, stdout, stderr } = run(gate);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const [more, fewer] = JEST_GATES.has(gate) ? jestCounts() : status === 0 ? [1, 0] : [0, 1];
  passed += more;
  failed += status === 0 ? fewer : Math.max(fewer, 1);
  const counts = JEST_GATES.has(gate) ? `, ${more} passed, ${fewer} failed` : '';
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${gate} (${seconds} s${counts})`);
  if (status !== 0) console.log((stdout ?? '') + (stderr ?? ''));
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
