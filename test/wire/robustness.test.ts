/** Any bytes at all: no exception, nothing read behind the end, every field in bounds, the same result every time. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decode, decodeQuoted } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded, NONE } from '../../src/wire/decoded.js';
import { LINK_TYPE } from '../../src/wire/link.js';
import { findTcpOption, TCP_OPTION } from '../../src/wire/tcp-options.js';
import { expectSound } from './invariants.js';
import {
  arp,
  type Bytes,
  ethernet,
  geneve,
  gre,
  hex,
  ipv4,
  ipv6,
  PACKET_AT,
  snapshot,
  tcp,
  u16,
  udp,
  viewOf,
  vlanTag,
  vxlan,
  zeros,
} from './packets.js';

/** PODTRAIL_FUZZ_RUNS asks for more; a failure prints its seed. */
const RUNS = { numRuns: Number(process.env['PODTRAIL_FUZZ_RUNS'] ?? 2000) };
const OPTIONS = new DecodeOptions([6000]);

interface Packet {
  readonly linkType: number;
  readonly bytes: Bytes;
  readonly wire: number;
}

const linkType = fc.oneof(fc.constantFrom(...Object.values(LINK_TYPE)), fc.nat(300));
const wireLength = fc.oneof(fc.constant(0), fc.nat(2000), fc.constantFrom(0x7fffffff, 0xffffffff));

const noise: fc.Arbitrary<Packet> = fc.record({
  linkType,
  bytes: fc.array(fc.nat(255), { maxLength: 200 }),
  wire: wireLength,
});

const payload = fc.array(fc.nat(255), { maxLength: 40 });
const port = fc.oneof(fc.constantFrom(53, 4789, 8472, 4790, 6081, 6000, 51820), fc.nat(65535));
const wireguard = fc
  .tuple(fc.constantFrom(1, 2, 3, 4), fc.constantFrom(32, 64, 92, 148))
  .map(([type, length]) => [type, ...zeros(length - 1)]);
const sctp = fc
  .array(fc.tuple(fc.constantFrom(0, 1, 3, 64, 255), payload), { maxLength: 4 })
  .map((chunks) => [
    ...zeros(12),
    ...chunks.flatMap(([type, data]) => [type, 0, ...u16(4 + data.length), ...data, ...zeros(-data.length & 3)]),
  ]);

/** IP packets that carry all there is, tunnels in tunnels included; and the frames around them. */
const { ip, frame } = fc.letrec<{ ip: Bytes; frame: Bytes; udpPayload: Bytes; upper: [number, Bytes] }>((tie) => ({
  ip: fc.oneof(
    { maxDepth: 12 },
    fc.tuple(tie('upper'), fc.constantFrom(0, 0x2000, 0x2001, 1, 0x4000)).map(([[protocol, data], fragment]) => {
      return ipv4({ protocol, fragment }, data);
    }),
    tie('upper').map(([protocol, data]) => ipv6(protocol, data)),
    fc.tuple(tie('upper'), fc.constantFrom(0, 43, 44, 51, 60, 135)).map(([[protocol, data], extension]) => {
      return ipv6(extension, [protocol, 1, ...zeros(14), ...data]);
    }),
    tie('upper').map(([protocol, data]) => ipv4({ protocol, options: zeros(8), totalLength: 0 }, data)),
  ),
  upper: fc.oneof(
    { depthSize: 'large' },
    payload.map((data): [number, Bytes] => [6, tcp(data, hex('01 01 08 0a 00000001 00000002'))]),
    fc.tuple(port, tie('udpPayload')).map(([to, data]): [number, Bytes] => [17, udp(40000, to, data)]),
    fc.tuple(fc.nat(20), tie('ip')).map(([type, data]): [number, Bytes] => [1, [type, 0, ...zeros(6), ...data]]),
    fc.tuple(fc.constantFrom(1, 2, 128, 135), tie('ip')).map(([type, data]): [number, Bytes] => {
      return [58, [type, 0, ...zeros(6), ...data]];
    }),
    sctp.map((data): [number, Bytes] => [132, data]),
    tie('ip').map((data): [number, Bytes] => [data[0]! >> 4 === 4 ? 4 : 41, data]),
    tie('ip').map((data): [number, Bytes] => [47, gre(data[0]! >> 4 === 4 ? 0x0800 : 0x86dd, data, 7)]),
    tie('frame').map((data): [number, Bytes] => [47, gre(0x6558, data)]),
    fc.tuple(fc.nat(255), payload),
  ),
  udpPayload: fc.oneof(
    payload,
    wireguard,
    tie('frame').map((data) => vxlan(42, data)),
    tie('frame').map((data) => geneve(42, 0x6558, data, zeros(8))),
    tie('ip').map((data) => [0x0c, 0, 0, 4, ...zeros(4), ...hex('0f c2 02 01 00000000'), ...data]),
  ),
  frame: fc.oneof(
    tie('ip').map((data) => ethernet(data[0]! >> 4 === 4 ? 0x0800 : 0x86dd, data)),
    tie('ip').map((data) => ethernet(0x8100, vlanTag(7, data[0]! >> 4 === 4 ? 0x0800 : 0x86dd, data))),
    tie('ip').map((data) => ethernet(0x8847, [...hex('0001d1ff'), ...data])),
    tie('ip').map((data) => ethernet(data.length + 8, [...hex('aaaa03000000 0800'), ...data])),
    fc.constant(arp()),
  ),
}));

const wellFormed: fc.Arbitrary<Packet> = fc.oneof(
  frame.map((bytes) => ({ linkType: 1, bytes, wire: bytes.length })),
  ip.map((bytes) => ({ linkType: 101, bytes, wire: bytes.length })),
  ip.map((data) => {
    const bytes = [
      ...hex('02000064 0800 0100 08000200 0700 0a00 616200 00'),
      ...u16(data.length + 4).toReversed(),
      9,
      0,
      ...data,
    ];
    return { linkType: 239, bytes, wire: bytes.length };
  }),
);

/** A well-formed packet with bytes changed, the link type mistaken, the length wrong, or the end missing. */
const mutated: fc.Arbitrary<Packet> = fc
  .record({
    packet: wellFormed,
    changes: fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.nat(255), fc.constantFrom(0, 0xff, 0x7f, 0x80))), {
      maxLength: 6,
    }),
    cut: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    wire: fc.option(wireLength),
    other: fc.option(linkType, { freq: 10 }),
  })
  .map(({ packet, changes, cut, wire, other }) => {
    const bytes = [...packet.bytes];
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    return {
      linkType: other ?? packet.linkType,
      bytes: bytes.slice(0, Math.ceil(bytes.length * cut)),
      wire: wire ?? packet.wire,
    };
  });

const anything = fc.oneof(noise, wellFormed, mutated, mutated);

function decodeInto(packet: Packet, d: Decoded, garbageBehind = 0): DataView {
  const view = viewOf(packet.bytes, packet.bytes.length, garbageBehind);
  decode(view, PACKET_AT, packet.bytes.length, packet.wire, packet.linkType, OPTIONS, d);
  return view;
}

describe('decode', () => {
  test.each([
    ['random bytes', noise],
    ['packets', wellFormed],
    ['damaged packets', mutated],
  ])('%s: never throws, stays in bounds', (_name, packets) => {
    fc.assert(
      fc.property(packets, (packet) => {
        const d = new Decoded();
        const end = PACKET_AT + packet.bytes.length;
        const view = decodeInto(packet, d);
        expectSound(d, PACKET_AT, end);
        for (const level of d.levels.slice(0, d.depth)) {
          const option = findTcpOption(view, level, TCP_OPTION.Timestamps);
          expect(option === NONE || option + 10 <= end).toBe(true);
          const quoted = new Decoded();
          if (decodeQuoted(view, level, OPTIONS, quoted)) expectSound(quoted, level.quotedAt, end);
        }
      }),
      RUNS,
    );
  });

  test('what lies behind the end changes nothing', () => {
    fc.assert(
      fc.property(anything, (packet) => {
        const exact = new Decoded();
        const followed = new Decoded();
        decodeInto(packet, exact);
        decodeInto(packet, followed, 300);
        expect(JSON.stringify(snapshot(followed))).toBe(JSON.stringify(snapshot(exact)));
      }),
      RUNS,
    );
  });

  test('what was decoded before changes nothing', () => {
    const used = new Decoded();
    fc.assert(
      fc.property(anything, anything, (before, packet) => {
        decodeInto(before, used);
        decodeInto(packet, used);
        const fresh = new Decoded();
        decodeInto(packet, fresh);
        expect(JSON.stringify(snapshot(used))).toBe(JSON.stringify(snapshot(fresh)));
      }),
      RUNS,
    );
  });

  test('the generator reaches what it is for', () => {
    const seen = new Set<string>();
    for (const packet of fc.sample(wellFormed, { numRuns: 3000, seed: 1 })) {
      const d = new Decoded();
      decodeInto(packet, d);
      seen.add(`depth ${Math.min(d.depth, 4)}`);
      for (const level of d.levels.slice(0, d.depth)) {
        seen
          .add(`encapsulation ${level.encapsulation}`)
          .add(`transport ${level.transport}`)
          .add(`network ${level.network}`);
        if (level.quotedAt !== NONE) seen.add('quoted');
      }
      if (d.wireguardType !== NONE) seen.add('wireguard');
      if (d.nflogPrefixAt !== NONE) seen.add('nflog');
    }
    for (let i = 0; i <= 8; i++) expect(seen).toContain(`encapsulation ${i}`);
    for (let i = 0; i <= 5; i++) expect(seen).toContain(`transport ${i}`);
    for (const network of [0, 4, 6, 8]) expect(seen).toContain(`network ${network}`);
    for (const one of ['depth 4', 'quoted', 'wireguard', 'nflog']) expect(seen).toContain(one);
  });
});
