/** Reading policies: what is valid, what is not, and where. The rules are those of the API server (NETWORKPOLICY.md 1.11). */
import { describe, expect, test } from '@jest/globals';
import { overlayPolicies, readPolicyObjects, readPolicyTexts } from '../../src/policy/read/read-policies.js';
import type { PolicyProblem, PolicySet } from '../../src/policy/read/read-policies.js';

const read = (text: string, file = 'policies.yaml'): Promise<PolicySet> => readPolicyTexts([{ file, text }]);
const shown = ({ severity, file, line, policy, field, message }: PolicyProblem): string =>
  `${severity} ${file}:${line} ${policy} ${field}: ${message}`;
const networkPolicy = (spec: string, name = 'web'): string =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec:\n${spec}\n`;

const VALID = `# comment
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: backend
  namespace: shop
spec:
  podSelector:
    matchLabels: {app: backend}
    matchExpressions:
      - {key: tier, operator: NotIn, values: [old, "1"]}
  ingress:
    # who may come in
    - from:
        - podSelector: {matchLabels: {app: frontend}}
        - ipBlock:
            cidr: 10.0.0.0/8
            except: [10.1.0.0/16]
      ports:
        - {protocol: TCP, port: 8080, endPort: 8090}
        - port: metrics

    - {}
  egress:
    - to:
      - namespaceSelector: {}
---
apiVersion: v1
kind: Service
metadata: {name: backend}
---
apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: second, namespace: shop}
  spec: {podSelector: {}}
`;

describe('valid policies', () => {
  test('keep their lines: of the policy, and of each rule', async () => {
    const { policies, problems } = await read(VALID);
    expect(problems).toEqual([]);
    expect(policies.map(({ name, lines, file }) => [name, lines, file])).toEqual([
      ['backend', { first: 2, last: 26 }, 'policies.yaml'],
      ['second', { first: 35, last: 38 }, 'policies.yaml'],
    ]);
    const [backend] = policies;
    expect(backend?.ingress?.map(({ number, lines }) => [number, lines])).toEqual([
      [1, { first: 14, last: 21 }],
      [2, { first: 23, last: 23 }],
    ]);
    expect(backend?.ingress?.[0]?.peers?.map(({ lines }) => lines)).toEqual([
      { first: 15, last: 15 },
      { first: 16, last: 18 },
    ]);
    expect(backend?.egress?.[0]?.lines).toEqual({ first: 25, last: 26 });
  });

  test('JSON is read with its lines, too', async () => {
    const { policies } = await readPolicyTexts([
      {
        file: 'list.json',
        text: JSON.stringify(
          {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'NetworkPolicyList',
            items: [{ metadata: { name: 'a', namespace: 'x' }, spec: { podSelector: {}, ingress: [{}] } }],
          },
          null,
          1,
        ),
      },
    ]);
    expect(policies.map(({ kind, name }) => [kind, name])).toEqual([['NetworkPolicy', 'a']]);
    expect(policies[0]?.ingress?.[0]?.lines?.first).toBe(13);
  });

  test('types default: Ingress always, Egress with egress rules; a list that is set decides alone', async () => {
    const typesOf = async (spec: string): Promise<unknown> => {
      const [policy] = (await read(networkPolicy(spec))).policies;
      return [policy?.ingress?.length ?? null, policy?.egress?.length ?? null];
    };
    expect(await typesOf('  podSelector: {}')).toEqual([0, null]);
    expect(await typesOf('  egress: []')).toEqual([0, null]);
    expect(await typesOf('  policyTypes: []\n  egress: [{}]')).toEqual([0, 1]);
    expect(await typesOf('  policyTypes: [Egress]\n  ingress: [{}]')).toEqual([null, 0]);
    expect(await typesOf('  policyTypes: [Ingress]\n  egress: [{}]')).toEqual([0, null]);
    expect(await typesOf('  ingress:\n  - null')).toEqual([1, null]);
  });

  test('anchors, aliases and merge keys are followed', async () => {
    const { policies, problems } = await read(
      networkPolicy(
        '  podSelector: &web {matchLabels: {app: web}}\n  ingress:\n  - from: [{podSelector: *web}]\n  - <<: {from: [{podSelector: {}}]}',
      ),
    );
    expect(problems).toEqual([]);
    const peers = policies[0]?.ingress?.flatMap((rule) => rule.peers ?? []);
    expect(peers?.map((peer) => (peer.type === 'pods' ? peer.podSelector.length : null))).toEqual([1, 0]);
  });

  test('objects without text give the same policies, without lines', async () => {
    const { policies } = await read(VALID);
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'second', namespace: 'shop' },
      spec: { podSelector: {} },
    };
    const [fromObject] = readPolicyObjects([{ file: 'policies.yaml', object }]).policies;
    expect(fromObject).toEqual({ ...policies[1], lines: null });
  });

  test('one given twice counts once, the last, with a warning', async () => {
    const { policies, problems } = await read(
      `${networkPolicy('  ingress: [{}]')}---\n${networkPolicy('  ingress: []')}`,
    );
    expect(policies.map(({ ingress }) => ingress?.length)).toEqual([0]);
    expect(problems.map(({ severity, line }) => [severity, line])).toEqual([['warning', 7]]);
    expect(overlayPolicies(policies, policies)).toEqual(policies);
  });
});

describe('invalid NetworkPolicies', () => {
  /** Lines of the spec begin at 5. Columns: spec, line, field, part of the message. */
  const INVALID: readonly (readonly [string, number, string, string])[] = [
    ['  podSelector: {matchLabels: {app: 1}}', 5, 'spec.podSelector.matchLabels.app', 'must be a string'],
    ['  podSelector: {matchLabels: {app: "a b"}}', 5, 'spec.podSelector.matchLabels.app', 'no valid label value'],
    ['  podSelector: {matchLabels: {-app: a}}', 5, 'spec.podSelector.matchLabels.-app', 'no valid label key'],
    [
      '  podSelector:\n    matchExpressions:\n    - {key: a, operator: in, values: [b]}',
      7,
      'spec.podSelector.matchExpressions[0].operator',
      'not one of In',
    ],
    [
      '  podSelector:\n    matchExpressions:\n    - {key: a, operator: In}',
      7,
      'spec.podSelector.matchExpressions[0].values',
      'must name values',
    ],
    [
      '  podSelector:\n    matchExpressions:\n    - {key: a, operator: Exists, values: [b]}',
      7,
      'spec.podSelector.matchExpressions[0].values',
      'must be empty',
    ],
    ['  policyTypes: [Ingres]', 5, 'spec.policyTypes[0]', 'not one of Ingress, Egress'],
    ['  ingress: {}', 5, 'spec.ingress', 'must be a list'],
    ['  ingress:\n  - from:\n      podSelector: {}', 6, 'spec.ingress[0].from', 'is there a "-" missing?'],
    ['  ingress:\n  - from:\n    - {}', 7, 'spec.ingress[0].from[0]', 'must have podSelector'],
    [
      '  ingress:\n  - from:\n    - podSelector: {}\n      ipBlock: {cidr: 10.0.0.0/8}',
      7,
      'spec.ingress[0].from[0]',
      'must not have ipBlock beside',
    ],
    [
      '  ingress:\n  - from:\n    - ipBlock:\n        cidr: 10.0.0.0',
      8,
      'spec.ingress[0].from[0].ipBlock.cidr',
      'no CIDR',
    ],
    [
      '  ingress:\n  - from:\n    - ipBlock:\n        cidr: 10.0.0.0/8\n        except: [192.168.0.0/16]',
      9,
      'spec.ingress[0].from[0].ipBlock.except[0]',
      'strictly inside',
    ],
    [
      '  ingress:\n  - from:\n    - ipBlock: {cidr: "::/0", except: ["10.0.0.0/8"]}',
      7,
      'spec.ingress[0].from[0].ipBlock.except[0]',
      'strictly inside',
    ],
    ['  ingress:\n  - from:\n    - ipBlock: {except: []}', 7, 'spec.ingress[0].from[0].ipBlock.cidr', 'is missing'],
    ['  ingress:\n  - ports: [{port: 70000}]', 6, 'spec.ingress[0].ports[0].port', 'not between 1 and 65535'],
    ['  ingress:\n  - ports: [{port: 0}]', 6, 'spec.ingress[0].ports[0].port', 'not between 1 and 65535'],
    ['  ingress:\n  - ports: [{port: "80"}]', 6, 'spec.ingress[0].ports[0].port', 'without quotes'],
    ['  ingress:\n  - ports: [{port: 80.5}]', 6, 'spec.ingress[0].ports[0].port', 'whole number'],
    ['  ingress:\n  - ports: [{protocol: ICMP}]', 6, 'spec.ingress[0].ports[0].protocol', 'not one of TCP'],
    ['  ingress:\n  - ports: [{port: http, endPort: 90}]', 6, 'spec.ingress[0].ports[0].endPort', 'beside a port name'],
    ['  ingress:\n  - ports: [{endPort: 90}]', 6, 'spec.ingress[0].ports[0].endPort', 'needs a port'],
    ['  ingress:\n  - ports: [{port: 90, endPort: 80}]', 6, 'spec.ingress[0].ports[0].endPort', 'less than port'],
    ['  ingress:\n  - ports: 80', 6, 'spec.ingress[0].ports', 'must be a list'],
    ['  egress:\n  - everything', 6, 'spec.egress[0]', 'must be an object'],
  ];

  test.each(INVALID.map((entry) => [`${entry[2]} ${entry[3]}`, ...entry] as const))(
    '%s',
    async (...[, spec, line, field, message]) => {
      const { problems } = await read(`${networkPolicy(spec)}---\n${networkPolicy('  podSelector: {}', 'sound')}`);
      const errors = problems.filter(({ severity }) => severity === 'error');
      expect(errors.map(shown)).toEqual([
        expect.stringContaining(`error policies.yaml:${line} NetworkPolicy shop/web ${field}: `),
      ]);
      expect(errors[0]?.message).toContain(message);
    },
  );

  test.each(INVALID.map((entry) => [`${entry[2]} ${entry[3]}`, entry[0]] as const))(
    'does not hide the sound policy beside it: %s',
    async (_title, spec) => {
      const { policies } = await read(`${networkPolicy(spec)}---\n${networkPolicy('  podSelector: {}', 'sound')}`);
      expect(policies.map(({ name }) => name)).toContain('sound');
    },
  );

  test('one of which it is not known whom or when it binds is left out; other damage closes the rule only', async () => {
    const kept = async (spec: string): Promise<number> => (await read(networkPolicy(spec))).policies.length;
    expect(await kept('  podSelector: {matchLabels: {app: 1}}')).toBe(0);
    expect(await kept('  policyTypes: [Both]')).toBe(0);
    expect(await kept('  ingress: {}')).toBe(1);
    expect(await kept('  ingress: [{ports: [{port: 0}]}]')).toBe(1);
  });

  test('names and whole objects', async () => {
    const { problems, policies } = await read(
      [
        'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {namespace: shop}\nspec: {}',
        '\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: Web, namespace: shop}\nspec: {}',
        '\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}',
        '\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: list, namespace: shop}\nspec: []',
      ].join('\n---'),
    );
    expect(problems.map(({ line, policy, field, severity }) => [line, policy, field, severity])).toEqual([
      [3, 'NetworkPolicy shop/(no name)', 'metadata.name', 'error'],
      [8, 'NetworkPolicy shop/Web', 'metadata.name', 'error'],
      [13, 'NetworkPolicy default/web', 'metadata', 'warning'],
      [11, 'NetworkPolicy default/web', 'spec', 'error'],
      [18, 'NetworkPolicy shop/list', 'spec', 'error'],
    ]);
    expect(policies.map(({ name }) => name)).toEqual(['Web']);
  });

  test('what has no effect gets a warning', async () => {
    const { problems } = await read(
      networkPolicy(
        '  podSelector: {}\n  policyTypes: [Egress]\n  ingress: [{}]\n  egres: []\n  egress:\n  - to: [{ipBlock: {cidr: 10.1.2.3/24}}]',
      ),
    );
    expect(problems.map(({ severity, line, field }) => [severity, line, field])).toEqual([
      ['warning', 8, 'spec.egres'],
      ['warning', 10, 'spec.egress[0].to[0].ipBlock.cidr'],
      ['warning', 7, 'spec.ingress'],
    ]);
  });

  test('policies of network plugins are named as not evaluated', async () => {
    const { policies, problems } = await read(
      'apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: g}\n---\napiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: c}\n---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: l}',
    );
    expect(policies).toEqual([]);
    expect(problems.map(({ severity, line, message }) => [severity, line, message])).toEqual([
      ['warning', 1, 'kind GlobalNetworkPolicy of projectcalico.org/v3 is not evaluated'],
      ['warning', 5, 'kind ClusterNetworkPolicy of crd.antrea.io/v1beta1 is not evaluated'],
      ['warning', 9, 'kind CiliumNetworkPolicy of cilium.io/v2 is not evaluated'],
    ]);
  });
});

describe('damaged text', () => {
  test('costs its document only, and names line and field', async () => {
    const { policies, problems } = await read(
      `${networkPolicy('  podSelector: {}', 'before')}---\n${networkPolicy('  podSelector: {}\n  ingress:\n   - from: ["\n')}---\n${networkPolicy('  podSelector: {}', 'after')}`,
    );
    expect(policies.map(({ name }) => name)).toEqual(['before', 'after']);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('is not valid YAML');
    expect(problems[0]?.line).toBeGreaterThanOrEqual(9);
    expect(problems[0]?.line).toBeLessThanOrEqual(15);
  });

  test('a key that is there twice is an error at its place', async () => {
    const { problems } = await read(networkPolicy('  podSelector: {}\n  ingress:\n  - ports: []\n    ports: []'));
    expect(problems.map(({ line, field, message }) => [line, field, message])).toEqual([
      [8, 'spec.ingress[0].ports', 'this key is there twice'],
    ]);
  });

  test('hostile YAML neither throws nor takes for ever', async () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefghij'.split('').map((key, index) => `${key}: &${key} [${`*${'abcdefghi'[index]}, `.repeat(9)}]`),
    ].join('\n');
    const texts = [
      `kind: NetworkPolicy\n${bomb}`,
      `kind: NetworkPolicy\nspec: ${'['.repeat(20_000)}`,
      `kind: NetworkPolicy\nspec: ${'{a: '.repeat(500)}`,
      `kind: NetworkPolicy\nspec: &a {b: *a}`,
      'NetworkPolicy: \u0000',
      '{"kind": "NetworkPolicy", "spec": {"__proto__": {"podSelector": {}}, "constructor": 1}}',
    ];
    for (const text of texts) expect((await read(text)).policies).toEqual([]);
  });
});

describe('cluster-scoped policies', () => {
  const cluster = (kind: string, spec: string, name = 'p'): string =>
    `apiVersion: policy.networking.k8s.io/${kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1'}\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n${spec}\n`;
  const RULE = '  - {action: Deny, from: [{namespaces: {}}]}';

  const INVALID: readonly (readonly [string, string, number, string, string])[] = [
    [
      'AdminNetworkPolicy',
      '  priority: 1001\n  subject: {namespaces: {}}',
      5,
      'spec.priority',
      'not between 0 and 1000',
    ],
    ['AdminNetworkPolicy', '  subject: {namespaces: {}}', 4, 'spec.priority', 'is missing'],
    ['AdminNetworkPolicy', '  priority: 1', 4, 'spec.subject', 'is missing'],
    ['AdminNetworkPolicy', '  priority: 1\n  subject: {}', 6, 'spec.subject', 'exactly one of'],
    [
      'AdminNetworkPolicy',
      '  priority: 1\n  subject: {namespaces: {}, pods: {podSelector: {}}}',
      6,
      'spec.subject',
      'but has several',
    ],
    [
      'AdminNetworkPolicy',
      '  priority: 1\n  subject: {namespaces: {}}\n  ingress:\n  - {action: Accept, from: [{namespaces: {}}]}',
      8,
      'spec.ingress[0].action',
      'not one of Allow, Deny, Pass',
    ],
    [
      'AdminNetworkPolicy',
      '  priority: 1\n  subject: {namespaces: {}}\n  ingress:\n  - {action: Deny}',
      8,
      'spec.ingress[0].from',
      'at least one peer',
    ],
    [
      'AdminNetworkPolicy',
      '  priority: 1\n  subject: {namespaces: {}}\n  ingress:\n  - {action: Deny, from: [{networks: [10.0.0.0/8]}]}',
      8,
      'spec.ingress[0].from[0]',
      'exactly one of namespaces, pods',
    ],
    [
      'AdminNetworkPolicy',
      '  priority: 1\n  subject: {namespaces: {}}\n  egress:\n  - {action: Deny, to: [{domainNames: [a.example]}]}',
      8,
      'spec.egress[0].to[0].domainNames',
      'accept only',
    ],
    [
      'AdminNetworkPolicy',
      '  priority: 1\n  subject: {namespaces: {}}\n  egress:\n  - {action: Deny, to: [{networks: [ten]}]}',
      8,
      'spec.egress[0].to[0].networks[0]',
      'no CIDR',
    ],
    [
      'AdminNetworkPolicy',
      '  priority: 1\n  subject: {namespaces: {}}\n  egress:\n  - {action: Deny, to: [{nodes: {}}], ports: [{portRange: {start: 9, end: 8}}]}',
      8,
      'spec.egress[0].ports[0].portRange.end',
      'less than start',
    ],
    ['BaselineAdminNetworkPolicy', '  subject: {namespaces: {}}', 3, 'metadata.name', 'must be "default"'],
    [
      'BaselineAdminNetworkPolicy',
      '  subject: {namespaces: {}}\n  ingress:\n  - {action: Pass, from: [{namespaces: {}}]}',
      7,
      'spec.ingress[0].action',
      'not one of Allow, Deny',
    ],
    [
      'ClusterNetworkPolicy',
      '  tier: Middle\n  priority: 1\n  subject: {namespaces: {}}',
      5,
      'spec.tier',
      'not one of Admin, Baseline',
    ],
    [
      'ClusterNetworkPolicy',
      `  tier: Admin\n  priority: 1\n  subject: {namespaces: {}}\n  ingress:\n${RULE.replace('}]}', '}], protocols: [{tcp: {destinationPort: {}}}]}')}`,
      9,
      'spec.ingress[0].protocols[0].tcp.destinationPort',
      'exactly one of number, range',
    ],
  ];

  test.each(INVALID.map((entry) => [`${entry[0]} ${entry[3]} ${entry[4]}`, ...entry] as const))(
    '%s',
    async (...[, kind, spec, line, field, message]) => {
      const name = kind === 'BaselineAdminNetworkPolicy' && field !== 'metadata.name' ? 'default' : 'p';
      const { problems } = await read(cluster(kind, spec, name));
      const errors = problems.filter(({ severity }) => severity === 'error');
      expect(errors.map(shown)).toEqual([
        expect.stringContaining(`error policies.yaml:${line} ${kind} ${name} ${field}: `),
      ]);
      expect(errors[0]?.message).toContain(message);
    },
  );

  test('a broken peer fails closed: Allow matches nothing, Deny and Pass become Deny of everything', async () => {
    const { policies } = await read(
      cluster(
        'AdminNetworkPolicy',
        [
          '  priority: 5',
          '  subject: {namespaces: {}}',
          '  ingress:',
          ...['Allow', 'Deny', 'Pass'].map((action) => `  - {action: ${action}, from: [{sameLabels: [a]}]}`),
        ].join('\n'),
      ),
    );
    const rules = policies[0]?.ingress?.map(({ action, peers, ports }) => [
      action,
      peers?.map(({ type }) => type),
      ports,
    ]);
    expect(rules).toEqual([
      ['Allow', ['nothing'], null],
      ['Deny', undefined, null],
      ['Deny', undefined, null],
    ]);
  });
});
