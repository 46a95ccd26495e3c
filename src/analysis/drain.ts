/**
 * The hot loop: records out of a cursor, through the decoder, into the counters and the flow tracker, a batch at a time.
 *
 * Everything it touches is reused; nothing here allocates per packet (test/architecture/allocation.test.ts). It returns whenever
 * the cursor needs to be filled, which is the only asynchronous step.
 */
import type { Timestamp } from '../base/time.js';
import type { RecordCursor } from '../capture/cursor.js';
import { BATCH } from '../flow/flow-keys.js';
import type { FlowTracker } from '../flow/flow-tracker.js';
import { Sighting } from '../flow/sighting.js';
import { decode } from '../wire/decode.js';
import type { DecodeOptions } from '../wire/decode-options.js';
import { Decoded, NETWORK_ARP, NONE } from '../wire/decoded.js';
import type { OddityCounters } from './oddity-counters.js';
import type { VantagePoints } from './vantage-points.js';

export class Drain {
  /** The packets of a batch: headers, and where and when they were seen. */
  private readonly decoded: Decoded[] = [];
  private readonly sightings: Sighting[] = [];
  private readonly tracker: FlowTracker;
  private readonly options: DecodeOptions;
  private readonly vantages: VantagePoints;
  /** Time of the last packet that had one. */
  private seconds = 0;
  private nanoseconds = 0;

  constructor(tracker: FlowTracker, options: DecodeOptions, vantages: VantagePoints) {
    this.tracker = tracker;
    this.options = options;
    this.vantages = vantages;
    for (let slot = 0; slot < BATCH; slot++) {
      this.decoded.push(new Decoded());
      this.sightings.push(new Sighting());
    }
  }

  /** To be called before each file; `first` is the time of its first packet that has one, null where that is not known. */
  beginFile(first: Timestamp | null): void {
    this.seconds = first === null ? 0 : first.seconds;
    this.nanoseconds = first === null ? 0 : first.nanoseconds;
  }

  /** Takes every record the cursor has in its buffer. */
  run(cursor: RecordCursor, oddities: OddityCounters): void {
    let count = BATCH;
    while (count === BATCH) {
      count = 0;
      while (count < BATCH && cursor.next()) {
        this.take(cursor, this.decoded[count]!, this.sightings[count]!);
        count++;
      }
      this.tracker.packets(this.decoded, this.sightings, count, cursor.view);
      for (let slot = 0; slot < count; slot++) noteOddities(this.decoded[slot]!, this.sightings[slot]!, oddities);
    }
  }

  private take(cursor: RecordCursor, d: Decoded, sighting: Sighting): void {
    const wireLength = cursor.wireLength;
    decode(cursor.view, cursor.dataAt, cursor.capturedLength, wireLength, cursor.linkType, this.options, d);
    const segment = this.vantages.segmentOf(cursor, d.interfaceIndex);
    segment.add(cursor);
    if (segment.frames !== null) segment.frames.note(d);
    // A packet without a time counts as simultaneous with the one before it, or with the file's first that has one.
    if (cursor.hasTime === 1) {
      this.seconds = cursor.seconds;
      this.nanoseconds = cursor.nanoseconds;
    }
    sighting.vantage = segment.vantage;
    sighting.seconds = this.seconds;
    sighting.nanoseconds = this.nanoseconds;
    sighting.wireLength = wireLength;
    sighting.interfaceId = cursor.interfaceId;
    sighting.frameNumber = cursor.frameNumber;
  }
}

function noteOddities(d: Decoded, sighting: Sighting, oddities: OddityCounters): void {
  if (d.stop !== 0) oddities.add(sighting.interfaceId, d.stop, d.stopValue, sighting.frameNumber);
  if (d.oddity !== 0) oddities.add(sighting.interfaceId, d.oddity, 0, sighting.frameNumber);
  const outermost = d.levels[0]!;
  if (d.depth === 0 || (outermost.flowId === NONE && outermost.network !== NETWORK_ARP)) oddities.undecodedPackets++;
}
