/** What `--dry-run` prints: every input, what it was recognised as, and what is wrong with it. */
import type { InputDescription } from '../analysis/request.js';
import { plainText, textWidth } from './text.js';

/** One line per input, the paths in a column; problems on a line below. */
export function dryRunText(inputs: readonly InputDescription[]): string {
  const paths = inputs.map(({ path }) => plainText(path === '-' ? 'standard input' : path));
  const column = Math.max(0, ...paths.map(textWidth));
  const lines = inputs.flatMap(({ role, recognizedAs, vantagePoint, problem }, index) => {
    const path = paths[index] ?? '';
    // A capture of which nobody knows where it was taken is called by its own name.
    const place = vantagePoint === null || vantagePoint === inputs[index]?.path ? '' : ` at ${vantagePoint}`;
    const line = `${path}${' '.repeat(column - textWidth(path))}  ${role}: ${plainText(recognizedAs + place)}`;
    return problem === null ? [line] : [line, `  ${plainText(problem)}`];
  });
  return lines.map((line) => `${line}\n`).join('');
}
