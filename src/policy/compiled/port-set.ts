/** Ports that a rule allows: ranges by protocol, and names that each destination pod gives a number of its own. */
import type { Pod } from '../cluster.js';
import type { PortMatch, TransportProtocol } from '../policy.js';

/** Protocols that policies know, by a small number. */
export const PROTOCOL_NUMBERS: Readonly<Record<TransportProtocol, number>> = { TCP: 0, UDP: 1, SCTP: 2 };

/** Protocol and port as one number, in an order where the ports of a protocol follow each other. */
export function portKey(protocol: number, port: number): number {
  return (protocol << 16) | port;
}

/** A container port that has a name. */
export interface NamedPort {
  /** Protocol and port. */
  readonly key: number;
  readonly name: string;
}

export function namedPorts({ ports }: Pod): NamedPort[] {
  return ports.flatMap(({ name, protocol, port }) =>
    name === null ? [] : [{ name, key: portKey(PROTOCOL_NUMBERS[protocol], port) }],
  );
}

export class PortSet {
  /** First and last of each range, as port keys. */
  readonly ranges: readonly (readonly [number, number])[];
  private readonly names: readonly { readonly protocol: number | null; readonly name: string }[];

  constructor(matches: readonly PortMatch[]) {
    this.ranges = matches
      .filter((match) => match.type === 'range')
      .map(({ protocol, from, to }) => {
        return [portKey(PROTOCOL_NUMBERS[protocol], from), portKey(PROTOCOL_NUMBERS[protocol], to)];
      });
    this.names = matches
      .filter((match) => match.type === 'named')
      .map(({ protocol, name }) => ({ name, protocol: protocol === null ? null : PROTOCOL_NUMBERS[protocol] }));
  }

  get hasNames(): boolean {
    return this.names.length > 0;
  }

  hasNumber(key: number): boolean {
    return this.ranges.some(([first, last]) => first <= key && key <= last);
  }

  /** Whether a pod with these named ports gives the port (a port key) one of the names. */
  hasName(key: number, declared: readonly NamedPort[]): boolean {
    for (const port of declared)
      if (port.key === key && this.names.some((wanted) => isMeant(wanted, port))) return true;
    return false;
  }

  /** Whether one of these ports, whatever its number, has one of the names. */
  hasAnyName(declared: readonly NamedPort[]): boolean {
    return declared.some((port) => this.names.some((wanted) => isMeant(wanted, port)));
  }
}

function isMeant(
  wanted: { readonly protocol: number | null; readonly name: string },
  { key, name }: NamedPort,
): boolean {
  return wanted.name === name && (wanted.protocol === null || wanted.protocol === key >> 16);
}
