/** The table of connections: the first rows as markup, all of them as data for the page's script. */
import { formatCount } from '../figures.js';
import { encodePageData, type PageData } from './page-data.js';
import type { ViewContext } from './context.js';

/** Rows that are there without JavaScript. */
const SERVER_ROWS = 200;

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
}

/** Groups of `stateOf` in templates/page.js, in the order of the menu. */
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
  const { document, pageScript, zone, manyDays, origin, summary } = context;
  const { length } = document.connections;
  if (length === 0 || origin === null) return null;
  const encoded = encodePageData(document, zone, manyDays, origin);
  const data = pageScript.prepare(encoded);
  let rows = '';
  for (let row = 0; row < Math.min(length, SERVER_ROWS); row++) {
    const decoded = pageScript.readRow(data, row);
    rows += pageScript.rowHtml(data, decoded) + pageScript.detailHtml(decoded);
  }
  const selected = summary.totals.connections - context.allConnections;
  const limited = context.allConnections - length;
  return {
    count: formatCount(length),
    rows,
    data: JSON.stringify(encoded).replaceAll('<', '\\u003c'),
    beyond: length > SERVER_ROWS ? formatCount(length - SERVER_ROWS) : '',
    leftOut: [
      limited > 0
        ? `Of ${formatCount(context.allConnections)} connections the page holds ${formatCount(length)}: those that failed, then those with the most bytes. All are in the CSV and JSON outputs.`
        : '',
      selected > 0
        ? `${formatCount(selected)} of ${formatCount(summary.totals.connections)} connections were not selected by the options of this report.`
        : '',
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    namespaces: namespacesOf(encoded),
    protocols: encoded.protocols,
    states: statesOf(context, encoded),
  };
}

function namespacesOf(data: PageData): string[] {
  const names = new Set(data.owners.map((owner) => owner.namespace).filter((name) => name !== null));
  return [...names].sort();
}

/** The groups that occur. */
function statesOf({ pageScript }: ViewContext, data: PageData): ConnectionsView['states'] {
  const { protocol, state } = data.columns;
  const groups = new Set<string>();
  const seen = new Set<number>();
  for (let row = 0; row < data.length; row++) {
    const [protocolIndex = 0, stateIndex = 0] = [protocol[row], state[row]];
    const pair = protocolIndex * data.states.length + stateIndex;
    if (seen.has(pair)) continue;
    seen.add(pair);
    groups.add(pageScript.stateOf(data.protocols[protocolIndex] ?? '', data.states[stateIndex] ?? '')[0]);
  }
  return STATE_GROUPS.filter((group) => groups.has(group.value));
}
