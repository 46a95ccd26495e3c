/**
 * Connections joined with their owners: the facts per connection that selection, totals and the timeline ask for, as columns
 * where they are asked often.
 */
import type { Timestamp } from '../base/time.js';
import { isFailed, type ClientReason } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import type { ConnectionSet } from '../trail/connections.js';
import type { FlowSet } from '../trail/flow-set.js';
import { clientDirection, clientReason, clientSideOf } from './client-side.js';
import type { ConnectionSides } from './connection-table.js';
import type { EndpointAggregator } from './endpoint-totals.js';
import type { OwnerResolver } from './owner-resolver.js';
import { hasPorts, protocolName } from './protocols.js';
import type { Selectable } from './selection.js';
import type { ConnectionStarts } from './timeline.js';
import { translationOf, type Translation } from './translation.js';

export class JoinedConnections implements Selectable, ConnectionStarts, ConnectionSides {
  readonly length: number;
  /** See client-side.ts. */
  private readonly sides: Uint8Array;
  private readonly failed: Uint8Array;
  private readonly reset: Uint8Array;
  /** Owners of both ends, asked for once. */
  private readonly clients: Owner[] = [];
  private readonly servers: Owner[] = [];
  /** Of the connections that were translated. */
  private readonly translations = new Map<number, Translation>();
  private readonly protocols = new Map<string, number>();
  private readonly states = new Map<string, number>();
  private readonly connections: ConnectionSet;
  private readonly flows: FlowSet;
  private readonly owners: OwnerResolver;

  constructor(connections: ConnectionSet, flows: FlowSet, owners: OwnerResolver) {
    this.length = connections.length;
    this.connections = connections;
    this.flows = flows;
    this.owners = owners;
    this.sides = new Uint8Array(this.length);
    this.failed = new Uint8Array(this.length);
    this.reset = new Uint8Array(this.length);
    for (let index = 0; index < this.length; index++) {
      const side = clientSideOf(index, connections, flows, owners);
      const direction = clientDirection(side);
      this.sides[index] = side;
      const translation = this.translate(index, direction);
      this.clients.push(translation?.client.owner ?? owners.senderIn(direction, flows));
      this.servers.push(translation?.server.owner ?? owners.senderIn(1 - direction, flows));
      const protocol = this.protocol();
      const state = this.state(direction);
      this.failed[index] = isFailed(protocol, state) ? 1 : 0;
      this.reset[index] = state === 'RSTO' || state === 'RSTR' ? 1 : 0;
      this.protocols.set(protocol, (this.protocols.get(protocol) ?? 0) + 1);
      if (protocol === 'TCP') this.states.set(state, (this.states.get(state) ?? 0) + 1);
    }
  }

  /** Direction of the counted flow in which the client sends. */
  direction(index: number): number {
    return clientDirection(this.sides[index]!);
  }

  reason(index: number): ClientReason {
    return clientReason(this.sides[index]!);
  }

  /** The ends of a connection that was translated; null for all others. */
  translation(index: number): Translation | null {
    return this.translations.get(index) ?? null;
  }

  client(index: number): Owner {
    return this.clients[index]!;
  }

  server(index: number): Owner {
    return this.servers[index]!;
  }

  start(index: number): Timestamp {
    this.load(index);
    return { seconds: this.flows.firstSeconds, nanoseconds: this.flows.firstNanoseconds };
  }

  end(index: number): Timestamp {
    this.load(index);
    return { seconds: this.flows.lastSeconds, nanoseconds: this.flows.lastNanoseconds };
  }

  bytes(index: number): number {
    this.load(index);
    return this.flows.wireBytes(0) + this.flows.wireBytes(1);
  }

  /** True if it was set up and then ended by an RST. */
  wasReset(index: number): boolean {
    return this.reset[index] === 1;
  }

  hasFailed(index: number): boolean {
    return this.failed[index] === 1;
  }

  /** Counts by protocol and, for TCP, by state. */
  counts(): { byProtocol: Record<string, number>; byState: Record<string, number> } {
    return { byProtocol: sortedRecord(this.protocols), byState: sortedRecord(this.states) };
  }

  addTo(totals: EndpointAggregator, index: number): void {
    this.load(index);
    const flows = this.flows;
    const direction = this.direction(index);
    const translation = this.translation(index);
    const client = translation?.client.address ?? (direction === 0 ? flows.addressA : flows.addressB);
    const server = translation?.server.address ?? (direction === 0 ? flows.addressB : flows.addressA);
    const port = translation?.server.port ?? (direction === 0 ? flows.portB : flows.portA);
    totals.add(
      totals.entryOf(this.clients[index]!, client, this.owners.text(client)),
      totals.entryOf(this.servers[index]!, server, this.owners.text(server)),
      this.protocol(),
      hasPorts(flows.protocol) ? port : null,
      this.hasFailed(index),
      flows.wireBytes(direction),
      flows.wireBytes(1 - direction),
    );
  }

  /** Leaves the flow set at the counted flow, and its side as the translation has it. */
  private translate(index: number, direction: number): Translation | null {
    const { connections, flows, owners } = this;
    const client = {
      address: direction === 0 ? flows.addressA : flows.addressB,
      port: direction === 0 ? flows.portA : flows.portB,
    };
    const translation = translationOf(index, client, connections, flows, owners);
    if (translation !== null) this.translations.set(index, translation);
    this.load(index);
    return translation;
  }

  private load(index: number): void {
    this.flows.load(this.connections.counted[index]!);
  }

  private protocol(): string {
    return protocolName(this.flows.protocol, this.flows.isWireguard);
  }

  private state(direction: number): string {
    return this.flows.state(direction);
  }
}

function sortedRecord(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
