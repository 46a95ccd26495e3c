/** Rows of the report as questions to policies: those that ask the same are one, with how many there were and how many worked. */
import type { ConnectionTable } from '../model/document.js';
import { type Connection, formatEnd } from './connection.js';
import { isInScope } from './in-scope.js';
import type { PolicyJudge } from './judge.js';
import { hasWorked } from './outcome.js';

export interface Observed extends Connection {
  readonly count: number;
  /** Of these: answered, other than by refusing. */
  readonly worked: number;
  /** Id and start of the first of them in the report. */
  readonly id: string;
  readonly start: string;
}

/** The connections of the table of which policies say anything, in the order in which each kind came first. */
export function observe(table: ConnectionTable, judge: PolicyJudge): Observed[] {
  const kinds = new Map<string, { -readonly [Member in keyof Observed]: Observed[Member] }>();
  for (let index = 0; index < table.length; index++) {
    const row = table.row(index);
    if (![row.client, row.server].every(({ owner, address }) => isInScope(owner, address))) continue;
    const question = judge.questionOf(row);
    const { source, destination, protocol, port, throughService } = question;
    const [from, to] = [formatEnd(source), formatEnd(destination)];
    // That there was a Service in between matters only to a pod that reaches itself.
    const key = [from, to, protocol, port, from === to && throughService].join('\n');
    const worked = hasWorked(row) ? 1 : 0;
    const known = kinds.get(key);
    if (known === undefined) {
      const { id, start } = row;
      kinds.set(key, { ...question, count: 1, worked, id, start });
    } else {
      known.count++;
      known.worked += worked;
    }
  }
  return [...kinds.values()];
}
