/** Third-party truth: every probe's verdict and every list of deciding rules of shared/netpol. */
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CompiledPolicies } from '../../src/policy/compiled/compiled-policies.js';
import { PolicyEvaluator } from '../../src/policy/evaluate.js';
import { DEFAULT_OPTIONS, type PolicyOptions } from '../../src/policy/options.js';
import { type ConnectionVerdict, decidedBy, passes } from '../../src/policy/verdict.js';
import { sharedRoot } from '../tools/shared.js';
import { type Case, caseFiles, clusterOf, connectionOf, policiesOf, type Probe, readCase } from './cases.js';

const READINGS: readonly (PolicyOptions & { assume: Probe['assume'] })[] = [
  { ...DEFAULT_OPTIONS, ipBlocks: 'include pods', assume: 'ipblock-includes-pods' },
  { ...DEFAULT_OPTIONS, ipBlocks: 'exclude pods', assume: 'ipblock-excludes-pods' },
];

/** What is wrong with the verdict, in words; empty if nothing is. */
function mistakes(verdict: ConnectionVerdict, probe: Probe): string[] {
  const wrong: string[] = [];
  const state = `${verdict.verdict} (egress ${verdict.egress.verdict}, ingress ${verdict.ingress.verdict})`;
  if (verdict.verdict === 'undefined' || passes(verdict.verdict) !== probe.allowed) wrong.push(state);
  for (const direction of ['egress', 'ingress'] as const) {
    const end = verdict[direction];
    const expected = probe[direction];
    if (expected !== undefined && passes(end.verdict) !== expected) wrong.push(`${direction}: ${end.verdict}`);
    const any = probe.why?.[direction]?.any;
    if (any !== undefined && !decidedBy(end).some((rule) => any.includes(rule))) {
      wrong.push(`${direction}: decided by ${decidedBy(end).join(', ')}, not ${any.join(', ')}`);
    }
  }
  return wrong.map((text) => `${probe.src} -> ${probe.dst} ${probe.port}/${probe.protocol}: ${text}`);
}

for (const folder of ['cases-open', 'anp-open', 'spec-extra']) {
  const describeCases = sharedRoot === null ? describe.skip : describe;
  describeCases(`shared/netpol/${folder}`, () => {
    test.each(caseFiles(folder).map((path) => [basename(path, '.json'), path]))('%s', (_name, path) => {
      const { resources, expect: probes } = readCase<Case>(path);
      const cluster = clusterOf(resources);
      const { policies, problems } = policiesOf(resources);
      expect(problems.filter(({ severity, field }) => severity === 'error' && field !== 'metadata.name')).toEqual([]);
      const wrong: string[] = [];
      for (const { assume, ...options } of READINGS) {
        const evaluator = new PolicyEvaluator(cluster, policies, options);
        const compiled = new CompiledPolicies(cluster, policies, options);
        for (const probe of probes) {
          if (probe.assume !== undefined && probe.assume !== assume) continue;
          const connection = connectionOf(cluster, probe);
          const verdict = evaluator.evaluate(connection);
          wrong.push(...mistakes(verdict, probe));
          if (compiled.evaluate(connection).verdict !== verdict.verdict)
            wrong.push(`compiled: ${JSON.stringify(probe)}`);
        }
      }
      expect(wrong).toEqual([]);
    });
    // A folder that is there always has cases; without shared/ this keeps the skipped group visible.
    test('has cases', () => expect(caseFiles(folder).length).toBeGreaterThan(0));
  });
}
