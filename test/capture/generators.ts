/** fast-check arbitraries of captures, and the bytes that the writers make of them. */
import fc from 'fast-check';
import { PcapWriter, PcapngWriter } from '../../src/capture/writer.js';

export interface GeneratedPacket {
  readonly interfaceIndex: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly data: Uint8Array;
  readonly wireLength: number;
}

/** Packets of up to `interfaces` interfaces; times fit in classic pcap. */
export function packets(interfaces = 1): fc.Arbitrary<GeneratedPacket[]> {
  return fc.array(
    fc
      .record({
        interfaceIndex: fc.nat(interfaces - 1),
        seconds: fc.integer({ min: 0, max: 0xffffffff }),
        nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
        data: fc.uint8Array({ maxLength: 80 }),
        cut: fc.nat(2000),
      })
      .map(({ cut, ...packet }) => ({ ...packet, wireLength: packet.data.length + cut })),
    { maxLength: 12 },
  );
}

export interface PcapShape {
  readonly linkType: number;
  readonly snapLength: number;
  readonly unit: 'microseconds' | 'nanoseconds';
  readonly isLittleEndian: boolean;
}

export const pcapShape: fc.Arbitrary<PcapShape> = fc.record({
  linkType: fc.constantFrom(0, 1, 101, 113, 276),
  snapLength: fc.constantFrom(0, 96, 65_535, 262_144),
  unit: fc.constantFrom('microseconds', 'nanoseconds'),
  isLittleEndian: fc.boolean(),
});

export function pcapBytes(shape: PcapShape, contents: readonly GeneratedPacket[]): Uint8Array {
  const writer = new PcapWriter(shape);
  for (const packet of contents) writer.packet(packet);
  return writer.take();
}

/** A section of two interfaces with different units, then, half of the time, other blocks among the packets. */
export function pcapngBytes(
  contents: readonly GeneratedPacket[],
  options: { readonly isLittleEndian: boolean; readonly hasOtherBlocks: boolean },
): Uint8Array {
  const writer = new PcapngWriter({ application: 'test', comments: ['generated'] }, options);
  writer.interface({ linkType: 1, snapLength: 262_144, name: 'eth0' });
  writer.interface({ linkType: 276, snapLength: 0, name: 'any', resolution: 9, offsetSeconds: -7 });
  contents.forEach((packet, index) => {
    if (options.hasOtherBlocks) {
      writer.other(0x0bad, Uint8Array.of(0, 0, 0x7e, 0xd9, index));
      writer.names([{ address: Uint8Array.of(10, 0, 0, index), names: [`pod-${index}`, 'x'] }]);
      writer.statistics({ interfaceIndex: 0, seconds: index, nanoseconds: 1, receivedPackets: index });
    }
    writer.packet(packet, {
      interfaceIndex: packet.interfaceIndex,
      ...(options.hasOtherBlocks ? { comments: ['a comment'], flags: 1, droppedPackets: 1 } : {}),
    });
  });
  return writer.take();
}
