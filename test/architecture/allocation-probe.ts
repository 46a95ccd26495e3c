/**
 * Child process of allocation.test.ts: sends a capture through the hot loop and prints how often garbage was collected in
 * each window of so many packets: in the first, tables grow and code is compiled; later, everything is warm.
 */
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Drain } from '../../src/analysis/drain.js';
import { OddityCounters } from '../../src/analysis/oddity-counters.js';
import { VantagePoints } from '../../src/analysis/vantage-points.js';
import { openCapture } from '../../src/capture/open.js';
import { FlowTracker } from '../../src/flow/flow-tracker.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';

const [, , path, windowSize] = process.argv;
if (path === undefined || windowSize === undefined)
  throw new Error('usage: allocation-probe CAPTURE PACKETS-OF-A-WINDOW');

const collections: number[] = [];
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) collections.push(entry.startTime);
});
observer.observe({ entryTypes: ['gc'] });

const vantages = new VantagePoints();
const tracker = new FlowTracker(1_000_000);
const drain = new Drain(tracker, new DecodeOptions(), vantages);
const oddities = new OddityCounters();

const cursor = await openCapture(path, { standardInput: () => process.stdin });
vantages.beginFile(0);
const edges = [performance.now()];
do {
  drain.run(cursor, oddities);
  if (cursor.frameNumber >= Number(windowSize) * edges.length) edges.push(performance.now());
} while (await cursor.fill());
await cursor.close();
// Entries come a little after the event.
await delay(100);
const between = (from: number, to: number): number => collections.filter((at) => at >= from && at < to).length;
const windows = edges.slice(1).map((edge, index) => between(edges[index] ?? 0, edge));
process.stdout.write(JSON.stringify({ packets: cursor.frameNumber, windows, seen: collections.length }));
