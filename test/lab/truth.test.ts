/**
 * Every scenario of the lab against its ground truth, for connections without NAT: each stands in the report once, between the
 * right owners, with the right ports and payload.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection, Endpoint } from '../../src/model/document.js';
import {
  analyzeScenario,
  labRoot,
  readTruth,
  rowsOf,
  scenarioNames,
  type KernelBytes,
  type TruthConnection,
  type TruthEndpoint,
} from './scenarios.js';

/** Clocks of the nodes may differ by this, besides the scenario's own skew. */
const TIME_SLACK_SECONDS = 3;

/**
 * Payload on the wire that the applications' logs do not count, in bytes [client to server, server to client] on top of the truth's,
 * with the reason; checked in the packets. For TCP the kernel's own counters are the judge: see acceptedBytes.
 */
const NOT_IN_THE_LOGS: Readonly<Record<string, { readonly bytes: readonly [number, number]; readonly why: string }>> = {
  '01b-bulk c005': { bytes: [37, 0], why: "iperf3 sends its 37-byte cookie in front of each stream's data" },
  '01b-bulk c006': { bytes: [4, 4], why: 'iperf3 opens a UDP stream with one 4-byte datagram each way' },
  '08b-udp-sctp c008': { bytes: [0, 13_500], why: 'the receiver echoes every datagram; the sender never reads them' },
  '08b-udp-sctp c009': { bytes: [4, 4], why: 'iperf3 opens a UDP stream with one 4-byte datagram each way' },
};

function secondsOf(time: string): number {
  return Date.parse(`${time.slice(0, 23)}Z`) / 1000;
}

function candidatesFor(rows: readonly Connection[], truth: TruthConnection, skew: number): Connection[] {
  return rows.filter((row) => {
    if (row.protocol !== truth.proto.toUpperCase()) return false;
    const ends = [row.client, row.server];
    const has = (end: TruthEndpoint): boolean =>
      ends.some(({ address, port }) => address === end.ip && port === end.port);
    if (!has(truth.client) || !has(serverOf(truth))) return false;
    const slack = TIME_SLACK_SECONDS + skew;
    return secondsOf(row.start) <= truth.end + slack && secondsOf(row.end) >= truth.start - slack;
  });
}

/** Where nobody answered, the truth names the address that was dialed only in what must be seen. */
function serverOf(truth: TruthConnection): TruthEndpoint {
  const seen = truth.must_see![0]!;
  return { ...truth.server, ip: seen.dst, port: seen.dport };
}

function expectOwner(end: Endpoint, truth: TruthEndpoint, what: string): void {
  const { owner } = end;
  const names = { what, kind: owner.kind, namespace: owner.namespace, name: owner.name };
  switch (truth.kind) {
    case 'pod':
      if (truth.hostNetwork) {
        const references = owner.candidates.map(({ namespace, name }) => `${namespace ?? ''}/${name}`);
        expect({ what, node: owner.node, references }).toEqual({
          what,
          node: truth.node,
          references: expect.arrayContaining([`${truth.namespace ?? ''}/${truth.name ?? ''}`]),
        });
        return;
      }
      expect({ ...names, uid: owner.uid, node: owner.node }).toEqual({
        what,
        kind: 'pod',
        namespace: truth.namespace,
        name: truth.name,
        uid: truth.uid,
        node: truth.node,
      });
      return;
    case 'node':
      expect({ what, node: owner.node, isNode: owner.kind === 'node' || owner.kind === 'gateway' }).toEqual({
        what,
        node: truth.node ?? truth.name,
        isNode: true,
      });
      return;
    case 'external':
      expect({ what, kind: owner.kind }).toEqual({ what, kind: 'external' });
      return;
    case 'none':
      // Nobody has it (any more): no certain owner may be named.
      expect({ what, isCertainPod: owner.kind === 'pod' && owner.confidence === 'observed' }).toEqual({
        what,
        isCertainPod: false,
      });
  }
}

/**
 * What may stand for a direction's payload: what the application counted, or, where it did not read or send to the end, what the
 * kernel of the sender or of the receiver counted (TCP_INFO: bytes_sent without bytes_retrans; bytes_received counts a FIN as a byte).
 */
function acceptedBytes(
  logged: number,
  extra: number,
  sender: KernelBytes | null | undefined,
  receiver: KernelBytes | null | undefined,
): number[] {
  const accepted = [logged + extra];
  if (sender) accepted.push(sender.bytes_sent - sender.bytes_retrans);
  if (receiver) accepted.push(receiver.bytes_received - 1);
  return accepted;
}

if (labRoot === null) {
  test.skip('the lab against its ground truth (needs shared/)', () => undefined);
} else {
  describe('the lab (needs shared/)', () => {
    describe.each(scenarioNames.map((name) => [name] as const))('%s', (scenario) => {
      let rows: Connection[] = [];
      let failures: readonly string[] = [];
      const truth = readTruth(scenario);
      const skew = Math.max(0, ...Object.values(truth.clock_skew).map(Math.abs));
      const connections = truth.connections.filter(
        ({ nat, must_see: seen }) => (nat === null || nat === undefined) && seen !== undefined && seen.length > 0,
      );

      beforeAll(async () => {
        const result = await analyzeScenario(scenario);
        rows = rowsOf(result.document);
        failures = result.failures;
      });

      test('reads every capture to its end', () => {
        expect(failures).toEqual([]);
      });

      test.each(connections.map((each) => [each.id, each.label, each] as const))('%s %s', (_id, _label, each) => {
        const found = candidatesFor(rows, each, skew);
        expect(found.map(({ id, start, state }) => ({ id, start, state }))).toHaveLength(1);
        const row = found[0]!;
        const server = serverOf(each);
        expect({
          client: `${row.client.address}:${row.client.port ?? ''}`,
          server: `${row.server.address}:${row.server.port ?? ''}`,
        }).toEqual({ client: `${each.client.ip}:${each.client.port}`, server: `${server.ip}:${server.port}` });
        expectOwner(row.client, each.client, 'client');
        expectOwner(row.server, server, 'server');
        if (each.bytes_exact === false) return;
        const extra = NOT_IN_THE_LOGS[`${scenario} ${each.id}`]?.bytes ?? [0, 0];
        expect(
          acceptedBytes(each.bytes_client_to_server ?? 0, extra[0], each.client_tcp_info, each.server_log?.tcp_info),
        ).toContain(row.clientToServer.uniquePayloadBytes);
        expect(
          acceptedBytes(each.bytes_server_to_client ?? 0, extra[1], each.server_log?.tcp_info, each.client_tcp_info),
        ).toContain(row.serverToClient.uniquePayloadBytes);
      });
    });
  });
}
