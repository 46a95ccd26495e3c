/** What comparing the nodes' clocks needs to know of vantage points and addresses, from their names and the inventory, as numbers. */
import type { AddressTable } from '../base/address.js';
import { compareText } from '../base/compare-text.js';
import { PodtrailError } from '../base/errors.js';
import type { Inventory } from '../inventory/inventory.js';
import type { ClockPlaces } from '../trail/clocks/crossings.js';
import type { NamedVantage } from './vantage-naming.js';
import type { AnalysisRequest } from './request.js';

const NOBODY = -1;

export class ClockNodes implements ClockPlaces {
  /** Of the nodes that something was captured on, by number. */
  readonly names: readonly string[];
  private readonly named: readonly NamedVantage[];
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly ownAddresses = new Map<number, number>();
  private readonly podAddresses = new Map<number, number>();

  constructor(named: readonly NamedVantage[], addresses: AddressTable, inventory: Inventory) {
    this.named = named;
    const names = named.flatMap(({ node }) => (node === null ? [] : [node]));
    this.names = [...new Set(names)].sort(compareText);
    this.numbers = new Map(this.names.map((name, number) => [name, number]));
    const ids = new Map<string, number>();
    for (let id = 0; id < addresses.size; id++) ids.set(addresses.text(id), id);
    const place = (homes: Map<number, number>, own: readonly string[], node: string | null): void => {
      for (const address of own) {
        const id = ids.get(address);
        if (id === undefined) continue;
        const number = (node === null ? undefined : this.numbers.get(node)) ?? NOBODY;
        // Where an address had several homes (behind NAT, or given anew), it tells none.
        homes.set(id, (homes.get(id) ?? number) === number ? number : NOBODY);
      }
    };
    for (const node of inventory.objects.nodes) place(this.ownAddresses, node.addresses, node.name);
    for (const { owner, addresses: own, nodeAddresses } of inventory.objects.pods) {
      // A pod in its node's network has the node's address.
      if (!own.some((address) => nodeAddresses.includes(address))) place(this.podAddresses, own, owner.node);
    }
  }

  get nodeCount(): number {
    return this.names.length;
  }

  node(vantage: number): number {
    const { node } = this.named[vantage]!;
    return (node === null ? undefined : this.numbers.get(node)) ?? NOBODY;
  }

  /** The log of netfilter is read with a delay. */
  hasKernelTime(vantage: number): boolean {
    return this.named[vantage]!.role !== 'nflog';
  }

  mixesInterfaces(vantage: number): boolean {
    return this.named[vantage]!.mixesInterfaces;
  }

  nodeOfAddress(address: number): number {
    return this.ownAddresses.get(address) ?? NOBODY;
  }

  nodeOfPods(address: number): number {
    return this.podAddresses.get(address) ?? NOBODY;
  }

  /** Offsets that the user gave, by node; throws for a node that nothing was captured on. */
  givenOffsets(clocks: NonNullable<AnalysisRequest['clocks']>): Map<number, number> {
    return new Map(
      clocks.map(({ node, aheadNs }) => {
        const number = this.numbers.get(node);
        if (number !== undefined) return [number, aheadNs];
        const known = this.names.length === 0 ? 'none, see --vantage' : this.names.join(', ');
        throw new PodtrailError('usage', `--clock ${node}: no capture is known to be from a node of this name`, {
          hint: `Nodes with captures: ${known}.`,
        });
      }),
    );
  }
}
