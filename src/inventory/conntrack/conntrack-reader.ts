/**
 * Connection tracking tables and event logs of nodes as files: text in pieces to a table of the translations in them.
 *
 * Only entries that change an address or a port are kept; the others say what the packets say. A table may have a million lines, so
 * the text is never held whole.
 */
import type { TextProblem } from '../formats/json-text.js';
import { ConntrackLine } from './conntrack-line.js';
import { TranslationTable } from './translation-table.js';

/** No line of these tools is nearly as long. */
const MOST_LINE_CHARACTERS = 1 << 16;
/** `conntrack v1.4.7 (conntrack-tools): 170 flow entries have been shown.`, on standard error. */
const FOOTER = /^conntrack v[\d.]+ \(conntrack-tools\)/;

/** How an entry begins, also one that breaks off later. */
const BEGINNING =
  /^(\[[\d.]+\]\s+)?(\[(NEW|UPDATE|DESTROY)\]\s+)?(ipv[46]\s+\d+\s+)?[a-z][a-z0-9-]{1,11}\s+\d{1,3}\s.*\bsrc=[0-9a-f]/;

/** What a file of these holds. */
export interface ConntrackFile {
  readonly translations: TranslationTable;
  /** Entries of listings, or events. */
  readonly lines: number;
  /** True for a log of events (`conntrack -E`). */
  readonly isLog: boolean;
}

/**
 * True if text looks like one of these: most of its whole lines are entries. `isCut`: the text is the beginning of a file, and its last
 * line may not be whole.
 */
export function looksLikeConntrack(text: string, isCut: boolean): boolean {
  const lines = text.split(/\r?\n/);
  if (isCut && lines.length > 1) lines.pop();
  const told = lines.filter(isTold);
  return told.filter((line) => BEGINNING.test(line.trimStart())).length * 2 > told.length;
}

export class ConntrackReader {
  private readonly table = new TranslationTable();
  private readonly line = new ConntrackLine(this.table.addresses);
  private rest = '';
  private lineNumber = 0;
  private entries = 0;
  private events = 0;
  private broken = 0;
  private firstBroken = 0;

  write(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.take(this.rest + text.slice(from, end));
      this.rest = '';
      from = end + 1;
    }
    // What has no end of a line after this much is none; its beginning is enough to count it as broken.
    if (this.rest.length < MOST_LINE_CHARACTERS) this.rest += text.slice(from, from + MOST_LINE_CHARACTERS);
  }

  end(): { readonly file: ConntrackFile; readonly problems: readonly TextProblem[] } {
    if (this.rest !== '') this.take(this.rest);
    this.rest = '';
    const problems: TextProblem[] = [];
    if (this.broken > 0) {
      const message = `${this.broken} of ${this.broken + this.entries} lines are not what conntrack prints and are left out; this is the first`;
      problems.push({ line: this.firstBroken, message });
    }
    return {
      file: { translations: this.table, lines: this.entries, isLog: this.events > 0 },
      problems,
    };
  }

  private take(text: string): void {
    this.lineNumber++;
    if (!isTold(text)) return;
    const { line } = this;
    if (text.length > MOST_LINE_CHARACTERS || !line.read(text)) {
      if (this.broken++ === 0) this.firstBroken = this.lineNumber;
      return;
    }
    this.entries++;
    if (line.event !== 'listed') this.events++;
    if (line.isTranslated) this.table.see(line);
  }
}

/** Neither blank, nor a comment, nor what the tool says at the end. */
function isTold(line: string): boolean {
  const text = line.trim();
  return text !== '' && text[0] !== '#' && !FOOTER.test(text);
}
