/** shared/lab/03b-netpol: connections that policies let through or dropped on real nodes, judged from the saved cluster alone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ignoreEvents } from '../../src/base/events.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import { loadInventory } from '../../src/inventory/load.js';
import type { Cluster } from '../../src/policy/cluster.js';
import type { Connection, ConnectionEnd } from '../../src/policy/connection.js';
import { PolicyEvaluator } from '../../src/policy/evaluate.js';
import { PolicyExplainer } from '../../src/policy/explain.js';
import { describeExplanation } from '../../src/policy/explanation-text.js';
import { clusterOfInventory, InventoryEnds, policiesOfInventory } from '../../src/policy/from-inventory.js';
import type { Policy } from '../../src/policy/policy.js';
import { readPolicyTexts } from '../../src/policy/read/read-policies.js';
import { suggestPolicies } from '../../src/policy/suggest/suggest.js';
import { formatSuggestion } from '../../src/policy/suggest/suggestion-yaml.js';
import { decidedBy, passes } from '../../src/policy/verdict.js';
import { timestamp } from '../inventory/fixtures.js';
import { sharedRoot } from '../tools/shared.js';

interface LabEnd {
  readonly ip: string;
  readonly port: number;
}

interface LabConnection {
  readonly id: string;
  readonly proto: string;
  readonly client: LabEnd;
  readonly dialed: LabEnd;
  readonly server: LabEnd;
  readonly start: number;
  readonly outcome: string;
  readonly service: string | null;
  readonly dropped_at: null | {
    readonly direction: 'Ingress' | 'Egress';
    readonly policies_selecting_the_pod: readonly string[];
  };
}

const describeLab = sharedRoot === null ? describe.skip : describe;

describeLab('lab 03b-netpol', () => {
  const root = join(sharedRoot ?? '', 'lab/03b-netpol');
  let inventory: Inventory;
  let cluster: Cluster;
  let policies: readonly Policy[];
  let connections: LabConnection[];

  beforeAll(async () => {
    inventory = await loadInventory([join(root, 'inventory')], [], ignoreEvents);
    cluster = clusterOfInventory(inventory);
    const file = 'networkpolicies.yaml';
    const { policies: read, problems } = await readPolicyTexts([
      { file, text: readFileSync(join(root, 'inventory', file), 'utf8') },
    ]);
    expect(problems).toEqual([]);
    policies = read;
    connections = (JSON.parse(readFileSync(join(root, 'truth.json'), 'utf8')) as { connections: LabConnection[] })
      .connections;
  });

  function end({ start, proto }: LabConnection, { ip, port }: LabEnd): ConnectionEnd {
    const owner = inventory.ownerOf(ip, timestamp(start));
    return new InventoryEnds(inventory, cluster).endOf(owner, ip, proto.toUpperCase(), port);
  }

  function asked(connection: LabConnection, called: LabEnd): Connection {
    return {
      source: end(connection, connection.client),
      destination: end(connection, called),
      protocol: connection.proto.toUpperCase(),
      port: called.port,
      throughService: connection.service !== null,
    };
  }

  test('every connection has the verdict that the nodes enforced, for the right end and policies', () => {
    const evaluator = new PolicyEvaluator(cluster, policies);
    const wrong = connections.flatMap((connection) => {
      const { id, dropped_at: dropped, server } = connection;
      const verdict = evaluator.evaluate(asked(connection, server));
      if (verdict.verdict === 'undefined' || passes(verdict.verdict) !== (dropped === null))
        return [`${id}: ${verdict.verdict}`];
      if (dropped === null) return [];
      const atEnd = verdict[dropped.direction === 'Ingress' ? 'ingress' : 'egress'];
      const expected = dropped.policies_selecting_the_pod.map((name) => `np:${name}`).sort();
      const found = decidedBy(atEnd).sort();
      return JSON.stringify(found) === JSON.stringify(expected)
        ? []
        : [`${id}: ${found.join()} not ${expected.join()}`];
    });
    expect(wrong).toEqual([]);
    expect(connections.filter(({ dropped_at: dropped }) => dropped !== null).length).toBeGreaterThan(5);
  });

  test('a Service as it was dialed has the verdict of its backends', () => {
    const evaluator = new PolicyEvaluator(cluster, policies);
    const dialed = connections.filter(({ service, dialed: { ip } }) => service !== null && ip.startsWith('10.96.'));
    expect(dialed.length).toBeGreaterThan(0);
    for (const connection of dialed) {
      const judged = asked(connection, connection.dialed);
      expect(judged.destination.kind).toBe('service');
      expect(passes(evaluator.evaluate(judged).verdict)).toBe(connection.dropped_at === null);
    }
  });

  test('allowed connections are allowed by the rules meant for them', () => {
    const evaluator = new PolicyEvaluator(cluster, policies);
    const rulesOf = (id: string): string[] => {
      const connection = connections.find((candidate) => candidate.id === id);
      if (connection === undefined) throw new Error(id);
      const { egress, ingress } = evaluator.evaluate(asked(connection, connection.server));
      return [...decidedBy(egress), ...decidedBy(ingress)];
    };
    // Written down from the table in the scenario's README and its policies.
    expect(rulesOf('c001')).toEqual(['default', 'np:shop/backend-policy#1']);
    expect(rulesOf('c004')).toEqual(['np:shop/backend-policy#1', 'np:shop/database-policy#1']);
    expect(rulesOf('c006')).toEqual(['default', 'np:shop/allow-to-frontend#1']);
  });

  test('an explanation names file, policy, rule and lines, and why it missed', () => {
    const explainer = new PolicyExplainer(new PolicyEvaluator(cluster, policies));
    const c009 = connections.find(({ id }) => id === 'c009');
    if (c009 === undefined) throw new Error();
    const connection = asked(c009, c009.server);
    expect(describeExplanation(connection, explainer.explain(connection))).toEqual([
      'egress from shop/frontend-cb7f55844g-xjm5l (10.244.1.41): not selected; no policy selects it',
      'ingress to shop/database-0 (10.244.3.23): denied; these 2 policies select it, and none of their rules matches',
      '  NetworkPolicy shop/default-deny-ingress (networkpolicies.yaml, line 1)',
      '    it has no ingress rules, and so allows nothing',
      '  NetworkPolicy shop/database-policy (networkpolicies.yaml, line 68)',
      '    rule 1 (lines 79-85): peer label role=frontend, rule wants role=backend',
    ]);
  });

  test('a suggestion from the allowed traffic allows that, and nothing that the policies in force forbid', async () => {
    const allowed = connections.filter(({ dropped_at: dropped }) => dropped === null);
    const observed = allowed.map((connection) => ({ ...asked(connection, connection.server), count: 1 }));
    const suggestion = suggestPolicies(cluster, observed);
    const { policies: suggested, problems } = await readPolicyTexts([
      { file: 'suggested.yaml', text: formatSuggestion(suggestion) },
    ]);
    expect([problems, suggestion.uncovered]).toEqual([[], []]);
    const ours = new PolicyEvaluator(cluster, suggested);
    const theirs = new PolicyEvaluator(cluster, policies);
    for (const one of observed) expect([one, ours.evaluate(one).verdict]).toEqual([one, 'allowed']);
    const ports = [...new Set(observed.map(({ port }) => port))];
    const pods = new Set(
      observed
        .flatMap(({ source, destination }) => [source, destination])
        .flatMap((one) => (one.kind === 'pod' ? [one.pod] : [])),
    );
    let more = 0;
    let less = 0;
    for (const source of pods) {
      for (const destination of pods) {
        for (const port of [...ports, 9999]) {
          const probe: Connection = {
            source: { kind: 'pod', pod: source, address: null },
            destination: { kind: 'pod', pod: destination, address: null },
            protocol: 'TCP',
            port,
            throughService: false,
          };
          const isAllowed = passes(ours.evaluate(probe).verdict);
          if (isAllowed && !passes(theirs.evaluate(probe).verdict)) more++;
          if (!isAllowed && passes(theirs.evaluate(probe).verdict)) less++;
        }
      }
    }
    expect(more).toBe(0);
    // The policies in force let anybody in to the frontend, and restrict nothing outside the shop.
    expect(less).toBeGreaterThan(0);
  });

  test("the inventory's own copies of the policies are the same", () => {
    const { policies: fromInventory } = policiesOfInventory(inventory);
    const plain = (list: readonly Policy[]): unknown =>
      [...list]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, subject, ingress, egress }) => ({
          name,
          subject,
          ingress: ingress?.length,
          egress: egress?.length,
        }));
    expect(plain(fromInventory)).toEqual(plain(policies));
    for (const { file } of fromInventory) expect(file).toMatch(/networkpolicies\.(json|yaml)$/);
  });
});
