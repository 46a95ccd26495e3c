/** Verdicts, for each end of a connection and for the whole, with what decided them. */
import { type Direction, type Policy, type PolicyRule, policyName } from './policy.js';

/**
 * `not selected`: no policy selects the end, so everything is allowed. `undefined`: no specification, or nothing that is
 * known, decides it.
 */
export type Verdict = 'allowed' | 'denied' | 'not selected' | 'undefined';

/** What a verdict rests on. */
export type Basis =
  /** Rules of the tier decide, or for a denial by NetworkPolicy that none of them matches. */
  | 'Admin'
  | 'NetworkPolicy'
  | 'Baseline'
  /** Policies select the end, but none of their rules says anything of this connection. */
  | 'default'
  | 'no policy'
  | 'not a pod'
  | 'hostNetwork'
  /** A pod cannot be kept from itself. */
  | 'own address'
  /** Traffic between a pod and its own node is always allowed. */
  | 'own node'
  /** Undefined: NetworkPolicy knows TCP, UDP and SCTP only. */
  | 'protocol'
  /** Undefined: a pod that reaches itself through a Service. */
  | 'hairpin'
  /** Undefined: policies of equal priority contradict each other. */
  | 'equal priority'
  /** Undefined: the verdict hangs on something that is not known of one of the ends. */
  | 'unknown end'
  /** Undefined: the backends of the Service get different verdicts. */
  | 'backends differ'
  /** Undefined: policies or labels changed about then, and the verdict with them. */
  | 'changed';

export interface RuleReference {
  readonly policy: Policy;
  readonly rule: PolicyRule;
}

export interface EndVerdict {
  readonly direction: Direction;
  readonly verdict: Verdict;
  readonly basis: Basis;
  /** All policies that select the end in this direction, in the order they are asked. */
  readonly selecting: readonly Policy[];
  /** The rules that decide: all NetworkPolicy rules that allow, or the rule of an admin or baseline policy. */
  readonly deciding: readonly RuleReference[];
  /** Rules of admin and baseline policies that passed the decision on. */
  readonly passing: readonly RuleReference[];
}

export interface ConnectionVerdict {
  /** `denied` if either end denies, else `undefined` if either is, `not selected` if both are. */
  readonly verdict: Verdict;
  readonly egress: EndVerdict;
  readonly ingress: EndVerdict;
}

export function combine(egress: EndVerdict, ingress: EndVerdict): ConnectionVerdict {
  return { verdict: combineVerdicts(egress.verdict, ingress.verdict), egress, ingress };
}

export function combineVerdicts(egress: Verdict, ingress: Verdict): Verdict {
  if (egress === 'denied' || ingress === 'denied') return 'denied';
  if (egress === 'undefined' || ingress === 'undefined') return 'undefined';
  return egress === 'not selected' && ingress === 'not selected' ? 'not selected' : 'allowed';
}

/** One verdict for a time between two states: that of the earlier one, unless the later one says something else. */
export function between(earlier: ConnectionVerdict, later: ConnectionVerdict): ConnectionVerdict {
  if (isAlike(earlier.verdict, later.verdict)) return earlier;
  const end = (direction: Direction): EndVerdict => {
    const [before, after] = [earlier[direction], later[direction]];
    if (isAlike(before.verdict, after.verdict)) return before;
    const selecting = [...new Set([...before.selecting, ...after.selecting])];
    return { direction, verdict: 'undefined', basis: 'changed', selecting, deciding: [], passing: [] };
  };
  return combine(end('egress'), end('ingress'));
}

/** True if traffic passes by both verdicts, or by neither, and both are defined or neither is. */
function isAlike(a: Verdict, b: Verdict): boolean {
  return a === b || (passes(a) && passes(b));
}

/** True for verdicts by which traffic passes. */
export function passes(verdict: Verdict): boolean {
  return verdict === 'allowed' || verdict === 'not selected';
}

/**
 * What decides, one word each: `default`, `np:shop/web#2` (its second rule allows), `np:shop/web` (selects, and none of its
 * rules matches), `admin:isolate:deny-all`, `baseline:default:deny` (policy and name of the rule, or its number).
 */
export function decidedBy({ verdict, basis, selecting, deciding }: EndVerdict): string[] {
  switch (basis) {
    case 'Admin':
    case 'Baseline':
      return deciding.map(({ policy, rule }) => `${basis.toLowerCase()}:${policy.name}:${rule.name || rule.number}`);
    case 'NetworkPolicy': {
      if (verdict === 'allowed') return deciding.map(({ policy, rule }) => `np:${policyName(policy)}#${rule.number}`);
      return selecting.filter(({ tier }) => tier === 'NetworkPolicy').map((policy) => `np:${policyName(policy)}`);
    }
    default:
      return ['default'];
  }
}
