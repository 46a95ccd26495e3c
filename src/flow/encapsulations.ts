/**
 * Encapsulations: what is wrapped around a network header, interned to dense ids so that a flow's key holds one number.
 *
 * An encapsulation is its parent (0 = the bare link), the kind of tunnel, its id (VNI, key) and the VLAN tags in front of
 * the header. Outer addresses are not part of it, or the two directions of a flow would differ; they are the outer path.
 */
import { ENCAPSULATION, type Level } from '../wire/decoded.js';
import { InternTable } from './intern-table.js';

export const BARE = 0;
const VLAN_BITS = 12;
const NO_VLAN = 0xfff; // reserved by 802.1Q, never a real id

export class EncapsulationTable {
  private readonly table = new InternTable();
  /** The last encapsulation without VLAN tags that was asked for: nearly always the one of the next tunnel packet. */
  private lastParent = -1;
  private lastKind = -1;
  private lastTunnelId = -1;
  private last = BARE;

  constructor() {
    this.table.intern(-1, ENCAPSULATION.None, -1, packVlans(-1, -1), NO_VLAN);
  }

  get size(): number {
    return this.table.size;
  }

  /** The encapsulation of a level inside `parent` (that of the level outside it; BARE for the outermost). */
  of(parent: number, level: Level): number {
    if (parent === BARE && level.encapsulation === ENCAPSULATION.None && level.vlanCount === 0) return BARE;
    const isLast =
      level.tunnelId === this.lastTunnelId &&
      level.vlanCount === 0 &&
      parent === this.lastParent &&
      level.encapsulation === this.lastKind;
    if (isLast) return this.last;
    const id = this.intern(parent, level.encapsulation, level.tunnelId, level.vlan0, level.vlan1, level.vlan2);
    if (level.vlanCount === 0) {
      this.lastParent = parent;
      this.lastKind = level.encapsulation;
      this.lastTunnelId = level.tunnelId;
      this.last = id;
    }
    return id;
  }

  /** As `of`, from plain numbers (-1 = none). */
  intern(parent: number, kind: number, tunnelId: number, vlan0: number, vlan1: number, vlan2: number): number {
    const third = vlan2 < 0 ? NO_VLAN : vlan2;
    if (parent === BARE && kind === ENCAPSULATION.None && vlan0 < 0) return BARE;
    return this.table.intern(parent, kind, tunnelId, packVlans(vlan0, vlan1), third);
  }

  /** The encapsulation outside this one, or -1 for BARE. */
  parent(id: number): number {
    return this.table.field(id, 0);
  }

  kind(id: number): number {
    return this.table.field(id, 1);
  }

  /** VNI or key, -1 if the tunnel has none. */
  tunnelId(id: number): number {
    return this.table.field(id, 2);
  }

  /** VLAN id 0..2 of the tags in front of this level, outermost first; -1 if there is none. */
  vlan(id: number, index: number): number {
    const packed = this.table.field(id, 3);
    const value = index === 0 ? packed >>> VLAN_BITS : index === 1 ? packed & NO_VLAN : this.table.field(id, 4);
    return value === NO_VLAN ? -1 : value;
  }
}

function packVlans(vlan0: number, vlan1: number): number {
  return ((vlan0 < 0 ? NO_VLAN : vlan0) << VLAN_BITS) | (vlan1 < 0 ? NO_VLAN : vlan1);
}
