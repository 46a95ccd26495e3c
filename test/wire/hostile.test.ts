/** Every frame of the malformed captures of other projects, and every frame of the good ones cut anywhere. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PodtrailError } from '../../src/base/errors.js';
import type { RecordCursor } from '../../src/capture/cursor.js';
import { openCapture } from '../../src/capture/open.js';
import { decode } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded } from '../../src/wire/decoded.js';
import { describeStop } from '../../src/wire/stop-description.js';
import { noStandardInput } from '../capture/reading.js';
import { sharedRoot } from '../tools/shared.js';
import { violations } from './invariants.js';

const describeWithShared = sharedRoot === null ? describe.skip : describe;
const LONGEST_CUT = 200;

const d = new Decoded();
const options = new DecodeOptions();

function filesIn(folder: string): string[] {
  if (sharedRoot === null) return [];
  const entries = readdirSync(join(sharedRoot, folder), { withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !/\.(md|tsv)$/.test(entry.name)).map(({ name }) => name);
}

/** Calls `use` for each frame with a copy that ends where the frame does; what is no capture has no frames. */
async function eachFrame(
  folder: string,
  name: string,
  use: (view: DataView, cursor: RecordCursor) => void,
): Promise<void> {
  let cursor: RecordCursor;
  try {
    cursor = await openCapture(join(sharedRoot!, folder, name), noStandardInput);
  } catch (error) {
    expect(error).toBeInstanceOf(PodtrailError);
    return;
  }
  do {
    while (cursor.next()) {
      const { view, dataAt, capturedLength } = cursor;
      const copy = new Uint8Array(capturedLength);
      copy.set(new Uint8Array(view.buffer, view.byteOffset + dataAt, capturedLength));
      use(new DataView(copy.buffer), cursor);
    }
  } while (await cursor.fill());
  await cursor.close();
}

describeWithShared('hostile captures', () => {
  const stops = new Set<string>();

  test.each(filesIn('hostile'))('%s', async (name) => {
    await eachFrame('hostile', name, (view, cursor) => {
      decode(view, 0, cursor.capturedLength, cursor.wireLength, cursor.linkType, options, d);
      expect(violations(d, 0, cursor.capturedLength)).toEqual([]);
      if (d.stop !== 0) stops.add(describeStop(d.stop)!.kind);
    });
  });

  test('show truncation, malformation and what is not decoded', () => {
    expect([...stops]).toEqual(expect.arrayContaining(['truncated', 'malformed', 'not-decoded']));
  });
});

describeWithShared('good captures, every frame cut at every length', () => {
  test.each(filesIn('captures'))('%s', async (name) => {
    const wrong: string[] = [];
    await eachFrame('captures', name, (view, cursor) => {
      for (let captured = Math.min(cursor.capturedLength, LONGEST_CUT); captured >= 0; captured--) {
        decode(new DataView(view.buffer, 0, captured), 0, captured, cursor.wireLength, cursor.linkType, options, d);
        const isInside = d.stop === 0 || d.stopAt <= captured;
        if (!isInside) wrong.push(`frame ${cursor.frameNumber}, ${captured} bytes: stopped at ${d.stopAt}`);
      }
    });
    expect(wrong).toEqual([]);
  });
});
