/** WireGuard's part of the report document: peers, handshakes, sessions, losses and attribution, bounded and in a fixed order. */
import { compareText } from '../../base/compare-text.js';
import type {
  HopWireguard,
  WireguardAttribution,
  WireguardConfidence,
  WireguardEnd,
  WireguardHandshake,
  WireguardPair,
  WireguardPeer,
  WireguardSession,
  WireguardSummary,
  WireguardTraffic,
} from '../../model/wireguard.js';
import { WIREGUARD } from '../../flow/wireguard-handshakes.js';
import type { Attributed, DirectionAttribution } from './attribution.js';
import { attributePeers, type Inside } from './attributions.js';
import { findHandshakes, type Handshake, KnownKeys } from './handshakes.js';
import { KnownStarts, lostIn, segmentsOf } from './losses.js';
import { type DataSession, readMessages, type WireguardMessages } from './messages.js';
import { findPeers, type PeerDirection, type PeerEnd, type PeerMessages } from './peers.js';
import { directionText, problemsOf } from './problems.js';
import type { WireguardSetting } from './setting.js';

const MOST_PEERS = 200;
const MOST_LISTED = 50;
const MOST_PAIRS = 200;
const MOST_ADDRESSES = 10;
/** UDP payload by message type (protocol page). */
const HANDSHAKE_BYTES: Readonly<Record<number, number>> = {
  [WIREGUARD.Initiation]: 148,
  [WIREGUARD.Response]: 92,
  [WIREGUARD.CookieReply]: 64,
};

/** WireGuard as the whole run shows it; and what the packets at WireGuard devices became, by flow. */
export interface WireguardAnalysis {
  readonly summary: WireguardSummary | null;
  /** Of a flow and its client's direction; null where nothing was matched. */
  hop(pieces: readonly number[], clientDirection: number): HopWireguard | null;
}

export function analyzeWireguard(inside: Inside, setting: WireguardSetting): WireguardAnalysis {
  const messages = readMessages(inside.flows, inside.samples.originSeconds);
  if (messages.sessions.length + messages.handshakes.length === 0) return { summary: null, hop: () => null };
  const keys = new KnownKeys(setting.keys);
  const found = findPeers(messages, setting);
  const handshakes = found.map((peer) => findHandshakes(peer, keys, setting));
  const attributions = attributePeers(found, handshakes, inside, setting);
  const all = found.map((peer, number) => {
    const described = describePeer(peer, handshakes[number]!, attributions[number]!, keys, setting);
    return { peer, described, attributions: attributions[number]!, bytes: bytesOf(peer) };
  });
  all.sort(
    (x, y) => y.bytes - x.bytes || compareText(x.peer.a.key, y.peer.a.key) || compareText(x.peer.b.key, y.peer.b.key),
  );
  const listed = all.slice(0, MOST_PEERS);
  const hops = new HopTable(listed, setting);
  return {
    summary: {
      peers: listed.map(({ described }) => described),
      otherPeers: all.length - listed.length,
      notKept: messages.notKept satisfies WireguardMessages['notKept'],
    },
    hop: (pieces, clientDirection) => hops.hop(pieces, clientDirection),
  };
}

function bytesOf(peer: PeerMessages): number {
  return peer.sessions.flat().reduce((sum, { bytes }) => sum + bytes, 0);
}

function describePeer(
  peer: PeerMessages,
  handshakes: readonly Handshake[],
  attributions: readonly DirectionAttribution[],
  keys: KnownKeys,
  setting: WireguardSetting,
): WireguardPeer {
  const starts = new KnownStarts(peer);
  const segments = segmentsOf(peer, starts, setting);
  const problems = problemsOf(peer, handshakes, segments, keys, setting);
  const sessions = sessionsOf(peer, starts, setting);
  const failsFirst = [...handshakes].sort((x, y) => rankOf(x) - rankOf(y)).slice(0, MOST_LISTED);
  return {
    a: endOf(peer.a, keys, setting),
    b: endOf(peer.b, keys, setting),
    state: stateOf(peer, problems),
    problems,
    traffic: trafficOf(peer, starts, setting),
    handshakes: handshakes.filter((each) => failsFirst.includes(each)).map((each) => handshakeOf(each, setting)),
    otherHandshakes: handshakes.length - failsFirst.length,
    sessions: sessions.listed,
    otherSessions: sessions.others,
    segments: segments.map((segment) => ({ ...segment, direction: directionText(segment.direction) })),
    attribution: ([0, 1] as const).flatMap((direction) => {
      const own = attributions.filter(
        (each) => each.direction === direction && each.messages + each.packetsWithoutMessage > 0,
      );
      const isOwn = ({ innerAt }: DirectionAttribution): number => Number(setting.isOwnCapture(innerAt));
      const [best] = own.sort(
        (x, y) => unmatched(x) - unmatched(y) || Number(y.isSender) - Number(x.isSender) || isOwn(y) - isOwn(x),
      );
      return best === undefined ? [] : [attributionOf(best, setting)];
    }),
  };
}

function unmatched({ bytes, matchedBytes, isComplete }: DirectionAttribution): number {
  return bytes - matchedBytes + (isComplete ? 0 : 1);
}

function rankOf({ outcome }: Handshake): number {
  return outcome === 'completed' ? 1 : 0;
}

function stateOf(peer: PeerMessages, problems: WireguardPeer['problems']): WireguardPeer['state'] {
  if (problems.some(({ kind }) => kind !== 'loss')) return 'failing';
  return peer.sessions.flat().length > 0 ? 'working' : 'idle';
}

function endOf(end: PeerEnd, keys: KnownKeys, setting: WireguardSetting): WireguardEnd {
  const [key] = keys.ofNode(end.node);
  const others = [...end.addresses].filter((address) => address !== end.address);
  return {
    address: setting.addressText(end.address),
    port: end.port,
    owner: end.owner,
    otherAddresses: others
      .map((address) => setting.addressText(address))
      .sort(compareText)
      .slice(0, MOST_ADDRESSES),
    node: end.node,
    publicKey: key?.key ?? null,
    publicKeyFrom: key?.from ?? null,
  };
}

function trafficOf(peer: PeerMessages, starts: KnownStarts, setting: WireguardSetting): WireguardTraffic[] {
  return ([0, 1] as const).flatMap((direction) => {
    const vantages = new Set(
      [...peer.sessions[direction], ...peer.handshakes[direction]].map(({ vantage }) => vantage),
    );
    return [...vantages].sort((x, y) => x - y).map((vantage) => trafficAt(peer, direction, vantage, starts, setting));
  });
}

function trafficAt(
  peer: PeerMessages,
  direction: PeerDirection,
  vantage: number,
  starts: KnownStarts,
  setting: WireguardSetting,
): WireguardTraffic {
  const sessions = peer.sessions[direction].filter((session) => session.vantage === vantage);
  const handshakes = peer.handshakes[direction].filter((handshake) => handshake.vantage === vantage);
  const count = (type: number): number => handshakes.filter((handshake) => handshake.type === type).length;
  const sum = (value: (session: DataSession) => number): number =>
    sessions.reduce((total, session) => total + value(session), 0);
  const handshakeBytes = handshakes.reduce((total, { type }) => total + (HANDSHAKE_BYTES[type] ?? 0), 0);
  const times = [...handshakes.map(({ time }) => time), ...sessions.flatMap(({ start, end }) => [start, end])];
  return {
    direction: directionText(direction),
    vantagePoint: vantage,
    start: setting.timeText(smallest(times), vantage),
    end: setting.timeText(largest(times), vantage),
    initiations: count(WIREGUARD.Initiation),
    responses: count(WIREGUARD.Response),
    cookieReplies: count(WIREGUARD.CookieReply),
    dataMessages: sum(({ messages }) => messages),
    keepAlives: sum(({ keepAlives }) => keepAlives),
    bytes: handshakeBytes + sum(({ bytes }) => bytes),
    sessions: sessions.length,
    lost: sum((session) => lostIn(session, starts.has(direction, session))),
    duplicates: sum(({ repeats }) => repeats),
    reordered: sum(({ reordered }) => reordered),
  };
}

function smallest(times: readonly number[]): number {
  return times.reduce((least, time) => Math.min(least, time), Infinity);
}

function largest(times: readonly number[]): number {
  return times.reduce((most, time) => Math.max(most, time), -Infinity);
}

function handshakeOf(handshake: Handshake, setting: WireguardSetting): WireguardHandshake {
  const { direction, told, outcome, latencyNs, initiatorIndex, responderIndex, madeFor, key } = handshake;
  const placesOf = (messages: readonly { vantage: number }[]): number[] =>
    [...new Set(messages.map(({ vantage }) => vantage))].sort((x, y) => x - y);
  return {
    direction: directionText(direction),
    time: setting.timeText(told.time, told.vantage),
    outcome,
    latencyNs,
    vantagePoint: told.vantage,
    initiationSeenAt: placesOf(handshake.initiations),
    responseSeenAt: placesOf(handshake.responses),
    initiatorIndex,
    responderIndex,
    madeFor,
    key,
  };
}

function sessionsOf(
  peer: PeerMessages,
  starts: KnownStarts,
  setting: WireguardSetting,
): { listed: WireguardSession[]; others: number } {
  const all = ([0, 1] as const).flatMap((direction) =>
    peer.sessions[direction].map((session) => {
      const startKnown = starts.has(direction, session);
      return { session, direction, startKnown, lost: lostIn(session, startKnown) };
    }),
  );
  const isNotable = ({ session, lost }: (typeof all)[number]): boolean =>
    lost + session.repeats + session.reordered + session.late > 0;
  const chosen = [...all.filter(isNotable), ...all.filter((each) => !isNotable(each))].slice(0, MOST_LISTED);
  chosen.sort(
    (x, y) =>
      x.session.start - y.session.start || x.session.vantage - y.session.vantage || x.session.index - y.session.index,
  );
  const listed = chosen.map(({ session, direction, startKnown, lost }): WireguardSession => ({
    direction: directionText(direction),
    vantagePoint: session.vantage,
    receiverIndex: session.index,
    start: setting.timeText(session.start, session.vantage),
    end: setting.timeText(session.end, session.vantage),
    messages: session.messages,
    keepAlives: session.keepAlives,
    bytes: session.bytes,
    lowestCounter: session.lowest,
    highestCounter: session.highest,
    startKnown,
    lost,
    duplicates: session.repeats,
    reordered: session.reordered,
    late: session.late,
  }));
  return { listed, others: all.length - listed.length };
}

function attributionOf(attribution: DirectionAttribution, setting: WireguardSetting): WireguardAttribution {
  const pairs = pairsOf(attribution, setting);
  const { direction, node, innerAt, outerAt, messages, bytes, matchedMessages, matchedBytes } = attribution;
  return {
    direction: directionText(direction),
    node,
    innerAt,
    outerAt,
    messages,
    bytes,
    matchedMessages,
    matchedBytes,
    packetsWithoutMessage: attribution.packetsWithoutMessage,
    isComplete: attribution.isComplete,
    pairs: pairs.slice(0, MOST_PAIRS),
    otherPairs: {
      pairs: Math.max(0, pairs.length - MOST_PAIRS),
      bytes: pairs.slice(MOST_PAIRS).reduce((sum, pair) => sum + pair.bytes, 0),
    },
  };
}

function pairsOf(attribution: DirectionAttribution, setting: WireguardSetting): WireguardPair[] {
  const byPair = new Map<
    string,
    { source: number; destination: number; start: number; vantage: number; sums: Attributed }
  >();
  for (const [number, { source, destination, start, vantage }] of attribution.flows.entries()) {
    const key = `${source}/${destination}`;
    const sums = attribution.byFlow[number]!;
    const known = byPair.get(key);
    if (known === undefined) byPair.set(key, { source, destination, start, vantage, sums: { ...sums } });
    else addTo(known.sums, sums);
  }
  const pairs = [...byPair.values()].map(({ source, destination, start, vantage, sums }): WireguardPair => {
    const confidence = confidenceOf(sums, attribution);
    return {
      source: { address: setting.addressText(source), owner: setting.ownerOf(source, start, vantage) },
      destination: { address: setting.addressText(destination), owner: setting.ownerOf(destination, start, vantage) },
      packets: sums.packets,
      packetBytes: sums.packetBytes,
      messages: sums.messages,
      bytes: sums.bytes,
      lowBytes: confidence === 'exact' ? sums.bytes : sums.lowBytes,
      highBytes: confidence === 'exact' ? sums.bytes : highBytes(sums, attribution),
      confidence,
    };
  });
  return pairs.sort(
    (x, y) =>
      y.bytes - x.bytes ||
      compareText(x.source.address, y.source.address) ||
      compareText(x.destination.address, y.destination.address),
  );
}

function addTo(sums: Attributed, more: Attributed): void {
  sums.packets += more.packets;
  sums.packetBytes += more.packetBytes;
  sums.messages += more.messages;
  sums.bytes += more.bytes;
  sums.lowBytes += more.lowBytes;
  sums.possibleBytes += more.possibleBytes;
}

function confidenceOf(
  sums: Attributed,
  { bytes, matchedBytes, isComplete }: DirectionAttribution,
): WireguardConfidence {
  if (sums.lowBytes !== sums.bytes || sums.possibleBytes !== sums.bytes) return 'range';
  return isComplete && matchedBytes === bytes ? 'exact' : 'likely';
}

/** Messages that nothing was matched with may be anybody's. */
function highBytes(sums: Attributed, { bytes, matchedBytes }: DirectionAttribution): number {
  return Math.min(bytes, Math.max(sums.possibleBytes, sums.bytes) + bytes - matchedBytes);
}

interface ListedPeer {
  readonly peer: PeerMessages;
  readonly attributions: readonly DirectionAttribution[];
}

/** What the flows at WireGuard devices became, by flow and direction. */
class HopTable {
  private readonly byFlow = new Map<number, { peer: number; attribution: DirectionAttribution; sums: Attributed }>();
  private readonly peers: readonly ListedPeer[];
  private readonly setting: WireguardSetting;

  constructor(peers: readonly ListedPeer[], setting: WireguardSetting) {
    this.peers = peers;
    this.setting = setting;
    for (const [peer, { attributions }] of peers.entries()) {
      for (const attribution of attributions) {
        for (const [number, { flow, direction }] of attribution.flows.entries()) {
          const sums = attribution.byFlow[number]!;
          if (sums.messages > 0) this.byFlow.set(flow * 2 + direction, { peer, attribution, sums });
        }
      }
    }
  }

  hop(pieces: readonly number[], clientDirection: number): HopWireguard | null {
    const [forth, back] = [this.directionOf(pieces, clientDirection), this.directionOf(pieces, 1 - clientDirection)];
    const peer = forth?.peer ?? back?.peer;
    if (peer === undefined) return null;
    return { peer, clientToServer: forth?.told ?? null, serverToClient: back?.told ?? null };
  }

  private directionOf(
    pieces: readonly number[],
    direction: number,
  ): { peer: number; told: NonNullable<HopWireguard['clientToServer']> } | null {
    const found = pieces.flatMap((flow) => this.byFlow.get(flow * 2 + direction) ?? []);
    const [first] = found;
    if (first === undefined) return null;
    const { peer, attribution } = first;
    const sums = { ...first.sums };
    for (const { sums: more } of found.slice(1)) addTo(sums, more);
    const { a, b } = this.peers[peer]!.peer;
    const [source, destination] = attribution.direction === 0 ? [a, b] : [b, a];
    return {
      peer,
      told: {
        source: this.setting.addressText(source.address),
        destination: this.setting.addressText(destination.address),
        messages: sums.messages,
        bytes: sums.bytes,
        confidence: confidenceOf(sums, attribution),
      },
    };
  }
}
