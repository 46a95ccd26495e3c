/**
 * Outer paths: through which tunnel endpoints a direction of a flow came, outermost first. A path is its parent path (or -1)
 * and the outer source and destination address ids.
 */
import { InternTable } from './intern-table.js';

export class OuterPathTable {
  private readonly table = new InternTable();

  get size(): number {
    return this.table.size;
  }

  intern(parent: number, source: number, destination: number): number {
    return this.table.intern(parent, source, destination, 0, 0);
  }

  parent(id: number): number {
    return this.table.field(id, 0);
  }

  source(id: number): number {
    return this.table.field(id, 1);
  }

  destination(id: number): number {
    return this.table.field(id, 2);
  }
}
