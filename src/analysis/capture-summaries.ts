/** Facts about captures, interfaces, vantage points and oddities, written the way the document has them. */
import { linkTypeName } from '../capture/link-types.js';
import type { CaptureInterfaceSummary, CaptureSummary, Oddity, VantagePoint } from '../model/document.js';
import { describeStop, stopSentence } from '../wire/stop-description.js';
import type { CaptureFacts } from './capture-facts.js';
import type { CaptureGroup } from './capture-groups.js';
import type { Segment } from './segment.js';
import { groupBy, spanOf, sum, timeRange } from './sums.js';
import type { NamedVantage } from './vantage-naming.js';
import type { VantagePoints } from './vantage-points.js';

export function captureSummary(facts: CaptureFacts, groups: readonly CaptureGroup[]): CaptureSummary {
  const { segments, damage } = facts;
  const group = groups[facts.group]!;
  const byInterface = groupBy(segments, (segment) => segment.interfaceId);
  return {
    id: facts.id,
    path: facts.path,
    rotation: group.files.length > 1 ? { group: group.name, part: facts.part + 1, parts: group.files.length } : null,
    format: facts.format,
    compression: facts.compression,
    sizeBytes: facts.sizeBytes,
    packets: sum(segments, (segment) => segment.packets),
    wireBytes: sum(segments, (segment) => segment.wireBytes),
    capturedBytes: sum(segments, (segment) => segment.capturedBytes),
    truncatedPackets: sum(segments, (segment) => segment.truncatedPackets),
    packetsWithoutTime: sum(segments, (segment) => segment.packetsWithoutTime),
    time: timeRange(spanOf(segments.map((segment) => segment.times()))),
    interfaces: facts.interfaces.map((each, id): CaptureInterfaceSummary => ({
      section: each.section,
      index: each.index,
      name: each.name,
      description: each.description,
      linkType: each.linkType,
      linkTypeName: linkTypeName(each.linkType),
      snapLength: each.snapLength,
      ticksPerSecond: each.ticksPerSecond,
      packets: sum(byInterface.get(id) ?? [], (segment) => segment.packets),
      wireBytes: sum(byInterface.get(id) ?? [], (segment) => segment.wireBytes),
      droppedPackets: each.droppedPackets,
      comments: each.comments,
    })),
    notes: facts.notes,
    damage: damage === null ? null : { offset: damage.offset, message: damage.message },
  };
}

/** `segments` are those of this vantage point. */
export function vantageSummary(
  id: number,
  named: NamedVantage,
  copies: number,
  vantages: VantagePoints,
  segments: readonly Segment[],
  captures: readonly CaptureFacts[],
): VantagePoint {
  const { group } = vantages.sources[vantages.table.source(id)]!;
  return {
    id,
    name: named.name,
    captures: captures.filter((capture) => capture.group === group).map((capture) => capture.id),
    interface: named.interface,
    interfaceIndex: named.interfaceIndex,
    node: named.node,
    role: named.role,
    pod: named.pod,
    knownBy: named.knownBy,
    copies,
    packets: sum(segments, (segment) => segment.packets),
    wireBytes: sum(segments, (segment) => segment.wireBytes),
    time: timeRange(spanOf(segments.map((segment) => segment.times()))),
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
