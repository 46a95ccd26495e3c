/**
 * `npm run bench:memory`: podtrail on a capture of 3 GB beside one of 0.7 GB with the same packets cut shorter. They hold the
 * same flows, so both must need the same memory: it is bounded by flows, not by the file.
 *
 * The large capture is generated first and deleted afterwards (`--keep` leaves it).
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ReportSummary } from '../../src/model/document.js';
import { DATA, STANDARD, capture } from './captures.js';
import { report } from './contenders.js';
import { measure } from './measure.js';
import { table } from './table.js';

/** Bytes kept of each packet so that the standard capture fills 3 GB. */
const WIDE_SNAP_LENGTH = 860;

const { values } = parseArgs({ options: { keep: { type: 'boolean' } } });

const rows = [['capture', 'packets', 'flows', 'CPU s', 'wall s', 'largest memory', 'bar']];
for (const snapLength of [STANDARD.snapLength, WIDE_SNAP_LENGTH]) {
  const path = capture({ ...STANDARD, snapLength });
  const [command, ...args] = report(path, 'memory.json', '--workers', '1');
  const cost = await measure(command, args);
  const { totals } = JSON.parse(readFileSync(join(DATA, 'out/memory.json'), 'utf8')) as ReportSummary;
  rows.push([
    `${Math.round(statSync(path).size / 1e6)} MB`,
    String(totals.packets),
    String(totals.flows),
    cost.cpuSeconds.toFixed(1),
    cost.wallSeconds.toFixed(1),
    `${cost.maxRssMegabytes.toFixed(0)} MB`,
    '< 250 MB (inventory apart)',
  ]);
  if (snapLength === WIDE_SNAP_LENGTH && values.keep !== true) rmSync(path);
}
process.stdout.write(`${table(rows)}\n`);
