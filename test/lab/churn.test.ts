/**
 * 05-churn: an address that goes from one pod to another within one capture. Owners against the truth's list of who had which
 * address when; and what was sent to pods that were gone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection } from '../../src/model/document.js';
import { analyzeScenario, labRoot, readTruth, rowsOf, type TruthConnection } from './scenarios.js';

const SCENARIO = '05-churn';

interface Tenancy {
  readonly ip: string;
  readonly kind: string;
  readonly uid?: string;
  /** Seconds since 1970; null: before and after the scenario. */
  readonly from: number | null;
  readonly to: number | null;
}

function secondsOf(time: string): number {
  return Date.parse(`${time.slice(0, 23)}Z`) / 1000;
}

const root = labRoot;

if (root === null) {
  test.skip('owners in time on the lab (needs shared/)', () => undefined);
} else {
  describe('owners in time on the lab (needs shared/)', () => {
    const tenancies = (
      JSON.parse(readFileSync(join(root, SCENARIO, 'truth.json'), 'utf8')) as { ip_ownership: Tenancy[] }
    ).ip_ownership;
    const truth = readTruth(SCENARIO);
    let rows: Connection[] = [];

    beforeAll(async () => {
      rows = rowsOf((await analyzeScenario(SCENARIO)).document);
    });

    function podAt(address: string, time: number): Tenancy | undefined {
      return tenancies.find(
        ({ ip, kind, from, to }) =>
          ip === address && kind === 'pod' && (from ?? -Infinity) <= time && time < (to ?? Infinity),
      );
    }

    function rowOf(each: TruthConnection): Connection {
      const found = rows.filter(({ client, start }) => {
        const isAtTime = Math.abs(secondsOf(start) - each.start) < 3;
        return isAtTime && client.address === each.client.ip && client.port === each.client.port;
      });
      expect(found).toHaveLength(1);
      return found[0]!;
    }

    test('no connection has a wrong owner, whoever it is between', () => {
      let pods = 0;
      for (const { client, server, dialed, start } of rows) {
        for (const { address, owner } of [client, server, ...(dialed === null ? [] : [dialed])]) {
          // The truth does not list the addresses that pods gave themselves.
          if (owner.kind !== 'pod' || address.startsWith('fe80:')) continue;
          pods++;
          const { confidence, uid } = owner;
          expect({ address, start, confidence, uid }).toMatchObject({ uid: podAt(address, secondsOf(start))?.uid });
        }
      }
      expect(pods).toBeGreaterThan(2 * truth.connections.length - 3);
    });

    test('an address that was reused gives two owners', () => {
      const [first, second] = tenancies.filter(({ ip }) => ip === '10.244.2.31');
      const owners = new Set(
        rows.filter(({ server }) => server.address === '10.244.2.31').map(({ server }) => server.owner.uid),
      );
      expect(owners).toEqual(new Set([first!.uid, second!.uid]));
    });

    test('what was sent to pods that were gone is shown as such, and nothing else is', () => {
      for (const each of truth.connections) {
        const { leftover } = rowOf(each);
        const address = each.must_see![0]!.dst;
        const before = tenancies.find(
          ({ ip, kind, to }) => ip === address && kind === 'pod' && to !== null && to < each.end,
        );
        const atStart = podAt(address, each.start);
        // Meant for a pod that was gone at the end: it had the address at the start, or nobody has had it since.
        const isLeft = before !== undefined && (atStart === before || atStart === undefined);
        expect({ id: each.id, pod: leftover?.pod.uid ?? null }).toEqual({
          id: each.id,
          pod: isLeft ? before.uid : null,
        });
        if (!isLeft || leftover === null) continue;
        expect(secondsOf(leftover.until)).toBeGreaterThanOrEqual(before.to!);
        expect(secondsOf(leftover.until)).toBeLessThanOrEqual(each.end);
        expect(leftover.successor?.uid ?? null).toBe(podAt(address, each.end)?.uid ?? null);
        expect(leftover.text).toContain(
          `sent to ${address}, which belonged to ${leftover.pod.namespace}/${leftover.pod.name}`,
        );
      }
      const shown = rows.filter(({ leftover }) => leftover !== null);
      expect(shown.map(({ client }) => client.port)).toEqual(
        truth.connections.filter(({ id }) => id === 'c003' || id === 'c008').map(({ client }) => client.port),
      );
    });
  });
}
