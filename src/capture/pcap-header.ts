/**
 * The file header of classic pcap (draft-ietf-opsawg-pcap; libpcap's sf-pcap.c): 24 bytes.
 *
 *      0                   1                   2                   3
 *     +-------------------------------+-------------------------------+
 *   0 |                          magic number                         |
 *   4 |         major version         |         minor version         |
 *   8 |                    time zone correction (0)                   |
 *  12 |                   time stamp accuracy (0)                     |
 *  16 |                        snapshot length                        |
 *  20 | FCS |f|   reserved            |           link type           |
 *     +-------------------------------+-------------------------------+
 *
 * The magic number tells the byte order, the unit of the fraction of a second, and the "modified" variant (Alexey
 * Kuznetzov's, early Linux) whose record headers have 24 bytes instead of 16.
 */

import type { CaptureInterface } from './interface.js';

export const FILE_HEADER_LENGTH = 24;

export const MICROSECONDS_MAGIC = 0xa1b2c3d4;
export const NANOSECONDS_MAGIC = 0xa1b23c4d;
const MODIFIED = 0xa1b2cd34;
const SWAPPED_MICROSECONDS = 0xd4c3b2a1;
const SWAPPED_NANOSECONDS = 0x4d3cb2a1;
const SWAPPED_MODIFIED = 0x34cdb2a1;

const MAJOR_VERSION = 4;
const MINOR_VERSION = 6;
const SNAP_LENGTH = 16;
const LINK_TYPE = 20;
/** Without the length of the frame check sequence and the flag that says it is there. */
const LINK_TYPE_MASK = 0x03ffffff;
/** DG/UX tcpdump writes this major version. */
export const DG_UX_MAJOR_VERSION = 543;

export interface PcapHeader {
  readonly format: 'pcap' | 'pcap (nanoseconds)' | 'pcap (modified)';
  readonly isLittleEndian: boolean;
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly snapLength: number;
  readonly linkType: number;
}

/** Whether these are the first four bytes of a classic pcap file. */
export function isPcapMagic(view: DataView): boolean {
  switch (view.getUint32(0)) {
    case MICROSECONDS_MAGIC:
    case NANOSECONDS_MAGIC:
    case MODIFIED:
    case SWAPPED_MICROSECONDS:
    case SWAPPED_NANOSECONDS:
    case SWAPPED_MODIFIED:
      return true;
    default:
      return false;
  }
}

/** Reads the 24 bytes at the start of `view`; isPcapMagic() must have said yes. */
export function readPcapHeader(view: DataView): PcapHeader {
  const isLittleEndian = view.getUint8(0) !== MICROSECONDS_MAGIC >>> 24;
  const magic = view.getUint32(0, isLittleEndian);
  return {
    format: magic === NANOSECONDS_MAGIC ? 'pcap (nanoseconds)' : magic === MODIFIED ? 'pcap (modified)' : 'pcap',
    isLittleEndian,
    majorVersion: view.getUint16(MAJOR_VERSION, isLittleEndian),
    minorVersion: view.getUint16(MINOR_VERSION, isLittleEndian),
    snapLength: view.getUint32(SNAP_LENGTH, isLittleEndian),
    linkType: view.getUint32(LINK_TYPE, isLittleEndian) & LINK_TYPE_MASK,
  };
}

/** The one interface of a classic pcap file, which has no name. */
export function describeInterface(header: PcapHeader): CaptureInterface {
  return {
    section: 0,
    index: 0,
    name: null,
    description: null,
    linkType: header.linkType,
    snapLength: header.snapLength,
    ticksPerSecond: header.format === 'pcap (nanoseconds)' ? 1_000_000_000 : 1_000_000,
    offsetSeconds: 0,
    comments: [],
    receivedPackets: null,
    droppedPackets: null,
  };
}

/** Version 2 in any minor version, and DG/UX's 543.0, as libpcap and Wireshark have it. */
export function isPcapVersionKnown(header: PcapHeader): boolean {
  return header.majorVersion === 2 || (header.majorVersion === DG_UX_MAJOR_VERSION && header.minorVersion === 0);
}
