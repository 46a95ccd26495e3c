/**
 * CSV as in RFC 4180: a header, CRLF, quotes where needed; UTF-8 without a mark; one row per connection, flow or
 * hop.
 *
 * Spreadsheets run what looks like a formula (OWASP "CSV injection"), and names and labels come from outside. csv-stringify
 * puts an apostrophe before fields that begin with = + - @; the same is done here for those that hide it behind blanks, which it
 * passes, and control characters are made visible. Numbers stay numbers.
 */
import { stringify } from 'csv-stringify/sync';
import type { ReportDocument } from '../model/document.js';
import { CONNECTION_COLUMNS, FLOW_COLUMNS, type Cell, type CsvColumn } from './csv-columns.js';
import { SEGMENT_COLUMNS } from './csv-segment-columns.js';
import { segmentsOf } from './segments.js';
import type { Sink, WriteOptions } from './sink.js';
import { displayText } from './text.js';

/** Rows turned to text at once: csv-stringify is a tenth faster in batches than row by row. */
const BATCH_ROWS = 1000;
const HIDDEN_FORMULA = /^[\s\ufeff]+[=+\-@＝＋－＠]|^[＋－＠]/u;
const OPTIONS = { record_delimiter: '\r\n', escape_formulas: true };

const COLUMNS: Readonly<Record<WriteOptions['per'], readonly CsvColumn<never>[]>> = {
  connection: CONNECTION_COLUMNS,
  flow: FLOW_COLUMNS,
  hop: SEGMENT_COLUMNS,
};

/** Streams the table in batches of rows. */
export async function writeCsv(document: ReportDocument, sink: Sink, options: WriteOptions): Promise<void> {
  const vantagePoints = new Map(document.summary.vantagePoints.map((point) => [point.id, point]));
  const columns = COLUMNS[options.per];
  let batch: Cell[][] = [columns.map((column) => column.name)];
  for (let index = 0; index < document.connections.length; index++) {
    const connection = document.connections.row(index);
    if (options.per === 'connection') {
      batch.push(cellsOf(CONNECTION_COLUMNS, { connection, vantagePoints }));
    } else if (options.per === 'hop') {
      for (const one of segmentsOf(connection)) {
        batch.push(cellsOf(SEGMENT_COLUMNS, { connection, vantagePoints, ...one }));
      }
    } else {
      connection.hops.forEach((hop, at) => {
        batch.push(cellsOf(FLOW_COLUMNS, { connection, vantagePoints, hop, hopNumber: at + 1 }));
      });
    }
    if (batch.length >= BATCH_ROWS) {
      await sink.write(stringify(batch, OPTIONS));
      batch = [];
    }
  }
  if (batch.length > 0) await sink.write(stringify(batch, OPTIONS));
}

function cellsOf<Row>(columns: readonly CsvColumn<Row>[], row: Row): Cell[] {
  return columns.map((column) => guard(column.value(row)));
}

function guard(cell: Cell): Cell {
  if (typeof cell !== 'string' || cell === '') return cell;
  const text = displayText(cell);
  return HIDDEN_FORMULA.test(text) ? `'${text}` : text;
}
