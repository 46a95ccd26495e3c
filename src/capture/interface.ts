/** An interface as a capture file describes it. One per file in classic pcap, any number per section in pcapng. */

export interface CaptureInterface {
  /** 0-based section and interface number within it. */
  readonly section: number;
  readonly index: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly linkType: number;
  /** Largest number of bytes kept of a packet; 0 = no limit. */
  readonly snapLength: number;
  /** Timestamp units per second as written in the file (10^6, 10^9, 2^n, …). */
  readonly ticksPerSecond: number;
  /** Seconds to add to every timestamp (if_tsoffset). */
  readonly offsetSeconds: number;
  readonly comments: string[];
  /** From Interface Statistics Blocks (last one wins) or, where those are missing, the sum of EPB drop counts; null = not stated. */
  receivedPackets: number | null;
  droppedPackets: number | null;
}
