/** Columns that a text takes, counted by the string-width that cli-table3 brings: an oracle apart from ours. */
import { createRequire } from 'node:module';

const utilities = createRequire(import.meta.url)('cli-table3/src/utils.js') as { strlen: (text: string) => number };

export function countColumns(text: string): number {
  return utilities.strlen(text);
}
