/**
 * What happens when the flow table is full: the longest-idle quarter of the flows is finished into the compact store.
 * The quartile is taken from an even sample, so a sweep is one pass over the table.
 */
import type { CompactRows } from './compact-rows.js';
import type { FlowExtras } from './flow-extras.js';
import { DOUBLE_STRIDE, EXTRAS, LAST_SECONDS, STRIDE } from './flow-row.js';
import type { FlowTable } from './flow-table.js';

const SHARE = 0.25;
const SAMPLES = 4096;

/** @cold when the flow limit is reached */
export function sweepIdle(table: FlowTable, finished: CompactRows): void {
  const samples: number[] = [];
  const step = Math.max(1, Math.floor(table.rows / SAMPLES));
  for (let id = 0; id < table.rows; id += step) {
    if (!table.isLive(id)) continue;
    samples.push(table.doubles[id * DOUBLE_STRIDE + LAST_SECONDS]!);
  }
  samples.sort((a, b) => a - b);
  const quartile = samples[Math.floor(samples.length * SHARE)] ?? 0;
  // Times are compared by whole seconds, so the sweep takes the quartile's own second with it and always frees something.
  table.release(quartile + 1, (id) => finish(table, id, finished));
}

function finish(table: FlowTable, id: number, finished: CompactRows): void {
  const at = id * STRIDE;
  let index = table.words[at + EXTRAS]!;
  if (index !== 0) {
    const extras = table.extras[index]!;
    extras.gaps0 = null;
    extras.gaps1 = null;
    if (!isWorthKeeping(extras)) {
      table.extras[index] = table.extras[0]!;
      index = 0;
    }
  }
  finished.append(table.words, at, table.doubles, index);
}

/** @cold when the flow limit is reached */
function isWorthKeeping(extras: FlowExtras): boolean {
  return extras.nflogPrefix >= 0 || extras.handshake >= 0 || extras.wireguard.some((count) => count > 0);
}
