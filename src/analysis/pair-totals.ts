/**
 * Who talked to whom: connections and bytes per pair of workloads, and the ports that were asked for.
 *
 * There may be nearly as many pairs as connections, so a pair is a row of numbers. Ports are counted at the end, for the pairs
 * that are shown: until then every connection keeps its pair and its port.
 */
import { compareText } from '../base/compare-text.js';
import { InternTable } from '../flow/intern-table.js';
import type { EndpointSummary, WorkloadPair } from '../model/document.js';
import { indexesOfLargest } from './largest.js';

const MAX_PAIRS = 400;
const MAX_PORTS = 8;
const NO_PORT = 0x10000;
/** A port or NO_PORT takes this many bits of a service's number; the protocol stands above. */
const PORT_BITS = 17;

export class PairTotals {
  /** Client and server workload of each pair. */
  private readonly table = new InternTable();
  private readonly connections: number[] = [];
  private readonly failed: number[] = [];
  private readonly bytes: number[] = [];
  /** By connection: its pair, and its server's protocol and port as one number. */
  private readonly pairOf: number[] = [];
  private readonly serviceOf: number[] = [];
  private readonly protocols: string[] = [];

  /** Adds one connection between two workloads, given by dense numbers. */
  add(
    client: number,
    server: number,
    protocol: string,
    serverPort: number | null,
    failed: number,
    bytes: number,
  ): void {
    const pair = this.table.intern(client, server, 0, 0, 0);
    if (pair === this.connections.length) {
      this.connections.push(0);
      this.failed.push(0);
      this.bytes.push(0);
    }
    this.connections[pair] = this.connections[pair]! + 1;
    this.failed[pair] = this.failed[pair]! + failed;
    this.bytes[pair] = this.bytes[pair]! + bytes;
    this.pairOf.push(pair);
    this.serviceOf.push((this.protocolNumber(protocol) << PORT_BITS) | (serverPort ?? NO_PORT));
  }

  /** The busiest pairs, and the rest summed. `keys` are those of the workloads. */
  summary(keys: readonly string[]): Pick<EndpointSummary, 'pairs' | 'otherPairs'> {
    const { table, connections } = this;
    const bytes = Float64Array.from(this.bytes);
    const client = (pair: number): string => keys[table.field(pair, 0)]!;
    const server = (pair: number): string => keys[table.field(pair, 1)]!;
    const shown = indexesOfLargest(
      bytes,
      MAX_PAIRS,
      (a, b) =>
        bytes[b]! - bytes[a]! ||
        connections[b]! - connections[a]! ||
        compareText(client(a), client(b)) ||
        compareText(server(a), server(b)),
    );
    const ports = this.portsOf(shown);
    const pairs = shown.map((pair, position): WorkloadPair => ({
      client: client(pair),
      server: server(pair),
      ports: this.busiest(ports[position]!),
      connections: connections[pair]!,
      failedConnections: this.failed[pair]!,
      bytes: bytes[pair]!,
    }));
    return { pairs, otherPairs: this.without(pairs) };
  }

  private without(pairs: readonly WorkloadPair[]): EndpointSummary['otherPairs'] {
    let connections = this.pairOf.length;
    let bytes = this.bytes.reduce((sum, value) => sum + value, 0);
    for (const pair of pairs) {
      connections -= pair.connections;
      bytes -= pair.bytes;
    }
    return { pairs: this.table.size - pairs.length, connections, bytes };
  }

  /** Per pair of `pairs`: its connections by service. */
  private portsOf(pairs: readonly number[]): Map<number, number>[] {
    const counts = pairs.map(() => new Map<number, number>());
    const positions = new Int32Array(this.table.size).fill(-1);
    pairs.forEach((pair, position) => (positions[pair] = position));
    for (let connection = 0; connection < this.pairOf.length; connection++) {
      const ofPair = counts[positions[this.pairOf[connection]!]!];
      if (ofPair === undefined) continue;
      const service = this.serviceOf[connection]!;
      ofPair.set(service, (ofPair.get(service) ?? 0) + 1);
    }
    return counts;
  }

  /** `8080/TCP`, `ICMP`: the services with the most connections. */
  private busiest(counts: ReadonlyMap<number, number>): string[] {
    return [...counts]
      .map(([service, count]) => ({ name: this.serviceName(service), count }))
      .sort((a, b) => b.count - a.count || compareText(a.name, b.name))
      .slice(0, MAX_PORTS)
      .map(({ name }) => name);
  }

  private serviceName(service: number): string {
    const protocol = this.protocols[service >>> PORT_BITS]!;
    const port = service & ((1 << PORT_BITS) - 1);
    return port === NO_PORT ? protocol : `${port}/${protocol}`;
  }

  private protocolNumber(protocol: string): number {
    const known = this.protocols.indexOf(protocol);
    return known >= 0 ? known : this.protocols.push(protocol) - 1;
  }
}
