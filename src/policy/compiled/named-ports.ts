/**
 * Names that pods give to ports, as numbers: what a rule that names ports asks of a destination is which of its names the port has.
 *
 * Pods of a workload declare the same ports, so there are few combinations; each gets a number, and 0 stands for no name.
 */
import type { NamedPort } from './port-set.js';

/** The numbers of the names that a pod gives to each of its named ports. */
export interface NamesByPort {
  /** Port keys. */
  readonly keys: Int32Array;
  readonly numbers: Int32Array;
}

const NO_NAMES: NamesByPort = { keys: new Int32Array(0), numbers: new Int32Array(0) };

export class PortNames {
  /** By number: the ports that are alike by names and protocol. Number 0 has none. */
  readonly sets: (readonly NamedPort[])[] = [[]];
  private readonly numbers = new Map<string, number>();
  private readonly byDeclaration = new Map<string, NamesByPort>();

  /** For a pod with these named ports. */
  of(declared: readonly NamedPort[]): NamesByPort {
    if (declared.length === 0) return NO_NAMES;
    const declaration = JSON.stringify(declared);
    let names = this.byDeclaration.get(declaration);
    if (names === undefined) {
      const keys = Int32Array.from(new Set(declared.map(({ key }) => key)));
      names = { keys, numbers: keys.map((key) => this.number(declared.filter((port) => port.key === key))) };
      this.byDeclaration.set(declaration, names);
    }
    return names;
  }

  /** Only names and protocol count, so that two pods may give one name to different ports. */
  private number(ports: readonly NamedPort[]): number {
    const signature = JSON.stringify([(ports[0]?.key ?? 0) >> 16, ...new Set(ports.map(({ name }) => name).sort())]);
    let number = this.numbers.get(signature);
    if (number === undefined) {
      number = this.sets.push(ports) - 1;
      this.numbers.set(signature, number);
    }
    return number;
  }
}

/** The number of the names that the port (a port key) has; 0 if it has none. */
export function namesOfPort({ keys, numbers }: NamesByPort, key: number): number {
  for (let at = 0; at < keys.length; at++) if (keys[at] === key) return numbers[at]!;
  return 0;
}
