/**
 * The formats a report can be written in, each with its writer. Writers are loaded when they are used: a CSV run must not
 * pay for d3.
 */
import { extname } from 'node:path';
import type { ReportDocument } from '../model/document.js';
import { keepTop } from './top.js';
import type { ReportWriter, Sink, WriteOptions } from './sink.js';

export type { Sink, WriteOptions } from './sink.js';

export type FormatName = 'html' | 'json' | 'ndjson' | 'csv' | 'md';

export interface Format {
  readonly name: FormatName;
  /** File name endings that mean this format, with the dot, the usual one first. */
  readonly extensions: readonly string[];
  readonly mediaType: string;
  /** A few words for help texts. */
  readonly description: string;
}

export const FORMATS: readonly Format[] = [
  {
    name: 'html',
    extensions: ['.html', '.htm'],
    mediaType: 'text/html; charset=utf-8',
    description: 'one self-contained page for people',
  },
  {
    name: 'json',
    extensions: ['.json'],
    mediaType: 'application/json',
    description: 'the whole report document',
  },
  {
    name: 'ndjson',
    extensions: ['.ndjson', '.jsonl'],
    mediaType: 'application/x-ndjson',
    description: 'one connection or flow a line, as JSON',
  },
  {
    name: 'csv',
    extensions: ['.csv'],
    mediaType: 'text/csv; charset=utf-8; header=present',
    description: 'one connection or flow a row',
  },
  {
    name: 'md',
    extensions: ['.md', '.markdown'],
    mediaType: 'text/markdown; charset=utf-8; variant=GFM',
    description: 'what went wrong, for tickets and chat',
  },
];

const WRITERS: Readonly<Record<FormatName, () => Promise<ReportWriter>>> = {
  html: async () => (await import('./html.js')).writeHtml,
  json: async () => (await import('./json.js')).writeJson,
  ndjson: async () => (await import('./ndjson.js')).writeNdjson,
  csv: async () => (await import('./csv.js')).writeCsv,
  md: async () => (await import('./markdown.js')).writeMarkdown,
};

/** The format that a file's name asks for, by its ending in any case; null if it asks for none. */
export function formatOf(path: string): Format | null {
  const extension = extname(path).toLowerCase();
  return FORMATS.find((format) => format.extensions.includes(extension)) ?? null;
}

/** Writes the document to the sink, piece by piece; rejects with whatever the sink throws. */
export async function writeReport(
  format: FormatName,
  document: ReportDocument,
  sink: Sink,
  options: WriteOptions,
): Promise<void> {
  const write = await WRITERS[format]();
  await write(keepTop(document, options.top), sink, options);
}
