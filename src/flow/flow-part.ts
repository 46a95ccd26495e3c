/**
 * What following flows through some captures yields: the flow side of a partial result. Rows in the table, rows in the compact
 * store, and the tables that give their ids a meaning.
 */
import type { AddressTable } from '../base/address.js';
import type { ArpTable } from './arp-table.js';
import type { CompactRows } from './compact-rows.js';
import { rowStart } from './flow-row.js';
import type { EncapsulationTable } from './encapsulations.js';
import type { FlowTable } from './flow-table.js';
import type { FlowTracker } from './flow-tracker.js';
import type { OuterPathTable } from './outer-paths.js';
import type { PacketSamples } from './packet-samples.js';
import type { WireguardTraffic } from './wireguard-traffic.js';

export class FlowPart {
  readonly addresses: AddressTable;
  readonly encapsulations: EncapsulationTable;
  readonly outerPaths: OuterPathTable;
  readonly table: FlowTable;
  readonly finished: CompactRows;
  /** Sums of flows beyond the compact store's limit, and how many flows they stand for. */
  readonly sums: FlowTable;
  readonly summedFlows: number;
  /** Of these, how many are only in the sum of their protocol. */
  readonly mergedFlows: number;
  /** Finished flows that lost what they had beside their row. */
  readonly flowsWithoutExtras: number;
  readonly arp: ArpTable;
  readonly nflogPrefixes: readonly string[];
  readonly samples: PacketSamples;
  readonly wireguard: WireguardTraffic;
  /** Flows in the table, in the compact store, and sums. */
  readonly length: number;
  /** Fragments whose first one was not seen. */
  readonly lostFragments: number;
  private readonly liveIds: Int32Array;

  constructor(tracker: FlowTracker) {
    this.addresses = tracker.addresses;
    this.encapsulations = tracker.encapsulations;
    this.outerPaths = tracker.outerPaths;
    this.table = tracker.table;
    this.finished = tracker.finished.rows;
    this.sums = tracker.finished.sums.table;
    this.summedFlows = tracker.finished.sums.flows;
    this.mergedFlows = tracker.finished.sums.merged;
    this.flowsWithoutExtras = tracker.finished.withoutExtras;
    this.arp = tracker.arp;
    this.nflogPrefixes = tracker.nflogPrefixes;
    this.samples = tracker.samples;
    this.wireguard = tracker.wireguard;
    this.lostFragments = tracker.fragments.lost;
    this.liveIds = new Int32Array(this.table.live);
    let count = 0;
    for (let id = 0; id < this.table.rows; id++) if (this.table.isLive(id)) this.liveIds[count++] = id;
    this.length = count + this.finished.count + this.sums.live;
  }

  /**
   * Word at which the row of flow `index` starts in `table` (sums: in the table of sums), or -1: then it is a finished one, to be
   * loaded.
   */
  rowAt(index: number): number {
    if (index < this.liveIds.length) return rowStart(this.liveIds[index]!);
    const sum = index - this.liveIds.length - this.finished.count;
    return sum >= 0 ? rowStart(sum) : -1;
  }

  /** The flow whose row in the table is row `id`: the other way round. */
  flowOfRow(id: number): number {
    let low = 0;
    let high = Math.min(id, this.liveIds.length - 1);
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.liveIds[middle]! <= id) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The table that holds flow `index`, if rowAt() gives it a place. */
  tableOf(index: number): FlowTable {
    return index < this.liveIds.length ? this.table : this.sums;
  }

  loadFinished(index: number, row: Int32Array, doubles: Float64Array): void {
    this.finished.load(index - this.liveIds.length, row, doubles);
  }
}
