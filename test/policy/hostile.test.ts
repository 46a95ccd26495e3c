/** Policies that are wrong in every way: each problem is named with its file, line and field, and hides no other policy. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPolicyTexts } from '../../src/policy/read/read-policies.js';

/** Something at every place that a policy has; YAML takes JSON. */
const NETWORK_POLICY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'subject', namespace: 'shop' },
  spec: {
    podSelector: {
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }],
    },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [
          { podSelector: { matchLabels: { app: 'a' } }, namespaceSelector: { matchLabels: { team: 'b' } } },
          { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
        ],
        ports: [{ protocol: 'TCP', port: 80, endPort: 90 }],
      },
    ],
    egress: [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 'dns' }] }],
  },
};
const CLUSTER_POLICY = {
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name: 'subject' },
  spec: {
    priority: 10,
    subject: { pods: { namespaceSelector: { matchLabels: { team: 'a' } }, podSelector: {} } },
    ingress: [{ name: 'in', action: 'Deny', from: [{ namespaces: { matchLabels: { team: 'b' } } }] }],
    egress: [
      {
        name: 'out',
        action: 'Allow',
        to: [{ networks: ['10.0.0.0/8'] }],
        ports: [{ portNumber: { protocol: 'TCP', port: 443 } }, { portRange: { start: 1, end: 9 } }],
      },
    ],
  },
};
const BYSTANDER = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: bystander, namespace: shop}
spec: {podSelector: {}}
`;

type Path = readonly (string | number)[];

/** Paths of everything below `value`. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  const below = Object.entries(value).flatMap(([key, member]) =>
    pathsOf(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? below : [path, ...below];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((member, at) => (at === key ? replaced(member, rest, by) : (member as unknown)));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: replaced(object[key], rest, by) };
}

function at(value: unknown, path: Path): unknown {
  return path.reduce((held: unknown, key) => (held as Record<string | number, unknown>)[key], value);
}

function fieldOf(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}

/** What it is to the API: what is put in its place must be of another type. */
function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

describe.each([
  ['NetworkPolicy', NETWORK_POLICY],
  ['AdminNetworkPolicy', CLUSTER_POLICY],
])('every field of %s', (_kind, policy) => {
  const wrong = [true, 7.5, ['list'], { unknown: 'object' }];
  // Without a kind and a group it is no policy; a port may be a number or a name; labels of any key are labels.
  const fields = pathsOf(policy).filter((path) => !['apiVersion', 'kind'].includes(String(path[0])));

  test.each(fields.map((path) => [fieldOf(path), path] as const))('%s of a wrong type', async (field, path) => {
    for (const value of wrong) {
      if (typeOf(value) === typeOf(at(policy, path))) continue;
      const text = JSON.stringify(replaced(policy, path, value), null, 1);
      const { policies, problems } = await readPolicyTexts([
        { file: 'policies.yaml', text: `${text}\n---\n${BYSTANDER}` },
      ]);
      expect(policies.map(({ name }) => name)).toContain('bystander');
      const errors = problems.filter(({ severity }) => severity === 'error');
      expect([field, value, errors.length > 0]).toEqual([field, value, true]);
      for (const problem of errors) {
        expect(problem.file).toBe('policies.yaml');
        expect(problem.line).toBeGreaterThan(0);
        expect(problem.message).not.toBe('');
      }
      // Named is the field itself, what it holds, or what holds it.
      expect(errors.some((problem) => field.startsWith(problem.field) || problem.field.startsWith(field))).toBe(true);
    }
  });

  test('anything in the place of any field throws nothing and hides nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 3 }), async (path, value) => {
        const text = JSON.stringify(replaced(policy, path, value));
        const read = await readPolicyTexts([{ file: 'policies.yaml', text: `${text}\n---\n${BYSTANDER}` }]);
        expect(read.policies.some(({ name }) => name === 'bystander')).toBe(true);
        for (const { file, line } of read.problems) expect([file, typeof line]).toEqual(['policies.yaml', 'number']);
      }),
      { numRuns: 300 },
    );
  });
});

test('damaged text anywhere leaves the other file alone', async () => {
  const text = JSON.stringify(NETWORK_POLICY, null, 2);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(text.length),
      fc.nat(12),
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.constantFrom('\t', '&a ', '*a', '<<: ', '!!binary ', '---\n', '{', ']', ': '),
      ),
      async (start, length, junk) => {
        const damaged = text.slice(0, start) + junk + text.slice(start + length);
        const { policies } = await readPolicyTexts([
          { file: 'damaged.yaml', text: damaged },
          { file: 'good.yaml', text: BYSTANDER },
        ]);
        expect(policies.some(({ name }) => name === 'bystander')).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test('ten megabytes of policies are read, each with its lines', async () => {
  const one = (index: number): string =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p${index}, namespace: shop, annotations: {note: ${'x'.repeat(40_000)}}}\nspec: {podSelector: {}}\n`;
  const count = 256;
  const text = Array.from({ length: count }, (_, index) => one(index)).join('---\n');
  expect(text.length).toBeGreaterThan(10_000_000);
  const { policies, problems } = await readPolicyTexts([{ file: 'large.yaml', text }]);
  expect(problems).toEqual([]);
  expect(policies).toHaveLength(count);
  expect(policies.at(-1)?.lines).toEqual({ first: (count - 1) * 5 + 1, last: (count - 1) * 5 + 4 });
});
