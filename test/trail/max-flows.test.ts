/** The flow limit bounds memory, not the truth: until the compact store is full, connections are what they are without it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PcapWriter } from '../../src/capture/writer.js';
import { isFailed, type Connection } from '../../src/model/document.js';
import { analyzeBytes } from '../fuzz/in-memory.js';
import { ethernet, ipv4, u16, u32, udp, type Bytes } from '../wire/packets.js';

const LIMIT = 50;
/** Flows that a table of LIMIT finishes before it begins to add them up. */
const MOST_CONNECTIONS = 150;
const SERVER = '10.0.9.9';
const [FIN, SYN, RST, PUSH, ACK] = [0x01, 0x02, 0x04, 0x08, 0x10];

const NOTHING_SELECTED = { namespaces: [], pods: [], since: null, until: null, top: null };

interface Packet {
  readonly at: number;
  readonly frame: Bytes;
}

interface Exchange {
  readonly isTcp: boolean;
  readonly start: number;
  /** Milliseconds between its packets. */
  readonly pace: number;
  readonly rounds: number;
  readonly ending: 'none' | 'closed' | 'half closed' | 'reset by client' | 'reset by server' | 'refused' | 'unanswered';
}

function segment(from: Bytes, ports: Bytes, sequence: number, acknowledgement: number, flags: number): Bytes {
  return [...ports, ...u32(sequence), ...u32(acknowledgement), 0x50, flags, ...u16(1024), 0, 0, 0, 0, ...from];
}

/** Packets of client number `index` and the server, in order. */
function packetsOf({ isTcp, start, pace, rounds, ending }: Exchange, index: number): Packet[] {
  const client = `10.0.${index >> 7}.${index & 127}`;
  const port = 20_000 + index;
  // Numbers of their own, or their packets would be taken for copies of each other's.
  const first = 1000 + index * 1_000_003;
  const firstBack = 5000 + index * 2_000_003;
  let at = start;
  const packets: Packet[] = [];
  const send = (isClient: boolean, transport: Bytes): void => {
    const [source, destination] = isClient ? [client, SERVER] : [SERVER, client];
    const id = packets.length + 1;
    const frame = ethernet(0x0800, ipv4({ source, destination, protocol: isTcp ? 6 : 17, id }, transport));
    packets.push({ at, frame });
    at += pace;
  };
  const there = [...u16(port), ...u16(443)];
  const back = [...u16(443), ...u16(port)];
  if (isTcp) {
    send(true, segment([], there, first - 1, 0, SYN));
    if (ending === 'refused') send(false, segment([], back, 0, first, RST | ACK));
    if (ending === 'refused' || ending === 'unanswered') return packets;
    send(false, segment([], back, firstBack - 1, first, SYN | ACK));
    send(true, segment([], there, first, firstBack, ACK));
  }
  for (let round = 0; round < rounds; round++) {
    const request = [1, 2, 3, round];
    const answer = [4, 5, 6, 7, 8, round];
    const [sent, received] = [first + round * request.length, firstBack + round * answer.length];
    send(true, isTcp ? segment(request, there, sent, received, PUSH | ACK) : udp(port, 443, request));
    send(false, isTcp ? segment(answer, back, received, sent + request.length, PUSH | ACK) : udp(443, port, answer));
  }
  if (!isTcp) return packets;
  const [sent, received] = [first + rounds * 4, firstBack + rounds * 6];
  if (ending === 'reset by server') send(false, segment([], back, received, sent, RST));
  if (ending === 'reset by client') send(true, segment([], there, sent, received, RST));
  if (ending === 'closed' || ending === 'half closed') send(true, segment([], there, sent, received, FIN | ACK));
  if (ending === 'half closed') send(false, segment([], back, received, sent + 1, ACK));
  if (ending === 'closed') send(false, segment([], back, received, sent + 1, FIN | ACK));
  return packets;
}

const exchange: fc.Arbitrary<Exchange> = fc.record({
  isTcp: fc.boolean(),
  start: fc.nat(20_000),
  pace: fc.constantFrom(1, 700, 5000, 20_000),
  rounds: fc.integer({ min: 1, max: 8 }),
  ending: fc.constantFrom(
    'none',
    'closed',
    'half closed',
    'reset by client',
    'reset by server',
    'refused',
    'unanswered',
  ),
});

function captureOf(exchanges: readonly Exchange[]): Uint8Array {
  const writer = new PcapWriter({ linkType: 1, snapLength: 0xffff, unit: 'nanoseconds' });
  const packets = exchanges.flatMap(packetsOf).sort((a, b) => a.at - b.at);
  for (const { at, frame } of packets) {
    writer.packet({
      seconds: 1_700_000_000 + Math.floor(at / 1000),
      nanoseconds: (at % 1000) * 1_000_000,
      data: Uint8Array.from(frame),
      wireLength: frame.length,
    });
  }
  return writer.take();
}

async function connectionsOf(bytes: Uint8Array, maxFlows: number): Promise<Connection[]> {
  const { document } = await analyzeBytes(bytes, { maxFlows });
  expect(document.summary.totals.flowsAggregated).toBe(0);
  return Array.from({ length: document.connections.length }, (_, index) => document.connections.row(index));
}

/** What must not depend on the limit: everything but how long a handshake took that was cut. */
function facts({ client, server, start, end, durationNs, state, history, ...rest }: Connection): unknown {
  const { protocol, clientToServer, serverToClient, hops, id } = rest;
  return {
    id,
    protocol,
    client: [client.address, client.port],
    server: [server.address, server.port],
    start,
    end,
    durationNs,
    state,
    history,
    clientToServer,
    serverToClient,
    hops: hops.length,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function bytesOf(rows: readonly Connection[], way: 'clientToServer' | 'serverToClient'): number {
  return sum(rows.map((row) => row[way].wireBytes));
}

function tally(rows: readonly Connection[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

describe('--max-flows', () => {
  test('does not change what connections are and what they carried', async () => {
    let pieces = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(exchange, { minLength: LIMIT, maxLength: MOST_CONNECTIONS }), async (exchanges) => {
        const bytes = captureOf(exchanges);
        const { totals } = (await analyzeBytes(bytes, { maxFlows: LIMIT })).document.summary;
        fc.pre(totals.flowsAggregated === 0);
        pieces += totals.flows - exchanges.length;
        const limited = await connectionsOf(bytes, LIMIT);
        const unlimited = await connectionsOf(bytes, 1_000_000);
        expect(limited.map(facts)).toEqual(unlimited.map(facts));
      }),
      { numRuns: 50, endOnFailure: true },
    );
    expect(pieces).toBeGreaterThan(LIMIT);
  });

  test.each([LIMIT, 4, 1])('of %i: totals are those of the rows', async (limit) => {
    await fc.assert(
      fc.asyncProperty(fc.array(exchange, { minLength: LIMIT, maxLength: MOST_CONNECTIONS }), async (exchanges) => {
        const bytes = captureOf(exchanges);
        const { document } = await analyzeBytes(bytes, { maxFlows: limit });
        const { totals, endpoints, timeline, time } = document.summary;
        const rows = Array.from({ length: document.connections.length }, (_, index) => document.connections.row(index));
        const failed = rows.filter(({ protocol, state }) => isFailed(protocol, state)).length;
        expect(totals.connectionsByState).toEqual(tally(rows.filter(({ protocol }) => protocol === 'TCP')));
        expect(
          sum(rows.map(({ clientToServer, serverToClient }) => clientToServer.packets + serverToClient.packets)),
        ).toBe(totals.packets);
        const [sent, received] = [bytesOf(rows, 'clientToServer'), bytesOf(rows, 'serverToClient')];
        expect(sent + received).toBe(totals.wireBytes);
        expect(sum(endpoints.pairs.map((pair) => pair.bytes)) + endpoints.otherPairs.bytes).toBe(sent + received);
        expect(sum(endpoints.pods.map((pod) => pod.bytesSent))).toBe(sent + received);
        expect(sum(endpoints.pairs.map((pair) => pair.failedConnections))).toBe(failed);
        expect(sum(timeline?.failed ?? [])).toBe(failed);
        // Nothing ends after the last packet, and the last packet is in some connection.
        expect(
          rows
            .map(({ end }) => end)
            .sort()
            .at(-1),
        ).toBe(time?.end);
        for (const { start, end } of rows) expect(start <= end).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('selects a connection by when it ended, not when its first piece did', async () => {
    const long: Exchange = { isTcp: true, start: 0, pace: 20_000, rounds: 8, ending: 'closed' };
    const others = Array.from({ length: 200 }, (_, index): Exchange => ({
      isTcp: false,
      start: index * 90,
      pace: 1,
      rounds: 1,
      ending: 'none',
    }));
    const selection = { ...NOTHING_SELECTED, since: { kind: 'before-end', nanoseconds: 30e9 } as const };
    const { document } = await analyzeBytes(captureOf([long, ...others]), { maxFlows: 100, selection });
    expect(document.connections.row(0)).toMatchObject({ protocol: 'TCP', state: 'SF', history: 'ShADdFf' });
  });

  test('however small, loses no packet, and the report says what became of the flows', async () => {
    const exchanges = Array.from({ length: 400 }, (_, index): Exchange => ({
      isTcp: index % 2 === 0,
      start: index * 1000,
      pace: 1,
      rounds: 1,
      ending: 'closed',
    }));
    const { document } = await analyzeBytes(captureOf(exchanges), { maxFlows: 8 });
    const { totals, limitations } = document.summary;
    const rows = Array.from({ length: document.connections.length }, (_, index) => document.connections.row(index));
    const packets = rows.map(({ clientToServer, serverToClient }) => clientToServer.packets + serverToClient.packets);
    expect(packets.reduce((sum, count) => sum + count, 0)).toBe(totals.packets);
    const merged = rows.filter(({ client, server }) => client.address === '0.0.0.0' && server.address === '0.0.0.0');
    expect(merged.map(({ protocol }) => protocol).sort()).toEqual(['TCP', 'UDP']);
    const texts = limitations.map(({ text }) => text).join('\n');
    expect(texts).toMatch(/^\d+ flows could only be added up by client, server and server port\.$/m);
    expect(texts).toMatch(/^\d+ of them are in one row per vantage point and protocol, under the address 0\.0\.0\.0/m);
    expect(rows.length).toBeLessThan(8 + 16 + 4 * 8 + 2 + 2);
  });
});
