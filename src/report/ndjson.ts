/**
 * One JSON object a line: a connection exactly as in the JSON document; with `per: 'flow'` one flow, with `per: 'hop'` one segment of
 * a path, each with the names of its connection and vantage points, so that a line can be understood alone. See `$defs` of model/document.schema.json.
 */
import type { ReportDocument } from '../model/document.js';
import { ConnectionEncoder } from './connection-json.js';
import { JsonBytes } from './json-bytes.js';
import { segmentsOf } from './segments.js';
import type { Sink, WriteOptions } from './sink.js';

/** Streams the connection table, one record a line. */
export async function writeNdjson(document: ReportDocument, sink: Sink, options: WriteOptions): Promise<void> {
  const output = new JsonBytes(sink);
  const encoder = new ConnectionEncoder(output);
  const { connections, summary } = document;
  const vantagePoints = new Map(summary.vantagePoints.map((point) => [point.id, point]));
  for (let index = 0; index < connections.length; index++) {
    const connection = connections.row(index);
    if (options.per === 'connection') {
      encoder.connection(connection);
      output.ascii('\n');
    } else if (options.per === 'hop') {
      for (const { direction, segment } of segmentsOf(connection)) {
        encoder.segment(connection, direction, segment, vantagePoints);
        output.ascii('\n');
      }
    } else {
      connection.hops.forEach((hop, hopIndex) => {
        encoder.flow(connection, hopIndex, hop, vantagePoints.get(hop.vantagePoint));
        output.ascii('\n');
      });
    }
    if (output.isFull) await output.flush();
  }
  await output.flush();
}
