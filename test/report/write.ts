/** Writes a document in a format and returns the text. */
import type { ReportDocument } from '../../src/model/document.js';
import { writeReport, type FormatName, type WriteOptions } from '../../src/report/index.js';
import { collect } from './documents/collect.js';

export async function write(
  format: FormatName,
  document: ReportDocument,
  options: Partial<WriteOptions> = {},
): Promise<string> {
  const output = collect();
  await writeReport(format, document, output.sink, { per: 'connection', timeZone: 'UTC', top: null, ...options });
  return output.text();
}
