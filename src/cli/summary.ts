/**
 * The terminal summary, the page's little sister: a line of facts, a short paragraph, the top connections as a table, what the
 * captures cannot show. Never wider than the terminal, whatever the names; colours say nothing that the words do not.
 */
import picocolors from 'picocolors';
import { isFailed, type Connection, type ReportDocument, type ReportSummary } from '../model/document.js';
import { counted, formatBytes, formatDuration, formatShortCount } from '../report/figures.js';
import { describeContents, plainSentence, type Headline } from '../report/headline.js';
import { type TimeZone, zoneOf } from '../report/zone.js';
import { connectionTable, failedConnections, largestConnections } from './connection-table.js';
import type { Colors } from './messenger.js';
import { plainText, wrapText } from './text.js';

export interface SummaryOptions {
  readonly columns: number;
  readonly color: boolean;
  /** IANA name of the zone that times are shown in. */
  readonly timeZone: string;
  /** Rows of the table; null for the usual number. */
  readonly rows: number | null;
}

const USUAL_ROWS = 10;
const USUAL_FAILED_ROWS = 5;
const MOST_FINDINGS = 5;
const MOST_LIMITATIONS = 8;
const SHORT_NS = 10_000_000_000;
const UNBROKEN_SPACE = '\u00a0';
const FIGURE_AND_UNIT = /(\d) (?=(?:[kMGTP]?B|[kMGT]|%|[mµ]?s|min|h|d|packets?)(?!\w))/g;
/** Lengths of a time of day. */
const WITH_SECONDS = 8;
const WITH_MILLISECONDS = 12;

/** The summary, ending with a line feed; no line is wider than `columns`. */
export function summaryText(document: ReportDocument, options: SummaryOptions): string {
  return new SummaryPrinter(document, options).print();
}

class SummaryPrinter {
  private readonly document: ReportDocument;
  private readonly summary: ReportSummary;
  private readonly options: SummaryOptions;
  private readonly colors: Colors;
  private readonly zone: TimeZone;

  constructor(document: ReportDocument, options: SummaryOptions) {
    this.document = document;
    this.summary = document.summary;
    this.options = options;
    this.colors = picocolors.createColors(options.color);
    this.zone = zoneOf(document.summary, options.timeZone);
  }

  print(): string {
    const blocks = [this.facts(), this.shortly(), this.findings(), this.failed(), this.largest(), this.limitations()];
    return blocks
      .filter((block) => block.length > 0)
      .map((block) => `${block.join('\n')}\n`)
      .join('\n');
  }

  private facts(): string[] {
    const { captures, vantagePoints, totals, partial } = this.summary;
    const nodes = new Set(vantagePoints.flatMap(({ node }) => (node === null ? [] : [node]))).size;
    const facts = [
      counted(captures.length, 'capture'),
      ...(nodes === 0 ? [] : [counted(nodes, 'node')]),
      ...this.timeFacts(),
      `${formatShortCount(totals.packets)} packets`,
      formatBytes(captures.reduce((sum, { wireBytes }) => sum + wireBytes, 0)),
    ];
    const note = 'Interrupted: this is what had been read until then.';
    return [
      ...this.wrap(facts.map(unbroken).join(`${UNBROKEN_SPACE}· `)),
      ...(partial ? this.wrap(note).map((line) => this.colors.yellow(line)) : []),
    ];
  }

  private timeFacts(): string[] {
    const { time } = this.summary;
    if (time === null) return [];
    const start = this.zone.formatTimestamp(time.start);
    const end = this.zone.formatTimestamp(time.end);
    // Of a capture of some seconds, whole seconds would say nothing.
    const length = time.durationNs < SHORT_NS ? WITH_MILLISECONDS : WITH_SECONDS;
    const endTime = end.time.slice(0, length);
    const until = start.date === end.date ? endTime : `${end.date} ${endTime}`;
    const duration = formatDuration(time.durationNs / 1000);
    return [`${start.date} ${start.time.slice(0, length)}–${until} ${this.zone.name} (${duration})`];
  }

  private shortly(): string[] {
    const { tone, lead, sentences }: Headline = describeContents(this.document);
    const sign = tone === 'failures' ? this.colors.red('● ') : '';
    const [first = '', ...rest] = this.wrap(plainSentence(lead), sign === '' ? 0 : 2);
    const indent = sign === '' ? '' : '  ';
    return [
      sign + this.colors.bold(first),
      ...rest.map((line) => indent + this.colors.bold(line)),
      ...this.wrap(sentences.map(plainSentence).join(' ')),
    ];
  }

  private findings(): string[] {
    const { findings } = this.summary;
    if (findings.length === 0) return [];
    let told: string | null = null;
    const lines = findings.slice(0, MOST_FINDINGS).flatMap(({ severity, title, meaning, next }) => {
      const sign = severity === 'error' ? this.colors.red('✕') : this.colors.yellow('▲');
      const [first = '', ...rest] = this.wrap(`${title}. ${meaning}`, 2);
      const command = next.find((step) => step.command !== null)?.command ?? null;
      const isNew = command !== told;
      told = command;
      return [
        `${sign} ${first}`,
        ...rest.map((line) => `  ${line}`),
        ...(command === null || !isNew ? [] : this.wrap(command, 4).map((line) => this.colors.dim(`    ${line}`))),
      ];
    });
    const hidden = findings.length - MOST_FINDINGS;
    return [
      ...this.title(counted(findings.length, 'finding')),
      ...lines,
      ...(hidden > 0 ? this.wrap(`and ${hidden} more, with -o report.html`, 2).map((line) => `  ${line}`) : []),
    ];
  }

  private failed(): string[] {
    const { connectionsByState } = this.summary.totals;
    if (!Object.keys(connectionsByState).some((state) => isFailed('TCP', state))) return [];
    const failed = failedConnections(this.document.connections);
    if (failed.length === 0) return [];
    const shown = failed.slice(0, this.options.rows ?? USUAL_FAILED_ROWS);
    const all = counted(failed.length, 'failed connection');
    return [
      ...this.title(shown.length < failed.length ? `The first ${shown.length} of ${all}` : all),
      ...this.table(shown),
    ];
  }

  private largest(): string[] {
    const all = this.document.connections.length;
    const { connections } = this.summary.totals;
    if (all === 0) {
      return connections === 0 ? [] : this.wrap(`None of ${counted(connections, 'connection')} is selected.`);
    }
    const shown = largestConnections(this.document.connections, this.options.rows ?? USUAL_ROWS);
    const selected = all < connections ? counted(all, 'selected connection') : counted(all, 'connection');
    if (shown.length === all) return [...this.title(`${selected}, by bytes`), ...this.table(shown)];
    const more = this.wrap('-o report.html shows them all, --top N shows more here.');
    return [
      ...this.title(`The ${shown.length} largest of ${selected}`),
      ...this.table(shown),
      ...more.map((line) => this.colors.dim(line)),
    ];
  }

  private title(text: string): string[] {
    return this.wrap(text).map((line) => this.colors.bold(line));
  }

  private table(connections: readonly Connection[]): string[] {
    return connectionTable(connections, this.options.columns, this.startText(), this.colors);
  }

  /** Times of day; with their day where the captures last over midnight. */
  private startText(): (timestamp: string) => string {
    const { time } = this.summary;
    const date = (timestamp: string): string => this.zone.formatTimestamp(timestamp).date;
    const isOneDay = time === null || date(time.start) === date(time.end);
    return (timestamp) => {
      const start = this.zone.formatTimestamp(timestamp);
      return isOneDay ? start.time : `${start.date.slice(5)} ${start.time.slice(0, WITH_SECONDS)}`;
    };
  }

  private limitations(): string[] {
    const { limitations } = this.summary;
    if (limitations.length === 0) return [];
    const lines = limitations.slice(0, MOST_LIMITATIONS).flatMap(({ severity, text, advice }) => {
      const sign = severity === 'warning' ? this.colors.yellow('▲') : '○';
      const [first = '', ...rest] = this.wrap(text, 2);
      const advised = advice === null ? [] : this.wrap(advice, 4).map((line) => this.colors.dim(`    ${line}`));
      return [`${sign} ${first}`, ...rest.map((line) => `  ${line}`), ...advised];
    });
    const hidden = limitations.length - MOST_LIMITATIONS;
    return [
      ...this.title('What these captures cannot show'),
      ...lines,
      ...(hidden > 0 ? this.wrap(`and ${hidden} more, with -o report.html`, 2).map((line) => `  ${line}`) : []),
    ];
  }

  /** Lines that leave `indent` columns free; figures stay beside their units. */
  private wrap(text: string, indent = 0): string[] {
    const withUnits = plainText(text).replace(FIGURE_AND_UNIT, `$1${UNBROKEN_SPACE}`);
    const lines = wrapText(withUnits, Math.max(this.options.columns - indent, 1));
    return lines.map((line) => line.replaceAll(UNBROKEN_SPACE, ' '));
  }
}

function unbroken(text: string): string {
  return text.replaceAll(' ', UNBROKEN_SPACE);
}
