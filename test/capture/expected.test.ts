/** Every capture of other projects that lies in shared/captures, against the values that tshark and capinfos computed for it. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { CaptureInterface } from '../../src/capture/interface.js';
import { linkTypeName } from '../../src/capture/link-types.js';
import { sharedRoot } from '../tools/shared.js';
import { readFile, type ReadCapture, type ReadRecord } from './reading.js';

const folder = sharedRoot === null ? '' : join(sharedRoot, 'captures');

/** Formats that podtrail does not read. */
const NOT_READ: ReadonlyMap<string, string> = new Map([['pcapplusplus__solaris.snoop', 'a snoop capture']]);
/** tshark printed a timestamp with ten decimals, which the expected values count as none; the record has its whole seconds. */
const TIMES_THAT_EXPECTED_LACKS: ReadonlyMap<string, number> = new Map([['tcpdump__timestamp_invalid_micro.pcap', 1]]);

/** wiretap's encapsulation numbers (wiretap/wtap.h) of the link types in these captures. */
const WTAP_ENCAPSULATIONS: ReadonlyMap<number, number> = new Map([
  [0, 15],
  [1, 1],
  [9, 4],
  [12, 7],
  [14, 7],
  [50, 4],
  [101, 7],
  [104, 28],
  [105, 20],
  [113, 25],
  [127, 23],
  [160, 58],
  [228, 129],
  [229, 130],
  [239, 141],
  [274, 198],
  [276, 210],
]);

interface Expected {
  readonly packets: number;
  readonly bytes_wire: number;
  readonly bytes_captured: number;
  readonly sliced_packets: number;
  readonly first_packet_ts_ns: string | null;
  readonly last_packet_ts_ns: string | null;
  readonly min_ts_ns: string | null;
  readonly max_ts_ns: string | null;
  readonly packets_without_time: number;
  readonly packets_per_section_interface: Readonly<Record<string, number>>;
  readonly packets_per_wtap_encap: Readonly<Record<string, number>>;
  readonly tcpdump_banner: { readonly stderr: string };
  readonly capinfos: {
    readonly info: Readonly<Record<string, unknown>>;
    readonly interfaces: readonly Readonly<Record<string, string | number>>[];
  };
}

function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(folder, 'expected', `${name}.json`), 'utf8')) as Expected;
}

function nanosecondsOf(record: ReadRecord): bigint {
  return BigInt(record.seconds) * 1_000_000_000n + BigInt(record.nanoseconds);
}

function isTimed(record: ReadRecord): boolean {
  return record.hasTime === 1;
}

function summaryOf(records: readonly ReadRecord[]): object {
  const times = records.filter(isTimed).map(nanosecondsOf);
  const sorted = [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const text = (time: bigint | undefined): string | null => (time === undefined ? null : time.toString());
  return {
    packets: records.length,
    bytes_wire: records.reduce((sum, record) => sum + record.wireLength, 0),
    bytes_captured: records.reduce((sum, record) => sum + record.capturedLength, 0),
    sliced_packets: records.filter((record) => record.capturedLength < record.wireLength).length,
    first_packet_ts_ns: text(records.slice(0, 1).filter(isTimed).map(nanosecondsOf)[0]),
    last_packet_ts_ns: text(records.slice(-1).filter(isTimed).map(nanosecondsOf)[0]),
    min_ts_ns: text(sorted[0]),
    max_ts_ns: text(sorted.at(-1)),
    packets_without_time: records.length - times.length,
  };
}

function countBy(records: readonly ReadRecord[], key: (record: ReadRecord) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records) counts[key(record)] = (counts[key(record)] ?? 0) + 1;
  return counts;
}

/** As tshark prints section, interface number and name; in later sections, it prints the names of the first. Classic pcap has none of them. */
function interfaceKey({ cursor }: ReadCapture, record: ReadRecord): string {
  if (cursor.format !== 'pcapng') return '//';
  const { section, index } = cursor.interfaces[record.interfaceId]!;
  const { name } = cursor.interfaces[index]!;
  return `${section + 1}/${index}/${(name ?? 'unknown').replaceAll('\r', '\\r').replaceAll('\n', '\\n')}`;
}

/** What capinfos says of an interface, from ours. Of a name it prints the first line only. */
function capinfosInterface(description: CaptureInterface, packets: number): object {
  return {
    Name: description.name?.split(/[\r\n]/)[0],
    Encapsulation: String(WTAP_ENCAPSULATIONS.get(description.linkType)),
    'Time ticks per second': String(description.ticksPerSecond),
    'Number of packets': String(packets),
  };
}

const describeShared = sharedRoot === null ? describe.skip : describe;
const names =
  sharedRoot === null
    ? []
    : readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.includes('__'))
        .map((entry) => entry.name);

describeShared('captures of other projects (needs shared/captures)', () => {
  test('are there', () => {
    expect(names.length).toBeGreaterThan(100);
  });

  test.each(names.filter((name) => NOT_READ.has(name)))('%s is refused by its format name', async (name) => {
    await expect(readFile(join(folder, name))).rejects.toThrow(NOT_READ.get(name)!);
  });

  test.each(names.filter((name) => !NOT_READ.has(name)))('%s', async (name) => {
    const expected = expectedOf(name);
    const capture = await readFile(join(folder, name));
    const { records, cursor } = capture;
    expect(cursor.damage).toBeNull();
    expect(summaryOf(records)).toEqual({
      packets: expected.packets,
      bytes_wire: expected.bytes_wire,
      bytes_captured: expected.bytes_captured,
      sliced_packets: expected.sliced_packets,
      first_packet_ts_ns: expected.first_packet_ts_ns,
      last_packet_ts_ns: expected.last_packet_ts_ns,
      min_ts_ns: expected.min_ts_ns,
      max_ts_ns: expected.max_ts_ns,
      packets_without_time: expected.packets_without_time - (TIMES_THAT_EXPECTED_LACKS.get(name) ?? 0),
    });
    expect(countBy(records, (record) => interfaceKey(capture, record))).toEqual(expected.packets_per_section_interface);
    expect(countBy(records, (record) => String(WTAP_ENCAPSULATIONS.get(record.linkType)))).toEqual(
      expected.packets_per_wtap_encap,
    );
    expectInterfacesAsCapinfos(expected, capture);
    expectTcpdumpNames(expected, cursor.interfaces);
    expectFramesAsTshark(name, records);
  });
});

/** capinfos mixes the interfaces of several sections up, so that only files of one section are compared. */
function expectInterfacesAsCapinfos(expected: Expected, { records, cursor }: ReadCapture): void {
  if (cursor.interfaces.at(-1)?.section !== 0) return;
  const perInterface = countBy(records, (record) => String(record.interfaceId));
  expect(cursor.interfaces.map((each, id) => capinfosInterface(each, perInterface[id] ?? 0))).toEqual(
    expected.capinfos.interfaces.map((each) => ({
      Name: each['Name'],
      Encapsulation: /\((\d+) -/.exec(String(each['Encapsulation']))?.[1],
      'Time ticks per second': each['Time ticks per second'],
      'Number of packets': each['Number of packets'],
    })),
  );
}

function expectTcpdumpNames(expected: Expected, interfaces: readonly CaptureInterface[]): void {
  const banner = /link-type ([A-Z0-9_]+) \(.*snapshot length/.exec(expected.tcpdump_banner.stderr);
  if (banner !== null) expect(linkTypeName(interfaces[0]!.linkType)).toBe(banner[1]);
}

/** Number, time and lengths of each frame, from tshark's own columns. Records that are no packets have no encapsulation there. */
function expectFramesAsTshark(name: string, records: readonly ReadRecord[]): void {
  const [header, ...rows] = gunzipSync(readFileSync(join(folder, 'expected', `${name}.fields.tsv.gz`)))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  const column = (row: readonly string[], title: string): string => row[header!.indexOf(title)]!;
  const frames = rows
    .filter((row) => column(row, 'frame.encap_type') !== '')
    .map((row) => ({
      frame: column(row, 'frame.number'),
      wire: column(row, 'frame.len'),
      captured: column(row, 'frame.cap_len'),
      time: column(row, 'frame.time_epoch').replace(/\.1000000000$/, '.000000000'),
    }));
  expect(
    records.map((record) => ({
      frame: String(record.frameNumber),
      wire: String(record.wireLength),
      captured: String(record.capturedLength),
      time: record.hasTime === 1 ? `${record.seconds}.${String(record.nanoseconds).padStart(9, '0')}` : '',
    })),
  ).toEqual(frames);
}
