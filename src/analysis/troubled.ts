/** The connections that findings look at: of the selected ones those that failed, were reset, lost packets, or that policies deny. */
import type { Connection, ConnectionTable } from '../model/document.js';
import type { JoinedConnections } from './joined.js';
import type { Verdicts } from './verdicts.js';

/** Indexes into the joined connections, in the order of `selected`. */
export function findTroubled(
  selected: Int32Array,
  joined: JoinedConnections,
  lossy: Uint8Array,
  verdicts: Verdicts | null,
): Int32Array {
  return selected.filter(
    (index) =>
      joined.hasFailed(index) ||
      joined.wasReset(index) ||
      lossy[index] === 1 ||
      verdicts?.policyOf(index)?.verdict === 'denied',
  );
}

export function* rowsOf(table: ConnectionTable): Generator<Connection> {
  for (let row = 0; row < table.length; row++) yield table.row(row);
}
