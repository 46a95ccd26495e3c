/** What the third-party cases do not ask: undefined verdicts, nodes, Services, families, explanations. Section numbers are of NETWORKPOLICY.md. */
import { describe, expect, test } from '@jest/globals';
import { CompiledPolicies } from '../../src/policy/compiled/compiled-policies.js';
import { PolicyEvaluator } from '../../src/policy/evaluate.js';
import { PolicyExplainer } from '../../src/policy/explain.js';
import { describeExplanation } from '../../src/policy/explanation-text.js';
import { DEFAULT_OPTIONS, type PolicyOptions } from '../../src/policy/options.js';
import type { Connection } from '../../src/policy/connection.js';
import { decidedBy } from '../../src/policy/verdict.js';
import { cluster, connection, pod, policies } from './world.js';

const NODES = [
  { name: 'n1', labels: { pool: 'a' }, addresses: ['192.0.2.1'] },
  { name: 'n2', labels: { pool: 'b' }, addresses: ['192.0.2.2'] },
];
const WORLD = cluster(
  [
    pod('x/a', { app: 'a' }, '10.0.0.1', { node: 'n1' }),
    pod('x/b', { app: 'b' }, '10.0.0.2', { node: 'n2', ports: [{ name: 'http', protocol: 'TCP', port: 8080 }] }),
    pod('x/host', { app: 'h' }, '192.0.2.2', {
      node: 'n2',
      hostNetwork: true,
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    }),
    pod('y/dual', { app: 'd' }, '10.0.0.9', { addresses: ['10.0.0.9', 'fd00::9'] }),
  ],
  [{ name: 'x', labels: { team: 'red' } }],
  NODES,
);
const DENY_EGRESS = 'NetworkPolicy x/deny\nspec: {podSelector: {}, policyTypes: [Egress]}\n';
const DENY_INGRESS = 'NetworkPolicy x/deny\nspec: {podSelector: {}, policyTypes: [Ingress]}\n';

/** `verdict egress/ingress`, each with its basis. */
async function judge(text: string, asked: Connection | string, options: Partial<PolicyOptions> = {}): Promise<string> {
  const read = await policies(text);
  const evaluator = new PolicyEvaluator(WORLD, read, { ...DEFAULT_OPTIONS, ...options });
  const compiled = new CompiledPolicies(WORLD, read, { ...DEFAULT_OPTIONS, ...options });
  const of = typeof asked === 'string' ? connection(asked) : asked;
  const { verdict, egress, ingress } = evaluator.evaluate(of);
  expect(compiled.evaluate(of)).toEqual({ verdict, egress: egress.verdict, ingress: ingress.verdict });
  return `${verdict}: ${egress.verdict} (${egress.basis}), ${ingress.verdict} (${ingress.basis})`;
}

describe('what a verdict rests on', () => {
  test('without policies nothing is selected', async () => {
    expect(await judge('', 'x/a -> x/b 80/TCP')).toBe(
      'not selected: not selected (no policy), not selected (no policy)',
    );
    expect(await judge('', 'x/a -> 203.0.113.1 80/TCP')).toBe(
      'not selected: not selected (no policy), not selected (not a pod)',
    );
  });

  test('other protocols than TCP, UDP and SCTP are undefined where a policy selects (1.6)', async () => {
    expect(await judge(DENY_INGRESS, 'x/a -> x/b -/ICMP')).toBe(
      'undefined: not selected (no policy), undefined (protocol)',
    );
    expect(await judge('NetworkPolicy x/all\nspec: {ingress: [{}]}\n', 'x/a -> x/b -/ICMP')).toContain(
      'undefined (protocol)',
    );
    expect(await judge(DENY_INGRESS, 'x/a -> y/dual -/ICMP')).toContain('not selected:');
  });

  test('a pod reaches itself; through a Service it is undefined for NetworkPolicy (1.8) and judged by the others (2.6)', async () => {
    const both = DENY_EGRESS + DENY_INGRESS.replace('deny', 'deny-in');
    expect(await judge(both, 'x/a -> x/a 80/TCP')).toBe('allowed: allowed (own address), allowed (own address)');
    expect(await judge(both, connection('x/a -> x/a 80/TCP', true))).toBe(
      'undefined: undefined (hairpin), undefined (hairpin)',
    );
    const cnp =
      'ClusterNetworkPolicy d\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n';
    expect(await judge(cnp, 'x/a -> x/a 80/TCP')).toContain('allowed (own address)');
    expect(await judge(cnp, connection('x/a -> x/a 80/TCP', true))).toContain(
      'denied: not selected (no policy), denied (Admin)',
    );
  });

  test('the own node may always talk to the pod, and the pod to it; other nodes are addresses (1.9)', async () => {
    expect(await judge(DENY_INGRESS, '192.0.2.1 -> x/a 80/TCP')).toContain('allowed (own node)');
    expect(await judge(DENY_INGRESS, '192.0.2.2 -> x/a 80/TCP')).toContain('denied (NetworkPolicy)');
    expect(await judge(DENY_INGRESS, 'x/host -> x/b 80/TCP')).toContain('allowed (own node)');
    expect(await judge(DENY_INGRESS, 'x/host -> x/a 80/TCP')).toContain('denied (NetworkPolicy)');
    expect(await judge(DENY_EGRESS, 'x/a -> 192.0.2.1 80/TCP')).toContain('allowed (own node)');
    expect(await judge(DENY_EGRESS, 'x/a -> 192.0.2.2 80/TCP')).toContain('denied (NetworkPolicy)');
  });

  test('hostNetwork pods are nodes, or pods in the other reading (1.9)', async () => {
    const fromHost =
      'NetworkPolicy x/p\nspec: {podSelector: {matchLabels: {app: a}}, ingress: [{from: [{podSelector: {matchLabels: {app: h}}}]}]}\n';
    const both = DENY_EGRESS + fromHost;
    expect(await judge(both, 'x/host -> x/a 80/TCP')).toBe(
      'denied: not selected (hostNetwork), denied (NetworkPolicy)',
    );
    expect(await judge(both, 'x/host -> x/a 80/TCP', { hostNetworkPods: 'as pods' })).toBe(
      'denied: denied (NetworkPolicy), allowed (NetworkPolicy)',
    );
    const cnp =
      'ClusterNetworkPolicy d\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}\n';
    expect(await judge(cnp, 'x/host -> x/a 80/TCP', { hostNetworkPods: 'as pods' })).toContain('allowed (default)');
  });

  test('names of ports are those of the destination pod; a hostNetwork pod has none that selectors see (1.6)', async () => {
    const named = 'NetworkPolicy x/p\nspec: {policyTypes: [Egress], egress: [{ports: [{port: http}]}]}\n';
    expect(await judge(named, 'x/a -> x/b 8080/TCP')).toContain('allowed: allowed (NetworkPolicy)');
    expect(await judge(named, 'x/a -> x/b 8080/UDP')).toContain('denied: denied (NetworkPolicy)');
    expect(await judge(named, 'x/a -> y/dual 8080/TCP')).toContain('denied: denied (NetworkPolicy)');
    expect(await judge(named, 'x/a -> 203.0.113.1 8080/TCP')).toContain('denied: denied (NetworkPolicy)');
    expect(await judge(named, 'x/a -> x/host 8080/TCP')).toContain('denied: denied (NetworkPolicy)');
    expect(await judge(named, 'x/a -> x/host 8080/TCP', { hostNetworkPods: 'as pods' })).toContain('allowed: allowed');
  });

  test('a Service address without a known backend is undefined where it matters (1.10)', async () => {
    const service = (backends: string[]): Connection => ({
      ...connection('x/a -> 10.96.0.1 80/TCP'),
      destination: {
        kind: 'service',
        address: '10.96.0.1',
        backends: backends.map((name) => ({ end: { kind: 'pod', pod: name, address: null }, port: 8080 })),
      },
    });
    const toB =
      'NetworkPolicy x/p\nspec: {policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: b}}}], ports: [{port: 8080}]}]}\n';
    expect(await judge(toB, service([]))).toBe('undefined: undefined (unknown end), not selected (no policy)');
    expect(await judge(DENY_EGRESS, service([]))).toContain('denied: denied (NetworkPolicy)');
    expect(await judge('NetworkPolicy x/p\nspec: {policyTypes: [Egress], egress: [{}]}\n', service([]))).toContain(
      'allowed: allowed',
    );
    expect(await judge(toB, service(['x/b']))).toContain('allowed: allowed (NetworkPolicy)');
    expect(await judge(toB, service(['x/b', 'y/dual']))).toContain('undefined: undefined (backends differ)');
    expect(await judge(toB, service(['y/dual', 'y/dual']))).toContain('denied: denied (NetworkPolicy)');
  });

  test('an end that nobody is known to be is not guessed', async () => {
    const fromUnknown: Connection = {
      ...connection('x/a -> x/b 80/TCP'),
      source: { kind: 'unknown', address: '10.0.0.77' },
    };
    expect(await judge(DENY_INGRESS, fromUnknown)).toBe('denied: not selected (no policy), denied (NetworkPolicy)');
    expect(await judge('NetworkPolicy x/p\nspec: {ingress: [{from: [{podSelector: {}}]}]}\n', fromUnknown)).toContain(
      'undefined (unknown end)',
    );
    const block = 'NetworkPolicy x/p\nspec: {ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}\n';
    expect(await judge(block, fromUnknown)).toContain('allowed (NetworkPolicy)');
    expect(await judge(block, fromUnknown, { ipBlocks: 'exclude pods' })).toContain('undefined (unknown end)');
    expect(await judge(DENY_EGRESS, fromUnknown)).toContain('undefined: undefined (unknown end)');
  });

  test('the address seen decides for a pod with several', async () => {
    const six = 'NetworkPolicy x/p\nspec: {ingress: [{from: [{ipBlock: {cidr: "fd00::/16"}}]}]}\n';
    const from = (address: string | null): Connection => ({
      ...connection('x/a -> x/b 80/TCP'),
      source: { kind: 'pod', pod: 'y/dual', address },
    });
    expect(await judge(six, from('fd00::9'))).toContain('allowed:');
    expect(await judge(six, from('10.0.0.9'))).toContain('denied:');
    expect(await judge(six, from(null))).toContain('denied:');
    expect(await judge(six, { ...from(null), destination: { kind: 'pod', pod: 'x/b', address: 'fd00::2' } })).toContain(
      'allowed:',
    );
  });
});

describe('cluster-scoped policies', () => {
  const rule = (action: string, to: string): string => `{action: ${action}, to: [${to}]}`;
  const cnp = (name: string, priority: number, rules: string[], tier = 'Admin'): string =>
    `ClusterNetworkPolicy ${name}\nspec: {tier: ${tier}, priority: ${priority}, subject: {namespaces: {}}, egress: [${rules.join(', ')}]}\n`;

  test('priority decides, equal priority with another action is undefined, with the same action it is not', async () => {
    const deny = rule('Deny', '{namespaces: {}}');
    const accept = rule('Accept', '{namespaces: {}}');
    expect(await judge(cnp('p', 2, [accept]) + cnp('q', 1, [deny]), 'x/a -> x/b 80/TCP')).toContain(
      'denied: denied (Admin)',
    );
    expect(await judge(cnp('p', 1, [accept]) + cnp('q', 1, [deny]), 'x/a -> x/b 80/TCP')).toContain(
      'undefined: undefined (equal priority)',
    );
    expect(await judge(cnp('p', 1, [deny]) + cnp('q', 1, [deny]), 'x/a -> x/b 80/TCP')).toContain(
      'denied: denied (Admin)',
    );
  });

  test('Pass leaves the tier: to NetworkPolicies, else to Baseline, else allowed', async () => {
    const pass = cnp('p', 1, [rule('Pass', '{namespaces: {}}'), rule('Deny', '{namespaces: {}}')]);
    const baseline = cnp('b', 1, [rule('Deny', '{namespaces: {}}')], 'Baseline');
    const allow = 'NetworkPolicy x/p\nspec: {policyTypes: [Egress], egress: [{}]}\n';
    expect(await judge(pass, 'x/a -> x/b 80/TCP')).toContain('allowed: allowed (default)');
    expect(await judge(pass + baseline, 'x/a -> x/b 80/TCP')).toContain('denied: denied (Baseline)');
    expect(await judge(pass + baseline + allow, 'x/a -> x/b 80/TCP')).toContain('allowed: allowed (NetworkPolicy)');
  });

  test('an explanation names the rule that passed the decision on', async () => {
    const pass = cnp('p', 1, [rule('Pass', '{namespaces: {}}')]);
    const evaluator = new PolicyEvaluator(WORLD, await policies(pass));
    const asked = connection('x/a -> x/b 80/TCP');
    expect(describeExplanation(asked, new PolicyExplainer(evaluator).explain(asked)).slice(0, 2)).toEqual([
      'egress from x/a: allowed; policies select it, but no rule of theirs says anything of this connection',
      '  after rule 1 of ClusterNetworkPolicy p (p.yaml, line 5) passed it on',
    ]);
  });

  test('domain names may be any external address: undefined where the verdict hangs on them', async () => {
    const accept = rule('Accept', '{domainNames: ["*.example"]}');
    const deny = rule('Deny', '{networks: [0.0.0.0/0]}');
    expect(await judge(cnp('p', 1, [accept, deny]), 'x/a -> 203.0.113.1 443/TCP')).toContain(
      'undefined: undefined (unknown end)',
    );
    expect(await judge(cnp('p', 1, [accept]), 'x/a -> 203.0.113.1 443/TCP')).toContain('allowed: allowed (default)');
    expect(await judge(cnp('p', 1, [accept, deny]), 'x/a -> x/b 443/TCP')).toContain('denied: denied (Admin)');
  });

  test('nodes are selected by their labels, also as hostNetwork pods', async () => {
    const deny = cnp('p', 1, [rule('Deny', '{nodes: {matchLabels: {pool: b}}}')]);
    expect(await judge(deny, 'x/a -> 192.0.2.2 80/TCP')).toContain('denied: denied (Admin)');
    expect(await judge(deny, 'x/a -> x/host 80/TCP')).toContain('denied: denied (Admin)');
    expect(await judge(deny, 'x/a -> 192.0.2.1 80/TCP')).toContain('allowed (default)');
    expect(await judge(deny, 'x/a -> x/b 80/TCP')).toContain('allowed (default)');
  });
});

describe('explanations', () => {
  const SELECTIVE = `NetworkPolicy x/b
spec:
  podSelector: {matchLabels: {app: b}}
  ingress:
  - from:
    - podSelector: {matchLabels: {role: backend}}
    - namespaceSelector: {matchLabels: {team: blue}}
    - podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [a]}]}
    ports: [{port: http}, {port: 9090, endPort: 9099}]
  - from: [{ipBlock: {cidr: 10.0.0.0/24, except: [10.0.0.0/30]}}, {ipBlock: {cidr: 172.16.0.0/12}}]
NetworkPolicy x/none
spec: {podSelector: {}}
`;
  const explainer = async (text: string): Promise<PolicyExplainer> =>
    new PolicyExplainer(new PolicyEvaluator(WORLD, await policies(text)));

  test('a denial says why every rule of every selecting policy missed', async () => {
    const asked = connection('x/a -> x/b 80/TCP');
    const explanation = (await explainer(SELECTIVE)).explain(asked);
    expect(decidedBy(explanation.ingress)).toEqual(['np:x/b', 'np:x/none']);
    expect(describeExplanation(asked, explanation)).toEqual([
      'egress from x/a: not selected; no policy selects it',
      'ingress to x/b: denied; these 2 policies select it, and none of their rules matches',
      '  NetworkPolicy x/b (p.yaml, line 2)',
      '    rule 1 (lines 8-12): peer x/a has no label role, rule wants role=backend; label of namespace x team=red, rule wants team=blue; peer label app=a, rule wants app!=a; port 80/TCP, rule wants "http"/TCP (8080/TCP), 9090-9099/TCP',
      '    rule 2 (line 13): address 10.0.0.1 is in 10.0.0.0/30, which is excepted from 10.0.0.0/24; address 10.0.0.1 is not in 172.16.0.0/12',
      '  NetworkPolicy x/none (p.yaml, line 15)',
      '    it has no ingress rules, and so allows nothing',
    ]);
  });

  test('an allowed connection names all rules that allow it, with their lines', async () => {
    const asked = connection('y/dual -> x/b 8080/TCP');
    const explanation = (await explainer(SELECTIVE)).explain(asked);
    expect(describeExplanation(asked, explanation)).toEqual([
      'egress from y/dual: not selected; no policy selects it',
      'ingress to x/b: allowed by rule 2 of NetworkPolicy x/b (p.yaml, line 13)',
      'the verdict depends on whether ipBlock matches pods, which network plugins read differently',
    ]);
  });

  test('peers that are no pods, and names of ports, are told apart', async () => {
    const text =
      'NetworkPolicy x/p\nspec:\n  podSelector: {matchLabels: {app: a}}\n  policyTypes: [Egress]\n  egress:\n  - to: [{podSelector: {}}]\n    ports: [{port: metrics}]\n';
    const reasons = async (asked: string): Promise<unknown> =>
      (await explainer(text)).explain(connection(asked)).egress.misses.map((miss) => miss.reasons);
    expect(await reasons('x/a -> 203.0.113.1 80/TCP')).toEqual([
      ['peer 203.0.113.1 is no pod', 'port 80/TCP, rule wants "metrics"/TCP, a name that only pods can give a port'],
    ]);
    expect(await reasons('x/a -> x/host 80/TCP')).toEqual([
      [
        "peer x/host has its node's network, where selectors see no pod",
        'port 80/TCP, rule wants "metrics"/TCP, a name that only pods can give a port',
      ],
    ]);
    expect(await reasons('x/a -> x/b 80/TCP')).toEqual([
      ['port 80/TCP, rule wants "metrics"/TCP, which x/b does not have'],
    ]);
    expect(await reasons('x/a -> y/dual 80/TCP')).toEqual([
      [
        "peer y/dual is in another namespace than x, where the rule's podSelector looks",
        'port 80/TCP, rule wants "metrics"/TCP, which y/dual does not have',
      ],
    ]);
  });
});
