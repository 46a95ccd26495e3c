/** Packets that one vantage point shows twice, and packets that were sent twice. */
import { describe, expect, test } from '@jest/globals';
import { type CopyKind, findCopies } from '../../src/trail/copies.js';
import { readFlowColumns } from '../../src/trail/flow-columns.js';
import { SampleSet } from '../../src/trail/sample-set.js';
import { FLAG, type Packet, TCP, Tracking, UDP } from '../flow/tracking.js';

const MILLISECOND = 1_000_000;
const SEGMENT: Packet = {
  protocol: TCP,
  source: 1,
  destination: 2,
  sourcePort: 40_000,
  destinationPort: 80,
  payload: 100,
  identification: 77,
  tcp: { sequence: 1000, acknowledgement: 5000, flags: FLAG.ack },
};
const DATAGRAM: Packet = {
  protocol: UDP,
  source: 1,
  destination: 2,
  sourcePort: 40_000,
  destinationPort: 53,
  payload: 30,
  identification: 77,
};

/** Number of copies of each kind at each vantage point that has any. */
function copiesIn(packets: readonly Packet[], mixed = -1): Record<number, Partial<Record<CopyKind, number>>> {
  const tracking = new Tracking();
  for (const packet of packets) tracking.see(packet);
  const flows = tracking.flows();
  const evidence = { mixesInterfaces: (vantage: number): boolean => vantage === mixed };
  const copies = findCopies(new SampleSet(flows), readFlowColumns(flows), evidence);
  const found: Record<number, Partial<Record<CopyKind, number>>> = {};
  for (const vantage of new Set(packets.map((packet) => packet.vantage ?? 0))) {
    for (const kind of ['bridge', 'wire', 'interface'] as const) {
      const count = copies.count(vantage, kind);
      if (count > 0) found[vantage] = { ...found[vantage], [kind]: count };
    }
    const kinds = Object.values(found[vantage] ?? {}).reduce((sum, count) => sum + count, 0);
    expect(copies.count(vantage)).toBe(kinds);
  }
  return found;
}

describe('a copy', () => {
  test('from a bridge that routed what it had switched', () => {
    expect(copiesIn([SEGMENT, { ...SEGMENT, timeToLive: 63, at: 5000 }])).toEqual({ 0: { bridge: 1 } });
  });

  test('from the wire, equal in all', () => {
    expect(copiesIn([SEGMENT, { ...SEGMENT, at: 5000 }])).toEqual({ 0: { wire: 1 } });
    expect(copiesIn([DATAGRAM, { ...DATAGRAM, at: 5000 }])).toEqual({ 0: { wire: 1 } });
  });

  test('with another destination, since it was translated in between', () => {
    expect(copiesIn([SEGMENT, { ...SEGMENT, destination: 9, timeToLive: 63, at: 5000 }])).toEqual({ 0: { bridge: 1 } });
  });

  test('of a packet without identification that was routed', () => {
    const answer = { ...SEGMENT, identification: 0, tcp: { sequence: 1, acknowledgement: 2, flags: 18 }, payload: 0 };
    expect(copiesIn([answer, { ...answer, timeToLive: 63, at: 5000 }])).toEqual({ 0: { bridge: 1 } });
  });

  test('is counted as often as it came', () => {
    const thrice = [0, 1, 2].map((n): Packet => ({ ...SEGMENT, at: n * MILLISECOND }));
    expect(copiesIn(thrice)).toEqual({ 0: { wire: 2 } });
  });

  test('through a capture of mixed interfaces, whole or in pieces that offload cut', () => {
    const pieces = [1000, 1050].map((sequence, n): Packet => {
      return { ...SEGMENT, payload: 50, identification: 80 + n, at: 9000, tcp: { ...SEGMENT.tcp!, sequence } };
    });
    expect(copiesIn([SEGMENT, { ...SEGMENT, at: 5000 }, ...pieces], 0)).toEqual({ 0: { interface: 3 } });
    expect(copiesIn([SEGMENT, ...pieces])).toEqual({});
  });
});

describe('no copy', () => {
  test('is a segment sent again: it has another identification, or comes later', () => {
    expect(copiesIn([SEGMENT, { ...SEGMENT, identification: 78, at: 5000 }])).toEqual({});
    expect(copiesIn([SEGMENT, { ...SEGMENT, at: 60 * MILLISECOND }])).toEqual({});
  });

  test('is a SYN-ACK without identification that was sent again at once', () => {
    const answer = { ...SEGMENT, identification: 0, tcp: { sequence: 1, acknowledgement: 2, flags: 18 }, payload: 0 };
    expect(copiesIn([answer, { ...answer, at: 5000 }])).toEqual({});
    expect(copiesIn([answer, { ...answer, at: 5000 }], 0)).toEqual({ 0: { interface: 1 } });
  });

  test('is an acknowledgement with another window', () => {
    const later = { ...SEGMENT, at: 5000, tcp: { ...SEGMENT.tcp!, window: 2000 } };
    expect(copiesIn([SEGMENT, later])).toEqual({});
  });

  test('is the same packet at another vantage point or in another encapsulation', () => {
    expect(copiesIn([SEGMENT, { ...SEGMENT, vantage: 1, at: 5000 }])).toEqual({});
    expect(copiesIn([SEGMENT, { ...SEGMENT, vlan: 7, at: 5000 }])).toEqual({});
  });

  test('is a datagram of other hosts that has the same identification and content', () => {
    expect(copiesIn([DATAGRAM, { ...DATAGRAM, source: 3, destination: 4, sourcePort: 9, at: 5000 }])).toEqual({});
  });
});
