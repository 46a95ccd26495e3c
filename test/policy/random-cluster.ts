/** Random small clusters, policies of all kinds and connections among few labels, addresses and ports, so that much matches. */
import fc from 'fast-check';
import type { ClusterFacts, ClusterNode, Namespace, Pod } from '../../src/policy/cluster.js';
import type { Connection, ConnectionEnd } from '../../src/policy/connection.js';
import type { PolicyOptions } from '../../src/policy/options.js';

const NAMESPACES = ['a', 'b', 'c'];
const KEYS = ['app', 'tier'];
const VALUES = ['x', 'y', ''];
export const PORTS = [80, 443, 8080];
const NAMES = ['http', 'dns'];
export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;
const CIDRS = [
  '10.0.0.0/8',
  '10.0.0.0/30',
  '10.0.0.2/32',
  '192.0.2.0/31',
  '203.0.113.0/24',
  '0.0.0.0/0',
  'fd00::/126',
  '::/0',
];
export const EXTERNAL = ['203.0.113.1', '203.0.113.200', '198.51.100.1', 'fd01::1', '192.0.2.9'];

const labels = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { maxKeys: 2 });
const requirement = fc.oneof(
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: fc.constantFrom(...KEYS), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
const selector = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 2, arbitrary: fc.record({ matchLabels: labels }) },
  { weight: 2, arbitrary: fc.record({ matchExpressions: fc.array(requirement, { maxLength: 2 }) }) },
);

const port = fc.record({
  name: fc.constantFrom(null, ...NAMES),
  protocol: fc.constantFrom(...PROTOCOLS),
  port: fc.constantFrom(...PORTS),
});

export const clusterFacts: fc.Arbitrary<ClusterFacts> = fc
  .tuple(
    fc.array(
      fc.record({
        namespace: fc.constantFrom(...NAMESPACES),
        labels,
        workload: fc.constantFrom(null, 'Deployment/one', 'Deployment/two', 'DaemonSet/one'),
        node: fc.constantFrom(null, 'n1', 'n2', 'unknown-node'),
        hostNetwork: fc.integer({ min: 0, max: 5 }).map((value) => value === 0),
        hasIpv6: fc.boolean(),
        knowsNodeAddress: fc.boolean(),
        ports: fc.array(port, { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    fc.array(fc.record({ name: fc.constantFrom(...NAMESPACES), labels }), { maxLength: 3 }),
    fc.array(labels, { minLength: 1, maxLength: 2 }),
  )
  .map(([pods, namespaces, nodes]) => ({
    pods: pods.map(({ hasIpv6, knowsNodeAddress, ...pod }, index): Pod => {
      const nodeAddress = `192.0.2.${pod.node === 'n2' ? 2 : 1}`;
      const own = hasIpv6 ? [`10.0.0.${index}`, `fd00::${index}`] : [`10.0.0.${index}`];
      return {
        ...pod,
        name: `p${index}`,
        addresses: pod.hostNetwork ? [nodeAddress] : own,
        nodeAddresses: knowsNodeAddress ? [nodeAddress] : [],
      };
    }),
    namespaces: namespaces.map((namespace): Namespace => namespace),
    nodes: nodes.map((nodeLabels, index): ClusterNode => {
      return { name: `n${index + 1}`, labels: nodeLabels, addresses: [`192.0.2.${index + 1}`] };
    }),
  }));

const ipBlock = fc.constantFrom(...CIDRS).chain((cidr) =>
  fc.record({
    cidr: fc.constant(cidr),
    except: fc.constantFrom([], cidr === '10.0.0.0/8' ? ['10.0.0.2/31', '10.0.0.4/32'] : []),
  }),
);
const peer = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector: selector }),
  fc.record({ podSelector: selector, namespaceSelector: selector }),
  fc.record({ ipBlock }),
);
const networkPolicyPort = fc.oneof(
  fc.record({ port: fc.constantFrom<number | string>(...PORTS, ...NAMES), protocol: fc.constantFrom(...PROTOCOLS) }),
  fc.record({ protocol: fc.constantFrom(...PROTOCOLS) }),
  fc.constant({ port: 80, endPort: 443 }),
);
const rules = (peers: string): fc.Arbitrary<unknown[]> =>
  fc.array(
    fc
      .record({ peers: fc.array(peer, { maxLength: 2 }), ports: fc.array(networkPolicyPort, { maxLength: 2 }) })
      .map((rule) => ({ [peers]: rule.peers, ports: rule.ports })),
    { maxLength: 3, size: 'max' },
  );
const networkPolicy = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    podSelector: selector,
    policyTypes: fc.constantFrom([], ['Ingress'], ['Egress'], ['Ingress', 'Egress']),
    ingress: rules('from'),
    egress: rules('to'),
  })
  .map(({ namespace, ...spec }) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace },
    spec,
  }));

const scope = fc.oneof(
  fc.record({ namespaces: selector }),
  fc.record({ pods: fc.record({ namespaceSelector: selector, podSelector: selector }) }),
);
const clusterPeer = fc.oneof(
  { weight: 4, arbitrary: scope },
  { weight: 1, arbitrary: fc.record({ nodes: selector }) },
  {
    weight: 2,
    arbitrary: fc.record({ networks: fc.array(fc.constantFrom(...CIDRS), { minLength: 1, maxLength: 2 }) }),
  },
);
const domains = fc.constant({ domainNames: ['*.example.org'] });
const protocol = fc.oneof(
  fc.constantFrom(...PORTS).map((number) => ({ tcp: { destinationPort: { number } } })),
  fc.constant({ udp: {} }),
  fc.constant({ sctp: { destinationPort: { range: { start: 80, end: 443 } } } }),
  fc.constantFrom(...NAMES).map((destinationNamedPort) => ({ destinationNamedPort })),
);
const clusterRules = (peers: string, alternatives: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> =>
  fc.array(
    fc
      .record({
        action: fc.constantFrom('Accept', 'Deny', 'Pass'),
        peers: fc.array(alternatives, { minLength: 1, maxLength: 2 }),
        protocols: fc.array(protocol, { maxLength: 2 }),
        name: fc.constant('r'),
        isDomain: fc.integer({ min: 0, max: 9 }),
      })
      .chain(({ isDomain, peers: list, ...rule }) =>
        domains.map((domain) =>
          isDomain === 0 && peers === 'to'
            ? { ...rule, action: 'Accept', [peers]: [domain] }
            : { ...rule, [peers]: list },
        ),
      ),
    { maxLength: 3, size: 'max' },
  );
const clusterPolicy = fc
  .record({
    tier: fc.constantFrom('Admin', 'Baseline'),
    priority: fc.constantFrom(1, 1, 2),
    subject: scope,
    ingress: clusterRules('from', scope),
    egress: clusterRules('to', clusterPeer),
  })
  .map((spec) => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: {},
    spec,
  }));

/** Valid policies as objects of the API, each with a name of its own. */
export const policyObjects: fc.Arbitrary<unknown[]> = fc
  .array(fc.oneof(networkPolicy, clusterPolicy), { maxLength: 6, size: 'max' })
  .map((list) => list.map((object, index) => ({ ...object, metadata: { ...object.metadata, name: `p${index}` } })));

export const policyOptions: fc.Arbitrary<PolicyOptions> = fc.record({
  ipBlocks: fc.constantFrom('include pods', 'exclude pods'),
  hostNetworkPods: fc.constantFrom('as nodes', 'as pods'),
});

function endIn({ pods }: ClusterFacts): fc.Arbitrary<ConnectionEnd> {
  const keys = pods.map(({ namespace, name, addresses }) => ({ key: `${namespace}/${name}`, addresses }));
  return fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom(...keys).chain(({ key, addresses }) =>
        fc.record({
          kind: fc.constant('pod' as const),
          pod: fc.constant(key),
          address: fc.constantFrom(null, ...addresses),
        }),
      ),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(...EXTERNAL, '192.0.2.1').map((address) => ({ kind: 'external' as const, address })),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('node' as const),
        node: fc.constantFrom(null, 'n1', 'n2', 'unknown-node'),
        address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('10.0.0.3', null).map((address) => ({ kind: 'unknown' as const, address })),
    },
  );
}

export function connectionsIn(facts: ClusterFacts): fc.Arbitrary<Connection[]> {
  return fc.array(
    fc.record({
      source: endIn(facts),
      destination: endIn(facts),
      protocol: fc.constantFrom<string>(...PROTOCOLS, 'TCP', 'TCP', 'ICMP'),
      port: fc.constantFrom<number | null>(...PORTS, ...PORTS, null),
      throughService: fc.boolean(),
    }),
    { minLength: 1, maxLength: 20, size: 'max' },
  );
}
