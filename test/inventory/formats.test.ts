/** Every format in which people save a cluster, recognised by content alone. */
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { dump } from 'js-yaml';
import { describeInventoryFile, loadInventory } from '../../src/inventory/load.js';
import { at, clock, directoryOf, type Json, list, load, node, pod, service, short } from './fixtures.js';
import { join } from 'node:path';

const objects = [
  pod('web-0', { ip: '10.244.1.7' }),
  pod('web-1', { ip: '10.244.2.7', node: 'node-2', namespace: 'default' }),
  node('node-1', '192.168.0.1', { podCidrs: ['10.244.1.0/24'] }),
  service('web', '10.96.0.20'),
];
const pods = objects.slice(0, 2);
const withoutKind = ({ kind: _kind, apiVersion: _version, ...rest }: Json): Json => rest;
const yamlItems = (items: Json[]): string =>
  dump({ apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } }, { seqNoIndent: true });
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

const formats: Record<string, string | Uint8Array> = {
  'one List': JSON.stringify(list(...objects), null, 4),
  'one List on one line': JSON.stringify(list(...objects)),
  'single objects one after the other': objects.map((object) => JSON.stringify(object, null, 2)).join('\n'),
  'single objects without a gap': objects.map((object) => JSON.stringify(object)).join(''),
  NDJSON: objects.map((object) => JSON.stringify(object)).join('\n'),
  'an array of objects': JSON.stringify(objects),
  'Lists of one kind each, whose items do not name it': [
    { apiVersion: 'v1', kind: 'PodList', items: pods.map(withoutKind) },
    { apiVersion: 'v1', kind: 'NodeList', items: [withoutKind(objects[2]!)] },
    { apiVersion: 'v1', kind: 'ServiceList', items: [withoutKind(objects[3]!)] },
  ]
    .map((value) => JSON.stringify(value))
    .join('\n'),
  'watch events': objects.map((object) => JSON.stringify({ type: 'ADDED', object })).join('\n'),
  'JSON with byte order mark': `\ufeff${JSON.stringify(list(...objects))}`,
  'JSON as PowerShell redirects it (UTF-16)': utf16(JSON.stringify(list(...objects), null, 4).replaceAll('\n', '\r\n')),
  'YAML List': yamlItems(objects),
  'YAML List with CRLF': yamlItems(objects).replaceAll('\n', '\r\n'),
  'YAML documents': objects.map((object) => dump(object)).join('---\n'),
  'YAML documents with markers and comments': `# saved\n---\n${objects.map((object) => `${dump(object)}...\n`).join('---\n# next\n')}---\n`,
  'YAML documents with CRLF and byte order mark': `\ufeff${objects
    .map((object) => dump(object))
    .join('---\n')
    .replaceAll('\n', '\r\n')}`,
};

describe.each(Object.entries(formats))('%s', (_, content) => {
  test('holds pods, nodes and services, whatever the file is called', async () => {
    const { inventory, events } = await load({ 'notes.bin': content, 'when.txt': clock('12:00:00') });
    expect(events).toEqual([]);
    expect(inventory.summary).toMatchObject({ pods: 2, nodes: 2, services: 1, namespaces: 2 });
    expect(short(inventory.ownerOf('10.244.1.7', at('11:00:00')))).toBe('observed pod shop/web-0');
    expect(short(inventory.ownerOf('10.244.2.7', at('11:00:00')))).toBe('observed pod default/web-1');
    expect(short(inventory.ownerOf('192.168.0.1', at('11:00:00')))).toBe('observed node node-1');
    expect(short(inventory.ownerOf('10.96.0.20', at('11:00:00')))).toBe('observed service shop/web');
  });
});

test.each([true, false])(
  'a long YAML List is read in pieces with the same result (seqNoIndent %s)',
  async (seqNoIndent) => {
    const many = Array.from({ length: 2400 }, (_, index) =>
      pod(`web-${index}`, { ip: `10.${index >> 8}.${index & 255}.7`, labels: { text: '|\n- not an item\n' } }),
    );
    const text = dump({ apiVersion: 'v1', items: many, kind: 'List' }, { seqNoIndent });
    expect(text.length).toBeGreaterThan(1 << 20);
    const { inventory, events } = await load({ 'pods.yaml': text, 'when.txt': clock('12:00:00') });
    expect(events).toEqual([]);
    expect(inventory.summary.pods).toBe(2400);
    expect(short(inventory.ownerOf('10.9.95.7', at('11:00:00')))).toBe('observed pod shop/web-2399');
    const damaged = text.replace('name: web-1200\n', 'name: "web-1200\n');
    const half = await load({ 'pods.yaml': damaged });
    expect(half.inventory.summary.pods).toBe(2399);
    const line = damaged.slice(0, damaged.indexOf('name: "web-1200')).split('\n').length;
    const warnings = half.events.map((event) => ('message' in event ? event.message : ''));
    const named = Number(/pods\.yaml:(\d+): this is not valid YAML/.exec(warnings.join('\n'))?.[1]);
    expect(Math.abs(named - line)).toBeLessThan(5);
  },
);

describe('kubectl get pods -o wide', () => {
  const table = [
    'NAMESPACE     NAME                    READY   STATUS      RESTARTS       AGE     IP             NODE     NOMINATED NODE   READINESS GATES',
    'shop          web-7d4b9c6f5d-x2k4q    1/1     Running     2 (3h ago)     5d20h   10.244.1.7     node-1   <none>           <none>',
    'shop          db-0                    1/1     Running     0              90m     10.244.1.8     node-1   <none>           <none>',
    'batch         nightly-x2k4q           0/1     Completed   0              9h      10.244.1.9     node-1   <none>           <none>',
    'kube-system   proxy-aaaaa             1/1     Running     0              5d20h   192.168.0.1    node-1   <none>           <none>',
    'kube-system   flannel-bbbbb           1/1     Running     0              5d20h   192.168.0.1    node-1   <none>           <none>',
    'shop          waiting                 0/1     Pending     0              10s     <none>         <none>   <none>           <none>',
    '',
  ].join('\n');

  test('gives owners as well as it can', async () => {
    const { inventory, events } = await load({ 'pods.txt': table, 'when.txt': clock('12:00:00') });
    expect(events).toEqual([]);
    expect(inventory.summary.files.map(({ recognizedAs }) => recognizedAs)).toContain(
      'kubectl get pods -o wide, 6 Pod (best effort)',
    );
    const owner = inventory.ownerOf('10.244.1.7', at('11:00:00'));
    expect(short(owner)).toBe('observed pod shop/web-7d4b9c6f5d-x2k4q');
    expect(owner).toMatchObject({ uid: null, node: 'node-1', workload: { kind: 'Deployment', name: 'web' } });
    expect(inventory.ownerOf('10.244.1.8', at('11:00:00')).workload).toEqual({ kind: 'StatefulSet', name: 'db' });
    // 90m means less than 91 minutes before 12:00.
    expect(short(inventory.ownerOf('10.244.1.8', at('10:28:59')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf('10.244.1.8', at('10:29:01')))).toBe('assumed pod shop/db-0');
    expect(short(inventory.ownerOf('10.244.1.8', at('10:30:01')))).toBe('observed pod shop/db-0');
    expect(short(inventory.ownerOf('10.244.1.9', at('11:00:00')))).toBe('assumed pod batch/nightly-x2k4q');
    expect(short(inventory.ownerOf('10.244.1.9', at('12:00:01')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf('192.168.0.1', at('12:00:00')))).toBe(
      'observed node node-1 [flannel-bbbbb proxy-aaaaa]',
    );
  });

  test('without -A has no namespaces', async () => {
    const own = table
      .split('\n')
      .slice(0, 2)
      .map((line) => line.slice(14))
      .join('\r\n');
    const { inventory } = await load({ 'pods.txt': own, 'when.txt': clock('12:00:00') });
    const owner = inventory.ownerOf('10.244.1.7', at('12:00:00'));
    expect(owner).toMatchObject({ kind: 'pod', namespace: null, name: 'web-7d4b9c6f5d-x2k4q', confidence: 'observed' });
  });

  test('whose time is not known makes owners no more than assumed, and says so', async () => {
    const { inventory, events } = await load({ 'pods.txt': table });
    const owner = inventory.ownerOf('10.244.1.7', at('11:00:00'));
    expect(short(owner)).toBe('assumed pod shop/web-7d4b9c6f5d-x2k4q');
    expect(owner.reason).toContain('not known when');
    expect(events).toEqual([
      expect.objectContaining({ type: 'warning', message: expect.stringContaining('modification time') }),
    ]);
  });

  test('adds nothing where the same snapshot has the pod itself', async () => {
    const known = pod('web-7d4b9c6f5d-x2k4q', { ip: '10.244.1.7', uid: 'real' });
    const { inventory } = await load({ 'pods.txt': table, 'pods.json': list(known), 'when.txt': clock('12:00:00') });
    expect(inventory.ownerOf('10.244.1.7', at('11:00:00')).uid).toBe('real');
    expect(inventory.summary.pods).toBe(6);
  });

  test('at another time extends what is known of a pod with uid', async () => {
    const known = pod('web-7d4b9c6f5d-x2k4q', { ip: '10.244.1.7', uid: 'real' });
    const { inventory } = await load({
      'a/pods.json': list(known),
      'a/when.txt': clock('11:00:00'),
      'b/pods.txt': table,
      'b/when.txt': clock('12:00:00'),
    });
    const owner = inventory.ownerOf('10.244.1.7', at('11:30:00'));
    expect(owner).toMatchObject({ uid: 'real', confidence: 'observed' });
  });
});

describe('damaged files', () => {
  test('a List that is cut short gives what came before, and proves nobody gone', async () => {
    const text = JSON.stringify(list(...pods), null, 1);
    const cut = text.slice(0, text.indexOf('"name": "web-1"'));
    const { inventory, events } = await load({
      'a/pods.json': list(...pods),
      'a/when.txt': clock('11:00:00'),
      'b/pods.json': cut,
      'b/when.txt': clock('12:00:00'),
    });
    expect(short(inventory.ownerOf('10.244.1.7', at('12:00:00')))).toBe('observed pod shop/web-0');
    expect(short(inventory.ownerOf('10.244.2.7', at('12:00:00')))).toBe('assumed pod default/web-1');
    const lines = cut.trimEnd().split('\n').length;
    expect(events.map((event) => 'message' in event && event.message)).toEqual([
      expect.stringMatching(new RegExp(`b/pods\\.json:${lines}: the JSON ends early; the 1 items before it are used$`)),
    ]);
  });

  test('a bad line of NDJSON costs that line', async () => {
    const lines = objects.map((object) => JSON.stringify(object));
    lines.splice(1, 0, '{"kind": "Pod", oops', '{"kind":"Pod"}}');
    const { inventory, events } = await load({ 'all.ndjson': lines.join('\n'), 'when.txt': clock('12:00:00') });
    expect(inventory.summary).toMatchObject({ pods: 2, nodes: 2, services: 1 });
    expect(events.map((event) => 'message' in event && event.message)).toEqual([
      expect.stringMatching(/all\.ndjson:2: /),
      expect.stringMatching(/all\.ndjson:3: /),
    ]);
  });

  test('a bad YAML document costs that document', async () => {
    const documents = objects.map((object) => dump(object));
    documents.splice(1, 0, 'apiVersion: v1\nkind: Pod\nmetadata: {name: [\n', 'a: 1\na: 2\nkind: Pod\n');
    const { inventory, events } = await load({ 'all.yaml': documents.join('---\n'), 'when.txt': clock('12:00:00') });
    expect(inventory.summary).toMatchObject({ pods: 2, nodes: 2, services: 1 });
    expect(events).toHaveLength(2);
  });

  test('the other files still count', async () => {
    const { inventory, events } = await load({ 'a.json': '{"kind": "List", "items": [', 'b.json': list(...objects) });
    expect(inventory.summary.pods).toBe(2);
    expect(events).toEqual([expect.objectContaining({ message: expect.stringContaining('a.json') })]);
  });

  test('a path that does not exist is an error, the rest is loaded', async () => {
    const root = directoryOf({ 'all.json': list(...objects) });
    const events: unknown[] = [];
    const inventory = await loadInventory([join(root, 'missing'), root], [], (event) => events.push(event));
    expect(inventory.summary.pods).toBe(2);
    expect(events).toEqual([
      expect.objectContaining({ type: 'error', message: expect.stringMatching(/missing: no such file/) }),
    ]);
  });
});

describe('other files', () => {
  const pcap = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
  const pcapng = Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000', 'hex');

  test('captures, empty files and binaries are passed over without a word', async () => {
    const { inventory, events } = await load({
      'a.pcap': pcap,
      'b.pcapng': pcapng,
      'c.pcap.gz': gzipSync(pcap),
      'd.txt': '',
      'e.yaml': '# nothing here\n\n',
      'f.json': '[]\n',
      'g.so': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 1]),
      'all.json': list(...objects),
    });
    expect(events).toEqual([]);
    expect(inventory.summary.files).toHaveLength(1);
  });

  test('unknown text and JSON are named, up to a limit', async () => {
    const unknown = Array.from({ length: 30 }, (_, index) => [
      `notes-${String(index).padStart(2, '0')}.txt`,
      `hello ${index}\n`,
    ]);
    const { events } = await load({
      'all.json': list(...objects),
      'odd.json': { a: 1 },
      ...Object.fromEntries(unknown),
    });
    const messages = events.map((event) => ('message' in event ? event.message : ''));
    expect(messages).toHaveLength(21);
    expect(messages[0]).toMatch(/notes-00\.txt: unknown text, not used$/);
    expect(messages[20]).toBe('11 more files were not recognised and not used');
  });

  test('archives are named with what to do', async () => {
    const { events } = await load({ 'bundle.tgz': gzipSync('x'.repeat(100)), 'all.json': list(...objects) });
    expect(events).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/bundle\.tgz: a gzip archive.*unpack/) }),
    ]);
  });

  test('known outputs that serve nothing yet are listed without a warning', async () => {
    const { inventory, events } = await load({
      'ruleset.txt': 'table ip nat {\n\tchain prerouting {\n\t}\n}\n',
      'peers.txt': 'interface: wg0\n  public key: AAAA\n',
      'all.json': list(...objects),
    });
    expect(events).toEqual([]);
    expect(inventory.summary.files).toHaveLength(3);
  });
});

test('describeInventoryFile says what a file is taken for', async () => {
  const root = directoryOf({
    a: list(...objects),
    b: Buffer.from('d4c3b2a1', 'hex'),
    c: 'hello\n',
    d: dump(objects[0]),
    e: '{"kind": "List", "items": [',
  });
  const describeFile = (name: string): Promise<unknown> => describeInventoryFile(join(root, name));
  expect(await describeFile('a')).toEqual({
    role: 'inventory',
    recognizedAs: 'JSON, 2 Pod, 1 Node, 1 Service',
    objects: 4,
    problems: [],
  });
  expect(await describeFile('b')).toMatchObject({ role: 'capture', recognizedAs: 'packet capture' });
  expect(await describeFile('c')).toMatchObject({ role: 'other', recognizedAs: 'unknown text' });
  expect(await describeFile('d')).toMatchObject({ role: 'inventory', recognizedAs: 'YAML, 1 Pod', objects: 1 });
  expect(await describeFile('e')).toMatchObject({ problems: [expect.stringContaining('ends early')] });
  expect(await describeFile('missing')).toMatchObject({
    role: 'other',
    problems: [expect.stringContaining('no such file')],
  });
});
