/** What was not captured on the nodes that connections lead to. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { CoverageGap } from '../../src/model/document.js';
import { withFolder } from '../analysis/pipeline.js';
import { analyzeCaptures, captureFiles, labRoot, scenarioNames } from './scenarios.js';

const SCENARIO = '01-pod-to-pod';
/** Its connections go on for five seconds. */
const LASTING = '04a-loss';
const OF_NODE_2 = /^node-2\.|pod\./;
const BETWEEN_NODES_OF_NODE_2 = /^node-2\.(eth1|flannel\.1|any)/;
const HEADER = 24;
const RECORD_HEADER = 16;
/** Records of node-2's captures that are left out, by how long after the file's first they come. */
const LATE_SECONDS = 4;

async function gapsOf(scenario: string, captures: readonly string[]): Promise<readonly CoverageGap[]> {
  const { document } = await analyzeCaptures(scenario, captures);
  return document.summary.coverageGaps;
}

(labRoot === null ? describe.skip : describe)('coverage gaps (need shared/lab)', () => {
  test.each(scenarioNames)('none in %s, where all that had a part was captured', async (scenario) => {
    expect(await gapsOf(scenario, captureFiles(scenario))).toEqual([]);
  });

  test('a node without any capture is named, with the connections that end there', async () => {
    // Pods' captures are captures on their nodes too.
    const gaps = await gapsOf(
      SCENARIO,
      captureFiles(SCENARIO).filter((file) => !OF_NODE_2.test(basename(file))),
    );
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({
      node: 'node-2',
      role: 'any',
      text: expect.stringMatching(/^Nothing was captured/),
    });
    expect(gaps[0]!.connections).toBeGreaterThan(5);
  });

  test('a node of which only pods, veths and the bridge were captured lacks its end of the tunnel', async () => {
    const gaps = await gapsOf(
      SCENARIO,
      captureFiles(SCENARIO).filter((file) => !BETWEEN_NODES_OF_NODE_2.test(basename(file))),
    );
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ node: 'node-2', role: 'underlay' });
  });

  test.each([
    ['begin late', 'before', (after: number): boolean => after >= LATE_SECONDS],
    ['end early', 'after', (after: number): boolean => after < 1],
  ])('captures of one node that %s', async (_name, word, isKept) => {
    await withFolder(async (folder) => {
      const files = captureFiles(LASTING).filter((file) => file.endsWith('.pcap') && !/pod\.|any/.test(basename(file)));
      const captures = files.map((file) => {
        if (!basename(file).startsWith('node-2.')) return file;
        const path = join(folder, basename(file));
        writeFileSync(path, withRecords(readFileSync(file), isKept));
        return path;
      });
      const gaps = await gapsOf(LASTING, captures);
      expect(gaps.map(({ node }) => node)).toEqual(['node-2']);
      expect(gaps[0]!.text).toContain(`show nothing ${word} 20`);
    });
  });
});

/** A little-endian pcap file with those of its records, by seconds after its first one. */
function withRecords(file: Buffer, isKept: (secondsAfterFirst: number) => boolean): Buffer {
  const parts = [file.subarray(0, HEADER)];
  const first = file.readUInt32LE(HEADER);
  let at = HEADER;
  while (at < file.length) {
    const next = at + RECORD_HEADER + file.readUInt32LE(at + 8);
    if (isKept(file.readUInt32LE(at) - first)) parts.push(file.subarray(at, next));
    at = next;
  }
  return Buffer.concat(parts);
}
