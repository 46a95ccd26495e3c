/**
 * The N connections with the most bytes. The table keeps its order; the summary stays as it is, for it speaks of the whole.
 */
import type { Connection, ConnectionTable, ReportDocument } from '../model/document.js';

/** Wire bytes of both directions. */
export function bytesOf(connection: Connection): number {
  return connection.clientToServer.wireBytes + connection.serverToClient.wireBytes;
}

/** The document with at most `top` connections; the document itself where that leaves nothing out. */
export function keepTop(document: ReportDocument, top: number | null): ReportDocument {
  const table = document.connections;
  if (top === null || top >= table.length) return document;
  return { summary: document.summary, connections: selectRows(table, rankRows(table, bytesOf, top)) };
}

/** Indexes of the `count` rows that weigh most, in the table's order; of equals the earlier row is kept. */
export function rankRows(table: ConnectionTable, weigh: (connection: Connection) => number, count: number): number[] {
  const weights = new Float64Array(table.length);
  for (let index = 0; index < table.length; index++) weights[index] = weigh(table.row(index));
  const order = Array.from(weights.keys());
  order.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}

/** The table reduced to the rows with these indexes. */
export function selectRows(table: ConnectionTable, indexes: readonly number[]): ConnectionTable {
  return {
    length: indexes.length,
    row(index: number): Connection {
      const at = indexes[index];
      if (at === undefined) throw new RangeError(`connection ${index} of ${indexes.length}`);
      return table.row(at);
    },
  };
}
