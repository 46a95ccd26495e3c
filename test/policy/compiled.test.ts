/** Two evaluators, written independently, give the same verdicts; the sets that the compiled one is made of. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Cluster } from '../../src/policy/cluster.js';
import { AddressSet } from '../../src/policy/compiled/address-set.js';
import { CompiledPolicies } from '../../src/policy/compiled/compiled-policies.js';
import { SelectionClasses } from '../../src/policy/compiled/selection.js';
import { PolicyEvaluator } from '../../src/policy/evaluate.js';
import { addressWords, blockContains, type IpBlock, parseCidr } from '../../src/policy/ip-block.js';
import { readPolicyObjects } from '../../src/policy/read/read-policies.js';
import { clusterFacts, connectionsIn, policyObjects, policyOptions } from './random-cluster.js';

const RUNS = 2000;
const scenario = clusterFacts.chain((facts) =>
  fc.record({
    facts: fc.constant(facts),
    objects: policyObjects,
    connections: connectionsIn(facts),
    options: policyOptions,
  }),
);

describe('evaluators', () => {
  test('agree on random clusters, policies and connections', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(scenario, ({ facts, objects, connections, options }) => {
        const { policies, problems } = readPolicyObjects(objects.map((object) => ({ file: null, object })));
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        const cluster = new Cluster(facts);
        const evaluator = new PolicyEvaluator(cluster, policies, options);
        const compiled = new CompiledPolicies(cluster, policies, options);
        for (const connection of connections) {
          const { verdict, egress, ingress } = evaluator.evaluate(connection);
          expect(compiled.evaluate(connection)).toEqual({ verdict, egress: egress.verdict, ingress: ingress.verdict });
          for (const { verdict: one, basis } of [egress, ingress]) {
            seen.set(`${one} ${basis}`, (seen.get(`${one} ${basis}`) ?? 0) + 1);
          }
        }
      }),
      { numRuns: RUNS, seed: 5 },
    );
    // The clusters are such that every kind of verdict occurs often.
    for (const kind of [
      'allowed NetworkPolicy',
      'denied NetworkPolicy',
      'allowed Admin',
      'denied Admin',
      'denied Baseline',
      'allowed default',
      'allowed own node',
      'undefined hairpin',
      'undefined equal priority',
      'undefined unknown end',
    ]) {
      expect([kind, (seen.get(kind) ?? 0) > 20]).toEqual([kind, true]);
    }
  });
});

describe('address sets', () => {
  const words = (text: string): NonNullable<ReturnType<typeof addressWords>> => {
    const parsed = addressWords(text);
    if (parsed === null) throw new Error(text);
    return parsed;
  };
  const byte = fc.integer({ min: 0, max: 255 });
  const address = fc
    .tuple(fc.constantFrom(0, 10, 127, 128, 255), fc.constantFrom(0, 255), byte, byte)
    .map((bytes) => bytes.join('.'));
  const cidr = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([at, prefix]) => parseCidr(`${at}/${prefix}`));

  test('hold the same addresses as their blocks one by one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cidr, fc.array(cidr, { maxLength: 3 })), { maxLength: 5 }),
        fc.array(address, { minLength: 20, maxLength: 20 }),
        (parts, addresses) => {
          const blocks = parts.flatMap(([whole, holes]): IpBlock[] => {
            if (whole === null) return [];
            return [{ cidr: whole, except: holes.filter((hole) => hole !== null) }];
          });
          // Exceptions inside, outside and around their block; the API takes inside ones only.
          const inside = blocks.map(({ cidr: whole, except }) => ({
            cidr: whole,
            except: except.filter(
              (hole) =>
                blockContains({ cidr: whole, except: [] }, { family: 4, words: hole.values }) &&
                hole.prefix >= whole.prefix,
            ),
          }));
          const set = new AddressSet(inside);
          for (const text of addresses) {
            expect(set.has(words(text))).toBe(inside.some((block) => blockContains(block, words(text))));
          }
        },
      ),
    );
  });

  test('ends of the address space', () => {
    const all = parseCidr('0.0.0.0/0');
    const last = parseCidr('255.255.255.255/32');
    if (all === null || last === null) throw new Error();
    const set = new AddressSet([{ cidr: all, except: [last] }]);
    expect(
      ['0.0.0.0', '128.0.0.0', '255.255.255.254', '255.255.255.255', '::'].map((text) => set.has(words(text))),
    ).toEqual([true, true, true, false, false]);
  });
});

test('selection classes know the policies of each pod, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 9 })), { maxLength: 8 }), (selections) => {
      const classes = new SelectionClasses(10);
      selections.forEach((pods, policy) => classes.split(policy, pods));
      for (let pod = 0; pod < 10; pod++) {
        const expected = selections.flatMap((pods, policy) => (pods.includes(pod) ? [policy] : []));
        expect(classes.policiesOf(classes.classOf[pod] ?? -1)).toEqual(expected);
      }
    }),
  );
});
