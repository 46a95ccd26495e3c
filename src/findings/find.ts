/** All findings, worst first: runs every detector over the connections that are not as they should be. */
import { compareText } from '../base/compare-text.js';
import type { Connection } from '../model/document.js';
import { type Finding, type FindingConfidence, SEVERITIES } from '../model/finding.js';
import { answerRejected } from './answer-rejected.js';
import { clockOffset } from './clock-offset.js';
import { connectionRefused } from './connection-refused.js';
import { connectionReset } from './connection-reset.js';
import { connectionUnanswered } from './connection-unanswered.js';
import { deadAddress } from './dead-address.js';
import type { Draft, FindingFacts } from './detector.js';
import { packetLoss } from './packet-loss.js';
import { podGone } from './pod-gone.js';
import { policyBreach } from './policy-breach.js';
import { policyDrop } from './policy-drop.js';
import { serviceWithoutBackend } from './service-without-backend.js';
import { setupFailureOf } from './setup-failure.js';
import { wireguardHandshake } from './wireguard-handshake.js';

const DETECTORS = [
  policyDrop,
  connectionRefused,
  connectionUnanswered,
  deadAddress,
  serviceWithoutBackend,
  answerRejected,
  podGone,
  connectionReset,
  packetLoss,
  wireguardHandshake,
  policyBreach,
  clockOffset,
];
const CONFIDENCES: readonly FindingConfidence[] = ['confirmed', 'likely', 'possible'];
const MOST_FINDINGS = 200;

/** At most 200. `connections` are read once, in order. */
export function findProblems(connections: Iterable<Connection>, facts: FindingFacts): Finding[] {
  const detectors = DETECTORS.map((make) => make());
  for (const connection of connections) {
    const failure = setupFailureOf(connection, facts);
    for (const detector of detectors) detector.see?.(connection, failure, facts);
  }
  const drafts = detectors.flatMap((detector) => detector.drafts(facts)).sort(compareDrafts);
  const numbers = new Map<string, number>();
  return drafts.slice(0, MOST_FINDINGS).map((draft): Finding => {
    const number = (numbers.get(draft.kind) ?? 0) + 1;
    numbers.set(draft.kind, number);
    return { id: `${draft.kind}-${number}`, ...draft };
  });
}

function compareDrafts(a: Draft, b: Draft): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    CONFIDENCES.indexOf(a.confidence) - CONFIDENCES.indexOf(b.confidence) ||
    b.connectionCount - a.connectionCount ||
    compareText(a.title, b.title)
  );
}
