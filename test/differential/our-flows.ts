/** The flows that podtrail finds in one capture, as plain objects, straight from the pipeline before anything is joined. */
import { Readable } from 'node:stream';
import { prepareCaptures } from '../../src/analysis/capture-groups.js';
import { joinFlowParts } from '../../src/analysis/flow-parts.js';
import type { ReadResult } from '../../src/analysis/partial-result.js';
import { Reading } from '../../src/analysis/reading.js';
import type { AnalysisRequest } from '../../src/analysis/request.js';
import type { FlowSet } from '../../src/trail/flow-set.js';

export interface OurFlow {
  /** IP protocol number. */
  readonly protocol: number;
  /** Endpoints with ports, `address/port`; index 0 is A. */
  readonly ends: readonly [string, string];
  /** Sent by A, sent by B. */
  readonly packets: readonly [number, number];
  readonly wireBytes: readonly [number, number];
  readonly fragments: number;
  /** Vantage point and encapsulation as one text: flows at the same place differ by tuple or time. */
  readonly place: string;
  /** Ids of the tunnels around it, outermost first, as `kind:id`. */
  readonly tunnels: readonly string[];
  /** WireGuard messages of types 1..4, both directions together; null if there were none. */
  readonly wireguard: readonly number[] | null;
  /** Nanoseconds since 1970. */
  readonly start: bigint;
}

export interface OurCapture {
  readonly flows: readonly OurFlow[];
  readonly read: ReadResult;
}

export const requestFor = (captures: readonly string[], members: Partial<AnalysisRequest> = {}): AnalysisRequest => ({
  captures,
  inventory: [],
  nodeDirectories: [],
  vantages: [],
  vxlanPorts: [],
  names: [],
  maxFlows: 1_000_000,
  workers: 1,
  leastBytesPerWorker: 0,
  selection: { namespaces: [], pods: [], since: null, until: null, top: null },
  options: [],
  ...members,
});

export async function readOurFlows(path: string): Promise<OurCapture> {
  const request = requestFor([path]);
  const context = {
    listener: (): void => undefined,
    signal: new AbortController().signal,
    standardInput: () => Readable.from([]),
  };
  const { groups } = await prepareCaptures(request);
  const read = await new Reading(groups, request, context).result();
  const set = joinFlowParts(read.parts, read.vantageIds);
  return { flows: Array.from({ length: set.length }, (_, index) => flowAt(set, index)), read };
}

function flowAt(set: FlowSet, index: number): OurFlow {
  set.load(index);
  const counters = set.extras?.wireguard ?? null;
  return {
    protocol: set.protocol,
    ends: [
      `${set.addressTable.text(set.addressA)}/${set.portA}`,
      `${set.addressTable.text(set.addressB)}/${set.portB}`,
    ],
    packets: [set.packets(0), set.packets(1)],
    wireBytes: [set.wireBytes(0), set.wireBytes(1)],
    fragments: set.fragments,
    place: `${set.vantage}/${set.encapsulation}`,
    tunnels: tunnelsOf(set, set.encapsulation),
    wireguard: counters === null ? null : [0, 1, 2, 3].map((type) => counters[type]! + counters[type + 5]!),
    start: BigInt(set.firstSeconds) * 1_000_000_000n + BigInt(set.firstNanoseconds),
  };
}

function tunnelsOf(set: FlowSet, encapsulation: number): string[] {
  const tunnels: string[] = [];
  const table = set.encapsulationTable;
  for (let id = encapsulation; id > 0; id = table.parent(id)) {
    if (table.kind(id) !== 0) tunnels.unshift(`${table.kind(id)}:${table.tunnelId(id)}`);
  }
  return tunnels;
}
