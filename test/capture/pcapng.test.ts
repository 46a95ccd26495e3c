/** pcapng: blocks of every kind, in sections of either byte order, and damage. */
import { describe, expect, test } from '@jest/globals';
import type { ByteSource } from '../../src/capture/byte-source.js';
import { readerFor } from '../../src/capture/recognition.js';
import { PcapngWriter } from '../../src/capture/writer.js';
import { drain, readPieces, type ReadCapture } from './reading.js';

const ETHERNET = 1;
const data = Uint8Array.of(1, 2, 3, 4, 5);
const packet = { seconds: 1_795_442_530, nanoseconds: 123_456_789, data, wireLength: 60 };

function open(section: ConstructorParameters<typeof PcapngWriter>[0] = {}, isLittleEndian = true): PcapngWriter {
  return new PcapngWriter(section, { isLittleEndian });
}

function times({ records }: ReadCapture): unknown[] {
  return records.map(({ seconds, nanoseconds, hasTime }) => (hasTime === 1 ? [seconds, nanoseconds] : null));
}

/** Little-endian block with its lengths as given, right ones unless they are. */
function rawBlock(type: number, body: Uint8Array, length = body.length + 12, trailer = length): Buffer {
  const bytes = Buffer.alloc(body.length + 12);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(length, 4);
  bytes.set(body, 8);
  bytes.writeUInt32LE(trailer, body.length + 8);
  return bytes;
}

describe.each([true, false])('pcapng, little-endian: %s', (isLittleEndian) => {
  test('says what the file and its interfaces say', async () => {
    const writer = open(
      { hardware: 'x86', operatingSystem: 'Linux 6.6', application: 'dumpcap', comments: ['one', 'zwei ✓'] },
      isLittleEndian,
    );
    writer.interface({
      linkType: ETHERNET,
      snapLength: 96,
      name: 'eth0',
      description: 'uplink',
      comments: ['pod web-1'],
      resolution: 0x94,
      offsetSeconds: -5,
    });
    const { cursor } = await readPieces(writer.take());
    expect(cursor.notes).toEqual([
      'comment: one',
      'comment: zwei ✓',
      'hardware: x86',
      'operating system: Linux 6.6',
      'application: dumpcap',
    ]);
    expect(cursor.interfaces).toEqual([
      {
        section: 0,
        index: 0,
        name: 'eth0',
        description: 'uplink',
        linkType: ETHERNET,
        snapLength: 96,
        ticksPerSecond: 2 ** 20,
        offsetSeconds: -5,
        comments: ['pod web-1'],
        receivedPackets: null,
        droppedPackets: null,
      },
    ]);
  });

  test.each([
    ['seconds', 0, 0],
    ['milliseconds', 3, 123_000_000],
    ['microseconds', 6, 123_456_000],
    ['nanoseconds', 9, 123_456_789],
    ['units of 2^-10 s', 0x8a, Math.floor((Math.floor((123_456_789 * 1024) / 1e9) * 1e9) / 1024)],
  ])('timestamps in %s', async (_name, resolution, nanoseconds) => {
    const writer = open({}, isLittleEndian);
    writer.interface({ linkType: ETHERNET, snapLength: 0, resolution });
    writer.packet(packet, { interfaceIndex: 0 });
    expect(times(await readPieces(writer.take()))).toEqual([[1_795_442_530, nanoseconds]]);
  });

  test('counts drops from statistics, else from the packets', async () => {
    const writer = open({}, isLittleEndian);
    for (let index = 0; index < 3; index++) writer.interface({ linkType: ETHERNET, snapLength: 0 });
    for (let index = 0; index < 3; index++) {
      writer.packet(packet, { interfaceIndex: index, droppedPackets: 2 });
      writer.packet(packet, { interfaceIndex: index, comments: ['between'], droppedPackets: 3 });
    }
    const at = { seconds: 1, nanoseconds: 0 };
    writer.statistics({ interfaceIndex: 1, ...at, receivedPackets: 7, droppedPackets: 1 });
    writer.statistics({ interfaceIndex: 1, ...at, receivedPackets: 2 ** 40, droppedPackets: 9 });
    writer.statistics({ interfaceIndex: 2, ...at, receivedPackets: 5 });
    writer.other(5, new Uint8Array(12).fill(7)); // of an interface that is not there
    writer.packet(packet, { interfaceIndex: 1, droppedPackets: 100 });
    const { cursor } = await readPieces(writer.take());
    expect(cursor.interfaces.map(({ receivedPackets, droppedPackets }) => [receivedPackets, droppedPackets])).toEqual([
      [null, 5],
      [2 ** 40, 9],
      [5, 5],
    ]);
  });

  test('simple packets have no time, and interface 0 cuts them', async () => {
    const writer = open({}, isLittleEndian);
    writer.interface({ linkType: ETHERNET, snapLength: 3 });
    writer.interface({ linkType: 276, snapLength: 0 });
    writer.packet(packet, { interfaceIndex: 1 });
    writer.simplePacket(data.subarray(0, 3), 60);
    writer.simplePacket(data.subarray(0, 2), 2);
    const read = await readPieces(writer.take());
    expect(times(read)).toEqual([[1_795_442_530, 123_456_789], null, null]);
    expect(read.records.map(({ linkType, bytes, wireLength }) => [linkType, bytes, wireLength])).toEqual([
      [276, '0102030405', 60],
      [ETHERNET, '010203', 60],
      [ETHERNET, '0102', 2],
    ]);
  });
});

describe('sections', () => {
  test('have byte order and interfaces of their own', async () => {
    const little = open({ application: 'first' });
    little.interface({ linkType: ETHERNET, snapLength: 0, name: 'a' });
    little.packet(packet, { interfaceIndex: 0 });
    const big = open({ application: 'second' }, false);
    big.interface({ linkType: 276, snapLength: 0, name: 'b', resolution: 6 });
    big.interface({ linkType: 113, snapLength: 0, name: 'c', resolution: 3 });
    big.packet(packet, { interfaceIndex: 1 });
    big.packet(packet, { interfaceIndex: 0 });
    const read = await readPieces(Buffer.concat([little.take(), big.take()]), [7]);
    expect(read.cursor.interfaces.map(({ section, index, name }) => [section, index, name])).toEqual([
      [0, 0, 'a'],
      [1, 0, 'b'],
      [1, 1, 'c'],
    ]);
    expect(read.records.map(({ interfaceId, linkType, nanoseconds }) => [interfaceId, linkType, nanoseconds])).toEqual([
      [0, ETHERNET, 123_456_789],
      [2, 113, 123_000_000],
      [1, 276, 123_456_000],
    ]);
    expect(read.cursor.notes).toEqual(['application: first', 'application: second']);
  });
});

describe('other blocks', () => {
  test('are passed over; custom, journal and event blocks take a frame number, as in Wireshark', async () => {
    const writer = open();
    writer.interface({ linkType: ETHERNET, snapLength: 0 });
    writer.packet(packet, { interfaceIndex: 0 });
    for (const type of [0x0bad, 0x40000bad, 9, 0x204, 0x216, 0x221]) writer.other(type, new Uint8Array(100));
    for (const type of [10, 4, 0x201, 0x1234, 0x80000001]) writer.other(type, new Uint8Array(100));
    writer.packet(packet, { interfaceIndex: 0 });
    const { records, cursor } = await readPieces(writer.take());
    expect(cursor.damage).toBeNull();
    expect(records.map(({ frameNumber }) => frameNumber)).toEqual([1, 8]);
  });

  test('the obsolete packet block is a packet', async () => {
    const writer = open();
    writer.interface({ linkType: ETHERNET, snapLength: 0, resolution: 6 });
    const body = Buffer.alloc(28);
    body.writeUInt16LE(0, 0);
    body.writeUInt16LE(4, 2); // dropped before it
    body.writeUInt32LE(1, 4);
    body.writeUInt32LE(705_032_705, 8); // 2^32 + 705,032,705 = 5,000,000,001 microseconds
    body.writeUInt32LE(5, 12);
    body.writeUInt32LE(60, 16);
    body.set(data, 20);
    const bytes = Buffer.concat([writer.take(), rawBlock(2, body)]);
    const read = await readPieces(bytes);
    expect(times(read)).toEqual([[5000, 1000]]);
    expect(read.records[0]).toMatchObject({ bytes: '0102030405', wireLength: 60 });
    expect(read.cursor.interfaces[0]!.droppedPackets).toBe(4);
  });

  test('a block of 3 GiB is passed over without being kept', async () => {
    const writer = open();
    writer.interface({ linkType: ETHERNET, snapLength: 0 });
    const beginning = writer.take();
    writer.packet(packet, { interfaceIndex: 0 });
    const end = writer.take();
    const length = 3 * 1024 * 1024 * 1024;
    const header = rawBlock(0x0bad, new Uint8Array(0), length).subarray(0, 8);
    const trailer = rawBlock(0x0bad, new Uint8Array(0), length).subarray(8);
    const source = new GappedSource([beginning, header], length - 12, [trailer, end]);
    const { records, cursor } = await drain(await readerFor(source, 'test'));
    expect(cursor.damage).toBeNull();
    expect(records).toHaveLength(1);
    expect(source.largestRead).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe('damage', () => {
  function described(): Buffer {
    const writer = open();
    writer.interface({ linkType: ETHERNET, snapLength: 0 });
    writer.packet(packet, { interfaceIndex: 0 });
    return Buffer.from(writer.take());
  }

  /** Body of an enhanced packet block with the given interface and captured length. */
  function enhancedBody(interfaceIndex: number, capturedLength: number, room = 8): Buffer {
    const body = Buffer.alloc(20 + room);
    body.writeUInt32LE(interfaceIndex, 0);
    body.writeUInt32LE(capturedLength, 12);
    return body;
  }

  test.each([
    ['a length of 0', rawBlock(6, enhancedBody(0, 8), 0), /impossible length of 0 bytes/],
    ['a length of 8', rawBlock(0x1234, new Uint8Array(8), 8), /impossible length of 8 bytes/],
    ['a length that is no multiple of 4', rawBlock(6, enhancedBody(0, 8), 41), /impossible length of 41 bytes/],
    ['a packet block of 4 GiB', rawBlock(6, enhancedBody(0, 8), 0xfffffffc), /impossible length/],
    ['a packet block without room for its fields', rawBlock(6, new Uint8Array(16)), /impossible length of 28 bytes/],
    [
      'another length at the end',
      rawBlock(6, enhancedBody(0, 8), 40, 44),
      /length of 40 bytes and ends with one of 44/,
    ],
    ['another length at the end of a block to skip', rawBlock(0x1234, new Uint8Array(8), 20, 24), /20 bytes.*24/],
    ['an interface that is not described', rawBlock(6, enhancedBody(1, 8)), /refers to interface 1/],
    ['more captured than the block holds', rawBlock(6, enhancedBody(0, 9)), /9 captured bytes/],
    ['absurdly much captured', rawBlock(6, enhancedBody(0, 0xffffffff)), /4294967295 captured bytes/],
    ['a section of no known version', rawBlock(0x0a0d0d0a, section(3)), /version 3\.0 is not known/],
    ['a section without byte order', rawBlock(0x0a0d0d0a, new Uint8Array(16)), /byte-order magic/],
  ])('%s ends the capture there', async (_name, block, message) => {
    const good = described();
    const { records, cursor } = await readPieces(Buffer.concat([good, block, good]));
    expect(records).toHaveLength(1);
    expect(cursor.damage).toMatchObject({ offset: good.length, isCutOff: false });
    expect(cursor.damage!.message).toMatch(message);
  });

  test('a packet before any interface', async () => {
    const { records, cursor } = await readPieces(Buffer.concat([open().take(), rawBlock(3, new Uint8Array(8))]));
    expect(records).toHaveLength(0);
    expect(cursor.damage!.message).toMatch(/interface 0, which the section has not described/);
  });

  test('options that do not fit are left out, and the notes say so', async () => {
    const body = Buffer.alloc(8 + 8 + 4);
    body.writeUInt16LE(ETHERNET, 0);
    body.writeUInt16LE(9, 8); // if_tsresol …
    body.writeUInt16LE(1, 10);
    body.writeUInt8(3, 12);
    body.writeUInt16LE(2, 16); // … and a name that is longer than the block
    body.writeUInt16LE(5000, 18);
    const { cursor } = await readPieces(Buffer.concat([open().take(), rawBlock(1, body)]));
    expect(cursor.damage).toBeNull();
    expect(cursor.interfaces[0]).toMatchObject({ ticksPerSecond: 1000, name: null });
    expect(cursor.notes).toEqual([
      'interface 0 of section 0 has an option that does not fit; it and those after it are not read',
    ]);
  });

  test('a million interfaces are not kept', async () => {
    const body = Buffer.alloc(8);
    body.writeUInt16LE(ETHERNET, 0);
    const many = Buffer.concat([open().take(), ...Array<Buffer>(70_000).fill(rawBlock(1, body))]);
    const { cursor } = await readPieces(many);
    expect(cursor.interfaces).toHaveLength(65_536);
    expect(cursor.damage!.message).toMatch(/more than 65536 interfaces/);
  });

  test('a million comments are not kept', async () => {
    const writer = open({ comments: Array<string>(2000).fill('x') });
    writer.interface({ linkType: ETHERNET, snapLength: 0, comments: Array<string>(2000).fill('x') });
    const { cursor } = await readPieces(writer.take());
    expect(cursor.notes).toHaveLength(1000);
    expect(cursor.interfaces[0]!.comments).toHaveLength(100);
  });
});

/** Body of a section header block, little-endian, of that major version. */
function section(majorVersion: number): Buffer {
  const body = Buffer.alloc(16, 0xff);
  body.writeUInt32LE(0x1a2b3c4d, 0);
  body.writeUInt16LE(majorVersion, 4);
  body.writeUInt16LE(0, 6);
  return body;
}

/** Bytes with a long gap of zeros between them that exists only while it is read. */
class GappedSource implements ByteSource {
  largestRead = 0;
  private readonly head: Buffer;
  private readonly tail: Buffer;
  private readonly gap: number;
  private at = 0;

  constructor(head: readonly Uint8Array[], gap: number, tail: readonly Uint8Array[]) {
    this.head = Buffer.concat(head);
    this.gap = gap;
    this.tail = Buffer.concat(tail);
  }

  read(target: Uint8Array, at: number, length: number): Promise<number> {
    this.largestRead = Math.max(this.largestRead, length);
    const tailAt = this.head.length + this.gap;
    let count = 0;
    if (this.at < this.head.length) count = this.head.copy(target, at, this.at, this.at + length);
    else if (this.at < tailAt) count = Math.min(length, tailAt - this.at);
    else count = this.tail.copy(target, at, this.at - tailAt, this.at - tailAt + length);
    this.at += count;
    return Promise.resolve(count);
  }

  consumedBytes(): number {
    return this.at;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
