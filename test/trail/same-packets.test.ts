/** Connections whose flows have several tuples: what NAT makes of one, and what only looks like it. */
import { describe, expect, test } from '@jest/globals';
import { buildConnections } from '../../src/trail/connections.js';
import { readFlowColumns } from '../../src/trail/flow-columns.js';
import { SampleSet } from '../../src/trail/sample-set.js';
import { FLAG, type Packet, TCP, Tracking, UDP } from '../flow/tracking.js';

const MILLISECOND = 1_000_000;
const SERVICE = 100;
const NODE = 200;
const CLIENT = { source: 1, sourcePort: 40_000 };
const DIALED = { destination: SERVICE, destinationPort: 80 };
const BACKEND = { destination: 2, destinationPort: 8080 };

/** Vantage points of the hops of each connection. */
function connectionsOf(packets: readonly Packet[]): number[][] {
  const tracking = new Tracking();
  for (const packet of packets) tracking.see(packet);
  const flows = tracking.flows();
  const evidence = {
    isService: (address: number) => flows.addressTable.text(address) === `10.0.0.${SERVICE}`,
    isNode: (address: number) => flows.addressTable.text(address) === `10.0.0.${NODE}`,
  };
  const quality = { mixesInterfaces: (): boolean => false };
  const connections = buildConnections(flows, readFlowColumns(flows), new SampleSet(flows), quality, evidence);
  return Array.from({ length: connections.length }, (_, index) =>
    Array.from(connections.hopsOf(index), (hop) => {
      flows.load(hop);
      return flows.vantage;
    }).sort((a, b) => a - b),
  );
}

type Ends = Pick<Packet, 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

function back({ source, sourcePort, destination, destinationPort }: Ends): Ends {
  return { source: destination, sourcePort: destinationPort!, destination: source, destinationPort: sourcePort! };
}

/** A handshake and a segment each way as a vantage point sees it, `there` from client to server and `answers` the other way. */
function exchange(vantage: number, there: Ends, answers: Ends, initial = 1000, at = 0): Packet[] {
  const server = initial + 50_000;
  const step = (n: number): number => at + n * MILLISECOND;
  const segment = (ends: Ends, n: number, tcp: Packet['tcp'], payload = 0): Packet => {
    return { ...ends, protocol: TCP, vantage, at: step(n), tcp: tcp!, payload, identification: initial + n };
  };
  return [
    segment(there, 0, { sequence: initial, flags: FLAG.syn }),
    segment(answers, 1, { sequence: server, acknowledgement: initial + 1, flags: FLAG.syn | FLAG.ack }),
    segment(there, 2, { sequence: initial + 1, acknowledgement: server + 1, flags: FLAG.ack }, 10),
    segment(answers, 3, { sequence: server + 1, acknowledgement: initial + 11, flags: FLAG.ack }, 20),
  ];
}

describe('one connection', () => {
  test('to a Service, before and after translation', () => {
    const dialed = { ...CLIENT, ...DIALED };
    const translated = { ...CLIENT, ...BACKEND };
    expect(connectionsOf([...exchange(1, dialed, back(dialed)), ...exchange(2, translated, back(translated))])).toEqual(
      [[1, 2]],
    );
  });

  test('whose client is masqueraded besides', () => {
    const dialed = { ...CLIENT, ...DIALED };
    const translated = { source: NODE, sourcePort: 51_234, ...BACKEND };
    expect(connectionsOf([...exchange(1, dialed, back(dialed)), ...exchange(2, translated, back(translated))])).toEqual(
      [[1, 2]],
    );
  });

  test('of which a bridge shows each direction with another tuple, and nothing else was captured', () => {
    expect(connectionsOf(exchange(3, { ...CLIENT, ...BACKEND }, back({ ...CLIENT, ...DIALED })))).toEqual([[3, 3]]);
  });

  test.each([
    ['datagrams to a Service', { identification: 77, from: CLIENT }],
    ['datagrams without identification to a Service', { identification: 0, from: CLIENT }],
  ])('%s', (_name, { identification, from }) => {
    const query = { ...from, protocol: UDP, payload: 30, identification };
    const packets = [
      { ...query, ...DIALED, vantage: 1 },
      { ...query, ...BACKEND, vantage: 2, at: MILLISECOND },
    ];
    expect(connectionsOf(packets)).toEqual([[1, 2]]);
  });

  test('datagrams that a node masquerades', () => {
    const query = { protocol: UDP, payload: 30, identification: 77, ...BACKEND };
    const packets = [
      { ...query, ...CLIENT, vantage: 1 },
      { ...query, source: NODE, sourcePort: 55_555, vantage: 2, at: MILLISECOND },
    ];
    expect(connectionsOf(packets)).toEqual([[1, 2]]);
  });
});

describe('several connections', () => {
  test('with other sequence numbers, between the same ends in time', () => {
    const dialed = { ...CLIENT, ...DIALED };
    const other = { ...CLIENT, ...BACKEND };
    expect(
      connectionsOf([...exchange(1, dialed, back(dialed)), ...exchange(2, other, back(other), 900_000)]),
    ).toHaveLength(2);
  });

  test('a scan that sends one sequence number from one port to many', () => {
    const packets = Array.from({ length: 20 }, (_, index): Packet => ({
      ...CLIENT,
      destination: 2,
      destinationPort: 1000 + index,
      protocol: TCP,
      identification: 54_321,
      at: index * MILLISECOND,
      tcp: { sequence: 7, flags: FLAG.syn },
    }));
    expect(connectionsOf(packets)).toHaveLength(20);
  });

  test('one query to two servers at once, as some resolvers send it', () => {
    const query = { ...CLIENT, protocol: UDP, payload: 30, identification: 0, destinationPort: 53 };
    expect(
      connectionsOf([
        { ...query, destination: 3 },
        { ...query, destination: 4 },
      ]),
    ).toHaveLength(2);
  });

  test('equal datagrams of two clients to one server', () => {
    const beat = { protocol: UDP, payload: 8, identification: 9, destination: 2, destinationPort: 8125 };
    expect(
      connectionsOf([
        { ...beat, source: 3, sourcePort: 5000 },
        { ...beat, source: 4, sourcePort: 6000 },
      ]),
    ).toHaveLength(2);
  });

  test('the same datagram to a Service once more, after a second', () => {
    const query = { ...CLIENT, protocol: UDP, payload: 30, identification: 77 };
    const packets = [
      { ...query, ...DIALED, vantage: 1 },
      { ...query, ...BACKEND, vantage: 2, at: 1500 * MILLISECOND },
    ];
    expect(connectionsOf(packets)).toHaveLength(2);
  });
});
