/**
 * `npm run bench:policy`: compiling 1,000 policies over 10,000 pods, and a million verdicts. Prints CPU time (user and system) of
 * several rounds, which on a shared machine says more than wall time. The target of both is 2 s.
 *
 * The cluster is generated with a fixed seed: 50 namespaces of 200 pods, 20 workloads each; policies of five shapes, with
 * 1 to 4 rules, peers by labels, namespaces and blocks, ports by number, range and name.
 */
import { Cluster, type Pod } from '../../src/policy/cluster.js';
import { CompiledPolicies, protocolNumber } from '../../src/policy/compiled/compiled-policies.js';
import type { Connection } from '../../src/policy/connection.js';
import { PolicyEvaluator } from '../../src/policy/evaluate.js';
import { readPolicyObjects } from '../../src/policy/read/read-policies.js';
import { table } from './table.js';

const NAMESPACES = 50;
const PODS = 10_000;
const WORKLOADS = 20;
const POLICIES = 1000;
const VERDICTS = 1_000_000;
const SLOW_VERDICTS = 20_000;
const ROUNDS = 5;

let state = 12345;
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % below;
}

function podNumber(index: number): Pod {
  const workload = Math.floor(index / NAMESPACES) % WORKLOADS;
  return {
    namespace: `ns-${index % NAMESPACES}`,
    name: `pod-${index}`,
    labels: {
      app: `app-${workload}`,
      tier: `tier-${workload % 4}`,
      'pod-template-hash': `${(index * 7919) % 4096}`,
      zone: `zone-${index % 3}`,
    },
    addresses: [`10.${index >> 14}.${(index >> 6) & 255}.${(index & 63) + 1}`],
    node: `node-${index % 100}`,
    nodeAddresses: [`192.168.0.${index % 100}`],
    hostNetwork: index % 97 === 0,
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 + (workload % 3) }],
    workload: `Deployment/app-${workload}`,
  };
}

function peer(): unknown {
  switch (random(5)) {
    case 0:
      return { podSelector: { matchLabels: { app: `app-${random(WORKLOADS)}` } } };
    case 1:
      return { namespaceSelector: { matchLabels: { team: `team-${random(10)}` } } };
    case 2:
      return { namespaceSelector: {}, podSelector: { matchLabels: { tier: `tier-${random(4)}` } } };
    case 3:
      return {
        podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [`app-${random(WORKLOADS)}`] }] },
      };
    default:
      return { ipBlock: { cidr: `10.0.${random(256)}.0/24`, except: [] } };
  }
}

function rule(peers: string): unknown {
  const ports = [{ port: 8080 }, { port: 'http' }, { port: 8000, endPort: 8100 }, { protocol: 'UDP', port: 53 }];
  return {
    [peers]: Array.from({ length: 1 + random(3) }, peer),
    ...(random(4) === 0 ? {} : { ports: [ports[random(4)], { port: 9000 + random(5) }] }),
  };
}

function policyObject(index: number): unknown {
  const everyPod = random(10) === 0;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `policy-${index}`, namespace: `ns-${index % NAMESPACES}` },
    spec: {
      podSelector: everyPod ? {} : { matchLabels: { app: `app-${random(WORKLOADS)}` } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: Array.from({ length: 1 + random(4) }, () => rule('from')),
      egress: Array.from({ length: 1 + random(4) }, () => rule('to')),
    },
  };
}

const cluster = new Cluster({
  pods: Array.from({ length: PODS }, (_, index) => podNumber(index)),
  namespaces: Array.from({ length: NAMESPACES }, (_, index) => {
    return { name: `ns-${index}`, labels: { team: `team-${index % 10}` } };
  }),
  nodes: Array.from({ length: 100 }, (_, index) => {
    return { name: `node-${index}`, labels: {}, addresses: [`192.168.0.${index}`] };
  }),
});
const { policies } = readPolicyObjects(
  Array.from({ length: POLICIES }, (_, index) => ({ file: null, object: policyObject(index) })),
);

function randomConnection(): Connection {
  const pod = (): Connection['source'] => {
    const { namespace, name, addresses } = cluster.pods[random(PODS)]!;
    return { kind: 'pod', pod: `${namespace}/${name}`, address: addresses[0] ?? null };
  };
  const external = (): Connection['source'] => ({ kind: 'external', address: `203.0.113.${random(256)}` });
  return {
    source: random(10) === 0 ? external() : pod(),
    destination: random(10) === 0 ? external() : pod(),
    protocol: 'TCP',
    port: [8080, 8081, 9001, 443][random(4)]!,
    throughService: false,
  };
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const connections = Array.from({ length: VERDICTS }, randomConnection);
const rows: string[][] = [];
for (let round = 1; round <= ROUNDS; round++) {
  let compiled = new CompiledPolicies(cluster, [], undefined);
  const compile = cpuSeconds(() => (compiled = new CompiledPolicies(cluster, policies)));
  const ends = new Int32Array(VERDICTS * 2);
  const endpoints = cpuSeconds(() => {
    connections.forEach((connection, index) => ends.set(compiled.endpointsOf(connection), index * 2));
  });
  const tcp = protocolNumber('TCP');
  let passed = 0;
  const judge = (): void => {
    for (let index = 0; index < VERDICTS; index++) {
      const code = compiled.verdictOf(
        ends[index * 2]!,
        ends[index * 2 + 1]!,
        tcp,
        connections[index]!.port ?? 0,
        false,
      );
      if (code % 4 !== 1 && Math.floor(code / 4) !== 1) passed++;
    }
  };
  const first = cpuSeconds(judge);
  const again = cpuSeconds(judge);
  const evaluator = new PolicyEvaluator(cluster, policies);
  const slow = cpuSeconds(() => {
    for (let index = 0; index < SLOW_VERDICTS; index++) {
      const { verdict } = evaluator.evaluate(connections[index]!);
      if (verdict !== compiled.evaluate(connections[index]!).verdict) throw new Error('the evaluators disagree');
    }
  });
  rows.push([
    `${round}`,
    ...[compile, endpoints, first, again].map((seconds) => seconds.toFixed(2)),
    ((slow * 1e6) / SLOW_VERDICTS).toFixed(1),
    `${((100 * passed) / (2 * VERDICTS)).toFixed(1)} %`,
  ]);
}
const HEAD = ['round', 'compile s', 'look up 2M ends s', '1M verdicts s', 'again s', 'both evaluators µs', 'allowed'];
process.stdout.write(`${table([HEAD, ...rows])}\n`);
