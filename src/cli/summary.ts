/**
 * The terminal summary, the page's little sister: a line of facts, a short paragraph, the top connections as a table, what the
 * captures cannot show. Never wider than the terminal, whatever the names; colours say nothing that the words do not.
 */
import picocolors from 'picocolors';
import type { ReportDocument, ReportSummary } from '../model/document.js';
import { clockFor, type Clock } from './clock.js';
import { connectionTable } from './connection-table.js';
import { bytesText, countText, durationText } from './figures.js';
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
const MOST_LIMITATIONS = 8;

/** The summary, ending with a line feed. */
export function summaryText(document: ReportDocument, options: SummaryOptions): string {
  const colors = picocolors.createColors(options.color);
  const clock = clockFor(options.timeZone);
  const { summary } = document;
  const blocks = [
    wrapText(factsLine(summary, clock, options.timeZone), options.columns).map((line) => colors.bold(line)),
    summary.partial ? ['Interrupted: this is what had been read until then.'] : [],
    tableBlock(document, clock, options, colors),
    limitationLines(summary, options.columns, colors),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => `${block.join('\n')}\n`)
    .join('\n');
}

function factsLine(summary: ReportSummary, clock: Clock, timeZone: string): string {
  const nodes = new Set(summary.vantagePoints.flatMap(({ node }) => (node === null ? [] : [node]))).size;
  const wireBytes = summary.captures.reduce((sum, capture) => sum + capture.wireBytes, 0);
  return [
    counted(summary.captures.length, 'capture'),
    ...(nodes === 0 ? [] : [counted(nodes, 'node')]),
    ...timeFacts(summary, clock, timeZone),
    `${countText(summary.totals.packets)} packets`,
    bytesText(wireBytes),
    counted(summary.totals.connections, 'connection'),
  ].join(' · ');
}

function timeFacts({ time }: ReportSummary, clock: Clock, timeZone: string): string[] {
  if (time === null) return [];
  const start = clock(time.start);
  const end = clock(time.end);
  const until = start.date === end.date ? end.time.slice(0, 8) : `${end.date} ${end.time.slice(0, 8)}`;
  const zone = timeZone === 'UTC' ? 'UTC' : timeZone;
  return [`${start.date} ${start.time.slice(0, 8)}–${until} ${zone} (${durationText(time.durationNs)})`];
}

function tableBlock(document: ReportDocument, clock: Clock, options: SummaryOptions, colors: Colors): string[] {
  const all = document.connections.length;
  if (all === 0) {
    const { connections } = document.summary.totals;
    return [connections === 0 ? 'No connections.' : `None of the ${countText(connections)} connections is selected.`];
  }
  const rows = Math.min(all, options.rows ?? USUAL_ROWS);
  const title =
    rows === all
      ? `${counted(all, 'connection')}, the largest first`
      : `The largest ${rows} of ${counted(all, 'connection')}`;
  const more = rows < all ? [colors.dim('-o report.html shows them all, --top N shows more here.')] : [];
  const startText = startFormat(document.summary, clock);
  return [
    colors.bold(title),
    ...connectionTable(document.connections, rows, options.columns, startText, colors),
    ...more,
  ];
}

/** Times of day; with their day where the captures last over midnight. */
function startFormat({ time }: ReportSummary, clock: Clock): (timestamp: string) => string {
  const isOneDay = time === null || clock(time.start).date === clock(time.end).date;
  return (timestamp) => {
    const start = clock(timestamp);
    return isOneDay ? start.time : `${start.date.slice(5)} ${start.time.slice(0, 8)}`;
  };
}

function limitationLines({ limitations }: ReportSummary, columns: number, colors: Colors): string[] {
  if (limitations.length === 0) return [];
  const lines = limitations.slice(0, MOST_LIMITATIONS).flatMap(({ severity, text, advice }) => {
    const sign = severity === 'warning' ? colors.yellow('▲') : '○';
    const [first = '', ...rest] = wrapText(plainText(text), columns - 2);
    const adviceLines = advice === null ? [] : wrapText(plainText(advice), columns - 4);
    return [
      `${sign} ${first}`,
      ...rest.map((line) => `  ${line}`),
      ...adviceLines.map((line) => colors.dim(`    ${line}`)),
    ];
  });
  const hidden = limitations.length - MOST_LIMITATIONS;
  return [
    colors.bold('What these captures cannot show'),
    ...lines,
    ...(hidden > 0 ? [`  and ${hidden} more in -o report.html`] : []),
  ];
}

function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}
