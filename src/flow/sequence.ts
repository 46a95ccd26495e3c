/**
 * TCP sequence numbers: arithmetic modulo 2^32 (RFC 9293 section 3.4), in one place. Values are int32; nobody compares them raw.
 */

/** Signed distance from b to a: positive when a is after b. Meaningful while they are less than 2^31 apart. */
export function sequenceDistance(a: number, b: number): number {
  return (a - b) | 0;
}

/** The sequence number `bytes` after `sequence`. */
export function sequenceAdd(sequence: number, bytes: number): number {
  return (sequence + bytes) | 0;
}
