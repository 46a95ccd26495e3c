/**
 * Who sent how much to whom: totals per pod (or other owner), per workload, and per pair of workloads. Bounded lists, the rest
 * summed, in an order that depends on nothing but the figures and names.
 */
import { compareText } from '../base/compare-text.js';
import type { EndpointSummary, EndpointTotals, Unattributed, WorkloadTotals } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import { indexesOfLargest } from './largest.js';
import { PairTotals } from './pair-totals.js';

const MAX_PODS = 500;
const MAX_WORKLOADS = 200;
const MAX_UNATTRIBUTED = 50;

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] };

/** An owner, or an address without one, at the ends of connections. */
interface OwnerEntry extends Mutable<EndpointTotals> {
  readonly key: string;
  readonly addressSet: Set<string>;
  readonly workload: WorkloadEntry;
}

interface WorkloadEntry extends Mutable<WorkloadTotals> {
  /** Dense, from 0. */
  readonly id: number;
  readonly podKeys: Set<string>;
}

/** An address as the end of one connection, to be passed on to `add`. */
interface AddressEntry {
  readonly owner: Owner;
  readonly totals: OwnerEntry;
  /** If it has no known owner. */
  readonly unattributed: Mutable<Unattributed> | null;
}

export class EndpointAggregator {
  private readonly owners = new Map<string, OwnerEntry>();
  private readonly workloads = new Map<string, WorkloadEntry>();
  private readonly pairs = new PairTotals();
  private readonly unattributed = new Map<string, Mutable<Unattributed>>();
  /** By address: the entry asked for last. An address nearly always has one owner. */
  private readonly lastEntries = new Map<number, AddressEntry>();

  /** The entry of an address (its id and its text) and its owner. */
  entryOf(owner: Owner, address: number, text: string): AddressEntry {
    const last = this.lastEntries.get(address);
    if (last?.owner === owner) return last;
    const totals = this.ownerEntry(owner, text);
    totals.addressSet.add(text);
    const entry = {
      owner,
      totals,
      unattributed: owner.kind === 'unknown' ? this.unattributedEntry(owner, text) : null,
    };
    this.lastEntries.set(address, entry);
    return entry;
  }

  /** Adds one connection; `serverPort` is null where the protocol has none. */
  add(
    client: AddressEntry,
    server: AddressEntry,
    protocol: string,
    serverPort: number | null,
    hasFailed: boolean,
    bytesToServer: number,
    bytesToClient: number,
  ): void {
    const failed = hasFailed ? 1 : 0;
    const bytes = bytesToServer + bytesToClient;
    addClient(client.totals, failed, bytesToServer, bytesToClient);
    addClient(client.totals.workload, failed, bytesToServer, bytesToClient);
    addServer(server.totals, failed, bytesToServer, bytesToClient);
    addServer(server.totals.workload, failed, bytesToServer, bytesToClient);
    this.pairs.add(client.totals.workload.id, server.totals.workload.id, protocol, serverPort, failed, bytes);
    if (client.unattributed !== null) addUnattributed(client.unattributed, bytes);
    if (server.unattributed !== null) addUnattributed(server.unattributed, bytes);
  }

  summary(): EndpointSummary {
    const workloads = [...this.workloads.values()];
    return {
      pods: largest([...this.owners.values()], MAX_PODS).map(
        ({ key: _key, addressSet, workload: _workload, ...totals }) => ({
          ...totals,
          addresses: [...addressSet].sort(compareText),
        }),
      ),
      workloads: largest(workloads, MAX_WORKLOADS).map(({ id: _id, podKeys, ...totals }) => ({
        ...totals,
        pods: podKeys.size,
      })),
      ...this.pairs.summary(workloads.map(({ key }) => key)),
    };
  }

  /** Addresses without a known owner, busiest first. */
  unattributedAddresses(): Unattributed[] {
    return [...this.unattributed.values()]
      .sort((a, b) => b.bytes - a.bytes || b.connections - a.connections || compareText(a.address, b.address))
      .slice(0, MAX_UNATTRIBUTED);
  }

  get unattributedCount(): number {
    return this.unattributed.size;
  }

  private ownerEntry(owner: Owner, address: string): OwnerEntry {
    // An owner with a name is one endpoint whatever its addresses; without a name every address is its own.
    const discriminator = owner.name === null ? address : '';
    const key = `${owner.kind}/${owner.namespace ?? ''}/${owner.name ?? ''}/${owner.uid ?? ''}/${discriminator}`;
    const known = this.owners.get(key);
    if (known !== undefined) return known;
    const workload = this.workloadOf(owner, discriminator);
    workload.podKeys.add(key);
    const entry: OwnerEntry = { key, owner, addressSet: new Set(), addresses: [], workload, ...noTraffic() };
    this.owners.set(key, entry);
    return entry;
  }

  private workloadOf(owner: Owner, address: string): WorkloadEntry {
    const { key, label } = describeWorkload(owner, address);
    let entry = this.workloads.get(key);
    if (entry === undefined) {
      entry = {
        id: this.workloads.size,
        key,
        kind: owner.kind,
        namespace: owner.namespace,
        workload: owner.workload,
        label,
        pods: 0,
        podKeys: new Set(),
        ...noTraffic(),
      };
      this.workloads.set(key, entry);
    }
    return entry;
  }

  private unattributedEntry(owner: Owner, address: string): Mutable<Unattributed> {
    let entry = this.unattributed.get(address);
    if (entry === undefined) {
      entry = { address, reason: owner.reason, connections: 0, bytes: 0 };
      this.unattributed.set(address, entry);
    }
    return entry;
  }
}

function noTraffic(): {
  connectionsAsClient: number;
  connectionsAsServer: number;
  failedConnections: number;
  bytesSent: number;
  bytesReceived: number;
} {
  return { connectionsAsClient: 0, connectionsAsServer: 0, failedConnections: 0, bytesSent: 0, bytesReceived: 0 };
}

type Traffic = ReturnType<typeof noTraffic>;

function addClient(target: Traffic, failed: number, bytesToServer: number, bytesToClient: number): void {
  target.connectionsAsClient++;
  target.failedConnections += failed;
  target.bytesSent += bytesToServer;
  target.bytesReceived += bytesToClient;
}

function addServer(target: Traffic, failed: number, bytesToServer: number, bytesToClient: number): void {
  target.connectionsAsServer++;
  target.failedConnections += failed;
  target.bytesSent += bytesToClient;
  target.bytesReceived += bytesToServer;
}

/** The node of the map that an owner belongs to. */
export function describeWorkload(owner: Owner, address: string): { key: string; label: string } {
  switch (owner.kind) {
    case 'pod': {
      const kind = owner.workload?.kind ?? 'Pod';
      const name = owner.workload?.name ?? owner.name ?? address;
      return { key: `${owner.namespace ?? ''}/${kind}/${name}`, label: name };
    }
    case 'service':
      return {
        key: `${owner.namespace ?? ''}/Service/${owner.name ?? address}`,
        label: owner.name ?? address,
      };
    case 'node':
    case 'gateway':
      return { key: `node/${owner.name ?? address}`, label: owner.name ?? address };
    case 'external':
      // Outside addresses are one party, save those that the user named.
      return owner.name === null
        ? { key: 'external', label: 'outside the cluster' }
        : { key: `external/${owner.name}`, label: owner.name };
    case 'unknown':
      return { key: address, label: address };
    default:
      return { key: owner.kind, label: owner.kind };
  }
}

function addUnattributed(entry: Mutable<Unattributed>, bytes: number): void {
  entry.connections++;
  entry.bytes += bytes;
}

/** The `count` with the most traffic, busiest first. */
function largest<T extends OwnerEntry | WorkloadEntry>(entries: readonly T[], count: number): T[] {
  const sizes = new Float64Array(entries.length);
  entries.forEach((entry, index) => (sizes[index] = entry.bytesSent + entry.bytesReceived));
  const order = indexesOfLargest(sizes, count, (a, b) => {
    return sizes[b]! - sizes[a]! || compareText(entries[a]!.key, entries[b]!.key);
  });
  return order.map((index) => entries[index]!);
}
