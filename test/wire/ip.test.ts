/** IPv4 and IPv6, their options, extension headers, fragments and odd lengths, as literal bytes. */
import { describe, expect, test } from '@jest/globals';
import { NETWORK_IPV4, NETWORK_IPV6, NONE, TRANSPORT } from '../../src/wire/decoded.js';
import { STOP } from '../../src/wire/stop.js';
import { expectEveryCutToBeSafe } from './cuts.js';
import { type Bytes, decodeBytes, ethernet, hex, ipv4, ipv6, PACKET_AT, tcp, udp, vxlan, zeros } from './packets.js';

const RAW = { linkType: 101 };
const UDP_HEADER = hex('12 34 00 35 00 0c 00 00');
const UDP = [...UDP_HEADER, ...hex('de ad be ef')];

describe('IPv4', () => {
  const HEADER = '45 b8 00 20 be ef 40 00 2a 11 12 34 c0 00 02 01 c6 33 64 02';

  test('every field', () => {
    const bytes = [...hex(HEADER), ...UDP];
    const d = decodeBytes(bytes, RAW);
    expect([d.stop, d.oddity]).toEqual([0, 0]);
    expect(d.levels[0]).toMatchObject({
      network: NETWORK_IPV4,
      networkAt: PACKET_AT,
      networkLength: 32,
      source0: 0,
      source1: 0,
      source2: 0,
      source3: 0xc0000201 | 0,
      destination0: 0,
      destination1: 0,
      destination2: 0,
      destination3: 0xc6336402 | 0,
      protocol: 17,
      hopLimit: 42,
      identification: 0xbeef,
      isFragment: 0,
      fragmentOffset: 0,
      moreFragments: 0,
      fragmentId: 0,
      transportAt: PACKET_AT + 20,
      transportLength: 12,
    });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('options are skipped', () => {
    const bytes = hex(`4f 00 00 48 00 01 00 00 40 11 00 00 0a 00 00 01 0a 00 00 02
      94 04 00 00  07 23 04 ${'00'.repeat(32)} 00  12 34 00 35 00 0c 00 00 de ad be ef`);
    const d = decodeBytes(bytes, RAW);
    expect([d.stop, d.levels[0]!.transportAt, d.levels[0]!.destinationPort]).toEqual([0, PACKET_AT + 60, 53]);
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('an Authentication Header is skipped', () => {
    const bytes = hex(`45 00 00 38 00 01 00 00 40 33 00 00 0a 00 00 01 0a 00 00 02
      11 04 00 00 00 00 00 01 00 00 00 02 aa aa aa aa aa aa aa aa aa aa aa aa  12 34 00 35 00 0c 00 00 de ad be ef`);
    const d = decodeBytes(bytes, RAW);
    expect([d.stop, d.levels[0]!.protocol, d.levels[0]!.transportAt]).toEqual([0, 17, PACKET_AT + 44]);
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test.each([
    ['version 6 behind the EtherType of IPv4', '65 00 00 20', STOP.BadIpVersion, 6],
    ['a header length of 16', '44 00 00 20', STOP.BadIpv4HeaderLength, 16],
    ['a total length below the header length', '46 00 00 17', STOP.BadIpv4TotalLength, 23],
  ])('%s is malformed', (_name, start, stop, value) => {
    const d = decodeBytes(ethernet(0x0800, [...hex(start), ...hex(HEADER).slice(4), ...UDP]));
    expect([d.stop, d.stopAt, d.stopLevel, d.stopValue]).toEqual([stop, PACKET_AT + 14, 0, value]);
  });

  test('a frame that is too short for the header is malformed, a captured part of it truncated', () => {
    expect(decodeBytes(hex(HEADER).slice(0, 19), RAW).stop).toBe(STOP.ShortIpv4);
    expect(decodeBytes(hex(HEADER).slice(0, 19), { ...RAW, wire: 32 }).stop).toBe(STOP.TruncatedIpv4);
  });

  test('a packet of nothing but its header is in order', () => {
    const d = decodeBytes(ipv4({ protocol: 50 }, []), RAW);
    expect([d.stop, d.levels[0]!.networkLength, d.levels[0]!.payloadLength]).toEqual([
      STOP.IpProtocolNotDecoded,
      20,
      0,
    ]);
    expect(decodeBytes(ipv4({ protocol: 17 }, []), RAW).stop).toBe(STOP.ShortUdp);
  });

  test('options that were cut off are the IPv4 header, not what follows it', () => {
    const bytes = ipv4({ protocol: 6, options: zeros(12) }, tcp([]));
    const d = decodeBytes(bytes, { ...RAW, captured: 31 });
    expect([d.stop, d.levels[0]!.protocol, d.levels[0]!.transportAt]).toEqual([STOP.TruncatedIpv4, 6, NONE]);
  });

  test('total length 0 means the frame, also beyond 64 KiB', () => {
    const bytes = ipv4({ protocol: 6, totalLength: 0 }, tcp(zeros(100)));
    const d = decodeBytes(bytes, { ...RAW, wire: 150_040 });
    expect([d.stop, d.oddity]).toEqual([0, STOP.IpLengthZero]);
    expect(d.levels[0]).toMatchObject({ networkLength: 150_040, payloadLength: 150_000, payloadCaptured: 100 });
  });

  test('a total length beyond the frame is noted, and the frame counts', () => {
    const d = decodeBytes(ipv4({ protocol: 6, totalLength: 1500 }, tcp(zeros(10))), RAW);
    expect([d.stop, d.oddity]).toEqual([0, STOP.IpLengthBeyondFrame]);
    expect(d.levels[0]).toMatchObject({ networkLength: 1500, payloadLength: 10, payloadCaptured: 10 });
  });

  test('a total length beyond the frame is noted in a fragment too', () => {
    const d = decodeBytes(ipv4({ protocol: 17, fragment: 0x2000, totalLength: 1500 }, udp(1, 2, zeros(10))), RAW);
    expect([d.stop, d.oddity, d.levels[0]!.payloadLength]).toEqual([0, STOP.IpLengthBeyondFrame, 10]);
  });

  test('padding is no payload', () => {
    const d = decodeBytes(ethernet(0x0800, [...ipv4({ protocol: 6 }, tcp([1])), ...zeros(5)]));
    expect(d.levels[0]).toMatchObject({ payloadLength: 1, payloadCaptured: 1 });
  });

  test('protocols that are not decoded keep their payload', () => {
    const d = decodeBytes(ipv4({ protocol: 50 }, zeros(30)), RAW);
    expect([d.stop, d.stopValue]).toEqual([STOP.IpProtocolNotDecoded, 50]);
    expect(d.levels[0]).toMatchObject({
      transport: TRANSPORT.None,
      payloadAt: PACKET_AT + 20,
      payloadLength: 30,
      sourcePort: NONE,
    });
  });
});

describe('IPv4 fragments', () => {
  const datagram = udp(4660, 53, zeros(72));

  test('a first fragment has ports and the payload it holds', () => {
    const bytes = ipv4({ protocol: 17, id: 7, fragment: 0x2000 }, datagram.slice(0, 48));
    const d = decodeBytes(bytes, RAW);
    expect([d.stop, d.oddity]).toEqual([0, 0]);
    expect(d.levels[0]).toMatchObject({
      isFragment: 1,
      fragmentOffset: 0,
      moreFragments: 1,
      fragmentId: 7,
      transport: TRANSPORT.Udp,
      sourcePort: 4660,
      payloadLength: 40,
    });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('a middle and a last fragment have data only', () => {
    const middle = decodeBytes(ipv4({ protocol: 17, id: 7, fragment: 0x2006 }, datagram.slice(48, 72)), RAW);
    expect(middle.stop).toBe(0);
    expect(middle.levels[0]).toMatchObject({
      isFragment: 1,
      fragmentOffset: 48,
      moreFragments: 1,
      fragmentId: 7,
      protocol: 17,
      transport: TRANSPORT.None,
      sourcePort: NONE,
      transportAt: PACKET_AT + 20,
      payloadAt: PACKET_AT + 20,
      payloadLength: 24,
      payloadCaptured: 24,
    });
    const last = decodeBytes(ipv4({ protocol: 17, id: 7, fragment: 0x0009 }, datagram.slice(72)), RAW);
    expect(last.levels[0]).toMatchObject({ isFragment: 1, fragmentOffset: 72, moreFragments: 0, payloadLength: 8 });
  });

  test('the largest offset', () => {
    const d = decodeBytes(ipv4({ protocol: 17, fragment: 0x1fff }, zeros(8)), RAW);
    expect(d.levels[0]).toMatchObject({ isFragment: 1, fragmentOffset: 65528, moreFragments: 0 });
  });

  test('do-not-fragment and the reserved bit make no fragment', () => {
    expect(decodeBytes(ipv4({ protocol: 17, fragment: 0xc000 }, datagram), RAW).levels[0]!.isFragment).toBe(0);
  });

  test('a first fragment too small for its transport header says so', () => {
    const d = decodeBytes(ipv4({ protocol: 6, fragment: 0x2000 }, tcp([]).slice(0, 8)), RAW);
    expect(d.stop).toBe(STOP.TransportSplitByFragmentation);
    expect(d.levels[0]).toMatchObject({ transport: TRANSPORT.None, sourcePort: 40000, destinationPort: 80 });
  });

  test('a tunnel in a first fragment is entered, and the inner length is not odd', () => {
    const inner = ethernet(0x0800, ipv4({ protocol: 6, source: '10.42.0.1' }, tcp(zeros(200))));
    const bytes = ipv4({ protocol: 17, fragment: 0x2000 }, udp(50000, 8472, vxlan(1, inner)).slice(0, 112));
    const d = decodeBytes(bytes, RAW);
    expect([d.depth, d.stop, d.oddity]).toEqual([2, 0, 0]);
    expect(d.levels[0]).toMatchObject({ isFragment: 1, payloadLength: 104 });
    expect(d.levels[1]).toMatchObject({ isFragment: 0, networkLength: 240, payloadLength: 200, payloadCaptured: 42 });
  });
});

describe('IPv6', () => {
  const ADDRESSES = '2001 0db8 0000 0001 ffff 0000 0000 0001  fe80 0000 0000 0000 0000 0000 8000 0002';

  test('every field', () => {
    const bytes = [...hex(`6c 01 23 45 00 0c 11 ff ${ADDRESSES}`), ...UDP];
    const d = decodeBytes(bytes, RAW);
    expect([d.stop, d.oddity]).toEqual([0, 0]);
    expect(d.levels[0]).toMatchObject({
      network: NETWORK_IPV6,
      networkAt: PACKET_AT,
      networkLength: 52,
      source0: 0x20010db8,
      source1: 1,
      source2: 0xffff0000 | 0,
      source3: 1,
      destination0: 0xfe800000 | 0,
      destination1: 0,
      destination2: 0,
      destination3: 0x80000002 | 0,
      protocol: 17,
      hopLimit: 255,
      identification: NONE,
      isFragment: 0,
      transportAt: PACKET_AT + 40,
    });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('a chain of extension headers', () => {
    const bytes = ipv6(0, [
      ...hex('2b 00 05 02 00 00 01 00'), // hop-by-hop: router alert, padding
      ...hex('3c 02 04 00 00 00 00 00  fd00 0000 0000 0000 0000 0000 0000 0001'), // segment routing header
      ...hex('33 00 01 04 00 00 00 00'), // destination options
      ...hex('87 04 00 00 00 00 00 01 00 00 00 02 aa aa aa aa aa aa aa aa aa aa aa aa'), // authentication
      ...hex('8b 00 00 00 00 00 00 00'), // mobility
      ...hex('8c 00 00 00 00 00 00 00'), // host identity
      ...hex('11 00 00 00 00 00 00 00'), // shim6
      ...UDP,
    ]);
    const d = decodeBytes(bytes, RAW);
    expect(d.stop).toBe(0);
    expect(d.levels[0]).toMatchObject({ protocol: 17, transportAt: PACKET_AT + 128, destinationPort: 53 });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test.each([
    ['hop-by-hop', 0, '11 00 01 04 00 00 00 00'],
    ['routing', 43, '11 02 04 00 00 00 00 00  fd00 0000 0000 0000 0000 0000 0000 0001'],
    ['atomic fragment', 44, '11 00 00 00 12 34 56 78'],
    ['destination options', 60, '11 01 01 0c 00 00 00 00 00 00 00 00 00 00 00 00'],
    ['authentication', 51, '11 04 00 00 00 00 00 01 00 00 00 02 aa aa aa aa aa aa aa aa aa aa aa aa'],
  ])('a %s header, cut anywhere', (_name, first, header) => {
    const bytes = ipv6(first, [...hex(header), ...UDP]);
    const d = decodeBytes(bytes, RAW);
    expect([d.stop, d.levels[0]!.protocol, d.levels[0]!.isFragment]).toEqual([0, 17, 0]);
    expect(d.levels[0]!.transportAt).toBe(PACKET_AT + 40 + hex(header).length);
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('an extension header longer than the packet is malformed', () => {
    const d = decodeBytes(ipv6(60, [...hex('11 ff 00 00 00 00 00 00'), ...UDP]), RAW);
    expect([d.stop, d.stopAt, d.stopValue]).toEqual([STOP.ShortExtension, PACKET_AT + 40, 60]);
  });

  test('no next header ends in order', () => {
    const d = decodeBytes(ipv6(59, [1, 2, 3]), RAW);
    expect([d.stop, d.levels[0]!.protocol, d.levels[0]!.payloadLength]).toEqual([0, 59, 3]);
    const empty = decodeBytes(ipv6(59, []), { ...RAW, wire: 60 });
    expect([empty.stop, empty.oddity, empty.levels[0]!.networkLength]).toEqual([0, 0, 40]);
  });

  test('version 4 behind the EtherType of IPv6 is malformed', () => {
    expect(decodeBytes(ethernet(0x86dd, [0x45, ...zeros(60)])).stop).toBe(STOP.BadIpVersion);
  });

  test('fragments', () => {
    const first = decodeBytes(ipv6(44, [...hex('11 00 00 01 89 ab cd ef'), ...UDP_HEADER, ...zeros(40)]), RAW);
    expect(first.levels[0]).toMatchObject({
      isFragment: 1,
      fragmentOffset: 0,
      moreFragments: 1,
      fragmentId: 0x89abcdef | 0,
      protocol: 17,
      transport: TRANSPORT.Udp,
      destinationPort: 53,
    });
    const last = decodeBytes(ipv6(44, [...hex('11 00 05 a8 89 ab cd ef'), ...zeros(20)]), RAW);
    expect(last.stop).toBe(0);
    expect(last.levels[0]).toMatchObject({
      isFragment: 1,
      fragmentOffset: 1448,
      moreFragments: 0,
      fragmentId: 0x89abcdef | 0,
      protocol: 17,
      transport: TRANSPORT.None,
      transportAt: PACKET_AT + 48,
      payloadLength: 20,
    });
  });

  test('what follows the fragment header of a later fragment is data, whatever its number', () => {
    const d = decodeBytes(ipv6(44, [...hex('3c 00 00 08 00 00 00 01'), ...zeros(16)]), RAW);
    expect([d.stop, d.levels[0]!.protocol, d.levels[0]!.payloadLength]).toEqual([0, 60, 16]);
  });
});

describe('IPv6 payload length 0', () => {
  const jumbo = (length: string, transport: Bytes): Bytes =>
    ipv6(0, [...hex(`06 00 c2 04 ${length}`), ...transport], 0);

  test('with a jumbo payload option takes the length from there', () => {
    const d = decodeBytes(jumbo('00 01 86 a0', tcp(zeros(50))), { ...RAW, wire: 40 + 100_000 + 6 });
    expect([d.stop, d.oddity]).toEqual([0, 0]);
    expect(d.levels[0]).toMatchObject({
      networkLength: 100_040,
      protocol: 6,
      payloadLength: 99_972,
      payloadCaptured: 50,
    });
  });

  test.each(['7f ff ff ff', 'ff ff ff ff', '80 00 00 00'])('with the jumbo length %s takes the frame', (length) => {
    const d = decodeBytes(jumbo(length, tcp(zeros(50))), RAW);
    expect([d.stop, d.oddity]).toEqual([0, STOP.BadJumboLength]);
    expect(d.levels[0]).toMatchObject({ networkLength: 118, payloadLength: 50 });
  });

  test('without the option takes the frame (BIG TCP)', () => {
    const d = decodeBytes(ipv6(6, tcp(zeros(50)), 0), { ...RAW, wire: 90_060 });
    expect([d.stop, d.oddity]).toEqual([0, STOP.IpLengthZero]);
    expect(d.levels[0]).toMatchObject({ networkLength: 90_060, payloadLength: 90_000, payloadCaptured: 50 });
  });
});
