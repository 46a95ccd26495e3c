/**
 * `npm run bench:memory`: podtrail on a capture of 3 GB, which must not need more memory than a small one with as many flows.
 *
 * The capture is generated first and deleted afterwards (`--keep` leaves it); `--gigabytes N` makes another size.
 */
import { rmSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { largestSize } from './capgen.js';
import { STANDARD, capture } from './captures.js';
import { report } from './contenders.js';
import { measure } from './measure.js';
import { table } from './table.js';

const { values } = parseArgs({ options: { gigabytes: { type: 'string' }, keep: { type: 'boolean' } } });
const bytes = Number(values.gigabytes ?? 3) * 1e9;
/** Mean size of a record of the standard capture. */
const RECORD_BYTES = 133.2;

/** As many packets as fill the size, in connections so long that there are as many flows as in the standard capture. */
function shapeOf(size: number): typeof STANDARD {
  const packets = Math.round(size / RECORD_BYTES);
  const growth = packets / STANDARD.packets;
  return { ...STANDARD, packets, segments: Math.round(STANDARD.segments * growth) };
}

const rows = [['capture', 'packets', 'CPU s', 'wall s', 'largest memory', 'bar']];
for (const size of [largestSize(STANDARD), bytes]) {
  const shape = shapeOf(size);
  const path = capture(shape);
  const [command, ...args] = report(path, 'memory.json', '--workers', '1');
  const cost = await measure(command, args);
  rows.push([
    `${Math.round(statSync(path).size / 1e6)} MB`,
    String(shape.packets),
    cost.cpuSeconds.toFixed(1),
    cost.wallSeconds.toFixed(1),
    `${cost.maxRssMegabytes.toFixed(0)} MB`,
    '< 250 MB (inventory apart)',
  ]);
  if (size === bytes && values.keep !== true) rmSync(path);
}
process.stdout.write(`${table(rows)}\n`);
