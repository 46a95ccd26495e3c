/**
 * Tunnels: the outer flows that carried others, and WireGuard's messages. A tunnel that several vantage points saw is one row, with
 * the counters of the one that saw the most packets.
 */
import type { Carrier, EndpointAddress } from '../../model/document.js';
import { counted, formatBytes, formatCount } from '../figures.js';
import { partyOf, type PartyName } from '../naming.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const MOST_ROWS = 60;
const MOST_POINTS = 4;

export interface TunnelsView {
  readonly count: string;
  readonly rows: readonly TunnelView[];
  /** A sentence on tunnels that are not in the table; empty if all are. */
  readonly rest: string;
}

export interface TunnelView {
  readonly kind: string;
  readonly id: string;
  readonly a: TunnelEndView;
  readonly b: TunnelEndView;
  readonly points: string;
  readonly packets: string;
  readonly bytes: string;
  readonly inner: string;
  /** WireGuard's messages in words; empty for the others. */
  readonly messages: string;
}

interface TunnelEndView {
  readonly name: PartyName;
  readonly address: string;
}

export function tunnelsView({ summary }: ViewContext): TunnelsView | null {
  if (summary.carriers.length === 0) return null;
  const names = new Map(summary.vantagePoints.map((point) => [point.id, point.name]));
  const tunnels = [...groupCarriers(summary.carriers).values()];
  const left = tunnels.length - MOST_ROWS;
  return {
    count: formatCount(tunnels.length),
    rows: tunnels.slice(0, MOST_ROWS).map((seen) => tunnelView(seen, names)),
    rest: left <= 0 ? '' : `${counted(left, 'more tunnel')} with fewer bytes: see the JSON report.`,
  };
}

/** The same tunnel at its vantage points, in the order of the document. */
function groupCarriers(carriers: readonly Carrier[]): Map<string, Carrier[]> {
  const groups = new Map<string, Carrier[]>();
  for (const carrier of carriers) {
    const key = JSON.stringify([carrier.kind, carrier.tunnelId, carrier.a.address, carrier.b.address]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [carrier]);
    else group.push(carrier);
  }
  return groups;
}

function tunnelView(seen: readonly Carrier[], names: ReadonlyMap<number, string>): TunnelView {
  const most = seen.reduce((best, one) => (packetsOf(one) > packetsOf(best) ? one : best));
  const points = [...new Set(seen.map(({ vantagePoint: id }) => names.get(id) ?? `vantage point ${id}`))];
  const more = points.length - MOST_POINTS;
  return {
    kind: displayText(most.kind),
    id: most.tunnelId === null ? '' : String(most.tunnelId),
    a: endView(most.a),
    b: endView(most.b),
    points: displayText(points.slice(0, MOST_POINTS).join(', ')) + (more > 0 ? ` and ${formatCount(more)} more` : ''),
    packets: `${formatCount(most.packetsAToB)} → / ${formatCount(most.packetsBToA)} ←`,
    bytes: formatBytes(most.wireBytes),
    inner: most.innerFlows === 0 ? '–' : formatCount(most.innerFlows),
    messages: messagesOf(most),
  };
}

function packetsOf(carrier: Carrier): number {
  return carrier.packetsAToB + carrier.packetsBToA;
}

function endView(end: EndpointAddress): TunnelEndView {
  const name = partyOf(end);
  return { name, address: name.name === end.address ? '' : displayText(end.address) };
}

function messagesOf({ wireguard }: Carrier): string {
  if (wireguard === null) return '';
  const { handshakeInitiations, handshakeResponses, cookieReplies, transportData, keepAlives } = wireguard;
  const parts = [
    counted(handshakeInitiations, 'handshake initiation'),
    counted(handshakeResponses, 'response'),
    `${formatCount(transportData)} transport data`,
    counted(keepAlives, 'keep-alive'),
  ];
  if (cookieReplies > 0) parts.push(counted(cookieReplies, 'cookie reply', 'cookie replies'));
  return parts.join(', ');
}
