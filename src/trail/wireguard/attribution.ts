/**
 * Whose packets the encrypted messages were: packets at a node's WireGuard device matched with data messages at its underlay.
 *
 * A packet of n bytes becomes a message of 32 + min(MTU, n rounded up to 16) bytes (Linux drivers/net/wireguard/send.c,
 * calculate_skb_padding), in the order of the packets: the counters tell it on the sending node, on the receiving one the order of
 * arrival does. Between the two lie microseconds to milliseconds, or the whole time until a session is there.
 */
import { KEEP_ALIVE_LENGTH } from '../../flow/wireguard-sessions.js';
import { align, type Alignment, type MessageSequence } from './alignment.js';
import type { Handshake } from './handshakes.js';
import type { InnerFlow, InnerPackets } from './inner-packets.js';
import type { DataSession } from './messages.js';
import type { PeerDirection } from './peers.js';

/** Bytes around a packet: header and authentication tag. */
const OVERHEAD = 32;
const PADDING = 16;
/** WireGuard's usual MTU, where the device's is not known. */
export const USUAL_MTU = 1420;
/** Encryption and its queue take less. */
const LONGEST_NS = 20e6;
/** Captures of microseconds are cut, not rounded. */
const SAME_MOMENT_NS = 2000;
/** Tries that come closer than this after each other are for the same packets (REKEY_TIMEOUT and jitter). */
const NEXT_TRY_NS = 7e9;

/** Data messages of one direction at one vantage point, in the order of their packets. */
export interface OuterMessages extends MessageSequence {
  readonly bytes: number;
  readonly isComplete: boolean;
}

/** What became of the packets of a flow's direction, or of several of them together. */
export interface Attributed {
  packets: number;
  packetBytes: number;
  messages: number;
  bytes: number;
  lowBytes: number;
  /** Without messages that nothing was matched with. */
  possibleBytes: number;
}

export interface DirectionAttribution {
  readonly direction: PeerDirection;
  readonly node: string;
  readonly isSender: boolean;
  readonly innerAt: number;
  readonly outerAt: number;
  readonly messages: number;
  readonly bytes: number;
  readonly matchedMessages: number;
  readonly matchedBytes: number;
  readonly packetsWithoutMessage: number;
  readonly isComplete: boolean;
  /** In the order of `flows`. */
  readonly flows: readonly InnerFlow[];
  readonly byFlow: readonly Attributed[];
}

/** On the sending node: by session, then by counter; a message that was overtaken was encrypted before the one that overtook it. */
export function sentMessages(sessions: readonly DataSession[]): OuterMessages {
  const times: number[] = [];
  const sizes: number[] = [];
  for (const { samples } of sessions) {
    const order = Array.from(samples.counters.keys());
    order.sort((x, y) => samples.counters[x]! - samples.counters[y]! || x - y);
    let last = -1;
    for (const place of order) {
      // A repeated counter is a copy that the network made.
      if (samples.counters[place] === last) continue;
      last = samples.counters[place]!;
      push(times, sizes, samples.times[place]!, samples.lengths[place]!);
    }
  }
  for (let i = times.length - 2; i >= 0; i--) times[i] = Math.min(times[i]!, times[i + 1]!);
  return outerMessages(times, sizes, sessions);
}

/** On the receiving node: in order of arrival. */
export function receivedMessages(sessions: readonly DataSession[]): OuterMessages {
  const all = sessions.flatMap(({ samples }) => {
    const seen = new Set<number>();
    return Array.from(samples.counters, (counter, place) => {
      const isNew = !seen.has(counter);
      seen.add(counter);
      return { time: samples.times[place]!, length: samples.lengths[place]!, isNew };
    });
  });
  const times: number[] = [];
  const sizes: number[] = [];
  all.sort((x, y) => x.time - y.time);
  for (const { time, length, isNew } of all) if (isNew) push(times, sizes, time, length);
  return outerMessages(times, sizes, sessions);
}

function push(times: number[], sizes: number[], time: number, length: number): void {
  if (length === KEEP_ALIVE_LENGTH) return;
  times.push(time);
  sizes.push(length);
}

function outerMessages(times: number[], sizes: number[], sessions: readonly DataSession[]): OuterMessages {
  return {
    times: Float64Array.from(times),
    sizes: Int32Array.from(sizes),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    isComplete: sessions.every(({ samples, messages }) => samples.counters.length === messages),
  };
}

/** UDP payload of the message that carries an IP packet of this length. */
export function messageLength(packetLength: number, mtu: number): number {
  return OVERHEAD + Math.max(packetLength, Math.min(mtu, Math.ceil(packetLength / PADDING) * PADDING));
}

/** The times in which packets wait for a session, from the first try to its end; ascending and apart. */
export function waitingTimes(handshakes: readonly Handshake[], vantage: number): { from: number; until: number }[] {
  const waits: { from: number; until: number; isOver: boolean }[] = [];
  for (const { initiations, responses } of handshakes) {
    const tried = initiations.find((message) => message.vantage === vantage)?.time;
    if (tried === undefined) continue;
    const answered = responses.find((message) => message.vantage === vantage)?.time;
    const last = waits.at(-1);
    const isNext = last !== undefined && (tried <= last.until || (!last.isOver && tried - last.until <= NEXT_TRY_NS));
    if (last === undefined || !isNext)
      waits.push({ from: tried, until: answered ?? tried, isOver: answered !== undefined });
    else {
      last.until = Math.max(last.until, answered ?? tried);
      last.isOver = answered !== undefined;
    }
  }
  return waits;
}

/** Matches packets with messages and adds up the result by inner flow. */
export function attribute(
  inner: InnerPackets,
  outer: OuterMessages,
  mtu: number,
  isSender: boolean,
  waits: readonly { readonly from: number; readonly until: number }[],
): Pick<
  DirectionAttribution,
  | 'messages'
  | 'bytes'
  | 'matchedMessages'
  | 'matchedBytes'
  | 'packetsWithoutMessage'
  | 'isComplete'
  | 'flows'
  | 'byFlow'
> {
  const sizes = inner.lengths.map((length) => messageLength(length, mtu));
  const alignment = align({ sizes, times: inner.times, ...windows(inner.times, isSender, waits) }, outer);
  const byFlow = inner.flows.map((): Attributed => ({
    packets: 0,
    packetBytes: 0,
    messages: 0,
    bytes: 0,
    lowBytes: 0,
    possibleBytes: 0,
  }));
  for (const [packet, length] of inner.packetLengths.entries()) {
    const sums = byFlow[inner.packetFlows[packet]!]!;
    sums.packets++;
    sums.packetBytes += length;
  }
  const matched = addSegments(byFlow, inner, sizes, alignment);
  return {
    messages: outer.sizes.length,
    bytes: outer.bytes,
    ...matched,
    isComplete: inner.isComplete && outer.isComplete,
    flows: inner.flows,
    byFlow,
  };
}

function addSegments(
  byFlow: readonly Attributed[],
  inner: InnerPackets,
  sizes: Int32Array,
  { matches, certain, possible }: Alignment,
): Pick<DirectionAttribution, 'matchedMessages' | 'matchedBytes' | 'packetsWithoutMessage'> {
  const withMessage = new Uint8Array(inner.packetLengths.length);
  let matchedMessages = 0;
  let matchedBytes = 0;
  for (const [segment, match] of matches.entries()) {
    const sums = byFlow[inner.flowOf[segment]!]!;
    const size = sizes[segment]!;
    if (possible[segment] === 1) sums.possibleBytes += size;
    if (match < 0) continue;
    if (certain[segment] === 1) sums.lowBytes += size;
    sums.messages++;
    sums.bytes += size;
    matchedMessages++;
    matchedBytes += size;
    withMessage[inner.packetOf[segment]!] = 1;
  }
  const packetsWithoutMessage = withMessage.reduce((count, has) => count + 1 - has, 0);
  return { matchedMessages, matchedBytes, packetsWithoutMessage };
}

/** When the message of each packet was seen at the earliest and at the latest. */
function windows(
  times: Float64Array,
  isSender: boolean,
  waits: readonly { readonly from: number; readonly until: number }[],
): { from: Float64Array; until: Float64Array } {
  if (!isSender) {
    return { from: times.map((time) => time - LONGEST_NS), until: times.map((time) => time + SAME_MOMENT_NS) };
  }
  let wait = 0;
  const until = times.map((time) => {
    while (wait < waits.length && waits[wait]!.until < time) wait++;
    // The packet that needs a session is there before the initiation that it causes.
    const isWaiting = wait < waits.length && waits[wait]!.from <= time + LONGEST_NS;
    return (isWaiting ? Math.max(time, waits[wait]!.until) : time) + LONGEST_NS;
  });
  return { from: times.map((time) => time - SAME_MOMENT_NS), until };
}
