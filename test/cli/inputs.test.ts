import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { findCaptures, findInventory } from '../../src/cli/inputs.js';
import { Bench } from './harness.js';

/** First bytes as in the format's specifications, with nothing behind the header. */
const PCAP = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
const PCAP_NANOSECONDS = Buffer.from('a1b23c4d00020004000000000000000000040000000000010000', 'hex');
const PCAPNG = Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000', 'hex');

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});
afterEach(() => {
  bench.remove();
});

function put(name: string, content: string | Buffer = ''): void {
  mkdirSync(dirname(bench.path(name)), { recursive: true });
  writeFileSync(bench.path(name), content);
}

const options = () => ({ windows: false, workingDirectory: bench.folder });
const captures = (...operands: string[]) => findCaptures(operands, options());

describe('captures', () => {
  test('a file is taken as it is, whatever is in it', async () => {
    put('notes.txt', 'hello');
    expect(await captures('notes.txt', '-')).toEqual({ paths: ['notes.txt', '-'], problems: [] });
  });

  test('a folder is searched for what looks like a capture', async () => {
    put('caps/plain', PCAP);
    put('caps/nano.bin', PCAP_NANOSECONDS);
    put('caps/deep/ng', PCAPNG);
    put('caps/zipped.dat', gzipSync(PCAPNG));
    put('caps/log.gz', gzipSync('a log'));
    put('caps/empty');
    put('caps/pods.json', '{}');
    put('caps/.hidden', PCAP);
    put('caps/broken.pcap', 'nothing like it');
    put('caps/cap.pcap12.gz', 'neither');
    put('caps/deep/short', PCAP.subarray(0, 3));
    expect(await captures('caps')).toEqual({
      paths: [
        'caps/broken.pcap',
        'caps/cap.pcap12.gz',
        'caps/deep/ng',
        'caps/nano.bin',
        'caps/plain',
        'caps/zipped.dat',
      ],
      problems: [],
    });
    expect((await captures('caps/')).paths).toContain('caps/plain');
    expect((await captures('.')).paths).toContain('caps/plain');
    expect((await captures(bench.path('caps'))).paths).toContain(bench.path('caps/plain'));
  });

  test('links are followed once', async () => {
    put('caps/a.pcap', PCAP);
    put('elsewhere/b.pcap', PCAP);
    symlinkSync('..', bench.path('caps/up'));
    symlinkSync('../elsewhere', bench.path('caps/more'));
    symlinkSync('nowhere', bench.path('caps/dangling.pcap'));
    expect((await captures('caps')).paths.filter((path) => path.endsWith('b.pcap'))).toHaveLength(1);
  });

  test('a folder without captures is an error that names it', async () => {
    put('inventory/pods.json', '{}');
    expect(await captures('inventory')).toMatchObject({
      paths: [],
      problems: [{ message: 'inventory: no captures in this folder', hint: expect.any(String) }],
    });
  });

  test('what is not there is an error, the rest is found', async () => {
    put('a.pcap', PCAP);
    expect(await captures('none.pcap', 'a.pcap', '', 'n*.pcap')).toEqual({
      paths: ['a.pcap'],
      problems: [
        { message: 'none.pcap: no such file or directory', hint: null },
        { message: 'an empty file name stands for no file', hint: null },
        { message: 'n*.pcap: no file matches this pattern', hint: null },
      ],
    });
  });

  test('a pattern that no shell has expanded, to files and folders', async () => {
    put('node-1.pcap', PCAP);
    put('node-2/x', PCAP);
    put('node-3.txt');
    expect((await captures('node-*')).paths).toEqual(['node-1.pcap', 'node-2/x', 'node-3.txt']);
  });

  test('a file whose name looks like a pattern is that file', async () => {
    put('a[1].pcap', PCAP);
    put('a1.pcap', PCAP);
    expect((await captures('a[1].pcap')).paths).toEqual(['a[1].pcap']);
  });

  test('with the paths of Windows', async () => {
    put('caps/a.pcap', PCAP);
    const found = await findCaptures(['CAPS*', 'c*/A*.PCAP'], { windows: true, workingDirectory: bench.folder });
    expect(found.paths).toEqual(['caps/a.pcap', 'caps/a.pcap']);
  });
});

describe('the inventory', () => {
  test('folders stay folders, patterns are expanded', async () => {
    put('inv/pods.json');
    put('nodes.json');
    expect(await findInventory(['inv', '*.json', 'none'], options())).toEqual({
      paths: ['inv', 'nodes.json'],
      problems: [{ message: 'none: no such file or directory', hint: null }],
    });
  });
});
