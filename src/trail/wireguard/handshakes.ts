/**
 * Handshakes of one pair of hosts: initiations with what answered them, seen at however many vantage points. A response names the
 * initiation's sender index as its receiver index; each try has an index and an ephemeral key of its own.
 */
import type { WireguardKey } from '../../inventory/inventory.js';
import { WIREGUARD } from '../../flow/wireguard-handshakes.js';
import { hasMac1Of, mac1Key } from './mac1.js';
import type { HandshakeMessage } from './messages.js';
import type { PeerDirection, PeerEnd, PeerMessages } from './peers.js';
import type { WireguardSetting } from './setting.js';

/** After this the initiator tries again (REKEY_TIMEOUT, protocol page "Timers"). */
export const RETRY_NS = 5e9;
/** Beginning of the ephemeral key, right behind the indexes: enough to tell tries apart. */
const EPHEMERAL_BYTES = 4;
/** Keys that are not the peer's are tried for so many initiations of a pair. */
const MOST_SEARCHES = 64;

export interface Handshake {
  readonly direction: PeerDirection;
  readonly initiatorIndex: number;
  /** Sightings by time. */
  readonly initiations: readonly HandshakeMessage[];
  readonly responses: readonly HandshakeMessage[];
  readonly cookies: readonly HandshakeMessage[];
  /** The sighting nearest to the initiator. */
  readonly told: HandshakeMessage;
  readonly outcome: 'completed' | 'answered' | 'cookie' | 'unanswered' | 'unknown';
  readonly responderIndex: number | null;
  readonly latencyNs: number | null;
  readonly madeFor: 'peer' | 'other' | 'unknown' | null;
  readonly key: string | null;
}

/** All handshakes of the pair, by time. */
export function findHandshakes(peer: PeerMessages, keys: KnownKeys, setting: WireguardSetting): Handshake[] {
  const found = ([0, 1] as const).flatMap((direction) => {
    const after = new Aftermath(peer, direction);
    return groupTries(peer.handshakes[direction]).map((sightings) => describe(sightings, after, keys, setting));
  });
  return found.sort((x, y) => x.told.time - y.told.time || x.initiatorIndex - y.initiatorIndex);
}

function groupTries(messages: readonly HandshakeMessage[]): HandshakeMessage[][] {
  const tries = new Map<string, HandshakeMessage[]>();
  for (const message of messages) {
    if (message.type !== WIREGUARD.Initiation) continue;
    const key = `${message.sender}/${message.bytes.slice(8, 8 + EPHEMERAL_BYTES).join()}`;
    const known = tries.get(key);
    if (known === undefined) tries.set(key, [message]);
    else known.push(message);
  }
  return [...tries.values()];
}

/** What came after the initiations of one direction. */
class Aftermath {
  readonly peer: PeerMessages;
  readonly direction: PeerDirection;
  /** Responses and cookie replies by the initiation's index. */
  readonly answers = new Map<number, HandshakeMessage[]>();
  /** Time of the last initiation by vantage point. */
  readonly lastTry = new Map<number, number>();
  /** Indexes that the initiator sent data to. */
  readonly used: ReadonlySet<number>;

  constructor(peer: PeerMessages, direction: PeerDirection) {
    this.peer = peer;
    this.direction = direction;
    for (const message of peer.handshakes[direction === 0 ? 1 : 0]) {
      if (message.type === WIREGUARD.Initiation) continue;
      const known = this.answers.get(message.receiver);
      if (known === undefined) this.answers.set(message.receiver, [message]);
      else known.push(message);
    }
    for (const { type, vantage, time } of peer.handshakes[direction]) {
      if (type === WIREGUARD.Initiation) this.lastTry.set(vantage, time);
    }
    this.used = new Set(peer.sessions[direction].map(({ index }) => index));
  }
}

function describe(
  initiations: readonly HandshakeMessage[],
  after: Aftermath,
  keys: KnownKeys,
  setting: WireguardSetting,
): Handshake {
  const { peer, direction } = after;
  const initiator = direction === 0 ? peer.a : peer.b;
  const initiatorIndex = initiations[0]!.sender;
  const toIt = after.answers.get(initiatorIndex) ?? [];
  const responses = toIt.filter(({ type }) => type === WIREGUARD.Response);
  const cookies = toIt.filter(({ type }) => type === WIREGUARD.CookieReply);
  const told = nearest(initiations, initiator, responses, setting);
  const response = responses.find(({ vantage, time }) => vantage === told.vantage && time >= told.time);
  const responderIndex = responses[0]?.sender ?? null;
  return {
    direction,
    initiatorIndex,
    initiations,
    responses,
    cookies,
    told,
    responderIndex,
    outcome: outcomeOf(after, told, responderIndex, cookies.length > 0, setting),
    latencyNs: response === undefined ? null : response.time - told.time,
    ...keys.keyOf(told, peer, direction),
  };
}

/** On the initiator's node if it was captured there, and where the answer was seen as well. */
function nearest(
  initiations: readonly HandshakeMessage[],
  initiator: PeerEnd,
  responses: readonly HandshakeMessage[],
  setting: WireguardSetting,
): HandshakeMessage {
  const rank = ({ vantage }: HandshakeMessage): number =>
    (initiator.node !== null && setting.node(vantage) === initiator.node ? 0 : 8) +
    (setting.mixesInterfaces(vantage) ? 4 : 0) +
    (responses.some((response) => response.vantage === vantage) ? 0 : 2) +
    (setting.isOwnCapture(vantage) ? 0 : 1);
  return initiations.reduce((best, each) => (rank(each) < rank(best) ? each : best));
}

function outcomeOf(
  after: Aftermath,
  { time, vantage }: HandshakeMessage,
  responderIndex: number | null,
  hasCookie: boolean,
  setting: WireguardSetting,
): Handshake['outcome'] {
  if (responderIndex !== null) return after.used.has(responderIndex) ? 'completed' : 'answered';
  if (hasCookie) return 'cookie';
  const isTriedAgain = (after.lastTry.get(vantage) ?? time) > time;
  return isTriedAgain || setting.lastTime(vantage) >= time + RETRY_NS ? 'unanswered' : 'unknown';
}

/** The public keys of the inventory, and which of them a message was made for. */
export class KnownKeys {
  private readonly keys: readonly WireguardKey[];
  private readonly hashes = new Map<string, Uint8Array>();
  private searches = 0;

  constructor(keys: readonly WireguardKey[]) {
    this.keys = keys.filter(({ key }) => {
      const hash = mac1Key(key);
      if (hash !== null) this.hashes.set(key, hash);
      return hash !== null;
    });
  }

  /** Keys that are known to be the node's. */
  ofNode(node: string | null): readonly WireguardKey[] {
    return node === null ? [] : this.keys.filter((each) => each.node === node);
  }

  /** The first known key that MAC1 of the message was made with; null if it is none of `candidates`, or was cut. */
  find(message: HandshakeMessage, candidates: Iterable<string>): string | null {
    for (const key of candidates) {
      const hash = this.hashes.get(key);
      if (hash !== undefined && hasMac1Of(message.bytes, message.type, hash) === true) return key;
    }
    return null;
  }

  /** What MAC1 of an initiation proves. */
  keyOf(message: HandshakeMessage, peer: PeerMessages, direction: PeerDirection): Pick<Handshake, 'madeFor' | 'key'> {
    const [first] = this.hashes.values();
    if (first === undefined || hasMac1Of(message.bytes, message.type, first) === null) {
      return { madeFor: null, key: null };
    }
    const receiver = direction === 0 ? peer.b : peer.a;
    const own = this.ofNode(receiver.node).map(({ key }) => key);
    const expected = this.find(message, own);
    if (expected !== null) return { madeFor: 'peer', key: expected };
    const other = this.searches++ < MOST_SEARCHES ? this.find(message, this.hashes.keys()) : null;
    if (other === null) return { madeFor: own.length === 0 ? null : 'unknown', key: null };
    const isPossible = own.length === 0 && (receiver.node === null || this.nodeOf(other) === null);
    return { madeFor: isPossible ? 'peer' : 'other', key: other };
  }

  /** Where a key is stated, for people. */
  sourceOf(key: string): string | null {
    return this.keys.find((each) => each.key === key)?.from ?? null;
  }

  /** The node whose key it is. */
  nodeOf(key: string): string | null {
    return this.keys.find((each) => each.key === key && each.node !== null)?.node ?? null;
  }
}
