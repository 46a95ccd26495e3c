/**
 * `npm test`: every gate, cheapest first, each a script of package.json that can be run alone (`npm run lint`).
 *
 * A failing gate does not hide the ones behind it; its output is shown, that of a passing gate is not. Which tests failed and why
 * comes before all other output, for a long log may be cut. The last line is `N passed, N failed`: the tests of jest one by one,
 * every other gate as one. `npm test -- lint knip` runs those gates only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { failureLines } from './jest-failures.js';

const GATES = ['format:check', 'typecheck', 'lint', 'depcruise', 'knip', 'build', 'test:unit', 'test:dist'];
const JEST_GATES = new Set(['test:unit', 'test:dist']);
const RESULTS = '.cache/jest.json';
/** Of names and messages of failing tests, per gate. */
const MOST_FAILURE_LINES = 60;

function run(gate) {
  rmSync(RESULTS, { force: true });
  const extra = JEST_GATES.has(gate) ? ['--', '--json', `--outputFile=${RESULTS}`] : [];
  const npm = process.env.npm_execpath;
  const args = ['run', '--silent', gate, ...extra];
  return npm === undefined
    ? spawnSync(`npm ${args.join(' ')}`, { shell: true, encoding: 'utf8', maxBuffer: 1 << 28 })
    : spawnSync(process.execPath, [npm, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

/** What jest wrote of the run just made; null if it ended before it wrote anything. */
function jestResults() {
  return existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : null;
}

/** Tests of a run as [passed, failed]; a suite that did not even load is one failure, and so is a run without results. */
function jestCounts(results) {
  if (results === null) return [0, 1];
  return [results.numPassedTests, results.numFailedTests + results.numRuntimeErrorTestSuites];
}

/** All that is to be read of a gate that failed, the reason first. */
function explain({ status, signal, error, stdout, stderr }, results) {
  const lines = results === null ? [] : failureLines(results, MOST_FAILURE_LINES);
  if (status === null) lines.unshift(`ended by ${signal ?? error?.message ?? 'an unknown cause'}`);
  if (lines.length > 0) lines.push('', 'All of the output:');
  return [...lines, (stdout ?? '') + (stderr ?? '')].join('\n');
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
  const outcome = run(gate);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  const isJest = JEST_GATES.has(gate);
  const isOk = outcome.status === 0;
  const results = isJest ? jestResults() : null;
  const [more, fewer] = isJest ? jestCounts(results) : isOk ? [1, 0] : [0, 1];
  passed += more;
  failed += isOk ? fewer : Math.max(fewer, 1);
  const counts = isJest ? `, ${more} passed, ${fewer} failed` : '';
  console.log(`${isOk ? 'ok  ' : 'FAIL'} ${gate} (${seconds} s${counts})`);
  if (!isOk) console.log(explain(outcome, results));
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
