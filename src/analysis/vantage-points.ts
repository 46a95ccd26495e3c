/**
 * Gives every packet its vantage point: a dense id per capture interface, and per interface index where a Linux cooked capture
 * holds several. The interfaces of a rotated capture's parts are the same vantage points. What an id means (node, role) is
 * worked out afterwards, in vantage-naming.ts.
 */
import type { RecordCursor } from '../capture/cursor.js';
import { NONE } from '../wire/decoded.js';
import { VantageTable } from '../flow/vantage-table.js';
import { VantageCounters } from './vantage-counters.js';

const LINKTYPE_LINUX_SLL2 = 276;

/** An interface of a capture group, as its files describe it. */
export interface VantageSource {
  /** Number of the capture group in the run. */
  readonly group: number;
  readonly interfaceName: string | null;
  readonly linkType: number;
}

export class VantagePoints {
  readonly table = new VantageTable();
  readonly counters: VantageCounters[] = [];
  /** What VantageTable.source numbers stand for. */
  readonly sources: VantageSource[] = [];
  private readonly sourceIds = new Map<string, number>();
  private group = 0;
  /** Source per interface id of the current file, -1 = not asked yet. */
  private interfaceSources: number[] = [];
  private lastSource = -1;
  private lastIndex = NONE;
  private lastVantage = 0;

  /** To be called before each file. `group` is the same for all parts of a rotated capture. */
  beginFile(group: number): void {
    this.group = group;
    this.interfaceSources = [];
    this.lastSource = -1;
  }

  /** Vantage id of the cursor's packet. */
  of(cursor: RecordCursor, interfaceIndex: number): number {
    const source = this.interfaceSources[cursor.interfaceId] ?? this.sourceOf(cursor);
    const index = cursor.linkType === LINKTYPE_LINUX_SLL2 ? interfaceIndex : NONE;
    if (source === this.lastSource && index === this.lastIndex) return this.lastVantage;
    const vantage = this.table.intern(source, index);
    while (vantage >= this.counters.length) this.counters.push(new VantageCounters(this.counters.length));
    this.lastSource = source;
    this.lastIndex = index;
    this.lastVantage = vantage;
    return vantage;
  }

  /** Counts the cursor's packet at a vantage point. */
  count(cursor: RecordCursor, vantage: number): void {
    const counters = this.counters[vantage]!;
    counters.add(cursor.wireLength);
    if (cursor.hasTime === 1) counters.addTime(cursor.seconds, cursor.nanoseconds, cursor.wireLength);
  }

  /** @cold once per interface of a file */
  private sourceOf(cursor: RecordCursor): number {
    const { name, linkType, index } = cursor.interfaces[cursor.interfaceId]!;
    // Parts of one rotated capture declare the same interfaces again, and so do sections of one file.
    const key = `${this.group}/${name ?? `#${index}`}/${linkType}`;
    let source = this.sourceIds.get(key);
    if (source === undefined) {
      source = this.sources.push({ group: this.group, interfaceName: name, linkType }) - 1;
      this.sourceIds.set(key, source);
    }
    this.interfaceSources[cursor.interfaceId] = source;
    return source;
  }
}
