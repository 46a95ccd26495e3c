/**
 * Partial results: what reading some captures yields before anything is joined, how one crosses from a thread to another, and
 * how several become one.
 *
 * A partial result is objects over typed arrays. Structured cloning keeps their fields but not their
 * classes, which `revive` gives back; the rows of flows and samples, by far the largest part, are moved and not copied. Merging follows
 * the numbers of the groups, so it does not depend on which thread read what, or when it was done.
 */
import { AddressTable } from '../base/address.js';
import { ArpTable } from '../flow/arp-table.js';
import { CompactRows } from '../flow/compact-rows.js';
import { EncapsulationTable } from '../flow/encapsulations.js';
import { FlowExtras } from '../flow/flow-extras.js';
import { FlowPart } from '../flow/flow-part.js';
import { FrameAddresses } from '../flow/frame-addresses.js';
import { FlowTable } from '../flow/flow-table.js';
import { InternTable } from '../flow/intern-table.js';
import { OuterPathTable } from '../flow/outer-paths.js';
import { PacketSamples } from '../flow/packet-samples.js';
import { TrafficBins } from '../flow/traffic-bins.js';
import { VantageTable } from '../flow/vantage-table.js';
import { WireguardHandshakes } from '../flow/wireguard-handshakes.js';
import { WireguardSamples } from '../flow/wireguard-samples.js';
import { WireguardSessions } from '../flow/wireguard-sessions.js';
import { WireguardTraffic } from '../flow/wireguard-traffic.js';
import type { CaptureFacts } from './capture-facts.js';
import { Segment } from './segment.js';
import { MAX_WITH_BINS, VantagePoints, type VantageSource } from './vantage-points.js';

export interface PartialResult {
  readonly captures: readonly CaptureFacts[];
  readonly vantages: VantagePoints;
  readonly flows: FlowPart;
  /** Sentences about inputs that could not be read, or not to their end. */
  readonly failures: readonly string[];
  readonly isInterrupted: boolean;
}

/** All partial results of a run, under one numbering of captures and vantage points. */
export interface ReadResult {
  readonly captures: readonly CaptureFacts[];
  readonly vantages: VantagePoints;
  readonly parts: readonly FlowPart[];
  /** Translates the vantage ids of each part to those of the run. */
  readonly vantageIds: readonly Int32Array[];
  readonly failures: readonly string[];
  readonly isInterrupted: boolean;
}

/** Merges partial results of different groups; a run with one is the same as with many. */
export function mergePartialResults(partials: readonly PartialResult[]): ReadResult {
  const { vantages, ids } = mergeVantages(partials.map((partial) => partial.vantages));
  return {
    captures: partials
      .flatMap(({ captures }, part) =>
        captures.map((facts) => ({ ...facts, segments: renumber(facts.segments, ids[part]!) })),
      )
      .sort((a, b) => a.group - b.group || a.part - b.part)
      .map((facts, id) => ({ ...facts, id })),
    vantages,
    parts: partials.map(({ flows }) => flows),
    vantageIds: ids,
    failures: partials.flatMap(({ failures }) => failures),
    isInterrupted: partials.some(({ isInterrupted }) => isInterrupted),
  };
}

/** Numbers vantage points by group, then in the order in which the group's packets showed them. */
function mergeVantages(all: readonly VantagePoints[]): { vantages: VantagePoints; ids: Int32Array[] } {
  const vantages = new VantagePoints();
  const ids = all.map(({ table }) => new Int32Array(table.size));
  const found = all.flatMap(({ table, sources, bins, frames }, part) =>
    Array.from({ length: table.size }, (_, id) => {
      const source = sources[table.source(id)]!;
      return { part, id, source, index: table.interfaceIndex(id), bins: bins[id]!, frames: frames[id]! };
    }),
  );
  found.sort((a, b) => a.source.group - b.source.group || a.id - b.id);
  const sourceIds = new Map<VantageSource, number>();
  for (const { part, id, source, index, bins, frames } of found) {
    const sourceId = sourceIds.get(source) ?? vantages.sources.push(source) - 1;
    sourceIds.set(source, sourceId);
    ids[part]![id] = vantages.table.intern(sourceId, index);
    vantages.bins.push(vantages.bins.length < MAX_WITH_BINS ? bins : null);
    vantages.frames.push(vantages.frames.length < MAX_WITH_BINS ? frames : null);
  }
  for (const [part, { segments }] of all.entries()) {
    for (const segment of renumber(segments, ids[part]!)) vantages.segments.push(segment);
  }
  return { vantages, ids };
}

/** The segments with the run's ids of their vantage points. */
function renumber(segments: readonly Segment[], ids: Int32Array): Segment[] {
  return segments.map((segment) => Object.assign(blank(Segment), segment, { vantage: ids[segment.vantage]! }));
}

/** What of a partial result is to be moved to the other thread; all else is copied. */
export function transferList({ flows }: PartialResult): ArrayBuffer[] {
  const { sessions, handshakes, samples } = flows.wireguard;
  return [flows.table, flows.samples, sessions, handshakes, samples].map(({ words }) => words.buffer as ArrayBuffer);
}

/** The partial result that arrived as `clone`. */
export function revive(clone: PartialResult): PartialResult {
  return {
    ...clone,
    captures: clone.captures.map((facts) => {
      return { ...facts, segments: facts.segments.map((segment) => withClass(Segment, segment)) };
    }),
    vantages: reviveVantages(clone.vantages),
    flows: reviveFlows(clone.flows),
  };
}

function reviveFlows(clone: FlowPart): FlowPart {
  return Object.assign(blank(FlowPart), clone, {
    addresses: withClass(AddressTable, clone.addresses),
    encapsulations: reviveTuples(EncapsulationTable, clone.encapsulations),
    outerPaths: reviveTuples(OuterPathTable, clone.outerPaths),
    table: reviveTable(clone.table),
    finished: withClass(CompactRows, clone.finished),
    sums: reviveTable(clone.sums),
    arp: withClass(ArpTable, clone.arp),
    samples: withClass(PacketSamples, clone.samples),
    wireguard: reviveWireguard(clone.wireguard),
  });
}

function reviveWireguard(clone: WireguardTraffic): WireguardTraffic {
  return Object.assign(blank(WireguardTraffic), clone, {
    sessions: withClass(WireguardSessions, clone.sessions),
    handshakes: withClass(WireguardHandshakes, clone.handshakes),
    samples: withClass(WireguardSamples, clone.samples),
  });
}

function reviveTable(clone: FlowTable): FlowTable {
  const extras = clone.extras.map((each) => withClass(FlowExtras, each));
  return Object.assign(blank(FlowTable), clone, { extras });
}

function reviveVantages(clone: VantagePoints): VantagePoints {
  return Object.assign(blank(VantagePoints), clone, {
    table: reviveTuples(VantageTable, clone.table),
    bins: clone.bins.map((bins) => (bins === null ? null : withClass(TrafficBins, bins))),
    frames: clone.frames.map((frames) => (frames === null ? null : withClass(FrameAddresses, frames))),
    segments: clone.segments.map((segment) => withClass(Segment, segment)),
  });
}

/** A class whose objects keep their tuples in a private InternTable named `table`. */
function reviveTuples<T extends object>(type: Class<T>, clone: T): T {
  const { table } = clone as unknown as { table: InternTable };
  return Object.assign(blank(type), clone, { table: withClass(InternTable, table) });
}

type Class<T> = abstract new (...values: never[]) => T;

function withClass<T extends object>(type: Class<T>, clone: T): T {
  return Object.assign(blank(type), clone);
}

/** An object of the class without any field. */
function blank<T extends object>(type: Class<T>): T {
  return Object.create(type.prototype as object) as T;
}
