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
  HopEnd,
} from '../model/document.js';
import type { Owner } from '../model/owner.js';
import { ENCAPSULATION } from '../wire/decoded.js';
import type { ConnectionSet } from '../trail/connections.js';
import type { FlowSet } from '../trail/flow-set.js';
import type { Segments } from '../trail/segments/segments.js';
import type { WireguardAnalysis } from '../trail/wireguard/summary.js';
import { connectionId } from './connection-id.js';
import type { ConnectionPaths } from './connection-paths.js';
import { Doubts, type Told } from './doubts.js';
import { timeOf } from './known-translations.js';
import { hasPorts, PROTOCOL_ICMP, PROTOCOL_ICMPV6, protocolName } from './protocols.js';
import type { OwnerResolver } from './owner-resolver.js';
import { Services } from './services.js';
import type { Verdicts } from './verdicts.js';
import type { End, Translation } from './translation.js';

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
  /** Its ends where translation gave it several; else null. */
  translation(connection: number): Translation | null;
}

const NO_TRANSLATION: readonly never[] = [];

export class AnalyzedConnections implements ConnectionTable {
  readonly length: number;
  private readonly selected: Int32Array;
  private readonly connections: ConnectionSet;
  private readonly flows: FlowSet;
  private readonly sides: ConnectionSides;
  private readonly owners: OwnerResolver;
  private readonly services: Services;
  private readonly doubts: Doubts;
  private readonly paths: ConnectionPaths;
  private readonly segments: Segments;
  private readonly verdicts: Verdicts | null;
  private readonly wireguard: WireguardAnalysis;
  /** What many hops have in common, made once: tunnels by encapsulation and outer path, VLANs by encapsulation. */
  private readonly knownTunnels = new Map<number, Encapsulation[]>();
  private readonly knownVlans = new Map<number, number[]>();

  constructor(
    selected: Int32Array,
    connections: ConnectionSet,
    flows: FlowSet,
    sides: ConnectionSides,
    owners: OwnerResolver,
    paths: ConnectionPaths,
    segments: Segments,
    verdicts: Verdicts | null,
    wireguard: WireguardAnalysis,
  ) {
    this.length = selected.length;
    this.selected = selected;
    this.connections = connections;
    this.flows = flows;
    this.sides = sides;
    this.owners = owners;
    this.services = new Services(owners.inventory.objects);
    this.doubts = new Doubts(owners, this.services);
    this.paths = paths;
    this.segments = segments;
    this.verdicts = verdicts;
    this.wireguard = wireguard;
  }

  row(index: number): Connection {
    const c = this.selected[index]!;
    const flows = this.flows;
    flows.load(this.connections.counted[c]!);
    const direction = this.sides.direction(c);
    const protocol = flows.protocol;
    const { isWireguard } = flows;
    const translation = this.sides.translation(c);
    const client = translation?.client ?? this.end(direction, this.sides.client(c));
    const server = translation?.server ?? this.end(1 - direction, this.sides.server(c));
    const time = timeOf(flows);
    const icmp =
      protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6
        ? { type: flows.icmpType ?? 0, code: flows.icmpCode ?? 0 }
        : null;
    const countedAt = flows.vantage;
    const durationNs =
      (flows.lastSeconds - flows.firstSeconds) * 1e9 + (flows.lastNanoseconds - flows.firstNanoseconds);
    const path = this.paths.of(c);
    const hops = this.hops(c, path.directions);
    const name = protocolName(protocol, isWireguard);
    // What the counted hop says is the connection's.
    const hop = hops[this.countedHop(c)]!;
    const dialed = this.dialed(translation, server, name, protocol);
    const told: Told = {
      protocol: name,
      client,
      server,
      translation,
      service: dialed.service,
      vantages: hops.map(({ vantagePoint }) => vantagePoint),
      time,
      others: this.connections.candidatesOf(c).map((other) => this.id(other)),
    };
    return {
      id: this.id(c),
      protocol: name,
      protocolNumber: protocol,
      client: this.endpoint(client, protocol),
      server: this.endpoint(server, protocol),
      ...dialed,
      candidates: this.doubts.candidates(told),
      leftover: this.doubts.leftover(told),
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
      paths: path.paths,
      ...this.segments.of(path),
      policy: this.verdicts?.policyOf(c) ?? null,
    };
  }

  /** Leaves the flow set at the counted flow. */
  private id(c: number): string {
    const { flows, owners } = this;
    flows.load(this.connections.counted[c]!);
    const direction = this.sides.direction(c);
    const translation = this.sides.translation(c);
    const client = translation?.client ?? this.end(direction, this.sides.client(c));
    const server = translation?.server ?? this.end(1 - direction, this.sides.server(c));
    // ICMP has an identifier in the place of ports; the sequence number tells apart what reuses a port at once.
    return connectionId(
      flows.protocol,
      owners.text(client.address),
      client.port,
      owners.text(server.address),
      server.port,
      formatTimestamp(flows.firstSeconds, flows.firstNanoseconds),
      flows.initialSequence(direction),
    );
  }

  /** The end of the loaded flow that sends in `direction`. */
  private end(direction: number, owner: Owner): End {
    const { flows } = this;
    return direction === 0
      ? { address: flows.addressA, port: flows.portA, owner }
      : { address: flows.addressB, port: flows.portB, owner };
  }

  private endpoint({ address, port, owner }: End, protocol: number): Endpoint {
    return { address: this.owners.text(address), port: hasPorts(protocol) ? port : null, owner };
  }

  private dialed(
    translation: Translation | null,
    server: End,
    name: string,
    protocol: number,
  ): Pick<Connection, 'dialed' | 'service' | 'nat' | 'translatedBy'> {
    const nat = translation === null ? NO_TRANSLATION : natOf(translation);
    if (translation === null || nat.length === 0) {
      const service = this.services.dialed(server.owner, name, server.port);
      return { dialed: null, service, nat, translatedBy: null };
    }
    const { dialed, source } = translation;
    return {
      dialed: dialed === null ? null : this.endpoint(dialed, protocol),
      service: dialed === null ? null : this.services.dialed(dialed.owner, name, dialed.port),
      nat,
      translatedBy: source,
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
  private hops(c: number, directions: Uint8Array): Hop[] {
    return Array.from(this.connections.hopsOf(c), (flow, h) => {
      this.flows.load(flow);
      return this.hop(flow, directions[h]!);
    });
  }

  private hop(flow: number, direction: number): Hop {
    const flows = this.flows;
    const encapsulation = flows.encapsulation;
    return {
      vantagePoint: flows.vantage,
      encapsulation: this.tunnelsOf(encapsulation, direction),
      vlans: this.vlansOf(encapsulation),
      clientSeenAs: this.seenAs(direction),
      serverSeenAs: this.seenAs(1 - direction),
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
      wireguard: this.wireguard.hop(flows.piecesOf(flow), direction),
    };
  }

  private seenAs(direction: number): HopEnd {
    const { flows } = this;
    const port = direction === 0 ? flows.portA : flows.portB;
    return {
      address: this.owners.text(direction === 0 ? flows.addressA : flows.addressB),
      port: hasPorts(flows.protocol) ? port : null,
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

function natOf({ dialed, hasSourceNat }: Translation): Connection['nat'] {
  return [...(dialed === null ? [] : (['DNAT'] as const)), ...(hasSourceNat ? (['SNAT'] as const) : [])];
}
