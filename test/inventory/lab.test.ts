/**
 * Ownership against the lab's ground truth: every scenario, every interval in which somebody had an address, and both ends
 * of every connection. A sure answer must never be wrong; being unsure is allowed, and counted.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ignoreEvents } from '../../src/base/events.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import { loadInventory } from '../../src/inventory/load.js';
import type { Owner } from '../../src/model/owner.js';
import { sharedRoot } from '../tools/shared.js';
import { timestamp } from './fixtures.js';

interface Interval {
  ip: string;
  kind: 'pod' | 'node' | 'node-bridge' | 'node-overlay';
  namespace?: string;
  name?: string;
  uid?: string;
  node: string;
  veth?: string;
  from: number | null;
  to: number | null;
}

interface End {
  kind: 'pod' | 'node' | 'external' | 'none';
  namespace?: string;
  name?: string;
  uid?: string;
  node?: string;
  hostNetwork?: boolean;
  ip?: string | null;
}

interface Truth {
  ip_ownership: Interval[];
  connections: { id: string; client: End; server: End; start: number | null; end: number | null }[];
}

type Verdict = 'right' | 'ambiguous' | 'unknown' | 'wrong';

const labRoot = join(sharedRoot ?? '', 'lab');
const isThere = sharedRoot !== null && existsSync(labRoot);
const scenarios = isThere
  ? readdirSync(labRoot).filter((name) => existsSync(join(labRoot, name, 'truth.json')))
  : ['(shared lab not found)'];

/** The lab creates a pod's interface within this time of the instant that it notes. */
const SETTLING_SECONDS = 1.5;

function judge(
  owner: Owner,
  end: { kind: string; namespace?: string; name?: string; uid?: string; node?: string },
): Verdict {
  const isNode = owner.kind === 'node' || owner.kind === 'gateway';
  const isCandidate = owner.candidates.some(({ uid, name, kind }) =>
    end.kind === 'pod' ? uid === end.uid : name === end.node && (kind === 'node' || kind === 'gateway'),
  );
  if (owner.confidence === 'ambiguous') return isCandidate ? 'ambiguous' : 'wrong';
  if (owner.confidence === 'unknown') return 'unknown';
  if (end.kind === 'external') return owner.kind === 'external' ? 'right' : 'wrong';
  if (end.kind !== 'pod') return isNode && owner.name === end.node ? 'right' : 'wrong';
  // A hostNetwork pod: the node, with the pod among the candidates.
  if (isNode) return owner.node === end.node && isCandidate ? 'right' : 'wrong';
  const isSame = owner.uid === end.uid && owner.name === end.name && owner.namespace === end.namespace;
  return isSame && owner.node === end.node ? 'right' : 'wrong';
}

function samples(interval: Interval, truth: Truth): number[] {
  const times = truth.connections.flatMap(({ start, end }) => [start, end]).filter((time) => time !== null);
  const first = Math.min(...times) - 2;
  const last = Math.max(...times) + 2;
  const from = Math.max(first, (interval.from ?? -Infinity) + SETTLING_SECONDS);
  const to = Math.min(last, interval.to ?? Infinity) - 0.001;
  const inside = times.filter((time) => time >= from && time <= to);
  const spread = Array.from({ length: 9 }, (_, step) => from + ((to - from) * step) / 8);
  return from > to ? inside : [...inside, ...spread];
}

function expectNothingWrong(verdicts: { verdict: Verdict; what: string }[]): void {
  expect(verdicts.map(({ verdict }) => verdict)).toContain('right');
  expect(verdicts.filter(({ verdict }) => verdict === 'wrong').map(({ what }) => what)).toEqual([]);
}

const withHosts = (scenario: string): string[] => ['inventory', 'hosts'].map((part) => join(labRoot, scenario, part));
const withoutHosts = (scenario: string): string[] => [join(labRoot, scenario, 'inventory')];

(isThere ? describe : describe.skip)('05-churn with less than all snapshots', () => {
  const parts = ['before', 'during', 'after'];
  const subsets = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [2, 1, 0]].map((chosen) =>
    chosen.map((index) => parts[index]!),
  );

  const inChurn = (part: string): string => join(labRoot, '05-churn/inventory', part);
  const withoutStatedTime = (part: string): string[] =>
    ['pods.json', 'nodes.json', 'services.json'].map((file) => join(inChurn(part), file));

  test.each(
    subsets.flatMap((chosen) => [
      [chosen.join(' '), 'stated', chosen.map(inChurn)] as const,
      [chosen.join(' '), 'newest inside', chosen.flatMap(withoutStatedTime)] as const,
    ]),
  )('never calls a wrong owner observed (%s, time %s)', async (_, __, paths) => {
    const truth = JSON.parse(readFileSync(join(labRoot, '05-churn/truth.json'), 'utf8')) as Truth;
    const inventory = await loadInventory([...paths], [], ignoreEvents);
    const wrong = truth.ip_ownership.flatMap((interval) =>
      samples(interval, truth)
        .map((time) => inventory.ownerOf(interval.ip, timestamp(time)))
        .filter((owner) => owner.confidence === 'observed' && judge(owner, interval) === 'wrong'),
    );
    expect(wrong).toEqual([]);
  });
});

(isThere ? describe : describe.skip).each(scenarios)('lab scenario %s', (scenario) => {
  const readTruth = (): Truth => JSON.parse(readFileSync(join(labRoot, scenario, 'truth.json'), 'utf8')) as Truth;
  const load = (paths: string[]): Promise<Inventory> => loadInventory(paths, [], ignoreEvents);

  test.each([
    ['with host outputs', withHosts],
    ['without host outputs', withoutHosts],
  ])('names no wrong owner at any time, %s', async (_, paths) => {
    const truth = readTruth();
    const inventory = await load(paths(scenario));
    const verdicts = truth.ip_ownership.flatMap((interval) =>
      samples(interval, truth).map((time) => {
        const owner = inventory.ownerOf(interval.ip, timestamp(time));
        const verdict = judge(owner, interval);
        return { verdict, what: `${interval.ip} at ${time}: ${JSON.stringify(owner)}` };
      }),
    );
    expect(verdicts.length).toBeGreaterThan(0);
    expectNothingWrong(verdicts);
  });

  test('names both ends of every connection at its start', async () => {
    const truth = readTruth();
    const inventory = await load(withHosts(scenario));
    const verdicts = truth.connections.flatMap(({ id, client, server, start }) =>
      [client, server].flatMap((end) => {
        if (end.ip === undefined || end.ip === null || start === null) return [];
        const owner = inventory.ownerOf(end.ip, timestamp(start));
        const isNobody = end.kind === 'none';
        const verdict = isNobody
          ? owner.kind === 'external' || owner.kind === 'unknown'
            ? 'right'
            : 'wrong'
          : judge(owner, end);
        return [{ verdict, what: `${id} ${end.ip} at ${start}: ${JSON.stringify(owner)}` }] as const;
      }),
    );
    expectNothingWrong([...verdicts]);
  });

  test('finds the pod behind every veth', async () => {
    const truth = readTruth();
    const inventory = await load(withHosts(scenario));
    for (const { kind, node, veth, uid } of truth.ip_ownership) {
      if (kind !== 'pod') continue;
      expect({ veth, uid: inventory.podBehind(node, veth!)?.uid }).toEqual({ veth, uid });
    }
  });
});
