/** What the pipeline makes of its inputs: rotated captures, copies, standard input, damage. */
import { createReadStream, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { rowsOf, run, sample, splitPcap, withFolder } from './pipeline.js';

const WHOLE = sample('pod-to-pod', 'captures', 'node-1.cni0.pcap');
const INVENTORY = [sample('pod-to-pod', 'inventory')];

describe('a rotated capture', () => {
  test.each([
    ['tcpdump -C', (index: number) => (index === 0 ? 'node-1.cni0.pcap' : `node-1.cni0.pcap${index}`)],
    ['tcpdump -C -W', (index: number) => `node-1.cni0.pcap${index}`],
    ['a ring whose oldest file is not the first', (index: number) => `node-1.cni0.pcap${(index + 3) % 5}`],
  ])('%s: five files give the report of the whole', async (_name, nameOf) => {
    await withFolder(async (folder) => {
      const file = readFileSync(WHOLE);
      const single = await run({ captures: [WHOLE], inventory: INVENTORY });
      const records = single.document.summary.totals.packets;
      const pieces = splitPcap(file, Math.ceil(records / 5));
      expect(pieces).toHaveLength(5);
      const paths = pieces.map((piece, index) => {
        const path = join(folder, nameOf(index));
        writeFileSync(path, piece);
        return path;
      });
      const rotated = await run({ captures: paths.sort(), inventory: INVENTORY });
      expect(rowsOf(rotated.document)).toEqual(rowsOf(single.document));
      expect(rotated.document.summary.totals).toEqual(single.document.summary.totals);
      expect(rotated.document.summary.endpoints).toEqual(single.document.summary.endpoints);
      expect(rotated.document.summary.timeline).toEqual(single.document.summary.timeline);
      expect(rotated.document.summary.vantagePoints).toHaveLength(1);
      expect(rotated.document.summary.captures.map(({ rotation }) => rotation?.part)).toEqual([1, 2, 3, 4, 5]);
      expect(rotated.failures).toEqual([]);
    });
  });

  test('whose last file is still being written costs a warning, not a failure', async () => {
    await withFolder(async (folder) => {
      const pieces = splitPcap(readFileSync(WHOLE), 60);
      const paths = pieces.map((piece, index) => {
        const path = join(folder, `cap.pcap${index}`);
        writeFileSync(path, index === pieces.length - 1 ? piece.subarray(0, piece.length - 7) : piece);
        return path;
      });
      const { failures, events, document } = await run({ captures: paths });
      expect(failures).toEqual([]);
      expect(events).toContainEqual(
        expect.objectContaining({ type: 'warning', message: expect.stringContaining(paths.at(-1)!) }),
      );
      expect(document.summary.captures.at(-1)!.damage).not.toBeNull();
    });
  });

  test('captures of two nodes are not taken for one', async () => {
    const captures = ['node-1.eth1.pcap', 'node-2.eth1.pcap'].map((name) => sample('pod-to-pod', 'captures', name));
    const { document } = await run({ captures });
    expect(document.summary.vantagePoints.map(({ name }) => name)).toEqual(['node-1/eth1', 'node-2/eth1']);
  });
});

test('the same capture given twice, under another name or compressed, counts once and is named', async () => {
  await withFolder(async (folder) => {
    const copy = join(folder, 'other-name.pcap');
    const compressed = join(folder, 'again.pcap');
    copyFileSync(WHOLE, copy);
    writeFileSync(compressed, gzipSync(readFileSync(WHOLE)));
    const once = await run({ captures: [WHOLE] });
    const thrice = await run({ captures: [WHOLE, copy, compressed, WHOLE] });
    expect(thrice.document.summary.totals).toEqual(once.document.summary.totals);
    const warnings = thrice.events.filter(({ type }) => type === 'warning');
    expect(warnings).toEqual([
      expect.objectContaining({ message: expect.stringContaining(copy) }),
      expect.objectContaining({ message: expect.stringContaining(compressed) }),
    ]);
  });
});

test('standard input gives the report of the file', async () => {
  const fromFile = await run({ captures: [WHOLE], inventory: INVENTORY });
  const fromStream = await run({ captures: ['-'], inventory: INVENTORY }, { standardInput: createReadStream(WHOLE) });
  expect(fromStream.document.summary.totals).toEqual(fromFile.document.summary.totals);
  expect(fromStream.document.summary.captures[0]).toMatchObject({
    path: '-',
    sizeBytes: null,
    packets: expect.any(Number),
  });
});

describe('damage', () => {
  test('what came before a cut tail is reported, with file and offset', async () => {
    await withFolder(async (folder) => {
      const path = join(folder, 'cut.pcap');
      const whole = readFileSync(WHOLE);
      writeFileSync(path, whole.subarray(0, whole.length - 10));
      const { failures, document } = await run({ captures: [path] });
      expect(failures).toEqual([
        expect.stringMatching(new RegExp(`^${path.replaceAll('\\', '.')}: .* byte ${whole.length - 10}$`)),
      ]);
      const all = await run({ captures: [WHOLE] });
      expect(document.summary.totals.packets).toBe(all.document.summary.totals.packets - 1);
      expect(document.summary.limitations[0]).toMatchObject({
        severity: 'warning',
        text: expect.stringContaining(path),
      });
    });
  });

  test('one unreadable capture does not lose the others', async () => {
    await withFolder(async (folder) => {
      const bad = join(folder, 'notes.txt');
      writeFileSync(bad, 'not a capture at all, just words that somebody wrote down');
      const missing = join(folder, 'missing.pcap');
      const { failures, document } = await run({ captures: [bad, WHOLE, missing] });
      expect(failures).toHaveLength(2);
      expect(failures.join('\n')).toContain(bad);
      expect(failures.join('\n')).toContain(missing);
      expect(document.summary.totals.connections).toBeGreaterThan(0);
    });
  });

  test('an interrupted run reports what it has, marked partial', async () => {
    const controller = new AbortController();
    controller.abort();
    const { document } = await run({ captures: [WHOLE] }, { signal: controller.signal });
    expect(document.summary.partial).toBe(true);
    expect(document.summary.limitations[0]!.text).toContain('interrupted');
  });
});
