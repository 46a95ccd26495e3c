/** Opening and looking into inputs: what is no capture is named, copies are noticed, heads are read without the rest. */
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PodtrailError } from '../../src/base/errors.js';
import { findDuplicates } from '../../src/capture/duplicates.js';
import { openCapture, peekCapture, type CapturePeek } from '../../src/capture/open.js';
import { FileSource } from '../../src/capture/source/file-source.js';
import { PcapWriter, PcapngWriter } from '../../src/capture/writer.js';
import { noStandardInput, readFile, readStandardInput } from './reading.js';
import { storedFrame } from './zstd-frames.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'podtrail-open-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A capture of `count` packets, whose content depends on `seed`. */
function pcap(count: number, seed = 0): Uint8Array {
  const writer = new PcapWriter({ linkType: 1, snapLength: 0, unit: 'microseconds' });
  for (let index = 0; index < count; index++) {
    const data = Uint8Array.from({ length: 100 }, (_, at) => (index * 7 + at + seed) & 0xff);
    writer.packet({ seconds: 1_795_442_530 + index, nanoseconds: 0, data, wireLength: 100 });
  }
  return writer.take();
}

async function refusal(path: string): Promise<PodtrailError> {
  const error: unknown = await openCapture(path, noStandardInput).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PodtrailError);
  return error as PodtrailError;
}

async function peek(path: string): Promise<CapturePeek> {
  const peeked = await peekCapture(path);
  expect(peeked).not.toBeNull();
  return peeked!;
}

describe('what is no capture', () => {
  const utf16 = Buffer.concat([
    Uint8Array.of(0xff, 0xfe),
    Buffer.from(Buffer.from(pcap(1)).toString('latin1'), 'utf16le'),
  ]);
  const tar = Buffer.alloc(1024);
  tar.write('cap.pcap');
  tar.write('ustar', 257);
  const mangled = Buffer.from([0x0d, 0x0a, 0x0d, 0x0d, 0x0a, 0x1c, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a]);
  const inputs: [string, string | Uint8Array, RegExp, RegExp][] = [
    ['snoop', 'snoop\0\0\0\0\0\0\x02', /a snoop capture \(Solaris\)/, /editcap/],
    ['Network Monitor 1', 'RTSS\x01\x01', /Microsoft Network Monitor 1/, /editcap/],
    ['Network Monitor 2', 'GMBU\x00\x02', /Microsoft Network Monitor 2/, /editcap/],
    ['iptrace', 'iptrace 2.0\0', /AIX iptrace 2/, /editcap/],
    ['Sniffer', 'TRSNIFF data    \x1a', /Sniffer/, /editcap/],
    ['LZ4', Buffer.from('04224d186440a7', 'hex'), /LZ4-compressed/, /lz4 -dc FILE \| podtrail report -/],
    ['xz', Buffer.from('fd377a585a000004', 'hex'), /xz-compressed/, /xz -dc FILE \| podtrail report -/],
    ['bzip2', 'BZh91AY&SY', /bzip2-compressed/, /bzip2 -dc FILE/],
    ['zip', 'PK\x03\x04\x14\0', /ZIP archive/, /extract/],
    ['tar', tar, /tar archive/, /tar -xf/],
    ['tar.gz', gzipSync(tar), /tar archive/, /tar -xf/],
    ['ELF', '\x7fELF\x02\x01\x01', /program \(ELF\)/, /tcpdump -w/],
    ['JSON', '{"apiVersion":"v1","kind":"List"}', /this is JSON/, /--inventory/],
    ['YAML', 'apiVersion: v1\nkind: List\n', /this is YAML/, /--inventory/],
    ['HTML', '<!DOCTYPE html><title>Login</title>', /HTML/, /login page/],
    ['text of tcpdump', '14:02:10.123456 IP 10.0.0.1.80 > 10.0.0.2.1234: Flags [S]\n', /text output/, /tcpdump -w/],
    ['other text', 'hello\nworld\n', /text \(it begins with "hello"\)/, /tcpdump -w/],
    [
      'messages before the capture',
      Buffer.concat([Buffer.from('tcpdump: listening on eth0, link-type EN10MB\r\n'), pcap(1)]),
      /messages of a program \("tcpdump: listening on eth0/,
      /without -t/,
    ],
    ['PowerShell', utf16, /UTF-16/, /kubectl cp/],
    ['text mode', mangled, /text-mode transfer/, /binary/],
    ['zeros', new Uint8Array(4096), /nothing but zeros/, /copy/],
    ['nonsense', Buffer.from('8badf00d8badf00d8badf00d', 'hex'), /in no format that podtrail knows/, /editcap/],
  ];

  test.each(inputs)('%s', async (name, content, message, hint) => {
    const path = write(`${name}.pcap`, content);
    const error = await refusal(path);
    expect(error.code).toBe('unknown-format');
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`${path}: this is `)).toBe(true);
    expect(error.hint).toMatch(hint);
    await expect(peekCapture(path)).rejects.toThrow(error.message);
  });

  test.each([
    ['an empty file', new Uint8Array(0), /nothing is in it/],
    ['an empty gzip file', gzipSync(''), /nothing is in it/],
    ['three bytes', pcap(0).subarray(0, 3), /ends after 3 bytes/],
    ['half a header', pcap(0).subarray(0, 12), /ends after 12 bytes/],
    ['half a gzip header', gzipSync(pcap(5)).subarray(0, 12), /gzip data ends too early/],
  ])('%s', async (name, content, message) => {
    const error = await refusal(write(name, content));
    expect(error.code).toBe('damaged-capture');
    expect(error.message).toMatch(message);
  });

  test('a file that is not there, and a folder', async () => {
    const missing = await refusal(join(folder, 'missing.pcap'));
    expect([missing.code, missing.message]).toEqual([
      'unreadable-input',
      `${join(folder, 'missing.pcap')}: no such file or directory`,
    ]);
    mkdirSync(join(folder, 'directory.pcap'));
    const directory = await refusal(join(folder, 'directory.pcap'));
    expect([directory.code, directory.message]).toEqual([
      'unreadable-input',
      `${join(folder, 'directory.pcap')}: is a directory`,
    ]);
    await expect(peekCapture(join(folder, 'directory.pcap'))).rejects.toThrow('is a directory');
  });

  test('standard input is called so', async () => {
    const error: unknown = await readStandardInput(Readable.from(['hello'])).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(/^standard input: this is text/);
  });
});

describe('what is a capture', () => {
  test('without packets is fine', async () => {
    const { records, cursor } = await readFile(write('empty.pcap', pcap(0)));
    expect([records, cursor.damage]).toEqual([[], null]);
  });

  test('whatever its name says', async () => {
    expect((await readFile(write('not-compressed.gz', pcap(3)))).records).toHaveLength(3);
    expect((await readFile(write('compressed.pcap', gzipSync(pcap(3))))).records).toHaveLength(3);
  });

  test('knows how much has been read', async () => {
    const bytes = pcap(50);
    const { cursor } = await readFile(write('progress.pcap', bytes));
    expect(cursor.consumedBytes()).toBe(bytes.length);
    const compressed = gzipSync(bytes);
    const read = await readFile(write('progress.pcap.gz', compressed));
    expect(read.cursor.consumedBytes()).toBe(compressed.length);
  });
});

describe('peekCapture', () => {
  test('says what is known from the head', async () => {
    const bytes = pcap(2000);
    const path = write('peek.pcap', bytes);
    expect(await peek(path)).toMatchObject({
      path,
      format: 'pcap',
      compression: 'none',
      size: bytes.length,
      interfaces: [{ linkType: 1 }],
      firstTime: { seconds: 1_795_442_530, nanoseconds: 0 },
    });
  });

  test('finds the first packet that has a time, after other blocks', async () => {
    const writer = new PcapngWriter();
    writer.interface({ linkType: 1, snapLength: 0, name: 'eth0' });
    writer.interface({ linkType: 276, snapLength: 0, name: 'any' });
    writer.simplePacket(new Uint8Array(60), 60);
    writer.other(0x0bad, new Uint8Array(200_000));
    writer.packet({ seconds: 7, nanoseconds: 9, data: new Uint8Array(1), wireLength: 1 }, { interfaceIndex: 1 });
    const peeked = await peek(write('peek.pcapng', writer.take()));
    expect(peeked.firstTime).toEqual({ seconds: 7, nanoseconds: 9 });
    expect(peeked.interfaces.map(({ name }) => name)).toEqual(['eth0', 'any']);
  });

  test('does not touch standard input', async () => {
    expect(await peekCapture('-')).toBeNull();
  });

  test('gives copies the same fingerprint, compressed or not, and others another', async () => {
    const bytes = pcap(2000);
    const paths = [
      write('fingerprint.pcap', bytes),
      write('fingerprint.pcap.gz', gzipSync(bytes)),
      write('fingerprint.pcap.zst', storedFrame(bytes)),
      write('fingerprint-other.pcap', pcap(2000, 1)),
    ];
    const [plain, gzip, zstd, other] = await Promise.all(paths.map(peek));
    expect([gzip!.fingerprint, zstd!.fingerprint]).toEqual([plain!.fingerprint, plain!.fingerprint]);
    expect(other!.fingerprint).not.toBe(plain!.fingerprint);
    expect([plain!.compression, gzip!.compression, zstd!.compression]).toEqual(['none', 'gzip', 'zstd']);
  });
});

describe('findDuplicates', () => {
  async function duplicatesOf(...paths: readonly string[]): Promise<[string, string, string][]> {
    const peeks = await Promise.all(paths.map(peek));
    const names = (path: string): string => path.slice(folder.length + 1);
    return (await findDuplicates(peeks)).map(({ path, original, why }) => [names(path), names(original), why]);
  }

  test('the same file by another path', async () => {
    const original = write('same.pcap', pcap(3));
    symlinkSync(original, join(folder, 'symlink.pcap'));
    linkSync(original, join(folder, 'link.pcap'));
    const paths = [original, join(folder, 'symlink.pcap'), join(folder, 'link.pcap')];
    expect(await duplicatesOf(...paths)).toEqual([
      ['symlink.pcap', 'same.pcap', 'same file'],
      ['link.pcap', 'same.pcap', 'same file'],
    ]);
  });

  test('a copy, also a compressed one', async () => {
    const original = write('original.pcap', pcap(2000));
    copyFileSync(original, join(folder, 'copy.pcap'));
    const gzip = write('copy.gz', gzipSync(pcap(2000)));
    const zstd = write('copy.zst', storedFrame(pcap(2000)));
    expect(await duplicatesOf(original, join(folder, 'copy.pcap'), gzip, zstd)).toEqual([
      ['copy.pcap', 'original.pcap', 'same content'],
      ['copy.gz', 'original.pcap', 'same content'],
      ['copy.zst', 'original.pcap', 'same content'],
    ]);
  });

  test('not: the same beginning, another end', async () => {
    const changed = pcap(2000);
    changed[changed.length - 1]! ^= 1;
    const paths = [write('a.pcap', pcap(2000)), write('b.pcap', changed), write('c.pcap', pcap(2001))];
    const shorter = write('d.pcap.gz', gzipSync(pcap(1999)));
    expect(await duplicatesOf(...paths, shorter)).toEqual([]);
  });

  test('not: captures without packets, which are all alike', async () => {
    expect(await duplicatesOf(write('empty-1.pcap', pcap(0)), write('empty-2.pcap', pcap(0)))).toEqual([]);
  });
});

test('a file that is closed while others have their turn ends there', async () => {
  const size = 16 * 1024 * 1024;
  const path = write('large', new Uint8Array(size + 1));
  const source = await FileSource.open(path);
  const buffer = new Uint8Array(size);
  expect(await source.read(buffer, 0, size)).toBe(size);
  const reading = source.read(buffer, 0, size);
  await source.close();
  expect(await reading).toBe(0);
});
