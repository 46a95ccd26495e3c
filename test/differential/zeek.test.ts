/**
 * TCP connections of captures from Zeek's own test suite against what Zeek logs of them: client and server, state, history, packets,
 * payload. The values are from the baselines of its tests (testing/btest/Baseline, named per row), which Zeek's developers keep.
 */
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { analyze } from '../../src/analysis/analyze.js';
import type { Connection } from '../../src/model/document.js';
import { sharedRoot } from '../tools/shared.js';
import { capturesFolder } from './expected.js';
import { requestFor } from './our-flows.js';

interface ZeekConnection {
  readonly capture: string;
  readonly baseline: string;
  /** Originator and responder, `address:port`. */
  readonly originator: string;
  readonly responder: string;
  /** Null where the baseline does not show it. */
  readonly state: string | null;
  readonly history: string | null;
  readonly packets: readonly [number, number];
  readonly payload: readonly [number, number] | null;
  /** Podtrail's history where it differs, and why. */
  readonly ours?: { readonly history: string; readonly why: string };
}

const CONNECTIONS: readonly ZeekConnection[] = [
  {
    capture: 'zeek__missing-syn.pcap',
    baseline: 'core.tcp.missing-syn',
    originator: '141.42.64.125:56730',
    responder: '125.190.109.199:80',
    state: 'SF',
    history: '^hADdFaf',
    packets: [11, 10],
    payload: [98, 9417],
  },
  {
    capture: 'zeek__mixed-vlan-mpls.pcap',
    baseline: 'core.vlan-mpls',
    originator: '10.1.2.1:11001',
    responder: '10.34.0.1:23',
    state: 'SH',
    history: 'SADF',
    packets: [11, 0],
    payload: [26, 0],
  },
  {
    capture: 'zeek__mixed-vlan-mpls.pcap',
    baseline: 'core.vlan-mpls',
    originator: '141.42.64.125:56730',
    responder: '125.190.109.199:80',
    state: 'SF',
    history: 'ShADdFaf',
    packets: [12, 10],
    payload: [98, 9417],
  },
  {
    capture: 'zeek__mixed-vlan-mpls.pcap',
    baseline: 'core.vlan-mpls',
    originator: '10.20.80.1:50343',
    responder: '10.0.0.15:80',
    state: 'SF',
    history: 'ShADadfF',
    packets: [7, 7],
    payload: [9, 3429],
  },
  {
    capture: 'zeek__retransmit-fast009.pcap',
    baseline: 'core.tcp.rxmit-history',
    originator: '10.0.88.85:50368',
    responder: '192.168.0.27:80',
    state: 'RSTO',
    history: 'ShADaGdgtR',
    packets: [17, 22],
    payload: [474, 23_783],
    ours: {
      history: 'ShADadtR',
      why: 'The capture was cut behind the headers (24,257 missed bytes, says Zeek). That is the snap length, not a gap on the path.',
    },
  },
  {
    capture: 'zeek__ssh-dups.pcap',
    baseline: 'core.tcp.tcp-dups',
    originator: '192.168.0.102:53206',
    responder: '192.168.0.112:22',
    state: null,
    history: 'ShADTadtTtFf',
    packets: [225, 152],
    payload: null,
    ours: {
      history: 'ShADTadTFf',
      why: 'Packets that came twice with the same IP identification are copies, made by the capture, not by TCP.',
    },
  },
  {
    capture: 'zeek__syn-then-rst.pcap',
    baseline: 'scripts.base.protocols.conn.conn_state-RST-behavior',
    originator: '1.1.1.1:13131',
    responder: '1.1.1.2:31313',
    state: 'RSTOS0',
    history: 'SR',
    packets: [2, 0],
    payload: [0, 0],
  },
  {
    capture: 'zeek__ctu-64702-888.pcap',
    baseline: 'core.conn-size-flip',
    originator: '192.168.1.108:64702',
    responder: '185.33.86.224:888',
    state: null,
    history: '^hAfdtFr',
    packets: [8, 8],
    payload: null,
    ours: { history: '^hAfdFr', why: 'Every packet is there twice, identification included: copies, as above.' },
  },
  {
    capture: 'zeek__one-sided-2745.pcap',
    baseline: 'core.conn-size-flip',
    originator: '247.180.123.139:2745',
    responder: '245.181.165.133:1433',
    state: null,
    history: '^haf',
    packets: [0, 3],
    payload: null,
  },
  {
    capture: 'zeek__one-sided-2745.pcap',
    baseline: 'core.conn-size-flip',
    originator: '91.189.148.149:2745',
    responder: '245.181.165.131:281',
    state: null,
    history: '^haf',
    packets: [0, 3],
    payload: null,
  },
  {
    capture: 'zeek__rst-inject-rae.pcap',
    baseline: 'core.tcp.rst-after-syn',
    originator: '1.2.0.2:2527',
    responder: '1.2.0.3:6649',
    // The baseline shows the endpoint states SYN_SENT (1) and RESET (6), which base/protocols/conn calls REJ.
    state: 'REJ',
    history: null,
    packets: [4, 5],
    payload: [175, 0],
  },
  {
    capture: 'zeek__fin_retransmission.pcap',
    baseline: 'core.tcp.fin-retransmit',
    originator: '10.1.30.117:55344',
    responder: '17.167.193.62:443',
    // Endpoint states CLOSED (5) and RESET (6).
    state: 'RSTR',
    history: null,
    packets: [3, 2],
    payload: [0, 0],
  },
  {
    capture: 'zeek__pppoe-over-qinq.pcap',
    baseline: 'core.pppoe-over-qinq',
    originator: '1.1.1.1:20394',
    responder: '2.2.2.2:443',
    state: 'SF',
    history: 'ShADdtaTTtFf',
    packets: [44, 42],
    payload: [11_352, 4984],
    ours: {
      history: 'ShADdtaTTFf',
      why: "The second t is Zeek's tenth retransmission. Zeek counts a segment that fills a hole as one, podtrail only those without any new byte.",
    },
  },
  {
    capture: 'zeek__geneve-47101.pcap',
    baseline: 'core.tunnels.geneve-47101',
    originator: '192.168.0.107:45474',
    responder: '145.40.68.75:443',
    state: 'SF',
    history: 'ShADadFf',
    packets: [15, 9],
    payload: [781, 23_111],
  },
  {
    capture: 'zeek__vxlan-encapsulated-http.pcap',
    baseline: 'core.tunnels.analyzer-confirmation',
    originator: '172.16.11.201:40354',
    responder: '54.86.237.188:80',
    state: 'SF',
    history: 'ShADadFf',
    packets: [7, 5],
    payload: [87, 9212],
  },
  {
    capture: 'zeek__Teredo.pcap',
    baseline: 'core.tunnels.teredo',
    originator: '192.168.2.16:1580',
    responder: '67.228.110.120:80',
    state: 'SF',
    history: 'ShADadFf',
    packets: [7, 6],
    payload: [469, 3916],
  },
];

async function connectionsOf(capture: string): Promise<Connection[]> {
  const { document } = await analyze(requestFor([join(capturesFolder, capture)]), {
    listener: () => undefined,
    signal: new AbortController().signal,
    standardInput: () => Readable.from([]),
  });
  const { connections } = document;
  return Array.from({ length: connections.length }, (_, index) => connections.row(index));
}

const testShared = sharedRoot === null ? test.skip : test;

describe('TCP connections as Zeek logs them (needs shared/captures)', () => {
  testShared.each(CONNECTIONS)('$capture: $originator > $responder', async (zeek) => {
    const found = (await connectionsOf(zeek.capture)).filter(
      ({ protocol, client, server }) =>
        protocol === 'TCP' &&
        `${client.address}:${client.port}` === zeek.originator &&
        `${server.address}:${server.port}` === zeek.responder,
    );
    expect(found).toHaveLength(1);
    const { state, history, clientToServer, serverToClient } = found[0]!;
    expect([clientToServer.packets, serverToClient.packets]).toEqual(zeek.packets);
    if (zeek.state !== null) expect(state).toBe(zeek.state);
    if (zeek.history !== null) expect(history).toBe(zeek.ours?.history ?? zeek.history);
    if (zeek.payload !== null) {
      expect([clientToServer.uniquePayloadBytes, serverToClient.uniquePayloadBytes]).toEqual(zeek.payload);
    }
  });
});
