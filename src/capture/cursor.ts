/**
 * The contract between readers and everything that consumes packets: a cursor whose fields describe the current record.
 *
 * `next()` is synchronous and allocates nothing; it returns false when the buffered bytes hold no further whole record. Then
 * the caller awaits `fill()`, which moves the remainder to the front of the reused buffer and reads on; false from
 * `fill()` means the capture is over (see `damage`).
 *
 *     do { while (cursor.next()) use(cursor); } while (await cursor.fill());
 *
 * All fields are valid until the next `next()` or `fill()`. Offsets are bytes from the start of `view`.
 */
import type { CaptureInterface } from './interface.js';

/** Where and why reading stopped before the end of the input. */
export interface CaptureDamage {
  /** Byte in the uncompressed stream. */
  readonly offset: number;
  readonly message: string;
  /** True when the input simply ended inside a record, as in a file that is still being written. */
  readonly isCutOff: boolean;
}

export abstract class RecordCursor {
  /** The chunk; replaced only by fill(). */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** First captured byte and number of captured bytes. */
  dataAt = 0;
  capturedLength = 0;
  /** Length of the packet on the wire. */
  wireLength = 0;
  /** Timestamp (base/time.ts); meaningless while hasTime is 0 (pcapng Simple Packet Block). */
  seconds = 0;
  nanoseconds = 0;
  hasTime = 1;
  /** Index into `interfaces`. */
  interfaceId = 0;
  /** Link type (LINKTYPE_ number) of that interface. */
  linkType = 0;
  /** 1-based number of the packet in its file, as Wireshark counts packets. */
  frameNumber = 0;
  /** Every interface met so far, over all sections; grows while reading. */
  readonly interfaces: CaptureInterface[] = [];
  /** Comments and properties of the file itself (hardware, operating system, application), in order of appearance. */
  readonly notes: string[] = [];
  /** Set when reading ended before the input did. */
  damage: CaptureDamage | null = null;
  /** `pcap`, `pcap (nanoseconds)`, `pcap (modified)`, `pcapng`. */
  abstract readonly format: string;

  abstract next(): boolean;
  abstract fill(): Promise<boolean>;
  /** Bytes of the (possibly compressed) input consumed so far, for progress. */
  abstract consumedBytes(): number;
  /** Releases the input; safe to call more than once. */
  abstract close(): Promise<void>;
}
