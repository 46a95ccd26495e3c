/** TCP with its options, UDP, SCTP and ICMP, as literal bytes. */
import { describe, expect, test } from '@jest/globals';
import { decodeQuoted } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded, ENCAPSULATION, type Level, NONE, TRANSPORT } from '../../src/wire/decoded.js';
import { STOP } from '../../src/wire/stop.js';
import {
  findTcpOption,
  maximumSegmentSize,
  sackBlockCount,
  sackLeftEdge,
  sackRightEdge,
  TCP_OPTION,
  timestampEchoReply,
  timestampValue,
  windowShift,
} from '../../src/wire/tcp-options.js';
import { expectEveryCutToBeSafe } from './cuts.js';
import {
  type Bytes,
  decodeBytes,
  ethernet,
  hex,
  ipv4,
  ipv6,
  PACKET_AT,
  tcp,
  udp,
  viewOf,
  vxlan,
  zeros,
} from './packets.js';

const RAW = { linkType: 101 };
const TRANSPORT_AT = PACKET_AT + 20;

describe('TCP', () => {
  /** A SYN of Linux: MSS 1410, SACK permitted, timestamps, window scale 10. */
  const SYN = hex(`9d 2f 15 38 6f b5 d5 04 00 00 00 00 a0 c2 fd 5c 5b 53 00 00
    02 04 05 82 04 02 08 0a 22 0a bc 2b 00 00 00 00 01 03 03 0a`);

  test('every field', () => {
    const bytes = ipv4({ protocol: 6 }, SYN);
    const d = decodeBytes(bytes, RAW);
    expect(d.stop).toBe(0);
    expect(d.levels[0]).toMatchObject({
      transport: TRANSPORT.Tcp,
      transportAt: TRANSPORT_AT,
      transportLength: 40,
      sourcePort: 40239,
      destinationPort: 5432,
      sequence: 0x6fb5d504,
      acknowledgement: 0,
      tcpFlags: 0xc2,
      window: 64860,
      tcpHeaderLength: 40,
      payloadAt: TRANSPORT_AT + 40,
      payloadLength: 0,
      payloadCaptured: 0,
      icmpType: NONE,
      chunkType: NONE,
    });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('the lower flags do not leak into the upper ones', () => {
    const d = decodeBytes(ipv4({ protocol: 6 }, [...tcp([]).slice(0, 12), 0x5f, 0xff, ...zeros(6)]), RAW);
    expect([d.levels[0]!.tcpFlags, d.levels[0]!.tcpHeaderLength]).toEqual([0xff, 20]);
  });

  test.each([
    ['less than 20 bytes', 0x40, 16],
    ['more than the segment has', 0xf0, 60],
  ])('a header length of %s is malformed, ports are kept', (_name, offset, length) => {
    const segment = tcp(zeros(10));
    const d = decodeBytes(ipv4({ protocol: 6 }, [...segment.slice(0, 12), offset, ...segment.slice(13)]), RAW);
    expect([d.stop, d.stopAt, d.stopValue]).toEqual([STOP.BadTcpHeaderLength, TRANSPORT_AT, length]);
    expect(d.levels[0]).toMatchObject({ transport: TRANSPORT.None, sourcePort: 40000, destinationPort: 80 });
  });

  test('an IP packet without room for the header is malformed', () => {
    const d = decodeBytes(ipv4({ protocol: 6 }, tcp([]).slice(0, 19)), RAW);
    expect([d.stop, d.levels[0]!.sourcePort, d.levels[0]!.sequence]).toEqual([STOP.ShortTcp, 40000, 0x89abcdef | 0]);
  });
});

describe('TCP options', () => {
  const optionsOf = (options: Bytes, captured?: number): [DataView, Level] => {
    const bytes = ipv4({ protocol: 6 }, tcp(zeros(8), options));
    const call = captured === undefined ? RAW : { ...RAW, captured };
    return [viewOf(bytes, captured), decodeBytes(bytes, call).levels[0]!];
  };

  test('of a SYN', () => {
    const [view, level] = optionsOf(hex('02 04 05 b4  01 03 03 07  04 02  08 0a 80 00 00 01 ff ff ff fe  00 00'));
    const from = TRANSPORT_AT + 20;
    const mss = findTcpOption(view, level, TCP_OPTION.MaximumSegmentSize);
    expect([mss, maximumSegmentSize(view, mss)]).toEqual([from, 1460]);
    const scale = findTcpOption(view, level, TCP_OPTION.WindowScale);
    expect([scale, windowShift(view, scale)]).toEqual([from + 5, 7]);
    expect(findTcpOption(view, level, TCP_OPTION.SackPermitted)).toBe(from + 8);
    const timestamps = findTcpOption(view, level, TCP_OPTION.Timestamps);
    expect(timestamps).toBe(from + 10);
    expect([timestampValue(view, timestamps), timestampEchoReply(view, timestamps)]).toEqual([0x80000001 | 0, -2]);
    expect(findTcpOption(view, level, TCP_OPTION.Sack)).toBe(NONE);
  });

  test('SACK blocks', () => {
    const [view, level] = optionsOf(hex('01 01 05 12  00 00 00 01 00 00 00 02  ff ff ff 00 00 00 00 10'));
    const sack = findTcpOption(view, level, TCP_OPTION.Sack);
    expect(sackBlockCount(view, sack)).toBe(2);
    expect([sackLeftEdge(view, sack, 0), sackRightEdge(view, sack, 0)]).toEqual([1, 2]);
    expect([sackLeftEdge(view, sack, 1), sackRightEdge(view, sack, 1)]).toEqual([-256, 16]);
  });

  test.each([
    ['behind the end of the list', '00 03 03 07'],
    ['behind an option of length 0', '1e 00 03 03 07 00 00 00'],
    ['behind an option of length 1', '1e 01 03 03 07 00 00 00'],
    ['behind an option that leaves the header', '1e 09 03 03 07 00 00 00'],
    ['of the wrong length', '03 04 07 00'],
    ['whose length is missing', '01 01 01 03'],
  ])('an option %s is not found', (_name, options) => {
    const [view, level] = optionsOf(hex(options));
    expect(findTcpOption(view, level, TCP_OPTION.WindowScale)).toBe(NONE);
  });

  test.each(['05 02 01 01', '05 0b 00 00 00 00 00 00 00 00 00 01'])(
    'SACK without whole blocks (%s) is not found',
    (bytes) => {
      const [view, level] = optionsOf(hex(bytes));
      expect(findTcpOption(view, level, TCP_OPTION.Sack)).toBe(NONE);
    },
  );

  test('an unknown option can be found by its kind', () => {
    const [view, level] = optionsOf(hex('1e 04 aa bb'));
    expect(findTcpOption(view, level, 30)).toBe(TRANSPORT_AT + 20);
  });

  test('are found only as far as they were captured', () => {
    const options = hex('08 0a 00 00 00 01 00 00 00 02 01 01');
    for (let captured = 40; captured < 60; captured++) {
      const [view, level] = optionsOf(options, captured);
      const found = findTcpOption(view, level, TCP_OPTION.Timestamps);
      expect(found).toBe(captured >= 50 ? TRANSPORT_AT + 20 : NONE);
    }
  });

  test('of something else are not looked for', () => {
    const level = decodeBytes(ipv4({ protocol: 17 }, udp(1, 2, zeros(40))), RAW).levels[0]!;
    expect(findTcpOption(viewOf(zeros(80)), level, TCP_OPTION.Timestamps)).toBe(NONE);
  });
});

describe('UDP', () => {
  test('every field', () => {
    const bytes = ipv4({ protocol: 17 }, hex('d4 31 ff ff 00 0d ab cd 68 65 6c 6c 6f'));
    const d = decodeBytes(bytes, RAW);
    expect([d.stop, d.oddity]).toEqual([0, 0]);
    expect(d.levels[0]).toMatchObject({
      transport: TRANSPORT.Udp,
      transportLength: 13,
      sourcePort: 54321,
      destinationPort: 65535,
      payloadAt: TRANSPORT_AT + 8,
      payloadLength: 5,
      payloadCaptured: 5,
    });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('bytes behind its length are not payload', () => {
    const d = decodeBytes(ipv4({ protocol: 17 }, udp(1, 2, zeros(20), 18)), RAW);
    expect([d.stop, d.oddity]).toEqual([0, 0]);
    expect(d.levels[0]).toMatchObject({ transportLength: 18, payloadLength: 10, payloadCaptured: 10 });
  });

  test.each([
    ['0', 0, STOP.UdpLengthZero],
    ['more than the IP packet', 500, STOP.UdpLengthBeyondIp],
  ])('a length of %s takes that of the IP packet', (_name, length, oddity) => {
    const d = decodeBytes(ipv4({ protocol: 17 }, udp(1, 2, zeros(20), length)), RAW);
    expect([d.stop, d.oddity]).toEqual([0, oddity]);
    expect(d.levels[0]).toMatchObject({ transportLength: 28, payloadLength: 20, payloadCaptured: 20 });
  });

  test('in a super-frame of more than 64 KiB its 16 bits mean nothing', () => {
    const bytes = ipv4({ protocol: 17, totalLength: 0 }, udp(1, 2, zeros(20), 80_000 & 0xffff));
    const d = decodeBytes(bytes, { ...RAW, wire: 80_020 });
    expect([d.stop, d.oddity, d.levels[0]!.payloadLength]).toEqual([0, STOP.IpLengthZero, 79_992]);
  });

  test.each([1, 7])('a length of %d is malformed, ports are kept', (length) => {
    const d = decodeBytes(ipv4({ protocol: 17 }, udp(1, 2, zeros(20), length)), RAW);
    expect([d.stop, d.stopValue]).toEqual([STOP.BadUdpLength, length]);
    expect(d.levels[0]).toMatchObject({ transport: TRANSPORT.None, sourcePort: 1, destinationPort: 2 });
  });

  test('an IP packet without room for the header is malformed', () => {
    expect(decodeBytes(ipv4({ protocol: 17 }, zeros(7)), RAW).stop).toBe(STOP.ShortUdp);
  });
});

describe('SCTP', () => {
  const COMMON = hex('0b 80 1e 61 80 00 00 2a 00 00 00 00');
  const SACK = hex('03 00 00 10 00 00 00 01 00 01 00 00 00 00 00 00');
  const data = (text: string, padding: number): Bytes => [
    ...hex('00 03 00'),
    16 + text.length,
    ...hex('00 00 00 01 00 00 00 00 00 00 00 00'),
    ...Buffer.from(text),
    ...zeros(padding),
  ];

  test('ports, tag, first chunk', () => {
    const bytes = ipv4({ protocol: 132 }, [...COMMON, ...SACK]);
    const d = decodeBytes(bytes, RAW);
    expect(d.stop).toBe(0);
    expect(d.levels[0]).toMatchObject({
      transport: TRANSPORT.Sctp,
      transportLength: 28,
      sourcePort: 2944,
      destinationPort: 7777,
      verificationTag: 0x8000002a | 0,
      chunkType: 3,
      payloadLength: 0,
      payloadCaptured: 0,
    });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('payload is the user data of all DATA chunks, and begins in the first', () => {
    const bytes = ipv4({ protocol: 132 }, [
      ...COMMON,
      ...SACK,
      ...data('hello', 3),
      ...data('wor', 1),
      ...data('ld', 0),
    ]);
    const d = decodeBytes(bytes, RAW);
    expect(d.stop).toBe(0);
    expect(d.levels[0]).toMatchObject({
      chunkType: 3,
      payloadAt: TRANSPORT_AT + 12 + 16 + 16,
      payloadLength: 10,
      payloadCaptured: 5,
    });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('I-DATA has a longer header', () => {
    const chunk = hex('40 03 00 16 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 68 69 00 00');
    const d = decodeBytes(ipv4({ protocol: 132 }, [...COMMON, ...chunk]), RAW);
    expect(d.levels[0]).toMatchObject({ chunkType: 64, payloadAt: TRANSPORT_AT + 32, payloadLength: 2 });
  });

  test.each([
    ['shorter than its header', '00 03 00 03', 3],
    ['longer than the packet', '00 03 00 ff', 255],
  ])('a chunk %s is malformed', (_name, chunk, length) => {
    const d = decodeBytes(ipv4({ protocol: 132 }, [...COMMON, ...hex(chunk), ...zeros(12)]), RAW);
    expect([d.stop, d.stopAt, d.stopValue]).toEqual([STOP.BadSctpChunkLength, TRANSPORT_AT + 12, length]);
    expect(d.levels[0]).toMatchObject({ transport: TRANSPORT.Sctp, chunkType: 0, payloadLength: 0 });
  });

  test('a packet without chunks, and one without room for the header', () => {
    expect(decodeBytes(ipv4({ protocol: 132 }, COMMON), RAW).levels[0]!.chunkType).toBe(NONE);
    expect(decodeBytes(ipv4({ protocol: 132 }, COMMON.slice(0, 11)), RAW).stop).toBe(STOP.ShortSctp);
  });

  test('the last chunk of a first fragment goes on elsewhere', () => {
    const d = decodeBytes(
      ipv4({ protocol: 132, fragment: 0x2000 }, [...COMMON, ...hex('00 03 ff ff'), ...zeros(20)]),
      RAW,
    );
    expect([d.stop, d.levels[0]!.payloadLength]).toEqual([0, 8]);
  });
});

describe('ICMP', () => {
  test.each([
    ['echo request', 1, '08 00 ab cd 12 34 00 07', TRANSPORT.Icmp, 8],
    ['echo reply', 1, '00 00 ab cd 12 34 00 07', TRANSPORT.Icmp, 0],
    ['timestamp', 1, '0d 00 ab cd 12 34 00 07', TRANSPORT.Icmp, 13],
    ['ICMPv6 echo request', 58, '80 00 ab cd 12 34 00 07', TRANSPORT.Icmpv6, 128],
    ['ICMPv6 echo reply', 58, '81 00 ab cd 12 34 00 07', TRANSPORT.Icmpv6, 129],
  ])('%s has identifier and sequence', (_name, protocol, message, transport, type) => {
    const payload = [...hex(message), 1, 2, 3];
    const bytes = protocol === 1 ? ipv4({ protocol }, payload) : ipv6(protocol, payload);
    const d = decodeBytes(bytes, RAW);
    expect(d.stop).toBe(0);
    expect(d.levels[0]).toMatchObject({
      transport,
      icmpType: type,
      icmpCode: 0,
      icmpIdentifier: 0x1234,
      icmpSequence: 7,
      quotedAt: NONE,
      payloadLength: 3,
      payloadCaptured: 3,
    });
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('neighbour discovery and router advertisements have none, and quote nothing', () => {
    const d = decodeBytes(ipv6(58, hex('87 00 ab cd 00 00 00 00 fe80 0000 0000 0000 0000 0000 0000 0001')), RAW);
    expect(d.levels[0]).toMatchObject({ icmpType: 135, icmpIdentifier: NONE, icmpSequence: NONE, quotedAt: NONE });
  });

  test('a message without room for its header is malformed, type and code are kept', () => {
    const d = decodeBytes(ipv4({ protocol: 1 }, hex('03 04 00 00')), RAW);
    expect([d.stop, d.levels[0]!.icmpType, d.levels[0]!.icmpCode]).toEqual([STOP.ShortIcmp, 3, 4]);
  });
});

describe('what an ICMP error quotes', () => {
  const quote = (bytes: Bytes, captured = bytes.length): [boolean, Decoded, Level] => {
    const into = new Decoded();
    const icmp = decodeBytes(bytes, { ...RAW, captured }).levels[0]!;
    const found = decodeQuoted(viewOf(bytes, captured), icmp, new DecodeOptions(), into);
    return [found, into, into.levels[0]!];
  };
  const original = ipv4({ protocol: 6, source: '10.42.0.9', destination: '10.42.1.5', id: 77 }, tcp(zeros(1000)));

  test.each([3, 4, 5, 11, 12])('ICMP type %d: addresses, ports and sequence of eight quoted bytes', (type) => {
    const bytes = ipv4({ protocol: 1 }, [type, 1, ...zeros(6), ...original.slice(0, 28)]);
    const [found, into, tuple] = quote(bytes);
    expect([found, into.depth, into.stop]).toEqual([true, 1, STOP.TruncatedTcp]);
    expect(tuple).toMatchObject({
      source3: 0x0a2a0009,
      destination3: 0x0a2a0105,
      protocol: 6,
      identification: 77,
      networkLength: 1040,
      transport: TRANSPORT.None,
      sourcePort: 40000,
      destinationPort: 80,
      sequence: 0x89abcdef | 0,
    });
  });

  test.each([1, 2, 3, 4])('ICMPv6 type %d', (type) => {
    const quoted = ipv6(17, udp(5353, 53, zeros(100))).slice(0, 60);
    const [found, , tuple] = quote(ipv6(58, [type, 0, ...zeros(6), ...quoted]));
    expect(found).toBe(true);
    expect(tuple).toMatchObject({
      transport: TRANSPORT.Udp,
      sourcePort: 5353,
      destinationPort: 53,
      payloadLength: 100,
    });
    expect(tuple.payloadCaptured).toBe(12);
  });

  test('includes what the quoted packet tunnels', () => {
    const carrier = ipv4({ protocol: 17 }, udp(50000, 8472, vxlan(1, ethernet(0x0800, original)))).slice(0, 110);
    const [, into] = quote(ipv4({ protocol: 1 }, [3, 4, ...zeros(6), ...carrier]));
    expect(into.depth).toBe(2);
    expect(into.levels[1]).toMatchObject({ encapsulation: ENCAPSULATION.Vxlan, tunnelId: 1, source3: 0x0a2a0009 });
  });

  test('is safe to cut anywhere', () => {
    const bytes = ipv4({ protocol: 1 }, [3, 3, ...zeros(6), ...original.slice(0, 40)]);
    for (let captured = 0; captured < bytes.length; captured++) {
      const [found, , tuple] = quote(bytes, captured);
      expect(found).toBe(captured >= 48);
      if (found) expect(tuple.destination3).toBe(0x0a2a0105);
    }
    expectEveryCutToBeSafe(bytes, RAW);
  });

  test('nothing: in an echo, and where no byte of it is there', () => {
    expect(quote(ipv4({ protocol: 1 }, [8, 0, ...zeros(6), ...original]))[0]).toBe(false);
    expect(quote(ipv4({ protocol: 1 }, [3, 0, ...zeros(6)]))[0]).toBe(false);
  });
});
