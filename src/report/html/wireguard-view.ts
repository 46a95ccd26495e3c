/**
 * WireGuard between hosts: for each pair of peers whether it works, what is wrong, its handshakes, what each direction lost by its counters,
 * and whose packets the encrypted bytes were.
 */
import type {
  WireguardAttribution,
  WireguardEnd,
  WireguardHandshake,
  WireguardPair,
  WireguardPeer,
  WireguardSummary,
} from '../../model/wireguard.js';
import { counted, formatBytes, formatCount, formatLatency } from '../figures.js';
import { partyOf, type PartyName } from '../naming.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const MOST_PEERS = 20;
const MOST_HANDSHAKES = 12;
const MOST_PAIRS = 20;

export interface WireguardView {
  readonly count: string;
  /** What the figures lack, as a sentence each. */
  readonly gaps: readonly string[];
  /** Those that fail first. */
  readonly peers: readonly PeerView[];
  readonly rest: string;
}

export interface PeerView {
  readonly title: string;
  readonly state: string;
  readonly sign: string;
  readonly group: string;
  readonly ends: readonly { readonly name: PartyName; readonly address: string; readonly key: string }[];
  readonly problems: readonly { readonly text: string; readonly advice: string }[];
  readonly traffic: readonly {
    readonly direction: string;
    readonly point: string;
    readonly messages: string;
    readonly keepAlives: string;
    readonly bytes: string;
    readonly lost: string;
    readonly reordered: string;
    readonly duplicates: string;
  }[];
  readonly handshakes: readonly {
    readonly time: string;
    readonly direction: string;
    readonly outcome: string;
    readonly failed: boolean;
    readonly latency: string;
    readonly madeFor: string;
  }[];
  readonly moreHandshakes: string;
  readonly pairs: readonly {
    readonly source: PartyName;
    readonly destination: PartyName;
    readonly packets: string;
    readonly bytes: string;
    readonly confidence: string;
  }[];
  readonly attributed: string;
}

const STATES: Readonly<Record<WireguardPeer['state'], { readonly sign: string; readonly group: string }>> = {
  working: { sign: '✓', group: 'complete' },
  failing: { sign: '✕', group: 'failed' },
  idle: { sign: '…', group: 'open' },
};

const OUTCOMES: Readonly<Record<WireguardHandshake['outcome'], string>> = {
  completed: 'completed',
  answered: 'answered, not confirmed by data',
  cookie: 'answered with a cookie (the responder is under load)',
  unanswered: 'not answered',
  unknown: 'the captures end too soon',
};

export function wireguardView(context: ViewContext): WireguardView | null {
  const { wireguard } = context.summary;
  if (wireguard === null || wireguard.peers.length === 0) return null;
  const left = wireguard.peers.length + wireguard.otherPeers - MOST_PEERS;
  return {
    count: formatCount(wireguard.peers.length + wireguard.otherPeers),
    gaps: gapsOf(wireguard),
    peers: [...wireguard.peers]
      .sort((a, b) => Number(b.state === 'failing') - Number(a.state === 'failing'))
      .slice(0, MOST_PEERS)
      .map((peer) => peerView(peer, context)),
    rest: left > 0 ? `${counted(left, 'more pair')} of peers: see the JSON report.` : '',
  };
}

function gapsOf({ notKept }: WireguardSummary): string[] {
  const gaps = [
    [notKept.handshakeMessages, 'handshake message', 'beyond the limit: handshakes are missing below.'],
    [notKept.sessionMessages, 'data message', 'of sessions beyond the limit: not in any figure below.'],
    [
      notKept.dataMessages,
      'data message',
      'counted, but not kept: not matched with packets inside the tunnel or other vantage points.',
    ],
  ] as const;
  return gaps.flatMap(([count, what, why]) => (count === 0 ? [] : [`${counted(count, what)} ${why}`]));
}

function peerView(peer: WireguardPeer, { summary, zone }: ViewContext): PeerView {
  const names = new Map(summary.vantagePoints.map((point) => [point.id, displayText(point.name)]));
  const [a, b] = [shortName(peer.a), shortName(peer.b)];
  const direction = (one: 'a to b' | 'b to a'): string => (one === 'a to b' ? `${a} → ${b}` : `${b} → ${a}`);
  const moreHandshakes = peer.handshakes.length + peer.otherHandshakes - MOST_HANDSHAKES;
  return {
    title: `${a} ↔ ${b}`,
    state: peer.state,
    ...STATES[peer.state],
    ends: [peer.a, peer.b].map(endView),
    problems: peer.problems.map(({ text, advice }) => ({ text: displayText(text), advice: displayText(advice) })),
    traffic: peer.traffic.map((one) => ({
      direction: direction(one.direction),
      point: names.get(one.vantagePoint) ?? `vantage point ${one.vantagePoint}`,
      messages: formatCount(one.dataMessages),
      keepAlives: formatCount(one.keepAlives),
      bytes: formatBytes(one.bytes),
      lost: one.lost === 0 ? '' : formatCount(one.lost),
      reordered: formatCount(one.reordered),
      duplicates: formatCount(one.duplicates),
    })),
    handshakes: peer.handshakes.slice(0, MOST_HANDSHAKES).map((one) => ({
      time: zone.formatTimestamp(one.time).time,
      direction: direction(one.direction),
      outcome: OUTCOMES[one.outcome],
      failed: one.outcome === 'unanswered',
      latency: one.latencyNs === null ? '–' : formatLatency(one.latencyNs / 1000),
      madeFor: madeForText(one),
    })),
    moreHandshakes: moreHandshakes > 0 ? `${counted(moreHandshakes, 'more handshake')}: see the JSON report.` : '',
    ...attributionView(peer),
  };
}

function shortName(end: WireguardEnd): string {
  return displayText(end.node ?? partyOf(end).name);
}

function endView(end: WireguardEnd): PeerView['ends'][number] {
  const port = end.address.includes(':') ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
  const others = end.otherAddresses.length === 0 ? '' : `, also ${end.otherAddresses.join(', ')}`;
  const from = end.publicKeyFrom === null ? '' : ` (${end.publicKeyFrom})`;
  return {
    name: { scope: '', name: shortName(end) },
    address: displayText(port + others),
    key: displayText(end.publicKey === null ? 'public key not known' : `public key ${end.publicKey}${from}`),
  };
}

function madeForText({ madeFor, key }: WireguardHandshake): string {
  switch (madeFor) {
    case 'peer':
      return 'the peer’s public key';
    case 'other':
      return displayText(`another key: ${key ?? ''}`);
    case 'unknown':
      return 'a key that nobody here has';
    default:
      return 'not known';
  }
}

function attributionView({ attribution }: WireguardPeer): Pick<PeerView, 'pairs' | 'attributed'> {
  const pairs = attribution.flatMap((one) => one.pairs).sort((a, b) => b.bytes - a.bytes);
  const sum = (count: (one: WireguardAttribution) => number): number =>
    attribution.reduce((total, one) => total + count(one), 0);
  const bytes = sum((one) => one.bytes);
  const unsent = sum((one) => one.packetsWithoutMessage);
  const sentences = [
    bytes === 0
      ? ''
      : `${formatBytes(sum((one) => one.matchedBytes))} of ${formatBytes(bytes)} of encrypted data could be attributed to packets inside the tunnel.`,
    unsent === 0
      ? ''
      : `${counted(unsent, 'packet')} at the WireGuard device ${unsent === 1 ? 'has' : 'have'} no message: never sent for want of a session, or not captured.`,
    attribution.some((one) => !one.isComplete)
      ? 'Not all packets and messages were kept: what is attributed is a part, and more packets may have messages.'
      : '',
  ];
  return {
    pairs: pairs.slice(0, MOST_PAIRS).map(pairView),
    attributed: sentences.filter((sentence) => sentence !== '').join(' '),
  };
}

function pairView(pair: WireguardPair): PeerView['pairs'][number] {
  const range = `${formatBytes(pair.lowBytes)} to ${formatBytes(pair.highBytes)}`;
  return {
    source: partyOf(pair.source),
    destination: partyOf(pair.destination),
    packets: formatCount(pair.packets),
    bytes: formatBytes(pair.bytes),
    confidence:
      pair.messages === 0
        ? 'no message'
        : pair.lowBytes === pair.highBytes
          ? pair.confidence
          : `${pair.confidence}: ${range}`,
  };
}
