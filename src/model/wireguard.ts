/**
 * What WireGuard's messages tell without its keys, as a part of the report document: who talks to whom, whether they agree on keys,
 * what was lost (every data message has a counter), and whose packets the encrypted bytes were, where the packets were captured at
 * the WireGuard device as well.
 *
 * Message types, indexes and counters: WireGuard's protocol page, and Donenfeld, "WireGuard: Next Generation Kernel Network Tunnel",
 * NDSS 2017, section 5.4. Times are by the reference clock.
 */
import type { Owner } from './owner.js';

export interface WireguardSummary {
  /** Pairs of hosts between which messages were seen, most bytes first; at most 200. */
  readonly peers: readonly WireguardPeer[];
  /** Pairs beyond these. */
  readonly otherPeers: number;
  /** Messages beyond what is kept: figures that count on them are too low. */
  readonly notKept: {
    readonly handshakeMessages: number;
    /** Data messages of sessions beyond the limit: in no figure. */
    readonly sessionMessages: number;
    /** Data messages that were counted, but not matched with inner packets or other vantage points. */
    readonly dataMessages: number;
  };
}

export interface WireguardPeer {
  readonly a: WireguardEnd;
  readonly b: WireguardEnd;
  /** `working`: data was exchanged; `failing`: handshakes failed last; `idle`: neither. */
  readonly state: 'working' | 'failing' | 'idle';
  /** What is wrong, worst first. */
  readonly problems: readonly WireguardProblem[];
  /** Everything counted, per direction and vantage point. */
  readonly traffic: readonly WireguardTraffic[];
  /** By time; at most 50, failed ones before others. */
  readonly handshakes: readonly WireguardHandshake[];
  readonly otherHandshakes: number;
  /** By time; at most 50, those with losses, duplicates or reordering before others. */
  readonly sessions: readonly WireguardSession[];
  readonly otherSessions: number;
  /** Data messages on the way between two vantage points. */
  readonly segments: readonly WireguardSegment[];
  /** Whose packets the data messages were: at most one per direction. */
  readonly attribution: readonly WireguardAttribution[];
}

export type WireguardDirection = 'a to b' | 'b to a';

/** One side of a tunnel. */
export interface WireguardEnd {
  /** Outer address, the last one that was seen. */
  readonly address: string;
  readonly port: number;
  readonly owner: Owner;
  /** Further outer addresses that the same sessions came from or went to (roaming); at most 10. */
  readonly otherAddresses: readonly string[];
  readonly node: string | null;
  /** In base64, as `wg show` prints it. Handshakes never show it, but they prove it: see WireguardHandshake.madeFor. */
  readonly publicKey: string | null;
  /** Where the key is from, such as `annotation of node node-1` or `wg show of node-1`. */
  readonly publicKeyFrom: string | null;
}

export interface WireguardProblem {
  readonly kind: 'wrong key' | 'rejected' | 'not arriving' | 'unanswered' | 'not confirmed' | 'loss';
  /** In which direction: of the initiations, or of the data. */
  readonly direction: WireguardDirection;
  /** One or two sentences: what was seen, and what it means. */
  readonly text: string;
  readonly advice: string;
  readonly start: string;
  readonly end: string;
  /** Handshakes or messages. */
  readonly count: number;
}

/** What one vantage point saw of one direction. */
export interface WireguardTraffic {
  readonly direction: WireguardDirection;
  readonly vantagePoint: number;
  readonly start: string;
  readonly end: string;
  readonly initiations: number;
  readonly responses: number;
  readonly cookieReplies: number;
  /** Transport data messages, keep-alives included. */
  readonly dataMessages: number;
  /** Data messages that carry nothing (32 bytes). */
  readonly keepAlives: number;
  /** UDP payload of all messages: what `wg show` calls transfer. */
  readonly bytes: number;
  readonly sessions: number;
  /** Counters that were never seen, up to the highest that was; from 0 only where the handshake was seen. */
  readonly lost: number;
  /** Messages whose counter had been seen before. */
  readonly duplicates: number;
  /** Messages that came after one with a higher counter. */
  readonly reordered: number;
}

export interface WireguardHandshake {
  /** In which direction the initiation went. */
  readonly direction: WireguardDirection;
  /** Of the initiation, at `vantagePoint`. */
  readonly time: string;
  /** `completed`: answered, and the initiator sent data after it. `unknown`: the captures end less than 5 s later. */
  readonly outcome: 'completed' | 'answered' | 'cookie' | 'unanswered' | 'unknown';
  /** From the initiation to the response at `vantagePoint`; null if it was not answered, or not seen there. */
  readonly latencyNs: number | null;
  /** Nearest to the initiator among those that saw it. */
  readonly vantagePoint: number;
  /** Vantage points that saw the initiation, and the response. */
  readonly initiationSeenAt: readonly number[];
  readonly responseSeenAt: readonly number[];
  /** Session indexes, as numbers of 32 bits: whom `receiver index` of later messages means. Null: not answered. */
  readonly initiatorIndex: number;
  readonly responderIndex: number | null;
  /**
   * What MAC1 of the initiation proves: whose public key the initiator has for its peer. `peer`: the one that is known of the
   * peer; `other`: another known one (`key`); `unknown`: none of the known keys; null: no key known, or the message was cut.
   */
  readonly madeFor: 'peer' | 'other' | 'unknown' | null;
  /** The public key that MAC1 was made with, where it is a known one; in base64. */
  readonly key: string | null;
}

/** Data messages of one receiver index at one vantage point: a session in one direction. */
export interface WireguardSession {
  readonly direction: WireguardDirection;
  readonly vantagePoint: number;
  readonly receiverIndex: number;
  readonly start: string;
  readonly end: string;
  readonly messages: number;
  readonly keepAlives: number;
  /** UDP payload. */
  readonly bytes: number;
  readonly lowestCounter: number;
  readonly highestCounter: number;
  /** True if its handshake was seen here: then counting began at 0, and what is missing before the lowest counter is lost. */
  readonly startKnown: boolean;
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  /** Messages older than a receiver's window (8,192): it drops them, and whether they repeat others is not known. */
  readonly late: number;
}

/** Data messages seen at `from` that should have been seen at `to`. */
export interface WireguardSegment {
  readonly direction: WireguardDirection;
  readonly from: number;
  readonly to: number;
  readonly messages: number;
  readonly lost: number;
  /** Not seen at `to`, which may not have been capturing. */
  readonly unknown: number;
}

/** Data messages of one direction matched with the packets at the WireGuard device of the same node. */
export interface WireguardAttribution {
  readonly direction: WireguardDirection;
  readonly node: string;
  /** Vantage points: the WireGuard device, and where the messages were seen. */
  readonly innerAt: number;
  readonly outerAt: number;
  /** Data messages without keep-alives, their UDP payload, and how many of them were matched. */
  readonly messages: number;
  readonly bytes: number;
  readonly matchedMessages: number;
  readonly matchedBytes: number;
  /** Packets at the WireGuard device that have no message: never sent for want of a session, or their messages were not captured. */
  readonly packetsWithoutMessage: number;
  /** False if not all packets or messages were kept. */
  readonly isComplete: boolean;
  /** Most bytes first; at most 200. */
  readonly pairs: readonly WireguardPair[];
  readonly otherPairs: { readonly pairs: number; readonly bytes: number };
}

/** What two pods (or other ends) sent each other through the tunnel, in one direction. */
export interface WireguardPair {
  readonly source: { readonly address: string; readonly owner: Owner };
  readonly destination: { readonly address: string; readonly owner: Owner };
  /** Packets at the WireGuard device, and their IP lengths. */
  readonly packets: number;
  readonly packetBytes: number;
  /** Messages that carried them, and their UDP payload. */
  readonly messages: number;
  readonly bytes: number;
  /** Between these the bytes are in any case; equal to `bytes` where the confidence is `exact`. */
  readonly lowBytes: number;
  readonly highBytes: number;
  /**
   * `exact`: every message and every packet of the tunnel has its counterpart. `likely`: every packet of this pair has, but not
   * every message of the tunnel. `range`: sizes and order leave several possibilities.
   */
  readonly confidence: WireguardConfidence;
}

export type WireguardConfidence = 'exact' | 'likely' | 'range';

/** At a hop on a WireGuard device: what its packets became (or were) on the underlay. */
export interface HopWireguard {
  /** Index into `wireguard.peers`. */
  readonly peer: number;
  /** Messages that the packets were matched with; null where the direction has none. */
  readonly clientToServer: HopWireguardDirection | null;
  readonly serverToClient: HopWireguardDirection | null;
}

export interface HopWireguardDirection {
  /** Outer addresses. */
  readonly source: string;
  readonly destination: string;
  readonly messages: number;
  /** UDP payload. */
  readonly bytes: number;
  readonly confidence: WireguardConfidence;
}
