/** What a proposed set of policies would change, and rules that nothing uses. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Cluster } from '../../src/policy/cluster.js';
import type { Connection } from '../../src/policy/connection.js';
import { describeRule } from '../../src/policy/explanation-text.js';
import { overlayPolicies, readPolicyObjects } from '../../src/policy/read/read-policies.js';
import { PolicyEvaluator } from '../../src/policy/evaluate.js';
import { passes } from '../../src/policy/verdict.js';
import { comparePolicies, findUnused } from '../../src/policy/what-if.js';
import { clusterFacts, connectionsIn, policyObjects } from './random-cluster.js';
import { cluster, connection, pod, policies } from './world.js';

const WORLD = cluster([
  pod('x/a', { app: 'a' }, '10.0.0.1'),
  pod('x/b', { app: 'b' }, '10.0.0.2'),
  pod('x/c', { app: 'c' }, '10.0.0.3'),
]);
const CONNECTIONS = ['x/a -> x/b 80/TCP', 'x/c -> x/b 80/TCP', 'x/a -> x/b 443/TCP', 'x/a -> x/c 80/TCP'].map((text) =>
  connection(text),
);
const toB = (from: string, port: number): string =>
  `NetworkPolicy x/b\nspec:\n  podSelector: {matchLabels: {app: b}}\n  ingress:\n  - from: [{podSelector: {matchLabels: {app: ${from}}}}]\n    ports: [{port: ${port}}]\n`;

function shown({ source, destination, port }: Connection): string {
  const name = (end: Connection['source']): string => (end.kind === 'pod' ? end.pod : (end.address ?? ''));
  return `${name(source)} ${name(destination)} ${port}`;
}

describe('comparing two sets', () => {
  test('names what would break and what would open, with both verdicts', async () => {
    const before = await policies(toB('a', 80));
    const after = await policies(toB('c', 80));
    const changed = comparePolicies(WORLD, { before, after }, CONNECTIONS);
    expect(changed.map(({ change, connection: one }) => [change, shown(one)])).toEqual([
      ['broken', 'x/a x/b 80'],
      ['opened', 'x/c x/b 80'],
    ]);
    expect(changed[0]?.before.ingress.deciding.map(describeRule)).toEqual([
      'rule 1 of NetworkPolicy x/b (p.yaml, lines 8-9)',
    ]);
    expect(changed[0]?.after.ingress.selecting.map(({ name }) => name)).toEqual(['b']);
  });

  test('a proposal replaces the policy of the same name and keeps the others', async () => {
    const current = [
      ...(await policies(toB('a', 80))),
      ...(await policies('NetworkPolicy x/c\nspec: {podSelector: {matchLabels: {app: c}}}\n')),
    ];
    const after = overlayPolicies(current, await policies(toB('c', 80)));
    expect(after.map(({ name }) => name)).toEqual(['c', 'b']);
    expect(comparePolicies(WORLD, { before: current, after }, CONNECTIONS).map(({ change }) => change)).toEqual([
      'broken',
      'opened',
    ]);
  });

  test('what becomes undefined is doubtful, and what stays so is no change', async () => {
    const icmp = [connection('x/a -> x/b -/ICMP')];
    const after = await policies(toB('a', 80));
    expect(comparePolicies(WORLD, { before: [], after }, icmp).map(({ change }) => change)).toEqual(['doubtful']);
    expect(comparePolicies(WORLD, { before: after, after }, icmp)).toEqual([]);
  });
});

describe('what is not used', () => {
  test('rules that decide nothing, and policies that select nobody', async () => {
    const read = await policies(
      'NetworkPolicy x/b\nspec:\n  podSelector: {matchLabels: {app: b}}\n  ingress:\n  - ports: [{port: 80}]\n  - ports: [{port: 9999}]\n  - from: [{podSelector: {matchLabels: {app: a}}}]\nNetworkPolicy x/nobody\nspec: {podSelector: {matchLabels: {app: z}}, ingress: [{}]}\n',
    );
    const { unusedRules, selectingNothing } = findUnused(WORLD, read, CONNECTIONS);
    expect(unusedRules.map(({ policy, direction, rule }) => `${policy.name} ${direction} ${rule.number}`)).toEqual([
      'b ingress 2',
      'nobody ingress 1',
    ]);
    expect(selectingNothing.map(({ name }) => name)).toEqual(['nobody']);
  });

  test('a rule that passes the decision on is used', async () => {
    const read = await policies(
      'ClusterNetworkPolicy p\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}]}, {action: Deny, from: [{namespaces: {}}]}]}\n',
    );
    const { unusedRules } = findUnused(WORLD, read, CONNECTIONS);
    expect(unusedRules.map(({ rule }) => rule.number)).toEqual([2]);
  });

  test('leaving out what is not used changes no verdict of the connections', () => {
    const scenario = clusterFacts.chain((facts) =>
      fc.record({ facts: fc.constant(facts), objects: policyObjects, connections: connectionsIn(facts) }),
    );
    fc.assert(
      fc.property(scenario, ({ facts, objects, connections }) => {
        const world = new Cluster(facts);
        const all = readPolicyObjects(objects.map((object) => ({ file: null, object }))).policies;
        // Of tiers with an order, an unused rule may still matter to connections of which not everything is known.
        const read = all.filter(({ tier }) => tier === 'NetworkPolicy');
        const unused = new Set(findUnused(world, read, connections).unusedRules.map(({ rule }) => rule));
        const lean = read.map((policy) => ({
          ...policy,
          ingress: policy.ingress?.filter((rule) => !unused.has(rule)) ?? null,
          egress: policy.egress?.filter((rule) => !unused.has(rule)) ?? null,
        }));
        const before = new PolicyEvaluator(world, read);
        const after = new PolicyEvaluator(world, lean);
        for (const one of connections) {
          const verdict = before.evaluate(one).verdict;
          if (verdict !== 'undefined') expect(passes(after.evaluate(one).verdict)).toBe(passes(verdict));
        }
      }),
    );
  });
});
