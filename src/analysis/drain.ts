/**
 * The hot loop: records out of a cursor, through the decoder, into the counters and the flow tracker.
 *
 * Everything it touches is reused; nothing here allocates per packet (test/architecture/allocation.test.ts). It returns whenever
 * the cursor needs to be filled, which is the only asynchronous step.
 */
import type { RecordCursor } from '../capture/cursor.js';
import type { FlowTracker } from '../flow/flow-tracker.js';
import { Sighting } from '../flow/sighting.js';
import { decode } from '../wire/decode.js';
import type { DecodeOptions } from '../wire/decode-options.js';
import { Decoded, NETWORK_ARP, NONE } from '../wire/decoded.js';
import type { OddityCounters } from './oddity-counters.js';
import type { VantagePoints } from './vantage-points.js';

export class Drain {
  private readonly d = new Decoded();
  private readonly sighting = new Sighting();
  private readonly tracker: FlowTracker;
  private readonly options: DecodeOptions;
  private readonly vantages: VantagePoints;

  constructor(tracker: FlowTracker, options: DecodeOptions, vantages: VantagePoints) {
    this.tracker = tracker;
    this.options = options;
    this.vantages = vantages;
  }

  /** Takes every record the cursor has in its buffer. */
  run(cursor: RecordCursor, oddities: OddityCounters): void {
    const d = this.d;
    const sighting = this.sighting;
    while (cursor.next()) {
      decode(cursor.view, cursor.dataAt, cursor.capturedLength, cursor.wireLength, cursor.linkType, this.options, d);
      const segment = this.vantages.segmentOf(cursor, d.interfaceIndex);
      segment.add(cursor);
      sighting.vantage = segment.vantage;
      sighting.wireLength = cursor.wireLength;
      // A packet without a time counts as simultaneous with the one before it.
      if (cursor.hasTime === 1) {
        sighting.seconds = cursor.seconds;
        sighting.nanoseconds = cursor.nanoseconds;
      }
      this.tracker.packet(d, cursor.view, sighting);
      if (d.stop !== 0) oddities.add(cursor.interfaceId, d.stop, d.stopValue, cursor.frameNumber);
      if (d.oddity !== 0) oddities.add(cursor.interfaceId, d.oddity, 0, cursor.frameNumber);
      const outermost = d.levels[0]!;
      if (d.depth === 0 || (outermost.flowId === NONE && outermost.network !== NETWORK_ARP))
        oddities.undecodedPackets++;
    }
  }
}
