/**
 * The verdict joined with what was seen: denied and dropped, denied but established, allowed but unanswered, …
 *
 * What a policy says and what a network plugin does are two things; where they differ, the remarks say what that may mean.
 */
import type { Connection, PolicyOutcome } from '../model/document.js';
import type { Reading } from './explain.js';
import { passes, type Verdict } from './verdict.js';

/** How a connection went, as far as policies are concerned. */
export type Seen =
  | 'answered'
  | 'refused'
  | 'unanswered'
  /** A policy engine logged its packets as dropped, and nobody answered. */
  | 'dropped'
  /** To the server's own device, and not answered. */
  | 'delivered'
  /** Not answered, by a protocol that need not be. */
  | 'one way'
  | 'partly';

export interface SeenFacts {
  readonly protocol: string;
  /** Zeek's conn_state. */
  readonly state: string;
  /** Packets of the client, and of the server. */
  readonly fromClient: number;
  readonly fromServer: number;
  /** The client's packets were seen at the server's own device. */
  readonly wasDelivered: boolean;
  /** A policy engine logged packets of it as dropped. */
  readonly wasLoggedAsDropped: boolean;
  /** The captures went on for so long after its first packet, in seconds. */
  readonly secondsAfterStart: number;
}

const ANSWERED_STATES: ReadonlySet<string> = new Set(['S1', 'SF', 'S2', 'S3', 'RSTO', 'RSTR', 'RSTRH', 'SHR']);
const WITH_PORTS: ReadonlySet<string> = new Set(['TCP', 'UDP', 'SCTP']);
/** A SYN is sent again after one second, and again after two more (RFC 6298); before that nothing is proven. */
const LEAST_SECONDS = 3;

export function seenOf(facts: SeenFacts): Seen {
  const { protocol, state, fromClient, fromServer } = facts;
  if (protocol === 'TCP') {
    if (ANSWERED_STATES.has(state)) return 'answered';
    if (state === 'REJ') return 'refused';
    if (facts.wasLoggedAsDropped && fromServer === 0) return 'dropped';
    if (state === 'OTH') return fromClient > 0 && fromServer > 0 ? 'answered' : 'partly';
  } else if (fromServer > 0) {
    return fromClient > 0 ? 'answered' : 'partly';
  }
  if (facts.wasLoggedAsDropped && fromServer === 0) return 'dropped';
  if (!WITH_PORTS.has(protocol)) return 'one way';
  if (facts.wasDelivered) return 'delivered';
  return facts.secondsAfterStart < LEAST_SECONDS ? 'partly' : 'unanswered';
}

const OF_ALLOWED: Readonly<Record<Seen, PolicyOutcome>> = {
  answered: 'allowed and answered',
  refused: 'allowed but refused',
  unanswered: 'allowed but unanswered',
  dropped: 'allowed but dropped',
  delivered: 'allowed but unanswered',
  'one way': 'allowed, one way',
  partly: 'partly seen',
};
const OF_DENIED: Readonly<Record<Seen, PolicyOutcome>> = {
  answered: 'denied but established',
  refused: 'denied and rejected',
  unanswered: 'denied and dropped',
  dropped: 'denied and dropped',
  delivered: 'denied but delivered',
  'one way': 'denied and dropped',
  partly: 'partly seen',
};

/** All outcomes, in the order in which they are listed: those that need somebody's attention first. */
export const OUTCOMES: readonly PolicyOutcome[] = [
  'denied but established',
  'denied but delivered',
  'allowed but dropped',
  'denied and dropped',
  'denied and rejected',
  'allowed but unanswered',
  'allowed but refused',
  'allowed and answered',
  'allowed, one way',
  'partly seen',
  'not judged',
];

export function outcomeOf(verdict: Verdict, seen: Seen): PolicyOutcome {
  if (verdict === 'undefined') return 'not judged';
  return (passes(verdict) ? OF_ALLOWED : OF_DENIED)[seen];
}

const NOT_ENFORCED: readonly string[] = [
  'The network plugin may not enforce NetworkPolicy, or not on this path.',
  'The policies or labels of the inventory may be older or younger than the traffic.',
  'The connection may be older than the policy: what is open already is often left alone.',
];

/** Sentences, likeliest first, for an outcome that is not what the verdict promises. */
const OUTCOME_REMARKS: Readonly<Partial<Record<PolicyOutcome, readonly string[]>>> = {
  'denied but established': NOT_ENFORCED,
  'denied but delivered': [
    "Its packets were seen at the server's own device, so that something else than these policies kept it from being answered, or the plugin drops it there.",
    ...NOT_ENFORCED.slice(0, 2),
  ],
  'denied and rejected': [
    'Some network plugins refuse what policies deny; or the packets got through and nothing listens on the port.',
  ],
  'allowed but dropped': [
    'The policies or labels of the inventory may be older or younger than the traffic, or another kind of policy or firewall rule dropped it.',
  ],
  'allowed but unanswered': ['No policy explains this: look at the server, its port, and the way there.'],
};

const READING_REMARKS: Readonly<Record<Reading, string>> = {
  ipBlocks: 'The verdict depends on whether ipBlock matches pods, which network plugins read differently.',
  hostNetworkPods:
    'The verdict depends on whether policies see hostNetwork pods, which network plugins read differently.',
};

export const SOURCE_NAT_REMARK =
  "A node rewrote the client's address, so that policies of the server may have been asked about the node instead.";

export function remarksOn(
  outcome: PolicyOutcome,
  about: { readonly dependsOn: readonly Reading[]; readonly isUdp: boolean; readonly hasSourceNat: boolean },
): string[] {
  const remarks = [...(OUTCOME_REMARKS[outcome] ?? [])];
  if (outcome === 'allowed but unanswered' && about.isUdp) remarks.unshift('UDP need not be answered.');
  if (about.hasSourceNat) remarks.push(SOURCE_NAT_REMARK);
  return [...remarks, ...about.dependsOn.map((reading) => READING_REMARKS[reading])];
}

/** True for a connection of the report that worked: that somebody answered, other than by refusing. */
export function hasWorked({ protocol, state, clientToServer, serverToClient }: Connection): boolean {
  const facts = { protocol, state, fromClient: clientToServer.packets, fromServer: serverToClient.packets };
  return seenOf({ ...facts, wasDelivered: false, wasLoggedAsDropped: false, secondsAfterStart: 0 }) === 'answered';
}
