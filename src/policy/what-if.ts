/**
 * What another set of policies would change for connections that were observed, and which rules none of them uses.
 *
 * Connections are judged by both sets as they stand; whether they had worked is the caller's to know. Where one of the sets
 * gives no defined verdict, the connection is neither broken nor opened, but doubtful.
 */
import type { Cluster } from './cluster.js';
import { CompiledPolicies } from './compiled/compiled-policies.js';
import type { Connection } from './connection.js';
import { PolicyEvaluator } from './evaluate.js';
import { type ConnectionExplanation, PolicyExplainer } from './explain.js';
import { DEFAULT_OPTIONS, type PolicyOptions } from './options.js';
import { type Direction, DIRECTIONS, type Policy, type PolicyRule } from './policy.js';
import { type ConnectionVerdict, passes, type Verdict } from './verdict.js';

export type Change =
  /** Allowed before, denied after. */
  | 'broken'
  /** Denied before, allowed after. */
  | 'opened'
  /** The verdict is undefined on one side only. */
  | 'doubtful';

export interface ChangedConnection<C extends Connection> {
  readonly connection: C;
  readonly change: Change;
  readonly before: ConnectionVerdict;
  readonly after: ConnectionExplanation;
}

/** The connections whose verdict differs between two sets of policies, in the order given. */
export function comparePolicies<C extends Connection>(
  cluster: Cluster,
  policies: { readonly before: readonly Policy[]; readonly after: readonly Policy[] },
  connections: readonly C[],
  options: PolicyOptions = DEFAULT_OPTIONS,
): ChangedConnection<C>[] {
  const judgeBefore = new CompiledPolicies(cluster, policies.before, options);
  const judgeAfter = new CompiledPolicies(cluster, policies.after, options);
  const explainBefore = new PolicyEvaluator(cluster, policies.before, options);
  const explainAfter = new PolicyExplainer(new PolicyEvaluator(cluster, policies.after, options));
  return connections.flatMap((connection) => {
    const change = changeBetween(judgeBefore.evaluate(connection).verdict, judgeAfter.evaluate(connection).verdict);
    if (change === null) return [];
    return [
      { connection, change, before: explainBefore.evaluate(connection), after: explainAfter.explain(connection) },
    ];
  });
}

function changeBetween(before: Verdict, after: Verdict): Change | null {
  if (before === 'undefined' || after === 'undefined') return before === after ? null : 'doubtful';
  if (passes(before) === passes(after)) return null;
  return passes(after) ? 'opened' : 'broken';
}

export interface UnusedRule {
  readonly policy: Policy;
  readonly direction: Direction;
  readonly rule: PolicyRule;
}

export interface PolicyUsage {
  /** Rules that decide none of the connections, in the order of the policies. */
  readonly unusedRules: readonly UnusedRule[];
  /** Policies that select none of the cluster's pods. */
  readonly selectingNothing: readonly Policy[];
}

/**
 * Which rules the connections do not need. A rule counts as used if it is among those that decide (all that allow in
 * NetworkPolicies, so that of two equal rules both are used) or pass; undefined verdicts count for none.
 */
export function findUnused(
  cluster: Cluster,
  policies: readonly Policy[],
  connections: readonly Connection[],
  options: PolicyOptions = DEFAULT_OPTIONS,
): PolicyUsage {
  const evaluator = new PolicyEvaluator(cluster, policies, options);
  const used = new Set<PolicyRule>();
  for (const connection of connections) {
    const { egress, ingress } = evaluator.evaluate(connection);
    for (const { deciding, passing } of [egress, ingress]) {
      for (const { rule } of [...deciding, ...passing]) used.add(rule);
    }
  }
  const selecting = new Set(
    cluster.pods.flatMap((pod) => DIRECTIONS.flatMap((direction) => evaluator.selecting(pod, direction))),
  );
  return {
    unusedRules: policies.flatMap((policy) =>
      DIRECTIONS.flatMap((direction) =>
        (policy[direction] ?? []).filter((rule) => !used.has(rule)).map((rule) => ({ policy, direction, rule })),
      ),
    ),
    selectingNothing: policies.filter((policy) => !selecting.has(policy)),
  };
}
