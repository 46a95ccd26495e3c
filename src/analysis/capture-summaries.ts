/** Facts about captures, interfaces, vantage points and oddities, written the way the document has them. */
import { formatTimestamp } from '../base/time.js';
import { linkTypeName } from '../capture/link-types.js';
import type { CaptureInterfaceSummary, CaptureSummary, Oddity, TimeRange, VantagePoint } from '../model/document.js';
import { describeStop, stopSentence } from '../wire/stop-description.js';
import type { CaptureFacts } from './capture-facts.js';
import type { CaptureGroup } from './capture-groups.js';
import type { NamedVantage } from './vantage-naming.js';
import type { VantagePoints } from './vantage-points.js';

/** First and last moment of something that was counted; null if nothing with a time was. */
export interface Times {
  readonly earliestSeconds: number;
  readonly earliestNanoseconds: number;
  readonly latestSeconds: number;
  readonly latestNanoseconds: number;
}

export function timeRange(times: Times): TimeRange | null {
  if (times.earliestSeconds === Infinity) return null;
  return {
    start: formatTimestamp(times.earliestSeconds, times.earliestNanoseconds),
    end: formatTimestamp(times.latestSeconds, times.latestNanoseconds),
    durationNs:
      (times.latestSeconds - times.earliestSeconds) * 1e9 + (times.latestNanoseconds - times.earliestNanoseconds),
  };
}

/** The range that holds all ranges. */
export function spanOf(all: readonly Times[]): Times {
  const span = { earliestSeconds: Infinity, earliestNanoseconds: 0, latestSeconds: -Infinity, latestNanoseconds: 0 };
  for (const times of all) {
    if (
      times.earliestSeconds < span.earliestSeconds ||
      (times.earliestSeconds === span.earliestSeconds && times.earliestNanoseconds < span.earliestNanoseconds)
    ) {
      span.earliestSeconds = times.earliestSeconds;
      span.earliestNanoseconds = times.earliestNanoseconds;
    }
    if (
      times.latestSeconds > span.latestSeconds ||
      (times.latestSeconds === span.latestSeconds && times.latestNanoseconds > span.latestNanoseconds)
    ) {
      span.latestSeconds = times.latestSeconds;
      span.latestNanoseconds = times.latestNanoseconds;
    }
  }
  return span;
}

export function captureSummary(facts: CaptureFacts, groups: readonly CaptureGroup[]): CaptureSummary {
  const { counters, damage } = facts;
  const group = groups[facts.group]!;
  return {
    id: facts.id,
    path: facts.path,
    rotation: group.files.length > 1 ? { group: group.name, part: facts.part + 1, parts: group.files.length } : null,
    format: facts.format,
    compression: facts.compression,
    sizeBytes: facts.sizeBytes,
    packets: counters.packets,
    wireBytes: counters.wireBytes,
    capturedBytes: counters.capturedBytes,
    truncatedPackets: counters.truncatedPackets,
    packetsWithoutTime: counters.packetsWithoutTime,
    time: timeRange(counters),
    interfaces: facts.interfaces.map((each, id): CaptureInterfaceSummary => ({
      section: each.section,
      index: each.index,
      name: each.name,
      description: each.description,
      linkType: each.linkType,
      linkTypeName: linkTypeName(each.linkType),
      snapLength: each.snapLength,
      ticksPerSecond: each.ticksPerSecond,
      packets: counters.interfacePackets[id] ?? 0,
      wireBytes: counters.interfaceWireBytes[id] ?? 0,
      droppedPackets: each.droppedPackets,
      comments: each.comments,
    })),
    notes: facts.notes,
    damage: damage === null ? null : { offset: damage.offset, message: damage.message },
  };
}

export function vantageSummary(
  id: number,
  named: NamedVantage,
  vantages: VantagePoints,
  captures: readonly CaptureFacts[],
): VantagePoint {
  const counters = vantages.counters[id]!;
  const { group } = vantages.sources[vantages.table.source(id)]!;
  return {
    id,
    name: named.name,
    captures: captures.filter((capture) => capture.group === group).map((capture) => capture.id),
    interface: named.interface,
    interfaceIndex: named.interfaceIndex,
    node: named.node,
    role: named.role,
    packets: counters.packets,
    wireBytes: counters.wireBytes,
    time: timeRange(counters),
  };
}

export function oddities(captures: readonly CaptureFacts[]): Oddity[] {
  return captures.flatMap((capture) =>
    capture.oddities.map((count) => {
      return {
        code: describeStop(count.code)?.name ?? `stop-${count.code}`,
        explanation: stopSentence(count.code, count.value),
        capture: capture.id,
        interface: count.interfaceId,
        packets: count.packets,
        firstFrame: count.firstFrame,
      };
    }),
  );
}
