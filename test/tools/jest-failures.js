/**
 * What failed in a run of jest, in few lines: the names of the failing tests, each with the beginning of its message.
 *
 * Where a long output is cut, its end is lost, and jest prints its summary there. The gates print this first.
 */
import { stripVTControlCharacters } from 'node:util';

const STACK_LINE = /^\s+at /;
const LONGEST_LINE = 240;

/**
 * Lines on what failed, at most `most` of them, from the object that `jest --json` writes. All failures share the room equally, and
 * those that have none are counted in the last line.
 */
export function failureLines(results, most) {
  const failures = results.testResults.flatMap(failuresOf);
  if (failures.length === 0) return [];
  const shown = failures.length <= most ? failures : failures.slice(0, most - 1);
  const each = shown.length < failures.length ? 1 : Math.floor(most / shown.length);
  const lines = shown.flatMap(({ name, message }) => [name, ...messageLines(message, each - 1)]);
  if (shown.length < failures.length) lines.push(`… and ${failures.length - shown.length} more`);
  return lines;
}

/** Failing tests of a file; the file itself if it did not load. */
function failuresOf(suite) {
  const file = suite.name.replace(/^.*[\\/]test[\\/]/, 'test/').replaceAll('\\', '/');
  const failed = suite.assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return suite.status === 'failed' ? [{ name: `✕ ${file}`, message: suite.message }] : [];
  return failed.map(({ fullName, failureMessages }) => ({
    name: `✕ ${file}: ${fullName}`,
    message: failureMessages.join('\n'),
  }));
}

/** The message without empty lines, and of its stack the first line that is in a test. */
function messageLines(message, most) {
  const lines = stripVTControlCharacters(message)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const place = lines.find((line) => STACK_LINE.test(line) && /[\\/]test[\\/]/.test(line));
  const said = lines.filter((line) => !STACK_LINE.test(line));
  const room = Math.max(0, most - (place === undefined ? 0 : 1));
  const kept = said.length <= room ? said : [...said.slice(0, Math.max(0, room - 1)), '…'].slice(0, room);
  const all = place === undefined ? kept : [...kept, place];
  return all.slice(0, Math.max(0, most)).map((line) => `    ${line.slice(0, LONGEST_LINE)}`);
}
