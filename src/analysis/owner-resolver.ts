/**
 * Joins interned addresses with the inventory: text once per address, the owner at the time and, for addresses that several
 * nodes have, at the place where a flow was first seen.
 *
 * An address nearly always has one owner for longer than a capture lasts. So the last answer is kept per address with the time
 * for which it holds, and the inventory is asked again only outside of it, or from another node where nodes differ.
 */
import type { AddressTable } from '../base/address.js';
import { instantAt, type Instant } from '../inventory/instants.js';
import type { Inventory, Tenure } from '../inventory/inventory.js';
import type { VantagePoint } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import type { FlowSet } from '../trail/flow-set.js';
import type { TranslationEvidence } from '../trail/translation-evidence.js';
import { KnownTranslations } from './known-translations.js';

const NO_ENTRIES: readonly number[] = [];

export class OwnerResolver implements TranslationEvidence {
  readonly inventory: Inventory;
  private readonly addresses: AddressTable;
  private readonly texts: (string | undefined)[];
  /** By address: the last answer, and the node that it was given to. */
  private readonly tenures: (Tenure | undefined)[];
  private readonly askingNodes: (string | null)[];
  private readonly nodeOfVantage: (vantage: number) => string | null;
  /** What connection tracking of nodes knows. */
  readonly known: KnownTranslations;

  /** Roles of vantage points. */
  private readonly roleOf: (vantage: number) => VantagePoint['role'];

  constructor(
    addresses: AddressTable,
    inventory: Inventory,
    nodeOfVantage: (vantage: number) => string | null,
    roleOf: (vantage: number) => VantagePoint['role'] = () => 'unknown',
  ) {
    this.roleOf = roleOf;
    this.addresses = addresses;
    this.inventory = inventory;
    this.texts = new Array<string | undefined>(addresses.size);
    this.tenures = new Array<Tenure | undefined>(addresses.size);
    this.askingNodes = new Array<string | null>(addresses.size);
    this.nodeOfVantage = nodeOfVantage;
    this.known = new KnownTranslations(inventory.translations, addresses);
  }

  /** Where the loaded flow was seen; null where that is not known. */
  nodeOf(flows: FlowSet): string | null {
    return this.nodeOfVantage(flows.vantage);
  }

  /** Owner of any address when the loaded flow began, as `node` sees it. */
  ownerAt(address: number, node: string | null, flows: FlowSet): Owner {
    const at = instantAt(flows.firstSeconds, flows.firstNanoseconds);
    return this.inventory.tenureOf(this.text(address), at, node).owner;
  }

  /** Whether a vantage point may show what a client on `node` dialed: not behind the place where its node translates. */
  showsDialed(vantage: number, node: string | null): boolean {
    const role = this.roleOf(vantage);
    if (role === 'underlay' || role === 'overlay' || role === 'wireguard') return false;
    const own = this.nodeOfVantage(vantage);
    return node === null || own === null || own === node;
  }

  /** Where the loaded flow was seen, if it has an address that means another node elsewhere; else null. */
  ownNode(flows: FlowSet): string | null {
    const node = this.nodeOf(flows);
    if (node === null) return null;
    const at = instantAt(flows.firstSeconds, flows.firstNanoseconds);
    const isShared = [flows.addressA, flows.addressB].some(
      (address) => !this.inventory.tenureOf(this.text(address), at, node).isSameForAllNodes,
    );
    return isShared ? node : null;
  }

  entriesOf(flows: FlowSet, direction: number): readonly number[] {
    return this.known.isEmpty ? NO_ENTRIES : this.known.entriesOf(flows, direction, this.ownNode(flows));
  }

  text(address: number): string {
    return (this.texts[address] ??= this.addresses.text(address));
  }

  /** Owner of `address`, which is one of the loaded flow's, when the flow began. */
  ownerOf(address: number, flows: FlowSet): Owner {
    const at = instantAt(flows.firstSeconds, flows.firstNanoseconds);
    const node = this.nodeOfVantage(flows.vantage);
    const known = this.tenures[address];
    if (known !== undefined && at >= known.from && at < known.until) {
      if (known.isSameForAllNodes || this.askingNodes[address] === node) return known.owner;
    }
    return this.ask(address, at, node).owner;
  }

  /** Owner of the loaded flow's end that sends in `direction` (0 = A to B). */
  senderIn(direction: number, flows: FlowSet): Owner {
    return this.ownerOf(direction === 0 ? flows.addressA : flows.addressB, flows);
  }

  isService(address: number, flows: FlowSet): boolean {
    return this.ownerOf(address, flows).kind === 'service';
  }

  isNode(address: number, flows: FlowSet): boolean {
    const { kind } = this.ownerOf(address, flows);
    return kind === 'node' || kind === 'gateway';
  }

  private ask(address: number, at: Instant, node: string | null): Tenure {
    const tenure = this.inventory.tenureOf(this.text(address), at, node);
    this.tenures[address] = tenure;
    this.askingNodes[address] = node;
    return tenure;
  }
}
