/**
 * Who sent how much to whom: totals per pod (or other owner), per workload, and per pair of workloads. Bounded lists, the rest
 * summed, in an order that depends on nothing but the figures and names.
 */
import type { EndpointSummary, EndpointTotals, Unattributed, WorkloadPair, WorkloadTotals } from '../model/document.js';
import type { Owner } from '../model/owner.js';

const MAX_PODS = 500;
const MAX_WORKLOADS = 200;
const MAX_PAIRS = 400;
const MAX_PORTS = 8;
const NO_PORT = -1;
const MAX_UNATTRIBUTED = 50;

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] };

/** One connection, as far as totals go. */
export interface ConnectionTotals {
  readonly client: Owner;
  readonly clientAddress: string;
  readonly server: Owner;
  readonly serverAddress: string;
  readonly serverPort: number | null;
  readonly protocol: string;
  readonly hasFailed: boolean;
  readonly bytesToServer: number;
  readonly bytesToClient: number;
}

interface OwnerEntry extends Mutable<EndpointTotals> {
  readonly key: string;
  readonly addressSet: Set<string>;
  readonly workload: WorkloadEntry;
}

interface WorkloadEntry extends Mutable<WorkloadTotals> {
  readonly podKeys: Set<string>;
}

interface PairEntry {
  readonly client: string;
  readonly server: string;
  /** Connections by server port; by protocol, port -1 standing for none. */
  readonly portConnections: Map<string, Map<number, number>>;
  connections: number;
  failedConnections: number;
  bytes: number;
}

export class EndpointAggregator {
  private readonly owners = new Map<string, OwnerEntry>();
  private readonly workloads = new Map<string, WorkloadEntry>();
  private readonly pairs = new Map<WorkloadEntry, Map<WorkloadEntry, PairEntry>>();
  private readonly unattributed = new Map<string, Mutable<Unattributed>>();
  /** Owner objects are shared, so most lookups end here. */
  private readonly byIdentity = new Map<Owner, Map<string, OwnerEntry>>();

  add(connection: ConnectionTotals): void {
    const client = this.entryOf(connection.client, connection.clientAddress);
    const server = this.entryOf(connection.server, connection.serverAddress);
    const { bytesToServer, bytesToClient } = connection;
    const failed = connection.hasFailed ? 1 : 0;
    addClient(client, failed, bytesToServer, bytesToClient);
    addClient(client.workload, failed, bytesToServer, bytesToClient);
    addServer(server, failed, bytesToServer, bytesToClient);
    addServer(server.workload, failed, bytesToServer, bytesToClient);
    this.addPair(client.workload, server.workload, connection);
    this.noteUnattributed(connection.client, connection.clientAddress, bytesToServer + bytesToClient);
    this.noteUnattributed(connection.server, connection.serverAddress, bytesToServer + bytesToClient);
  }

  summary(): EndpointSummary {
    const pods = [...this.owners.values()].sort(byBytes).slice(0, MAX_PODS);
    const workloads = [...this.workloads.values()].sort(byBytes).slice(0, MAX_WORKLOADS);
    const pairs = [...this.pairs.values()]
      .flatMap((byServer) => [...byServer.values()])
      .sort(
        (a, b) =>
          b.bytes - a.bytes ||
          b.connections - a.connections ||
          compareText(a.client, b.client) ||
          compareText(a.server, b.server),
      );
    const rest = pairs.slice(MAX_PAIRS);
    return {
      pods: pods.map(({ key: _key, addressSet, workload: _workload, ...totals }) => ({
        ...totals,
        addresses: [...addressSet].sort(compareText),
      })),
      workloads: workloads.map(({ podKeys, ...totals }) => ({ ...totals, pods: podKeys.size })),
      pairs: pairs.slice(0, MAX_PAIRS).map(pairTotals),
      otherPairs: {
        pairs: rest.length,
        connections: rest.reduce((sum, pair) => sum + pair.connections, 0),
        bytes: rest.reduce((sum, pair) => sum + pair.bytes, 0),
      },
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

  private entryOf(owner: Owner, address: string): OwnerEntry {
    // An owner with a name is one endpoint whatever its addresses; without a name every address is its own.
    const discriminator = owner.name === null ? address : '';
    let byAddress = this.byIdentity.get(owner);
    if (byAddress === undefined) {
      byAddress = new Map();
      this.byIdentity.set(owner, byAddress);
    }
    let entry = byAddress.get(discriminator);
    if (entry === undefined) {
      entry = this.makeEntry(owner, discriminator);
      byAddress.set(discriminator, entry);
    }
    entry.addressSet.add(address);
    return entry;
  }

  private makeEntry(owner: Owner, discriminator: string): OwnerEntry {
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

  private addPair(client: WorkloadEntry, server: WorkloadEntry, connection: ConnectionTotals): void {
    let byServer = this.pairs.get(client);
    if (byServer === undefined) {
      byServer = new Map();
      this.pairs.set(client, byServer);
    }
    let pair = byServer.get(server);
    if (pair === undefined) {
      pair = {
        client: client.key,
        server: server.key,
        portConnections: new Map(),
        connections: 0,
        failedConnections: 0,
        bytes: 0,
      };
      byServer.set(server, pair);
    }
    pair.connections++;
    if (connection.hasFailed) pair.failedConnections++;
    pair.bytes += connection.bytesToServer + connection.bytesToClient;
    let ports = pair.portConnections.get(connection.protocol);
    if (ports === undefined) {
      ports = new Map();
      pair.portConnections.set(connection.protocol, ports);
    }
    const port = connection.serverPort ?? NO_PORT;
    ports.set(port, (ports.get(port) ?? 0) + 1);
  }

  private noteUnattributed(owner: Owner, address: string, bytes: number): void {
    if (owner.kind !== 'unknown') return;
    let entry = this.unattributed.get(address);
    if (entry === undefined) {
      entry = { address, reason: owner.reason, connections: 0, bytes: 0 };
      this.unattributed.set(address, entry);
    }
    entry.connections++;
    entry.bytes += bytes;
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
function describeWorkload(owner: Owner, address: string): { key: string; label: string } {
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
      return { key: 'external', label: 'outside the cluster' };
    case 'unknown':
      return { key: address, label: address };
    default:
      return { key: owner.kind, label: owner.kind };
  }
}

function pairTotals(pair: PairEntry): WorkloadPair {
  const ports = [...pair.portConnections]
    .flatMap(([protocol, counts]) =>
      [...counts].map(([port, count]) => [port === NO_PORT ? protocol : `${port}/${protocol}`, count] as const),
    )
    .sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
  return {
    client: pair.client,
    server: pair.server,
    ports: ports.slice(0, MAX_PORTS).map(([port]) => port),
    connections: pair.connections,
    failedConnections: pair.failedConnections,
    bytes: pair.bytes,
  };
}

function byBytes(a: OwnerEntry | WorkloadEntry, b: OwnerEntry | WorkloadEntry): number {
  return b.bytesSent + b.bytesReceived - (a.bytesSent + a.bytesReceived) || compareText(a.key, b.key);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
