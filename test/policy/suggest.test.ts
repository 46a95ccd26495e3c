/** Suggested policies: what they allow is what was seen; how they are written; and how they differ from what others suggest. */
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Cluster, type Pod, podKey } from '../../src/policy/cluster.js';
import { CompiledPolicies } from '../../src/policy/compiled/compiled-policies.js';
import { type Connection, type ConnectionEnd, formatEnd } from '../../src/policy/connection.js';
import { PolicyEvaluator } from '../../src/policy/evaluate.js';
import { addressWords, cidrContains, parseCidr } from '../../src/policy/ip-block.js';
import type { Policy } from '../../src/policy/policy.js';
import { readPolicyTexts } from '../../src/policy/read/read-policies.js';
import { selects } from '../../src/policy/selector.js';
import { bitsOf, blocksOf } from '../../src/policy/suggest/address-blocks.js';
import { groupPods } from '../../src/policy/suggest/pod-groups.js';
import {
  DEFAULT_SUGGEST_OPTIONS,
  type SuggestedPolicy,
  suggestPolicies,
  type SuggestOptions,
} from '../../src/policy/suggest/suggest.js';
import { formatSuggestion } from '../../src/policy/suggest/suggestion-yaml.js';
import type { ObservedConnection } from '../../src/policy/suggest/traffic.js';
import { type ConnectionVerdict, passes } from '../../src/policy/verdict.js';
import { sharedRoot } from '../tools/shared.js';
import { type Case, caseFiles, clusterOf, connectionOf, endOf, policiesOf, readCase } from './cases.js';
import { clusterFacts, connectionsIn, EXTERNAL, PORTS, PROTOCOLS } from './random-cluster.js';
import { cluster, connection, pod } from './world.js';

async function read(yaml: string): Promise<Policy[]> {
  const { policies, problems } = await readPolicyTexts([{ file: 'suggested.yaml', text: yaml }]);
  expect(problems).toEqual([]);
  return [...policies];
}

const seen = (text: string, count = 1): ObservedConnection => ({ ...connection(text), count });
const ALL_NAMESPACES: SuggestOptions = { ...DEFAULT_SUGGEST_OPTIONS, namespaces: ['a', 'b', 'c'] };

describe('groups of pods', () => {
  test('select exactly their pods, and never split a workload', () => {
    fc.assert(
      fc.property(clusterFacts, (facts) => {
        const groups = groupPods(new Cluster(facts));
        const own = facts.pods.filter(({ hostNetwork }) => !hostNetwork);
        for (const { namespace, selector, pods, workloads } of groups) {
          const selected = own.filter((each) => each.namespace === namespace && selects(selector, each.labels));
          expect(new Set(selected)).toEqual(new Set(pods));
          for (const each of pods) expect(workloads).toContain(each.workload ?? `Pod/${each.name}`);
        }
        expect(groups.flatMap(({ pods }) => pods).length).toBe(own.length);
      }),
    );
  });

  test('use the label that names the workload, and none of one rollout or pod', () => {
    const labels = { 'pod-template-hash': '5d', app: 'web', 'app.kubernetes.io/version': '1', zone: 'z' };
    const groups = groupPods(
      cluster([
        pod('x/web-1', { ...labels, 'app.kubernetes.io/name': 'web' }, '10.0.0.1', { workload: 'Deployment/web' }),
        pod('x/web-2', { ...labels, 'app.kubernetes.io/name': 'web', 'pod-template-hash': '6e' }, '10.0.0.2', {
          workload: 'Deployment/web',
        }),
        pod('x/canary-1', { ...labels, 'app.kubernetes.io/name': 'web', track: 'canary' }, '10.0.0.3', {
          workload: 'Deployment/canary',
        }),
        pod('x/debug', {}, '10.0.0.4'),
        pod('y/only', { 'pod-template-hash': '5d' }, '10.0.0.5', { workload: 'Deployment/only' }),
      ]),
    );
    expect(groups.map(({ workloads, selector }) => [workloads.join(), selector])).toEqual([
      [
        'Deployment/canary',
        [
          { key: 'app.kubernetes.io/name', operator: 'In', values: ['web'] },
          { key: 'track', operator: 'In', values: ['canary'] },
        ],
      ],
      [
        'Deployment/web',
        [
          { key: 'app.kubernetes.io/name', operator: 'In', values: ['web'] },
          { key: 'track', operator: 'DoesNotExist', values: [] },
        ],
      ],
      ['Pod/debug', [{ key: 'app.kubernetes.io/name', operator: 'DoesNotExist', values: [] }]],
      ['Deployment/only', []],
    ]);
  });
});

describe('blocks of addresses', () => {
  const address = fc
    .tuple(fc.constantFrom(0, 1, 2, 3), fc.integer({ min: 0, max: 255 }))
    .map(([a, b]) => `10.0.${a}.${b}`);

  test('hold the addresses and no others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(address, { size: 'max', maxLength: 400 }), (addresses) => {
        const cidrs = blocksOf(addresses, { ipv4: 32, ipv6: 128 }, () => false).map(parseCidr);
        const sizes = cidrs.map((cidr) => 2 ** (32 - (cidr?.prefix ?? 0)));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(addresses.length);
        for (const text of addresses) {
          const words = addressWords(text);
          expect(cidrs.some((cidr) => cidr !== null && words !== null && cidrContains(cidr, words))).toBe(true);
        }
      }),
    );
  });

  test('are joined, widened as asked, and left narrow where somebody else would be in them', () => {
    const narrow = { ipv4: 32, ipv6: 128 };
    const never = (): boolean => false;
    expect(blocksOf(['10.0.0.5', '10.0.0.4', '10.0.0.6', '10.0.0.7', '10.0.0.9'], narrow, never)).toEqual([
      '10.0.0.4/30',
      '10.0.0.9/32',
    ]);
    expect(blocksOf(['2001:db8::2', '2001:db8::3', '192.0.2.1'], narrow, never)).toEqual([
      '192.0.2.1/32',
      '2001:db8::2/127',
    ]);
    expect(blocksOf(['203.0.113.5', '203.0.113.200', '198.51.100.1'], { ipv4: 24, ipv6: 64 }, never)).toEqual([
      '198.51.100.0/24',
      '203.0.113.0/24',
    ]);
    const words = addressWords('203.0.113.77');
    const foreign = words === null ? '' : bitsOf(words);
    expect(
      blocksOf(['203.0.113.5', '198.51.100.1'], { ipv4: 24, ipv6: 64 }, ({ bits }) => foreign.startsWith(bits)),
    ).toEqual(['198.51.100.0/24', '203.0.113.5/32']);
  });
});

describe('round trip', () => {
  const scenario = clusterFacts.chain((facts) =>
    fc.record({ facts: fc.constant(facts), connections: connectionsIn(facts) }),
  );

  test('a suggestion allows every connection seen, and nothing else among the pods seen', async () => {
    let allowed = 0;
    let denied = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async ({ facts, connections }) => {
        const world = new Cluster(facts);
        const observed = connections.map((one, index) => ({ ...one, throughService: false, count: 1 + (index % 3) }));
        const suggestion = suggestPolicies(world, observed, ALL_NAMESPACES);
        const policies = await read(formatSuggestion(suggestion));
        expect(policies).toHaveLength(suggestion.policies.length);
        const evaluator = new PolicyEvaluator(world, policies);
        const compiled = new CompiledPolicies(world, policies);
        const uncovered = suggestion.uncovered.map((one) => one.connection);
        const covered = observed.filter((one) => !uncovered.includes(one));
        for (const one of covered) {
          expect([one, evaluator.evaluate(one).verdict]).toEqual([
            one,
            expect.stringMatching(/^(allowed|not selected)$/),
          ]);
        }
        const groupOf = groupNames(world);
        const policyOf = (end: ConnectionEnd): SuggestedPolicy | undefined =>
          suggestion.policies.find(
            ({ group }) => end.kind === 'pod' && group.pods.some((each) => podKey(each) === end.pod),
          );
        const wrong: unknown[] = [];
        for (const asked of everyConnection(facts.pods)) {
          const { egress, ingress } = compiled.evaluate(asked);
          const isExpected = wasSeen(groupOf, covered, asked);
          const restrictsEgress = (policyOf(asked.source)?.egress ?? null) !== null;
          if (policyOf(asked.destination) !== undefined && passes(ingress) !== isExpected) wrong.push([asked, ingress]);
          if (restrictsEgress && passes(egress) !== isExpected) wrong.push([asked, egress]);
          if (isExpected) allowed++;
          else denied++;
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(allowed).toBeGreaterThan(1000);
    expect(denied).toBeGreaterThan(1000);
  });

  /** Between all pods, and between pods and addresses outside. */
  function everyConnection(pods: readonly Pod[]): Connection[] {
    const own = pods.filter(({ hostNetwork }) => !hostNetwork);
    const podEnds: ConnectionEnd[] = own.map((each) => ({ kind: 'pod', pod: podKey(each), address: null }));
    const outside: ConnectionEnd[] = EXTERNAL.map((address) => ({ kind: 'external', address }));
    const pairs = [
      ...podEnds.flatMap((source) => [...podEnds, ...outside].map((destination) => [source, destination] as const)),
      ...podEnds.flatMap((destination) => outside.map((source) => [source, destination] as const)),
    ];
    return pairs.flatMap(([source, destination]) =>
      PROTOCOLS.flatMap((protocol) =>
        PORTS.map((port) => ({ source, destination, protocol, port, throughService: false })),
      ),
    );
  }

  /** Ends that stand for each other: pods of the same group, and addresses. */
  function groupNames(world: Cluster): (end: ConnectionEnd) => string {
    const names = new Map<string, string>();
    groupPods(world).forEach(({ pods }, index) => pods.forEach((each) => names.set(podKey(each), `group ${index}`)));
    return (end) => {
      const group = end.kind === 'pod' ? names.get(end.pod) : undefined;
      if (group !== undefined) return group;
      return end.address ?? (end.kind === 'pod' ? (world.pod(end.pod)?.addresses[0] ?? '') : '');
    };
  }

  /** The plain oracle: the same workloads (as far as labels tell them apart) or the same address, port and protocol. */
  function wasSeen(
    groupOf: (end: ConnectionEnd) => string,
    covered: readonly Connection[],
    asked: Connection,
  ): boolean {
    const isSelf = ({ source, destination }: Connection): boolean =>
      source.kind === 'pod' && destination.kind === 'pod' && source.pod === destination.pod;
    if (isSelf(asked)) return true;
    return covered.some(
      (one) =>
        !isSelf(one) &&
        one.protocol === asked.protocol &&
        one.port === asked.port &&
        groupOf(one.source) === groupOf(asked.source) &&
        groupOf(one.destination) === groupOf(asked.destination),
    );
  }
});

describe('how suggestions are written', () => {
  const HTTP = [{ name: 'http', protocol: 'TCP' as const, port: 8080 }];
  const SHOP = cluster([
    pod('shop/front-1', { app: 'front', 'pod-template-hash': 'a' }, '10.0.0.1', {
      workload: 'Deployment/front',
      node: 'n1',
    }),
    pod('shop/back-1', { app: 'back' }, '10.0.0.2', { workload: 'Deployment/back', ports: HTTP }),
    pod('shop/back-2', { app: 'back' }, '10.0.0.3', { workload: 'Deployment/back', ports: HTTP }),
    pod('ops/probe', { app: '1' }, '10.0.0.4'),
    pod('kube-system/dns-1', { 'k8s-app': 'kube-dns' }, '10.0.0.5', { workload: 'Deployment/coredns' }),
    pod('kube-system/agent', {}, '192.0.2.7', { node: 'n1', hostNetwork: true }),
  ]);
  const OBSERVED = [
    seen('shop/front-1 -> shop/back-1 8080/TCP', 12),
    seen('shop/front-1 -> shop/back-2 8080/TCP', 3),
    seen('ops/probe -> shop/back-1 8080/TCP'),
    seen('shop/front-1 -> kube-system/dns-1 53/UDP', 40),
    seen('shop/front-1 -> 203.0.113.4 443/TCP', 2),
    seen('shop/front-1 -> 203.0.113.5 443/TCP', 1),
    seen('192.0.2.7 -> shop/front-1 8080/TCP', 99),
    seen('192.0.2.7 -> shop/back-1 9090/TCP', 5),
    seen('shop/front-1 -> shop/back-1 -/ICMP', 4),
  ];

  test('one policy per workload, with what each rule stands for; namespaces of the cluster are left alone', async () => {
    const suggestion = suggestPolicies(SHOP, OBSERVED, { ...DEFAULT_SUGGEST_OPTIONS, unseenEgress: 'left open' });
    const yaml = formatSuggestion(suggestion);
    await read(yaml);
    expect(yaml).toBe(`# Seen, but not covered by these policies:
#   shop/front-1 to shop/back-1, no port/ICMP: rules are for ports of TCP, UDP and SCTP only
---
# Pod/probe
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: probe
  namespace: ops
spec:
  podSelector:
    matchLabels:
      app: "1"
  policyTypes:
    - Ingress
    - Egress
  # No ingress was seen.
  ingress: []
  egress:
    # seen only once: to shop/Deployment/back, port 8080/TCP
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: shop
          podSelector:
            matchLabels:
              app: back
      ports:
        - protocol: TCP
          port: http
    # DNS, which almost everything needs
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
---
# Deployment/back
# No egress was seen, so egress is left as it is. To forbid it, add Egress to policyTypes.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: back
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: back
  policyTypes:
    - Ingress
  ingress:
    # seen only once: from ops/Pod/probe, port 8080/TCP
    # 15 connections from shop/Deployment/front, port 8080/TCP
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ops
          podSelector:
            matchLabels:
              app: "1"
        - podSelector:
            matchLabels:
              app: front
      ports:
        - protocol: TCP
          port: http
    # 5 connections from 192.0.2.7 (n1), port 9090/TCP
    - from:
        - ipBlock:
            cidr: "192.0.2.7/32"
      ports:
        - protocol: TCP
          port: 9090
---
# Deployment/front
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: front
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: front
  policyTypes:
    - Ingress
    - Egress
  # No ingress was seen.
  ingress: []
  egress:
    # 15 connections to shop/Deployment/back, port 8080/TCP
    - to:
        - podSelector:
            matchLabels:
              app: back
      ports:
        - protocol: TCP
          port: http
    # 2 connections to 203.0.113.4, port 443/TCP
    # seen only once: to 203.0.113.5, port 443/TCP
    - to:
        - ipBlock:
            cidr: "203.0.113.4/31"
      ports:
        - protocol: TCP
          port: 443
    # DNS, which almost everything needs
    # 40 connections to kube-system/Deployment/coredns, port 53/UDP
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
      ports:
        - protocol: UDP
          port: 53
        - protocol: TCP
          port: 53
`);
  });

  test('where no egress was seen, none but DNS is allowed, unless it is to be left open', () => {
    const rules = (options: SuggestOptions): unknown =>
      suggestPolicies(SHOP, [seen('ops/probe -> shop/back-1 8080/TCP')], options).policies.map(({ name, egress }) => [
        name,
        egress?.map(({ peers }) => peers.map(({ type }) => type)) ?? null,
      ]);
    expect(rules(DEFAULT_SUGGEST_OPTIONS)).toEqual([
      ['probe', [['group'], ['dns']]],
      ['back', [['dns']]],
    ]);
    expect(rules({ ...DEFAULT_SUGGEST_OPTIONS, unseenEgress: 'left open' })).toEqual([
      ['probe', [['group'], ['dns']]],
      ['back', null],
    ]);
  });

  test('a port that the pods do not all give the same name goes by its number', () => {
    const world = cluster([
      pod('x/a', { app: 'a' }, '10.0.0.1'),
      pod('x/b-1', { app: 'b' }, '10.0.0.2', { workload: 'Deployment/b', ports: HTTP }),
      pod('x/b-2', { app: 'b' }, '10.0.0.3', {
        workload: 'Deployment/b',
        ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
      }),
    ]);
    const { policies } = suggestPolicies(world, [seen('x/a -> x/b-1 8080/TCP')]);
    expect(
      policies
        .flatMap(({ ingress, egress }) => [...ingress, ...(egress ?? [])].map(({ ports }) => ports[0]?.port))
        .sort(),
    ).toEqual([8080, 53, 8080, 53].sort());
  });

  test('Services stand for their backends where these are one workload; otherwise they are named as not covered', () => {
    const service = (backends: string[]): ObservedConnection => ({
      ...seen('shop/front-1 -> 10.96.0.1 80/TCP'),
      destination: {
        kind: 'service',
        address: '10.96.0.1',
        backends: backends.map((name) => ({ end: { kind: 'pod', pod: name, address: null }, port: 8080 })),
      },
    });
    expect(suggestPolicies(SHOP, [service(['shop/back-1', 'shop/back-2'])]).uncovered).toEqual([]);
    expect(suggestPolicies(SHOP, [service([])]).uncovered.map(({ reason }) => reason)).toEqual([
      'the backend of the Service was not seen',
    ]);
    expect(suggestPolicies(SHOP, [service(['shop/back-1', 'ops/probe'])]).uncovered).toHaveLength(1);
  });

  test('hostile names stay inside their scalar and their comment', async () => {
    const name = 'a\n---\nkind: Evil';
    const world = cluster([
      pod('x/web', { app: 'null' }, '10.0.0.1', { workload: `Deployment/${name}` }),
      pod('x/db', { app: 'db' }, '10.0.0.2'),
    ]);
    const yaml = formatSuggestion(suggestPolicies(world, [seen('x/web -> x/db 80/TCP')]));
    expect(yaml.match(/^kind: /gm)).toHaveLength(2);
    const { policies, problems } = await readPolicyTexts([{ file: 's.yaml', text: yaml }]);
    expect(policies.map((policy) => policy.name)).toContain(name);
    expect(problems.map(({ field }) => field)).toEqual(['metadata.name']);
  });
});

interface SuggestCase extends Case {
  readonly policies: readonly unknown[];
  readonly flows: readonly { src: string; dst: string; protocol: string; port: number; service?: string }[];
}

const describeCases = sharedRoot === null ? describe.skip : describe;

describeCases('shared/netpol/suggest-cases', () => {
  /** Destinations recorded before translation: the pods that the Service selects, by its target port. */
  function observedIn({ resources, flows }: SuggestCase, world: Cluster): ObservedConnection[] {
    return flows.map((flow) => {
      const plain = { ...connectionOf(world, flow), count: 1 };
      const service = resources.find(({ kind, spec }) => kind === 'Service' && spec.clusterIP === flow.dst);
      if (service === undefined) return plain;
      const { selector, ports } = service.spec;
      const target = ports.find(
        ({ port, protocol }: { port: number; protocol: string }) => port === flow.port && protocol === flow.protocol,
      );
      const isSelected = ({ namespace, labels }: Pod): boolean =>
        selector !== undefined &&
        namespace === service.metadata.namespace &&
        Object.entries(selector).every(([key, value]) => labels[key] === value);
      const backends = world.pods
        .filter(isSelected)
        .map((each) => ({ end: endOf(world, podKey(each)), port: target.targetPort }));
      return { ...plain, destination: { kind: 'service' as const, address: flow.dst, backends } };
    });
  }

  test.each(caseFiles('suggest-cases').map((path) => [basename(path, '.json'), path]))(
    '%s: every flow that has a known end is allowed',
    async (_name, path) => {
      const loaded = readCase<SuggestCase>(path);
      const world = clusterOf(loaded.resources);
      const observed = observedIn(loaded, world);
      const suggestion = suggestPolicies(world, observed);
      const evaluator = new PolicyEvaluator(world, await read(formatSuggestion(suggestion)));
      const uncovered = new Set(suggestion.uncovered.map((one) => one.connection));
      for (const one of observed) {
        // The API server's Service has no backend in the snapshot, so nothing says where the flow went.
        if (uncovered.has(one))
          expect(one.destination).toMatchObject({ kind: 'service', address: '10.96.0.1', backends: [] });
        else expect([one, evaluator.evaluate(one).verdict]).toEqual([one, 'allowed']);
      }
    },
  );

  const DNS_PORT = 53;

  /** Why ours and the source's may differ; null if nothing explains it. */
  function explainDifference(
    ours: ConnectionVerdict,
    asked: Connection,
    observed: readonly Connection[],
  ): string | null {
    const wasSeen = observed.some((one) => one.source.kind === asked.source.kind && sameFlow(one, asked));
    if (!passes(ours.verdict)) return wasSeen ? null : 'theirs allows what was not seen';
    if (wasSeen) return 'theirs forbids what was seen';
    const { egress, ingress } = ours;
    if (ingress.verdict === 'allowed') return null;
    if (egress.verdict === 'not selected') return 'neither end was seen, or it is of the system';
    return asked.port === DNS_PORT && egress.verdict === 'allowed' ? 'DNS is always allowed, over TCP, too' : null;
  }

  function sameFlow(one: Connection, asked: Connection): boolean {
    const calls =
      one.destination.kind === 'service' ? one.destination.backends : [{ end: one.destination, port: one.port }];
    return (
      formatEnd(one.source) === formatEnd(asked.source) &&
      one.protocol === asked.protocol &&
      calls.some(({ end, port }) => formatEnd(end) === formatEnd(asked.destination) && port === asked.port)
    );
  }

  test.each(caseFiles('suggest-cases').map((path) => [basename(path, '.json'), path]))(
    '%s: differences to the policies of the source are explained',
    async (_name, path) => {
      const loaded = readCase<SuggestCase>(path);
      const world = clusterOf(loaded.resources);
      const observed = observedIn(loaded, world);
      const ours = new PolicyEvaluator(world, await read(formatSuggestion(suggestPolicies(world, observed))));
      const theirs = new PolicyEvaluator(world, policiesOf(loaded.policies).policies);
      const unexplained: string[] = [];
      for (const probe of loaded.expect) {
        const asked = connectionOf(world, probe);
        const verdict = ours.evaluate(asked);
        const isAllowedByTheirs = passes(theirs.evaluate(asked).verdict);
        expect(isAllowedByTheirs).toBe(probe.allowed);
        if (passes(verdict.verdict) === isAllowedByTheirs) continue;
        if (explainDifference(verdict, asked, observed) === null) {
          unexplained.push(`${probe.src} -> ${probe.dst} ${probe.port}/${probe.protocol}: ours ${verdict.verdict}`);
        }
      }
      expect(unexplained).toEqual([]);
    },
  );
});
