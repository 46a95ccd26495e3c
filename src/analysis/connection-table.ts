/**
 * The document's connection table: rows made on demand from the flow columns, so that 150,000 connections cost what is
 * asked of them. A row holds shared owner objects and its hops.
 */
import { formatTimestamp } from '../base/time.js';
import type {
  ClientReason,
  Connection,
  ConnectionTable,
  DirectionCounters,
  Encapsulation,
  Endpoint,
  Hop,
} from '../model/document.js';
import type { Owner } from '../model/owner.js';
import { ENCAPSULATION } from '../wire/decoded.js';
import type { ConnectionSet } from '../trail/connections.js';
import type { FlowSet } from '../trail/flow-set.js';
import { connectionId } from './connection-id.js';
import { hasPorts, PROTOCOL_ICMP, PROTOCOL_ICMPV6, protocolName } from './protocols.js';
import type { OwnerResolver } from './owner-resolver.js';

const ENCAPSULATION_NAMES: Readonly<Record<number, string>> = {
  [ENCAPSULATION.Vxlan]: 'VXLAN',
  [ENCAPSULATION.VxlanGpe]: 'VXLAN-GPE',
  [ENCAPSULATION.Geneve]: 'Geneve',
  [ENCAPSULATION.Gre]: 'GRE',
  [ENCAPSULATION.IpInIp]: 'IPIP',
  [ENCAPSULATION.SixInFour]: '6in4',
  [ENCAPSULATION.FourInSix]: '4in6',
  [ENCAPSULATION.SixInSix]: '6in6',
};

/** Name of an ENCAPSULATION number. */
export function encapsulationName(kind: number): string {
  return ENCAPSULATION_NAMES[kind] ?? 'none';
}

/** The sides of each connection: in which direction of its counted flow the client sends, why, and who they are. */
export interface ConnectionSides {
  direction(connection: number): number;
  reason(connection: number): ClientReason;
  client(connection: number): Owner;
  server(connection: number): Owner;
}

export class AnalyzedConnections implements ConnectionTable {
  readonly length: number;
  private readonly selected: Int32Array;
  private readonly connections: ConnectionSet;
  private readonly flows: FlowSet;
  private readonly sides: ConnectionSides;
  private readonly owners: OwnerResolver;
  /** What many hops have in common, made once: tunnels by encapsulation and outer path, VLANs by encapsulation. */
  private readonly knownTunnels = new Map<number, Encapsulation[]>();
  private readonly knownVlans = new Map<number, number[]>();

  constructor(
    selected: Int32Array,
    connections: ConnectionSet,
    flows: FlowSet,
    sides: ConnectionSides,
    owners: OwnerResolver,
  ) {
    this.length = selected.length;
    this.selected = selected;
    this.connections = connections;
    this.flows = flows;
    this.sides = sides;
    this.owners = owners;
  }

  row(index: number): Connection {
    const c = this.selected[index]!;
    const flows = this.flows;
    flows.load(this.connections.counted[c]!);
    const direction = this.sides.direction(c);
    const protocol = flows.protocol;
    const { isWireguard } = flows;
    const client = this.endpoint(direction, this.sides.client(c));
    const server = this.endpoint(1 - direction, this.sides.server(c));
    const addressOfClient = direction === 0 ? flows.addressA : flows.addressB;
    const portOfClient = direction === 0 ? flows.portA : flows.portB;
    // ICMP has an identifier in the place of ports; the sequence number tells apart what reuses a port at once.
    const portOfServer = direction === 0 ? flows.portB : flows.portA;
    const sequence = flows.initialSequence(direction);
    const start = formatTimestamp(flows.firstSeconds, flows.firstNanoseconds);
    const icmp =
      protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6
        ? { type: flows.icmpType ?? 0, code: flows.icmpCode ?? 0 }
        : null;
    const countedAt = flows.vantage;
    const durationNs =
      (flows.lastSeconds - flows.firstSeconds) * 1e9 + (flows.lastNanoseconds - flows.firstNanoseconds);
    const hops = this.hops(c, addressOfClient, portOfClient);
    // What the counted hop says is the connection's.
    const hop = hops[this.countedHop(c)]!;
    return {
      id: connectionId(protocol, client.address, portOfClient, server.address, portOfServer, start, sequence),
      protocol: protocolName(protocol, isWireguard),
      protocolNumber: protocol,
      client,
      server,
      clientReason: this.sides.reason(c),
      start: hop.start,
      end: hop.end,
      durationNs,
      state: hop.state,
      history: hop.history,
      clientToServer: hop.clientToServer,
      serverToClient: hop.serverToClient,
      handshakeRttNs: hop.handshakeRttNs,
      icmp,
      countedAt,
      hops,
    };
  }

  private endpoint(direction: number, owner: Owner): Endpoint {
    const flows = this.flows;
    const address = direction === 0 ? flows.addressA : flows.addressB;
    const port = direction === 0 ? flows.portA : flows.portB;
    return {
      address: this.owners.text(address),
      port: hasPorts(flows.protocol) ? port : null,
      owner,
    };
  }

  /** Which of the connection's hops is the counted one. */
  private countedHop(c: number): number {
    const { counted, hops, hopStarts } = this.connections;
    const start = hopStarts[c]!;
    let h = start;
    while (hops[h] !== counted[c]) h++;
    return h - start;
  }

  /** The connection's hops in order of first packet. */
  private hops(c: number, clientAddress: number, clientPort: number): Hop[] {
    const hops: Hop[] = [];
    for (let h = this.connections.hopStarts[c]!; h < this.connections.hopStarts[c + 1]!; h++) {
      const flows = this.flows;
      flows.load(this.connections.hops[h]!);
      const isA = flows.addressA === clientAddress && (flows.portA === clientPort || flows.addressB !== clientAddress);
      hops.push(this.hop(isA ? 0 : 1));
    }
    return hops;
  }

  private hop(direction: number): Hop {
    const flows = this.flows;
    const encapsulation = flows.encapsulation;
    return {
      vantagePoint: flows.vantage,
      encapsulation: this.tunnelsOf(encapsulation, direction),
      vlans: this.vlansOf(encapsulation),
      start: formatTimestamp(flows.firstSeconds, flows.firstNanoseconds),
      end: formatTimestamp(flows.lastSeconds, flows.lastNanoseconds),
      state: flows.state(direction),
      history: flows.history(direction),
      clientToServer: this.counters(direction),
      serverToClient: this.counters(1 - direction),
      handshakeRttNs: flows.handshakeNs,
      clientTtl: flows.hopLimit(direction),
      serverTtl: flows.hopLimit(1 - direction),
      nflogPrefix: flows.nflogPrefix,
    };
  }

  private counters(direction: number): DirectionCounters {
    const flows = this.flows;
    return {
      packets: flows.packets(direction),
      wireBytes: flows.wireBytes(direction),
      payloadBytes: flows.payloadBytes(direction),
      uniquePayloadBytes: flows.uniquePayloadBytes(direction),
    };
  }

  /** Tunnels around an encapsulation, outermost first, with the outer addresses of the client's (else the server's) first packet. */
  private tunnelsOf(encapsulation: number, direction: number): Encapsulation[] {
    let path = this.flows.outerPath(direction);
    const isReversed = path < 0;
    if (isReversed) path = this.flows.outerPath(1 - direction);
    const key = ((path + 1) * this.flows.encapsulationTable.size + encapsulation) * 2 + (isReversed ? 1 : 0);
    let known = this.knownTunnels.get(key);
    if (known === undefined) {
      known = this.makeTunnels(encapsulation, path, isReversed);
      this.knownTunnels.set(key, known);
    }
    return known;
  }

  private makeTunnels(encapsulation: number, innermostPath: number, isReversed: boolean): Encapsulation[] {
    const table = this.flows.encapsulationTable;
    let path = innermostPath;
    const result: Encapsulation[] = [];
    for (let id = encapsulation; table.parent(id) >= 0; id = table.parent(id)) {
      const kind = table.kind(id);
      if (kind === ENCAPSULATION.None) continue;
      const tunnelId = table.tunnelId(id);
      result.unshift({
        kind: encapsulationName(kind),
        tunnelId: tunnelId < 0 ? null : tunnelId,
        outer: path < 0 ? null : this.outer(path, isReversed),
      });
      if (path >= 0) path = this.flows.outerPathTable.parent(path);
    }
    return result;
  }

  private outer(path: number, isReversed: boolean): { source: string; destination: string } {
    const source = this.owners.text(this.flows.outerPathTable.source(path));
    const destination = this.owners.text(this.flows.outerPathTable.destination(path));
    return isReversed ? { source: destination, destination: source } : { source, destination };
  }

  private vlansOf(encapsulation: number): number[] {
    let known = this.knownVlans.get(encapsulation);
    if (known === undefined) this.knownVlans.set(encapsulation, (known = this.makeVlans(encapsulation)));
    return known;
  }

  private makeVlans(encapsulation: number): number[] {
    const table = this.flows.encapsulationTable;
    const result: number[] = [];
    for (let id = encapsulation; id >= 0; id = table.parent(id)) {
      for (let index = 2; index >= 0; index--) {
        const vlan = table.vlan(id, index);
        if (vlan >= 0) result.unshift(vlan);
      }
    }
    return result;
  }
}
