/**
 * Joins interned addresses with the inventory: text once per address, the owner at the time and, for addresses that several
 * nodes have, at the place where a flow was first seen.
 */
import type { AddressTable } from '../base/address.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Owner } from '../model/owner.js';
import type { FlowSet } from '../trail/flow-set.js';

export class OwnerResolver {
  readonly inventory: Inventory;
  private readonly addresses: AddressTable;
  private readonly texts: string[] = [];
  private readonly nodeOfVantage: (vantage: number) => string | null;

  constructor(addresses: AddressTable, inventory: Inventory, nodeOfVantage: (vantage: number) => string | null) {
    this.addresses = addresses;
    this.inventory = inventory;
    this.nodeOfVantage = nodeOfVantage;
  }

  text(address: number): string {
    return (this.texts[address] ??= this.addresses.text(address));
  }

  /** Owner of `address`, which is one of the loaded flow's, when the flow began. */
  ownerOf(address: number, flows: FlowSet): Owner {
    const time = { seconds: flows.firstSeconds, nanoseconds: flows.firstNanoseconds };
    return this.inventory.ownerOf(this.text(address), time, this.nodeOfVantage(flows.vantage));
  }

  /** Owner of the loaded flow's end that sends in `direction` (0 = A to B). */
  senderIn(direction: number, flows: FlowSet): Owner {
    return this.ownerOf(direction === 0 ? flows.addressA : flows.addressB, flows);
  }
}
