/** Verdicts in time: the policies and labels in force when a connection was opened, as far as snapshots tell. */
import { describe, expect, test } from '@jest/globals';
import type { Inventory } from '../../src/inventory/inventory.js';
import type { Connection } from '../../src/policy/connection.js';
import { PolicyJudge } from '../../src/policy/judge.js';
import { loadPolicies } from '../../src/policy/load.js';
import { DEFAULT_OPTIONS } from '../../src/policy/options.js';
import { at, clock, type Json, list, load, pod } from '../inventory/fixtures.js';

/** Allows nobody to reach pods with `app: web`, or those with the labels `from`. */
function policy(
  name: string,
  about: { from?: Json; created?: string; generation?: number; fields?: string } = {},
): Json {
  const { from, created, generation, fields } = about;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      namespace: 'shop',
      name,
      ...(created === undefined ? {} : { creationTimestamp: clock(created) }),
      ...(generation === undefined ? {} : { generation }),
      ...(fields === undefined ? {} : { managedFields: [{ manager: 'kubectl', time: clock(fields) }] }),
    },
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress'],
      ingress: from === undefined ? [] : [{ from: [{ podSelector: { matchLabels: from } }] }],
    },
  };
}

const OTHER = policy('other', { from: { app: 'nobody' } });

function pods(labels: { web?: Json; client?: Json } = {}): Json[] {
  return [
    pod('web', { ip: '10.0.0.1', created: '08:00:00', labels: { app: 'web', ...labels.web } }),
    pod('client', { ip: '10.0.0.2', created: '08:00:00', labels: { app: 'client', ...labels.client } }),
  ];
}

/** Snapshots by their time, each of pods and policies in files of their own. */
async function judgeOf(snapshots: Record<string, { pods?: Json[]; policies: Json[] }>): Promise<PolicyJudge> {
  const files: Record<string, Json | string> = {};
  for (const [time, shown] of Object.entries(snapshots)) {
    const folder = time.replaceAll(':', '');
    files[`${folder}/pods.json`] = list(...(shown.pods ?? pods()));
    if (shown.policies.length > 0) files[`${folder}/policies.json`] = list(...shown.policies);
    files[`${folder}/snapshot-taken.txt`] = `${clock(time)}\n`;
  }
  return judgeFrom((await load(files)).inventory);
}

async function judgeFrom(inventory: Inventory): Promise<PolicyJudge> {
  return new PolicyJudge(inventory, await loadPolicies(inventory, []), DEFAULT_OPTIONS);
}

const CONNECTION: Connection = {
  source: { kind: 'pod', pod: 'shop/client', address: '10.0.0.2', uid: 'uid-of-client' },
  destination: { kind: 'pod', pod: 'shop/web', address: '10.0.0.1', uid: 'uid-of-web' },
  protocol: 'TCP',
  port: 8080,
  throughService: false,
};

function verdicts(judge: PolicyJudge, ...times: string[]): string[] {
  return times.map((time) => judge.evaluate(CONNECTION, judge.epochAt(at(time))).verdict);
}

describe('a policy', () => {
  test('that is the same in all snapshots makes no difference in time', async () => {
    const judge = await judgeOf({
      '10:00:00': { policies: [policy('deny')] },
      '11:00:00': { policies: [policy('deny')] },
    });
    expect(verdicts(judge, '09:00:00', '10:30:00', '12:00:00')).toEqual(['denied', 'denied', 'denied']);
    expect(judge.allVersions).toHaveLength(1);
    expect(judge.epochAt(at('09:00:00'))).toBe(judge.epochAt(at('12:00:00')));
  });

  test('does not bind connections from before it was created', async () => {
    const judge = await judgeOf({ '12:00:00': { policies: [policy('deny', { created: '10:00:00' })] } });
    expect(verdicts(judge, '09:59:59', '10:00:01', '11:00:00', '13:00:00')).toEqual([
      'not selected',
      'denied',
      'denied',
      'denied',
    ]);
    // A timestamp of Kubernetes is a whole second: in this one it may have been there, or not yet.
    expect(verdicts(judge, '10:00:00.5')).toEqual(['undefined']);
  });

  test('that was changed between two snapshots decides before and after, and nothing in between', async () => {
    const judge = await judgeOf({
      '10:00:00': { policies: [policy('web', { from: { app: 'client' } })] },
      '11:00:00': { policies: [policy('web')] },
    });
    expect(verdicts(judge, '09:00:00', '10:00:00', '10:30:00', '11:00:00', '12:00:00')).toEqual([
      'allowed',
      'undefined',
      'undefined',
      'denied',
      'denied',
    ]);
    const { remarks, ingress } = judge.explain(CONNECTION, 'not judged', {
      hasSourceNat: false,
      drop: null,
      epoch: judge.epochAt(at('10:30:00')),
    });
    expect(remarks).toEqual([
      'Policies or labels changed between 2026-03-01T10:00:00Z and 2026-03-01T11:00:00Z, when it was opened: by the earlier ones it is allowed, by the later ones denied.',
    ]);
    expect(ingress).toMatchObject({ verdict: 'undefined', deciding: [], misses: [] });
    expect(ingress.reason).toContain('changed');
    // Both versions have a number; the one in force comes first.
    expect([...ingress.selecting].sort()).toEqual([0, 1]);
    const [current, former] = judge.allVersions.map((version) => judge.inForce(version));
    expect(current).toEqual({ from: '2026-03-01T11:00:00.000000000Z', until: null });
    expect(former).toEqual({ from: null, until: '2026-03-01T10:00:00.000000000Z' });
  });

  test('that was changed is known since its newest managed field, or its creation if never changed', async () => {
    const before = policy('web', { from: { app: 'client' } });
    const changed = await judgeOf({
      '10:00:00': { policies: [before] },
      '11:00:00': { policies: [policy('web', { created: '07:00:00', fields: '10:20:00', generation: 2 })] },
    });
    expect(verdicts(changed, '10:10:00', '10:20:01', '10:30:00')).toEqual(['undefined', 'denied', 'denied']);
    const recreated = await judgeOf({
      '10:00:00': { policies: [before] },
      '11:00:00': { policies: [policy('web', { created: '10:40:00', generation: 1 })] },
    });
    expect(verdicts(recreated, '10:00:00', '10:39:00', '10:41:00')).toEqual(['allowed', 'allowed', 'denied']);
  });

  test('that a later snapshot lacks counts no more then', async () => {
    const judge = await judgeOf({
      '10:00:00': { policies: [policy('deny'), OTHER] },
      '11:00:00': { policies: [{ ...OTHER, spec: { podSelector: { matchLabels: { app: 'nobody' } } } }] },
    });
    expect(verdicts(judge, '09:00:00', '10:30:00', '12:00:00')).toEqual(['denied', 'undefined', 'not selected']);
    expect(judge.policies.map(({ name }) => name)).toEqual(['other']);
  });

  test('stays in force where a later snapshot shows no policies of its namespace', async () => {
    const elsewhere = { ...OTHER, metadata: { namespace: 'bank', name: 'other' } };
    const judge = await judgeOf({
      '10:00:00': { policies: [policy('deny'), elsewhere] },
      '11:00:00': { policies: [elsewhere] },
      '12:00:00': { policies: [] },
    });
    expect(verdicts(judge, '09:00:00', '13:00:00')).toEqual(['denied', 'denied']);
  });

  test('of a file that does not say when it was made is taken for the newest', async () => {
    const { inventory } = await load({
      'a/pods.json': list(...pods()),
      'a/policies.json': list(policy('web', { from: { app: 'client' } })),
      'a/snapshot-taken.txt': `${clock('10:00:00')}\n`,
      'b/policies.json': list(policy('web')),
    });
    const judge = await judgeFrom(inventory);
    expect(judge.policies.map(({ ingress }) => ingress?.length)).toEqual([0]);
    expect(verdicts(judge, '09:00:00', '11:00:00')).toEqual(['allowed', 'undefined']);
    expect(judge.evaluate(CONNECTION, null).verdict).toBe('denied');
  });
});

test('labels count as they were, of pods and of namespaces', async () => {
  const byLabel = policy('by-label', { from: { role: 'friend' } });
  const judge = await judgeOf({
    '10:00:00': { pods: pods({ client: { role: 'friend' } }), policies: [byLabel] },
    '11:00:00': { pods: pods(), policies: [byLabel] },
  });
  expect(verdicts(judge, '09:00:00', '10:30:00', '11:30:00')).toEqual(['allowed', 'undefined', 'denied']);
  const namespace = (labels: Json): Json => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels },
  });
  const byNamespace = {
    ...byLabel,
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'a' } } }] }],
    },
  };
  const relabelled = await judgeOf({
    '10:00:00': { pods: [...pods(), namespace({ team: 'b' })], policies: [byNamespace] },
    '11:00:00': { pods: [...pods(), namespace({ team: 'a' })], policies: [byNamespace] },
  });
  expect(verdicts(relabelled, '09:00:00', '10:30:00', '11:30:00')).toEqual(['denied', 'undefined', 'allowed']);
});

test('a change that makes no difference to a connection leaves its verdict alone', async () => {
  const judge = await judgeOf({
    '10:00:00': { policies: [policy('web', { from: { app: 'client' } })] },
    '11:00:00': { policies: [policy('web', { from: { app: 'client' } }), policy('deny-too')] },
  });
  expect(verdicts(judge, '10:30:00')).toEqual(['allowed']);
  const labels = judge.evaluate({ ...CONNECTION, destination: CONNECTION.source }, judge.epochAt(at('10:30:00')));
  expect(labels.verdict).toBe('allowed');
});
