/** Malformed and fuzzed captures of other projects: read to the damage, against what tshark read, and never more memory than a capture takes. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PodtrailError } from '../../src/base/errors.js';
import { sharedRoot } from '../tools/shared.js';
import { runChild } from './bundle.js';
import { readFile } from './reading.js';

const folder = sharedRoot === null ? '' : join(sharedRoot, 'hostile');
const describeShared = sharedRoot === null ? describe.skip : describe;

/** Refused at the door. */
const NO_CAPTURES: ReadonlyMap<string, RegExp> = new Map([
  ['libpcap__pcap-invalid-version-1.pcap', /pcap file of version 1\.4/],
]);
/** Wireshark takes this one for Nokia's variant of pcap, by guessing at the records; as plain pcap, tcpdump reads what we read. */
const READ_OTHERWISE: ReadonlyMap<string, { wire: number; captured: number }> = new Map([
  ['pcapplusplus__igmplayer', { wire: 136, captured: 129 }],
]);
/** Of the whole process, Node itself and what the allocator keeps included; one capture alone takes about 100. */
const MOST_MEGABYTES = 300;

interface Expected {
  readonly packets: number;
  readonly bytes_wire: number;
  readonly bytes_captured: number;
  readonly capinfos: { readonly exit: number };
}

const names =
  sharedRoot === null
    ? []
    : readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.includes('__'))
        .map((entry) => entry.name);

describeShared('hostile captures (need shared/hostile)', () => {
  test('are there', () => {
    expect(names.length).toBeGreaterThan(50);
  });

  test.each(names)('%s', async (name) => {
    const refusal = NO_CAPTURES.get(name);
    if (refusal !== undefined) {
      const error: unknown = await readFile(join(folder, name)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PodtrailError);
      expect((error as PodtrailError).message).toMatch(refusal);
      return;
    }
    const expected = JSON.parse(readFileSync(join(folder, 'expected', `${name}.json`), 'utf8')) as Expected;
    const { records, cursor } = await readFile(join(folder, name));
    expect({
      packets: records.length,
      wire: records.reduce((sum, record) => sum + record.wireLength, 0),
      captured: records.reduce((sum, record) => sum + record.capturedLength, 0),
      isDamaged: cursor.damage !== null,
    }).toEqual({
      packets: expected.packets,
      wire: READ_OTHERWISE.get(name)?.wire ?? expected.bytes_wire,
      captured: READ_OTHERWISE.get(name)?.captured ?? expected.bytes_captured,
      isDamaged: expected.capinfos.exit !== 0,
    });
  });

  test('take no more memory than others, all in one process', () => {
    const { maxMegabytes, files } = runChild('memory-child.ts', {
      nodeOptions: ['--expose-gc'],
      args: names.map((name) => join(folder, name)),
    }) as {
      maxMegabytes: number;
      files: number;
    };
    expect(files).toBe(names.length);
    expect(maxMegabytes).toBeLessThan(MOST_MEGABYTES);
  });
});
