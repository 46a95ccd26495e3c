/** What WireGuard's analysis needs to know of vantage points, addresses and keys, from their names and the inventory. */
import type { WireguardKey } from '../../inventory/inventory.js';
import type { Owner } from '../../model/owner.js';
import type { PlaceRole } from '../hop-order.js';

export interface WireguardSetting {
  /** Name of the node, null where it is not known. */
  node(vantage: number): string | null;
  role(vantage: number): PlaceRole;
  /** True for a capture of all interfaces that does not tell them apart. */
  mixesInterfaces(vantage: number): boolean;
  /** True for a capture of this one interface, false for a part of one of all interfaces. */
  isOwnCapture(vantage: number): boolean;
  /** MTU of the device, null where it is not known. */
  mtu(vantage: number): number | null;
  /** When the last packet was seen there, in nanoseconds after the origin. */
  lastTime(vantage: number): number;
  /** True if an underlay device of the node was being captured at that time. */
  hasUnderlayAt(node: string, time: number): boolean;
  addressText(address: number): string;
  /** Owner of an address at a time (nanoseconds after the origin), as seen from a vantage point. */
  ownerOf(address: number, time: number, vantage: number): Owner;
  readonly keys: readonly WireguardKey[];
  /** RFC 3339 in the reference clock, from nanoseconds after the origin by the clock of the vantage point. */
  timeText(time: number, vantage: number): string;
}
