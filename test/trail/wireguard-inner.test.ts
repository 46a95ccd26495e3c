/** Attribution of packets to messages, on tunnels made up here: what the kernel merges, what waits for a session, what is overtaken. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { attribute, messageLength, receivedMessages, sentMessages } from '../../src/trail/wireguard/attribution.js';
import { segmentLengths, type InnerFlow, type InnerPackets } from '../../src/trail/wireguard/inner-packets.js';
import type { DataSession } from '../../src/trail/wireguard/messages.js';

const MTU = 1420;

interface Packet {
  readonly flow: number;
  readonly time: number;
  readonly length: number;
}

interface Message {
  readonly counter: number;
  readonly time: number;
  readonly length: number;
}

function inner(packets: readonly Packet[], flows: number): InnerPackets {
  const flow = { flow: 0, direction: 0, vantage: 0, source: 0, destination: 1, packets: 0, start: 0 };
  const lengths = Int32Array.from(packets, ({ length }) => length);
  const flowOf = Int32Array.from(packets, (each) => each.flow);
  return {
    flows: Array.from({ length: flows }, (_, number): InnerFlow => ({ ...flow, flow: number })),
    flowOf,
    packetOf: Int32Array.from(packets.keys()),
    times: Float64Array.from(packets, ({ time }) => time),
    lengths,
    packetLengths: lengths,
    packetFlows: flowOf,
    isComplete: true,
  };
}

function session(messages: readonly Message[]): DataSession {
  const ends = {
    source: 0,
    destination: 1,
    sourcePort: 51820,
    destinationPort: 51820,
    firstSource: 0,
    firstDestination: 1,
  };
  return {
    ...ends,
    vantage: 0,
    index: 1,
    messages: messages.length,
    keepAlives: 0,
    repeats: 0,
    reordered: 0,
    late: 0,
    distinct: messages.length,
    lowest: 0,
    highest: messages.length,
    bytes: 0,
    start: 0,
    end: 0,
    samples: {
      times: Float64Array.from(messages, ({ time }) => time),
      lengths: Int32Array.from(messages, ({ length }) => length),
      counters: Float64Array.from(messages, ({ counter }) => counter),
    },
  };
}

function messagesOf(packets: readonly Packet[], delay: number): Message[] {
  return packets.map(({ time, length }, counter) => ({
    counter,
    time: time + delay,
    length: messageLength(length, MTU),
  }));
}

const traffic = fc
  .array(fc.record({ flow: fc.nat(2), gap: fc.nat(200_000), length: fc.constantFrom(52, 60, 340, 1420) }), {
    minLength: 1,
    maxLength: 200,
  })
  .map((made) => {
    let time = 0;
    return made.map(({ flow, gap, length }): Packet => ({ flow, time: (time += gap), length }));
  });

describe('attribution', () => {
  test('gives every message its flow, in spite of keep-alives, copies and messages that were overtaken', () => {
    fc.assert(
      fc.property(traffic, fc.infiniteStream(fc.nat(9)), (packets, chances) => {
        const made: Message[] = [];
        for (const message of messagesOf(packets, 60_000)) {
          const chance = chances.next().value;
          const counter = made.length === 0 ? 0 : Math.max(...made.map((each) => each.counter)) + 1;
          if (chance === 0) made.push({ counter, time: message.time, length: 32 });
          const own = { ...message, counter: chance === 0 ? counter + 1 : counter };
          made.push(own);
          if (chance === 1) made.push({ ...own, time: own.time + 1000 });
          // Held up by half a millisecond, so that later ones overtake it.
          if (chance === 2) made[made.length - 1] = { ...own, time: own.time + 500_000 };
        }
        const seen = made.sort((x, y) => x.time - y.time);
        const result = attribute(inner(packets, 3), sentMessages([session(seen)]), MTU, true, []);
        expect(result.matchedMessages).toBe(packets.length);
        for (const [flow, { messages, bytes, lowBytes, possibleBytes }] of result.byFlow.entries()) {
          const own = packets.filter((packet) => packet.flow === flow);
          const sum = own.reduce((total, { length }) => total + messageLength(length, MTU), 0);
          expect([messages, bytes, lowBytes, possibleBytes]).toEqual([own.length, sum, sum, sum]);
        }
      }),
    );
  });

  test('on the receiving node the messages come first', () => {
    fc.assert(
      fc.property(traffic, (packets) => {
        const messages = messagesOf(packets, -60_000);
        const result = attribute(inner(packets, 3), receivedMessages([session(messages)]), MTU, false, []);
        expect([result.matchedMessages, result.packetsWithoutMessage]).toEqual([packets.length, 0]);
      }),
    );
  });

  test('packets wait for a session, as long as a handshake is tried', () => {
    const packets = [0, 1000, 2000].map((time) => ({ flow: 0, time, length: 60 }));
    const messages = packets.map((_, counter) => ({ counter, time: 5e9 + counter * 1000, length: 96 }));
    const outer = sentMessages([session(messages)]);
    const waits = [{ from: 10_000, until: 5e9 - 1000 }];
    expect(attribute(inner(packets, 1), outer, MTU, true, waits).matchedMessages).toBe(3);
    expect(attribute(inner(packets, 1), outer, MTU, true, []).matchedMessages).toBe(0);
  });
});

describe('packets that offload merged', () => {
  test('are cut into segments as long as the MTU, and a rest', () => {
    // 52 bytes of IPv4 and TCP headers with timestamps: 1,368 bytes of payload fit a packet of 1,420.
    expect(segmentLengths(52 + 2 * 1368 + 100, 2 * 1368 + 100, MTU)).toEqual([1420, 1420, 152]);
    expect(segmentLengths(52 + 2 * 1368, 2 * 1368, MTU)).toEqual([1420, 1420]);
    expect(segmentLengths(1420, 1368, MTU)).toEqual([1420]);
    expect(segmentLengths(52, 0, MTU)).toEqual([52]);
  });
});
