import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readConfig } from '../../src/cli/config.js';
import { parseCount, parseNodeDirectory, parsePort, parseVantage } from '../../src/cli/values.js';
import { Bench } from './harness.js';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
});
afterEach(() => {
  bench.remove();
});

async function read(text: string, path = 'podtrail.yaml') {
  writeFileSync(bench.path(path), text);
  return readConfig(path, bench.folder);
}

describe('a configuration file', () => {
  test('holds what its documentation says', async () => {
    mkdirSync(bench.path('incident'));
    const text = [
      'inventory: [inventory/, /abs/nodes.json]',
      'nodes:',
      '  node-1: hosts/node-1',
      'vantages:',
      '  "node-1.any*.pcap": node-1/any',
      '  x.pcap: /eth0',
      '  y=z.pcap: node-2',
      'vxlan-ports: [8473, "9999"]',
      'clocks:',
      '  node-2: +0.35s',
      '  node-3: -2',
      'names:',
      '  203.0.113.9: payment gateway',
      '  2001:db8::1: mail',
    ];
    const expected = {
      inventory: ['incident/inventory/', '/abs/nodes.json'],
      nodeDirectories: [{ node: 'node-1', directory: 'incident/hosts/node-1' }],
      vantages: [
        { file: 'node-1.any*.pcap', node: 'node-1', interface: 'any' },
        { file: 'x.pcap', node: null, interface: 'eth0' },
        { file: 'y=z.pcap', node: 'node-2', interface: null },
      ],
      vxlanPorts: [8473, 9999],
      names: [
        { address: '203.0.113.9', name: 'payment gateway' },
        { address: '2001:db8::1', name: 'mail' },
      ],
      clocks: [
        { node: 'node-2', aheadNs: 350_000_000 },
        { node: 'node-3', aheadNs: -2_000_000_000 },
      ],
    };
    expect(await read(text.join('\n'), 'incident/podtrail.yaml')).toEqual(expected);
    expect(await read(`\ufeff${text.join('\r\n')}\r\n`, 'incident/podtrail.yaml')).toEqual(expected);
  });

  const nothing = { inventory: [], nodeDirectories: [], vantages: [], vxlanPorts: [], clocks: [], names: [] };
  test.each(['', '\n', '# only a comment\n', '{}', 'inventory:\nnodes:\n', '---\n'])(
    '%j sets nothing',
    async (text) => {
      expect(await read(text)).toEqual(nothing);
    },
  );

  test('one path or port needs no list', async () => {
    expect(await read('inventory: inv\nvxlan-ports: 8473')).toMatchObject({ inventory: ['inv'], vxlanPorts: [8473] });
  });

  test.each([
    ['inventry: a', 'podtrail.yaml:1: inventry is not a known key'],
    ['\n\nvantages:\n  a.pcap: node-1/eth0\n\nclock: {}', 'podtrail.yaml:6: clock is not a known key'],
    ['- a\n- b', 'podtrail.yaml: must hold keys and values'],
    ['just text', 'podtrail.yaml: must hold keys and values'],
    ['vantages:\n  a.pcap: 7', 'podtrail.yaml:2: vantages → a.pcap must be a text'],
    ['vantages:\n  a.pcap: a/b/c', 'podtrail.yaml:2: vantages → a.pcap must be NODE/IFACE'],
    ['vantages: [a]', 'podtrail.yaml:1: vantages must be a mapping'],
    ['nodes:\n  "node-1":\n', 'podtrail.yaml:2: nodes → node-1 must be a text'],
    ['vxlan-ports: [0]', 'podtrail.yaml:1: vxlan-ports must be UDP ports'],
    ['vxlan-ports: [8472.5]', 'podtrail.yaml:1: vxlan-ports must be UDP ports'],
    ['vxlan-ports: {a: 1}', 'podtrail.yaml:1: vxlan-ports must be a list'],
    ['inventory: [7]', 'podtrail.yaml:1: inventory must be a text'],
    ['clocks: {node-1: soon}', 'podtrail.yaml:1: clocks → node-1 must be a duration'],
    ['names: {10.1: x}', 'podtrail.yaml:1: names → 10.1 is not an IP address'],
    ['names: {10.0.0.1: ""}', 'podtrail.yaml:1: names → 10.0.0.1 must be a text'],
    ['inventory: [a', 'podtrail.yaml:1: this is not YAML'],
    ['inventory: a\ninventory: b', 'podtrail.yaml:2: this is not YAML'],
    ['a: &a [*a]', 'podtrail.yaml'],
    ['a: 1\n---\nb: 2', 'podtrail.yaml'],
  ])('%j is refused: %s', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'invalid-config',
      message: expect.stringContaining(message),
    });
  });

  test('is refused when it is missing, a folder, or not a configuration by its size', async () => {
    await expect(readConfig('none.yaml', bench.folder)).rejects.toMatchObject({
      message: 'none.yaml: no such file or directory',
    });
    await expect(readConfig('.', bench.folder)).rejects.toMatchObject({ message: '.: is a directory' });
    await expect(read(`# ${'x'.repeat(1_000_000)}`)).rejects.toMatchObject({
      message: expect.stringContaining('too large'),
    });
  });

  test('whatever it holds is understood or refused, never more', async () => {
    const key = fc.constantFrom('inventory', 'nodes', 'vantages', 'vxlan-ports', 'clocks', 'names', '__proto__', 'x');
    const value = fc.jsonValue({ maxDepth: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.dictionary(key, value).map((content) => JSON.stringify(content)),
        ),
        async (text) => {
          await read(text).catch((error: unknown) => {
            expect(error).toMatchObject({ name: 'PodtrailError', code: 'invalid-config' });
          });
        },
      ),
      { numRuns: 300 },
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('with the command line', () => {
  test('lists are added up, the vantage points of the command line come first, and all is echoed', async () => {
    writeFileSync(bench.path('a.pcap'), '');
    mkdirSync(bench.path('inv'));
    mkdirSync(bench.path('more'));
    writeFileSync(
      bench.path('c.yaml'),
      'inventory: inv\nvantages: {a.pcap: node-1/eth0}\nvxlan-ports: [1]\nclocks: {n: 1s, m: 2us}\n',
    );
    const words = 'a.pcap --config c.yaml -i more --vantage a.pcap=node-2/eth1 --vxlan-port 2 --clock n=-5ms'.split(
      ' ',
    );
    const { exitCode, requests, stderr } = await bench.run(words);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    expect(requests[0]).toMatchObject({
      inventory: ['inv', 'more'],
      vxlanPorts: [1, 2],
      clocks: [
        { node: 'm', aheadNs: 2000 },
        { node: 'n', aheadNs: -5_000_000 },
      ],
      vantages: [
        { file: 'a.pcap', node: 'node-2', interface: 'eth1' },
        { file: 'a.pcap', node: 'node-1', interface: 'eth0' },
      ],
      options: [
        { name: 'config', value: 'c.yaml' },
        { name: 'inventory', value: 'inv' },
        { name: 'inventory', value: 'more' },
        { name: 'vantage', value: 'a.pcap=node-2/eth1' },
        { name: 'vantage', value: 'a.pcap=node-1/eth0' },
        { name: 'vxlan-port', value: '1' },
        { name: 'vxlan-port', value: '2' },
        { name: 'clock', value: 'm=2000ns' },
        { name: 'clock', value: 'n=-5000000ns' },
      ],
    });
  });

  test('a wrong file is wrong usage', async () => {
    writeFileSync(bench.path('a.pcap'), '');
    writeFileSync(bench.path('c.yaml'), 'inventry: inv\n');
    const { exitCode, stderr, requests } = await bench.run(['a.pcap', '--config', 'c.yaml']);
    expect({ exitCode, requests }).toEqual({ exitCode: 2, requests: [] });
    expect(stderr).toBe(
      'error: c.yaml:1: inventry is not a known key\n  Known keys: inventory, nodes, vantages, vxlan-ports, clocks, names.\n',
    );
  });
});

describe('values', () => {
  test.each([
    ['a.pcap=node-1/eth0', { file: 'a.pcap', node: 'node-1', interface: 'eth0' }],
    ['a=b.pcap=node-1/eth0', { file: 'a=b.pcap', node: 'node-1', interface: 'eth0' }],
    ['dir/*.pcap=/eth0', { file: 'dir/*.pcap', node: null, interface: 'eth0' }],
    ['a.pcap=node-1', { file: 'a.pcap', node: 'node-1', interface: null }],
    ['C:\\caps\\a.pcap=node-1/eth0', { file: 'C:\\caps\\a.pcap', node: 'node-1', interface: 'eth0' }],
    ['a.pcap=', null],
    ['a.pcap=/', null],
    ['=node-1/eth0', null],
    ['a.pcap', null],
    ['a.pcap=n/i/x', null],
    ['', null],
  ])('vantage %s', (text, expected) => {
    expect(parseVantage(text)).toEqual(expected);
  });

  test.each([
    ['node-1=hosts/x=y', { node: 'node-1', directory: 'hosts/x=y' }],
    ['node-1=', null],
    ['=x', null],
    ['hosts/node-1', null],
  ])('node %s', (text, expected) => {
    expect(parseNodeDirectory(text)).toEqual(expected);
  });

  test('numbers are whole, positive, and written plainly', () => {
    expect(['1', '42', '999999999999999'].map(parseCount)).toEqual([1, 42, 999_999_999_999_999]);
    for (const text of ['0', '-1', '1.5', '1e3', '0x10', ' 1', '', '9999999999999999', 'Infinity']) {
      expect(parseCount(text)).toBeNull();
    }
    expect(['1', '65535', '65536'].map(parsePort)).toEqual([1, 65_535, null]);
  });
});
