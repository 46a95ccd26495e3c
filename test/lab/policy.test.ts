/**
 * Scenario 03b-netpol through the whole pipeline: every connection judged as the nodes did, by the right policies, joined with what
 * was seen; and policies suggested from what worked, held against those that were meant.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { JudgedAnalysis } from '../../src/analysis/request.js';
import type { Connection as Row, PolicyDescription } from '../../src/model/document.js';
import type { Connection } from '../../src/policy/connection.js';
import { PolicyEvaluator } from '../../src/policy/evaluate.js';
import { observe } from '../../src/policy/observed.js';
import type { Policy } from '../../src/policy/policy.js';
import { readPolicyTexts } from '../../src/policy/read/read-policies.js';
import { DEFAULT_SUGGEST_OPTIONS, suggestPolicies } from '../../src/policy/suggest/suggest.js';
import { formatSuggestion } from '../../src/policy/suggest/suggestion-yaml.js';
import { passes } from '../../src/policy/verdict.js';
import { analyzeScenario, labRoot, readTruth, rowsOf, type TruthConnection } from './scenarios.js';

const SCENARIO = '03b-netpol';

interface Dropped extends TruthConnection {
  readonly dropped_at: null | {
    readonly direction: 'Ingress' | 'Egress';
    readonly pod: string;
    readonly policies_selecting_the_pod: readonly string[];
  };
}

const describeLab = labRoot === null ? describe.skip : describe;

describeLab(`lab ${SCENARIO}`, () => {
  let analysis: JudgedAnalysis;
  let rows: Row[];
  let policies: readonly PolicyDescription[];
  let truth: readonly Dropped[];

  beforeAll(async () => {
    analysis = (await analyzeScenario(SCENARIO)) as JudgedAnalysis;
    rows = rowsOf(analysis.document);
    policies = analysis.document.summary.policies?.policies ?? [];
    truth = readTruth(SCENARIO).connections as readonly Dropped[];
  });

  function rowOf({ id, client, server }: Dropped): Row {
    const found = rows.filter(
      (row) =>
        row.protocol === 'TCP' &&
        row.client.address === client.ip &&
        row.client.port === client.port &&
        row.server.port === server.port,
    );
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${id}: ${found.length} rows`);
    return found[0];
  }

  const nameOf = (id: number): string => `${policies[id]?.namespace}/${policies[id]?.name}`;

  test('every dropped connection is explained by the policies that dropped it, at the right end', () => {
    const dropped = truth.filter(({ dropped_at: at }) => at !== null);
    expect(dropped).toHaveLength(9);
    for (const connection of dropped) {
      const at = connection.dropped_at!;
      const { policy } = rowOf(connection);
      expect([connection.id, policy?.verdict, policy?.outcome]).toEqual([
        connection.id,
        'denied',
        'denied and dropped',
      ]);
      // The log of the node that dropped it names the pod for whose policies it did.
      expect(policy?.remarks.join()).toContain(`dropped, under "DROP by policy ${at.pod}"`);
      const end = at.direction === 'Ingress' ? policy?.ingress : policy?.egress;
      expect(end?.verdict).toBe('denied');
      expect(end?.selecting.map(nameOf).sort()).toEqual([...at.policies_selecting_the_pod].sort());
      // Why each rule of each of them missed.
      expect(new Set(end?.misses.map((miss) => nameOf(miss.policy)))).toEqual(new Set(at.policies_selecting_the_pod));
      for (const { reasons } of end?.misses ?? []) expect(reasons.length).toBeGreaterThan(0);
      // Egress is asked first: nothing leaves the client's node if that denies it.
      if (at.direction === 'Ingress') expect(policy?.egress.verdict).not.toBe('denied');
    }
  });

  test('allowed connections are allowed by the rules meant for them, with their lines', () => {
    const text = readFileSync(join(labRoot!, SCENARIO, 'inventory/networkpolicies.yaml'), 'utf8').split('\n');
    // Written down from the table in the scenario's README and its policies: [egress, ingress].
    const expected: Readonly<Record<string, readonly [string | null, string]>> = {
      c001: [null, 'shop/backend-policy#1'],
      c002: [null, 'shop/backend-policy#1'],
      c003: [null, 'shop/backend-policy#1'],
      c004: ['shop/backend-policy#1', 'shop/database-policy#1'],
      c005: ['shop/backend-policy#1', 'shop/database-policy#1'],
      c006: [null, 'shop/allow-to-frontend#1'],
      c007: [null, 'shop/backend-policy#1'],
      c008: ['shop/backend-policy#1', 'shop/database-policy#1'],
    };
    const allowed = truth.filter(({ dropped_at: at }) => at === null);
    expect(allowed.map(({ id }) => id)).toEqual(Object.keys(expected));
    for (const connection of allowed) {
      const { policy } = rowOf(connection);
      expect([connection.id, policy?.outcome]).toEqual([connection.id, 'allowed and answered']);
      const rules = [policy!.egress, policy!.ingress].map(({ deciding }) => {
        for (const { direction, lines } of deciding) {
          // The rule is an element of the section of its direction.
          expect(text[lines!.first - 1]).toMatch(/^ {2}- (from|to|ports):/);
          const above = text.slice(0, lines!.first).reverse();
          expect(above.find((line) => /^ {2}(in|e)gress:/.test(line))).toBe(`  ${direction}:`);
        }
        return deciding.length === 0 ? null : deciding.map((one) => `${nameOf(one.policy)}#${one.rule}`).join();
      });
      expect([connection.id, ...rules]).toEqual([connection.id, ...expected[connection.id]!]);
    }
  });

  test('the summary counts them, and the matrix has who was kept from whom', () => {
    const summary = analysis.document.summary.policies!;
    expect(summary.connectionsByOutcome['denied and dropped']).toBe(9);
    expect(summary.connectionsByVerdict.denied).toBe(9);
    const { workloads, cells } = summary.matrix;
    const cell = (client: string, server: string): object | undefined =>
      cells.find((one) => workloads[one.client]?.key === client && workloads[one.server]?.key === server);
    const [frontend, backend, database] = ['Deployment/frontend', 'Deployment/backend', 'StatefulSet/database'].map(
      (name) => `shop/${name}`,
    ) as [string, string, string];
    // c001, c002, c003, c007 and c014; c009 and c016; c010; c004, c005 and c008.
    expect(cell(frontend, backend)).toMatchObject({ allowed: 4, denied: 1, permits: 'some ports' });
    expect(cell(frontend, database)).toMatchObject({ allowed: 0, denied: 2, permits: 'nothing' });
    expect(cell(backend, frontend)).toMatchObject({ allowed: 0, denied: 1, permits: 'nothing' });
    expect(cell(backend, database)).toMatchObject({ allowed: 3, denied: 0, permits: 'some ports' });
  });

  test('policies suggested from what worked allow that, and no more than was meant among the pods seen', async () => {
    const { judge, document } = analysis;
    const worked = observe(document.connections, judge)
      .filter((one) => one.worked > 0 && one.protocol !== 'ICMPv6')
      .map((one) => ({ ...one, count: one.worked }));
    const options = { ...DEFAULT_SUGGEST_OPTIONS, namespaces: ['shop'] };
    const { policies: suggested, problems } = await readPolicyTexts([
      { file: 'suggested.yaml', text: formatSuggestion(suggestPolicies(judge.cluster, worked, options)) },
    ]);
    expect(problems).toEqual([]);
    const evaluate = (set: readonly Policy[], connection: Connection): boolean =>
      passes(new PolicyEvaluator(judge.cluster, set).evaluate(connection).verdict);
    for (const connection of truth) {
      const question = judge.questionOf(rowOf(connection));
      if (connection.dropped_at === null)
        expect([connection.id, evaluate(suggested, question)]).toEqual([connection.id, true]);
    }
    const ours = new PolicyEvaluator(judge.cluster, suggested);
    const meant = new PolicyEvaluator(judge.cluster, judge.policies);
    const pods = [...new Set(truth.flatMap(({ client, server }) => [client, server]))]
      .filter(({ kind, hostNetwork }) => kind === 'pod' && !hostNetwork)
      .map(({ namespace, name }) => `${namespace}/${name}`);
    const more: string[] = [];
    for (const source of new Set(pods)) {
      for (const destination of new Set(pods)) {
        for (const port of [53, 80, 5432, 8080, 8082, 9999]) {
          const probe: Connection = {
            source: { kind: 'pod', pod: source, address: null },
            destination: { kind: 'pod', pod: destination, address: null },
            protocol: 'TCP',
            port,
            throughService: false,
          };
          if (!passes(ours.evaluate(probe).verdict) || passes(meant.evaluate(probe).verdict)) continue;
          more.push(`${source} ${destination} ${port}`);
        }
      }
    }
    expect(more).toEqual([]);
  });
});
