/**
 * VLAN tags: IEEE 802.1Q, 802.1ad and the older QinQ types, any number of them.
 *
 *     +-----+-+-----------------------+-------------------------------+
 *     | PCP |D|        VLAN ID        |     EtherType of what follows |
 *     +-----+-+-----------------------+-------------------------------+
 */
import type { Level } from './decoded.js';

const TAG_CONTROL = 0;
const TYPE = 2;
export const TAG_LENGTH = TYPE + 2;

const VLAN_ID = 0x0fff;

/** Adds the tag at `at` to the level (the first three ids are kept) and returns the EtherType behind it. */
export function decodeVlanTag(view: DataView, at: number, level: Level): number {
  const id = view.getUint16(at + TAG_CONTROL) & VLAN_ID;
  if (level.vlanCount === 0) level.vlan0 = id;
  else if (level.vlanCount === 1) level.vlan1 = id;
  else if (level.vlanCount === 2) level.vlan2 = id;
  level.vlanCount++;
  return view.getUint16(at + TYPE);
}
