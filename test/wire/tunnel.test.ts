/** Tunnels, alone and nested, and what only looks like one; WireGuard from outside. */
import { describe, expect, test } from '@jest/globals';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import {
  ENCAPSULATION,
  MAX_LEVELS,
  NETWORK_ARP,
  NETWORK_IPV6,
  NETWORK_NONE,
  NONE,
  TRANSPORT,
} from '../../src/wire/decoded.js';
import { STOP } from '../../src/wire/stop.js';
import { expectEveryCutToBeSafe } from './cuts.js';
import {
  arp,
  type Bytes,
  decodeBytes,
  ethernet,
  geneve,
  gre,
  hex,
  ipv4,
  ipv6,
  PACKET_AT,
  tcp,
  udp,
  vxlan,
  zeros,
} from './packets.js';

const RAW = { linkType: 101 };
const INNER_IPV4 = ipv4({ protocol: 6, source: '10.42.0.9', destination: '10.42.1.5' }, tcp([1, 2, 3]));
const INNER_IPV6 = ipv6(6, tcp([1, 2, 3]));
const FRAME = ethernet(0x0800, INNER_IPV4);
const overUdp = (port: number, payload: Bytes, sourcePort = 50000): Bytes =>
  ipv4({ protocol: 17 }, udp(sourcePort, port, payload));

const INNER_TCP = {
  transport: TRANSPORT.Tcp,
  sourcePort: 40000,
  destinationPort: 80,
  payloadLength: 3,
  payloadCaptured: 3,
};

describe('VXLAN', () => {
  test.each([4789, 8472])('to port %d', (port) => {
    const bytes = overUdp(port, vxlan(0xffffff, FRAME));
    const d = decodeBytes(bytes, RAW);
    expect([d.depth, d.stop, d.oddity]).toEqual([2, 0, 0]);
    expect(d.levels[0]).toMatchObject({
      transport: TRANSPORT.Udp,
      destinationPort: port,
      payloadLength: 8 + FRAME.length,
    });
    expect(d.levels[1]).toMatchObject({ encapsulation: ENCAPSULATION.Vxlan, tunnelId: 0xffffff, ...INNER_TCP });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('keeps the outer MAC addresses, not the inner ones', () => {
    const outer = [...hex('0a0000000002 0a0000000001 0800'), ...overUdp(4789, vxlan(1, FRAME))];
    expect(decodeBytes(outer)).toMatchObject({ sourceMacHigh: 0x0a00, sourceMacLow: 1 });
    expect(decodeBytes(overUdp(4789, vxlan(1, FRAME)), RAW)).toMatchObject({ sourceMacHigh: 0, sourceMacLow: 0 });
  });

  test('over IPv6, carrying tagged IPv6 and ARP', () => {
    const tagged = [...hex('020000000002 020000000001 8100 0064 86dd'), ...INNER_IPV6];
    const d = decodeBytes(ipv6(17, udp(50000, 4789, vxlan(7, tagged))), RAW);
    expect(d.levels[1]).toMatchObject({ network: NETWORK_IPV6, vlan0: 100, tunnelId: 7, ...INNER_TCP });
    expect(decodeBytes(overUdp(4789, vxlan(7, arp())), RAW).levels[1]).toMatchObject({
      network: NETWORK_ARP,
      tunnelId: 7,
    });
  });

  test('with the group policy extension is no oddity', () => {
    const d = decodeBytes(overUdp(4789, [...hex('88 48 12 34 00 00 07 00'), ...FRAME]), RAW);
    expect([d.oddity, d.levels[1]!.tunnelId]).toEqual([0, 7]);
  });

  test.each(['0c 00 00 00 00 00 07 00', '08 01 00 00 00 00 07 00', '08 00 00 00 00 00 07 01'])(
    'with reserved bits set (%s) is entered and noted',
    (header) => {
      const d = decodeBytes(overUdp(4789, [...hex(header), ...FRAME]), RAW);
      expect([d.depth, d.oddity, d.levels[1]!.tunnelId]).toEqual([2, STOP.VxlanReservedBits, 7]);
    },
  );

  test.each([
    ['without the I flag', [...hex('00 000000 000007 00'), ...FRAME]],
    ['with a frame from a group address', vxlan(7, [...hex('020000000002 010000000001 0800'), ...INNER_IPV4])],
    ['with IPv6 under the EtherType of IPv4', vxlan(7, ethernet(0x0800, INNER_IPV6))],
    ['with IPv4 under the EtherType of IPv6', vxlan(7, ethernet(0x86dd, INNER_IPV4))],
    ['with an impossible IPv4 header length', vxlan(7, ethernet(0x0800, [0x44, ...INNER_IPV4.slice(1)]))],
    ['that ends in the inner Ethernet header', vxlan(7, FRAME.slice(0, 13))],
    ['of seven bytes', hex('08 000000 000007')],
    ['without payload', []],
  ])('UDP to its port %s is plain UDP and noted', (_name, payload) => {
    const d = decodeBytes(overUdp(4789, payload), RAW);
    expect([d.depth, d.stop, d.oddity]).toEqual([1, 0, STOP.NotVxlan]);
    expect(d.levels[0]).toMatchObject({ transport: TRANSPORT.Udp, payloadLength: payload.length });
  });

  test.each([4789, 4790])(
    'of which fewer than its eight bytes were captured is truncated, no oddity (port %d)',
    (port) => {
      const d = decodeBytes(overUdp(port, vxlan(7, FRAME)), { ...RAW, captured: 28 + 7 });
      expect([d.depth, d.stop, d.oddity]).toEqual([1, STOP.TruncatedVxlan, 0]);
    },
  );

  test('to a port that the user named', () => {
    const unusual = vxlan(7, ethernet(0x88cc, zeros(40))); // LLDP: not what the heuristic would enter
    const options = new DecodeOptions([6080, 65535, 0, 70000, -1]);
    expect(decodeBytes(overUdp(6080, unusual), { ...RAW, options }).levels[1]).toMatchObject({ tunnelId: 7 });
    expect(decodeBytes(overUdp(65535, unusual), { ...RAW, options }).depth).toBe(2);
    expect(decodeBytes(overUdp(6079, unusual), { ...RAW, options }).depth).toBe(1);
    expect(decodeBytes(overUdp(6080, unusual), RAW).depth).toBe(1);
    expect(decodeBytes(overUdp(8472, unusual), { ...RAW, options }).depth).toBe(2);
  });

  test('with an inner frame that is not decoded stops there, VNI kept', () => {
    const d = decodeBytes(overUdp(4789, vxlan(7, ethernet(0x88cc, zeros(40)))), RAW);
    expect([d.depth, d.stop, d.stopValue, d.stopLevel]).toEqual([2, STOP.EtherTypeNotDecoded, 0x88cc, 1]);
    expect(d.levels[1]).toMatchObject({ encapsulation: ENCAPSULATION.Vxlan, tunnelId: 7, network: NETWORK_NONE });
  });

  test('in a GSO super-frame keeps the inner length', () => {
    const inner = ethernet(0x0800, ipv4({ protocol: 6, totalLength: 0 }, tcp(zeros(10))));
    const outer = ipv4({ protocol: 17, totalLength: 0 }, udp(50000, 8472, vxlan(1, inner), 0));
    const d = decodeBytes(outer, { ...RAW, wire: 20 + 8 + 8 + 14 + 20 + 20 + 80_000 });
    expect([d.depth, d.stop]).toEqual([2, 0]);
    expect(d.levels[0]!.payloadLength).toBe(8 + 14 + 20 + 20 + 80_000);
    expect(d.levels[1]).toMatchObject({ networkLength: 80_040, payloadLength: 80_000, payloadCaptured: 10 });
  });
});

describe('VXLAN on any port', () => {
  test.each([
    ['IPv4', FRAME],
    ['IPv6', ethernet(0x86dd, INNER_IPV6)],
    ['ARP', arp()],
    ['padded IPv4', [...ethernet(0x0800, ipv4({ protocol: 6 }, tcp([]))), ...zeros(6)]],
  ])('is recognised by flags and an inner frame that fits to the byte: %s', (_name, frame) => {
    const d = decodeBytes(overUdp(20000, vxlan(7, frame)), RAW);
    expect([d.depth, d.stop, d.oddity]).toEqual([2, 0, 0]);
    expect(d.levels[1]).toMatchObject({ encapsulation: ENCAPSULATION.Vxlan, tunnelId: 7 });
  });

  test.each([
    ['reserved bits in the first word', [...hex('08 000100 000007 00'), ...FRAME]],
    ['reserved bits in the second word', [...hex('08 000000 000007 01'), ...FRAME]],
    ['another flag', [...hex('88 000000 000007 00'), ...FRAME]],
    ['one byte too many', vxlan(7, [...FRAME, 0])],
    ['one byte too few', vxlan(7, FRAME.slice(0, -1))],
    ['an EtherType that is not decoded', vxlan(7, ethernet(0x88cc, zeros(40)))],
    ['a source that is a group', vxlan(7, [...hex('020000000002 030000000001 0800'), ...INNER_IPV4])],
    [
      'ARP for other hardware',
      vxlan(
        7,
        arp().map((byte, i) => (i === 15 ? 6 : byte)),
      ),
    ],
    ['nothing inside', hex('08 000000 000007 00')],
  ])('is not seen in UDP with %s', (_name, payload) => {
    const d = decodeBytes(overUdp(20000, payload), RAW);
    expect([d.depth, d.stop, d.oddity]).toEqual([1, 0, 0]);
  });

  test('is seen in the first fragment of a datagram', () => {
    const bytes = ipv4({ protocol: 17, fragment: 0x2000 }, udp(1, 20000, vxlan(7, FRAME)).slice(0, 64));
    expect(decodeBytes(bytes, RAW).levels[1]).toMatchObject({ tunnelId: 7, source3: 0x0a2a0009 });
  });
});

describe('VXLAN-GPE', () => {
  const gpe = (next: number, inner: Bytes, flags = 0x0c): Bytes => [flags, 0, 0, next, ...hex('00 00 07 00'), ...inner];

  test.each([
    ['IPv4', gpe(1, INNER_IPV4)],
    ['IPv6', gpe(2, INNER_IPV6)],
    ['Ethernet', gpe(3, FRAME)],
    ['Ethernet, without the P flag', gpe(0, FRAME, 0x08)],
    ['MPLS', gpe(5, [...hex('00 01 d1 ff'), ...INNER_IPV4])],
    ['NSH and IPv4', gpe(4, [...hex('0f c6 01 01 00 00 01 ff'), ...zeros(16), ...INNER_IPV4])],
    ['NSH without context, NSH, Ethernet', gpe(4, [...hex('0f c2 02 04 000001ff 0f c2 02 03 000001fe'), ...FRAME])],
  ])('carrying %s', (_name, payload) => {
    const bytes = overUdp(4790, payload);
    const d = decodeBytes(bytes, RAW);
    expect([d.depth, d.stop, d.oddity]).toEqual([2, 0, 0]);
    expect(d.levels[1]).toMatchObject({ encapsulation: ENCAPSULATION.VxlanGpe, tunnelId: 7, ...INNER_TCP });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('without the I flag has no VNI', () => {
    expect(decodeBytes(overUdp(4790, gpe(1, INNER_IPV4, 0x04)), RAW).levels[1]).toMatchObject({
      tunnelId: NONE,
      ...INNER_TCP,
    });
  });

  test.each([
    ['an unknown next protocol', gpe(99, FRAME), STOP.NextProtocolNotDecoded, 99],
    ['an NSH of length 4', gpe(4, [...hex('0f c1 02 03 000001ff'), ...FRAME]), STOP.BadNshLength, 4],
    ['an NSH longer than the packet', gpe(4, [...hex('0f ff 02 03 000001ff'), ...FRAME]), STOP.BadNshLength, 252],
    ['half an NSH', gpe(4, hex('0f c2 02 03')), STOP.ShortNsh, 0],
  ])('with %s stops, VNI kept', (_name, payload, stop, value) => {
    const d = decodeBytes(overUdp(4790, payload), RAW);
    expect([d.depth, d.stop, d.stopValue]).toEqual([2, stop, value]);
    expect(d.levels[1]).toMatchObject({ encapsulation: ENCAPSULATION.VxlanGpe, tunnelId: 7, network: NETWORK_NONE });
  });

  test('with nothing inside is a tunnel with a short frame', () => {
    const d = decodeBytes(overUdp(4790, gpe(3, [])), RAW);
    expect([d.depth, d.stop, d.levels[1]!.tunnelId]).toEqual([2, STOP.ShortLink, 7]);
  });

  test.each([
    ['another version', gpe(3, FRAME, 0x1c)],
    ['too few bytes', gpe(3, []).slice(0, 7)],
  ])('%s on its port is plain UDP and noted', (_name, payload) => {
    const d = decodeBytes(overUdp(4790, payload), RAW);
    expect([d.depth, d.stop, d.oddity]).toEqual([1, 0, STOP.NotVxlanGpe]);
  });
});

describe('Geneve', () => {
  test.each([
    ['Ethernet', 0x6558, FRAME],
    ['IPv4', 0x0800, INNER_IPV4],
    ['IPv6', 0x86dd, INNER_IPV6],
  ])('carrying %s, with and without options', (_name, type, inner) => {
    for (const options of [[], hex('0104 80 01 deadbeef'), zeros(252)]) {
      const bytes = overUdp(6081, geneve(0x123456, type, inner, options));
      const d = decodeBytes(bytes, RAW);
      expect([d.depth, d.stop, d.oddity]).toEqual([2, 0, 0]);
      expect(d.levels[1]).toMatchObject({ encapsulation: ENCAPSULATION.Geneve, tunnelId: 0x123456, ...INNER_TCP });
      expectEveryCutToBeSafe(bytes, RAW);
    }
  });

  test('flags do not matter', () => {
    const payload = geneve(1, 0x0800, INNER_IPV4);
    expect(decodeBytes(overUdp(6081, [payload[0]!, 0xff, ...payload.slice(2)]), RAW).levels[1]).toMatchObject(
      INNER_TCP,
    );
  });

  test.each([0x0000, 0x0004, 0x0101, 0x894f])('with protocol type %d stops, VNI kept', (type) => {
    const d = decodeBytes(overUdp(6081, geneve(9, type, zeros(40))), RAW);
    expect([d.depth, d.stop, d.stopValue]).toEqual([2, STOP.EtherTypeNotDecoded, type]);
    expect(d.levels[1]!.tunnelId).toBe(9);
  });

  test.each([
    ['another version', [0x40, ...geneve(1, 0x6558, FRAME).slice(1)]],
    ['options longer than the datagram', [0x3f, 0, 0x65, 0x58, 0, 0, 1, 0, ...zeros(20)]],
    ['seven bytes', geneve(1, 0x6558, []).slice(0, 7)],
  ])('%s on its port is plain UDP and noted', (_name, payload) => {
    const d = decodeBytes(overUdp(6081, payload), RAW);
    expect([d.depth, d.stop, d.oddity]).toEqual([1, 0, STOP.NotGeneve]);
  });

  test('is known by the destination port only', () => {
    expect(decodeBytes(overUdp(53, geneve(1, 0x0800, INNER_IPV4), 6081), RAW).depth).toBe(1);
  });
});

describe('GRE', () => {
  test.each([
    ['plain, IPv4', '00 00 08 00', INNER_IPV4, NONE],
    ['plain, IPv6', '00 00 86 dd', INNER_IPV6, NONE],
    ['plain, Ethernet', '00 00 65 58', FRAME, NONE],
    ['plain, MPLS', '00 00 88 47', [...hex('00 01 d1 ff'), ...INNER_IPV4], NONE],
    ['key', '20 00 08 00  80 00 00 07', INNER_IPV4, 0x80000007 | 0],
    ['checksum', '80 00 08 00  ab cd 00 00', INNER_IPV4, NONE],
    ['sequence', '10 00 08 00  00 00 00 01', INNER_IPV4, NONE],
    ['checksum, key and sequence', 'b0 00 65 58  ab cd 00 00  00 00 00 07  00 00 00 01', FRAME, 7],
  ])('with %s', (_name, header, inner, key) => {
    const bytes = ipv4({ protocol: 47 }, [...hex(header), ...inner]);
    const d = decodeBytes(bytes, RAW);
    expect([d.depth, d.stop]).toEqual([2, 0]);
    expect(d.levels[0]).toMatchObject({
      transport: TRANSPORT.None,
      protocol: 47,
      payloadAt: PACKET_AT + 20,
      payloadLength: hex(header).length + inner.length,
    });
    expect(d.levels[1]).toMatchObject({ encapsulation: ENCAPSULATION.Gre, tunnelId: key, ...INNER_TCP });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('over IPv6', () => {
    expect(decodeBytes(ipv6(47, gre(0x0800, INNER_IPV4)), RAW).levels[1]).toMatchObject(INNER_TCP);
  });

  test.each([
    ['ERSPAN', 0x88be, 2],
    ['a keepalive', 0x0000, 2],
    ['a number that would be a length', 0x0026, 2],
  ])('carrying %s stops, key kept', (_name, type, depth) => {
    const d = decodeBytes(ipv4({ protocol: 47 }, gre(type, zeros(40), 5)), RAW);
    expect([d.depth, d.stop, d.stopValue]).toEqual([depth, STOP.EtherTypeNotDecoded, type]);
    expect(d.levels[1]).toMatchObject({ tunnelId: 5, network: NETWORK_NONE });
  });

  test.each([
    ['version 1 (PPTP)', '30 81 88 0b 00 20 00 01', STOP.GreVersionNotDecoded, 1],
    ['source routing', '40 00 08 00 00 00 00 00', STOP.GreRoutingNotDecoded, 0],
    ['no room for its key', '20 00 08 00 00', STOP.ShortGre, 0],
    ['no room for itself', '00 00 08', STOP.ShortGre, 0],
  ])('with %s stops', (_name, header, stop, value) => {
    const d = decodeBytes(ipv4({ protocol: 47 }, hex(header)), RAW);
    expect([d.depth, d.stop, d.stopValue, d.stopLevel]).toEqual([1, stop, value, 0]);
  });

  test('later fragments are not looked into', () => {
    const d = decodeBytes(ipv4({ protocol: 47, fragment: 0x2001 }, gre(0x0800, INNER_IPV4)), RAW);
    expect([d.depth, d.stop]).toEqual([1, 0]);
  });
});

describe('IP in IP', () => {
  test.each([
    ['IPIP', ipv4({ protocol: 4 }, INNER_IPV4), ENCAPSULATION.IpInIp],
    ['6in4', ipv4({ protocol: 41 }, INNER_IPV6), ENCAPSULATION.SixInFour],
    ['4in6', ipv6(4, INNER_IPV4), ENCAPSULATION.FourInSix],
    ['6in6', ipv6(41, INNER_IPV6), ENCAPSULATION.SixInSix],
    [
      '4in6 with a tunnel limit option',
      ipv6(60, [...hex('04 00 04 01 04 01 00 00'), ...INNER_IPV4]),
      ENCAPSULATION.FourInSix,
    ],
  ])('%s', (_name, bytes, encapsulation) => {
    const d = decodeBytes(bytes, RAW);
    expect([d.depth, d.stop]).toEqual([2, 0]);
    expect(d.levels[1]).toMatchObject({ encapsulation, tunnelId: NONE, ...INNER_TCP });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('of the wrong version is malformed inside', () => {
    const d = decodeBytes(ipv4({ protocol: 4 }, INNER_IPV6), RAW);
    expect([d.depth, d.stop, d.stopLevel, d.stopValue]).toEqual([2, STOP.BadIpVersion, 1, 6]);
  });
});

describe('nesting', () => {
  const wrap: readonly ((inner: Bytes) => Bytes)[] = [
    (inner) => overUdp(4789, vxlan(1, ethernet(0x0800, inner))),
    (inner) => overUdp(6081, geneve(2, 0x0800, inner)),
    (inner) => ipv4({ protocol: 47 }, gre(0x0800, inner, 3)),
    (inner) => ipv4({ protocol: 4 }, inner),
  ];
  const nested = (count: number): Bytes => {
    let bytes = INNER_IPV4;
    for (let i = count - 1; i >= 0; i--) bytes = wrap[i % wrap.length]!(bytes);
    return bytes;
  };

  test('up to the limit, each level with its own encapsulation', () => {
    const bytes = nested(MAX_LEVELS - 1);
    const d = decodeBytes(bytes, RAW);
    expect([d.depth, d.stop]).toEqual([MAX_LEVELS, 0]);
    expect(d.levels.map((level) => [level.encapsulation, level.tunnelId])).toEqual([
      [ENCAPSULATION.None, NONE],
      [ENCAPSULATION.Vxlan, 1],
      [ENCAPSULATION.Geneve, 2],
      [ENCAPSULATION.Gre, 3],
      [ENCAPSULATION.IpInIp, NONE],
      [ENCAPSULATION.Vxlan, 1],
      [ENCAPSULATION.Geneve, 2],
      [ENCAPSULATION.Gre, 3],
    ]);
    expect(d.levels[MAX_LEVELS - 1]).toMatchObject(INNER_TCP);
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('beyond the limit is reported, with what was understood', () => {
    const d = decodeBytes(nested(MAX_LEVELS), RAW);
    expect([d.depth, d.stop, d.stopLevel]).toEqual([MAX_LEVELS, STOP.TunnelTooDeep, MAX_LEVELS - 1]);
    expect(d.levels[MAX_LEVELS - 1]!.protocol).toBe(4);
  });
});

describe('WireGuard', () => {
  const message = (header: string, length: number): Bytes => {
    const bytes = hex(header);
    return [...bytes, ...zeros(length - bytes.length)];
  };
  const decodeMessage = (payload: Bytes): ReturnType<typeof decodeBytes> => decodeBytes(overUdp(51820, payload), RAW);

  test('handshake initiation', () => {
    const payload = message('01 000000  44 33 22 81', 148);
    expect(decodeMessage(payload)).toMatchObject({
      wireguardType: 1,
      wireguardSender: 0x81223344 | 0,
      wireguardReceiver: 0,
    });
    expectEveryCutToBeSafe(overUdp(51820, payload), RAW);
  });

  test('handshake response', () => {
    expect(decodeMessage(message('02 000000  01 00 00 00  ff ff ff ff', 92))).toMatchObject({
      wireguardType: 2,
      wireguardSender: 1,
      wireguardReceiver: -1,
    });
  });

  test('cookie reply', () => {
    expect(decodeMessage(message('03 000000  02 00 00 00', 64))).toMatchObject({
      wireguardType: 3,
      wireguardReceiver: 2,
    });
  });

  test('transport data: receiver and 64-bit counter', () => {
    expect(decodeMessage(message('04 000000  05 00 00 00  fe ff ff ff 01 00 00 00', 112))).toMatchObject({
      wireguardType: 4,
      wireguardSender: 0,
      wireguardReceiver: 5,
      wireguardCounterLow: -2,
      wireguardCounterHigh: 1,
      depth: 1,
    });
  });

  test('a keepalive', () => {
    expect(decodeMessage(message('04 000000 05000000 01', 32)).wireguardType).toBe(4);
  });

  test('data as long as the tunnel MTU is not padded', () => {
    expect(decodeMessage(message('04 000000 05000000 01', 1452)).wireguardType).toBe(4);
  });

  test('is recognised when only its header was captured', () => {
    const bytes = overUdp(51820, message('04 000000  05 00 00 00  07', 112));
    const d = decodeBytes(bytes, { ...RAW, captured: 28 + 16 });
    expect([d.wireguardType, d.wireguardReceiver, d.wireguardCounterLow]).toEqual([4, 5, 7]);
    expect(decodeBytes(bytes, { ...RAW, captured: 28 + 15 }).wireguardType).toBe(NONE);
  });

  test('in a first fragment has the length of the whole datagram', () => {
    const datagram = udp(51820, 51820, message('04 000000 05000000 01', 112));
    expect(decodeBytes(ipv4({ protocol: 17, fragment: 0x2000 }, datagram.slice(0, 56)), RAW).wireguardType).toBe(4);
    const initiation = udp(51820, 51820, message('01 000000', 148));
    expect(decodeBytes(ipv4({ protocol: 17, fragment: 0x2000 }, initiation.slice(0, 72)), RAW).wireguardType).toBe(1);
  });

  test('inside a tunnel', () => {
    const inner = ethernet(0x0800, overUdp(51820, message('04 000000 05000000 01', 32)));
    expect(decodeBytes(overUdp(8472, vxlan(1, inner)), RAW)).toMatchObject({ depth: 2, wireguardType: 4 });
  });

  test.each([
    ['an initiation of 147 bytes', message('01 000000', 147)],
    ['an initiation of 149 bytes', message('01 000000', 149)],
    ['a response of 148 bytes', message('02 000000', 148)],
    ['a cookie reply of 92 bytes', message('03 000000', 92)],
    ['data of 31 bytes', message('04 000000', 31)],
    ['short data that is not padded', message('04 000000', 40)],
    ['reserved bytes that are not zero', message('04 000001', 32)],
    ['type 5', message('05 000000', 32)],
    ['type 0', message('00 000000', 32)],
    [
      'a DNS query for example.org with id 0x0400',
      hex('0400 0000 0001 0000 0000 0000 076578616d706c65036f726700 0001 0001 00 00'),
    ],
    ['a counter that no session reaches', message('04 000000 05000000 00000000 00000100', 112)],
    ['a negative counter', message('04 000000 05000000 00000000 00000080', 112)],
  ])('is not seen in %s', (_name, payload) => {
    expect(decodeMessage(payload)).toMatchObject({ wireguardType: NONE, depth: 1, stop: 0, oddity: 0 });
  });
});
