/**
 * What is told of translations, from captures and a cluster made for it: by connection tracking where packets do not show both sides, by
 * rules where no Service was saved; and where several answers are left, that there are several.
 */
import { describe, expect, test } from '@jest/globals';
import { PcapWriter } from '../../src/capture/writer.js';
import type { Connection } from '../../src/model/document.js';
import { at, clock, directoryOf, list, node, pod, service, type Json } from '../inventory/fixtures.js';
import { ipv4, udp, type Bytes } from '../wire/packets.js';
import { rowsOf, run } from './pipeline.js';

const LINKTYPE_RAW = 101;
const UDP = 17;
const CLUSTER_IP = '10.96.0.10';
const CLIENT = '10.244.1.7';
const BACKEND = '10.244.2.9';
const OTHER_BACKEND = '10.244.2.10';

/** A place `address:port`. */
type Place = readonly [string, number];

interface Datagram {
  readonly from: Place;
  readonly to: Place;
  /** Time of day, and milliseconds after it. */
  readonly time?: string;
  readonly after?: number;
  readonly payload?: Bytes;
  readonly identification?: number;
}

function capture(datagrams: readonly Datagram[]): Uint8Array {
  const writer = new PcapWriter({ linkType: LINKTYPE_RAW, snapLength: 65535, unit: 'nanoseconds' });
  for (const { from, to, time = '11:00:00', after = 0, payload = [1, 2, 3, 4], identification = 0 } of datagrams) {
    const bytes = ipv4(
      { source: from[0], destination: to[0], protocol: UDP, id: identification },
      udp(from[1], to[1], payload),
    );
    const { seconds } = at(time);
    const nanoseconds = after * 1_000_000;
    writer.packet({ seconds, nanoseconds, data: Uint8Array.from(bytes), wireLength: bytes.length });
  }
  return writer.take();
}

/** A question and its answer. */
function exchange(client: Place, server: Place, more: Partial<Datagram> = {}): Datagram[] {
  return [
    { from: client, to: server, ...more },
    { from: server, to: client, ...more, after: (more.after ?? 0) + 1, payload: [9, 9, 9] },
  ];
}

interface Case {
  /** By place: `node-1/eth0`. */
  readonly captures: Readonly<Record<string, readonly Datagram[]>>;
  readonly files?: Readonly<Record<string, string | Json>>;
  readonly items?: readonly Json[];
}

async function connectionsOf({ captures, files = {}, items = CLUSTER }: Case): Promise<Connection[]> {
  const places = Object.entries(captures);
  const root = directoryOf({
    ...Object.fromEntries(places.map(([, datagrams], index) => [`${index}.pcap`, capture(datagrams)])),
    'inventory/cluster.json': list(...items),
    'inventory/snapshot-taken.txt': clock('11:00:30'),
    ...Object.fromEntries(Object.entries(files).map(([name, content]) => [`inventory/${name}`, content])),
  });
  const { document, failures } = await run({
    captures: places.map((_, index) => `${root}/${index}.pcap`),
    inventory: [`${root}/inventory`],
    vantages: places.map(([place], index) => {
      const [name, device] = place.split('/');
      return { file: `${index}.pcap`, node: name ?? null, interface: device ?? null };
    }),
  });
  expect(failures).toEqual([]);
  return rowsOf(document);
}

const DNS = service('dns', CLUSTER_IP, {
  selector: { app: 'dns' },
  ports: [{ name: 'dns', port: 53, targetPort: 5353, protocol: 'UDP' }],
});
const PODS = [
  node('node-1', '192.168.56.11', { podCidrs: ['10.244.1.0/24'] }),
  node('node-2', '192.168.56.12', { podCidrs: ['10.244.2.0/24'] }),
  pod('client', { ip: CLIENT }),
  pod('dns-1', { ip: BACKEND, node: 'node-2', labels: { app: 'dns' } }),
  pod('dns-2', { ip: OTHER_BACKEND, node: 'node-2', labels: { app: 'dns' } }),
];
const CLUSTER = [...PODS, DNS];

/** An entry as `conntrack -L` prints it. */
function entry(client: Place, dialed: Place, server: Place, translated: Place = client): string {
  return (
    `udp      17 25 src=${client[0]} dst=${dialed[0]} sport=${client[1]} dport=${dialed[1]} ` +
    `src=${server[0]} dst=${translated[0]} sport=${server[1]} dport=${translated[1]} mark=0 use=1`
  );
}

/** The beginning of an entry at a time of day, as `conntrack -E -o timestamp` prints it. */
function event(time: string, text: string, what = 'NEW'): string {
  return `[${at(time).seconds}.500000]\t    [${what}] ${text}`;
}

function shortOf(connection: Connection | undefined): unknown {
  if (connection === undefined) return null;
  const { client, dialed, server, service: dialedService, nat, translatedBy } = connection;
  const name = (end: typeof dialed): string | null =>
    end === null ? null : `${end.owner.name} ${end.address}:${end.port}`;
  return {
    client: name(client),
    dialed: name(dialed),
    server: name(server),
    service: dialedService === null ? null : `${dialedService.name}:${dialedService.port}`,
    nat: nat.join(),
    by: translatedBy?.evidence ?? null,
    hops: connection.hops.length,
  };
}

const SOCKET: Place = [CLIENT, 40000];
const DIALED: Place = [CLUSTER_IP, 53];
const SERVER: Place = [BACKEND, 5353];
const OTHER: Place = [OTHER_BACKEND, 5353];

describe('connection tracking', () => {
  test('tells the backend of a connection that was captured only at its client', async () => {
    const rows = await connectionsOf({
      captures: { 'node-1/veth1': exchange(SOCKET, DIALED) },
      files: { 'node-1/conntrack.txt': entry(SOCKET, DIALED, SERVER) },
    });
    expect(rows.map(shortOf)).toEqual([
      {
        client: `client ${CLIENT}:40000`,
        dialed: `dns ${CLUSTER_IP}:53`,
        server: `dns-1 ${BACKEND}:5353`,
        service: 'dns:dns',
        nat: 'DNAT',
        by: 'conntrack',
        hops: 1,
      },
    ]);
  });

  test('tells what a node dialed, which no packet shows', async () => {
    const gateway: Place = ['10.244.1.0', 31000];
    const rows = await connectionsOf({
      captures: { 'node-2/eth0': exchange(gateway, SERVER) },
      files: { 'node-1/conntrack.txt': entry(['192.168.56.11', 40000], DIALED, SERVER, gateway) },
    });
    expect(rows.map(shortOf)).toEqual([
      expect.objectContaining({ client: 'node-1 192.168.56.11:40000', service: 'dns:dns', nat: 'DNAT,SNAT', hops: 1 }),
    ]);
  });

  test('joins legs of datagrams that have nothing in common', async () => {
    const outside: Place = ['203.0.113.5', 50000];
    const masqueraded: Place = ['192.168.56.11', 31000];
    const captures = {
      'node-1/eth0': exchange(outside, ['192.168.56.11', 30053]),
      'node-2/eth0': exchange(masqueraded, SERVER),
    };
    expect(await connectionsOf({ captures })).toHaveLength(2);
    const rows = await connectionsOf({
      captures,
      files: { 'node-1/conntrack.txt': entry(outside, ['192.168.56.11', 30053], SERVER, masqueraded) },
    });
    expect(rows.map(shortOf)).toEqual([
      expect.objectContaining({
        client: 'null 203.0.113.5:50000',
        server: `dns-1 ${BACKEND}:5353`,
        nat: 'DNAT,SNAT',
        hops: 2,
      }),
    ]);
  });

  test('does not join what was not there at the same time', async () => {
    const rows = await connectionsOf({
      captures: {
        'node-1/veth1': exchange(SOCKET, DIALED, { time: '11:00:00', identification: 1 }),
        'node-2/eth0': exchange(SOCKET, SERVER, { time: '11:10:00', identification: 2 }),
      },
      files: { 'node-1/conntrack.txt': entry(SOCKET, DIALED, SERVER) },
    });
    expect(rows.map(({ hops }) => hops.length)).toEqual([1, 1]);
  });

  test('of a node says nothing of an address that another node has too', async () => {
    const shared = (name: string, own: string): Json => {
      const addresses = [own, '10.0.2.15'].map((address) => ({ type: 'InternalIP', address }));
      return node(name, own, { status: { addresses } });
    };
    const masqueraded: Place = ['10.0.2.15', 40000];
    const resolver: Place = ['203.0.113.53', 53];
    const rows = await connectionsOf({
      captures: { 'node-2/eth0': exchange(masqueraded, resolver), 'node-1/veth1': exchange(SOCKET, resolver) },
      items: [shared('node-1', '192.168.56.11'), shared('node-2', '192.168.56.12'), ...CLUSTER.slice(2)],
      files: { 'node-1/conntrack.txt': entry(SOCKET, resolver, resolver, masqueraded) },
    });
    expect(rows.map(({ client, hops }) => [client.address, hops.length]).sort()).toEqual([
      ['10.0.2.15', 1],
      [CLIENT, 1],
    ]);
  });

  test('answers by the time of the connection where a tuple came back', async () => {
    const events = [event('10:58:00', entry(SOCKET, DIALED, SERVER)), event('11:04:00', entry(SOCKET, DIALED, OTHER))];
    const rows = await connectionsOf({
      captures: {
        'node-1/veth1': [
          ...exchange(SOCKET, DIALED, { time: '11:00:00' }),
          ...exchange(SOCKET, DIALED, { time: '11:05:00' }),
        ],
      },
      files: { 'node-1/events.txt': events.join('\n') },
    });
    expect(rows.map(({ server }) => server.address)).toEqual([BACKEND, OTHER_BACKEND]);
  });

  test('gives all answers where it has several, and takes none of them', async () => {
    const [row] = await connectionsOf({
      captures: { 'node-1/veth1': exchange(SOCKET, DIALED) },
      files: { 'node-1/conntrack.txt': `${entry(SOCKET, DIALED, SERVER)}\n${entry(SOCKET, DIALED, OTHER)}\n` },
    });
    expect(row).toMatchObject({ server: { address: CLUSTER_IP }, dialed: null, nat: [], translatedBy: null });
    expect(row!.candidates.map(({ of, text }) => `${of}: ${text}`)).toEqual([
      expect.stringMatching(/^dialed: .*10\.96\.0\.10:53, translated to 10\.244\.2\.10:5353: .* node-1 has several/),
      expect.stringMatching(/^dialed: .*10\.96\.0\.10:53, translated to 10\.244\.2\.9:5353: /),
    ]);
  });

  test('has no say against packets', async () => {
    const rows = await connectionsOf({
      captures: {
        'node-1/veth1': exchange(SOCKET, DIALED, { identification: 77 }),
        'node-2/eth0': exchange(SOCKET, SERVER, { identification: 77 }),
        'node-2/veth9': exchange(SOCKET, OTHER, { identification: 99, payload: [5, 5] }),
      },
      files: { 'node-1/conntrack.txt': entry(SOCKET, DIALED, OTHER) },
    });
    const joined = rows.find(({ hops }) => hops.length === 2);
    expect(shortOf(joined)).toMatchObject({ server: `dns-1 ${BACKEND}:5353`, by: 'packets' });
    expect(rows).toHaveLength(2);
  });
});

const RULES = `# Generated by iptables-save v1.8.9 on Sun Mar  1 11:00:00 2026
*nat
:KUBE-SERVICES - [0:0]
[1:60] -A KUBE-NODEPORTS -p udp -m comment --comment "shop/dns:dns" -m udp --dport 30053 -j KUBE-EXT-AAAA
[1:60] -A KUBE-EXT-AAAA -j KUBE-SVC-AAAA
[1:60] -A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "shop/dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-AAAA
[1:60] -A KUBE-SVC-AAAA -m comment --comment "shop/dns:dns -> 10.244.2.9:5353" -j KUBE-SEP-BBBB
[1:60] -A KUBE-SEP-BBBB -p udp -m comment --comment "shop/dns:dns" -m udp -j DNAT --to-destination 10.244.2.9:5353
COMMIT
`;

describe('rules', () => {
  test('name a Service that no snapshot shows, and say that it is from there', async () => {
    const [row] = await connectionsOf({
      captures: { 'node-1/veth1': exchange(SOCKET, DIALED), 'node-2/eth0': exchange(SOCKET, SERVER) },
      items: PODS,
      files: { 'node-1/rules.txt': RULES },
    });
    expect(shortOf(row)).toMatchObject({ service: 'dns:dns', server: `dns-1 ${BACKEND}:5353`, hops: 2 });
    expect(row!.dialed!.owner).toMatchObject({ kind: 'service', namespace: 'shop', confidence: 'assumed' });
    expect(row!.dialed!.owner.reason).toContain('the rules of node-1');
  });

  test('name the Service of a node port', async () => {
    const [row] = await connectionsOf({
      captures: { 'node-1/eth0': exchange(['203.0.113.5', 50000], ['192.168.56.11', 30053]) },
      items: PODS,
      files: { 'node-1/rules.txt': RULES },
    });
    expect(row!.service).toEqual({ namespace: 'shop', name: 'dns', port: 'dns' });
  });
});

function slice(name: string): Json {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'dns', port: 5353, protocol: 'UDP' }],
    endpoints: [{ addresses: [BACKEND] }],
  };
}

describe('candidates', () => {
  test('are all Services of a backend of which only packets after the translation were captured', async () => {
    const both = [
      ...CLUSTER,
      service('dns-headless', '10.96.0.11', { ports: [] }),
      slice('dns'),
      slice('dns-headless'),
    ];
    const [behind] = await connectionsOf({ captures: { 'node-2/eth0': exchange(SOCKET, SERVER) }, items: both });
    expect(behind!.service).toBeNull();
    expect(behind!.candidates.map(({ service: candidate }) => candidate?.name)).toEqual(['dns', 'dns-headless']);
    // The client's own device shows what was dialed: the pod itself.
    const [before] = await connectionsOf({ captures: { 'node-1/veth1': exchange(SOCKET, SERVER) }, items: both });
    expect(before!.candidates).toEqual([]);
  });

  test('are all Services that have one node port', async () => {
    const ports = [{ name: 'p', port: 53, protocol: 'UDP', nodePort: 30053 }];
    const [row] = await connectionsOf({
      captures: { 'node-1/eth0': exchange(['203.0.113.5', 50000], ['192.168.56.11', 30053]) },
      items: [...PODS, service('one', '10.96.0.21', { ports }), service('two', '10.96.0.22', { ports })],
    });
    expect(row!.service).toBeNull();
    expect(row!.candidates.map(({ service: candidate }) => candidate?.name)).toEqual(['one', 'two']);
  });
});

describe('datagrams that are alike', () => {
  const second = service('dns-b', '10.96.0.20', { ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] });
  const items = [...CLUSTER, second];
  const other: Place = ['10.96.0.20', 53];
  const alike = {
    'node-1/veth1': [...exchange(SOCKET, DIALED), ...exchange(SOCKET, other, { after: 10 })],
    'node-2/eth0': [...exchange(SOCKET, SERVER), ...exchange(SOCKET, OTHER, { after: 10 })],
  };

  test('are not joined to either of two connections, and both are named', async () => {
    const rows = await connectionsOf({ captures: alike, items });
    expect(rows).toHaveLength(4);
    const idOf = (address: string): string => rows.find(({ server }) => server.address === address)!.id;
    const behind = rows.find(({ server }) => server.address === BACKEND)!;
    expect(behind.service).toBeNull();
    expect(
      behind.candidates
        .filter(({ of }) => of === 'connection')
        .flatMap(({ connections }) => connections)
        .sort(),
    ).toEqual([idOf(CLUSTER_IP), idOf('10.96.0.20')].sort());
  });

  test('are told apart by one that is not, and then the others too', async () => {
    const more = { time: '11:00:05', payload: [7, 7, 7, 7, 7, 7] };
    const captures = {
      'node-1/veth1': [...alike['node-1/veth1'], ...exchange(SOCKET, DIALED, more)],
      'node-2/eth0': [...alike['node-2/eth0'], ...exchange(SOCKET, SERVER, more)],
    };
    const rows = await connectionsOf({ captures, items });
    expect(rows.map(({ dialed, server, candidates }) => [dialed?.address, server.address, candidates])).toEqual([
      [CLUSTER_IP, BACKEND, []],
      ['10.96.0.20', OTHER_BACKEND, []],
    ]);
  });

  test('are told apart by connection tracking', async () => {
    const files = { 'node-1/conntrack.txt': `${entry(SOCKET, DIALED, OTHER)}\n${entry(SOCKET, other, SERVER)}\n` };
    const rows = await connectionsOf({ captures: alike, items, files });
    expect(rows.map(({ dialed, server, candidates }) => [dialed?.address, server.address, candidates])).toEqual([
      [CLUSTER_IP, OTHER_BACKEND, []],
      ['10.96.0.20', BACKEND, []],
    ]);
  });

  test('are left open where a node stands for one of two clients', async () => {
    const resolver: Place = ['203.0.113.53', 53];
    const clients: readonly Place[] = [SOCKET, ['10.244.1.8', 41000]];
    const rows = await connectionsOf({
      captures: {
        'node-1/cni0': clients.flatMap((client, n) => exchange(client, resolver, { after: n * 10 })),
        'node-1/eth0': exchange(['192.168.56.11', 33000], resolver),
      },
      items,
    });
    expect(rows).toHaveLength(3);
    const masqueraded = rows.find(({ client }) => client.address === '192.168.56.11')!;
    const behind = rows.filter(({ client }) => client.address !== '192.168.56.11').map(({ id }) => id);
    expect(masqueraded.candidates.flatMap(({ connections }) => connections).sort()).toEqual(behind.sort());
    expect(masqueraded.candidates[0]!.text).toContain(masqueraded.candidates[0]!.connections[0]);
  });
});

describe('what is left over of a pod', () => {
  const gone = pod('dns-old', {
    ip: BACKEND,
    node: 'node-2',
    labels: { app: 'dns' },
    finished: '10:30:00',
    phase: 'Succeeded',
  });
  const without = CLUSTER.filter(({ metadata }) => (metadata as Json)['name'] !== 'dns-1');

  test('is traffic of a Service that stale connection tracking leads to an address without an owner', async () => {
    const [row] = await connectionsOf({
      captures: { 'node-1/veth1': [{ from: SOCKET, to: DIALED }] },
      items: [...without, gone],
      files: { 'node-1/conntrack.txt': entry(SOCKET, DIALED, SERVER) },
    });
    expect(row!.leftover).toEqual({
      pod: { kind: 'pod', namespace: 'shop', name: 'dns-old', uid: 'uid-of-dns-old' },
      until: '2026-03-01T10:30:01.000000000Z',
      successor: null,
      isTranslated: true,
      text:
        `sent to ${BACKEND}, which belonged to shop/dns-old until 2026-03-01T10:30:01Z; nobody is known to have it since, ` +
        'and the translation of Service shop/dns still led there',
    });
  });

  test('is also what reaches another pod, which the Service does not mean', async () => {
    const heir = pod('heir', {
      ip: BACKEND,
      node: 'node-2',
      created: '10:40:00',
      running: '10:40:01',
      labels: { app: 'web' },
    });
    const files = { 'node-1/conntrack.txt': entry(SOCKET, DIALED, SERVER) };
    const captures = { 'node-1/veth1': exchange(SOCKET, DIALED) };
    const [row] = await connectionsOf({ captures, items: [...without, gone, heir], files });
    expect(row!.server.owner.name).toBe('heir');
    expect(row!.leftover).toMatchObject({ pod: { name: 'dns-old' }, successor: { name: 'heir' }, isTranslated: true });
    // A new backend of the same Service at an old address is as it should be.
    const [rightly] = await connectionsOf({ captures, items: [...CLUSTER, gone], files });
    expect([rightly!.server.owner.name, rightly!.leftover]).toEqual(['dns-1', null]);
  });

  test('is the end of a flow that went on while its address went to another pod', async () => {
    const old = pod('dns-old', { ip: BACKEND, node: 'node-2', finished: '11:00:10', phase: 'Succeeded' });
    const heir = pod('heir', { ip: BACKEND, node: 'node-2', created: '11:00:15', running: '11:00:16' });
    const [row] = await connectionsOf({
      captures: {
        'node-1/veth1': [
          ...exchange(SOCKET, SERVER, { time: '11:00:00' }),
          ...exchange(SOCKET, SERVER, { time: '11:00:20' }),
        ],
      },
      items: [...without, old, heir],
    });
    expect(row!.server.owner.name).toBe('dns-old');
    expect(row!.leftover).toMatchObject({ pod: { name: 'dns-old' }, successor: { name: 'heir' }, isTranslated: false });
  });
});
