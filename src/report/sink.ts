/**
 * Where a report goes, and what writers are asked for. Writers hand their text over in pieces, each awaited, so that a slow disk
 * or pipe holds the writer back and the whole text never stands in memory.
 */
import type { ReportDocument } from '../model/document.js';

export interface Sink {
  /** Takes the next piece; a returned promise is awaited before more is written. */
  write(chunk: string | Uint8Array): void | Promise<void>;
}

export interface WriteOptions {
  /** One record per connection, per flow, or per hop from one vantage point to the next (CSV and NDJSON only). */
  readonly per: 'connection' | 'flow' | 'hop';
  /** IANA name of the time zone people read in HTML; `UTC` unless asked otherwise. Data formats are always UTC. */
  readonly timeZone: string;
  /** Write only the N connections with the most bytes, in the table's order; null for all (HTML: see html.ts). */
  readonly top: number | null;
}

export type ReportWriter = (document: ReportDocument, sink: Sink, options: WriteOptions) => Promise<void>;
