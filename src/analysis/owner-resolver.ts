/** Joins interned addresses with the inventory: text once per address, the owner once per address and time asked for. */
import type { AddressTable } from '../base/address.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Owner } from '../model/owner.js';

export class OwnerResolver {
  readonly inventory: Inventory;
  private readonly addresses: AddressTable;
  private readonly texts: string[] = [];

  constructor(addresses: AddressTable, inventory: Inventory) {
    this.addresses = addresses;
    this.inventory = inventory;
  }

  text(address: number): string {
    return (this.texts[address] ??= this.addresses.text(address));
  }

  ownerOf(address: number, seconds: number, nanoseconds: number): Owner {
    return this.inventory.ownerOf(this.text(address), { seconds, nanoseconds });
  }
}
