/**
 * `npm run bench:micro`: the stages of the hot path, each with the ones below it, in nanoseconds of wall time per packet.
 * A task is one pass over a generated capture; the differences between lines are the stages themselves.
 */
import { Bench } from 'tinybench';
import { AddressTable } from '../../src/base/address.js';
import type { RecordCursor } from '../../src/capture/cursor.js';
import { openCapture } from '../../src/capture/open.js';
import { Drain } from '../../src/analysis/drain.js';
import { OddityCounters } from '../../src/analysis/oddity-counters.js';
import { VantagePoints } from '../../src/analysis/vantage-points.js';
import { FlowTracker } from '../../src/flow/flow-tracker.js';
import { decode } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded } from '../../src/wire/decoded.js';
import { STANDARD, capture } from './captures.js';
import { table } from './table.js';

const PACKETS = 500_000;
const ADDRESSES = 3200;
const ENOUGH_FLOWS = 1_000_000;
const path = capture({ ...STANDARD, packets: PACKETS });
const options = new DecodeOptions();

/** One pass over the capture. */
async function pass(onRecord: (cursor: RecordCursor) => void): Promise<void> {
  const cursor = await openCapture(path, { standardInput: () => process.stdin });
  do {
    while (cursor.next()) onRecord(cursor);
  } while (await cursor.fill());
  await cursor.close();
}

function decodeRecord(cursor: RecordCursor, d: Decoded): void {
  decode(cursor.view, cursor.dataAt, cursor.capturedLength, cursor.wireLength, cursor.linkType, options, d);
}

async function trackFlows(tracker: FlowTracker): Promise<void> {
  const vantages = new VantagePoints();
  vantages.beginFile(0);
  const drain = new Drain(tracker, options, vantages);
  const oddities = new OddityCounters();
  const cursor = await openCapture(path, { standardInput: () => process.stdin });
  do {
    drain.run(cursor, oddities);
  } while (await cursor.fill());
  await cursor.close();
}

const decoded = new Decoded();
const warm = new FlowTracker(ENOUGH_FLOWS);
const addresses = new AddressTable();

const bench = new Bench({ time: 2000, warmupTime: 500 })
  .add('read', async () => pass(() => undefined))
  .add('read, decode', async () => pass((cursor) => decodeRecord(cursor, decoded)))
  .add('read, decode, flows (new table)', async () => trackFlows(new FlowTracker(ENOUGH_FLOWS)))
  .add('read, decode, flows (table knows them)', async () => trackFlows(warm))
  .add('intern an address', () => {
    for (let i = 0; i < PACKETS; i++) addresses.internIpv4(0x0af40000 + ((i * 7919) % ADDRESSES));
  });
await bench.run();

const nanoseconds = (milliseconds: number): string => ((milliseconds * 1e6) / PACKETS).toFixed(1);
const rows = bench.tasks.map(({ name, result }) => {
  if (result.state !== 'completed') return [name, '?', '?', result.state];
  const { min, p50, samplesCount } = result.latency;
  return [name, nanoseconds(min), nanoseconds(p50), `${samplesCount} passes`];
});
process.stdout.write(`${table([['ns a packet', 'least', 'median', ''], ...rows])}\n`);
