/** What the order of hops needs to know of vantage points and addresses, from their names and the inventory, as numbers. */
import type { AddressTable } from '../base/address.js';
import type { Inventory, InventoryPod } from '../inventory/inventory.js';
import type { FlowColumns } from '../trail/flow-columns.js';
import type { PlaceRole, Places } from '../trail/hop-order.js';
import type { NamedVantage } from './vantage-naming.js';

const NOBODY = -1;

/**
 * The named vantage points, those of pods whose name several pods had (a StatefulSet's, one after the other) on the node of the
 * one whose address was seen there most.
 */
export function placePods(
  named: readonly NamedVantage[],
  columns: FlowColumns,
  addresses: AddressTable,
  inventory: Inventory,
): NamedVantage[] {
  return named.map((vantage, id) => {
    if (vantage.pod === null || vantage.role === 'veth') return vantage;
    const namesakes = inventory.objects.pods.filter(
      ({ owner }) => `${owner.namespace}/${owner.name}` === vantage.pod && owner.node !== null,
    );
    if (namesakes.length < 2) return vantage;
    const seen = namesakes.map((pod) => flowsWith(pod.addresses, id, columns, addresses));
    const most = seen.indexOf(Math.max(...seen));
    return { ...vantage, node: namesakes[most]!.owner.node };
  });
}

/** Flows at a vantage point that have one of these addresses. */
function flowsWith(own: readonly string[], vantage: number, columns: FlowColumns, addresses: AddressTable): number {
  const isOwn = (address: number): boolean => own.includes(addresses.text(address));
  let flows = 0;
  for (let flow = 0; flow < columns.length; flow++) {
    if (columns.vantage[flow] === vantage && (isOwn(columns.low[flow]!) || isOwn(columns.high[flow]!))) flows++;
  }
  return flows;
}

export class NamedPlaces implements Places {
  private readonly named: readonly NamedVantage[];
  private readonly nodes = new Map<string, number>();
  private readonly nodeOf = new Map<number, number>();
  private readonly nodeOfPods = new Map<number, number>();
  private readonly podsByName = new Map<string, InventoryPod[]>();
  private readonly inventory: Inventory;
  private readonly idOf = new Map<string, number>();

  constructor(named: readonly NamedVantage[], addresses: AddressTable, inventory: Inventory) {
    this.named = named;
    this.inventory = inventory;
    for (const name of [...inventory.nodeNames, ...named.map(({ node }) => node)]) {
      if (name !== null && !this.nodes.has(name)) this.nodes.set(name, this.nodes.size);
    }
    for (let id = 0; id < addresses.size; id++) this.idOf.set(addresses.text(id), id);
    for (const { name, addresses: own } of inventory.objects.nodes) {
      for (const address of own) {
        const id = this.idOf.get(address);
        // An address that several nodes have (behind NAT, say) names none.
        if (id !== undefined) this.nodeOf.set(id, this.nodeOf.has(id) ? NOBODY : this.numberOf(name));
      }
    }
    for (const pod of inventory.objects.pods) {
      this.placeAddresses(pod);
      const name = `${pod.owner.namespace}/${pod.owner.name}`;
      const known = this.podsByName.get(name);
      if (known === undefined) this.podsByName.set(name, [pod]);
      else known.push(pod);
    }
  }

  node(vantage: number): number {
    const { node } = this.named[vantage]!;
    return node === null ? NOBODY : this.numberOf(node);
  }

  role(vantage: number): PlaceRole {
    return this.named[vantage]!.role;
  }

  nodeOfAddress(address: number): number {
    return this.nodeOf.get(address) ?? NOBODY;
  }

  homeOfAddress(address: number): number {
    const node = this.nodeOfAddress(address);
    return node !== NOBODY ? node : (this.nodeOfPods.get(address) ?? NOBODY);
  }

  podAddresses(vantage: number): ReadonlySet<number> | null {
    const pods = this.podsAt(this.named[vantage]!);
    const known = pods.flatMap(({ addresses }) => addresses).map((address) => this.idOf.get(address));
    const ids = known.filter((id) => id !== undefined);
    return ids.length === 0 ? null : new Set(ids);
  }

  /** A pod in its node's network has the node's address, which is no pod's. */
  private placeAddresses({ owner, addresses: own, nodeAddresses }: InventoryPod): void {
    if (own.some((address) => nodeAddresses.includes(address))) return;
    const node = owner.node === null ? NOBODY : this.numberOf(owner.node);
    for (const address of own) {
      const id = this.idOf.get(address);
      // An address that pods of several nodes had, one after the other, is at home on none.
      if (id !== undefined) this.nodeOfPods.set(id, (this.nodeOfPods.get(id) ?? node) === node ? node : NOBODY);
    }
  }

  private numberOf(node: string): number {
    return this.nodes.get(node) ?? NOBODY;
  }

  private podsAt({ pod, node, role, interface: name }: NamedVantage): readonly InventoryPod[] {
    const owner = role === 'veth' && node !== null && name !== null ? this.inventory.podBehind(node, name) : null;
    if (owner === null) return pod === null ? [] : (this.podsByName.get(pod) ?? []);
    return (this.podsByName.get(`${owner.namespace}/${owner.name}`) ?? []).filter(
      (each) => each.owner.uid === owner.uid,
    );
  }
}
