/** Explanations as lines of text, for the terminal and the report. */
import { formatEnd, type Connection } from './connection.js';
import type { ConnectionExplanation, EndExplanation, Reading } from './explain.js';
import { type Lines, type Policy, policyName } from './policy.js';
import type { Basis, RuleReference } from './verdict.js';

const READINGS: Readonly<Record<Reading, string>> = {
  ipBlocks: 'whether ipBlock matches pods, which network plugins read differently',
  hostNetworkPods: 'whether policies see hostNetwork pods as pods, which network plugins read differently',
};

/** What the verdict rests on where no rule decides. */
const REASONS: Readonly<Record<Exclude<Basis, 'Admin' | 'NetworkPolicy' | 'Baseline'>, string>> = {
  default: 'policies select it, but no rule of theirs says anything of this connection',
  'no policy': 'no policy selects it',
  'not a pod': 'it is no pod, and policies bind pods only',
  hostNetwork: "it has its node's network, where most network plugins apply no policies",
  'own address': 'a pod cannot be kept from itself',
  'own node': 'traffic between a pod and its own node is always allowed',
  protocol: 'policies select it, but they know TCP, UDP and SCTP only',
  hairpin: 'it reaches itself through a Service, for which nothing is specified',
  'equal priority': 'policies of the same priority contradict each other',
  'unknown end': 'it is not known enough of both ends to tell',
  changed: 'policies or labels changed about when it was opened, and the verdict with them',
  'backends differ': 'the backends of the Service get different verdicts, and which of them answered was not seen',
};

/** Both ends, each with its verdict and what decided, in lines of which those that belong to another are indented. */
export function describeExplanation(connection: Connection, explanation: ConnectionExplanation): string[] {
  const { egress, ingress, dependsOn } = explanation;
  return [
    ...describeEnd(`egress from ${formatEnd(connection.source)}`, egress),
    ...describeEnd(`ingress to ${formatEnd(connection.destination)}`, ingress),
    ...dependsOn.map((reading) => `the verdict depends on ${READINGS[reading]}`),
  ];
}

/** Why an end has its verdict, as part of a sentence without capital and full stop. */
export function reasonOf({ verdict, basis, deciding, misses, selecting }: EndExplanation): string {
  if (basis !== 'Admin' && basis !== 'NetworkPolicy' && basis !== 'Baseline') return REASONS[basis];
  if (verdict !== 'denied' || basis !== 'NetworkPolicy') {
    const does = verdict === 'denied' ? 'denies' : 'allows';
    return `${deciding.map(describeRule).join(' and ')} ${does} it`;
  }
  const policies = selecting.filter(({ tier }) => tier === 'NetworkPolicy').map(policyName);
  const [miss, ...others] = misses.filter(({ rule }) => rule !== null);
  const missed = miss === undefined ? 'they have no rules' : miss.reasons.join('; ');
  const more = others.length === 0 ? '' : ` (and ${others.length} more ${others.length === 1 ? 'rule' : 'rules'})`;
  return `no rule of ${policies.join(', ')} matches: ${missed}${more}`;
}

function describeEnd(title: string, end: EndExplanation): string[] {
  const { verdict, basis, deciding, misses, passing } = end;
  const passed = passing.map((reference) => `  after ${describeRule(reference)} passed it on`);
  if (basis !== 'Admin' && basis !== 'NetworkPolicy' && basis !== 'Baseline') {
    return [`${title}: ${verdict}; ${REASONS[basis]}`, ...passed];
  }
  if (verdict !== 'denied' || basis !== 'NetworkPolicy') {
    return [`${title}: ${verdict} by ${deciding.map(describeRule).join(' and ')}`, ...passed];
  }
  const policies = end.selecting.filter(({ tier }) => tier === 'NetworkPolicy');
  const subject =
    policies.length === 1
      ? 'this policy selects it, and none of its rules matches'
      : `these ${policies.length} policies select it, and none of their rules matches`;
  return [
    `${title}: denied; ${subject}`,
    ...passed,
    ...policies.flatMap((policy) => [
      `  ${describePolicy(policy)}`,
      ...misses
        .filter((miss) => miss.policy === policy)
        .map(
          ({ rule, reasons }) =>
            `    ${rule === null ? '' : `rule ${rule.number}${inLines(rule.lines)}: `}${reasons.join('; ')}`,
        ),
    ]),
  ];
}

/** `NetworkPolicy shop/backend (policies.yaml, line 3)`. */
export function describePolicy(policy: Policy): string {
  const place = [policy.file, policy.lines === null ? null : `line ${policy.lines.first}`].filter(
    (part) => part !== null,
  );
  return `${policy.kind} ${policyName(policy)}${place.length === 0 ? '' : ` (${place.join(', ')})`}`;
}

/** `rule 2 "allow-dns" of NetworkPolicy shop/backend (policies.yaml, lines 12-18)`. */
export function describeRule({ policy, rule }: RuleReference): string {
  const place = [policy.file, rule.lines === null ? null : linesText(rule.lines)].filter((part) => part !== null);
  const name = rule.name === '' ? '' : ` "${rule.name}"`;
  const where = place.length === 0 ? '' : ` (${place.join(', ')})`;
  return `rule ${rule.number}${name} of ${policy.kind} ${policyName(policy)}${where}`;
}

function inLines(lines: Lines | null): string {
  return lines === null ? '' : ` (${linesText(lines)})`;
}

function linesText({ first, last }: Lines): string {
  return first === last ? `line ${first}` : `lines ${first}-${last}`;
}
