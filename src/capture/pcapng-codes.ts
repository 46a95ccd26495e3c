/**
 * Numbers of pcapng (draft-ietf-opsawg-pcapng): block types, option codes, record types. Shared by the reader and the writer.
 */

export const INTERFACE_DESCRIPTION_BLOCK = 1;
/** Obsolete. */
export const PACKET_BLOCK = 2;
export const SIMPLE_PACKET_BLOCK = 3;
export const NAME_RESOLUTION_BLOCK = 4;
export const INTERFACE_STATISTICS_BLOCK = 5;
export const ENHANCED_PACKET_BLOCK = 6;
export const JOURNAL_EXPORT_BLOCK = 9;
export const CUSTOM_BLOCK = 0x0bad;
export const CUSTOM_BLOCK_NOT_TO_COPY = 0x40000bad;
/** System calls recorded by sysdig and its like. */
export const SYSDIG_EVENT_BLOCK = 0x0204;
export const SYSDIG_EVENT_V2_BLOCK = 0x0216;
export const SYSDIG_EVENT_V2_LARGE_BLOCK = 0x0221;
/** Reads the same in both byte orders. */
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;

/** In the byte order of the section. */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const SWAPPED_BYTE_ORDER_MAGIC = 0x4d3c2b1a;

export const OPTION_END = 0;
export const OPTION_COMMENT = 1;
export const SHB_HARDWARE = 2;
export const SHB_OS = 3;
export const SHB_USERAPPL = 4;
export const IF_NAME = 2;
export const IF_DESCRIPTION = 3;
export const IF_TSRESOL = 9;
export const IF_TSOFFSET = 14;
export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;
export const ISB_IFRECV = 4;
export const ISB_IFDROP = 5;
export const ISB_OSDROP = 7;

export const NRB_RECORD_END = 0;
export const NRB_RECORD_IPV4 = 1;
export const NRB_RECORD_IPV6 = 2;
