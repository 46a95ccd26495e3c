/**
 * Where a report's text goes, and how writers hand it over: in pieces of about 64 KiB, each awaited, so that a slow disk or
 * pipe holds the writer back and the whole text never stands in memory.
 */
import type { ReportDocument } from '../model/document.js';

export interface Sink {
  /** Takes the next piece; a returned promise is awaited before more is written. */
  write(chunk: string | Uint8Array): void | Promise<void>;
}

export interface WriteOptions {
  /** One record per connection, or one per flow (CSV and NDJSON only). */
  readonly per: 'connection' | 'flow';
  /** IANA name of the time zone people read in HTML; `UTC` unless asked otherwise. Data formats are always UTC. */
  readonly timeZone: string;
  /** Write only the N connections with the most bytes, in the table's order; null for all (HTML: see html.ts). */
  readonly top: number | null;
}

export type ReportWriter = (document: ReportDocument, sink: Sink, options: WriteOptions) => Promise<void>;

/** Characters collected before they are handed over. */
const PIECE_LENGTH = 65_536;

/** Collects text and hands it to a sink in pieces. */
export class TextOutput {
  private readonly sink: Sink;
  private pending = '';

  constructor(sink: Sink) {
    this.sink = sink;
  }

  /** True when enough text has come together that the caller should await `flush`. */
  get isFull(): boolean {
    return this.pending.length >= PIECE_LENGTH;
  }

  add(text: string): void {
    this.pending += text;
  }

  async flush(): Promise<void> {
    if (this.pending === '') return;
    const piece = this.pending;
    this.pending = '';
    await this.sink.write(piece);
  }
}
