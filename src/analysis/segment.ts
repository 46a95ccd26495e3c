/**
 * What is counted of every packet before anything is decoded, for one interface of one capture file (and one interface index, in
 * Linux cooked v2 captures). A file's totals and a vantage point's are sums of segments, so a packet is counted once.
 */
import type { RecordCursor } from '../capture/cursor.js';
import type { Times } from './sums.js';
import type { FrameAddresses } from '../flow/frame-addresses.js';
import type { TrafficBins } from '../flow/traffic-bins.js';

const WIRE = 0;
const CAPTURED = 1;

export class Segment {
  /** Index of the interface in its file, and dense id of the vantage point. */
  readonly interfaceId: number;
  readonly vantage: number;
  packets = 0;
  truncatedPackets = 0;
  packetsWithoutTime = 0;
  /** Earliest and latest timestamp; meaningless while no packet had one. */
  private earliestSeconds = 0;
  private earliestNanoseconds = 0;
  private latestSeconds = 0;
  private latestNanoseconds = 0;
  /** Notes the MAC addresses of the packets, where there is room for them. */
  readonly frames: FrameAddresses | null;
  private readonly bins: TrafficBins | null;
  /** Wire and captured bytes. Not fields, which change their representation beyond 2^31: then the hot loop is compiled again. */
  private readonly bytes = new Float64Array(2);

  /** `bins` and `frames` are the vantage point's, shared by its segments. */
  constructor(interfaceId: number, vantage: number, bins: TrafficBins | null, frames: FrameAddresses | null) {
    this.interfaceId = interfaceId;
    this.vantage = vantage;
    this.bins = bins;
    this.frames = frames;
  }

  get wireBytes(): number {
    return this.bytes[WIRE]!;
  }

  get capturedBytes(): number {
    return this.bytes[CAPTURED]!;
  }

  /** Counts the record that the cursor stands on. */
  add(cursor: RecordCursor): void {
    const wireLength = cursor.wireLength;
    this.packets++;
    const bytes = this.bytes;
    bytes[WIRE] = bytes[WIRE]! + wireLength;
    bytes[CAPTURED] = bytes[CAPTURED]! + cursor.capturedLength;
    if (cursor.capturedLength < wireLength) this.truncatedPackets++;
    if (cursor.hasTime === 0) {
      this.packetsWithoutTime++;
      return;
    }
    const seconds = cursor.seconds;
    const nanoseconds = cursor.nanoseconds;
    if (this.bins !== null) this.bins.add(seconds, nanoseconds, wireLength);
    if (this.packets - this.packetsWithoutTime === 1) this.beginTimes(seconds, nanoseconds);
    if (seconds > this.latestSeconds || (seconds === this.latestSeconds && nanoseconds > this.latestNanoseconds)) {
      this.latestSeconds = seconds;
      this.latestNanoseconds = nanoseconds;
    }
    if (
      seconds < this.earliestSeconds ||
      (seconds === this.earliestSeconds && nanoseconds < this.earliestNanoseconds)
    ) {
      this.earliestSeconds = seconds;
      this.earliestNanoseconds = nanoseconds;
    }
  }

  /** First and last moment of what was counted. */
  times(): Times {
    const { earliestSeconds, earliestNanoseconds, latestSeconds, latestNanoseconds } = this;
    return this.packets === this.packetsWithoutTime
      ? { earliestSeconds: Infinity, earliestNanoseconds: 0, latestSeconds: -Infinity, latestNanoseconds: 0 }
      : { earliestSeconds, earliestNanoseconds, latestSeconds, latestNanoseconds };
  }

  private beginTimes(seconds: number, nanoseconds: number): void {
    this.earliestSeconds = seconds;
    this.earliestNanoseconds = nanoseconds;
    this.latestSeconds = seconds;
    this.latestNanoseconds = nanoseconds;
  }
}
