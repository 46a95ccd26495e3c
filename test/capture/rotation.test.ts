/** Which files are one rotated capture, in which order, and which must never be taken for one. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { groupRotations, type RotationCandidate } from '../../src/capture/rotation.js';

/** 2026-11-23T14:00:00Z. */
const START = Date.UTC(2026, 10, 23, 14) / 1000;
const HOUR = 3600;

interface Details {
  readonly format?: string;
  readonly linkType?: number;
  readonly interfaceName?: string | null;
}

/** A file whose first packet came `offset` seconds after START; null if it has no packet. */
function file(path: string, offset: number | null, details: Details = {}): RotationCandidate {
  return {
    path,
    format: details.format ?? 'pcap',
    interfaces: [{ name: details.interfaceName ?? null, linkType: details.linkType ?? 1 }],
    firstTime: offset === null ? null : { seconds: START + offset, nanoseconds: 5 },
  };
}

function grouped(...files: readonly RotationCandidate[]): string[][] {
  return groupRotations(files).map((group) => group.files.map(({ path }) => path));
}

function expectApart(...files: readonly RotationCandidate[]): void {
  expect(grouped(...files)).toEqual(files.map(({ path }) => [path]));
}

describe('one rotation', () => {
  test('tcpdump -C: the first file has no number, and 10 comes after 9', () => {
    const names = ['cap.pcap', ...Array.from({ length: 11 }, (_, index) => `cap.pcap${index + 1}`)];
    const files = names.map((name, index) => file(`/tmp/${name}`, index * 60));
    const shuffled = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(groupRotations(shuffled)).toEqual([{ name: '/tmp/cap.pcap*', files }]);
  });

  test('tcpdump -C, later files only', () => {
    expect(grouped(file('cap.pcap7', 20), file('cap.pcap5', 0), file('cap.pcap6', 10))).toEqual([
      ['cap.pcap5', 'cap.pcap6', 'cap.pcap7'],
    ]);
  });

  test('tcpdump -W: a ring begins with its oldest file', () => {
    expect(
      grouped(file('cap.pcap00', 300), file('cap.pcap01', 400), file('cap.pcap02', 100), file('cap.pcap03', 200)),
    ).toEqual([['cap.pcap02', 'cap.pcap03', 'cap.pcap00', 'cap.pcap01']]);
  });

  test('a file of the ring that has no packets yet keeps its place', () => {
    expect(grouped(file('c.pcap0', 300), file('c.pcap1', null), file('c.pcap2', 100), file('c.pcap3', 200))).toEqual([
      ['c.pcap2', 'c.pcap3', 'c.pcap0', 'c.pcap1'],
    ]);
  });

  test('compressed in part, as tcpdump -z leaves it', () => {
    expect(grouped(file('cap.pcap.gz', 0), file('cap.pcap1.zst', 10), file('cap.pcap2', 20))).toEqual([
      ['cap.pcap.gz', 'cap.pcap1.zst', 'cap.pcap2'],
    ]);
  });

  test.each([
    ['date and time', 'n1-20261123-140000.pcap', 'n1-20261123-150000.pcap', 'n1-*.pcap'],
    ['ISO 8601', 'n1_2026-11-23T14:00:00.pcap', 'n1_2026-11-23T15:00:00.pcap', 'n1_*.pcap'],
    ['with zone', 'n1_2026-11-23T14:00:00+0000.pcap', 'n1_2026-11-23T15:00:00+0000.pcap', 'n1_*+0000.pcap'],
    ['no seconds', 'n1.2026-11-23_14.00.cap', 'n1.2026-11-23_15.00.cap', 'n1.*.cap'],
    ['seconds since 1970', `n1-${START}.pcap`, `n1-${START + HOUR}.pcap`, 'n1-*.pcap'],
    ['local time, 9 hours ahead', 'n1-20261123230000.pcap', 'n1-20261124000000.pcap', 'n1-*.pcap'],
    ['time of day', 'n1-140000.pcap', 'n1-150000.pcap', 'n1-*.pcap'],
    ['date in front', '20261123140000-n1.pcap.gz', '20261123150000-n1.pcap.gz', '*-n1.pcap'],
  ])('tcpdump -G, %s', (_name, first, second, name) => {
    expect(groupRotations([file(second, HOUR), file(first, 0)])).toEqual([
      { name, files: [file(first, 0), file(second, HOUR)] },
    ]);
  });

  test('tcpdump -G with a date only, a file a day', () => {
    expect(grouped(file('cap-2026-11-24.pcap', 12 * HOUR), file('cap-2026-11-23.pcap', 0))).toEqual([
      ['cap-2026-11-23.pcap', 'cap-2026-11-24.pcap'],
    ]);
  });

  test('tcpdump -G with -C', () => {
    expect(
      grouped(
        file('c-20261123150000.pcap', HOUR),
        file('c-20261123140000.pcap', 0),
        file('c-20261123140000.pcap2', 20),
        file('c-20261123140000.pcap1', 10),
      ),
    ).toEqual([['c-20261123140000.pcap', 'c-20261123140000.pcap1', 'c-20261123140000.pcap2', 'c-20261123150000.pcap']]);
  });

  test('a time of day goes on over midnight', () => {
    const night = 10 * HOUR - 1800;
    expect(
      grouped(file('c-000000.pcap', night + 1800), file('c-233000.pcap', night), file('c-003000.pcap', night + HOUR)),
    ).toEqual([['c-233000.pcap', 'c-000000.pcap', 'c-003000.pcap']]);
  });

  test.each([
    ['number first', 'eth0_00001_20261123140000.pcapng', 'eth0_00002_20261123140010.pcapng'],
    ['date first', 'eth0_20261123140000_00001.pcapng', 'eth0_20261123140010_00002.pcapng'],
    ['within the same second', 'eth0_00001_20261123140000.pcapng', 'eth0_00002_20261123140000.pcapng'],
    ['when the clock goes back', 'eth0_00001_20261123145959.pcapng', 'eth0_00002_20261123140000.pcapng'],
  ])('dumpcap -b, %s', (_name, first, second) => {
    const details = { format: 'pcapng', interfaceName: 'eth0' };
    expect(grouped(file(second, 3599, details), file(first, 3598, details))).toEqual([[first, second]]);
  });

  test('the groups follow the command line', () => {
    expect(
      grouped(file('b.pcap1', 10), file('z.pcap', 0), file('a.pcap', 5), file('b.pcap', 0), file('a.pcap1', 15)),
    ).toEqual([['b.pcap', 'b.pcap1'], ['z.pcap'], ['a.pcap', 'a.pcap1']]);
  });
});

describe('not one rotation', () => {
  test.each([
    ['nodes and interfaces', 'node-1.eth1.pcap', 'node-2.eth1.pcap'],
    ['interfaces', 'node-1.eth0.pcap', 'node-1.eth1.pcap'],
    ['numbered nodes', 'node1.pcap', 'node2.pcap'],
    ['pods of a StatefulSet', 'db-0.pcap', 'db-1.pcap'],
    ['pods of a Deployment', 'web-7d4b9c6f5d-x2x1z.pcap', 'web-7d4b9c6f5d-4k8fp.pcap'],
    ['a hash that is all digits', 'web-7441957465-x.pcap', 'web-7441957466-x.pcap'],
    ['addresses', '10.244.1.12.pcap', '10.244.1.13.pcap'],
    ['addresses with dashes', 'ip-10-20-30-40.pcap', 'ip-10-20-31-40.pcap'],
    ['nodes at the same time', 'node-1-20261123-140000.pcap', 'node-2-20261123-140010.pcap'],
    ['names without suffix', 'node1', 'node2'],
    ['folders', 'node-1/cap.pcap', 'node-2/cap.pcap1'],
    ['case numbers', 'case 140000.pcap', 'case 143217.pcap'],
  ])('%s', (_name, first, second) => {
    expectApart(file(first, 0), file(second, 1000));
  });

  test('other formats, link types or interfaces', () => {
    expectApart(file('cap.pcap', 0), file('cap.pcap1', 10, { format: 'pcap (nanoseconds)' }));
    expectApart(file('cap.pcap', 0), file('cap.pcap1', 10, { linkType: 276 }));
    expectApart(file('cap.pcap', 0, { interfaceName: 'a' }), file('cap.pcap1', 10, { interfaceName: 'b' }));
  });

  test('times in another order than the numbers', () => {
    expectApart(file('cap.pcap', 50), file('cap.pcap1', 10));
    expectApart(file('cap.pcap0', 50), file('cap.pcap1', 10), file('cap.pcap2', 60), file('cap.pcap3', 20));
    expectApart(file('c-20261123140000.pcap', 50), file('c-20261123150000.pcap', 10));
  });

  test('a date that the packets do not bear out', () => {
    expectApart(file('web-20270101.pcap', 0), file('web-20270102.pcap', 10));
    expectApart(file('job-1900000000.pcap', 0), file('job-1900000001.pcap', 10));
  });

  test('the same place twice', () => {
    expectApart(file('cap.pcap1', 0), file('cap.pcap1.gz', 0));
  });

  test('a capture without number beside a ring that begins with 0', () => {
    expectApart(file('cap.pcap', 0), file('cap.pcap0', 10), file('cap.pcap1', 20));
  });
});

test('any order of the files gives the same groups', () => {
  const files = [
    file('a.pcap0', 300),
    file('a.pcap1', 100),
    file('a.pcap2', 200),
    file('b-20261123140000.pcap', 0),
    file('b-20261123150000.pcap', HOUR),
    file('db-0.pcap', 0),
    file('db-1.pcap', 1),
  ];
  const sorted = (groups: readonly string[][]): string[] => groups.map((group) => group.join(' ')).sort();
  fc.assert(
    fc.property(fc.shuffledSubarray(files, { minLength: files.length }), (shuffled) => {
      expect(sorted(grouped(...shuffled))).toEqual([
        'a.pcap1 a.pcap2 a.pcap0',
        'b-20261123140000.pcap b-20261123150000.pcap',
        'db-0.pcap',
        'db-1.pcap',
      ]);
    }),
  );
});
