/** Link types and what may stand between them and IP, as literal bytes; every packet also cut at every length. */
import { describe, expect, test } from '@jest/globals';
import { NETWORK_ARP, NETWORK_IPV4, NETWORK_IPV6, NETWORK_NONE, NONE, TRANSPORT } from '../../src/wire/decoded.js';
import { LINK_TYPE } from '../../src/wire/link.js';
import { STOP } from '../../src/wire/stop.js';
import { expectEveryCutToBeSafe } from './cuts.js';
import { type Bytes, decodeBytes, hex, PACKET_AT, viewOf } from './packets.js';

/** 10.0.0.1:4660 > 10.0.0.2:53, UDP, 4 bytes of payload. */
const IPV4_UDP = hex(
  '45 00 00 20 00 07 40 00 40 11 00 00 0a 00 00 01 0a 00 00 02  12 34 00 35 00 0c 00 00 de ad be ef',
);
const IPV6_UDP = hex(`60 00 00 00 00 0c 11 40  fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01
  fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02  12 34 00 35 00 0c 00 00 de ad be ef`);
const MACS = hex('02 42 0a 00 00 02  02 42 0a 00 00 01');

interface Case {
  readonly name: string;
  readonly linkType: number;
  readonly bytes: Bytes;
  /** Offset of the IP header. */
  readonly networkAt: number;
  readonly network: number;
  readonly packet?: object;
  readonly level?: object;
}

const CASES: readonly Case[] = [
  {
    name: 'Ethernet II',
    linkType: 1,
    bytes: [...MACS, ...hex('08 00'), ...IPV4_UDP],
    networkAt: 14,
    network: NETWORK_IPV4,
    packet: {
      destinationMacHigh: 0x0242,
      destinationMacLow: 0x0a000002,
      sourceMacHigh: 0x0242,
      sourceMacLow: 0x0a000001,
      packetType: NONE,
      interfaceIndex: NONE,
    },
    level: { vlanCount: 0, vlan0: NONE, mplsLabel: NONE },
  },
  {
    name: 'Ethernet II, padded to 60 bytes',
    linkType: 1,
    bytes: [...MACS, ...hex('08 00'), ...IPV4_UDP, ...hex('00'.repeat(14))],
    networkAt: 14,
    network: NETWORK_IPV4,
  },
  {
    name: 'IEEE 802.3 with LLC/SNAP',
    linkType: 1,
    bytes: [...MACS, ...hex('00 28  aa aa 03 00 00 00 08 00'), ...IPV4_UDP, ...hex('ee ee')],
    networkAt: 22,
    network: NETWORK_IPV4,
  },
  {
    name: '802.1Q',
    linkType: 1,
    bytes: [...MACS, ...hex('81 00  e0 64 86 dd'), ...IPV6_UDP],
    networkAt: 18,
    network: NETWORK_IPV6,
    level: { vlanCount: 1, vlan0: 100, vlan1: NONE, vlan2: NONE },
  },
  {
    name: '802.1ad, QinQ 0x9100 and two 802.1Q tags, of which three are kept',
    linkType: 1,
    bytes: [...MACS, ...hex('88 a8  00 0a 91 00  10 14 81 00  00 1e 81 00  0f ff 08 00'), ...IPV4_UDP],
    networkAt: 30,
    network: NETWORK_IPV4,
    level: { vlanCount: 4, vlan0: 10, vlan1: 20, vlan2: 30 },
  },
  {
    name: '802.1Q with LLC/SNAP behind the tag',
    linkType: 1,
    bytes: [...MACS, ...hex('81 00 00 05  00 28  aa aa 03 00 00 00 08 00'), ...IPV4_UDP],
    networkAt: 26,
    network: NETWORK_IPV4,
    level: { vlanCount: 1, vlan0: 5 },
  },
  {
    name: 'MPLS, two labels, IPv4',
    linkType: 1,
    bytes: [...MACS, ...hex('88 47  00 01 d0 ff  00 02 f1 ff'), ...IPV4_UDP],
    networkAt: 22,
    network: NETWORK_IPV4,
    level: { mplsLabel: 29 },
  },
  {
    name: 'MPLS multicast, largest label, IPv6',
    linkType: 1,
    bytes: [...MACS, ...hex('88 48  ff ff ff 40'), ...IPV6_UDP],
    networkAt: 18,
    network: NETWORK_IPV6,
    level: { mplsLabel: 0xfffff },
  },
  {
    name: 'PPPoE session',
    linkType: 1,
    bytes: [...MACS, ...hex('88 64  11 00 00 15 00 22  00 21'), ...IPV4_UDP, ...hex('00 00')],
    networkAt: 22,
    network: NETWORK_IPV4,
  },
  {
    name: 'Linux cooked v1, sent by us',
    linkType: 113,
    bytes: [...hex('00 04 00 01 00 06 02 42 0a 00 00 01 00 00 08 00'), ...IPV4_UDP],
    networkAt: 16,
    network: NETWORK_IPV4,
    packet: {
      packetType: 4,
      sourceMacHigh: 0x0242,
      sourceMacLow: 0x0a000001,
      destinationMacHigh: 0,
      destinationMacLow: 0,
    },
  },
  {
    name: 'Linux cooked v1 on a device without addresses, tagged',
    linkType: 113,
    bytes: [...hex('00 00 ff fe 00 00 11 22 33 44 55 66 77 88 81 00  00 07 86 dd'), ...IPV6_UDP],
    networkAt: 20,
    network: NETWORK_IPV6,
    packet: { packetType: 0, sourceMacHigh: 0, sourceMacLow: 0 },
    level: { vlan0: 7 },
  },
  {
    name: 'Linux cooked v1 with LLC/SNAP',
    linkType: 113,
    bytes: [...hex('00 01 00 01 00 06 02 42 0a 00 00 01 00 00 00 04  aa aa 03 00 00 00 08 00'), ...IPV4_UDP],
    networkAt: 24,
    network: NETWORK_IPV4,
    packet: { packetType: 1 },
  },
  {
    name: 'Linux cooked v2',
    linkType: 276,
    bytes: [...hex('86 dd 00 00 00 00 00 2a 00 01 03 06 02 42 0a 00 00 09 00 00'), ...IPV6_UDP],
    networkAt: 20,
    network: NETWORK_IPV6,
    packet: { packetType: 3, interfaceIndex: 42, sourceMacHigh: 0x0242, sourceMacLow: 0x0a000009 },
  },
  ...[12, 14, 101, 228].map((linkType) => ({
    name: `raw IPv4, link type ${linkType}`,
    linkType,
    bytes: IPV4_UDP,
    networkAt: 0,
    network: NETWORK_IPV4,
  })),
  ...[12, 14, 101, 229].map((linkType) => ({
    name: `raw IPv6, link type ${linkType}`,
    linkType,
    bytes: IPV6_UDP,
    networkAt: 0,
    network: NETWORK_IPV6,
  })),
  ...[0, 108]
    .flatMap((linkType) => [
      { name: `loopback ${linkType}, big-endian IPv4`, linkType, bytes: [...hex('00 00 00 02'), ...IPV4_UDP] },
      { name: `loopback ${linkType}, little-endian IPv4`, linkType, bytes: [...hex('02 00 00 00'), ...IPV4_UDP] },
    ])
    .map((one) => ({ ...one, networkAt: 4, network: NETWORK_IPV4 })),
  ...['0a', '17', '18', '1c', '1e']
    .flatMap((family) => [
      {
        name: `loopback, little-endian IPv6 0x${family}`,
        linkType: 0,
        bytes: [...hex(`${family} 00 00 00`), ...IPV6_UDP],
      },
      {
        name: `loopback, big-endian IPv6 0x${family}`,
        linkType: 0,
        bytes: [...hex(`00 00 00 ${family}`), ...IPV6_UDP],
      },
    ])
    .map((one) => ({ ...one, networkAt: 4, network: NETWORK_IPV6 })),
  { name: 'PPP', linkType: 9, bytes: [...hex('00 21'), ...IPV4_UDP], networkAt: 2, network: NETWORK_IPV4 },
  {
    name: 'PPP with address, control and compressed protocol',
    linkType: 9,
    bytes: [...hex('ff 03 57'), ...IPV6_UDP],
    networkAt: 3,
    network: NETWORK_IPV6,
  },
  {
    name: 'PPP in HDLC-like framing',
    linkType: 50,
    bytes: [...hex('ff 03 00 57'), ...IPV6_UDP],
    networkAt: 4,
    network: NETWORK_IPV6,
  },
  {
    name: 'Cisco HDLC',
    linkType: 104,
    bytes: [...hex('0f 00 08 00'), ...IPV4_UDP],
    networkAt: 4,
    network: NETWORK_IPV4,
  },
  {
    name: 'PPP under the link type of Cisco HDLC',
    linkType: 104,
    bytes: [...hex('ff 03 00 21'), ...IPV4_UDP],
    networkAt: 4,
    network: NETWORK_IPV4,
  },
];

describe.each(CASES)('$name', ({ linkType, bytes, networkAt, network, packet, level }) => {
  const d = decodeBytes(bytes, { linkType });

  test('leads to the IP packet', () => {
    expect([d.depth, d.stop, d.oddity]).toEqual([1, 0, 0]);
    expect(d.levels[0]).toMatchObject({
      network,
      networkAt: PACKET_AT + networkAt,
      networkLength: network === NETWORK_IPV4 ? 32 : 52,
      transport: TRANSPORT.Udp,
      sourcePort: 0x1234,
      destinationPort: 53,
      payloadLength: 4,
      payloadCaptured: 4,
      ...level,
    });
    if (packet !== undefined) expect(d).toMatchObject(packet);
  });

  test('is safe to cut anywhere', () => {
    expectEveryCutToBeSafe(bytes, { linkType });
  });
});

describe('what is not IP', () => {
  const cases: readonly [string, number, string, number, number][] = [
    ['a link type that is not decoded', 127, '00 00 18 00', STOP.LinkTypeNotDecoded, 127],
    ['an EtherType that is not decoded', 1, '010203040506 010203040507 88cc 0207', STOP.EtherTypeNotDecoded, 0x88cc],
    ['spanning tree', 1, '0180c2000000 010203040507 0026 42 42 03 0000000000', STOP.LlcNotDecoded, 0x42],
    [
      'SNAP of another organization',
      1,
      '01000ccccccd 010203040507 0010 aaaa03 00000c 010b 0000',
      STOP.LlcNotDecoded,
      0xaa,
    ],
    ['an address family that is not decoded', 0, '07000000 45', STOP.AddressFamilyNotDecoded, 7],
    ['PPP link control', 9, 'ff03 c021 01010004', STOP.PppProtocolNotDecoded, 0xc021],
    ['PPPoE with a discovery code', 1, '010203040506 010203040507 8864 11a7 0001 0000', STOP.PppoeCodeNotDecoded, 0xa7],
    ['an MPLS pseudowire', 1, '010203040506 010203040507 8847 00010140 00000000', STOP.MplsPayloadNotDecoded, 0],
    ['SLARP on Cisco HDLC', 104, '8f00 8035 00000002 00000000', STOP.EtherTypeNotDecoded, 0x8035],
    ['netlink in a cooked capture', 113, '0004 0338 0000 0000000000000000 0800 45', STOP.EtherTypeNotDecoded, 0x0800],
    ['CAN in a cooked capture', 113, '0001 0118 0000 0000000000000000 000c 0000', STOP.EtherTypeNotDecoded, 12],
    ['NFLOG of an unknown family', 239, '63 00 0000 0800 0900 45000000', STOP.EtherTypeNotDecoded, 0],
    ['a length where an EtherType belongs on Cisco HDLC', 104, '0f00 0026 42420300', STOP.EtherTypeNotDecoded, 0x26],
    ['raw IP of version 5', 101, '55 00 00 00', STOP.BadIpVersion, 5],
  ];

  test.each(cases)('%s stops with its number', (_name, linkType, bytes, stop, value) => {
    const d = decodeBytes(hex(bytes), { linkType });
    expect([d.stop, d.stopValue, d.stopLevel, d.levels[0]!.network]).toEqual([stop, value, 0, NETWORK_NONE]);
    expectEveryCutToBeSafe(hex(bytes), { linkType });
  });

  test('an empty packet is a short frame, or a truncated one if there was something', () => {
    for (const linkType of [1, 113, 276, 0, 108]) {
      expect(decodeBytes([], { linkType }).stop).toBe(STOP.ShortLink);
      expect(decodeBytes([], { linkType, wire: 60 }).stop).toBe(STOP.TruncatedLink);
    }
    expect(decodeBytes([], { linkType: 101 }).stop).toBe(STOP.ShortIpv4);
  });
});

describe('ARP', () => {
  const REPLY = hex(`ff ff ff ff ff ff  02 42 0a 00 00 01  08 06
    00 01 08 00 06 04 00 02  02 42 0a 00 00 01  0a 00 00 01  02 42 0a 00 00 02  c0 a8 00 02`);

  test('gives operation, sender and target', () => {
    const d = decodeBytes(REPLY);
    expect([d.depth, d.stop]).toEqual([1, 0]);
    expect(d.levels[0]).toMatchObject({
      network: NETWORK_ARP,
      networkAt: PACKET_AT + 14,
      networkLength: 28,
      arpOperation: 2,
      source3: 0x0a000001,
      destination3: 0xc0a80002 | 0,
      protocol: NONE,
      transport: TRANSPORT.None,
    });
    expectEveryCutToBeSafe(REPLY);
  });

  test('over hardware without addresses', () => {
    const d = decodeBytes(hex('0004 0001 0000 0000000000000000 0806  0001 0800 00 04 0001 0a000001 0a000002'), {
      linkType: LINK_TYPE.LinuxSll,
    });
    expect(d.levels[0]).toMatchObject({ arpOperation: 1, source3: 0x0a000001, destination3: 0x0a000002 });
  });

  test('for another protocol stops', () => {
    const d = decodeBytes([...REPLY.slice(0, 16), 0x80, 0x9b, ...REPLY.slice(18)]);
    expect([d.stop, d.stopValue]).toEqual([STOP.ArpTypeNotDecoded, 0x809b]);
  });
});

describe('NFLOG', () => {
  /** A TCP SYN that a policy dropped, as `tcpdump -i nflog:100` wrote it on a little-endian machine. */
  const DROPPED = hex(`
    02 00 00 64
    08 00 01 00  08 00 02 00
    23 00 0a 00  44 52 4f 50 20 62 79 20 70 6f 6c 69 63 79 20 73 68 6f 70 2f 64 61 74 61 62 61 73 65 2d 30 00 00
    08 00 04 00  00 00 00 05
    08 00 06 00  00 00 00 08
    08 00 05 00  00 00 00 04
    08 00 07 00  00 00 00 09
    10 00 08 00  00 06 00 00 d2 4c 08 84 cf a7 00 00
    06 00 0f 00  00 01 00 00
    06 00 11 00  00 0e 00 00
    12 00 10 00  7a 72 1b 97 de 90 d2 4c 08 84 cf a7 08 00 00 00
    40 00 09 00  45 00 00 3c 83 40 40 00 3e 06 9f 54 0a f4 01 29 0a f4 03 17
                 9d 2f 15 38 6f b5 d5 04 00 00 00 00 a0 02 fd 5c 5b 53 00 00
                 02 04 05 82 04 02 08 0a 22 0a bc 2b 00 00 00 00 01 03 03 0a`);
  const call = { linkType: 239 };

  test('gives prefix, hook, interfaces, addresses and the packet', () => {
    const d = decodeBytes(DROPPED, call);
    expect([d.depth, d.stop, d.oddity]).toEqual([1, 0, 0]);
    expect(d).toMatchObject({
      nflogHook: 2,
      nflogInIndex: 5,
      nflogOutIndex: 4,
      nflogPhysicalInIndex: 8,
      nflogPhysicalOutIndex: 9,
      sourceMacHigh: 0xd24c,
      sourceMacLow: 0x0884cfa7,
      destinationMacHigh: 0x7a72,
      destinationMacLow: 0x1b97de90,
    });
    const prefix = new Uint8Array(viewOf(DROPPED).buffer, d.nflogPrefixAt, d.nflogPrefixLength);
    expect(Buffer.from(prefix).toString()).toBe('DROP by policy shop/database-0');
    expect(d.levels[0]).toMatchObject({
      network: NETWORK_IPV4,
      source3: 0x0af40129,
      destination3: 0x0af40317,
      transport: TRANSPORT.Tcp,
      sourcePort: 40239,
      destinationPort: 5432,
      tcpFlags: 2,
      payloadLength: 0,
    });
  });

  test('is safe to cut anywhere', () => {
    expectEveryCutToBeSafe(DROPPED, call);
  });

  test('each interface index goes where it belongs', () => {
    for (const [type, field] of [
      [4, 'nflogInIndex'],
      [5, 'nflogOutIndex'],
      [6, 'nflogPhysicalInIndex'],
      [7, 'nflogPhysicalOutIndex'],
    ] as const) {
      const message = [...hex('02 00 00 01  08 00'), type, 0, ...hex('00 00 00 2a  24 00 09 00'), ...IPV4_UDP];
      const d = decodeBytes(message, call);
      const none = { nflogInIndex: NONE, nflogOutIndex: NONE, nflogPhysicalInIndex: NONE, nflogPhysicalOutIndex: NONE };
      expect(d).toMatchObject({ ...none, [field]: 42, nflogHook: NONE, nflogPrefixAt: NONE, stop: 0 });
    }
  });

  test('a sender address alone is kept if it is a MAC address', () => {
    const message = (address: string): Bytes => hex(`02 00 00 01  10 00 08 00  ${address}  06 00 09 00 45 00`);
    const d = decodeBytes(message('00 06 00 00 d2 4c 08 84 cf a7 00 00'), call);
    expect([d.sourceMacHigh, d.sourceMacLow, d.destinationMacLow]).toEqual([0xd24c, 0x0884cfa7, 0]);
    expect(decodeBytes(message('00 08 00 00 d2 4c 08 84 cf a7 00 00'), call).sourceMacHigh).toBe(0);
  });

  test('of a big-endian machine', () => {
    const bytes = hex(`0a 00 00 01  00 08 00 01 86 dd 03 00  00 08 00 0a 61 62 63 64  00 38 00 09`);
    const d = decodeBytes([...bytes, ...IPV6_UDP], call);
    expect([d.stop, d.nflogHook, d.nflogPrefixLength, d.nflogInIndex]).toEqual([0, 3, 4, NONE]);
    expect(d.levels[0]).toMatchObject({ network: NETWORK_IPV6, destinationPort: 53 });
  });

  test('of the bridge family takes the protocol from the packet header', () => {
    const d = decodeBytes([...hex('07 00 00 01  08 00 01 00 08 00 00 00  24 00 09 00'), ...IPV4_UDP], call);
    expect(d.levels[0]).toMatchObject({ network: NETWORK_IPV4, destinationPort: 53 });
  });

  test('whose rule kept only part of the packet takes the length from IP', () => {
    const d = decodeBytes([...hex('02 00 00 01  20 00 09 00'), ...IPV4_UDP.slice(0, 28)], call);
    expect([d.stop, d.oddity]).toEqual([0, 0]);
    expect(d.levels[0]).toMatchObject({ networkLength: 32, payloadLength: 4, payloadCaptured: 0 });
  });

  test.each([
    ['an attribute longer than the record', '02 00 00 01  40 00 09 00 45 00', STOP.BadNflogLength, 0x40],
    ['an attribute shorter than its header', '02 00 00 01  03 00 09 00 45 00 00 00', STOP.BadNflogLength, 3],
    ['no payload', '02 00 00 01  08 00 01 00 08 00 02 00', STOP.NflogWithoutPayload, 0],
    ['less than a header', '02 00', STOP.ShortNflog, 0],
  ])('with %s is malformed', (_name, bytes, stop, value) => {
    const d = decodeBytes(hex(bytes), call);
    expect([d.stop, d.stopValue]).toEqual([stop, value]);
  });
});
