/**
 * An inventory with names that the user gave to addresses outside the cluster (`names` in the configuration): a payment gateway, a
 * database that is no pod. What the snapshot knows stands; only addresses without an owner get the name.
 */
import type { Timestamp } from '../base/time.js';
import type { InventorySummary } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import { canonicalAddress } from './addresses/address-text.js';
import { type Instant, instantOf } from './instants.js';
import type { TranslationTable } from './conntrack/translation-table.js';
import type {
  FormerPod,
  Inventory,
  InventoryObjects,
  Link,
  MacHolder,
  Tenure,
  TransportProtocol,
  WireguardKey,
} from './inventory.js';

export interface AddressName {
  /** Any text form. */
  readonly address: string;
  readonly name: string;
}

/** The inventory with these names; itself if there are none. */
export function withNames(inventory: Inventory, names: readonly AddressName[]): Inventory {
  return names.length === 0 ? inventory : new NamedInventory(inventory, names);
}

class NamedInventory implements Inventory {
  private readonly inventory: Inventory;
  private readonly names = new Map<string, string>();
  /** Named owners, shared as all owners are. */
  private readonly owners = new Map<Owner, Map<string, Owner>>();

  constructor(inventory: Inventory, names: readonly AddressName[]) {
    this.inventory = inventory;
    for (const { address, name } of names) this.names.set(canonicalAddress(address) ?? address, name);
  }

  get nodeNames(): readonly string[] {
    return this.inventory.nodeNames;
  }

  get summary(): InventorySummary {
    return this.inventory.summary;
  }

  get objects(): InventoryObjects {
    return this.inventory.objects;
  }

  ownerOf(address: string, at: Timestamp, node: string | null = null): Owner {
    return this.tenureOf(address, instantOf(at), node).owner;
  }

  tenureOf(address: string, at: Instant, node: string | null): Tenure {
    const tenure = this.inventory.tenureOf(address, at, node);
    const { owner } = tenure;
    if (owner.kind !== 'external' && owner.kind !== 'unknown') return tenure;
    const name = this.names.get(canonicalAddress(address) ?? address);
    return name === undefined ? tenure : { ...tenure, owner: this.named(owner, name) };
  }

  get translations(): TranslationTable {
    return this.inventory.translations;
  }

  get wireguardKeys(): readonly WireguardKey[] {
    return this.inventory.wireguardKeys;
  }

  formerPod(address: string, at: Instant): FormerPod | null {
    return this.inventory.formerPod(address, at);
  }

  declaresPort(owner: Owner, protocol: TransportProtocol, port: number): boolean {
    return this.inventory.declaresPort(owner, protocol, port);
  }

  linkOf(node: string, interfaceIndex: number): Link | null {
    return this.inventory.linkOf(node, interfaceIndex);
  }

  linkNamed(node: string, name: string): Link | null {
    return this.inventory.linkNamed(node, name);
  }

  macHolder(mac: number): MacHolder | null {
    return this.inventory.macHolder(mac);
  }

  vethOf(node: string, pod: string): string | null {
    return this.inventory.vethOf(node, pod);
  }

  podBehind(node: string, vethName: string): Owner | null {
    return this.inventory.podBehind(node, vethName);
  }

  private named(owner: Owner, name: string): Owner {
    let known = this.owners.get(owner);
    if (known === undefined) this.owners.set(owner, (known = new Map<string, Owner>()));
    let named = known.get(name);
    if (named === undefined) {
      named = { ...owner, kind: 'external', name, confidence: 'observed', reason: 'named in the configuration' };
      known.set(name, named);
    }
    return named;
  }
}
