/** Where a header's payload lies: the one place that keeps offsets inside the captured bytes. */
import type { Level } from './decoded.js';

/**
 * Sets the payload from the end of the header (which may lie behind the captured bytes) to `wireEnd`, of which the bytes
 * before `end` were captured. Needs end <= wireEnd.
 */
export function setPayload(level: Level, headerEnd: number, end: number, wireEnd: number): void {
  const at = headerEnd < end ? headerEnd : end;
  level.payloadAt = at;
  level.payloadCaptured = end - at;
  level.payloadLength = headerEnd < wireEnd ? wireEnd - headerEnd : 0;
}
