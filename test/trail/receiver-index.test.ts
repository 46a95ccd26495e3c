/** Directed flows by receiver, port and initial sequence number: what is found is what a look at every flow finds. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Receiver, ReceiverIndex } from '../../src/trail/segments/receiver-index.js';
import type { FlowSet } from '../../src/trail/flow-set.js';
import { FLAG, type Packet, TCP, Tracking, UDP } from '../flow/tracking.js';

const few = fc.integer({ min: 0, max: 2 });
const packets: fc.Arbitrary<Packet[]> = fc.array(
  fc
    .record({ vantage: few, source: few, destination: few, sourcePort: few, destinationPort: few, sequence: few })
    .chain(({ sequence, ...tuple }) =>
      fc
        .constantFrom(FLAG.syn, FLAG.ack, null)
        .map((flags) =>
          flags === null ? { ...tuple, protocol: UDP } : { ...tuple, protocol: TCP, tcp: { sequence, flags } },
        ),
    ),
  { minLength: 1, maxLength: 60 },
);

function flowsOf(seen: readonly Packet[]): FlowSet {
  const tracking = new Tracking();
  seen.forEach((packet, index) => {
    tracking.see({ ...packet, at: 1e9 + index * 1000 });
  });
  return tracking.flows();
}

/** What the flow may answer to, and its sender, for each direction that has packets. */
function sendersOf(flows: FlowSet, wanted: Receiver): number[] {
  const senders: number[] = [];
  for (let flow = 0; flow < flows.length; flow++) {
    flows.load(flow);
    if (flows.vantage !== wanted.vantage || flows.protocol !== wanted.protocol) continue;
    for (const direction of [0, 1]) {
      const [sender, receiver, port] =
        direction === 0 ? [flows.addressA, flows.addressB, flows.portB] : [flows.addressB, flows.addressA, flows.portA];
      if (flows.packets(direction) === 0 || receiver !== wanted.receiver || port !== wanted.receiverPort) continue;
      const isKnown = wanted.protocol === TCP && wanted.initialSequence !== null && flows.hasInitialSequence(direction);
      if (!isKnown || flows.initialSequence(direction) === wanted.initialSequence) senders.push(sender);
    }
  }
  return senders;
}

test('finds the flows that may be meant, and no others', () => {
  const sequences = fc.option(fc.integer({ min: 0, max: 3 }));
  fc.assert(
    fc.property(
      packets,
      few,
      few,
      few,
      fc.constantFrom(TCP, UDP),
      sequences,
      (seen, vantage, receiver, port, protocol, initialSequence) => {
        const flows = flowsOf(seen);
        const wanted = { vantage, protocol, receiver, receiverPort: port, initialSequence };
        const found: number[] = [];
        const answer = new ReceiverIndex(flows).some(wanted, (direction) => {
          found.push(direction === 0 ? flows.addressA : flows.addressB);
          return false;
        });
        expect(answer).toBe(false);
        expect(found.sort()).toEqual(sendersOf(flows, wanted).sort());
      },
    ),
    { numRuns: 500 },
  );
});

test('says when there are too many to look at', () => {
  const scan = Array.from({ length: 5000 }, (_, index) => ({
    ...{ protocol: UDP, source: 1, destination: 2, sourcePort: 1000 + index, destinationPort: 53 },
  }));
  const index = new ReceiverIndex(flowsOf(scan));
  const answers = [0, 1].map((receiver) =>
    index.some({ vantage: 0, protocol: UDP, receiver, receiverPort: 53, initialSequence: null }, () => false),
  );
  expect(answers.sort()).toEqual([false, null]);
});
