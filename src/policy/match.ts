/**
 * Whether a rule matches a connection: peer AND port, each one of several.
 *
 * Answers are `yes`, `no` or `maybe`: not everything is known of an end (an address that nobody is known to have had, a
 * Service's backend that was not seen, a domain name), and a verdict must not rest on a guess.
 */
import type { Cluster, Pod } from './cluster.js';
import type { EndView } from './end-view.js';
import { blockContains } from './ip-block.js';
import type { PolicyOptions } from './options.js';
import type { Peer, PodScope, Policy, PolicyRule, PortMatch } from './policy.js';
import { selects } from './selector.js';

export type Match = 'yes' | 'maybe' | 'no';

/** What a rule is asked about. */
export interface Question {
  readonly cluster: Cluster;
  readonly options: PolicyOptions;
  /** The end that is not the policy's subject. */
  readonly peer: EndView;
  readonly destination: EndView;
  readonly protocol: string;
  readonly port: number | null;
}

export function matchRule(policy: Policy, rule: PolicyRule, question: Question): Match {
  const ports = matchPorts(policy, rule, question);
  return ports === 'no' ? 'no' : both(ports, matchPeers(policy, rule, question));
}

/** "If this field is empty or missing, this rule matches all sources." */
export function matchPeers(policy: Policy, { peers }: PolicyRule, question: Question): Match {
  return peers === null ? 'yes' : best(peers, (peer) => matchPeer(policy, peer, question));
}

/** "If this field is empty or missing, this rule matches all ports." */
export function matchPorts(policy: Policy, { ports }: PolicyRule, question: Question): Match {
  return ports === null ? 'yes' : best(ports, (port) => matchPort(policy, port, question));
}

function best<T>(alternatives: readonly T[], match: (alternative: T) => Match): Match {
  let found: Match = 'no';
  for (const alternative of alternatives) {
    const one = match(alternative);
    if (one === 'yes') return 'yes';
    if (one === 'maybe') found = 'maybe';
  }
  return found;
}

function both(a: Match, b: Match): Match {
  if (a === 'no' || b === 'no') return 'no';
  return a === 'maybe' || b === 'maybe' ? 'maybe' : 'yes';
}

/** Pods that the policy can see as pods: never hostNetwork pods, except for NetworkPolicy in the other reading. */
export function isPodFor(policy: Policy, pod: Pod, options: PolicyOptions): boolean {
  return !pod.hostNetwork || (policy.tier === 'NetworkPolicy' && options.hostNetworkPods === 'as pods');
}

/** "Traffic to and from the node where a Pod is running is always allowed, regardless of the IP address of the Pod or the node." */
export function isOwnNode(
  { pod }: EndView,
  { cluster, options, peer }: Pick<Question, 'cluster' | 'options' | 'peer'>,
): boolean {
  if (pod === null) return false;
  if (peer.pod !== null && (!peer.pod.hostNetwork || options.hostNetworkPods === 'as pods')) return false;
  if (peer.node !== null && peer.node === pod.node) return true;
  return peer.address !== null && cluster.isOwnNode(pod, peer.address);
}

export function scopeSelects(scope: PodScope, pod: Pod, cluster: Cluster): boolean {
  if (scope.namespace !== null && scope.namespace !== pod.namespace) return false;
  return (
    selects(scope.podSelector, pod.labels) && selects(scope.namespaceSelector, cluster.namespaceLabels(pod.namespace))
  );
}

function matchPeer(policy: Policy, peer: Peer, { cluster, options, peer: end }: Question): Match {
  if (peer.type === 'nothing') return 'no';
  const isUnsure = end.kind === 'unknown' || end.kind === 'service';
  const pod = end.pod !== null && isPodFor(policy, end.pod, options) ? end.pod : null;
  switch (peer.type) {
    case 'pods':
      if (isUnsure) return 'maybe';
      return pod !== null && scopeSelects(peer, pod, cluster) ? 'yes' : 'no';
    case 'addresses':
      // Whether an ipBlock is applied before or after a Service's address is rewritten is not defined.
      if (end.kind === 'service' || end.words === null) return 'maybe';
      if (pod !== null && options.ipBlocks === 'exclude pods') return 'no';
      if (!blockContains(peer.block, end.words)) return 'no';
      return end.kind === 'unknown' && options.ipBlocks === 'exclude pods' ? 'maybe' : 'yes';
    case 'nodes': {
      if (isUnsure || (end.kind === 'node' && end.node === null)) return 'maybe';
      if (end.node === null) return 'no';
      const node = cluster.node(end.node);
      return node === null ? 'maybe' : selects(peer.selector, node.labels) ? 'yes' : 'no';
    }
    case 'domains':
      return isUnsure || end.kind === 'external' ? 'maybe' : 'no';
  }
}

function matchPort(policy: Policy, match: PortMatch, { options, destination, protocol, port }: Question): Match {
  switch (match.type) {
    case 'nothing':
      return 'no';
    case 'range': {
      if (match.protocol !== protocol) return 'no';
      if (match.from === 0) return 'yes';
      // What was called is the Service's port; the rule means the port of the pod behind it.
      if (port === null || destination.kind === 'service') return 'maybe';
      return port >= match.from && port <= match.to ? 'yes' : 'no';
    }
    case 'named': {
      if (match.protocol !== null && match.protocol !== protocol) return 'no';
      if (destination.kind === 'service' || destination.kind === 'unknown') return 'maybe';
      const pod = destination.pod !== null && isPodFor(policy, destination.pod, options) ? destination.pod : null;
      if (pod === null) return 'no';
      const named = pod.ports.filter((candidate) => candidate.name === match.name && candidate.protocol === protocol);
      if (port === null) return named.length === 0 ? 'no' : 'maybe';
      return named.some((candidate) => candidate.port === port) ? 'yes' : 'no';
    }
  }
}
