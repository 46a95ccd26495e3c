/** The table of connections: the first rows as markup, all of them as data for the page's script. */
import { formatCount } from '../figures.js';
import type { ViewContext } from './context.js';
import type { PreparedData } from './page-script.js';

/** Rows that are there without JavaScript: fewer in a page of many connections, so that it stays below two megabytes. */
const MOST_SERVER_ROWS = 150;
const LEAST_SERVER_ROWS = 25;
const MOST_CHARACTERS = 1_650_000;
/** Of these, the ones whose path is drawn: a drawing is longer than all else of a row. */
const SERVER_DRAWINGS = 10;

export interface ConnectionsView {
  readonly count: string;
  readonly rows: string;
  readonly data: string;
  /** For readers without JavaScript: how many rows there are beyond those shown; empty if none. */
  readonly beyond: string;
  /** A sentence on connections that are not in the page at all; empty if all are. */
  readonly leftOut: string;
  readonly namespaces: readonly string[];
  readonly protocols: readonly string[];
  readonly states: readonly { readonly value: string; readonly text: string }[];
  /** Verdicts and outcomes of policies that occur. */
  readonly policies: readonly string[];
  /** How many connections stay on their link (multicast and the like); empty if there is none, or nothing else. */
  readonly linkTraffic: string;
}

/** Groups of outcomes in templates/page.js, in the order of the menu. */
const STATE_GROUPS: readonly { readonly value: string; readonly text: string }[] = [
  { value: 'failed', text: '✕ failed to connect' },
  { value: 'reset', text: '↺ reset' },
  { value: 'complete', text: '✓ complete' },
  { value: 'open', text: '… open or half closed' },
  { value: 'partial', text: '◐ seen in part' },
  { value: 'both', text: '⇄ both ways (not TCP)' },
  { value: 'oneway', text: '→ one way (not TCP)' },
];

export function connectionsView(context: ViewContext): ConnectionsView | null {
  const { pageData, pageScript, summary } = context;
  if (pageData === null) return null;
  const { length } = pageData;
  const data = pageScript.prepare(pageData);
  const json = JSON.stringify(pageData).replaceAll('<', '\\u003c');
  let rows = '';
  let shown = 0;
  while (shown < Math.min(length, MOST_SERVER_ROWS)) {
    if (shown >= LEAST_SERVER_ROWS && json.length + rows.length > MOST_CHARACTERS) break;
    const row = shown++;
    const decoded = pageScript.readRow(data, row);
    rows += pageScript.rowHtml(data, decoded) + pageScript.detailHtml(decoded, row < SERVER_DRAWINGS);
  }
  const selected = summary.totals.connections - context.allConnections;
  const limited = context.allConnections - length;
  return {
    count: formatCount(length),
    rows,
    data: json,
    beyond: length > shown ? formatCount(length - shown) : '',
    leftOut: [
      limited > 0
        ? `Of ${formatCount(context.allConnections)} connections the page holds ${formatCount(length)}, so as to stay small: those that failed, then those with the most bytes. All are in the CSV and JSON outputs.`
        : '',
      selected > 0
        ? `${formatCount(selected)} of ${formatCount(summary.totals.connections)} connections were not selected by the options of this report.`
        : '',
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    namespaces: namespacesOf(data),
    protocols: [...new Set(data.kinds.map((kind) => kind.protocol))],
    states: statesOf(data),
    linkTraffic: linkTrafficOf(context, data, length),
    policies: [...new Set([...data.policies.map((one) => one.verdict), ...data.policies.map((one) => one.outcome)])],
  };
}

function linkTrafficOf({ pageScript }: ViewContext, data: PreparedData, length: number): string {
  let count = 0;
  for (let row = 0; row < length; row++) if (pageScript.isLinkTraffic(data, row)) count++;
  return count === 0 || count === length ? '' : formatCount(count);
}

function namespacesOf(data: PreparedData): string[] {
  const names = new Set(data.owners.map((owner) => owner.namespace).filter((name) => name !== null));
  return [...names].sort();
}

/** The groups that occur. */
function statesOf(data: PreparedData): ConnectionsView['states'] {
  const groups = new Set(data.kinds.map(({ outcome: [group] }) => group));
  return STATE_GROUPS.filter((group) => groups.has(group.value));
}
