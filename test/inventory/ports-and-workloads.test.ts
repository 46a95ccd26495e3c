/** Declared ports, workloads above pods, and the raw objects for the floors above. */
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { at, clock, type Json, list, load, node, pod, service, snapshot } from './fixtures.js';

describe('declared ports', () => {
  const web = pod('web-0', {
    ip: '10.244.1.7',
    labels: { app: 'web' },
    ports: [
      { name: 'http', containerPort: 8080 },
      { containerPort: 5353, protocol: 'UDP', hostPort: 53 },
      { containerPort: 'x' },
    ],
  });
  const exporter = pod('exporter', { ip: '192.168.0.1', hostNetwork: true, ports: [{ containerPort: 9100 }] });
  const port = (number: number, targetPort?: unknown, nodePort?: number): Json => ({
    port: number,
    targetPort,
    nodePort,
  });
  const services = [
    service('web', '10.96.0.20', {
      selector: { app: 'web' },
      ports: [port(80, 'http', 30080), port(81, 8081), port(82)],
    }),
    service('other', '10.96.0.21', { selector: { app: 'db' }, ports: [port(5432)] }),
    service('manual', '10.96.0.22', { ports: [port(90, 9090)] }),
  ];
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name: 'manual-1' },
    endpoints: [{ addresses: ['10.244.1.7'], targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-0' } }],
    ports: [{ port: 9090, protocol: 'TCP' }],
  };
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { namespace: 'shop', name: 'old' },
    subsets: [
      { addresses: [{ ip: '10.244.1.7', targetRef: { kind: 'Pod', name: 'web-0' } }], ports: [{ port: 9191 }] },
    ],
  };
  const kubelet = node('node-1', '192.168.0.1', { status: { daemonEndpoints: { kubeletEndpoint: { Port: 10250 } } } });

  test.each([
    ['10.244.1.7', 'TCP', 8080, true],
    ['10.244.1.7', 'UDP', 5353, true],
    ['10.244.1.7', 'TCP', 8081, true],
    ['10.244.1.7', 'TCP', 82, true],
    ['10.244.1.7', 'TCP', 9090, true],
    ['10.244.1.7', 'TCP', 9191, true],
    ['10.244.1.7', 'UDP', 8080, false],
    ['10.244.1.7', 'TCP', 80, false],
    ['10.244.1.7', 'TCP', 5432, false],
    ['10.96.0.20', 'TCP', 80, true],
    ['10.96.0.20', 'TCP', 8080, false],
    ['192.168.0.1', 'TCP', 30080, true],
    ['192.168.0.1', 'TCP', 9100, true],
    ['192.168.0.1', 'TCP', 10250, true],
    ['192.168.0.1', 'UDP', 53, true],
    ['192.168.0.1', 'TCP', 8080, false],
    ['8.8.8.8', 'UDP', 53, false],
  ] as const)('%s declares %s %d: %s', async (address, protocol, number, declared) => {
    const inventory = await snapshot('12:00:00', kubelet, web, exporter, ...services, slice, endpoints);
    expect(inventory.declaresPort(inventory.ownerOf(address, at('11:00:00')), protocol, number)).toBe(declared);
  });

  test('an owner that another inventory made declares nothing', async () => {
    const inventory = await snapshot('12:00:00', web);
    const stranger = { ...inventory.ownerOf('10.244.1.7', at('11:00:00')) };
    expect(inventory.declaresPort(stranger, 'TCP', 8080)).toBe(false);
  });
});

describe('workloads', () => {
  const replicaSet = (name: string, owner: Json | null): Json => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace: 'shop',
      name,
      uid: 'rs-uid',
      ...(owner === null ? {} : { ownerReferences: [{ controller: true, ...owner }] }),
    },
  });
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace: 'shop',
      name: 'report-x',
      ownerReferences: [{ controller: true, kind: 'CronJob', name: 'report' }],
    },
  };
  // 2026-03-01T10:00:00Z is 29539320 minutes after 1970.
  const cases: [string, Json, Json[], Json | null][] = [
    ['a bare pod', pod('p', { ip: '10.0.0.1' }), [], { kind: 'Pod', name: 'p' }],
    [
      'a StatefulSet',
      pod('p', { ip: '10.0.0.1', owner: { kind: 'StatefulSet', name: 'db' } }),
      [],
      { kind: 'StatefulSet', name: 'db' },
    ],
    [
      'a static pod',
      pod('p', { ip: '10.0.0.1', owner: { kind: 'Node', name: 'node-1' } }),
      [],
      { kind: 'Node', name: 'node-1' },
    ],
    [
      'a custom controller',
      pod('p', { ip: '10.0.0.1', owner: { kind: 'Widget', name: 'w' } }),
      [],
      { kind: 'Widget', name: 'w' },
    ],
    [
      'a Deployment by the ReplicaSet object',
      pod('p', { ip: '10.0.0.1', owner: { kind: 'ReplicaSet', name: 'web-abc', uid: 'rs-uid' } }),
      [replicaSet('web-abc', { kind: 'Deployment', name: 'the-web' })],
      { kind: 'Deployment', name: 'the-web' },
    ],
    [
      'a ReplicaSet that nobody controls, although its name looks like a Deployment’s',
      pod('p', {
        ip: '10.0.0.1',
        labels: { 'pod-template-hash': 'abc' },
        owner: { kind: 'ReplicaSet', name: 'web-abc', uid: 'rs-uid' },
      }),
      [replicaSet('web-abc', null)],
      { kind: 'ReplicaSet', name: 'web-abc' },
    ],
    [
      'a Deployment by the template hash',
      pod('p', {
        ip: '10.0.0.1',
        labels: { 'pod-template-hash': 'abc' },
        owner: { kind: 'ReplicaSet', name: 'web-abc' },
      }),
      [],
      { kind: 'Deployment', name: 'web' },
    ],
    [
      'an Argo Rollout by its template hash',
      pod('p', {
        ip: '10.0.0.1',
        labels: { 'rollouts-pod-template-hash': 'abc' },
        owner: { kind: 'ReplicaSet', name: 'web-abc' },
      }),
      [],
      { kind: 'Rollout', name: 'web' },
    ],
    [
      'a bare ReplicaSet',
      pod('p', { ip: '10.0.0.1', owner: { kind: 'ReplicaSet', name: 'web-abc' } }),
      [],
      { kind: 'ReplicaSet', name: 'web-abc' },
    ],
    [
      'a CronJob by the Job object',
      pod('p', { ip: '10.0.0.1', owner: { kind: 'Job', name: 'report-x' } }),
      [job],
      { kind: 'CronJob', name: 'report' },
    ],
    [
      'a CronJob by the scheduled minute',
      pod('p', { ip: '10.0.0.1', owner: { kind: 'Job', name: 'report-29539320' } }),
      [],
      { kind: 'CronJob', name: 'report' },
    ],
    [
      'a Job with another number',
      pod('p', { ip: '10.0.0.1', owner: { kind: 'Job', name: 'migrate-20260301' } }),
      [],
      { kind: 'Job', name: 'migrate-20260301' },
    ],
  ];
  test.each(cases)('%s', async (_, subject, others, expected) => {
    const inventory = await snapshot('12:00:00', subject, ...others);
    expect(inventory.ownerOf('10.0.0.1', at('11:00:00')).workload).toEqual(expected);
  });
});

test('policies, slices, services and namespaces stay available, each once', async () => {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: 'deny', managedFields: [{ time: clock('11:59:00') }] },
    spec: { podSelector: {} },
  };
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } };
  const inventory = await snapshot(
    '12:00:00',
    policy,
    policy,
    space,
    service('web', '10.96.0.20'),
    pod('web-0', { ip: '10.0.0.1', ports: [{ name: 'http', containerPort: 80 }] }),
  );
  const { networkPolicies, namespaces, services, pods } = inventory.objects;
  expect(networkPolicies).toHaveLength(1);
  expect(networkPolicies[0]).toMatchObject({ metadata: { name: 'deny' }, spec: { podSelector: {} } });
  expect(networkPolicies[0]?.metadata).not.toHaveProperty('managedFields');
  expect(namespaces).toEqual([{ name: 'shop', labels: { team: 'a' } }]);
  expect(services.map((each) => each.metadata?.name)).toEqual(['web']);
  expect(pods[0]?.owner).toBe(inventory.ownerOf('10.0.0.1', at('11:00:00')));
  expect(pods[0]?.ports).toMatchObject([{ name: 'http', protocol: 'TCP', port: 80 }]);
  expect(inventory.summary).toMatchObject({ policies: 1, namespaces: 1 });
});

test('policies of all kinds name their file; nodes and pods tell their addresses', async () => {
  const policy = (kind: string, name: string, apiVersion = 'policy.networking.k8s.io/v1alpha1'): Json => {
    return { apiVersion, kind, metadata: { name }, spec: { subject: {} } };
  };
  const { inventory } = await load({
    'all.json': list(
      policy('AdminNetworkPolicy', 'deny'),
      policy('BaselineAdminNetworkPolicy', 'default'),
      policy('GlobalNetworkPolicy', 'calico', 'projectcalico.org/v3'),
      node('node-1', '192.168.0.1'),
      pod('web-0', { ip: ['10.0.0.1', 'fd00::1'], hostIp: '192.168.0.1' }),
    ),
    'policies.json': JSON.stringify({
      kind: 'NetworkPolicyList',
      apiVersion: 'networking.k8s.io/v1',
      items: [{ metadata: { name: 'web', namespace: 'shop' } }],
    }),
  });
  const { policies, nodes, pods } = inventory.objects;
  expect(policies.map(({ path, object }) => [basename(path), object])).toMatchObject([
    ['all.json', { kind: 'AdminNetworkPolicy', metadata: { name: 'deny' } }],
    ['all.json', { kind: 'BaselineAdminNetworkPolicy', metadata: { name: 'default' } }],
    ['all.json', { kind: 'GlobalNetworkPolicy', metadata: { name: 'calico' } }],
    ['policies.json', { kind: 'NetworkPolicy', metadata: { name: 'web', namespace: 'shop' } }],
  ]);
  expect(nodes).toEqual([{ name: 'node-1', labels: {}, addresses: ['192.168.0.1'] }]);
  expect(pods[0]).toMatchObject({
    addresses: ['10.0.0.1', 'fd00::1'],
    nodeAddresses: ['192.168.0.1'],
    ended: false,
  });
});
