/**
 * Gives every packet its vantage point: a dense id per capture interface, and per interface index where a Linux cooked capture
 * holds several. The interfaces of a rotated capture's parts are the same vantage points. What an id means (node, role) is
 * worked out afterwards, in vantage-naming.ts.
 */
import type { RecordCursor } from '../capture/cursor.js';
import { FrameAddresses } from '../flow/frame-addresses.js';
import { TrafficBins } from '../flow/traffic-bins.js';
import { VantageTable } from '../flow/vantage-table.js';
import { NONE } from '../wire/decoded.js';
import { Segment } from './segment.js';

const LINKTYPE_LINUX_SLL2 = 276;
/** Bins cost 8 KiB a vantage point; a capture that claims thousands of interfaces gets none beyond these. */
export const MAX_WITH_BINS = 2048;

/** An interface of a capture group, as its files describe it. */
export interface VantageSource {
  /** Number of the capture group in the run. */
  readonly group: number;
  readonly interfaceName: string | null;
  readonly linkType: number;
}

export class VantagePoints {
  readonly table = new VantageTable();
  /** Traffic over time by vantage id; null beyond the first MAX_WITH_BINS. */
  readonly bins: (TrafficBins | null)[] = [];
  /** MAC addresses of the frames by vantage id; null beyond the same limit. */
  readonly frames: (FrameAddresses | null)[] = [];
  /** Everything counted, over all files. */
  readonly segments: Segment[] = [];
  /** What VantageTable.source numbers stand for. */
  readonly sources: VantageSource[] = [];
  private readonly sourceIds = new Map<string, number>();
  private group = 0;
  private fileSegments = new Map<string, Segment>();
  private last: Segment | null = null;
  private lastInterface = -1;
  private lastIndex = NONE;

  /** To be called before each file. `group` is the same for all parts of a rotated capture. */
  beginFile(group: number): void {
    this.group = group;
    this.fileSegments = new Map();
    this.last = null;
  }

  /** Segments of the file that beginFile() was called for last. */
  currentSegments(): Segment[] {
    return [...this.fileSegments.values()];
  }

  /** The segment of the cursor's packet; `interfaceIndex` is the one in its link header, or NONE. */
  segmentOf(cursor: RecordCursor, interfaceIndex: number): Segment {
    const index = cursor.linkType === LINKTYPE_LINUX_SLL2 ? interfaceIndex : NONE;
    if (this.last !== null && cursor.interfaceId === this.lastInterface && index === this.lastIndex) return this.last;
    return this.find(cursor, index);
  }

  /** @cold when the packets of a file change from one interface to another */
  private find(cursor: RecordCursor, index: number): Segment {
    const key = `${cursor.interfaceId}/${index}`;
    let segment = this.fileSegments.get(key);
    if (segment === undefined) {
      const vantage = this.table.intern(this.sourceOf(cursor), index);
      while (vantage >= this.bins.length) this.bins.push(this.bins.length < MAX_WITH_BINS ? new TrafficBins() : null);
      while (vantage >= this.frames.length) {
        this.frames.push(this.frames.length < MAX_WITH_BINS ? new FrameAddresses() : null);
      }
      segment = new Segment(cursor.interfaceId, vantage, this.bins[vantage]!, this.frames[vantage]!);
      this.fileSegments.set(key, segment);
      this.segments.push(segment);
    }
    this.last = segment;
    this.lastInterface = cursor.interfaceId;
    this.lastIndex = index;
    return segment;
  }

  private sourceOf(cursor: RecordCursor): number {
    const { name, linkType, index } = cursor.interfaces[cursor.interfaceId]!;
    // Parts of one rotated capture declare the same interfaces again, and so do sections of one file.
    const key = `${this.group}/${name ?? `#${index}`}/${linkType}`;
    let source = this.sourceIds.get(key);
    if (source === undefined) {
      source = this.sources.push({ group: this.group, interfaceName: name, linkType }) - 1;
      this.sourceIds.set(key, source);
    }
    return source;
  }
}
