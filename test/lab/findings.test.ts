/**
 * What findings say of the lab's scenarios: everything that is listed here, on exactly these connections, and nothing else at warning or
 * error. What a right report says besides, and findings do not say yet, is listed as such.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/model/finding.js';
import { analyzeScenario, labRoot, readTruth, rowsOf, scenarioNames } from './scenarios.js';

type Expected = Readonly<Record<string, readonly string[]>>;

/** By kind: ids of the truth's connections, or nodes where a finding is of nodes, or its title where it is of a place (04a: the truth's counts). */
const EXPECTED: Readonly<Record<string, Expected>> = {
  '02b-no-br-netfilter': { 'answer-rejected': ['c004'] },
  '03a-failures': {
    'connection-refused': ['c001', 'c002', 'c003'],
    'service-without-backend': ['c004'],
    'dead-address': ['c006', 'c007'],
    'connection-reset': ['c008', 'c009'],
  },
  '03b-netpol': { 'policy-drop': ['c009', 'c010', 'c011', 'c012', 'c013', 'c014', 'c015', 'c016', 'c017'] },
  '04a-loss': {
    'packet-loss': [
      '49 of 1649 packets were lost between node-2/eth1 and node-1/eth1',
      '66 of 1608 packets were lost between node-1/eth1 and node-2/eth1',
    ],
  },
  '04d-mtu-blackhole': { 'path-mtu': ['c002', 'c003'] },
  '04e-mtu-fragneeded': { 'path-mtu': ['c003'] },
  '05-churn': { 'dead-address': ['c008'], 'pod-gone': ['c003'] },
  '06-wireguard': { 'wireguard-handshake': ['c008'] },
  '08a-dualstack': { 'connection-refused': ['c016'] },
  '08c-ipip': { 'connection-refused': ['c012'] },
  '08d-gre': { 'connection-refused': ['c012'] },
  '08e-geneve': { 'connection-refused': ['c012'] },
  '08f-hostgw': { 'connection-refused': ['c012'] },
  '09-skew': { 'clock-offset': ['node-2', 'node-3'] },
};

/** Expected of a right report, and not found yet. */
const NOT_YET: Readonly<Record<string, string>> = {
  '03a-failures': 'c010 never answered; c013 UDP refused; c014, c015 DNS',
  '04a-loss': 'c030 UDP refused',
  '04b-delay-reorder': 'reordering',
  '04c-zero-window': 'c001–c003 receiver stalled',
  '04f-outer-fragments': 'fragments of the tunnel',
};

const describeLab = labRoot === null ? describe.skip : describe;

describeLab('findings of the lab', () => {
  const table: string[] = [];

  test.each(scenarioNames)('%s', async (scenario) => {
    const { document } = await analyzeScenario(scenario);
    const ids = truthIds(scenario, rowsOf(document));
    const subjectsOf = ({ kind, connections, title }: Finding): string[] =>
      connections.length > 0 && kind !== 'packet-loss'
        ? connections.map(({ id }) => ids.get(id) ?? id)
        : [kind === 'clock-offset' ? (/node-\d+/.exec(title)?.[0] ?? title) : title];
    const found: Record<string, string[]> = {};
    for (const finding of document.summary.findings) {
      if (finding.severity === 'note' || finding.severity === 'info') continue;
      found[finding.kind] = [...(found[finding.kind] ?? []), ...subjectsOf(finding)].sort();
    }
    table.push(`${scenario}: ${JSON.stringify(found)}${scenario in NOT_YET ? `; not yet: ${NOT_YET[scenario]}` : ''}`);
    expect(found).toEqual(EXPECTED[scenario] ?? {});
  });

  afterAll(() => {
    process.stdout.write(`${table.join('\n')}\n`);
  });
});

/** Ids of the truth's connections by ids of rows: the same client, by address and port, and the same protocol. */
function truthIds(scenario: string, rows: ReturnType<typeof rowsOf>): Map<string, string> {
  const keyOf = (protocol: string, address: string, port: number | null): string => `${protocol} ${address} ${port}`;
  const truth = new Map(
    readTruth(scenario).connections.map(({ id, proto, client }) => [keyOf(proto, client.ip, client.port), id]),
  );
  return new Map(
    rows.flatMap(({ id, protocol, client }) => {
      const known = truth.get(keyOf(protocol.toLowerCase(), client.address, client.port));
      return known === undefined ? [] : [[id, known]];
    }),
  );
}
