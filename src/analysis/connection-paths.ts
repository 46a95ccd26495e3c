/** The ways of a connection's packets through its hops, in both directions, as numbers. */
import type { Connection } from '../model/document.js';
import type { ConnectionSet } from '../trail/connections.js';
import type { FlowSet } from '../trail/flow-set.js';
import type { HopOrder } from '../trail/hop-order.js';
import type { ConnectionPath } from '../trail/segments/comparable-hops.js';
import type { Translation } from './translation.js';

/** In which direction of a connection's counted flow the client sends, and its ends where it has several tuples. */
export interface Clients {
  direction(connection: number): number;
  translation(connection: number): Translation | null;
}

const NO_HOP: readonly number[] = [];
const ONLY_HOP: readonly number[] = [0];

export class ConnectionPaths {
  private readonly connections: ConnectionSet;
  private readonly flows: FlowSet;
  private readonly sides: Clients;
  private readonly order: HopOrder;

  constructor(connections: ConnectionSet, flows: FlowSet, sides: Clients, order: HopOrder) {
    this.connections = connections;
    this.flows = flows;
    this.sides = sides;
    this.order = order;
  }

  /** Of connection `c`; leaves the flow set at any of its flows. */
  of(c: number): ConnectionPath & { readonly directions: Uint8Array } {
    const flows = this.connections.hopsOf(c);
    const directions = this.sides.translation(c)?.directions ?? this.directions(c);
    return { flows, directions, paths: this.paths(c, flows, directions) };
  }

  /** By hop of a connection whose flows have one tuple: the direction in which the client sends. */
  private directions(c: number): Uint8Array {
    const { flows } = this;
    flows.load(this.connections.counted[c]!);
    const isClientA = this.sides.direction(c) === 0;
    const address = isClientA ? flows.addressA : flows.addressB;
    const port = isClientA ? flows.portA : flows.portB;
    return Uint8Array.from(this.connections.hopsOf(c), (flow) => {
      flows.load(flow);
      return flows.addressA === address && (flows.portA === port || flows.addressB !== address) ? 0 : 1;
    });
  }

  private paths(c: number, flows: Int32Array, directions: Uint8Array): Connection['paths'] {
    if (directions.length === 1) return this.pathsOfOne(c, directions[0]!);
    return {
      clientToServer: this.order.order(flows, directions),
      serverToClient: this.order.order(
        flows,
        directions.map((direction) => 1 - direction),
      ),
    };
  }

  private pathsOfOne(c: number, direction: number): Connection['paths'] {
    this.flows.load(this.connections.counted[c]!);
    const hopOf = (packets: number): readonly number[] => (packets > 0 ? ONLY_HOP : NO_HOP);
    return {
      clientToServer: hopOf(this.flows.packets(direction)),
      serverToClient: hopOf(this.flows.packets(1 - direction)),
    };
  }
}
