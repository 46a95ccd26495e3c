/**
 * Runs in a process of its own, bundled: reads the captures named on the command line and prints how much memory that took.
 * Garbage is collected between captures (`--expose-gc`), or the figure would be that of what earlier ones left lying about.
 */
import type { RecordCursor } from '../../src/capture/cursor.js';
import { PodtrailError } from '../../src/base/errors.js';
import { openCapture } from '../../src/capture/open.js';

function count(cursor: RecordCursor): number {
  let records = 0;
  while (cursor.next()) records++;
  return records;
}

async function read(path: string): Promise<number> {
  let cursor: RecordCursor;
  try {
    cursor = await openCapture(path, { standardInput: () => process.stdin });
  } catch (error) {
    if (error instanceof PodtrailError) return 0;
    throw error;
  }
  let records = 0;
  do {
    records += count(cursor);
  } while (await cursor.fill());
  await cursor.close();
  return records;
}

const paths = process.argv.slice(2);
let records = 0;
for (const path of paths) {
  records += await read(path);
  globalThis.gc?.();
}
const maxMegabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ files: paths.length, records, maxMegabytes }));
