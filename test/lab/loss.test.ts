/**
 * Loss between hops, retransmissions and latency on the lab's captures, beside what the lossy wire, the kernels (TCP_INFO) and tshark say of
 * them.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { analyze } from '../../src/analysis/analyze.js';
import type { Connection, LostPacket, ReportDocument } from '../../src/model/document.js';
import {
  analyzeCaptures,
  analyzeScenario,
  captureFiles,
  labRoot,
  requestFor,
  rowsOf,
  scenarioNames,
} from './scenarios.js';

interface Dropped {
  readonly verdict: string;
  readonly direction: 'node_to_network' | 'network_to_node';
  readonly src: string;
  readonly dst: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly seq?: number;
  readonly payload?: number;
}

interface LossTruth {
  readonly impairments: readonly { readonly node: string; readonly dropped: readonly Dropped[] }[];
  readonly connections: readonly {
    readonly proto: string;
    readonly client: { readonly ip: string; readonly port: number };
    readonly server: { readonly ip?: string };
    readonly must_see?: readonly { readonly capture: string; readonly dir: string }[];
    readonly dropped_at?: { readonly node: string; readonly by: string } | null;
    readonly client_tcp_info?: { readonly total_retrans: number } | null;
    readonly server_log?: { readonly tcp_info?: { readonly total_retrans: number } } | null;
  }[];
}

function readLosses(scenario: string): LossTruth {
  return JSON.parse(readFileSync(join(labRoot!, scenario, 'truth.json'), 'utf8')) as LossTruth;
}

function dropsOf(scenario: string): Dropped[] {
  const dropped = readLosses(scenario).impairments.flatMap((impairment) => impairment.dropped);
  return dropped.filter(({ verdict }) => verdict === 'loss' || verdict === 'mtu');
}

/** Node and interface of a hop, whichever capture it is of. */
function placeOf(connection: Connection, hop: number, document: ReportDocument): string {
  const { node, interface: name, role } = document.summary.vantagePoints[connection.hops[hop]!.vantagePoint]!;
  return role === 'pod' ? 'pod' : `${node}/${name}`;
}

/** Lost packets as the truth writes them. */
function lossesOf(document: ReportDocument): string[] {
  return rowsOf(document).flatMap((row) =>
    row.lostPackets.map((lost) => {
      const { source, destination } = endsOf(row, lost);
      return `${source} > ${destination} ${nameOf(lost.sequence ?? undefined, lost.payloadBytes)}`;
    }),
  );
}

function endsOf(row: Connection, { direction, from }: LostPacket): { source: string; destination: string } {
  const { clientSeenAs, serverSeenAs } = row.hops[from]!;
  const client = `${clientSeenAs.address}:${clientSeenAs.port}`;
  const server = `${serverSeenAs.address}:${serverSeenAs.port}`;
  return direction === 'client to server'
    ? { source: client, destination: server }
    : { source: server, destination: client };
}

function truthLosses(drops: readonly Dropped[]): string[] {
  return drops.map(
    ({ src, sport, dst, dport, seq, payload }) =>
      `${src}:${sport ?? null} > ${dst}:${dport ?? null} ${nameOf(seq, payload ?? 0)}`,
  );
}

/** The wire's log has sequence number and payload of TCP only. */
function nameOf(sequence: number | undefined, payload: number): string {
  return sequence === undefined ? 'a packet' : `${sequence} ${payload}`;
}

/** All places where packets were lost, with their number. */
function lostPlaces(document: ReportDocument): Record<string, number> {
  const { vantagePoints, segments } = document.summary;
  const places: Record<string, number> = {};
  for (const { from, to, lost } of segments) {
    if (lost === 0) continue;
    const name = [from, to].map((id) => `${vantagePoints[id]!.node}/${vantagePoints[id]!.interface}`).join(' > ');
    places[name] = (places[name] ?? 0) + lost;
  }
  return places;
}

function sentAgain(connection: Connection): { clientToServer: number; serverToClient: number } {
  const { clientToServer, serverToClient } = connection.retransmissions;
  return { clientToServer: clientToServer?.packets ?? 0, serverToClient: serverToClient?.packets ?? 0 };
}

/** Segments that tshark takes for sent again in a pod's own capture, by direction, keep-alives and window probes left out. */
function tsharkRetransmissions(capture: string, filter: string): number {
  const flags =
    'tcp.analysis.retransmission || tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission';
  const output = execFileSync('tshark', [
    '-r',
    capture,
    '-Y',
    `(${flags}) && (${filter})`,
    '-T',
    'fields',
    '-e',
    'frame.number',
  ]);
  return output.toString().split('\n').filter(Boolean).length;
}

const scenarios = labRoot === null ? describe.skip : describe;

scenarios('losses of the lossy wire (needs shared/lab)', () => {
  test('04a: every lost packet, by name, on the underlay', async () => {
    const { document } = await analyzeScenario('04a-loss');
    const drops = dropsOf('04a-loss');
    expect(lossesOf(document).sort()).toEqual(truthLosses(drops).sort());
    const count = (direction: string): number => drops.filter((drop) => drop.direction === direction).length;
    expect(lostPlaces(document)).toEqual({
      'node-1/eth1 > node-2/eth1': count('network_to_node'),
      'node-2/eth1 > node-1/eth1': count('node_to_network'),
    });
  });

  test('04a: what was sent again is explained, as often as the kernels say, FINs after their last word aside', async () => {
    const { document } = await analyzeScenario('04a-loss');
    const { connections } = readLosses('04a-loss');
    let more = 0;
    for (const truth of connections.filter(({ proto }) => proto === 'tcp')) {
      const row = rowsOf(document).find(
        ({ client }) => client.address === truth.client.ip && client.port === truth.client.port,
      )!;
      const kernel = {
        clientToServer: truth.client_tcp_info?.total_retrans ?? 0,
        serverToClient: truth.server_log?.tcp_info?.total_retrans ?? 0,
      };
      const seen = sentAgain(row);
      more += seen.clientToServer - kernel.clientToServer + seen.serverToClient - kernel.serverToClient;
      expect(seen.clientToServer).toBeGreaterThanOrEqual(kernel.clientToServer);
      expect(seen.serverToClient).toBeGreaterThanOrEqual(kernel.serverToClient);
      for (const again of Object.values(row.retransmissions)) {
        expect(again).toMatchObject({ spurious: 0, unexplained: 0 });
        for (const { from, to } of again!.lost) {
          expect([placeOf(row, from, document), placeOf(row, to, document)].sort()).toEqual([
            'node-1/eth1',
            'node-2/eth1',
          ]);
        }
      }
    }
    // CLOCKS-LOSS-WIREGUARD section 2: three FINs were sent after TCP_INFO had been read.
    expect(more).toBe(3);
  });

  test('04b: reordered and duplicated, and nothing lost; what was sent again was so for nothing', async () => {
    const { document } = await analyzeScenario('04b-delay-reorder');
    expect(dropsOf('04b-delay-reorder')).toEqual([]);
    expect(lostPlaces(document)).toEqual({});
    const kernel = readLosses('04b-delay-reorder').connections.map(
      (truth) => (truth.client_tcp_info?.total_retrans ?? 0) + (truth.server_log?.tcp_info?.total_retrans ?? 0),
    );
    const again = rowsOf(document).flatMap(({ retransmissions }) =>
      Object.values(retransmissions).filter((each) => each !== null),
    );
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    expect(sum(again.map(({ packets }) => packets))).toBe(sum(kernel));
    expect(again.every(({ packets, spurious }) => spurious === packets)).toBe(true);
  });

  test('04d: segments too large for the underlay are lost there and nowhere else', async () => {
    const { document } = await analyzeScenario('04d-mtu-blackhole');
    const places = lostPlaces(document);
    expect(Object.keys(places).sort()).toEqual(['node-1/eth1 > node-2/eth1', 'node-2/eth1 > node-1/eth1']);
    const drops = truthLosses(dropsOf('04d-mtu-blackhole').filter(({ sport }) => sport !== undefined));
    const losses = lossesOf(document).filter((loss) => !loss.endsWith('a packet'));
    expect(drops).toEqual(expect.arrayContaining(losses));
    // The last packet of the file has nothing behind it that would prove that the file went on.
    expect(drops.length - losses.length).toBeLessThanOrEqual(1);
  });

  test('04e: segments too large for the tunnel are lost in the node, in front of it', async () => {
    const { document } = await analyzeScenario('04e-mtu-fragneeded');
    const places = lostPlaces(document);
    expect(Object.keys(places).sort()).toEqual(['node-1/cni0 > node-1/flannel.1', 'node-3/cni0 > node-3/flannel.1']);
    // Section 5 of the design note, counted by the prototype there.
    expect(places).toEqual({ 'node-1/cni0 > node-1/flannel.1': 10, 'node-3/cni0 > node-3/flannel.1': 15 });
  });

  test('04f: fragments of the underlay are no loss', async () => {
    const { document } = await analyzeScenario('04f-outer-fragments');
    expect(lostPlaces(document)).toEqual({});
    expect(document.summary.segments.reduce((total, { packets }) => total + packets, 0)).toBeGreaterThan(100);
  });
});

scenarios('connections that a policy drops (needs shared/lab)', () => {
  test('03b: end on the node that drops them, and are lost nowhere before', async () => {
    const { document } = await analyzeScenario('03b-netpol');
    expect(lostPlaces(document)).toEqual({});
    const { connections } = readLosses('03b-netpol');
    const dropped = connections.filter(({ dropped_at }) => dropped_at?.by === 'NetworkPolicy');
    expect(dropped.length).toBeGreaterThan(5);
    for (const { client, dropped_at } of dropped) {
      const row = rowsOf(document).find(
        (each) => each.client.address === client.ip && each.client.port === client.port,
      )!;
      const last = row.paths.clientToServer.at(-1)!;
      expect(document.summary.vantagePoints[row.hops[last]!.vantagePoint]!.node).toBe(dropped_at!.node);
    }
  });
});

/** Each dead end as `client -> where expected`, and the captures that truth says show the connection in its direction. */
function deadEndsOf(document: ReportDocument, scenario: string) {
  const { captures, vantagePoints } = document.summary;
  const { connections } = readLosses(scenario);
  return rowsOf(document).flatMap((row) =>
    row.deadEnds.map(({ direction, expectedAt }) => {
      const truth = connections.find(
        ({ client }) => client.ip === row.client.address && client.port === row.client.port,
      );
      const way = direction === 'client to server' ? 'c2s' : 's2c';
      const mustSee = (truth?.must_see ?? []).filter(({ dir }) => dir === 'both' || dir === way);
      return {
        client: `${row.client.address}:${row.client.port}`,
        node: vantagePoints[expectedAt]!.node,
        isDropped: (truth?.dropped_at ?? null) !== null,
        expectedIn: vantagePoints[expectedAt]!.captures.map((id) => basename(captures[id]!.path)),
        seenIn: mustSee.map(({ capture }) => basename(capture)),
        again: Object.values(row.retransmissions).map((each) => each?.deadEnd ?? 0),
        sent: row.hops[0]!.clientToServer.packets,
      };
    }),
  );
}

scenarios('dead ends (needs shared/lab)', () => {
  test('03b: every connection between pods that a policy drops has one, and nothing else has', async () => {
    const { document } = await analyzeScenario('03b-netpol');
    const found = deadEndsOf(document, '03b-netpol');
    const { connections } = readLosses('03b-netpol');
    const isPod = (address: string | undefined): boolean => address?.startsWith('10.244.') ?? false;
    const dropped = connections.filter(
      ({ dropped_at, server }) => dropped_at?.by === 'NetworkPolicy' && isPod(server.ip),
    );
    expect(found.map(({ client }) => client).sort()).toEqual(
      dropped.map(({ client: { ip, port } }) => `${ip}:${port}`).sort(),
    );
    for (const { seenIn, expectedIn, again, sent } of found) {
      // A capture of several interfaces may show it on others of them.
      const own = expectedIn.filter((file) => !/multi|any/.test(file));
      expect(own.filter((file) => seenIn.includes(file))).toEqual([]);
      // All but the first SYN are sent again; those before the capture behind had shown anything are not explained.
      expect(again[0]).toBeGreaterThanOrEqual(sent - 2);
    }
  });

  test.each(scenarioNames)(
    '%s: none where truth drops nothing, with all captures and with random halves',
    async (scenario) => {
      const files = captureFiles(scenario);
      const random = generator(scenario.length * 104_729);
      for (let round = 0; round < 5; round++) {
        const chosen = round === 0 ? files : files.filter(() => random() < 0.5);
        if (chosen.length === 0) continue;
        const { document } = await analyzeCaptures(scenario, chosen);
        const wrong = deadEndsOf(document, scenario).filter(({ isDropped }) => !isDropped);
        expect({ round, wrong }).toEqual({ round, wrong: [] });
      }
    },
  );
});

scenarios('healthy networks (needs shared/lab)', () => {
  test.each([
    '01-pod-to-pod',
    '01b-bulk',
    '02-services',
    '02b-no-br-netfilter',
    '02c-services-quiet',
    '04c-zero-window',
    '05-churn',
    '06-wireguard',
    '07-hostnetwork',
    '08a-dualstack',
    '08b-udp-sctp',
    '08c-ipip',
    '08d-gre',
    '08e-geneve',
    '08f-hostgw',
    '09-skew',
  ])('%s: nothing lost between hops', async (scenario) => {
    const { document } = await analyzeScenario(scenario);
    expect(lostPlaces(document)).toEqual({});
    expect(rowsOf(document).flatMap(({ lostPackets }) => lostPackets)).toEqual([]);
  });

  test.each([
    '01-pod-to-pod',
    '01b-bulk',
    '02-services',
    '02c-services-quiet',
    '08a-dualstack',
    '08b-udp-sctp',
    '08c-ipip',
    '08d-gre',
    '08e-geneve',
    '08f-hostgw',
  ])('%s: sent again is what tshark finds in the pods own captures', async (scenario) => {
    const { document } = await analyzeScenario(scenario);
    const { vantagePoints, captures } = document.summary;
    const counted = new Map<string, number>();
    for (const row of rowsOf(document)) {
      for (const direction of ['clientToServer', 'serverToClient'] as const) {
        const first = row.paths[direction][0];
        const packets = row.retransmissions[direction]?.packets ?? 0;
        if (first === undefined || packets === 0) continue;
        const { clientSeenAs, serverSeenAs, vantagePoint } = row.hops[first]!;
        const [source, destination] =
          direction === 'clientToServer' ? [clientSeenAs, serverSeenAs] : [serverSeenAs, clientSeenAs];
        const capture = captures[vantagePoints[vantagePoint]!.captures[0]!]!.path;
        const family = source.address.includes(':') ? 'ipv6' : 'ip';
        const ends = `${family}.src==${source.address} && tcp.srcport==${source.port} && ${family}.dst==${destination.address} && tcp.dstport==${destination.port}`;
        counted.set(`${capture}|${ends}`, packets);
      }
    }
    for (const [key, packets] of counted) {
      const [capture, ends] = key.split('|');
      expect({ ends, packets: tsharkRetransmissions(capture!, ends!) }).toEqual({ ends, packets });
    }
    const own = captures.filter(({ path }) => basename(path).startsWith('pod.'));
    const all = own.map(({ path }) => tsharkRetransmissions(path, 'tcp'));
    if (all.every((count) => count === 0)) expect([...counted.values()]).toEqual([]);
  });
});

scenarios('captures that begin and end when they like (needs shared/lab)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podtrail-cut-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['04a-loss', '04b-delay-reorder', '09-skew', '02-services'])(
    '%s: no loss that is none',
    async (scenario) => {
      const source = join(labRoot!, scenario, 'captures');
      const files = readdirSync(source).filter((file) => file.endsWith('.pcap'));
      const truth = new Set(truthLosses(dropsOf(scenario)));
      const random = generator(scenario.length * 7919);
      for (let round = 0; round < 8; round++) {
        const chosen = files[Math.floor(random() * files.length)]!;
        const cut = join(folder, chosen);
        writeFileSync(cut, cutCapture(readFileSync(join(source, chosen)), random(), random()));
        const captures = files.map((file) => (file === chosen ? cut : join(source, file)));
        const { document } = await analyze(
          requestFor(captures, [join(labRoot!, scenario, 'inventory'), join(labRoot!, scenario, 'hosts')]),
          { listener: () => undefined, signal: new AbortController().signal, standardInput: () => new PassThrough() },
        );
        const wrong = lossesOf(document).filter((loss) => !truth.has(loss));
        expect({ round, chosen, wrong }).toEqual({ round, chosen, wrong: [] });
      }
    },
  );
});

/** The records of a classic pcap file between two shares of its length, in whichever order. */
function cutCapture(bytes: Buffer, one: number, other: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 24; at + 16 <= bytes.length;) {
    const end = at + 16 + bytes.readUInt32LE(at + 8);
    records.push(bytes.subarray(at, end));
    at = end;
  }
  const [from, until] = [one, other].sort((a, b) => a - b).map((share) => Math.floor(share * records.length));
  return Buffer.concat([bytes.subarray(0, 24), ...records.slice(from, until)]);
}

/** A linear congruential generator (Numerical Recipes): numbers from 0 to below 1. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x1_0000_0000;
  };
}
