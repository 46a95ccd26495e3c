/**
 * Why: which rule decides, or for a denial why every rule of the selecting policies missed, in words; and whether another
 * reading of the specification would change the verdict.
 *
 * Texts name labels, ports and addresses as they are in the cluster; they are for people and not for parsing.
 */
import { podKey } from './cluster.js';
import type { Connection, ConnectionEnd } from './connection.js';
import { type EndView, viewEnds } from './end-view.js';
import { PolicyEvaluator } from './evaluate.js';
import { isPodFor, type Question, matchPeers, matchPorts } from './match.js';
import type { PolicyOptions } from './options.js';
import {
  type Direction,
  DIRECTIONS,
  type Peer,
  type PodScope,
  type Policy,
  type PolicyRule,
  type PortMatch,
} from './policy.js';
import { formatRequirement, type Labels, labelOf, meets, type Selector } from './selector.js';
import type { ConnectionVerdict, EndVerdict } from './verdict.js';
import { cidrContains } from './ip-block.js';

/** Why one rule does not match. */
export interface RuleMiss {
  readonly policy: Policy;
  /** Null for a policy that has no rules in this direction, and so allows nothing. */
  readonly rule: PolicyRule | null;
  /** One sentence without capital and full stop per peer or port that missed; never empty. */
  readonly reasons: readonly string[];
}

export interface EndExplanation extends EndVerdict {
  /** For a denial by NetworkPolicies: every rule of those that select the pod. Empty otherwise. */
  readonly misses: readonly RuleMiss[];
}

/** Settings of PolicyOptions on which a verdict depends. */
export type Reading = keyof PolicyOptions;

export interface ConnectionExplanation extends ConnectionVerdict {
  readonly egress: EndExplanation;
  readonly ingress: EndExplanation;
  /** Settings that, read the other way, would give an end another verdict. */
  readonly dependsOn: readonly Reading[];
}

/** Peers beyond this many of one rule are only counted. */
const MAX_PEERS_EXPLAINED = 10;

export class PolicyExplainer {
  readonly evaluator: PolicyEvaluator;
  private readonly others: readonly (readonly [Reading, PolicyEvaluator])[];
  /** Some rule names addresses. */
  private readonly hasBlocks: boolean;
  private readonly reasons = { egress: new LastReasons(), ingress: new LastReasons() };

  constructor(evaluator: PolicyEvaluator) {
    this.evaluator = evaluator;
    const { cluster, policies, options } = evaluator;
    this.hasBlocks = policies.some((policy) =>
      DIRECTIONS.some((direction) =>
        (policy[direction] ?? []).some(({ peers }) => peers?.some(({ type }) => type === 'addresses') === true),
      ),
    );
    const flipped: readonly (readonly [Reading, PolicyOptions])[] = [
      ['ipBlocks', { ...options, ipBlocks: options.ipBlocks === 'include pods' ? 'exclude pods' : 'include pods' }],
      [
        'hostNetworkPods',
        { ...options, hostNetworkPods: options.hostNetworkPods === 'as nodes' ? 'as pods' : 'as nodes' },
      ],
    ];
    this.others = flipped.map(([reading, other]) => [reading, new PolicyEvaluator(cluster, policies, other)]);
  }

  explain(connection: Connection): ConnectionExplanation {
    const verdict = this.evaluator.evaluate(connection);
    return {
      ...verdict,
      egress: { ...verdict.egress, misses: this.misses(connection, verdict.egress) },
      ingress: { ...verdict.ingress, misses: this.misses(connection, verdict.ingress) },
      dependsOn: this.others
        .filter(([name, other]) => this.mayDependOn(name, connection) && differs(other.evaluate(connection), verdict))
        .map(([name]) => name),
    };
  }

  /** False where the setting has nothing to act on, which spares most connections two more verdicts. */
  private mayDependOn(reading: Reading, { source, destination }: Connection): boolean {
    if (reading === 'ipBlocks') return this.hasBlocks;
    const isHostPod = (end: ConnectionEnd): boolean =>
      end.kind === 'pod' && this.evaluator.cluster.pod(end.pod, end.uid)?.hostNetwork === true;
    return destination.kind === 'service' || isHostPod(source) || isHostPod(destination);
  }

  private misses(connection: Connection, end: EndVerdict): RuleMiss[] {
    if (end.verdict !== 'denied' || end.basis !== 'NetworkPolicy') return [];
    const { cluster, options } = this.evaluator;
    const called = behindService(connection);
    const [source, destination] = viewEnds(cluster, connection.source, called.end);
    const question: Question = {
      cluster,
      options,
      peer: end.direction === 'egress' ? destination : source,
      destination,
      protocol: connection.protocol,
      port: called.port,
    };
    const policies = end.selecting.filter(({ tier }) => tier === 'NetworkPolicy');
    const of = this.reasons[end.direction].about(question);
    return policies.flatMap((policy) => missesOf(policy, end.direction, question, of));
  }
}

/**
 * Reasons that do not depend on the port, of the ends that were asked about last: a scan of ports asks about the same two ends, thousands
 * of times.
 */
class LastReasons {
  private ends = '';
  private readonly peers = new Map<PolicyRule, readonly string[]>();
  private readonly wanted = new Map<PolicyRule, string>();

  /** Forgets what was about other ends. */
  about({ peer, destination }: Question): this {
    const ends = [peer, destination].map((end) => `${end.kind} ${nameOf(end)} ${end.address} ${end.pod?.uid}`).join();
    if (ends !== this.ends) {
      this.ends = ends;
      this.peers.clear();
      this.wanted.clear();
    }
    return this;
  }

  /** Empty where the peers match. */
  ofPeers(policy: Policy, rule: PolicyRule, question: Question): readonly string[] {
    let reasons = this.peers.get(rule);
    if (reasons === undefined) this.peers.set(rule, (reasons = peerReasons(policy, rule, question)));
    return reasons;
  }

  wantedPorts(policy: Policy, rule: PolicyRule, question: Question): string {
    let wanted = this.wanted.get(rule);
    if (wanted === undefined) this.wanted.set(rule, (wanted = wantedText(policy, rule.ports ?? [], question)));
    return wanted;
  }
}

/** Backends that are all denied are denied for much the same reason: the first stands for them. */
function behindService({ destination, port }: Connection): { end: ConnectionEnd; port: number | null } {
  const [backend] = destination.kind === 'service' ? destination.backends : [];
  return backend ?? { end: destination, port };
}

function differs(a: ConnectionVerdict, b: ConnectionVerdict): boolean {
  return a.egress.verdict !== b.egress.verdict || a.ingress.verdict !== b.ingress.verdict;
}

function missesOf(policy: Policy, direction: Direction, question: Question, known: LastReasons): RuleMiss[] {
  const rules = policy[direction] ?? [];
  if (rules.length === 0)
    return [{ policy, rule: null, reasons: [`it has no ${direction} rules, and so allows nothing`] }];
  return rules.map((rule) => ({ policy, rule, reasons: reasonsOf(policy, rule, question, known) }));
}

function reasonsOf(policy: Policy, rule: PolicyRule, question: Question, known: LastReasons): readonly string[] {
  const ofPeers = known.ofPeers(policy, rule, question);
  if (matchPorts(policy, rule, question) !== 'no') return ofPeers;
  const { port, protocol } = question;
  return [...ofPeers, `port ${port ?? 'unknown'}/${protocol}, rule ${known.wantedPorts(policy, rule, question)}`];
}

function peerReasons(policy: Policy, rule: PolicyRule, question: Question): string[] {
  if (matchPeers(policy, rule, question) !== 'no') return [];
  const peers = rule.peers ?? [];
  if (peers.length === 0) return ['its peers are invalid'];
  const reasons = new Set(peers.slice(0, MAX_PEERS_EXPLAINED).map((peer) => peerReason(policy, peer, question)));
  if (peers.length > MAX_PEERS_EXPLAINED) {
    reasons.add(`and ${peers.length - MAX_PEERS_EXPLAINED} more peers do not match`);
  }
  return [...reasons];
}

function peerReason(policy: Policy, peer: Peer, question: Question): string {
  const end = question.peer;
  const pod = end.pod !== null && isPodFor(policy, end.pod, question.options) ? end.pod : null;
  switch (peer.type) {
    case 'nothing':
      return 'its peer is invalid, and so matches nothing';
    case 'pods':
      if (pod !== null) return scopeReason(peer, podKey(pod), pod.namespace, pod.labels, question);
      return end.pod === null
        ? `peer ${nameOf(end)} is no pod`
        : `peer ${nameOf(end)} has its node's network, where selectors see no pod`;
    case 'addresses': {
      if (pod !== null && question.options.ipBlocks === 'exclude pods') {
        return `${peer.block.cidr.text} is read as not matching pods`;
      }
      const { words } = end;
      const hole = words === null ? undefined : peer.block.except.find((except) => cidrContains(except, words));
      return hole === undefined
        ? `address ${end.address} is not in ${peer.block.cidr.text}`
        : `address ${end.address} is in ${hole.text}, which is excepted from ${peer.block.cidr.text}`;
    }
    case 'nodes':
      return `peer ${nameOf(end)} is no node that the rule selects`;
    case 'domains':
      return `peer ${nameOf(end)} is no external address`;
  }
}

function scopeReason(scope: PodScope, name: string, namespace: string, labels: Labels, { cluster }: Question): string {
  if (scope.namespace !== null && scope.namespace !== namespace) {
    return `peer ${name} is in another namespace than ${scope.namespace}, where the rule's podSelector looks`;
  }
  const ofNamespace = labelReason(
    `label of namespace ${namespace}`,
    `namespace ${namespace}`,
    scope.namespaceSelector,
    cluster.namespaceLabels(namespace),
  );
  return (
    ofNamespace ?? labelReason('peer label', `peer ${name}`, scope.podSelector, labels) ?? `peer ${name} does not match`
  );
}

/** `peer label app=frontend, rule wants role=backend`; null if the labels meet the selector. */
function labelReason(what: string, who: string, selector: Selector, labels: Labels): string | null {
  const unmet = selector.find((requirement) => !meets(labels, requirement));
  if (unmet === undefined) return null;
  const value = labelOf(labels, unmet.key);
  const found = value === null ? `${who} has no label ${unmet.key}` : `${what} ${unmet.key}=${value}`;
  return `${found}, rule wants ${formatRequirement(unmet)}`;
}

function wantedText(policy: Policy, ports: readonly PortMatch[], question: Question): string {
  const wanted = ports.map((match) => portText(policy, match, question.destination, question));
  return wanted.length === 0 ? 'names no valid port' : `wants ${wanted.join(', ')}`;
}

function portText(policy: Policy, match: PortMatch, destination: EndView, { options }: Question): string {
  switch (match.type) {
    case 'nothing':
      return 'an invalid port';
    case 'range':
      if (match.from === 0) return `${match.protocol}`;
      return match.from === match.to
        ? `${match.from}/${match.protocol}`
        : `${match.from}-${match.to}/${match.protocol}`;
    case 'named': {
      const pod = destination.pod !== null && isPodFor(policy, destination.pod, options) ? destination.pod : null;
      const numbers = (pod?.ports ?? [])
        .filter(({ name, protocol }) => name === match.name && (match.protocol ?? protocol) === protocol)
        .map(({ port, protocol }) => `${port}/${protocol}`);
      const named = `"${match.name}"${match.protocol === null ? '' : `/${match.protocol}`}`;
      if (pod === null) return `${named}, a name that only pods can give a port`;
      return numbers.length === 0 ? `${named}, which ${podKey(pod)} does not have` : `${named} (${numbers.join(', ')})`;
    }
  }
}

function nameOf({ pod, node, address }: EndView): string {
  return pod === null ? (node ?? address ?? 'unknown') : podKey(pod);
}
