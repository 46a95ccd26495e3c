/**
 * Reader of classic pcap records. Per record a header of 16 bytes (24 in the "modified" variant), then the captured bytes:
 *
 *     +-----------+--------------------------+-----------------+-------------------+
 *     |  seconds  | micro- or nanoseconds    | captured length | length on wire    |
 *     +-----------+--------------------------+-----------------+-------------------+
 *
 * Oddities follow libpcap and Wireshark: files older than version 2.3 have the two lengths the other way round, 2.3 may
 * have either order; a fraction of a second or more is not believed and counts as zero.
 */
import { NANOSECONDS_PER_SECOND } from '../base/time.js';
import type { ByteWindow } from './byte-window.js';
import { DG_UX_MAJOR_VERSION, FILE_HEADER_LENGTH, describeInterface, type PcapHeader } from './pcap-header.js';
import { LARGEST_WIRE_LENGTH, WindowedCursor, largestCapturedLength } from './windowed-cursor.js';

const FRACTION = 4;
const CAPTURED_LENGTH = 8;
const WIRE_LENGTH = 12;
const RECORD_HEADER_LENGTH = 16;
const MODIFIED_RECORD_HEADER_LENGTH = 24;

const LENGTHS_IN_ORDER = 0;
const LENGTHS_SWAPPED = 1;
const LENGTHS_MAYBE_SWAPPED = 2;

export class PcapCursor extends WindowedCursor {
  override readonly format: string;
  private readonly isLittleEndian: boolean;
  private readonly recordHeaderLength: number;
  private readonly lengthOrder: number;
  private readonly ticksPerSecond: number;
  private readonly nanosecondsPerTick: number;
  private readonly largestCapturedLength: number;
  private hasOddFraction = false;

  /** `window` holds at least the file header, which has been read into `header`. */
  constructor(window: ByteWindow, header: PcapHeader) {
    super(window);
    this.format = header.format;
    this.isLittleEndian = header.isLittleEndian;
    this.recordHeaderLength =
      header.format === 'pcap (modified)' ? MODIFIED_RECORD_HEADER_LENGTH : RECORD_HEADER_LENGTH;
    this.lengthOrder = lengthOrderOf(header);
    const description = describeInterface(header);
    this.interfaces.push(description);
    this.ticksPerSecond = description.ticksPerSecond;
    this.nanosecondsPerTick = NANOSECONDS_PER_SECOND / description.ticksPerSecond;
    this.largestCapturedLength = largestCapturedLength(header.snapLength);
    this.linkType = header.linkType;
    this.at = FILE_HEADER_LENGTH;
  }

  next(): boolean {
    const view = this.view;
    const at = this.at;
    const dataAt = at + this.recordHeaderLength;
    if (dataAt > this.end) return this.lack(this.recordHeaderLength);
    const isLittleEndian = this.isLittleEndian;
    let capturedLength = view.getUint32(at + CAPTURED_LENGTH, isLittleEndian);
    let wireLength = view.getUint32(at + WIRE_LENGTH, isLittleEndian);
    if (this.lengthOrder !== LENGTHS_IN_ORDER && this.areSwapped(capturedLength, wireLength)) {
      const swapped = capturedLength;
      capturedLength = wireLength;
      wireLength = swapped;
    }
    if (capturedLength > this.largestCapturedLength) return this.failAbsurd(at, capturedLength);
    const nextAt = dataAt + capturedLength;
    if (nextAt > this.end) return this.lack(nextAt - at);
    let fraction = view.getUint32(at + FRACTION, isLittleEndian);
    if (fraction >= this.ticksPerSecond) fraction = this.distrustFraction();
    this.seconds = view.getUint32(at, isLittleEndian);
    this.nanoseconds = fraction * this.nanosecondsPerTick;
    this.dataAt = dataAt;
    this.capturedLength = capturedLength;
    this.wireLength = Math.min(wireLength, LARGEST_WIRE_LENGTH);
    this.frameNumber++;
    this.at = nextAt;
    return true;
  }

  private areSwapped(capturedLength: number, wireLength: number): boolean {
    return this.lengthOrder === LENGTHS_SWAPPED || capturedLength > wireLength;
  }

  /** @cold once, at the end */
  private failAbsurd(at: number, capturedLength: number): boolean {
    return this.fail(
      at,
      `a record claims ${capturedLength} captured bytes, more than the ${this.largestCapturedLength} that are possible here`,
    );
  }

  /** The whole seconds are kept, as Wireshark and capinfos do. */
  private distrustFraction(): number {
    if (!this.hasOddFraction) {
      this.hasOddFraction = true;
      this.notes.push('timestamps with a fraction of a second or more occur; only their whole seconds are used');
    }
    return 0;
  }
}

function lengthOrderOf(header: PcapHeader): number {
  if (header.majorVersion === DG_UX_MAJOR_VERSION) return LENGTHS_SWAPPED;
  if (header.minorVersion < 3) return LENGTHS_SWAPPED;
  return header.minorVersion === 3 ? LENGTHS_MAYBE_SWAPPED : LENGTHS_IN_ORDER;
}
