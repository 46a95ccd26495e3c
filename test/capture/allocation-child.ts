/**
 * Runs in a process of its own, bundled (allocation.test.ts): reads a million records of each format, warm, and prints how
 * many collections that took and by how much the heap grew.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { ByteSource } from '../../src/capture/byte-source.js';
import type { RecordCursor } from '../../src/capture/cursor.js';
import { readerFor } from '../../src/capture/recognition.js';
import { PcapWriter, PcapngWriter } from '../../src/capture/writer.js';

const RECORDS = 1_000_000;
const RECORDS_PER_BATCH = 1000;
const MOST_ROUNDS = 10;
/** What some ninety calls of fill() take; a byte for every record would be twice as much. */
const CLEAN_HEAP_GROWTH_BYTES = 512 * 1024;
/** Long enough for the observer to hear of every collection. */
const OBSERVER_DELAY_MS = 100;

interface Fixture {
  readonly name: string;
  readonly header: Uint8Array;
  readonly batch: Uint8Array;
}

/** The header once, then the batch over and over, without end. */
class RepeatingSource implements ByteSource {
  private readonly fixture: Fixture;
  private current: Uint8Array;
  private at = 0;

  constructor(fixture: Fixture) {
    this.fixture = fixture;
    this.current = fixture.header;
  }

  read(target: Uint8Array, at: number, length: number): Promise<number> {
    let done = 0;
    while (done < length) {
      if (this.at === this.current.length) {
        this.current = this.fixture.batch;
        this.at = 0;
      }
      const count = Math.min(length - done, this.current.length - this.at);
      target.set(this.current.subarray(this.at, this.at + count), at + done);
      this.at += count;
      done += count;
    }
    return Promise.resolve(done);
  }

  consumedBytes(): number {
    return 0;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function pcapFixture(name: string, unit: 'microseconds' | 'nanoseconds', isLittleEndian: boolean): Fixture {
  const writer = new PcapWriter({ linkType: 1, snapLength: 262_144, unit, isLittleEndian });
  const header = writer.take();
  for (let index = 0; index < RECORDS_PER_BATCH; index++) {
    const data = new Uint8Array(60 + (index % 40));
    writer.packet({ seconds: 4_000_000_000, nanoseconds: index * 1001, data, wireLength: 1500 });
  }
  return { name, header, batch: writer.take() };
}

function pcapngFixture(name: string, resolution: number, hasOptions: boolean): Fixture {
  const writer = new PcapngWriter();
  writer.interface({ linkType: 1, snapLength: 0, resolution });
  writer.interface({ linkType: 276, snapLength: 0, resolution: 6 });
  const header = writer.take();
  for (let index = 0; index < RECORDS_PER_BATCH; index++) {
    const packet = { seconds: 1_795_442_530, nanoseconds: index * 1001, data: new Uint8Array(60), wireLength: 1500 };
    const interfaceIndex = index % 2;
    writer.packet(packet, hasOptions ? { interfaceIndex, flags: 1, droppedPackets: 1 } : { interfaceIndex });
  }
  return { name, header, batch: writer.take() };
}

let collections = 0;
new PerformanceObserver((list) => (collections += list.getEntries().length)).observe({ entryTypes: ['gc'] });

function count(cursor: RecordCursor): number {
  let records = 0;
  let sum = 0;
  while (cursor.next()) {
    records++;
    sum = (sum + cursor.seconds + cursor.nanoseconds + cursor.wireLength) | 0;
  }
  return sum === -1 ? 0 : records;
}

/**
 * Measures rounds of a million records on one cursor (code that is compiled for it would die with it) until one of them
 * is clean; until then the code may still be getting compiled. A record that allocates leaves its trace in every round.
 */
async function measure(fixture: Fixture): Promise<object> {
  const cursor = await readerFor(new RepeatingSource(fixture), fixture.name);
  let result = { name: fixture.name, records: 0, collections: 0, heapGrowth: 0 };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    globalThis.gc!();
    await wait(OBSERVER_DELAY_MS);
    collections = 0;
    const before = process.memoryUsage().heapUsed;
    let records = 0;
    do {
      records += count(cursor);
    } while (records < RECORDS && (await cursor.fill()));
    const heapGrowth = process.memoryUsage().heapUsed - before;
    await wait(OBSERVER_DELAY_MS);
    result = { name: fixture.name, records, collections, heapGrowth };
    if (collections === 0 && heapGrowth < CLEAN_HEAP_GROWTH_BYTES) break;
  }
  return result;
}

const fixtures = [
  pcapFixture('pcap', 'microseconds', true),
  pcapFixture('pcap, nanoseconds, big-endian', 'nanoseconds', false),
  pcapngFixture('pcapng, microseconds', 6, false),
  pcapngFixture('pcapng, nanoseconds', 9, false),
  pcapngFixture('pcapng, units of 2^-20 s, options', 0x94, true),
];
const results: object[] = [];
for (const fixture of fixtures) results.push(await measure(fixture));
process.stdout.write(JSON.stringify(results));
