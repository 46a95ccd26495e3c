/**
 * WireGuard's messages of a whole run: sessions and handshake messages of all parts under the run's numbers, with times counted from one
 * origin by the clock of the vantage point that saw them.
 */
import {
  HANDSHAKE_CAPTURED,
  HANDSHAKE_DESTINATION,
  HANDSHAKE_MESSAGE,
  HANDSHAKE_NANOSECONDS,
  HANDSHAKE_PORTS,
  HANDSHAKE_RECEIVER,
  HANDSHAKE_SECONDS,
  HANDSHAKE_SENDER,
  HANDSHAKE_SOURCE,
  HANDSHAKE_TYPE,
  HANDSHAKE_VANTAGE,
  HANDSHAKE_WORDS,
} from '../../flow/wireguard-handshakes.js';
import {
  MESSAGE_COUNTER_HIGH,
  MESSAGE_COUNTER_LOW,
  MESSAGE_LENGTH,
  MESSAGE_NANOSECONDS,
  MESSAGE_SECONDS,
  MESSAGE_SESSION,
  MESSAGE_WORDS,
} from '../../flow/wireguard-samples.js';
import {
  SESSION_BYTES,
  SESSION_DESTINATION,
  SESSION_DISTINCT,
  SESSION_FIRST_DESTINATION,
  SESSION_FIRST_NANOSECONDS,
  SESSION_FIRST_SECONDS,
  SESSION_FIRST_SOURCE,
  SESSION_HIGHEST,
  SESSION_INDEX,
  SESSION_KEEP_ALIVES,
  SESSION_KEPT,
  SESSION_LAST_NANOSECONDS,
  SESSION_LAST_SECONDS,
  SESSION_LATE,
  SESSION_LOWEST,
  SESSION_MESSAGES,
  SESSION_PORTS,
  SESSION_REORDERED,
  SESSION_REPEATS,
  SESSION_SOURCE,
  SESSION_VANTAGE,
  SESSION_WORDS,
} from '../../flow/wireguard-sessions.js';
import type { FlowSet, MappedPart } from '../flow-set.js';

const TWO_TO_32 = 0x100000000;
const PORT = 0xffff;

/** Outer addresses (ids of the run) and ports of a message. */
export interface OuterTuple {
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Data messages with one receiver index at one vantage point. */
export interface DataSession extends OuterTuple {
  readonly vantage: number;
  readonly index: number;
  readonly firstSource: number;
  readonly firstDestination: number;
  readonly messages: number;
  readonly keepAlives: number;
  readonly repeats: number;
  readonly reordered: number;
  readonly late: number;
  readonly distinct: number;
  readonly lowest: number;
  readonly highest: number;
  readonly bytes: number;
  readonly start: number;
  readonly end: number;
  /** Messages that were kept, in order of sighting; all of them if there are as many as `messages`. */
  readonly samples: MessageSamples;
}

export interface MessageSamples {
  readonly times: Float64Array;
  readonly lengths: Int32Array;
  readonly counters: Float64Array;
}

export interface HandshakeMessage extends OuterTuple {
  readonly vantage: number;
  readonly time: number;
  /** WIREGUARD message type. */
  readonly type: number;
  readonly sender: number;
  readonly receiver: number;
  /** What was captured, up to the end of an initiation's MAC1. */
  readonly bytes: Uint8Array;
}

export interface WireguardMessages {
  readonly sessions: readonly DataSession[];
  readonly handshakes: readonly HandshakeMessage[];
  readonly notKept: {
    readonly handshakeMessages: number;
    readonly sessionMessages: number;
    readonly dataMessages: number;
  };
}

/** All messages of the run; times are nanoseconds after `originSeconds`. */
export function readMessages(flows: FlowSet, originSeconds: number): WireguardMessages {
  const sessions: DataSession[] = [];
  const handshakes: HandshakeMessage[] = [];
  const notKept = { handshakeMessages: 0, sessionMessages: 0, dataMessages: 0 };
  for (const part of flows.mappedParts) {
    const { wireguard } = part.part;
    sessions.push(...sessionsOf(part, originSeconds));
    handshakes.push(...handshakesOf(part, originSeconds));
    notKept.handshakeMessages += wireguard.handshakes.notKept;
    notKept.sessionMessages += wireguard.sessions.messagesNotKept;
    notKept.dataMessages += wireguard.messagesNotKept;
  }
  sessions.sort((a, b) => a.start - b.start || a.vantage - b.vantage || a.index - b.index);
  handshakes.sort((a, b) => a.time - b.time || a.vantage - b.vantage || a.sender - b.sender || a.type - b.type);
  return { sessions, handshakes, notKept };
}

function sessionsOf({ part, addresses, vantages }: MappedPart, originSeconds: number): DataSession[] {
  const { words, doubles, count } = part.wireguard.sessions;
  const samples = samplesBySession(part, originSeconds);
  return Array.from({ length: count }, (_, session) => {
    const at = session * SESSION_WORDS;
    const word = (field: number): number => words[at + field]!;
    const double = (field: number): number => doubles[(at >>> 1) + field]!;
    return {
      vantage: vantages[word(SESSION_VANTAGE)]!,
      index: word(SESSION_INDEX) >>> 0,
      source: addresses[word(SESSION_SOURCE)]!,
      destination: addresses[word(SESSION_DESTINATION)]!,
      sourcePort: word(SESSION_PORTS) >>> 16,
      destinationPort: word(SESSION_PORTS) & PORT,
      firstSource: addresses[word(SESSION_FIRST_SOURCE)]!,
      firstDestination: addresses[word(SESSION_FIRST_DESTINATION)]!,
      messages: word(SESSION_MESSAGES),
      keepAlives: word(SESSION_KEEP_ALIVES),
      repeats: word(SESSION_REPEATS),
      reordered: word(SESSION_REORDERED),
      late: word(SESSION_LATE),
      distinct: word(SESSION_DISTINCT),
      lowest: double(SESSION_LOWEST),
      highest: double(SESSION_HIGHEST),
      bytes: double(SESSION_BYTES),
      start: (double(SESSION_FIRST_SECONDS) - originSeconds) * 1e9 + word(SESSION_FIRST_NANOSECONDS),
      end: (double(SESSION_LAST_SECONDS) - originSeconds) * 1e9 + word(SESSION_LAST_NANOSECONDS),
      samples: samples[session]!,
    };
  });
}

function samplesBySession(part: MappedPart['part'], originSeconds: number): MessageSamples[] {
  const { sessions, samples } = part.wireguard;
  const filled = new Int32Array(sessions.count);
  const result = Array.from({ length: sessions.count }, (_, session) => {
    const kept = sessions.words[session * SESSION_WORDS + SESSION_KEPT]!;
    return { times: new Float64Array(kept), lengths: new Int32Array(kept), counters: new Float64Array(kept) };
  });
  const { words, doubles, count } = samples;
  for (let at = 0; at < count * MESSAGE_WORDS; at += MESSAGE_WORDS) {
    const session = words[at + MESSAGE_SESSION]!;
    const { times, lengths, counters } = result[session]!;
    const place = filled[session]!;
    filled[session] = place + 1;
    times[place] = (doubles[(at + MESSAGE_SECONDS) >>> 1]! - originSeconds) * 1e9 + words[at + MESSAGE_NANOSECONDS]!;
    lengths[place] = words[at + MESSAGE_LENGTH]!;
    counters[place] = words[at + MESSAGE_COUNTER_HIGH]! * TWO_TO_32 + (words[at + MESSAGE_COUNTER_LOW]! >>> 0);
  }
  return result;
}

function handshakesOf({ part, addresses, vantages }: MappedPart, originSeconds: number): HandshakeMessage[] {
  const { words, doubles, count } = part.wireguard.handshakes;
  return Array.from({ length: count }, (_, handshake) => {
    const at = handshake * HANDSHAKE_WORDS;
    const word = (field: number): number => words[at + field]!;
    const bytes = new Uint8Array(word(HANDSHAKE_CAPTURED));
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < bytes.length; i += 4) view.setInt32(i, words[at + HANDSHAKE_MESSAGE + i / 4]!);
    return {
      vantage: vantages[word(HANDSHAKE_VANTAGE)]!,
      time: (doubles[(at + HANDSHAKE_SECONDS) >>> 1]! - originSeconds) * 1e9 + word(HANDSHAKE_NANOSECONDS),
      type: word(HANDSHAKE_TYPE),
      sender: word(HANDSHAKE_SENDER) >>> 0,
      receiver: word(HANDSHAKE_RECEIVER) >>> 0,
      source: addresses[word(HANDSHAKE_SOURCE)]!,
      destination: addresses[word(HANDSHAKE_DESTINATION)]!,
      sourcePort: word(HANDSHAKE_PORTS) >>> 16,
      destinationPort: word(HANDSHAKE_PORTS) & PORT,
      bytes,
    };
  });
}
