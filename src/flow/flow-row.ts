/**
 * The row that holds one flow: where each field lies, and nothing else.
 *
 * A row is STRIDE int32 words, some pairs of which are doubles, in a buffer seen as Int32Array and as Float64Array. A row, and
 * not a column per field, because one packet touches nearly every field of one flow: two or three cache lines instead of
 * thirty. Re-measure with `npm run bench:micro`.
 *
 * Direction 0 is from endpoint A to endpoint B, direction 1 back; A is the endpoint with the smaller (address id, port).
 */

export const STRIDE = 48;
/**
 * Words in front of the first row of a table. Large buffers come from the C library 16 bytes behind a cache line; with these 48
 * bytes more, rows begin where lines do. Elsewhere it costs nothing.
 */
const LEAD = 12;

/** Word at which row `id` of a table starts; half of it is the index of its first double. */
export function rowStart(id: number): number {
  return LEAD + id * STRIDE;
}

// First cache line: the key (words 0..5) and what every packet changes.
export const VANTAGE = 0;
export const ENCAPSULATION = 1;
export const ADDRESS_A = 2;
export const ADDRESS_B = 3;
/** Port of A in the upper 16 bits, of B in the lower. ICMP: identifier of echo messages, else type and code, in both. */
export const PORTS = 4;
export const PROTOCOL = 5;
/** Bits: see INFO_*. */
export const INFO = 6;
export const PACKETS = 7; // and 8: per direction
export const LAST_NANOSECONDS = 9;
export const WIRE_BYTES = 5; // double, and 6: per direction
export const LAST_SECONDS = 7; // double

// Second cache line: what a packet with payload, or of TCP, changes.
export const PAYLOAD_BYTES = 8; // double, and 9: per direction
export const UNIQUE_BYTES = 10; // double, and 11: per direction
/** TCP: next expected sequence number (one past the highest byte seen) per direction; that of the RST if there was nothing else. */
export const NEXT_SEQUENCE = 24; // and 25
/** TCP endpoint states and flags seen: see tcp-state.ts. */
export const TCP_STATE = 26;
/** What identified the last packet per direction, to notice copies: IP identification and a digest. */
export const LAST_IDENTITY = 27; // and 28
/** Which history letters were seen, and how many were written: see history.ts. */
export const HISTORY_INFO = 29;
/** Index into the table's extras, 0 = none. */
export const EXTRAS = 30;
/** Handshake round trip in nanoseconds; HANDSHAKE_UNKNOWN, or HANDSHAKE_LONG when it is in the extras. */
export const HANDSHAKE = 31;

// Third cache line: what few packets change.
/** Four words of history letters, 6 letters of 5 bits each. */
export const HISTORY = 32; // ..35
/** TCP initial sequence number per direction (of the SYN, else one before the first byte seen). */
export const INITIAL_SEQUENCE = 36; // and 37
/** TTL or hop limit of the first packet per direction, plus 1; 0 = no packet yet. Direction 0 in the lower 16 bits. */
export const HOP_LIMITS = 38;
/** Outer path (outer-paths.ts) of the first packet per direction, NONE when bare. */
export const OUTER_PATH = 39; // and 40
/** Packets that were copies of the one before them in the same direction. */
export const DUPLICATES = 41;
/** IP fragments, the first of each datagram included. */
export const FRAGMENTS = 42;
export const FIRST_NANOSECONDS = 43;
export const FIRST_SECONDS = 22; // double
/** Time of the latest SYN: seconds after FIRST_SECONDS, and nanoseconds. */
export const SYN_SECONDS = 46;
export const SYN_NANOSECONDS = 47;
/** ICMP and ICMPv6 only, in the place of SYN_SECONDS: type and code of the first message with ICMP_KNOWN. */
export const ICMP = SYN_SECONDS;
export const ICMP_KNOWN = 1 << 16;

/** True for the words of the row that are halves of doubles. */
export function isDoubleWord(word: number): boolean {
  return (word >= 10 && word < 24) || word === 44 || word === 45;
}

/** INFO: direction that the client sends in. */
export const INFO_CLIENT_DIRECTION = 1;
/** INFO: direction of the first packet. */
export const INFO_FIRST_DIRECTION = 2;
/** INFO: a tunnel; some packet carried an inner level that became a flow of its own. */
export const INFO_CARRIER = 4;
/** INFO: which directions have an initial sequence number (two bits). */
export const INFO_ISN_SHIFT = 3;
/** INFO: which directions sent a SYN (two bits); without it the initial sequence number is inferred. */
export const INFO_SYN_SHIFT = 5;
/** INFO: a SYN waits for the acknowledgement that completes the handshake. */
export const INFO_HANDSHAKE_PENDING = 1 << 7;
/** INFO: number of CLIENT_REASON, 4 bits. */
export const INFO_REASON_SHIFT = 8;
export const INFO_REASON_MASK = 15;
/** INFO: there were holes in the sequence space of some direction. */
export const INFO_HOLES = 1 << 13;
/** INFO: which directions' next expected sequence number goes on from segment to segment (two bits): not behind a RST. */
export const INFO_RUNNING_SHIFT = 14;
/** INFO: a later row continues or replaces this one under the same key. */
export const INFO_SUPERSEDED = 1 << 12;

export const HANDSHAKE_UNKNOWN = -1;
export const HANDSHAKE_LONG = -2;
export const HANDSHAKE_LONGEST_INLINE = 0x7fffffff;

/** How the client was told from the server; `analysis` may turn it round on inventory evidence. */
export const CLIENT_REASON = {
  FirstPacket: 0,
  Syn: 1,
  SynAck: 2,
  Init: 3,
  IcmpRequest: 4,
  Dns: 5,
  WellKnownPort: 6,
  LowerPort: 7,
} as const;
