/**
 * What is counted of every packet of one capture before anything is decoded: per interface and for the whole file.
 * Columns grow when the file declares another interface.
 */
import type { RecordCursor } from '../capture/cursor.js';

export class CaptureCounters {
  packets = 0;
  wireBytes = 0;
  capturedBytes = 0;
  truncatedPackets = 0;
  packetsWithoutTime = 0;
  /** Earliest and latest timestamp; meaningless while no packet had one. */
  earliestSeconds = Infinity;
  earliestNanoseconds = 0;
  latestSeconds = -Infinity;
  latestNanoseconds = 0;
  interfacePackets = new Float64Array(1);
  interfaceWireBytes = new Float64Array(1);

  /** Counts the record that the cursor stands on. */
  add(cursor: RecordCursor): void {
    const id = cursor.interfaceId;
    if (id >= this.interfacePackets.length) this.grow(id);
    this.packets++;
    this.wireBytes += cursor.wireLength;
    this.capturedBytes += cursor.capturedLength;
    if (cursor.capturedLength < cursor.wireLength) this.truncatedPackets++;
    this.interfacePackets[id] = this.interfacePackets[id]! + 1;
    this.interfaceWireBytes[id] = this.interfaceWireBytes[id]! + cursor.wireLength;
    if (cursor.hasTime === 0) this.packetsWithoutTime++;
    else this.addTime(cursor.seconds, cursor.nanoseconds);
  }

  private addTime(seconds: number, nanoseconds: number): void {
    if (
      seconds < this.earliestSeconds ||
      (seconds === this.earliestSeconds && nanoseconds < this.earliestNanoseconds)
    ) {
      this.earliestSeconds = seconds;
      this.earliestNanoseconds = nanoseconds;
    }
    if (seconds > this.latestSeconds || (seconds === this.latestSeconds && nanoseconds > this.latestNanoseconds)) {
      this.latestSeconds = seconds;
      this.latestNanoseconds = nanoseconds;
    }
  }

  private grow(id: number): void {
    let length = this.interfacePackets.length;
    while (length <= id) length *= 2;
    const packets = new Float64Array(length);
    packets.set(this.interfacePackets);
    this.interfacePackets = packets;
    const wireBytes = new Float64Array(length);
    wireBytes.set(this.interfaceWireBytes);
    this.interfaceWireBytes = wireBytes;
  }
}
