/**
 * The report document as JSON: one object with the members of `ReportSummary` and then `connections`, as
 * model/document.schema.json says. Each member and each connection starts on a line of its own, so that `less`, `grep` and
 * `diff` are of use; apart from those line ends the text is what `JSON.stringify` gives.
 */
import type { ReportDocument, ReportSummary } from '../model/document.js';
import { ConnectionEncoder } from './connection-json.js';
import { JsonBytes } from './json-bytes.js';
import type { Sink } from './sink.js';

/** Every member of the summary once; the type breaks when one is added to the document and not here. */
const SUMMARY_MEMBERS = Object.keys({
  format: 0,
  generator: 0,
  options: 0,
  partial: 0,
  time: 0,
  findings: 0,
  captures: 0,
  vantagePoints: 0,
  inventory: 0,
  totals: 0,
  endpoints: 0,
  timeline: 0,
  carriers: 0,
  clocks: 0,
  segments: 0,
  wireguard: 0,
  coverageGaps: 0,
  policies: 0,
  oddities: 0,
  unattributed: 0,
  limitations: 0,
} satisfies Record<keyof ReportSummary, 0>) as readonly (keyof ReportSummary)[];

/** Streams the document; memory stays at one piece of text whatever the number of connections. */
export async function writeJson(document: ReportDocument, sink: Sink): Promise<void> {
  const output = new JsonBytes(sink);
  output.ascii('{');
  for (const member of SUMMARY_MEMBERS) {
    output.text(`"${member}":${JSON.stringify(document.summary[member])},\n`);
    if (output.isFull) await output.flush();
  }
  output.ascii('"connections":[');
  const encoder = new ConnectionEncoder(output);
  const { connections } = document;
  for (let index = 0; index < connections.length; index++) {
    output.ascii(index === 0 ? '\n' : ',\n');
    encoder.connection(connections.row(index));
    if (output.isFull) await output.flush();
  }
  output.ascii('\n]}\n');
  await output.flush();
}
