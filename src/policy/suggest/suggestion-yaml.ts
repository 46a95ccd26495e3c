/**
 * Suggestions as YAML that kubectl takes, with comments that say which connections each rule stands for.
 *
 * Names come from snapshots and addresses from packets, so nothing is written that could end a comment or a scalar early.
 */
import { formatEnd } from '../connection.js';
import type { Requirement } from '../selector.js';
import { NAMESPACE_NAME_LABEL } from '../selector.js';
import type { SuggestedPeer, SuggestedPolicy, SuggestedRule, Suggestion } from './suggest.js';
import type { Traffic, UncoveredConnection } from './traffic.js';

/** Connections of one rule named in its comment. */
const MAX_NAMED = 20;

/** All policies as one file; documents are separated by `---`. */
export function formatSuggestion({ policies, uncovered }: Suggestion): string {
  const head =
    uncovered.length === 0
      ? []
      : ['# Seen, but not covered by these policies:', ...uncovered.slice(0, MAX_NAMED).map(describeUncovered)];
  if (uncovered.length > MAX_NAMED) head.push(`#   and ${uncovered.length - MAX_NAMED} more`);
  const documents = policies.map(formatPolicy);
  return [...(head.length === 0 ? [] : [`${head.join('\n')}\n`]), ...documents].join('---\n');
}

/** One policy as a YAML document. */
export function formatPolicy(policy: SuggestedPolicy): string {
  const { namespace, name, group, ingress, egress } = policy;
  const lines = [
    ...describePolicy(policy),
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    'metadata:',
    `  name: ${scalar(name)}`,
    `  namespace: ${scalar(namespace)}`,
    'spec:',
    ...selectorLines('podSelector', group.selector).map((line) => `  ${line}`),
    '  policyTypes:',
    '    - Ingress',
    ...(egress === null ? [] : ['    - Egress']),
    ...section('ingress', 'from', namespace, ingress),
    ...(egress === null ? [] : section('egress', 'to', namespace, egress)),
  ];
  return `${lines.join('\n')}\n`;
}

function describePolicy({ group: { workloads }, egress }: SuggestedPolicy): string[] {
  const lines = [workloads.join(', ')];
  if (workloads.length > 1) lines.push('Their labels do not differ, so that one policy has to do for all of them.');
  if (egress === null)
    lines.push('No egress was seen, so egress is left as it is. To forbid it, add Egress to policyTypes.');
  else if (egress.every(({ traffic }) => traffic.length === 0))
    lines.push('No egress was seen, so that only DNS is allowed.');
  return lines.map(comment);
}

function section(title: string, peersTitle: string, namespace: string, rules: readonly SuggestedRule[]): string[] {
  if (rules.length === 0) return [`  # No ${title} was seen.`, `  ${title}: []`];
  return [
    `  ${title}:`,
    ...rules.flatMap((rule) => [
      ...describeTraffic(rule, title === 'ingress' ? 'from' : 'to').map((line) => `    ${line}`),
      `    - ${peersTitle}:`,
      ...rule.peers.flatMap((peer) => peerLines(peer, namespace)).map((line) => `        ${line}`),
      '      ports:',
      ...rule.ports.flatMap(({ protocol, port }) => [
        `        - protocol: ${protocol}`,
        `          port: ${scalar(port)}`,
      ]),
    ]),
  ];
}

function describeTraffic({ traffic, peers }: SuggestedRule, preposition: string): string[] {
  const lines = [...traffic].map((one) =>
    comment(`${timesSeen(one.count)} ${preposition} ${peerName(one)}, port ${one.port}/${one.protocol}`),
  );
  const named = lines.slice(0, MAX_NAMED);
  if (lines.length > MAX_NAMED) named.push(comment(`and ${lines.length - MAX_NAMED} more`));
  if (peers.some(({ type }) => type === 'dns')) named.unshift(comment('DNS, which almost everything needs'));
  return named;
}

function timesSeen(count: number): string {
  return count === 1 ? 'seen only once:' : `${count} connections`;
}

function peerName({ peer }: Traffic): string {
  if (peer.type === 'group') return `${peer.group.namespace}/${peer.group.workloads.join(', ')}`;
  return peer.node === null ? peer.address : `${peer.address} (${peer.node})`;
}

function peerLines(peer: SuggestedPeer, namespace: string): string[] {
  switch (peer.type) {
    case 'block':
      return ['- ipBlock:', `    cidr: ${scalar(peer.cidr)}`];
    case 'dns':
      return [...namespaceLines('kube-system'), '  podSelector:', '    matchLabels:', '      k8s-app: kube-dns'];
    case 'group': {
      const { group } = peer;
      const pods = selectorLines('podSelector', group.selector);
      if (group.namespace === namespace) return pods.map((line, index) => `${index === 0 ? '- ' : '  '}${line}`);
      return [...namespaceLines(group.namespace), ...pods.map((line) => `  ${line}`)];
    }
  }
}

function namespaceLines(namespace: string): string[] {
  return ['- namespaceSelector:', '    matchLabels:', `      ${NAMESPACE_NAME_LABEL}: ${scalar(namespace)}`];
}

function selectorLines(title: string, selector: readonly Requirement[]): string[] {
  const labels = selector.filter(({ operator }) => operator === 'In');
  const others = selector.filter(({ operator }) => operator !== 'In');
  if (selector.length === 0) return [`${title}: {}`];
  return [
    `${title}:`,
    ...(labels.length === 0 ? [] : ['  matchLabels:']),
    ...labels.map(({ key, values }) => `    ${scalar(key)}: ${scalar(values[0] ?? '')}`),
    ...(others.length === 0 ? [] : ['  matchExpressions:']),
    ...others.flatMap(({ key, operator }) => [`    - key: ${scalar(key)}`, `      operator: ${operator}`]),
  ];
}

function describeUncovered({ connection, reason }: UncoveredConnection): string {
  const { source, destination, port, protocol } = connection;
  return comment(`  ${formatEnd(source)} to ${formatEnd(destination)}, ${port ?? 'no port'}/${protocol}: ${reason}`);
}

/** Words that some parser of YAML takes for something else than a string (YAML 1.1 and 1.2). */
const RESERVED = /^(true|false|yes|no|on|off|y|n|null|nan|inf)$/i;
/** Begins with a letter and holds nothing that YAML, a number or a time could claim. */
const PLAIN = /^[A-Za-z][A-Za-z0-9._/-]*$/;

/** A number as it is; a string plain if it can only be a string, in double quotes otherwise (JSON strings are YAML). */
function scalar(value: string | number): string {
  if (typeof value === 'number') return `${value}`;
  return PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}

/** A comment of one line, whatever the text holds. */
function comment(text: string): string {
  return `# ${text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')}`;
}
