/**
 * Vantage points as the packets tell them: the capture interface, and for Linux cooked v2 captures the interface index in
 * each packet. Their meaning (node, role) is given later; here they are dense ids with what was counted at each.
 */
import { InternTable } from './intern-table.js';

export class VantageTable {
  private readonly table = new InternTable();

  get size(): number {
    return this.table.size;
  }

  /** `source` is the caller's number of a capture interface; `interfaceIndex` is -1 where packets carry none. */
  intern(source: number, interfaceIndex: number): number {
    return this.table.intern(source, interfaceIndex, 0, 0, 0);
  }

  source(id: number): number {
    return this.table.field(id, 0);
  }

  interfaceIndex(id: number): number {
    return this.table.field(id, 1);
  }
}
