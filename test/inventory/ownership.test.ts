/** The rules by which an address has an owner at a time, one small cluster per rule. */
import { describe, expect, test } from '@jest/globals';
import { emptyInventory } from '../../src/inventory/load.js';
import { at, clock, list, load, node, pod, service, short, snapshot } from './fixtures.js';

const IP = '10.244.1.7';

describe('a running pod', () => {
  test('owns its address from its start to the snapshot that shows it', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP }));
    for (const time of ['10:00:03', '11:00:00', '12:00:00']) {
      expect(short(inventory.ownerOf(IP, at(time)))).toBe('observed pod shop/web-0');
    }
  });

  test('is only assumed to have it while it starts', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP }));
    const owner = inventory.ownerOf(IP, at('10:00:01'));
    expect(short(owner)).toBe('assumed pod shop/web-0');
    expect(owner.reason).toBe('it was only starting at that time');
  });

  test('of which no container state was saved owns its address from the second after its start', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP, running: null }));
    expect(short(inventory.ownerOf(IP, at('10:00:00.5')))).toBe('assumed pod shop/web-0');
    expect(short(inventory.ownerOf(IP, at('10:00:01')))).toBe('observed pod shop/web-0');
  });

  test('is known to have it from when its sandbox was ready', async () => {
    const subject = pod('web-0', { ip: IP, running: '10:05:00' });
    const ready = { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: clock('10:00:03') };
    (subject['status'] as Record<string, unknown>)['conditions'] = [ready];
    const inventory = await snapshot('12:00:00', subject);
    expect(short(inventory.ownerOf(IP, at('10:00:04')))).toBe('observed pod shop/web-0');
  });

  test('was not the owner before it existed, and the answer says who comes later', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP }));
    const owner = inventory.ownerOf(IP, at('09:59:59'));
    expect(short(owner)).toBe('unknown unknown');
    expect(owner.reason).toBe(`owned later by shop/web-0, created ${clock('10:00:00')}`);
  });

  test('has no address before the kubelet takes it, however long it waited for a node', async () => {
    const inventory = await snapshot(
      '12:00:00',
      pod('web-0', { ip: IP, created: '10:00:00', started: '11:00:00', running: '11:00:01' }),
    );
    expect(short(inventory.ownerOf(IP, at('10:30:00')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf(IP, at('11:30:00')))).toBe('observed pod shop/web-0');
  });

  test('is only assumed to be the owner after the last snapshot', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP }));
    const owner = inventory.ownerOf(IP, at('12:00:01'));
    expect(short(owner)).toBe('assumed pod shop/web-0');
    expect(owner.reason).toBe(`the last snapshot that shows it (${clock('12:00:00')}) is older`);
  });

  test('is described with node, workload, labels and uid', async () => {
    const labels = { app: 'web', 'pod-template-hash': '7d4b9c6f5d' };
    const inventory = await snapshot(
      '12:00:00',
      pod('web-7d4b9c6f5d-x2k4q', { ip: IP, labels, owner: { kind: 'ReplicaSet', name: 'web-7d4b9c6f5d' } }),
    );
    expect(inventory.ownerOf(IP, at('11:00:00'))).toEqual({
      kind: 'pod',
      namespace: 'shop',
      name: 'web-7d4b9c6f5d-x2k4q',
      uid: 'uid-of-web-7d4b9c6f5d-x2k4q',
      node: 'node-1',
      workload: { kind: 'Deployment', name: 'web' },
      labels,
      hostNetwork: false,
      confidence: 'observed',
      reason: '',
      candidates: [],
    });
  });

  test('with two addresses owns both, in any spelling, by one and the same instance', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: [IP, 'fd00:10:244:1::7'] }));
    const owner = inventory.ownerOf(IP, at('11:00:00'));
    expect(short(owner)).toBe('observed pod shop/web-0');
    for (const spelling of [
      `::ffff:${IP}`,
      '::ffff:0af4:0107',
      'fd00:10:244:1::7',
      'FD00:0010:0244:0001:0:0:0:7',
      'fd00:10:244:1::7%eth0',
    ]) {
      expect(inventory.ownerOf(spelling, at('11:00:00'))).toBe(owner);
    }
  });

  test('pending with an address (init containers run) owns it too', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP, phase: 'Pending', running: null }));
    expect(short(inventory.ownerOf(IP, at('12:00:00')))).toBe('observed pod shop/web-0');
  });
});

describe('a pod that has ended', () => {
  test('keeps status.podIP but owns it only until its containers finished', async () => {
    const inventory = await snapshot('12:00:00', pod('job-x', { ip: IP, phase: 'Succeeded', finished: '10:30:00' }));
    expect(short(inventory.ownerOf(IP, at('10:29:00')))).toBe('observed pod shop/job-x');
    const later = inventory.ownerOf(IP, at('10:30:01'));
    expect(short(later)).toBe('unknown unknown');
    expect(later.reason).toBe(`shop/job-x had it until ${clock('10:30:01')}`);
  });

  test('leaves the address to the pod that has it now', async () => {
    const inventory = await snapshot(
      '12:00:00',
      pod('job-x', { ip: IP, phase: 'Failed', finished: '10:30:00' }),
      pod('web-0', { ip: IP, created: '11:00:00', running: '11:00:05' }),
    );
    expect(short(inventory.ownerOf(IP, at('10:10:00')))).toBe('observed pod shop/job-x');
    expect(short(inventory.ownerOf(IP, at('10:45:00')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf(IP, at('11:10:00')))).toBe('observed pod shop/web-0');
    expect(short(inventory.ownerOf(IP, at('12:10:00')))).toBe('assumed pod shop/web-0');
  });

  test('without any time of its end is never more than assumed', async () => {
    const inventory = await snapshot('12:00:00', pod('job-x', { ip: IP, phase: 'Failed', running: null }));
    expect(short(inventory.ownerOf(IP, at('11:00:00')))).toBe('assumed pod shop/job-x');
    expect(short(inventory.ownerOf(IP, at('12:00:01')))).toBe('unknown unknown');
  });
});

describe('a pod that is being deleted', () => {
  test('owns its address when seen, perhaps until deadline and margin, and not later', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP, deletion: '12:00:25', grace: 30 }));
    expect(short(inventory.ownerOf(IP, at('12:00:00')))).toBe('observed pod shop/web-0');
    const terminating = inventory.ownerOf(IP, at('12:00:20'));
    expect(short(terminating)).toBe('assumed pod shop/web-0');
    expect(terminating.reason).toContain('being deleted');
    expect(short(inventory.ownerOf(IP, at('12:01:00')))).toBe('unknown unknown');
  });

  test('may own it longer when it is stuck beyond its deadline', async () => {
    const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP, deletion: '11:00:00', grace: 30 }));
    expect(short(inventory.ownerOf(IP, at('12:00:00')))).toBe('observed pod shop/web-0');
    expect(short(inventory.ownerOf(IP, at('12:00:10')))).toBe('assumed pod shop/web-0');
  });
});

describe('several snapshots', () => {
  const files = (first: unknown[], second: unknown[]): Record<string, Record<string, unknown> | string> => ({
    'one/pods.json': list(...(first as Record<string, unknown>[])),
    'one/snapshot-taken.txt': clock('11:00:00'),
    'two/pods.json': list(...(second as Record<string, unknown>[])),
    'two/snapshot-taken.txt': clock('12:00:00'),
  });
  const other = pod('other', { ip: '10.244.1.99', namespace: 'default' });

  test('a pod that a later one lacks ended between the two', async () => {
    const { inventory } = await load(
      files([pod('web-0', { ip: IP }), other], [other, pod('late', { ip: '10.244.1.98' })]),
    );
    expect(short(inventory.ownerOf(IP, at('11:00:00')))).toBe('observed pod shop/web-0');
    const between = inventory.ownerOf(IP, at('11:30:00'));
    expect(short(between)).toBe('assumed pod shop/web-0');
    expect(between.reason).toContain(`gone in the snapshot of ${clock('12:00:00')}`);
    const after = inventory.ownerOf(IP, at('12:00:01'));
    expect(short(after)).toBe('unknown unknown');
    expect(after.reason).toContain('some time between');
  });

  test('a list of another namespace does not prove that a pod is gone', async () => {
    const { inventory } = await load(files([pod('web-0', { ip: IP }), other], [other]));
    expect(short(inventory.ownerOf(IP, at('12:00:01')))).toBe('assumed pod shop/web-0');
  });

  test('a list selected by node or by label does not either', async () => {
    const elsewhere = pod('a', { ip: '10.244.2.1', node: 'node-2' });
    const elsewhereToo = pod('b', { ip: '10.244.2.2', node: 'node-2', namespace: 'default' });
    const byNode = await load(files([pod('web-0', { ip: IP }), other], [elsewhere, elsewhereToo]));
    expect(short(byNode.inventory.ownerOf(IP, at('12:00:01')))).toBe('assumed pod shop/web-0');
    const labels = { app: 'a' };
    const labelled = [
      pod('a', { ip: '10.244.2.1', labels }),
      pod('b', { ip: '10.244.2.2', labels, node: 'node-2', namespace: 'default' }),
    ];
    const byLabel = await load(files([pod('web-0', { ip: IP, labels: { app: 'web' } }), other], labelled));
    expect(short(byLabel.inventory.ownerOf(IP, at('12:00:01')))).toBe('assumed pod shop/web-0');
  });

  test('an address that changed hands is ambiguous only while that happens', async () => {
    const next = pod('mailer', { ip: IP, created: '11:30:00', running: '11:30:03' });
    const { inventory } = await load(files([pod('web-0', { ip: IP }), other], [next, other]));
    expect(short(inventory.ownerOf(IP, at('11:29:59')))).toBe('assumed pod shop/web-0');
    expect(short(inventory.ownerOf(IP, at('11:30:01')))).toBe('ambiguous pod [mailer web-0]');
    expect(short(inventory.ownerOf(IP, at('11:30:04')))).toBe('observed pod shop/mailer');
  });

  test('a pod of the same name proves that the one before is gone', async () => {
    const next = pod('web-0', {
      uid: 'second',
      ip: '10.244.2.8',
      created: '11:15:00',
      running: '11:15:01',
      node: 'node-2',
    });
    const { inventory } = await load(files([pod('web-0', { uid: 'first', ip: IP }), other], [next, other]));
    expect(inventory.ownerOf(IP, at('11:14:59')).uid).toBe('first');
    expect(short(inventory.ownerOf(IP, at('11:15:02')))).toBe('unknown unknown');
    expect(inventory.ownerOf('10.244.2.8', at('11:15:03')).uid).toBe('second');
  });

  test('a pod whose address changed has each one in its time', async () => {
    const { inventory } = await load(
      files([pod('web-0', { ip: IP }), other], [pod('web-0', { ip: '10.244.1.8', running: '11:40:00' }), other]),
    );
    expect(short(inventory.ownerOf(IP, at('11:00:00')))).toBe('observed pod shop/web-0');
    expect(short(inventory.ownerOf(IP, at('11:30:00')))).toBe('assumed pod shop/web-0');
    expect(short(inventory.ownerOf(IP, at('12:00:01')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf('10.244.1.8', at('10:59:59')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf('10.244.1.8', at('11:41:00')))).toBe('observed pod shop/web-0');
  });

  test('two pods seen with one address at once are ambiguous', async () => {
    const inventory = await snapshot('12:00:00', pod('a', { ip: IP }), pod('b', { ip: IP, node: 'node-2' }));
    const owner = inventory.ownerOf(IP, at('11:00:00'));
    expect(short(owner)).toBe('ambiguous pod [a b]');
    expect(owner.namespace).toBe('shop');
    expect(owner.node).toBeNull();
  });
});

describe('when the snapshot was taken', () => {
  test('the newest timestamp inside stands in where nothing states it', async () => {
    const heartbeat = { conditions: [{ type: 'Ready', lastHeartbeatTime: clock('11:30:00') }] };
    const { inventory } = await load({
      'pods.json': list(pod('web-0', { ip: IP })),
      'nodes.json': list(node('node-1', '192.168.0.1', { status: heartbeat })),
    });
    expect(inventory.summary.snapshots).toEqual([clock('11:30:00.000000000')]);
    expect(short(inventory.ownerOf(IP, at('11:30:00')))).toBe('observed pod shop/web-0');
    expect(short(inventory.ownerOf(IP, at('11:30:01')))).toBe('assumed pod shop/web-0');
  });

  test('a deletion deadline in the future does not make the snapshot younger', async () => {
    const { inventory } = await load({ 'pods.json': list(pod('web-0', { ip: IP, deletion: '10:10:30', grace: 30 })) });
    expect(inventory.summary.snapshots).toEqual([clock('10:10:00.000000000')]);
  });

  test.each([
    '1772359200',
    '1772359200.000',
    '1772359200000',
    '1772359200 2026-03-01T10:00:00Z',
    'Sun Mar  1 10:00:00 UTC 2026',
  ])('a file that says only %s states it', async (text) => {
    const { inventory } = await load({ 'pods.json': list(pod('web-0', { ip: IP })), 'when.txt': `${text}\n` });
    expect(inventory.summary.snapshots).toEqual([clock('10:00:00.000000000')]);
  });

  test('the time in a parent directory counts, the nearest one first', async () => {
    const { inventory } = await load({
      'when.txt': clock('11:00:00'),
      'a/pods.json': list(pod('web-0', { ip: IP })),
      'b/pods.json': list(pod('web-0', { ip: IP })),
      'b/when.txt': clock('12:00:00'),
    });
    expect(inventory.summary.snapshots).toEqual([clock('11:00:00.000000000'), clock('12:00:00.000000000')]);
  });

  test('a stated time older than the objects is not believed', async () => {
    const { inventory, events } = await load({
      'pods.json': list(pod('web-0', { ip: IP })),
      'when.txt': clock('09:00:00'),
    });
    expect(inventory.summary.snapshots).toEqual([clock('10:00:02.000000000')]);
    expect(events.map((event) => 'message' in event && event.message)).toEqual([
      expect.stringContaining('newer than the snapshot'),
    ]);
  });
});

describe('nodes', () => {
  const nodeOne = node('node-1', '192.168.0.1', { podCidrs: ['10.244.1.0/24', 'fd00:10:244:1::/64'] });
  const host = pod('proxy', { hostNetwork: true, ip: '192.168.0.1', hostIp: '192.168.0.1', namespace: 'kube-system' });

  test('own their addresses; hostNetwork pods are candidates while they live', async () => {
    const inventory = await snapshot('12:00:00', nodeOne, host);
    const owner = inventory.ownerOf('192.168.0.1', at('11:00:00'));
    expect(short(owner)).toBe('observed node node-1 [proxy]');
    expect(owner.reason).toBe('hostNetwork pods share this address');
    expect(short(inventory.ownerOf('192.168.0.1', at('09:59:00')))).toBe('observed node node-1');
  });

  test('a pod whose address is its host address is a hostNetwork pod, whatever the spec says', async () => {
    const inventory = await snapshot('12:00:00', nodeOne, pod('proxy', { ip: '192.168.0.1', hostIp: '192.168.0.1' }));
    expect(short(inventory.ownerOf('192.168.0.1', at('11:00:00')))).toBe('observed node node-1 [proxy]');
  });

  test('are known from their pods where nobody saved the nodes', async () => {
    const inventory = await snapshot('12:00:00', host, pod('web-0', { ip: IP, node: 'node-2', hostIp: '192.168.0.2' }));
    expect(inventory.nodeNames).toEqual(['node-1', 'node-2']);
    expect(short(inventory.ownerOf('192.168.0.1', at('11:00:00')))).toBe('observed node node-1 [proxy]');
    expect(short(inventory.ownerOf('192.168.0.2', at('11:00:00')))).toBe('observed node node-2');
  });

  test('have gateways on the pod network: first and second address of each podCIDR', async () => {
    const flannel = { 'flannel.alpha.coreos.com/backend-type': 'vxlan' };
    const stated = node('node-1', '192.168.0.1', {
      podCidrs: ['10.244.1.0/24', 'fd00:10:244:1::/64'],
      annotations: flannel,
    });
    const inventory = await snapshot('12:00:00', stated, host);
    for (const address of ['10.244.1.0', '10.244.1.1', 'fd00:10:244:1::', 'fd00:10:244:1::1']) {
      expect(short(inventory.ownerOf(address, at('11:00:00')))).toBe('observed gateway node-1 [proxy]');
    }
    const guessed = await snapshot('12:00:00', nodeOne);
    expect(short(guessed.ownerOf('10.244.1.1', at('11:00:00')))).toBe('assumed gateway node-1');
    expect(guessed.ownerOf('10.244.1.1', at('11:00:00')).reason).toContain('by convention');
  });

  test('a pod that has a conventional gateway address owns it', async () => {
    const inventory = await snapshot('12:00:00', nodeOne, pod('web-0', { ip: '10.244.1.1' }));
    expect(short(inventory.ownerOf('10.244.1.1', at('11:00:00')))).toBe('observed pod shop/web-0');
  });

  test('flannel host-gw has no device with the first address', async () => {
    const annotations = { 'flannel.alpha.coreos.com/backend-type': 'host-gw' };
    const inventory = await snapshot(
      '12:00:00',
      node('node-1', '192.168.0.1', { podCidrs: ['10.244.1.0/24'], annotations }),
    );
    expect(short(inventory.ownerOf('10.244.1.0', at('11:00:00')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf('10.244.1.1', at('11:00:00')))).toBe('observed gateway node-1');
  });

  test("Calico's tunnel address is stated by an annotation", async () => {
    const annotations = { 'projectcalico.org/IPv4VXLANTunnelAddr': '10.244.9.64' };
    const inventory = await snapshot('12:00:00', node('node-1', '192.168.0.1', { annotations }));
    expect(short(inventory.ownerOf('10.244.9.64', at('11:00:00')))).toBe('observed gateway node-1');
  });

  test('joined the cluster at a time, before which they are only assumed', async () => {
    const inventory = await snapshot('12:00:00', nodeOne);
    expect(short(inventory.ownerOf('192.168.0.1', at('08:00:00')))).toBe('assumed node node-1');
    expect(inventory.ownerOf('192.168.0.1', at('08:00:00')).reason).toContain('joined the cluster only at');
  });
});

describe('services', () => {
  test('own their ClusterIPs, external and load balancer addresses from creation on', async () => {
    const inventory = await snapshot(
      '12:00:00',
      service(
        'web',
        '10.96.0.20',
        { clusterIPs: ['10.96.0.20', 'fd00:96::20'], externalIPs: ['203.0.113.5'] },
        { loadBalancer: { ingress: [{ ip: '203.0.113.6' }, { hostname: 'lb.example' }] } },
      ),
    );
    for (const address of ['10.96.0.20', 'fd00:96::20', '203.0.113.5', '203.0.113.6']) {
      expect(short(inventory.ownerOf(address, at('11:00:00')))).toBe('observed service shop/web');
      expect(short(inventory.ownerOf(address, at('09:29:59')))).toBe('unknown unknown');
    }
  });

  test('headless and ExternalName services own nothing', async () => {
    const inventory = await snapshot(
      '12:00:00',
      service('db', 'None'),
      service('alias', '10.96.0.21', { type: 'ExternalName', externalName: '10.96.0.22' }),
    );
    for (const address of ['10.96.0.21', '10.96.0.22'])
      expect(inventory.ownerOf(address, at('11:00:00')).kind).not.toBe('service');
  });

  test("a service that uses a node's address is a candidate beside the node", async () => {
    const inventory = await snapshot(
      '12:00:00',
      node('node-1', '192.168.0.1'),
      service('web', '10.96.0.20', {}, { loadBalancer: { ingress: [{ ip: '192.168.0.1' }] } }),
    );
    expect(short(inventory.ownerOf('192.168.0.1', at('11:00:00')))).toBe('observed node node-1 [web]');
  });
});

describe('addresses that nobody in the inventory has', () => {
  test('are what their networks say', async () => {
    const flags = pod('kube-apiserver-node-1', { namespace: 'kube-system', hostNetwork: true, ip: '192.168.0.1' });
    (flags['spec'] as Record<string, unknown>)['containers'] = [
      { command: ['kube-apiserver', '--service-cluster-ip-range=10.96.0.0/12', '--cluster-cidr', '10.200.0.0/16'] },
    ];
    const inventory = await snapshot('12:00:00', node('node-1', '192.168.0.1', { podCidrs: ['10.244.1.0/24'] }), flags);
    const expected: Record<string, string> = {
      '8.8.8.8': 'observed external',
      '2001:4860:4860::8888': 'observed external',
      '192.168.7.7': 'assumed external',
      '10.244.1.9': 'unknown unknown',
      '10.244.77.9': 'unknown unknown',
      '10.200.3.4': 'unknown unknown',
      '10.107.1.1': 'unknown unknown',
      '224.0.0.251': 'observed multicast',
      'ff02::1': 'observed multicast',
      '255.255.255.255': 'observed broadcast',
      '169.254.169.254': 'observed link-local',
      'fe80::1': 'observed link-local',
      '127.0.0.1': 'observed loopback',
      '::1': 'observed loopback',
      '0.0.0.0': 'observed unspecified',
      '::': 'observed unspecified',
      'no address': 'unknown unknown',
      '10.1': 'unknown unknown',
    };
    for (const [address, answer] of Object.entries(expected)) {
      expect(`${address} ${short(inventory.ownerOf(address, at('11:00:00')))}`).toBe(`${address} ${answer}`);
    }
  });

  test('without stated networks the surroundings of pods and ClusterIPs are not called external', async () => {
    const inventory = await snapshot(
      '12:00:00',
      pod('web-0', { ip: '172.20.5.6' }),
      service('a', '172.30.0.1'),
      service('b', '172.30.255.9'),
    );
    expect(short(inventory.ownerOf('172.20.5.200', at('11:00:00')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf('172.30.99.1', at('11:00:00')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf('172.29.0.1', at('11:00:00')))).toBe('assumed external');
  });

  test('without an inventory private ones are unknown and public ones external', () => {
    const inventory = emptyInventory();
    expect(short(inventory.ownerOf('10.0.0.1', at('11:00:00')))).toBe('unknown unknown');
    expect(short(inventory.ownerOf('1.1.1.1', at('11:00:00')))).toBe('observed external');
    expect(short(inventory.ownerOf('ff02::fb', at('11:00:00')))).toBe('observed multicast');
    expect(inventory.summary).toMatchObject({ pods: 0, nodes: 0, files: [], snapshots: [], warnings: [] });
  });
});

test('the same answer is the same instance', async () => {
  const inventory = await snapshot('12:00:00', pod('web-0', { ip: IP }), node('node-1', '192.168.0.1'));
  for (const address of [IP, '192.168.0.1', '8.8.8.8', '10.9.9.9']) {
    expect(inventory.ownerOf(address, at('11:00:00'))).toBe(inventory.ownerOf(address, at('11:00:01')));
  }
  expect(inventory.ownerOf('8.8.8.8', at('11:00:00'))).toBe(inventory.ownerOf('9.9.9.9', at('11:00:00')));
});
