/**
 * What happens when the flow table is full: the longest-idle quarter of the flows is finished. The quartile is taken from an
 * even sample, so a sweep is one pass over the table.
 */
import type { FinishedFlows } from './finished-flows.js';
import { LAST_SECONDS, rowStart } from './flow-row.js';
import type { FlowTable } from './flow-table.js';

const SHARE = 0.25;
const SAMPLES = 4096;

/** @cold when the flow limit is reached */
export function sweepIdle(table: FlowTable, finished: FinishedFlows): void {
  const samples: number[] = [];
  const step = Math.max(1, Math.floor(table.rows / SAMPLES));
  for (let id = 0; id < table.rows; id += step) {
    if (!table.isLive(id)) continue;
    samples.push(table.doubles[(rowStart(id) >>> 1) + LAST_SECONDS]!);
  }
  samples.sort((a, b) => a - b);
  const quartile = samples[Math.floor(samples.length * SHARE)] ?? 0;
  // Times are compared by whole seconds, so the sweep takes the quartile's own second with it and always frees something.
  table.release(quartile + 1, (id) => finished.take(table, id));
}
