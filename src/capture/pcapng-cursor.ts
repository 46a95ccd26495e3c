/**
 * Reader of pcapng (draft-ietf-opsawg-pcapng): a run of blocks in sections, each section with a byte order and interfaces
 * of its own. Enhanced Packet Blocks are read on the fast path:
 *
 *      0                   1                   2                   3
 *   0 | block type = 6 | total length | interface | timestamp high | timestamp low | captured | on wire |
 *  28 | captured bytes, padded to 32 bits | options … | total length |
 *
 * Simple and (obsolete) Packet Blocks, section headers, interface descriptions and statistics are read too; all others are
 * skipped without being buffered. Packets are numbered as Wireshark numbers them: custom blocks, system events and journal
 * entries count as frames, though they are no packets.
 */
import {
  BLOCK_OVERHEAD,
  BODY,
  INTERFACE_DESCRIPTION_LENGTH,
  INTERFACE_STATISTICS_LENGTH,
  SECTION_HEADER_LENGTH,
  addComment,
  readInterfaceDescription,
  readInterfaceStatistics,
  readSectionNotes,
  sectionVersionProblem,
} from './pcapng-blocks.js';
import {
  BYTE_ORDER_MAGIC,
  CUSTOM_BLOCK,
  CUSTOM_BLOCK_NOT_TO_COPY,
  ENHANCED_PACKET_BLOCK,
  EPB_DROPCOUNT,
  INTERFACE_DESCRIPTION_BLOCK,
  INTERFACE_STATISTICS_BLOCK,
  JOURNAL_EXPORT_BLOCK,
  OPTION_END,
  PACKET_BLOCK,
  SECTION_HEADER_BLOCK,
  SIMPLE_PACKET_BLOCK,
  SWAPPED_BYTE_ORDER_MAGIC,
  SYSDIG_EVENT_BLOCK,
  SYSDIG_EVENT_V2_BLOCK,
  SYSDIG_EVENT_V2_LARGE_BLOCK,
} from './pcapng-codes.js';
import { LARGEST_WINDOW, type ByteWindow } from './byte-window.js';
import { DEFAULT_RESOLUTION, TickClock } from './tick-clock.js';
import { LARGEST_WIRE_LENGTH, WindowedCursor, largestCapturedLength } from './windowed-cursor.js';

const BLOCK_LENGTH = 4;
const TRAILER_LENGTH = 4;

const INTERFACE = BODY;
const TIME_HIGH = BODY + 4;
const TIME_LOW = BODY + 8;
const CAPTURED_LENGTH = BODY + 12;
const WIRE_LENGTH = BODY + 16;
const PACKET_DATA = BODY + 20;
const SIMPLE_WIRE_LENGTH = BODY;
const SIMPLE_DATA = BODY + 4;
/** In the obsolete Packet Block, which otherwise is laid out as the enhanced one. */
const DROP_COUNT_16 = BODY + 2;

const OPTION_HEADER_LENGTH = 4;
const TWO_32 = 0x1_0000_0000;
const UNKNOWN_DROPS_16 = 0xffff;

/** More than any machine has; bounds what a hostile file can make us keep. */
const MOST_INTERFACES = 65_536;

export class PcapngCursor extends WindowedCursor {
  override readonly format = 'pcapng';
  private isLittleEndian = false;
  private section = -1;
  /** Index in `interfaces` of the section's first interface, and number of the section's interfaces. */
  private firstInterface = 0;
  private interfaceCount = 0;
  private readonly clocks: TickClock[] = [];
  private readonly largestCapturedLengths: number[] = [];
  /** Whether statistics blocks state the interface's drops, so that per-packet counts are not added. */
  private readonly areDropsStated: boolean[] = [];
  /** What packets of the interface read last need. */
  private currentInterface = -1;
  private currentLinkType = 0;
  private clock = new TickClock(DEFAULT_RESOLUTION, 0);
  private largestCapturedLength = 0;
  /** Total length of a block at `at` that fill() is to skip; 0 = none. */
  private skippedLength = 0;

  /** `window` holds the start of the first section header block. */
  constructor(window: ByteWindow) {
    super(window);
  }

  next(): boolean {
    for (;;) {
      const at = this.at;
      if (at + BLOCK_OVERHEAD > this.end) return this.lack(BLOCK_OVERHEAD);
      const type = this.view.getUint32(at, this.isLittleEndian);
      const length = this.view.getUint32(at + BLOCK_LENGTH, this.isLittleEndian);
      if (type === ENHANCED_PACKET_BLOCK) {
        if (!this.isWhole(at, length, PACKET_DATA + TRAILER_LENGTH)) return false;
        return this.readPacket(at, length, this.view.getUint32(at + INTERFACE, this.isLittleEndian));
      }
      const isPacket = type === SIMPLE_PACKET_BLOCK || type === PACKET_BLOCK;
      if (!this.readRareBlock(type, at, length)) return false;
      if (isPacket) return true;
    }
  }

  override async fill(): Promise<boolean> {
    if (this.skippedLength === 0 || this.isOver) return super.fill();
    const length = this.skippedLength;
    this.skippedLength = 0;
    const blockOffset = this.window.base + this.at;
    const isThere =
      (await this.window.skip(this.at, length - TRAILER_LENGTH)) && (await this.window.fill(0, TRAILER_LENGTH));
    this.follow();
    if (!isThere) {
      this.finish(this.window.base + this.end - blockOffset, length);
      return false;
    }
    if (this.view.getUint32(0, this.isLittleEndian) !== length)
      return this.failTrailer(blockOffset - this.window.base, length);
    this.at = TRAILER_LENGTH;
    return true;
  }

  /** Checks a block that has to be in the window whole: its lengths, and that it is there. */
  private isWhole(at: number, length: number, least: number): boolean {
    if (length < least || (length & 3) !== 0 || length > LARGEST_WINDOW) return this.failLength(at, length);
    const nextAt = at + length;
    if (nextAt > this.end) return this.lack(length);
    if (this.view.getUint32(nextAt - TRAILER_LENGTH, this.isLittleEndian) !== length)
      return this.failTrailer(at, length);
    return true;
  }

  /** Reads an enhanced (or obsolete) packet block that is whole. */
  private readPacket(at: number, length: number, index: number): boolean {
    const view = this.view;
    const isLittleEndian = this.isLittleEndian;
    if (index >= this.interfaceCount) return this.failInterface(at, index);
    const interfaceId = this.firstInterface + index;
    if (interfaceId !== this.currentInterface) this.changeInterface(interfaceId);
    const capturedLength = view.getUint32(at + CAPTURED_LENGTH, isLittleEndian);
    if (capturedLength > this.largestCapturedLength) return this.failCaptured(at, capturedLength);
    const optionsAt = at + PACKET_DATA + ((capturedLength + 3) & ~3);
    const nextAt = at + length;
    if (optionsAt > nextAt - TRAILER_LENGTH) return this.failCaptured(at, capturedLength);
    const clock = this.clock;
    clock.set(view.getInt32(at + TIME_HIGH, isLittleEndian), view.getInt32(at + TIME_LOW, isLittleEndian));
    this.seconds = clock.seconds;
    this.nanoseconds = clock.nanoseconds;
    this.hasTime = 1;
    this.interfaceId = interfaceId;
    this.linkType = this.currentLinkType;
    this.dataAt = at + PACKET_DATA;
    this.capturedLength = capturedLength;
    this.wireLength = Math.min(view.getUint32(at + WIRE_LENGTH, isLittleEndian), LARGEST_WIRE_LENGTH);
    if (optionsAt + OPTION_HEADER_LENGTH < nextAt) this.readPacketOptions(optionsAt, nextAt - TRAILER_LENGTH);
    this.frameNumber++;
    this.at = nextAt;
    return true;
  }

  private changeInterface(interfaceId: number): void {
    this.currentInterface = interfaceId;
    this.currentLinkType = this.interfaces[interfaceId]!.linkType;
    this.clock = this.clocks[interfaceId]!;
    this.largestCapturedLength = this.largestCapturedLengths[interfaceId]!;
  }

  /** Looks for the count of packets dropped before this one. */
  private readPacketOptions(optionsAt: number, end: number): void {
    const view = this.view;
    let at = optionsAt;
    while (at + OPTION_HEADER_LENGTH <= end) {
      const code = view.getUint16(at, this.isLittleEndian);
      const length = view.getUint16(at + 2, this.isLittleEndian);
      if (code === OPTION_END) return;
      const valueAt = at + OPTION_HEADER_LENGTH;
      if (code === EPB_DROPCOUNT && length === 8 && valueAt + 8 <= end) {
        const highAt = this.isLittleEndian ? valueAt + 4 : valueAt;
        const lowAt = this.isLittleEndian ? valueAt : valueAt + 4;
        const high = view.getUint32(highAt, this.isLittleEndian);
        this.addDrops(high * TWO_32 + view.getUint32(lowAt, this.isLittleEndian));
      }
      at = valueAt + ((length + 3) & ~3);
    }
  }

  private addDrops(count: number): void {
    if (this.areDropsStated[this.interfaceId]!) return;
    const description = this.interfaces[this.interfaceId]!;
    description.droppedPackets = (description.droppedPackets ?? 0) + count;
  }

  /** Everything but enhanced packet blocks. True when the block has been read or passed over. */
  private readRareBlock(type: number, at: number, length: number): boolean {
    switch (type) {
      case SECTION_HEADER_BLOCK:
        return this.readSectionHeader(at);
      case INTERFACE_DESCRIPTION_BLOCK:
        return this.isWhole(at, length, INTERFACE_DESCRIPTION_LENGTH) && this.addInterface(at, length);
      case INTERFACE_STATISTICS_BLOCK:
        return this.isWhole(at, length, INTERFACE_STATISTICS_LENGTH) && this.addStatistics(at, length);
      case SIMPLE_PACKET_BLOCK:
        return this.isWhole(at, length, SIMPLE_DATA + TRAILER_LENGTH) && this.readSimplePacket(at, length);
      case PACKET_BLOCK:
        return this.isWhole(at, length, PACKET_DATA + TRAILER_LENGTH) && this.readObsoletePacket(at, length);
      default:
        return this.skipBlock(type, at, length);
    }
  }

  private readSectionHeader(at: number): boolean {
    const magic = this.view.getUint32(at + BODY);
    if (magic !== BYTE_ORDER_MAGIC && magic !== SWAPPED_BYTE_ORDER_MAGIC) {
      return this.fail(at, 'a section header has no valid byte-order magic');
    }
    this.isLittleEndian = magic === SWAPPED_BYTE_ORDER_MAGIC;
    const length = this.view.getUint32(at + BLOCK_LENGTH, this.isLittleEndian);
    if (!this.isWhole(at, length, SECTION_HEADER_LENGTH)) return false;
    const problem = sectionVersionProblem(this.view, at, this.isLittleEndian);
    if (problem !== null) return this.fail(at, problem);
    this.section++;
    this.firstInterface = this.interfaces.length;
    this.interfaceCount = 0;
    readSectionNotes(this.view, at, length, this.isLittleEndian, this.notes);
    this.at = at + length;
    return true;
  }

  /** @cold once per interface */
  private addInterface(at: number, length: number): boolean {
    if (this.interfaces.length >= MOST_INTERFACES) {
      return this.fail(at, `the capture describes more than ${MOST_INTERFACES} interfaces`);
    }
    const place = { section: this.section, index: this.interfaceCount };
    const { description, clock } = readInterfaceDescription(
      this.view,
      at,
      length,
      this.isLittleEndian,
      place,
      this.notes,
    );
    this.interfaces.push(description);
    this.clocks.push(clock);
    this.largestCapturedLengths.push(largestCapturedLength(description.snapLength));
    this.areDropsStated.push(false);
    this.interfaceCount++;
    this.at = at + length;
    return true;
  }

  /** @cold once per statistics block */
  private addStatistics(at: number, length: number): boolean {
    const statistics = readInterfaceStatistics(this.view, at, length, this.isLittleEndian);
    this.at = at + length;
    if (statistics.index >= this.interfaceCount) return true; // of no interface: nothing to keep it at
    const interfaceId = this.firstInterface + statistics.index;
    const description = this.interfaces[interfaceId]!;
    if (statistics.receivedPackets !== null) description.receivedPackets = statistics.receivedPackets;
    if (statistics.droppedPackets !== null) {
      description.droppedPackets = statistics.droppedPackets;
      this.areDropsStated[interfaceId] = true;
    }
    for (const comment of statistics.comments) addComment(description.comments, comment);
    return true;
  }

  /** Has neither a captured length nor a time: it belongs to interface 0, whose snapshot length cuts it. */
  private readSimplePacket(at: number, length: number): boolean {
    if (this.interfaceCount === 0) return this.failInterface(at, 0);
    const wireLength = this.view.getUint32(at + SIMPLE_WIRE_LENGTH, this.isLittleEndian);
    const snapLength = this.interfaces[this.firstInterface]!.snapLength;
    let capturedLength = Math.min(wireLength, length - SIMPLE_DATA - TRAILER_LENGTH);
    if (snapLength > 0) capturedLength = Math.min(capturedLength, snapLength);
    if (this.firstInterface !== this.currentInterface) this.changeInterface(this.firstInterface);
    if (capturedLength > this.largestCapturedLength) return this.failCaptured(at, capturedLength);
    this.seconds = 0;
    this.nanoseconds = 0;
    this.hasTime = 0;
    this.interfaceId = this.firstInterface;
    this.linkType = this.currentLinkType;
    this.dataAt = at + SIMPLE_DATA;
    this.capturedLength = capturedLength;
    this.wireLength = Math.min(wireLength, LARGEST_WIRE_LENGTH);
    this.frameNumber++;
    this.at = at + length;
    return true;
  }

  private readObsoletePacket(at: number, length: number): boolean {
    if (!this.readPacket(at, length, this.view.getUint16(at + INTERFACE, this.isLittleEndian))) return false;
    const drops = this.view.getUint16(at + DROP_COUNT_16, this.isLittleEndian);
    if (drops !== UNKNOWN_DROPS_16) this.addDrops(drops);
    return true;
  }

  /** Passes over a block whose content is not needed; fill() skips what is not in the window. */
  private skipBlock(type: number, at: number, length: number): boolean {
    if (length < BLOCK_OVERHEAD || (length & 3) !== 0) return this.failLength(at, length);
    if (countsAsFrame(type)) this.frameNumber++;
    const nextAt = at + length;
    if (nextAt > this.end) {
      this.skippedLength = length;
      return false;
    }
    if (this.view.getUint32(nextAt - TRAILER_LENGTH, this.isLittleEndian) !== length)
      return this.failTrailer(at, length);
    this.at = nextAt;
    return true;
  }

  /** @cold once, at the end */
  private failLength(at: number, length: number): boolean {
    return this.fail(at, `a block has the impossible length of ${length} bytes`);
  }

  /** @cold once, at the end */
  private failTrailer(at: number, length: number): boolean {
    const trailer = this.view.getUint32(at + length - TRAILER_LENGTH, this.isLittleEndian);
    return this.fail(at, `a block begins with a length of ${length} bytes and ends with one of ${trailer}`);
  }

  /** @cold once, at the end */
  private failInterface(at: number, index: number): boolean {
    return this.fail(at, `a packet refers to interface ${index}, which the section has not described`);
  }

  /** @cold once, at the end */
  private failCaptured(at: number, capturedLength: number): boolean {
    return this.fail(at, `a packet claims ${capturedLength} captured bytes, which cannot be`);
  }
}

/** Whether Wireshark gives the block, which is no packet, a frame number. */
function countsAsFrame(type: number): boolean {
  switch (type) {
    case CUSTOM_BLOCK:
    case CUSTOM_BLOCK_NOT_TO_COPY:
    case JOURNAL_EXPORT_BLOCK:
    case SYSDIG_EVENT_BLOCK:
    case SYSDIG_EVENT_V2_BLOCK:
    case SYSDIG_EVENT_V2_LARGE_BLOCK:
      return true;
    default:
      return false;
  }
}
