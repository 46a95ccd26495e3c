/** What is written, as tshark reads it: needs tshark on the PATH. (That our own readers give it back is in properties.test.ts.) */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PcapWriter, PcapngWriter } from '../../src/capture/writer.js';

/** A name of its own, so that knip does not look for a package that brings it. */
const TSHARK = 'tshark';
const hasTshark = spawnSync(TSHARK, ['--version']).status === 0;
const describeTshark = hasTshark ? describe : describe.skip;
const packet = { seconds: 1_795_442_530, nanoseconds: 123_456_789, data: new Uint8Array(60), wireLength: 1500 };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'podtrail-writer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The named fields of every frame. */
function readWithTshark(bytes: Uint8Array, fields: readonly string[], options: readonly string[] = []): string[][] {
  const path = join(folder, 'written');
  writeFileSync(path, bytes);
  const selection = fields.flatMap((field) => ['-e', field]);
  const output = execFileSync(TSHARK, ['-n', '-r', path, '-T', 'fields', ...selection, ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'));
}

describeTshark('tshark (on the PATH) reads', () => {
  test.each([
    ['microseconds', true, '1795442530.123456000'],
    ['microseconds', false, '1795442530.123456000'],
    ['nanoseconds', true, '1795442530.123456789'],
    ['nanoseconds', false, '1795442530.123456789'],
  ] as const)('pcap in %s, little-endian: %s', (unit, isLittleEndian, time) => {
    const writer = new PcapWriter({ linkType: 1, snapLength: 96, unit, isLittleEndian });
    writer.packet(packet);
    writer.packet({ ...packet, data: new Uint8Array(0) });
    expect(readWithTshark(writer.take(), ['frame.time_epoch', 'frame.cap_len', 'frame.len'])).toEqual([
      [time, '60', '1500'],
      [time, '0', '1500'],
    ]);
  });

  test.each([true, false])('pcapng with options, little-endian: %s', (isLittleEndian) => {
    const writer = new PcapngWriter({ application: 'podtrail', comments: ['whole file'] }, { isLittleEndian });
    writer.interface({ linkType: 1, snapLength: 0, name: 'eth0', description: 'uplink', comments: ['c'] });
    writer.interface({ linkType: 101, snapLength: 0, name: 'wg0', resolution: 6, offsetSeconds: 1000 });
    writer.names([{ address: Uint8Array.of(10, 0, 0, 1), names: ['shop/web-1'] }]);
    writer.packet(packet, { interfaceIndex: 0, comments: ['erste Zeile ✓'], flags: 2, droppedPackets: 4 });
    writer.packet({ ...packet, data: new Uint8Array(7) }, { interfaceIndex: 1 });
    writer.statistics({ interfaceIndex: 0, seconds: 1, nanoseconds: 0, receivedPackets: 10, droppedPackets: 4 });
    const fields = ['frame.time_epoch', 'frame.interface_name', 'frame.comment', 'frame.packet_flags_direction'];
    expect(readWithTshark(writer.take(), [...fields, 'frame.drop_count'])).toEqual([
      ['1795442530.123456789', 'eth0', 'erste Zeile ✓', '0x00000002', '4'],
      ['1795442530.123456000', 'wg0', '', '', ''],
    ]);
  });

  test('names of a name resolution block', () => {
    const writer = new PcapngWriter();
    writer.interface({ linkType: 101, snapLength: 0 });
    writer.names([
      { address: Uint8Array.of(10, 0, 0, 1), names: ['shop/web-1'] },
      { address: Uint8Array.of(0xfd, ...Array<number>(14).fill(0), 9), names: ['shop/db-0'] },
    ]);
    const header = Buffer.from('45000014000000004011000a0a0000010a000002', 'hex');
    writer.packet({ ...packet, data: header }, { interfaceIndex: 0 });
    expect(readWithTshark(writer.take(), ['ip.src_host', 'ip.dst_host'], ['-N', 'n'])).toEqual([
      ['shop/web-1', '10.0.0.2'],
    ]);
  });
});
