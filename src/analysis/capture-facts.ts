/** What reading one capture file yields besides flows: the facts its summary is made of. Plain data. */
import type { CaptureDamage, RecordCursor } from '../capture/cursor.js';
import type { CaptureInterface } from '../capture/interface.js';
import type { OddityCount, OddityCounters } from './oddity-counters.js';
import type { Segment } from './segment.js';

export interface CaptureFacts {
  /** Position in the list of captures. */
  readonly id: number;
  readonly path: string;
  readonly group: number;
  readonly part: number;
  readonly format: string;
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly sizeBytes: number | null;
  readonly segments: readonly Segment[];
  readonly interfaces: readonly CaptureInterface[];
  readonly notes: readonly string[];
  readonly oddities: readonly OddityCount[];
  readonly undecodedPackets: number;
  readonly damage: CaptureDamage | null;
}

export function factsOf(
  file: Pick<CaptureFacts, 'id' | 'path' | 'group' | 'part' | 'compression' | 'sizeBytes'>,
  cursor: RecordCursor,
  segments: readonly Segment[],
  oddities: OddityCounters,
): CaptureFacts {
  return {
    ...file,
    format: cursor.format,
    segments,
    interfaces: cursor.interfaces,
    notes: cursor.notes,
    oddities: oddities.list(),
    undecodedPackets: oddities.undecodedPackets,
    damage: cursor.damage,
  };
}
