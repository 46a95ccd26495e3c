/** Reading in parts: shares are a partition, a partial result survives its way between threads, and merging hides the parts. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { prepareCaptures, type NumberedGroup } from '../../src/analysis/capture-groups.js';
import { shareOut } from '../../src/analysis/capture-threads.js';
import { joinFlowParts } from '../../src/analysis/flow-parts.js';
import {
  mergePartialResults,
  revive,
  transferList,
  type PartialResult,
  type ReadResult,
} from '../../src/analysis/partial-result.js';
import { readCaptures } from '../../src/analysis/read-captures.js';
import { buildConnections } from '../../src/trail/connections.js';
import { readFlowColumns } from '../../src/trail/flow-columns.js';
import type { FlowSet } from '../../src/trail/flow-set.js';
import { SampleSet } from '../../src/trail/sample-set.js';
import { readMessages } from '../../src/trail/wireguard/messages.js';
import { sample } from './pipeline.js';

const NO_EVIDENCE = { isService: (): boolean => false, isNode: (): boolean => false };

const CONTEXT = {
  listener: (): void => undefined,
  signal: new AbortController().signal,
  standardInput: () => new PassThrough().end(),
};
const SETTINGS = { vxlanPorts: [], maxFlows: 1_000_000 };

function groupOf(number: number, sizeBytes: number | null): NumberedGroup {
  const file = { path: `${number}.pcap`, compression: 'none', sizeBytes, firstTime: null } as const;
  return { number, group: { name: `${number}.pcap`, files: [file], node: null, interface: null } };
}

describe('shareOut', () => {
  test('every group once, in order within a share, no share empty, none beyond the largest group above the least', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 40 }), fc.nat(9), (sizes, threads) => {
        const shares = shareOut(
          sizes.map((size, number) => groupOf(number, size)),
          threads,
        );
        const numbers = shares.map((share) => share.map(({ number }) => number));
        if (threads > 0) expect(numbers.flat().sort((a, b) => a - b)).toEqual(sizes.map((_, number) => number));
        for (const share of numbers) expect(share).toEqual([...share].sort((a, b) => a - b));
        const loads = numbers.map((share) => share.reduce((sum, number) => sum + sizes[number]!, 0));
        if (loads.length > 0) {
          expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(Math.max(...sizes));
        }
      }),
    );
  });
});

async function sampleGroups(name: string): Promise<NumberedGroup[]> {
  const folder = sample(name, 'captures');
  const { groups } = await prepareCaptures({
    captures: readdirSync(folder).map((file) => join(folder, file)),
    inventory: [],
    nodeDirectories: [],
    vantages: [],
    names: [],
    ...SETTINGS,
    workers: 1,
    leastBytesPerWorker: 0,
    selection: { namespaces: [], pods: [], since: null, until: null, top: null },
    options: [],
  });
  return groups.map((group, number) => ({ number, group }));
}

/** What the rest of the pipeline can see of it. */
function seen({ captures, vantages, parts, vantageIds, failures }: ReadResult): unknown {
  const flows = joinFlowParts(parts, vantageIds);
  const { table, sources, bins, segments } = vantages;
  const connections = buildConnections(
    flows,
    readFlowColumns(flows),
    new SampleSet(flows),
    {
      mixesInterfaces: () => false,
    },
    NO_EVIDENCE,
  );
  const described = Array.from({ length: connections.length }, (_, index) => {
    return Array.from(
      connections.hops.subarray(connections.hopStarts[index], connections.hopStarts[index + 1]),
      (flow) => {
        flows.load(flow);
        return [
          flows.vantage,
          flows.addressTable.text(flows.clientDirection === 0 ? flows.addressA : flows.addressB),
          flows.addressTable.text(flows.clientDirection === 0 ? flows.addressB : flows.addressA),
          flows.packets(0) + flows.packets(1),
          flows.wireBytes(0) + flows.wireBytes(1),
          flows.firstSeconds,
          flows.firstNanoseconds,
          flows.state(flows.clientDirection),
        ];
      },
    );
  });
  return {
    captures: captures.map(({ id, path, oddities, undecodedPackets, interfaces }) => {
      return { id, path, oddities, undecodedPackets, interfaces };
    }),
    vantages: Array.from({ length: table.size }, (_, id) => {
      const own = segments.filter(({ vantage }) => vantage === id);
      return {
        source: sources[table.source(id)],
        index: table.interfaceIndex(id),
        traffic: bins[id]!.bytes.reduce((sum, bytes) => sum + bytes, 0),
        packets: own.map(({ packets }) => packets),
        times: own.map((segment) => segment.times()),
      };
    }),
    described,
    wireguard: wireguardOf(flows),
    failures,
  };
}

/** WireGuard's messages, with addresses in the place of their ids. */
function wireguardOf(flows: FlowSet): unknown {
  const { sessions, handshakes, notKept } = readMessages(flows, 0);
  const named = [...sessions, ...handshakes].map((each) => ({
    ...each,
    source: flows.addressTable.text(each.source),
    destination: flows.addressTable.text(each.destination),
    firstSource: null,
    firstDestination: null,
  }));
  return { named, notKept };
}

test.each(['pod-to-pod', 'pod-churn', 'wireguard'])(
  '%s: as many parts as groups, sent through messages',
  async (name) => {
    const groups = await sampleGroups(name);
    const whole = mergePartialResults([await readCaptures(groups, SETTINGS, CONTEXT)]);
    const { port1, port2 } = new MessageChannel();
    const parts = [];
    for (const group of groups.toReversed()) {
      const partial = await readCaptures([group], SETTINGS, CONTEXT);
      const arrived = once(port2, 'message');
      port1.postMessage(partial, transferList(partial));
      parts.push(revive((await arrived)[0] as PartialResult));
    }
    port1.close();
    expect(parts.length).toBeGreaterThan(1);
    expect(seen(mergePartialResults(parts))).toEqual(seen(whole));
  },
);
