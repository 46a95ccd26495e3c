/**
 * What the counters of data messages prove: lost, late and repeated messages per session, and what was lost between two vantage points.
 */
import { WIREGUARD } from '../../flow/wireguard-handshakes.js';
import type { DataSession } from './messages.js';
import type { PeerDirection, PeerMessages } from './peers.js';
import type { WireguardSetting } from './setting.js';

/** Sessions whose handshake was seen at the vantage point: their first counter is known to be 0. */
export class KnownStarts {
  private readonly announced = new Set<string>();

  constructor({ handshakes }: PeerMessages) {
    for (const direction of [0, 1] as const) {
      for (const { type, vantage, sender } of handshakes[direction]) {
        // An index is announced by the receiver of the messages that will name it.
        if (type !== WIREGUARD.CookieReply) this.announced.add(`${1 - direction}/${vantage}/${sender}`);
      }
    }
  }

  has(direction: PeerDirection, { vantage, index }: DataSession): boolean {
    return this.announced.has(`${direction}/${vantage}/${index}`);
  }
}

/** Counters that were never seen, up to the highest that was. Late messages are taken for new ones. */
export function lostIn({ lowest, highest, distinct, late }: DataSession, startKnown: boolean): number {
  return Math.max(0, highest - (startKnown ? 0 : lowest) + 1 - distinct - late);
}

export interface MessageSegment {
  readonly direction: PeerDirection;
  readonly from: number;
  readonly to: number;
  readonly messages: number;
  readonly lost: number;
  readonly unknown: number;
}

/** What became of data messages between the sender's node and the receiver's, where both were captured. */
export function segmentsOf(peer: PeerMessages, starts: KnownStarts, setting: WireguardSetting): MessageSegment[] {
  return ([0, 1] as const).flatMap((direction) => {
    const [sender, receiver] = direction === 0 ? [peer.a, peer.b] : [peer.b, peer.a];
    const from = bestVantage(peer.sessions[direction], sender.node, setting);
    const to = bestVantage(peer.sessions[direction], receiver.node, setting);
    if (from === null) return [];
    const other = to ?? capturedAt(peer, receiver.node, setting);
    return other === null ? [] : [compare(peer, direction, from, other, starts)];
  });
}

/** Where the most messages were seen on a node, an underlay device first; null if nowhere. */
export function bestVantage(
  sessions: readonly DataSession[],
  node: string | null,
  setting: WireguardSetting,
): number | null {
  if (node === null) return null;
  const messages = new Map<number, number>();
  for (const session of sessions) {
    if (setting.node(session.vantage) !== node) continue;
    messages.set(session.vantage, (messages.get(session.vantage) ?? 0) + session.messages);
  }
  const rank = (vantage: number): number =>
    (setting.mixesInterfaces(vantage) ? 4 : 0) +
    (setting.role(vantage) === 'underlay' ? 0 : 2) +
    (setting.isOwnCapture(vantage) ? 0 : 1);
  const ordered = [...messages].sort(([v, m], [w, n]) => rank(v) - rank(w) || n - m || v - w);
  return ordered[0]?.[0] ?? null;
}

/** A vantage point on the node that saw messages of the pair the other way, or handshakes: it was capturing. */
function capturedAt(peer: PeerMessages, node: string | null, setting: WireguardSetting): number | null {
  const all = [...peer.sessions.flat(), ...peer.handshakes.flat()].map(({ vantage }) => vantage);
  const there = all.filter((vantage) => setting.node(vantage) === node && !setting.mixesInterfaces(vantage));
  return node === null || there.length === 0 ? null : Math.min(...new Set(there));
}

function compare(
  peer: PeerMessages,
  direction: PeerDirection,
  from: number,
  to: number,
  starts: KnownStarts,
): MessageSegment {
  const sessions = peer.sessions[direction];
  const arrived = new Map<number, DataSession>();
  for (const session of sessions) if (session.vantage === to) arrived.set(session.index, session);
  let messages = 0;
  let lost = 0;
  let unknown = 0;
  const sent = sessions.filter(({ vantage }) => vantage === from);
  const lastArrived = sent.findLastIndex(({ index }) => arrived.has(index));
  for (const [position, session] of sent.entries()) {
    const counters = new Set(session.samples.counters);
    messages += counters.size;
    const there = arrived.get(session.index);
    const seen = new Set(there?.samples.counters ?? []);
    const isWhole = there === undefined || there.samples.counters.length === there.messages;
    // Later messages that did arrive prove that earlier ones would have been seen.
    const hasLater = position < lastArrived;
    const first = there === undefined || starts.has(direction, there) ? 0 : there.lowest;
    for (const counter of counters) {
      if (seen.has(counter)) continue;
      const isBracketed = there === undefined ? false : counter >= first && (counter < there.highest || hasLater);
      if (isWhole && isBracketed) lost++;
      else unknown++;
    }
  }
  return { direction, from, to, messages, lost, unknown };
}
