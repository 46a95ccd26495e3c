/**
 * Where flows go that the flow limit finishes: into the compact store, and once that has reached its own limit, into the sums.
 * Both are bounded by the flow limit, and so is how many of the flows keep their extras.
 */
import type { AddressTable } from '../base/address.js';
import { CompactRows } from './compact-rows.js';
import type { FlowExtras } from './flow-extras.js';
import { EXTRAS, rowStart } from './flow-row.js';
import { FlowSums } from './flow-sums.js';
import type { FlowTable } from './flow-table.js';

/** The compact store holds this many finished flows for each that the table may hold; they take a third of the memory. */
const ROWS_PER_LIVE = 4;
/** Sums by client, server and server port, likewise. */
const SUMS_PER_LIVE = 1 / 4;
/** Extras of finished flows, likewise; they take twice the memory of a row. */
const EXTRAS_PER_LIVE = 1 / 4;

export class FinishedFlows {
  readonly rows = new CompactRows();
  readonly sums: FlowSums;
  /** Flows in the compact store that lost their NFLOG prefix, WireGuard message counts or long handshake time. */
  withoutExtras = 0;
  private readonly mostRows: number;
  private readonly mostExtras: number;
  private extras = 0;

  constructor(maxFlows: number, addresses: AddressTable) {
    this.mostRows = maxFlows * ROWS_PER_LIVE;
    this.mostExtras = Math.ceil(maxFlows * EXTRAS_PER_LIVE);
    this.sums = new FlowSums(addresses, Math.ceil(maxFlows * SUMS_PER_LIVE));
  }

  /** @cold when the flow limit is reached. Takes flow `id` of the table, which is about to free its row. */
  take(table: FlowTable, id: number): void {
    const at = rowStart(id);
    const index = table.words[at + EXTRAS]!;
    if (this.rows.count >= this.mostRows) {
      table.dropExtras(index);
      this.sums.add(table, at);
      return;
    }
    this.rows.append(table.words, at, table.doubles, this.keepExtras(table, index));
  }

  /** @cold when the flow limit is reached. The index of the extras that the flow keeps, 0 if it keeps none. */
  private keepExtras(table: FlowTable, index: number): number {
    const extras = table.extras[index]!;
    const isWorthIt = isWorthKeeping(extras);
    if (!isWorthIt || this.extras >= this.mostExtras) {
      if (isWorthIt) this.withoutExtras++;
      table.dropExtras(index);
      return 0;
    }
    extras.gaps0 = null;
    extras.gaps1 = null;
    this.extras++;
    return index;
  }
}

/** @cold when the flow limit is reached */
function isWorthKeeping(extras: FlowExtras): boolean {
  return extras.nflogPrefix >= 0 || extras.handshake >= 0 || extras.wireguard !== null;
}
