/**
 * Connections as a table that fits the width: client and server share what the other columns leave, and their names are cut in
 * the middle. Narrow terminals get fewer columns.
 */
import Table from 'cli-table3';
import { isFailed, type Connection, type ConnectionTable, type Endpoint } from '../model/document.js';
import { formatBytes, formatDuration, formatShortCount } from '../report/figures.js';
import { bytesOf, rankRows } from '../report/top.js';
import { stateText } from './connection-state.js';
import type { Colors } from './messenger.js';
import { cutMiddle, plainText, textWidth } from './text.js';

/** A cell that may be cut: its name in the middle, its ending never. */
interface Cell {
  readonly name: string;
  readonly ending: string;
}

interface Column {
  readonly heading: string;
  readonly kind: 'text' | 'number' | 'end';
  /** Shown from this width of the terminal on. */
  readonly from: number;
  readonly cell: (connection: Connection) => Cell;
}

const GAP = 2;
const NO_LINES = {
  ...{ top: '', 'top-left': '', 'top-mid': '', 'top-right': '' },
  ...{ mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  ...{ bottom: '', 'bottom-left': '', 'bottom-mid': '', 'bottom-right': '' },
  ...{ left: '', middle: '', right: '' },
};

/** Only where policies forbid something: most connections are allowed, and a column of that would say little. */
const POLICY: Column = {
  heading: 'POLICY',
  kind: 'text',
  from: 68,
  cell: (connection) => whole(policyText(connection)),
};

const COLUMNS: readonly Column[] = [
  { heading: 'CLIENT', kind: 'end', from: 0, cell: ({ client }) => endCell(client, '') },
  {
    heading: 'SERVER',
    kind: 'end',
    from: 0,
    cell: (connection) => endCell(connection.server, serviceText(connection)),
  },
  { heading: 'STATE', kind: 'text', from: 60, cell: (connection) => whole(stateText(connection)) },
  POLICY,
  {
    heading: 'RTT',
    kind: 'number',
    from: 140,
    cell: ({ handshakeRttNs: rtt }) => whole(rtt === null ? '' : formatDuration(rtt / 1000)),
  },
  {
    heading: 'DURATION',
    kind: 'number',
    from: 120,
    cell: ({ durationNs }) => whole(formatDuration(durationNs / 1000)),
  },
  {
    heading: 'PACKETS',
    kind: 'number',
    from: 110,
    cell: (connection) => whole(formatShortCount(packetsOf(connection))),
  },
  { heading: 'BYTES', kind: 'number', from: 0, cell: (connection) => whole(formatBytes(bytesOf(connection))) },
];

/** The `count` connections with the most bytes, the largest first. */
export function largestConnections(table: ConnectionTable, count: number): Connection[] {
  const largest = rankRows(table, bytesOf, count).map((index) => table.row(index));
  return largest.sort((a, b) => bytesOf(b) - bytesOf(a));
}

/** Those that were never set up, in order of time. */
export function failedConnections(table: ConnectionTable): Connection[] {
  const failed: Connection[] = [];
  for (let index = 0; index < table.length; index++) {
    const connection = table.row(index);
    if (isFailed(connection.protocol, connection.state)) failed.push(connection);
  }
  return failed;
}

/** Lines of a table with a row per connection; none is wider than `width`. */
export function connectionTable(
  connections: readonly Connection[],
  width: number,
  startText: (timestamp: string) => string,
  colors: Colors,
): string[] {
  const hasDenied = connections.some((connection) => policyText(connection) !== '');
  const columns = [startColumn(startText), ...COLUMNS].filter(
    (column) => width >= column.from && (column !== POLICY || hasDenied),
  );
  const cells = connections.map((connection) => columns.map(({ cell }) => plainCell(cell(connection))));
  const widths = columnWidths(columns, cells, width);
  const output = new Table({
    head: columns.map(({ heading }) => colors.dim(heading)),
    colWidths: widths.map((columnWidth) => columnWidth + GAP),
    colAligns: columns.map(({ kind }) => (kind === 'number' ? 'right' : 'left')),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  for (const [row, connection] of connections.entries()) {
    const hasFailed = isFailed(connection.protocol, connection.state);
    const texts = columns.map((_, index) => cutCell(cells[row]?.[index] ?? whole(''), widths[index] ?? 0));
    output.push(hasFailed ? texts.map((text) => colors.red(text)) : texts);
  }
  return output
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** `denied` where the policies deny it, `dropped` where a policy engine logged that although they allow it; else empty. */
function policyText({ policy }: Connection): string {
  if (policy?.outcome === 'allowed but dropped') return 'dropped';
  return policy?.verdict === 'denied' ? 'denied' : '';
}

function startColumn(startText: (timestamp: string) => string): Column {
  return { heading: 'START', kind: 'text', from: 76, cell: ({ start }) => whole(startText(start)) };
}

/** Natural widths, as far as they fit; the ends give way, the longer one first. */
function columnWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): number[] {
  const natural = columns.map(({ heading }, index) =>
    Math.max(heading.length, ...rows.map((cells) => cellWidth(cells[index] ?? whole('')))),
  );
  const isEnd = (index: number): boolean => columns[index]?.kind === 'end';
  const fixed = natural.reduce((sum, wanted, index) => sum + (isEnd(index) ? 0 : wanted), GAP * (columns.length - 1));
  const forEnds = Math.max(width - fixed, 2);
  const wantedByEnds = natural.filter((_, index) => isEnd(index));
  const half = Math.floor(forEnds / 2);
  const shorter = Math.min(...wantedByEnds);
  // One end that needs less than half leaves the rest to the other.
  const most = shorter < half ? forEnds - shorter : half;
  return natural.map((wanted, index) => (isEnd(index) ? Math.min(wanted, most) : wanted));
}

function endCell({ address, owner, port }: Endpoint, service: string): Cell {
  if (owner.name === null) {
    return {
      name: service !== '' && port !== null && address.includes(':') ? `[${address}]` : address,
      ending: service,
    };
  }
  const name = owner.namespace === null ? owner.name : `${owner.namespace}/${owner.name}`;
  const doubt = owner.confidence === 'observed' ? '' : '?';
  return { name: owner.kind === 'gateway' ? `${name} gateway` : name, ending: doubt + service };
}

/** `:8080`, `:53/UDP`; the protocol alone where it has no ports. */
function serviceText({ protocol, server: { port } }: Connection): string {
  if (port === null) return ` ${protocol}`;
  return protocol === 'TCP' ? `:${port}` : `:${port}/${protocol}`;
}

function packetsOf({ clientToServer, serverToClient }: Connection): number {
  return clientToServer.packets + serverToClient.packets;
}

function whole(text: string): Cell {
  return { name: text, ending: '' };
}

function plainCell({ name, ending }: Cell): Cell {
  return { name: plainText(name), ending: plainText(ending) };
}

function cellWidth({ name, ending }: Cell): number {
  return textWidth(name) + textWidth(ending);
}

function cutCell({ name, ending }: Cell, width: number): string {
  return cutMiddle(cutMiddle(name, Math.max(width - textWidth(ending), 1)) + ending, width);
}
