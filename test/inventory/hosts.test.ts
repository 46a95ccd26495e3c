/** Output of ip and bridge: whose it is, what links there are, which pod is behind which veth, and the addresses it adds. */
import { describe, expect, test } from '@jest/globals';
import { instantOf } from '../../src/inventory/instants.js';
import { at, clock, type Json, list, load, node, pod, service, short } from './fixtures.js';

type Address = [local: string, prefix: number, broadcast?: string];

function link(index: number, name: string, extra: Json = {}): Json {
  return {
    ifindex: index,
    ifname: name,
    mtu: 1450,
    link_type: 'ether',
    address: `02:00:00:00:00:${String(index).padStart(2, '0')}`,
    ...extra,
  };
}

function veth(index: number, name: string, peer: number, netns: number): Json {
  return link(index, name, { link_index: peer, link_netnsid: netns, master: 'cni0', linkinfo: { info_kind: 'veth' } });
}

function withAddresses(base: Json, ...addresses: Address[]): Json {
  const { linkinfo: _detail, ...plain } = base;
  return {
    ...plain,
    addr_info: addresses.map(([local, prefixlen, broadcast]) => ({
      family: local.includes(':') ? 'inet6' : 'inet',
      local,
      prefixlen,
      ...(broadcast === undefined ? {} : { broadcast }),
    })),
  };
}

const loopback = { ...link(1, 'lo'), link_type: 'loopback' };
const nodeLinks = [
  loopback,
  link(2, 'eth1'),
  link(4, 'cni0', { linkinfo: { info_kind: 'bridge' } }),
  link(5, 'flannel.1', { linkinfo: { info_kind: 'vxlan', info_data: { id: 7, port: 8472 } } }),
  veth(7, 'vethaaaa', 2, 2),
  veth(8, 'vethbbbb', 2, 3),
];
const nodeAddresses = [
  withAddresses(loopback, ['127.0.0.1', 8], ['::1', 128]),
  withAddresses(link(2, 'eth1'), ['192.168.0.1', 24, '192.168.0.255'], ['fe80::1:1', 64]),
  withAddresses(link(3, 'eth0'), ['10.0.2.15', 24]),
  withAddresses(link(4, 'cni0'), ['10.244.1.1', 24, '10.244.1.255']),
  withAddresses(link(5, 'flannel.1'), ['10.244.1.0', 32]),
];
const podAddresses = [
  withAddresses(loopback, ['127.0.0.1', 8]),
  withAddresses(
    link(2, 'eth0', { link_index: 7, link_netnsid: 0 }),
    ['10.244.1.7', 24, '10.244.1.255'],
    ['fe80::7', 64],
  ),
];

const cluster = {
  'all.json': list(
    node('node-1', '192.168.0.1', { podCidrs: ['10.244.1.0/24'] }),
    node('node-2.example.com', '192.168.0.2', { podCidrs: ['10.244.2.0/24'] }),
    pod('web-0', { ip: '10.244.1.7' }),
    pod('db-0', { ip: '10.244.1.8' }),
    pod('proxy', { ip: '192.168.0.1', hostNetwork: true }),
  ),
  'when.txt': clock('12:00:00'),
};

describe('links of a node', () => {
  test('are found by index and by name, link and addr output put together', async () => {
    const { inventory, events } = await load({
      ...cluster,
      'hosts/node-1/l.json': nodeLinks,
      'hosts/node-1/a.json': nodeAddresses,
    });
    expect(events).toEqual([]);
    expect(inventory.linkOf('node-1', 7)).toEqual({
      node: 'node-1',
      pod: null,
      index: 7,
      name: 'vethaaaa',
      kind: 'veth',
      mac: '02:00:00:00:00:07',
      mtu: 1450,
      peerIndex: 2,
      linkNamespaceId: 2,
      master: 'cni0',
      vxlanId: null,
      addresses: [],
    });
    expect(inventory.linkNamed('node-1', 'flannel.1')).toMatchObject({
      index: 5,
      kind: 'vxlan',
      vxlanId: 7,
      addresses: ['10.244.1.0'],
    });
    expect(inventory.linkNamed('node-1', 'cni0')).toMatchObject({ kind: 'bridge', addresses: ['10.244.1.1'] });
    for (const missing of [
      inventory.linkOf('node-1', 99),
      inventory.linkNamed('node-1', 'eth9'),
      inventory.linkOf('nobody', 1),
    ]) {
      expect(missing).toBeNull();
    }
  });

  const places: [string, Record<string, Json[]>, Record<string, string>][] = [
    ['--node', { 'x/y/l.json': nodeLinks }, { 'node-1': 'x' }],
    ["a directory with the node's name", { 'some/node-1/deep/l.json': nodeLinks }, {}],
    ["a file with the node's name", { 'ip-link.node-1.json': nodeLinks }, {}],
    ['the addresses in it', { 'x/l.json': nodeAddresses }, {}],
    ['the addresses beside it', { 'x/l.json': nodeLinks, 'x/a.json': nodeAddresses }, {}],
  ];
  test.each(places)('are given to the node by %s', async (_, files, given) => {
    const { inventory, events } = await load({ ...cluster, ...files }, given);
    expect(events).toEqual([]);
    expect(inventory.linkNamed('node-1', 'cni0')).not.toBeNull();
  });

  test('below a given node directory stay those of a pod whose directory names it', async () => {
    const { inventory } = await load(
      { ...cluster, 'x/l.json': nodeLinks, 'x/pods/shop_web-0/a.json': podAddresses },
      { 'node-1': 'x' },
    );
    expect(inventory.linkNamed('node-1', 'eth0')).toBeNull();
    expect(short(inventory.podBehind('node-1', 'vethaaaa')!)).toBe('observed pod shop/web-0');
  });

  test('are given by the short form of a full host name', async () => {
    const { inventory } = await load({ ...cluster, 'hosts/node-2/l.json': nodeLinks });
    expect(inventory.linkNamed('node-2.example.com', 'cni0')).not.toBeNull();
  });

  test('are given by hosts/NAME where no nodes are known', async () => {
    const { inventory } = await load({ 'hosts/node-1/a.json': nodeAddresses });
    expect(inventory.nodeNames).toEqual(['node-1']);
    expect(short(inventory.ownerOf('192.168.0.1', at('11:00:00')))).toBe('assumed node node-1');
  });

  test('that nothing places are named in a warning', async () => {
    const { events } = await load({ ...cluster, 'x/l.json': nodeLinks });
    expect(events).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/x\/l\.json: .*--node NAME=DIR/) }),
    ]);
  });
});

describe('the pod behind a veth', () => {
  const named = (directory: string): Record<string, Json[]> => ({
    'hosts/node-1/l.json': nodeLinks,
    [`${directory}/a.json`]: podAddresses,
  });

  test.each(['hosts/pods/shop_web-0', 'pods/shop/web-0', 'web-0', 'anything'])(
    'is found from its own output in %s',
    async (directory) => {
      const { inventory, events } = await load({ ...cluster, ...named(directory) });
      expect(events).toEqual([]);
      expect(short(inventory.podBehind('node-1', 'vethaaaa')!)).toBe('observed pod shop/web-0');
      expect(inventory.podBehind('node-1', 'vethbbbb')).toBeNull();
      expect(inventory.podBehind('node-2.example.com', 'vethaaaa')).toBeNull();
    },
  );

  test('is found from iflink alone', async () => {
    const { inventory } = await load({
      ...cluster,
      'hosts/node-1/l.json': nodeLinks,
      'hosts/pods/shop_db-0/iflink.txt': '8\n',
    });
    expect(short(inventory.podBehind('node-1', 'vethbbbb')!)).toBe('observed pod shop/db-0');
  });

  test("is found from the node's routes, as Calico makes them", async () => {
    const routes = [
      { dst: 'default', gateway: '192.168.0.254', dev: 'eth1' },
      { dst: '10.244.1.8', dev: 'vethbbbb', scope: 'link' },
      { dst: '10.244.2.0/24', gateway: '192.168.0.2', dev: 'eth1' },
    ];
    const { inventory } = await load({ ...cluster, 'hosts/node-1/l.json': nodeLinks, 'hosts/node-1/r.json': routes });
    expect(short(inventory.podBehind('node-1', 'vethbbbb')!)).toBe('observed pod shop/db-0');
  });

  test("is found from the node's neighbours and bridge forwarding entries", async () => {
    const { inventory } = await load({
      ...cluster,
      'hosts/node-1/l.json': nodeLinks,
      'hosts/node-1/n.json': [{ dst: '10.244.1.8', dev: 'cni0', lladdr: '02:aa:00:00:00:08', state: ['REACHABLE'] }],
      'hosts/node-1/f.json': [{ mac: '02:aa:00:00:00:08', ifname: 'vethbbbb', state: '' }],
      'hosts/node-1/b.json': [{ ifindex: 8, ifname: 'vethbbbb', state: 'forwarding', master: 'cni0' }],
    });
    expect(short(inventory.podBehind('node-1', 'vethbbbb')!)).toBe('observed pod shop/db-0');
  });

  test('is not guessed among two pods of one name', async () => {
    const again = pod('web-0', { uid: 'second', ip: '10.244.1.9', created: '11:00:00', running: '11:00:01' });
    const files = { ...cluster, 'more/pods.json': list(again), 'more/when.txt': clock('12:30:00') };
    const bare = await load({ ...files, 'hosts/node-1/l.json': nodeLinks, 'hosts/pods/shop_web-0/iflink.txt': '7' });
    expect(bare.inventory.podBehind('node-1', 'vethaaaa')).toBeNull();
    const told = await load({ ...files, ...named('hosts/pods/shop_web-0') });
    expect(told.inventory.podBehind('node-1', 'vethaaaa')?.uid).toBe('uid-of-web-0');
  });
});

describe('addresses that ip addr adds', () => {
  const two = {
    ...cluster,
    'hosts/node-1/a.json': nodeAddresses,
    'hosts/node-2/a.json': [
      withAddresses(link(3, 'eth0'), ['10.0.2.15', 24]),
      withAddresses(link(2, 'eth1'), ['192.168.0.2', 24]),
    ],
    'hosts/pods/shop_web-0/a.json': podAddresses,
  };

  test('on the pod network make gateways, others the node', async () => {
    const { inventory } = await load(two);
    expect(short(inventory.ownerOf('10.244.1.1', at('11:00:00')))).toBe('observed gateway node-1 [proxy]');
    expect(short(inventory.ownerOf('10.244.1.0', at('11:00:00')))).toBe('observed gateway node-1 [proxy]');
    expect(short(inventory.ownerOf('fe80::1:1', at('11:00:00')))).toBe('observed node node-1 [proxy]');
    expect(short(inventory.ownerOf('fe80::7', at('11:00:00')))).toBe('observed pod shop/web-0');
  });

  test('that several nodes have are ambiguous, unless it is known where the packet was seen', async () => {
    const { inventory } = await load(two);
    expect(short(inventory.ownerOf('10.0.2.15', at('11:00:00')))).toBe(
      'ambiguous node [node-1 node-2.example.com proxy]',
    );
    expect(short(inventory.ownerOf('10.0.2.15', at('11:00:00'), 'node-1'))).toBe('observed node node-1 [proxy]');
    expect(short(inventory.ownerOf('10.0.2.15', at('11:00:00'), 'node-2.example.com'))).toBe(
      'observed node node-2.example.com',
    );
    expect(short(inventory.ownerOf('10.0.2.15', at('11:00:00'), 'node-9'))).toBe(
      'ambiguous node [node-1 node-2.example.com proxy]',
    );
    expect(short(inventory.ownerOf('192.168.0.2', at('11:00:00'), 'node-1'))).toBe('observed node node-2.example.com');
  });

  test('say whether another node may see another owner', async () => {
    const { inventory } = await load(two);
    const time = instantOf(at('11:00:00'));
    for (const node of ['node-1', 'node-2.example.com', 'node-9', null]) {
      const shared = inventory.tenureOf('10.0.2.15', time, node);
      expect(shared.isSameForAllNodes).toBe(false);
      expect(shared.owner).toBe(inventory.ownerOf('10.0.2.15', at('11:00:00'), node));
      for (const address of ['192.168.0.2', '10.244.1.1', 'fe80::7', '203.0.113.9', 'no address']) {
        const { isSameForAllNodes, owner } = inventory.tenureOf(address, time, node);
        expect(isSameForAllNodes).toBe(true);
        expect(owner).toBe(inventory.ownerOf(address, at('11:00:00'), null));
      }
    }
  });

  test('make broadcast addresses known, stated or by the prefix', async () => {
    const { inventory } = await load(two);
    for (const address of ['192.168.0.255', '10.244.1.255', '10.0.2.255']) {
      expect(short(inventory.ownerOf(address, at('11:00:00')))).toBe('observed broadcast');
    }
  });

  test('of services on a node (IPVS, node-local DNS, load balancer) stay those of the service', async () => {
    const { inventory } = await load({
      ...cluster,
      'services.json': list(
        service('web', '10.96.0.20'),
        service('lb', '10.96.0.21', { externalIPs: ['192.168.0.100'] }),
      ),
      'hosts/node-1/a.json': [
        withAddresses(link(9, 'kube-ipvs0'), ['10.96.0.20', 32], ['10.96.0.99', 32]),
        withAddresses(link(2, 'eth1'), ['192.168.0.1', 24], ['192.168.0.100', 32]),
      ],
    });
    expect(short(inventory.ownerOf('10.96.0.20', at('11:00:00')))).toBe('observed service shop/web');
    expect(short(inventory.ownerOf('192.168.0.100', at('11:00:00')))).toBe('observed service shop/lb');
    expect(inventory.ownerOf('10.96.0.99', at('11:00:00')).kind).not.toBe('node');
  });
});
