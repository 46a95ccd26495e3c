/**
 * The verdict on one connection at a time, as plainly as the specification has it: the reference for compiled/, and what
 * explanations are made of.
 *
 * For each end that is a pod (NETWORKPOLICY.md 2.2): Admin policies by priority, the first rule that matches decides; then
 * NetworkPolicies, which decide finally if one selects the pod; then Baseline policies; else it is allowed. Where a rule
 * matches `maybe`, the verdict stands only if it is the same both ways.
 */
import type { Cluster, Pod } from './cluster.js';
import type { Connection } from './connection.js';
import { type EndView, isSamePod, viewEnds } from './end-view.js';
import { isOwnNode, isPodFor, matchRule, type Question, scopeSelects } from './match.js';
import { DEFAULT_OPTIONS, type PolicyOptions } from './options.js';
import type { Direction, Policy } from './policy.js';
import {
  type Basis,
  combine,
  type ConnectionVerdict,
  type EndVerdict,
  type RuleReference,
  type Verdict,
} from './verdict.js';

const TRANSPORT_PROTOCOLS = new Set(['TCP', 'UDP', 'SCTP']);

/** The order in which policies are asked: by tier, then by priority, then as given. */
const TIER_ORDER = { Admin: 0, NetworkPolicy: 1, Baseline: 2 } as const;

/** Verdict, basis and deciding rules, while tiers are asked. */
type Decision = Pick<EndVerdict, 'verdict' | 'basis' | 'deciding' | 'passing'>;

export class PolicyEvaluator {
  readonly cluster: Cluster;
  readonly policies: readonly Policy[];
  readonly options: PolicyOptions;
  private readonly candidatesByNamespace = new Map<string, readonly Policy[]>();
  private readonly selectingByPod = {
    egress: new Map<Pod, readonly Policy[]>(),
    ingress: new Map<Pod, readonly Policy[]>(),
  };

  constructor(cluster: Cluster, policies: readonly Policy[], options: PolicyOptions = DEFAULT_OPTIONS) {
    this.cluster = cluster;
    this.options = options;
    this.policies = [...policies].sort((a, b) => TIER_ORDER[a.tier] - TIER_ORDER[b.tier] || a.priority - b.priority);
  }

  /** "For a connection from a source pod to a destination pod to be allowed, both the egress policy on the source pod and the
   * ingress policy on the destination pod need to allow the connection." */
  evaluate(connection: Connection): ConnectionVerdict {
    const { destination } = connection;
    if (destination.kind === 'service' && destination.backends.length > 0) {
      return agreed(
        destination.backends.map(({ end, port }) =>
          this.evaluate({ ...connection, destination: end, port, throughService: true }),
        ),
      );
    }
    const [source, target] = viewEnds(this.cluster, connection.source, destination);
    return combine(
      this.judge('egress', source, target, target, connection),
      this.judge('ingress', target, source, target, connection),
    );
  }

  /** All policies that select the pod in this direction, in the order they are asked. */
  selecting(pod: Pod, direction: Direction): readonly Policy[] {
    const known = this.selectingByPod[direction].get(pod);
    if (known !== undefined) return known;
    const selecting = this.candidates(pod.namespace).filter(
      (policy) =>
        policy[direction] !== null &&
        isPodFor(policy, pod, this.options) &&
        scopeSelects(policy.subject, pod, this.cluster),
    );
    this.selectingByPod[direction].set(pod, selecting);
    return selecting;
  }

  /** Policies that may select pods of a namespace. */
  private candidates(namespace: string): readonly Policy[] {
    let candidates = this.candidatesByNamespace.get(namespace);
    if (candidates === undefined) {
      candidates = this.policies.filter(({ subject }) => [null, namespace].includes(subject.namespace));
      this.candidatesByNamespace.set(namespace, candidates);
    }
    return candidates;
  }

  private judge(
    direction: Direction,
    subject: EndView,
    peer: EndView,
    destination: EndView,
    connection: Connection,
  ): EndVerdict {
    const { pod } = subject;
    if (pod === null) return { direction, selecting: [], ...this.judgeOther(direction, subject) };
    const selecting = this.selecting(pod, direction);
    const { cluster, options } = this;
    const { protocol, port, throughService } = connection;
    const question: Question = { cluster, options, peer, destination, protocol, port };
    const decision =
      isSamePod(subject, peer) && !throughService
        ? decide('allowed', 'own address')
        : selecting.length === 0
          ? decide(
              'not selected',
              pod.hostNetwork && options.hostNetworkPods === 'as nodes' ? 'hostNetwork' : 'no policy',
            )
          : TRANSPORT_PROTOCOLS.has(protocol)
            ? this.askAll(selecting, direction, subject, question)
            : decide('undefined', 'protocol');
    return { direction, selecting, ...decision };
  }

  /** Policies bind pods only; of an end that may be one, nothing can be said unless there are no policies. */
  private judgeOther(direction: Direction, { kind }: EndView): Decision {
    if (kind !== 'unknown' && kind !== 'service') return decide('not selected', 'not a pod');
    const arePolicies = this.policies.some((policy) => policy[direction] !== null);
    return arePolicies ? decide('undefined', 'unknown end') : decide('not selected', 'no policy');
  }

  private askAll(selecting: readonly Policy[], direction: Direction, subject: EndView, question: Question): Decision {
    const ofTier = (tier: Policy['tier']): Policy[] => selecting.filter((policy) => policy.tier === tier);
    const byDefault = (): Decision => decide('allowed', 'default');
    const afterAdmin = (): Decision => {
      const policies = ofTier('NetworkPolicy');
      if (policies.length > 0) return this.askNetworkPolicies(policies, direction, subject, question);
      return askTier(ofTier('Baseline'), direction, question, byDefault);
    };
    return askTier(ofTier('Admin'), direction, question, afterAdmin);
  }

  /** Policies add up: one rule that matches is enough, and there is no rule that denies. */
  private askNetworkPolicies(
    policies: readonly Policy[],
    direction: Direction,
    subject: EndView,
    question: Question,
  ): Decision {
    if (isOwnNode(subject, question)) return decide('allowed', 'own node');
    if (isSamePod(subject, question.peer)) return decide('undefined', 'hairpin');
    const matching: RuleReference[] = [];
    let isDoubtful = false;
    for (const policy of policies) {
      for (const rule of policy[direction] ?? []) {
        const match = matchRule(policy, rule, question);
        if (match === 'yes') matching.push({ policy, rule });
        if (match === 'maybe') isDoubtful = true;
      }
    }
    if (matching.length > 0) return { ...decide('allowed', 'NetworkPolicy'), deciding: matching };
    return isDoubtful ? decide('undefined', 'unknown end') : decide('denied', 'NetworkPolicy');
  }
}

function decide(verdict: Verdict, basis: Basis): Decision {
  return { verdict, basis, deciding: [], passing: [] };
}

/** Asks policies of the Admin or Baseline tier; where they say Pass or nothing, `below` decides. */
function askTier(
  policies: readonly Policy[],
  direction: Direction,
  question: Question,
  below: () => Decision,
): Decision {
  const doubts: Decision[] = [];
  const decided = firstDecision(policies, direction, question, below, doubts) ?? below();
  return doubts.every(({ verdict }) => verdict === decided.verdict) ? decided : decide('undefined', 'unknown end');
}

/** Decisions of rules that match `maybe` go to `doubts`. Null if no rule matches. */
function firstDecision(
  policies: readonly Policy[],
  direction: Direction,
  question: Question,
  below: () => Decision,
  doubts: Decision[],
): Decision | null {
  for (let at = 0; at < policies.length;) {
    const matches: RuleReference[] = [];
    const { priority } = policies[at]!;
    for (; at < policies.length && policies[at]!.priority === priority; at++) {
      const policy = policies[at]!;
      for (const rule of policy[direction] ?? []) {
        const match = matchRule(policy, rule, question);
        if (match === 'maybe') doubts.push(follow({ policy, rule }, below));
        if (match !== 'yes') continue;
        matches.push({ policy, rule });
        break;
      }
    }
    const [first, ...others] = matches;
    if (first === undefined) continue;
    // Which of two policies of the same priority is asked first is not specified.
    if (others.some(({ rule }) => rule.action !== first.rule.action)) return decide('undefined', 'equal priority');
    const decision = follow(first, below);
    if (first.rule.action !== 'Pass') return { ...decision, deciding: matches };
    return { ...decision, passing: [...matches, ...decision.passing] };
  }
  return null;
}

function follow(reference: RuleReference, below: () => Decision): Decision {
  const { policy, rule } = reference;
  if (rule.action === 'Pass') return below();
  const basis = policy.tier === 'Admin' ? 'Admin' : 'Baseline';
  return { ...decide(rule.action === 'Allow' ? 'allowed' : 'denied', basis), deciding: [reference] };
}

/** One verdict for several backends: theirs where they agree. */
function agreed(verdicts: readonly ConnectionVerdict[]): ConnectionVerdict {
  const [first, ...others] = verdicts;
  if (first === undefined) throw new Error('no backends');
  const merge = (direction: Direction): EndVerdict => {
    const end = first[direction];
    if (others.every((other) => other[direction].verdict === end.verdict)) return end;
    return { ...end, ...decide('undefined', 'backends differ') };
  };
  return combine(merge('egress'), merge('ingress'));
}
