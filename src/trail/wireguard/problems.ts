/** What is wrong between two WireGuard peers, in sentences: handshakes that fail and why, and data that is lost. */
import type { WireguardProblem } from '../../model/wireguard.js';
import type { Handshake, KnownKeys } from './handshakes.js';
import type { MessageSegment } from './losses.js';
import type { PeerDirection, PeerEnd, PeerMessages } from './peers.js';
import type { WireguardSetting } from './setting.js';

/** Fewer unanswered initiations in a row may be a peer that was not configured yet, or a lost packet. */
const FEWEST_FAILED = 3;

export function problemsOf(
  peer: PeerMessages,
  handshakes: readonly Handshake[],
  segments: readonly MessageSegment[],
  keys: KnownKeys,
  setting: WireguardSetting,
): WireguardProblem[] {
  const failing = ([0, 1] as const).flatMap((direction) =>
    handshakeProblem(peer, direction, handshakes, keys, setting),
  );
  const losing = segments.flatMap((segment) => lossProblem(peer, segment, setting));
  return [...failing, ...losing];
}

/** Name of an end: its node, else its address. */
export function nameOf(end: PeerEnd, setting: WireguardSetting): string {
  return end.node ?? setting.addressText(end.address);
}

function handshakeProblem(
  peer: PeerMessages,
  direction: PeerDirection,
  all: readonly Handshake[],
  keys: KnownKeys,
  setting: WireguardSetting,
): WireguardProblem[] {
  const own = all.filter((handshake) => handshake.direction === direction);
  const failed = lastInRow(own, ({ outcome }) => outcome === 'unanswered' || outcome === 'unknown');
  const wrong = failed.filter(({ madeFor }) => madeFor === 'other' || madeFor === 'unknown');
  const receiver = direction === 0 ? peer.b : peer.a;
  const sender = direction === 0 ? peer.a : peer.b;
  const names = { from: nameOf(sender, setting), to: nameOf(receiver, setting) };
  if (wrong.length > 0 && failed.some(({ outcome }) => outcome === 'unanswered')) {
    return [problem('wrong key', direction, failed, wrongKey(wrong, names, receiver, keys, setting), setting)];
  }
  const unanswered = failed.filter(({ outcome }) => outcome === 'unanswered');
  if (unanswered.length >= FEWEST_FAILED) {
    const { kind, ...text } = unreachable(failed, names, receiver, setting);
    return [problem(kind, direction, failed, text, setting)];
  }
  const unconfirmed = lastInRow(own, ({ outcome }) => outcome === 'answered');
  if (unconfirmed.length < FEWEST_FAILED) return [];
  const text = `${names.to} answered ${unconfirmed.length} handshakes in a row, but ${names.from} sent no data after any of them.`;
  const advice = `Check whether the answers arrive at ${names.from}, and that it has the public key of ${names.to}.`;
  return [problem('not confirmed', direction, unconfirmed, { text, advice }, setting)];
}

function lastInRow(handshakes: readonly Handshake[], has: (handshake: Handshake) => boolean): Handshake[] {
  let start = handshakes.length;
  while (start > 0 && has(handshakes[start - 1]!)) start--;
  return handshakes.slice(start);
}

interface Names {
  readonly from: string;
  readonly to: string;
}

interface Explanation {
  readonly text: string;
  readonly advice: string;
}

function wrongKey(
  wrong: readonly Handshake[],
  { from, to }: Names,
  receiver: PeerEnd,
  keys: KnownKeys,
  setting: WireguardSetting,
): Explanation {
  const key = wrong.find((handshake) => handshake.key !== null)?.key ?? null;
  const owner = key === null ? null : keys.nodeOf(key);
  const source = key === null ? null : keys.sourceOf(key);
  const made =
    key === null
      ? 'for a public key that nobody in the inventory has'
      : `for the public key ${key} (${owner === null ? (source ?? '') : `that of ${owner}`})`;
  const own = keys.ofNode(receiver.node)[0]?.key ?? '';
  const arrived = wrong.some((handshake) => isSeenOn(handshake, receiver, setting));
  return {
    text: `Handshakes of ${from} to ${to} are made ${made}, not for that of ${to} (${own}), as their MAC1 proves; ${to} does not answer them${arrived ? ', although they arrive' : ''}.`,
    advice: `Give ${from} the present public key of ${to}: it holds another or an old one.`,
  };
}

function unreachable(
  failed: readonly Handshake[],
  { from, to }: Names,
  receiver: PeerEnd,
  setting: WireguardSetting,
): Explanation & { readonly kind: WireguardProblem['kind'] } {
  const count = failed.length;
  if (failed.some((handshake) => isSeenOn(handshake, receiver, setting))) {
    return {
      kind: 'rejected',
      text: `${count} handshakes of ${from} in a row arrived at ${to} and were not answered: they were rejected, not lost.`,
      advice: `Compare the public keys: ${to} must have that of ${from} as a peer, and ${from} that of ${to}.`,
    };
  }
  const isCaptured =
    receiver.node !== null && failed.some(({ told }) => setting.hasUnderlayAt(receiver.node ?? '', told.time));
  if (isCaptured) {
    return {
      kind: 'not arriving',
      text: `${count} handshakes of ${from} in a row were not seen at ${to}, which was being captured: they are lost on the way.`,
      advice: `Check firewalls and security groups for UDP port ${receiver.port} between the nodes.`,
    };
  }
  return {
    kind: 'unanswered',
    text: `${count} handshakes of ${from} to ${to} in a row were not answered.`,
    advice: `Capture the underlay of ${to} as well: if they arrive there, the keys do not fit; if not, they are lost on the way.`,
  };
}

function isSeenOn({ initiations }: Handshake, { node }: PeerEnd, setting: WireguardSetting): boolean {
  return node !== null && initiations.some(({ vantage }) => setting.node(vantage) === node);
}

function lossProblem(peer: PeerMessages, segment: MessageSegment, setting: WireguardSetting): WireguardProblem[] {
  const { direction, messages, lost } = segment;
  if (lost === 0) return [];
  const [from, to] = direction === 0 ? [peer.a, peer.b] : [peer.b, peer.a];
  const sessions = peer.sessions[direction].filter(({ vantage }) => vantage === segment.from);
  const start = sessions.reduce((least, session) => Math.min(least, session.start), Infinity);
  const end = sessions.reduce((most, session) => Math.max(most, session.end), -Infinity);
  return [
    {
      kind: 'loss',
      direction: directionText(direction),
      text: `${lost} of ${messages} encrypted messages that ${nameOf(from, setting)} sent to ${nameOf(to, setting)} were lost on the way between the nodes.`,
      advice:
        'Check the network between the nodes, and the MTU: messages are up to 80 bytes longer than the packets in them.',
      start: setting.timeText(start, segment.from),
      end: setting.timeText(end, segment.from),
      count: lost,
    },
  ];
}

function problem(
  kind: WireguardProblem['kind'],
  direction: PeerDirection,
  handshakes: readonly Handshake[],
  { text, advice }: Explanation,
  setting: WireguardSetting,
): WireguardProblem {
  const told = handshakes.map((handshake) => setting.timeText(handshake.told.time, handshake.told.vantage));
  return {
    kind,
    direction: directionText(direction),
    text,
    advice,
    start: told[0]!,
    end: told[told.length - 1]!,
    count: handshakes.length,
  };
}

export function directionText(direction: PeerDirection): WireguardProblem['direction'] {
  return direction === 0 ? 'a to b' : 'b to a';
}
