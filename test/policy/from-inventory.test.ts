/** The cluster, policies and ends of connections as the inventory gives them. */
import { describe, expect, test } from '@jest/globals';
import { emptyInventory } from '../../src/inventory/load.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import type { ConnectionEnd } from '../../src/policy/connection.js';
import { clusterOfInventory, InventoryEnds, policiesOfInventory } from '../../src/policy/from-inventory.js';
import { PolicyJudge } from '../../src/policy/judge.js';
import { DEFAULT_OPTIONS } from '../../src/policy/options.js';
import { at, type Json, list, load, node, pod, service } from '../inventory/fixtures.js';

const PORTS = [
  { name: 'web', port: 80, targetPort: 'http' },
  { name: 'metrics', port: 90 },
];

function slice(name: string, addresses: string[]): Json {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
    ports: [
      { name: 'web', port: 8080, protocol: 'TCP' },
      { name: 'metrics', port: 9090, protocol: 'TCP' },
    ],
    endpoints: addresses.map((address) => ({ addresses: [address] })),
  };
}

async function inventory(...items: Json[]): Promise<Inventory> {
  const base = [
    node('node-1', '192.168.0.1'),
    pod('web-0', {
      ip: '10.0.0.1',
      labels: { app: 'web' },
      hostIp: '192.168.0.1',
      ports: [{ name: 'http', containerPort: 8080 }],
    }),
    pod('web-1', { ip: '10.0.0.2', labels: { app: 'web' }, owner: { kind: 'ReplicaSet', name: 'web-5d' } }),
    pod('agent', { ip: '192.168.0.1', hostIp: '192.168.0.1', hostNetwork: true }),
    service('web', '10.96.0.20', { ports: PORTS }),
  ];
  return (await load({ 'all.json': list(...base, ...items) })).inventory;
}

function endOf(loaded: Inventory, address: string, port: number | null = null): ConnectionEnd {
  const ends = new InventoryEnds(loaded, clusterOfInventory(loaded));
  return ends.endOf(loaded.ownerOf(address, at('11:00:00')), address, 'TCP', port);
}

test('an empty inventory is an empty cluster without policies', () => {
  const empty = emptyInventory();
  expect(clusterOfInventory(empty).pods).toEqual([]);
  expect(policiesOfInventory(empty)).toEqual({ policies: [], problems: [] });
});

test('pods bring labels, addresses, node, ports and workload; one that has ended gives way to its successor', async () => {
  const ended = pod('web-0', {
    uid: 'old',
    ip: '10.0.0.9',
    created: '08:00:00',
    running: '08:00:02',
    finished: '09:00:00',
    phase: 'Succeeded',
    labels: { app: 'old' },
  });
  const cluster = clusterOfInventory(await inventory(ended));
  expect(cluster.pod('shop/web-0')).toMatchObject({
    labels: { app: 'web' },
    addresses: ['10.0.0.1'],
    node: 'node-1',
    nodeAddresses: ['192.168.0.1'],
    hostNetwork: false,
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    workload: 'Pod/web-0',
  });
  expect(cluster.pod('shop/agent')?.hostNetwork).toBe(true);
  expect(cluster.endAt('10.0.0.1')).toEqual({ kind: 'pod', pod: 'shop/web-0', address: '10.0.0.1' });
  expect(cluster.endAt('10.0.0.9')).toEqual({ kind: 'external', address: '10.0.0.9' });
  expect(cluster.endAt('192.168.0.1')).toEqual({ kind: 'node', node: 'node-1', address: '192.168.0.1' });
});

test('a connection of a pod that another of its name has followed is judged by its own labels', async () => {
  const ended = pod('web-0', {
    uid: 'old',
    ip: '10.0.0.9',
    created: '08:00:00',
    running: '08:00:02',
    finished: '09:00:00',
    phase: 'Succeeded',
    labels: { app: 'old' },
  });
  const loaded = await inventory(ended);
  const judge = new PolicyJudge(loaded, policiesOfInventory(loaded), DEFAULT_OPTIONS);
  const labelsAt = (time: string, address: string): unknown => {
    const end = judge.endOf({ owner: loaded.ownerOf(address, at(time)), address }, 'TCP', null);
    return end.kind === 'pod' ? [end.pod, judge.cluster.pod(end.pod, end.uid)?.labels] : end;
  };
  expect(labelsAt('08:30:00', '10.0.0.9')).toEqual(['shop/web-0', { app: 'old' }]);
  expect(labelsAt('11:00:00', '10.0.0.1')).toEqual(['shop/web-0', { app: 'web' }]);
});

test('policies of typed Lists are read without an apiVersion of their own', async () => {
  const items = [{ metadata: { name: 'deny', namespace: 'shop' }, spec: { podSelector: {} } }];
  const { inventory: loaded } = await load({
    'policies.json': JSON.stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicyList', items }),
  });
  const { policies, problems } = policiesOfInventory(loaded);
  expect(problems).toEqual([]);
  expect(policies.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['shop/deny']);
  expect(policies[0]?.file).toMatch(/policies\.json$/);
});

describe('ends', () => {
  test('are pods, nodes, addresses outside, or nobody', async () => {
    const loaded = await inventory();
    expect(endOf(loaded, '10.0.0.1')).toMatchObject({ kind: 'pod', pod: 'shop/web-0', address: '10.0.0.1' });
    expect(endOf(loaded, '192.168.0.1')).toEqual({ kind: 'node', node: 'node-1', address: '192.168.0.1' });
    expect(endOf(loaded, '203.0.113.1')).toEqual({ kind: 'external', address: '203.0.113.1' });
  });

  const BACKENDS = [
    { end: { kind: 'pod', pod: 'shop/web-0', address: '10.0.0.1' }, port: 9090 },
    { end: { kind: 'pod', pod: 'shop/web-1', address: '10.0.0.2' }, port: 9090 },
  ];

  test('a Service has the backends that its EndpointSlices list for the port called', async () => {
    const loaded = await inventory(slice('web', ['10.0.0.1', '10.0.0.2']), slice('other', ['10.0.0.7']));
    expect(endOf(loaded, '10.96.0.20', 90)).toEqual({ kind: 'service', address: '10.96.0.20', backends: BACKENDS });
    expect(endOf(loaded, '10.96.0.20', 81)).toEqual({ kind: 'service', address: '10.96.0.20', backends: [] });
    expect(endOf(loaded, '10.96.0.20')).toEqual({ kind: 'service', address: '10.96.0.20', backends: [] });
  });

  test('without slices, those of its Endpoints', async () => {
    const endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { namespace: 'shop', name: 'web' },
      subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports: [{ name: 'metrics', port: 9090 }] }],
    };
    const loaded = await inventory(endpoints);
    expect(endOf(loaded, '10.96.0.20', 90)).toEqual({ kind: 'service', address: '10.96.0.20', backends: BACKENDS });
  });
});
