/** What WireGuard's analysis asks of vantage points and the inventory, answered from their names. */
import { addNanoseconds, formatTimestamp, nanosecondsBetween, type Timestamp } from '../base/time.js';
import type { AddressTable } from '../base/address.js';
import type { Inventory, WireguardKey } from '../inventory/inventory.js';
import type { Owner } from '../model/owner.js';
import type { PlaceRole } from '../trail/hop-order.js';
import type { WireguardSetting } from '../trail/wireguard/setting.js';
import type { ClockCorrection } from '../trail/clocks/clock-correction.js';
import type { Segment } from './segment.js';
import { spanOf, type Times } from './sums.js';
import type { NamedVantage } from './vantage-naming.js';

export class NamedWireguardSetting implements WireguardSetting {
  readonly keys: readonly WireguardKey[];
  private readonly named: readonly NamedVantage[];
  private readonly spans: readonly Times[];
  private readonly addresses: AddressTable;
  private readonly inventory: Inventory;
  private readonly origin: Timestamp;
  private readonly clock: ClockCorrection;

  /** `segments` are those of each vantage point; times here count from `originSeconds`. */
  constructor(
    named: readonly NamedVantage[],
    segments: ReadonlyMap<number, readonly Segment[]>,
    addresses: AddressTable,
    inventory: Inventory,
    originSeconds: number,
    clock: ClockCorrection,
  ) {
    this.named = named;
    this.spans = named.map((_, id) => spanOf((segments.get(id) ?? []).map((segment) => segment.times())));
    this.addresses = addresses;
    this.inventory = inventory;
    this.origin = { seconds: originSeconds, nanoseconds: 0 };
    this.clock = clock;
    this.keys = inventory.wireguardKeys;
  }

  node(vantage: number): string | null {
    return this.named[vantage]!.node;
  }

  role(vantage: number): PlaceRole {
    return this.named[vantage]!.role;
  }

  mixesInterfaces(vantage: number): boolean {
    return this.named[vantage]!.mixesInterfaces;
  }

  isOwnCapture(vantage: number): boolean {
    const { interfaceIndex, mixesInterfaces } = this.named[vantage]!;
    return interfaceIndex === null && !mixesInterfaces;
  }

  mtu(vantage: number): number | null {
    const { node, interface: name } = this.named[vantage]!;
    return node === null || name === null ? null : (this.inventory.linkNamed(node, name)?.mtu ?? null);
  }

  lastTime(vantage: number): number {
    const { latestSeconds, latestNanoseconds } = this.spans[vantage]!;
    return this.timeOf(latestSeconds, latestNanoseconds);
  }

  hasUnderlayAt(node: string, time: number): boolean {
    return this.named.some((vantage, id) => {
      if (vantage.node !== node || vantage.role !== 'underlay') return false;
      const { earliestSeconds, earliestNanoseconds } = this.spans[id]!;
      return this.timeOf(earliestSeconds, earliestNanoseconds) <= time && time <= this.lastTime(id);
    });
  }

  addressText(address: number): string {
    return this.addresses.text(address);
  }

  ownerOf(address: number, time: number, vantage: number): Owner {
    return this.inventory.ownerOf(this.addressText(address), this.timestamp(time), this.node(vantage));
  }

  timeText(time: number, vantage: number): string {
    const { seconds, nanoseconds } = this.timestamp(time);
    const told = addNanoseconds({ seconds, nanoseconds }, this.clock.correction(vantage, seconds, nanoseconds));
    return formatTimestamp(told.seconds, told.nanoseconds);
  }

  private timestamp(time: number): Timestamp {
    return addNanoseconds(this.origin, time);
  }

  private timeOf(seconds: number, nanoseconds: number): number {
    return nanosecondsBetween(this.origin, { seconds, nanoseconds });
  }
}
