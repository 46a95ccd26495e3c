/** Tunnels: the outer flows that carried others, and WireGuard's messages. */
import type { Carrier, EndpointAddress } from '../../model/document.js';
import { counted, formatBytes, formatCount } from '../figures.js';
import { partyOf, type PartyName } from '../naming.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

export interface TunnelsView {
  readonly count: string;
  readonly rows: readonly TunnelView[];
}

export interface TunnelView {
  readonly kind: string;
  readonly id: string;
  readonly a: TunnelEndView;
  readonly b: TunnelEndView;
  readonly point: string;
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
  const points = new Map(summary.vantagePoints.map((point) => [point.id, point.name]));
  return {
    count: formatCount(summary.carriers.length),
    rows: summary.carriers.map((carrier) => ({
      kind: displayText(carrier.kind),
      id: carrier.tunnelId === null ? '' : String(carrier.tunnelId),
      a: endView(carrier.a),
      b: endView(carrier.b),
      point: displayText(points.get(carrier.vantagePoint) ?? `vantage point ${carrier.vantagePoint}`),
      packets: `${formatCount(carrier.packetsAToB)} → / ${formatCount(carrier.packetsBToA)} ←`,
      bytes: formatBytes(carrier.wireBytes),
      inner: carrier.innerFlows === 0 ? '–' : formatCount(carrier.innerFlows),
      messages: messagesOf(carrier),
    })),
  };
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
