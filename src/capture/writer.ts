/**
 * Writes captures: classic pcap with micro- or nanoseconds, and pcapng blocks. A writer collects bytes; whoever owns the
 * output takes them with take() whenever it likes. Nothing is checked against what was written before: the caller describes
 * interfaces before their packets.
 */
import { ByteBuilder } from './byte-builder.js';
import {
  ENHANCED_PACKET_BLOCK,
  EPB_DROPCOUNT,
  EPB_FLAGS,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSOFFSET,
  IF_TSRESOL,
  INTERFACE_DESCRIPTION_BLOCK,
  INTERFACE_STATISTICS_BLOCK,
  ISB_IFDROP,
  ISB_IFRECV,
  NAME_RESOLUTION_BLOCK,
  NRB_RECORD_END,
  NRB_RECORD_IPV4,
  NRB_RECORD_IPV6,
  OPTION_COMMENT,
  OPTION_END,
  SECTION_HEADER_BLOCK,
  BYTE_ORDER_MAGIC,
  SHB_HARDWARE,
  SHB_OS,
  SHB_USERAPPL,
  SIMPLE_PACKET_BLOCK,
} from './pcapng-codes.js';
import { MICROSECONDS_MAGIC, NANOSECONDS_MAGIC } from './pcap-header.js';
import { NANOSECOND_RESOLUTION, ticksOf } from './tick-clock.js';

const PCAP_MAJOR_VERSION = 2;
const PCAP_MINOR_VERSION = 4;
const PCAPNG_MAJOR_VERSION = 1;
const NANOSECONDS_PER_MICROSECOND = 1000;
const LENGTH_NOT_STATED = -1n;
const utf8 = new TextEncoder();

/** What both formats say of a packet. */
export interface WrittenPacket {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly data: Uint8Array;
  readonly wireLength: number;
}

/** Classic pcap: one link type, no interfaces. Seconds must fit in 32 bits; microseconds cut off what is finer. */
export class PcapWriter {
  private readonly builder: ByteBuilder;
  private readonly nanosecondsPerTick: number;

  constructor(options: {
    readonly linkType: number;
    readonly snapLength: number;
    readonly unit: 'microseconds' | 'nanoseconds';
    readonly isLittleEndian?: boolean;
  }) {
    this.builder = new ByteBuilder(options.isLittleEndian ?? true);
    this.nanosecondsPerTick = options.unit === 'nanoseconds' ? 1 : NANOSECONDS_PER_MICROSECOND;
    this.builder.uint32(options.unit === 'nanoseconds' ? NANOSECONDS_MAGIC : MICROSECONDS_MAGIC);
    this.builder.uint16(PCAP_MAJOR_VERSION);
    this.builder.uint16(PCAP_MINOR_VERSION);
    this.builder.uint32(0);
    this.builder.uint32(0);
    this.builder.uint32(options.snapLength);
    this.builder.uint32(options.linkType);
  }

  packet(packet: WrittenPacket): void {
    this.builder.uint32(packet.seconds);
    this.builder.uint32(Math.floor(packet.nanoseconds / this.nanosecondsPerTick));
    this.builder.uint32(packet.data.length);
    this.builder.uint32(packet.wireLength);
    this.builder.raw(packet.data);
  }

  /** The bytes written since the last call, the file header first of all. */
  take(): Uint8Array {
    return this.builder.take();
  }
}

export interface WrittenSection {
  readonly hardware?: string;
  readonly operatingSystem?: string;
  readonly application?: string;
  readonly comments?: readonly string[];
}

export interface WrittenInterface {
  readonly linkType: number;
  readonly snapLength: number;
  readonly name?: string;
  readonly description?: string;
  /** The byte of if_tsresol: n for 10^-n seconds, 128 + n for 2^-n; nanoseconds (9) unless given. */
  readonly resolution?: number;
  readonly offsetSeconds?: number;
  readonly comments?: readonly string[];
}

export interface WrittenPacketDetails {
  /** Index of the interface in its section. */
  readonly interfaceIndex: number;
  readonly comments?: readonly string[];
  /** epb_flags, as the specification lays them out. */
  readonly flags?: number;
  readonly droppedPackets?: number;
}

export interface WrittenStatistics {
  readonly interfaceIndex: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly receivedPackets?: number;
  readonly droppedPackets?: number;
}

export interface WrittenName {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly names: readonly string[];
}

/** pcapng. Begins with a section header; further ones start new sections, with interfaces of their own. */
export class PcapngWriter {
  private readonly builder: ByteBuilder;
  /** Whether the block being written has options, and so needs their end marked. */
  private hasOptions = false;
  /** Resolution and offset of the section's interfaces. */
  private interfaces: { readonly resolution: number; readonly offsetSeconds: number }[] = [];

  constructor(section: WrittenSection = {}, options: { readonly isLittleEndian?: boolean } = {}) {
    this.builder = new ByteBuilder(options.isLittleEndian ?? true);
    this.section(section);
  }

  section(section: WrittenSection): void {
    this.interfaces = [];
    this.block(SECTION_HEADER_BLOCK, () => {
      this.builder.uint32(BYTE_ORDER_MAGIC);
      this.builder.uint16(PCAPNG_MAJOR_VERSION);
      this.builder.uint16(0);
      this.builder.int64(LENGTH_NOT_STATED);
      this.comments(section.comments);
      this.textOption(SHB_HARDWARE, section.hardware);
      this.textOption(SHB_OS, section.operatingSystem);
      this.textOption(SHB_USERAPPL, section.application);
    });
  }

  /** Describes the section's next interface. */
  interface(description: WrittenInterface): void {
    const resolution = description.resolution ?? NANOSECOND_RESOLUTION;
    const offsetSeconds = description.offsetSeconds ?? 0;
    this.interfaces.push({ resolution, offsetSeconds });
    this.block(INTERFACE_DESCRIPTION_BLOCK, () => {
      this.builder.uint16(description.linkType);
      this.builder.uint16(0);
      this.builder.uint32(description.snapLength);
      this.comments(description.comments);
      this.textOption(IF_NAME, description.name);
      this.textOption(IF_DESCRIPTION, description.description);
      this.option(IF_TSRESOL, Uint8Array.of(resolution));
      if (offsetSeconds !== 0) this.int64Option(IF_TSOFFSET, offsetSeconds);
    });
  }

  packet(packet: WrittenPacket, details: WrittenPacketDetails): void {
    this.block(ENHANCED_PACKET_BLOCK, () => {
      this.builder.uint32(details.interfaceIndex);
      this.time(details.interfaceIndex, packet);
      this.builder.uint32(packet.data.length);
      this.builder.uint32(packet.wireLength);
      this.builder.raw(packet.data);
      this.builder.pad();
      this.comments(details.comments);
      if (details.flags !== undefined) this.uint32Option(EPB_FLAGS, details.flags);
      if (details.droppedPackets !== undefined) this.int64Option(EPB_DROPCOUNT, details.droppedPackets);
    });
  }

  /** A packet without time, of the section's first interface. */
  simplePacket(data: Uint8Array, wireLength: number): void {
    this.block(SIMPLE_PACKET_BLOCK, () => {
      this.builder.uint32(wireLength);
      this.builder.raw(data);
    });
  }

  statistics(statistics: WrittenStatistics): void {
    this.block(INTERFACE_STATISTICS_BLOCK, () => {
      this.builder.uint32(statistics.interfaceIndex);
      this.time(statistics.interfaceIndex, statistics);
      if (statistics.receivedPackets !== undefined) this.int64Option(ISB_IFRECV, statistics.receivedPackets);
      if (statistics.droppedPackets !== undefined) this.int64Option(ISB_IFDROP, statistics.droppedPackets);
    });
  }

  /** Names of addresses; readers use them for the packets that follow. */
  names(names: readonly WrittenName[]): void {
    this.block(NAME_RESOLUTION_BLOCK, () => {
      for (const { address, names: texts } of names) {
        const encoded = texts.map((text) => utf8.encode(`${text}\0`));
        this.builder.uint16(address.length === 4 ? NRB_RECORD_IPV4 : NRB_RECORD_IPV6);
        this.builder.uint16(encoded.reduce((sum, bytes) => sum + bytes.length, address.length));
        this.builder.raw(address);
        for (const bytes of encoded) this.builder.raw(bytes);
        this.builder.pad();
      }
      this.builder.uint16(NRB_RECORD_END);
      this.builder.uint16(0);
    });
  }

  /** Any other block, given its type and its body, which is padded. */
  other(type: number, body: Uint8Array): void {
    this.block(type, () => this.builder.raw(body));
  }

  /** The bytes written since the last call. */
  take(): Uint8Array {
    return this.builder.take();
  }

  private block(type: number, writeBody: () => void): void {
    const at = this.builder.length;
    this.builder.uint32(type);
    this.builder.uint32(0);
    this.hasOptions = false;
    writeBody();
    this.endOptions();
    this.builder.pad();
    const length = this.builder.length - at + 4;
    this.builder.patchUint32(at + 4, length);
    this.builder.uint32(length);
  }

  private time(interfaceIndex: number, time: { readonly seconds: number; readonly nanoseconds: number }): void {
    const { resolution, offsetSeconds } = this.interfaces[interfaceIndex]!;
    const ticks = ticksOf(time.seconds - offsetSeconds, time.nanoseconds, resolution);
    this.builder.uint32(Number(ticks >> 32n));
    this.builder.uint32(Number(ticks & 0xffffffffn));
  }

  private endOptions(): void {
    if (this.hasOptions) this.optionHeader(OPTION_END, 0);
  }

  private optionHeader(code: number, length: number): void {
    this.builder.uint16(code);
    this.builder.uint16(length);
  }

  private option(code: number, value: Uint8Array): void {
    this.hasOptions = true;
    this.optionHeader(code, value.length);
    this.builder.raw(value);
    this.builder.pad();
  }

  private comments(comments: readonly string[] = []): void {
    for (const comment of comments) this.textOption(OPTION_COMMENT, comment);
  }

  private textOption(code: number, text: string | undefined): void {
    if (text !== undefined) this.option(code, utf8.encode(text));
  }

  private uint32Option(code: number, value: number): void {
    this.hasOptions = true;
    this.optionHeader(code, 4);
    this.builder.uint32(value);
  }

  private int64Option(code: number, value: number): void {
    this.hasOptions = true;
    this.optionHeader(code, 8);
    this.builder.int64(BigInt(value));
  }
}
