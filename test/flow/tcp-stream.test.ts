/** Payload counted once: against a set of byte numbers, on segments lost, repeated, overlapping and out of order, near 2^32. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RETRANSMISSIONS } from '../../src/flow/flow-extras.js';
import type { FlowSet } from '../../src/trail/flow-set.js';
import { FLAG, type Packet, TCP, Tracking } from './tracking.js';

const CLIENT = { source: 1, destination: 2, sourcePort: 5000, destinationPort: 80, protocol: TCP };
const SERVER = { source: 2, destination: 1, sourcePort: 80, destinationPort: 5000, protocol: TCP };

interface Segment {
  /** First byte, counted from the stream's start. */
  readonly from: number;
  readonly length: number;
}

/** Up to 60 segments: fewer holes than the 64 that are remembered. */
const segments = fc.array(fc.record({ from: fc.nat(400), length: fc.integer({ min: 1, max: 60 }) }), { maxLength: 60 });

/** A stream in order, cut into segments, of which some are lost, some come twice, and neighbours change places. */
const unreliable = fc
  .array(
    fc.record({
      length: fc.integer({ min: 1, max: 1460 }),
      fate: fc.constantFrom('sent', 'sent', 'sent', 'lost', 'twice', 'late'),
    }),
    { maxLength: 60 },
  )
  .map((cuts) => {
    const seen: Segment[] = [];
    const late: Segment[] = [];
    let from = 0;
    for (const { length, fate } of cuts) {
      const segment = { from, length };
      from += length;
      if (fate !== 'lost') (fate === 'late' ? late : seen).push(segment);
      if (fate === 'twice') seen.push(segment);
      if (fate === 'sent') seen.push(...late.splice(0));
    }
    return [...seen, ...late];
  });

const initialSequence = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.integer({ min: 0xffffffff - 500, max: 0xffffffff }),
  fc.integer({ min: 0x7fffffff - 500, max: 0x7fffffff + 500 }),
);

function syn(initial: number): Packet {
  return { ...CLIENT, tcp: { sequence: initial, flags: FLAG.syn } };
}

function dataOf(initial: number, { from, length }: Segment): Packet {
  return {
    ...CLIENT,
    payload: length,
    tcp: { sequence: (initial + 1 + from) % 2 ** 32, acknowledgement: 1, flags: FLAG.ack },
  };
}

/** What is promised: bytes seen, and segments in which every byte had been seen before. */
function countNaively(all: readonly Segment[]): { unique: number; repeated: number } {
  const bytes = new Set<number>();
  let repeated = 0;
  for (const { from, length } of all) {
    const before = bytes.size;
    for (let byte = from; byte < from + length; byte++) bytes.add(byte);
    if (bytes.size === before) repeated++;
  }
  return { unique: bytes.size, repeated };
}

function countOf(packets: readonly Packet[]): { unique: number; repeated: number } {
  const tracking = new Tracking();
  for (const packet of packets) tracking.see(packet);
  const flows = theFlow(tracking);
  return {
    unique: flows.uniquePayloadBytes(0),
    repeated: flows.extras?.counts[RETRANSMISSIONS] ?? 0,
  };
}

function theFlow(tracking: Tracking): FlowSet {
  const flows = tracking.flows();
  expect(flows.length).toBe(1);
  flows.load(0);
  return flows;
}

describe('unique payload bytes and retransmissions', () => {
  test.each([
    ['any segments', segments],
    ['a stream on an unreliable path', unreliable],
  ])('of %s are those of a set of byte numbers', (_name, arbitrary) => {
    fc.assert(
      fc.property(initialSequence, arbitrary, (initial, all) => {
        expect(countOf([syn(initial), ...all.map((segment) => dataOf(initial, segment))])).toEqual(countNaively(all));
      }),
      { numRuns: 500 },
    );
  });

  test('do not depend on the SYN being seen, once the first byte was', () => {
    fc.assert(
      fc.property(initialSequence, unreliable, (initial, all) => {
        const whole = [{ from: 0, length: 1 }, ...all.map(({ from, length }) => ({ from: from + 1, length }))];
        expect(countOf(whole.map((segment) => dataOf(initial, segment)))).toEqual(countNaively(whole));
      }),
    );
  });

  test('are not changed by RSTs that somebody else sent, wherever these are in sequence', () => {
    const resetAt = (sequence: number): Packet => ({ ...CLIENT, tcp: { sequence, flags: FLAG.rst } });
    const resets = fc.array(
      fc.record({ before: fc.integer({ min: 1, max: 60 }), sequence: fc.nat(0xffffffff), offset: fc.nat(30_000) }),
    );
    fc.assert(
      fc.property(initialSequence, unreliable, fc.boolean(), resets, (initial, all, isAbsolute, injected) => {
        const packets = [syn(initial), ...all.map((segment) => dataOf(initial, segment))];
        for (const { before, sequence, offset } of injected) {
          packets.splice(before, 0, resetAt(isAbsolute ? sequence : (initial + offset) % 2 ** 32));
        }
        expect(countOf(packets)).toEqual(countNaively(all));
      }),
      { numRuns: 500 },
    );
  });

  test('do not depend on a RST in front of the first segment that was captured', () => {
    fc.assert(
      fc.property(initialSequence, fc.nat(0xffffffff), unreliable, (initial, reset, all) => {
        const whole = [{ from: 0, length: 1 }, ...all.map(({ from, length }) => ({ from: from + 1, length }))];
        const packets = whole.map((segment) => dataOf(initial, segment));
        expect(countOf([{ ...CLIENT, tcp: { sequence: reset, flags: FLAG.rst } }, ...packets])).toEqual(
          countNaively(whole),
        );
      }),
    );
  });

  test('the same packet twice, identification and all, is a copy and no retransmission', () => {
    const tracking = new Tracking();
    const data = { ...dataOf(0, { from: 0, length: 100 }), identification: 7 };
    for (const packet of [syn(0), data, data, { ...data, identification: 8 }]) tracking.see(packet);
    const flows = theFlow(tracking);
    expect(flows.duplicates).toBe(1);
    expect(flows.extras?.counts[RETRANSMISSIONS]).toBe(1);
    expect(flows.uniquePayloadBytes(0)).toBe(100);
  });

  test('a FIN before its data leaves room for it', () => {
    const tracking = new Tracking();
    tracking.see(syn(100));
    const fin = { ...CLIENT, tcp: { sequence: 151, acknowledgement: 1, flags: FLAG.fin | FLAG.ack } };
    for (const packet of [fin, fin, dataOf(100, { from: 0, length: 50 }), fin]) tracking.see(packet);
    const flows = theFlow(tracking);
    expect(flows.uniquePayloadBytes(0)).toBe(50);
    expect(flows.extras?.counts[RETRANSMISSIONS]).toBe(0);
    expect(flows.history(0)).toBe('SFD');
  });

  test('beyond 64 holes the oldest is forgotten, and no byte is counted twice', () => {
    const tracking = new Tracking();
    tracking.see(syn(0));
    for (let hole = 0; hole < 100; hole++) tracking.see(dataOf(0, { from: hole * 20 + 10, length: 10 }));
    for (let hole = 0; hole < 100; hole++) tracking.see(dataOf(0, { from: hole * 20, length: 10 }));
    expect(theFlow(tracking).uniquePayloadBytes(0)).toBe(100 * 10 + 64 * 10);
  });
});

describe('handshake time', () => {
  const handshake = (synAt: number, ackAt: number): Packet[] => [
    { ...syn(9), at: synAt },
    { ...SERVER, at: synAt + 5, tcp: { sequence: 70, acknowledgement: 10, flags: FLAG.syn | FLAG.ack } },
    { ...CLIENT, at: ackAt, tcp: { sequence: 10, acknowledgement: 71, flags: FLAG.ack } },
  ];

  test('is from the latest SYN to the ACK of the SYN-ACK, to the nanosecond, however long', () => {
    fc.assert(
      fc.property(fc.nat(10 ** 15), fc.nat(10 ** 13), (at, gap) => {
        const tracking = new Tracking();
        tracking.see({ ...syn(9), at: Math.max(0, at - 1_000_000_000) });
        for (const packet of handshake(at, at + 5 + gap)) tracking.see(packet);
        expect(theFlow(tracking).handshakeNs).toBe(5 + gap);
      }),
    );
  });

  test('is not changed by a packet with an earlier time', () => {
    const tracking = new Tracking();
    const [first, second, third] = handshake(5_000_000_000, 5_000_000_900) as [Packet, Packet, Packet];
    const early = { ...SERVER, at: 1_000_000_000, tcp: { sequence: 71, acknowledgement: 10, flags: FLAG.ack } };
    for (const packet of [first, second, early, third]) tracking.see(packet);
    const flows = theFlow(tracking);
    expect(flows.handshakeNs).toBe(900);
    expect([flows.firstSeconds, flows.lastSeconds, flows.lastNanoseconds]).toEqual([1, 5, 900]);
  });

  test.each([
    ['the SYN was not captured', [1, 2]],
    ['the SYN-ACK was not captured', [0, 2]],
    ['the ACK was not captured', [0, 1]],
  ])('is not known where %s', (_what, kept) => {
    const tracking = new Tracking();
    const packets = handshake(0, 900);
    for (const index of kept) tracking.see(packets[index]!);
    expect(theFlow(tracking).handshakeNs).toBeNull();
  });
});
