/**
 * Captures of random but plausible packets: headers in each other as they could be, lengths, flags and fragments sometimes wrong, few
 * addresses and ports, so that packets meet in flows.
 */
import fc from 'fast-check';
import { PcapngWriter, PcapWriter } from '../../src/capture/writer.js';
import { arp, type Bytes, ethernet, geneve, gre, ipv4, u16, u32, udp, vlanTag, vxlan, zeros } from '../wire/packets.js';

const LINKTYPE_ETHERNET = 1;
const LINKTYPE_RAW = 101;
const LINKTYPE_SLL2 = 276;
const LINKTYPE_NFLOG = 239;
const MORE_FRAGMENTS = 0x2000;

const payload = fc.oneof(
  fc.constant<Bytes>([]),
  fc.array(fc.nat(255), { maxLength: 40 }),
  fc.nat(1400).map((length) => zeros(length)),
);
const port = fc.constantFrom(53, 80, 443, 5000, 5001, 51_820);
const host = fc.integer({ min: 1, max: 5 }).map((number) => `10.0.0.${number}`);
/** Near each other and around the wrap. */
const sequence = fc.oneof(fc.nat(3000), fc.integer({ min: 0xffffffff - 3000, max: 0xffffffff }), fc.nat(0xffffffff));

const tcp = fc
  .tuple(port, port, sequence, sequence, fc.nat(255), fc.constantFrom(5, 5, 5, 8, 15, 4, 0), fc.nat(0xffff), payload)
  .map(([source, destination, sequenceNumber, acknowledgement, flags, offset, window, data]): Bytes => [
    ...u16(source),
    ...u16(destination),
    ...u32(sequenceNumber),
    ...u32(acknowledgement),
    offset << 4,
    flags,
    ...u16(window),
    ...zeros(4),
    ...zeros(Math.max(0, offset - 5) * 4),
    ...data,
  ]);

const wireguard = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.nat(0xffffffff), fc.constantFrom(28, 60, 88, 144, 100))
  .map(([type, index, length]): Bytes => [type, 0, 0, 0, ...u32(index), ...zeros(length - 4)]);

const datagram = fc
  .tuple(port, port, fc.oneof(payload, wireguard), fc.option(fc.nat(0xffff), { freq: 8 }))
  .map(([source, destination, data, length]): Bytes => udp(source, destination, data, length ?? 8 + data.length));

const icmp = fc
  .tuple(fc.constantFrom(0, 3, 8, 11, 128, 129), fc.nat(3), fc.nat(3), payload)
  .map(([type, code, id, data]): Bytes => [type, code, 0, 0, ...u16(id), 0, 1, ...data]);

const sctp = fc
  .tuple(port, port, fc.constantFrom(0, 1, 2, 3), payload)
  .map(([source, destination, chunk, data]): Bytes => [
    ...u16(source),
    ...u16(destination),
    ...zeros(8),
    chunk,
    3,
    ...u16(data.length + 4),
    ...data,
  ]);

interface Transport {
  readonly protocol: number;
  readonly bytes: Bytes;
}

const transport: fc.Arbitrary<Transport> = fc.oneof(
  tcp.map((bytes) => ({ protocol: 6, bytes })),
  datagram.map((bytes) => ({ protocol: 17, bytes })),
  icmp.map((bytes) => ({ protocol: 1, bytes })),
  sctp.map((bytes) => ({ protocol: 132, bytes })),
  fc.tuple(fc.nat(255), payload).map(([protocol, bytes]) => ({ protocol, bytes })),
);

/** An IPv4 packet, now and then a fragment or with a wrong length. */
function inIpv4(inner: fc.Arbitrary<Transport>): fc.Arbitrary<Bytes> {
  return fc
    .record({
      inner,
      source: host,
      destination: host,
      id: fc.nat(40),
      fragment: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.constant(MORE_FRAGMENTS), fc.nat(0x3fff)),
      totalLength: fc.option(fc.nat(0xffff), { freq: 15 }),
    })
    .map(({ inner: { protocol, bytes }, totalLength, ...fields }) =>
      ipv4({ ...fields, protocol, ...(totalLength === null ? {} : { totalLength }) }, bytes),
    );
}

/** An IPv6 packet with addresses of its own. */
function inIpv6(inner: fc.Arbitrary<Transport>): fc.Arbitrary<Bytes> {
  return fc
    .tuple(inner, fc.nat(3), fc.nat(3), fc.option(fc.tuple(fc.nat(40), fc.nat(0xffff)), { freq: 4 }))
    .map(([{ protocol, bytes }, source, destination, fragment]): Bytes => {
      const nextHeader = protocol === 1 ? 58 : protocol;
      const extension = fragment === null ? [] : [nextHeader, 0, ...u16(fragment[1]), ...u32(fragment[0])];
      const end = (last: number): Bytes => [0xfd, ...zeros(14), last];
      return [
        0x60,
        0,
        0,
        0,
        ...u16(extension.length + bytes.length),
        fragment === null ? nextHeader : 44,
        64,
        ...end(source),
        ...end(destination),
        ...extension,
        ...bytes,
      ];
    });
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

interface Typed {
  readonly etherType: number;
  readonly bytes: Bytes;
}

const { network } = fc.letrec<{ network: Typed; frame: Bytes; tunnel: Transport }>((tie) => ({
  network: fc.oneof(
    { maxDepth: 4 },
    inIpv4(transport).map((bytes) => ({ etherType: ETHERTYPE_IPV4, bytes })),
    inIpv6(transport).map((bytes) => ({ etherType: ETHERTYPE_IPV6, bytes })),
    inIpv4(tie('tunnel')).map((bytes) => ({ etherType: ETHERTYPE_IPV4, bytes })),
    inIpv6(tie('tunnel')).map((bytes) => ({ etherType: ETHERTYPE_IPV6, bytes })),
  ),
  frame: fc.oneof(
    tie('network').map(({ etherType, bytes }) => ethernet(etherType, bytes)),
    fc.constant(arp()),
    fc
      .tuple(fc.nat(4095), tie('network'))
      .map(([id, { etherType, bytes }]) => ethernet(0x8100, vlanTag(id, etherType, bytes))),
  ),
  tunnel: fc.oneof(
    fc
      .tuple(port, fc.constantFrom(4789, 8472, 9999), fc.nat(3), tie('frame'))
      .map(([source, destination, vni, frame]) => ({
        protocol: 17,
        bytes: udp(source, destination, vxlan(vni, frame)),
      })),
    fc
      .tuple(port, fc.nat(3), tie('frame'))
      .map(([source, vni, frame]) => ({ protocol: 17, bytes: udp(source, 6081, geneve(vni, 0x6558, frame)) })),
    fc
      .tuple(tie('network'), fc.option(fc.nat(0xffffffff)))
      .map(([{ etherType, bytes }, key]) => ({ protocol: 47, bytes: gre(etherType, bytes, key) })),
    tie('network').map(({ etherType, bytes }) => ({ protocol: etherType === ETHERTYPE_IPV4 ? 4 : 41, bytes })),
  ),
}));

interface Record {
  readonly linkType: number;
  readonly bytes: Bytes;
}

const record: fc.Arbitrary<Record> = fc.oneof(
  {
    weight: 4,
    arbitrary: network.map(({ etherType, bytes }) => ({
      linkType: LINKTYPE_ETHERNET,
      bytes: ethernet(etherType, bytes),
    })),
  },
  network.map(({ bytes }) => ({ linkType: LINKTYPE_RAW, bytes })),
  fc.tuple(network, fc.nat(4), fc.nat(4)).map(([{ etherType, bytes }, index, packetType]) => ({
    linkType: LINKTYPE_SLL2,
    bytes: [...u16(etherType), 0, 0, ...u32(index), 0, 1, packetType, 6, ...zeros(8), ...bytes],
  })),
  fc.tuple(network, fc.constantFrom('drop', 'reject', 'allow \u0000'), fc.nat(3)).map(([{ bytes }, prefix, index]) => {
    const text = [...Buffer.from(`${prefix}\0`)];
    const attribute = (type: number, value: Bytes): Bytes => [
      value.length + 4,
      0,
      type,
      0,
      ...value,
      ...zeros(-value.length & 3),
    ];
    return {
      linkType: LINKTYPE_NFLOG,
      bytes: [2, 0, 0, 0, ...attribute(10, text), ...attribute(4, u32(index)), ...attribute(9, bytes)],
    };
  }),
);

interface Seen extends Record {
  readonly step: number;
  /** Captured share of the packet, in eighths. */
  readonly kept: number;
  readonly damage: readonly (readonly [number, number])[];
}

const seen: fc.Arbitrary<Seen> = fc
  .tuple(
    record,
    fc.constantFrom(0, 1, 1000, 1_000_000, 1_000_000_000, -1_000_000_000, 130_000_000_000),
    fc.oneof({ weight: 6, arbitrary: fc.constant(8) }, fc.nat(8)),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 3 })),
  )
  .map(([{ linkType, bytes }, step, kept, damage]) => ({ linkType, bytes, step, kept, damage }));

/** Up to 60 packets in a pcapng file with an interface per link type, or in classic pcap where all have one. */
export const packetCaptures: fc.Arbitrary<Uint8Array> = fc.array(seen, { minLength: 1, maxLength: 60 }).map((all) => {
  const linkTypes = [...new Set(all.map(({ linkType }) => linkType))];
  const writer = linkTypes.length === 1 ? pcapOf(linkTypes[0]!) : pcapngOf(linkTypes);
  let at = 1_700_000_000_000_000_000n;
  for (const { linkType, bytes, step, kept, damage } of all) {
    at += BigInt(step);
    const data = Uint8Array.from(bytes).slice(0, Math.ceil((bytes.length * kept) / 8));
    for (const [offset, value] of damage) if (offset < data.length) data[offset] = value;
    writer.add(linkTypes.indexOf(linkType), {
      seconds: Number(at / 1_000_000_000n),
      nanoseconds: Number(at % 1_000_000_000n),
      data,
      wireLength: bytes.length,
    });
  }
  return writer.take();
});

interface AnyWriter {
  add(index: number, packet: Parameters<PcapWriter['packet']>[0]): void;
  take(): Uint8Array;
}

function pcapOf(linkType: number): AnyWriter {
  const writer = new PcapWriter({ linkType, snapLength: 0xffff, unit: 'nanoseconds' });
  return { add: (_index, packet) => writer.packet(packet), take: () => writer.take() };
}

function pcapngOf(linkTypes: readonly number[]): AnyWriter {
  const writer = new PcapngWriter({});
  for (const linkType of linkTypes) writer.interface({ linkType, snapLength: 0, name: `if${linkType}` });
  return { add: (interfaceIndex, packet) => writer.packet(packet, { interfaceIndex }), take: () => writer.take() };
}
