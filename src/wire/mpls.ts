/**
 * MPLS label stack (RFC 3032). Nothing says what is behind it: 4 and 6 in the first four bits are taken for IP (RFC 4928),
 * everything else (pseudowires) is not decoded.
 *
 *     +---------------------------------------+-----+-+---------------+
 *     |                 Label                 |  TC |S|      TTL      |   S: bottom of stack
 *     +---------------------------------------+-----+-+---------------+
 */
import { type Decoded, type Level, NONE } from './decoded.js';
import { decodeIpv4 } from './ipv4.js';
import { decodeIpv6 } from './ipv6.js';
import { ipVersion } from './raw-ip.js';
import { STOP, stopDecoding } from './stop.js';

const ENTRY_LENGTH = 4;
const LABEL_SHIFT = 12;
const BOTTOM_OF_STACK = 0x100;

/** Keeps the outermost label and decodes the IP packet behind the stack. */
export function decodeMpls(view: DataView, from: number, end: number, wireEnd: number, level: Level, d: Decoded): void {
  let at = from;
  let entry = 0;
  do {
    if (end - at < ENTRY_LENGTH) {
      return stopDecoding(d, wireEnd - at < ENTRY_LENGTH ? STOP.ShortMpls : STOP.TruncatedMpls, at, 0);
    }
    entry = view.getInt32(at);
    if (level.mplsLabel === NONE) level.mplsLabel = entry >>> LABEL_SHIFT;
    at += ENTRY_LENGTH;
  } while ((entry & BOTTOM_OF_STACK) === 0);
  const version = ipVersion(view, at, end);
  if (version === 4) return decodeIpv4(view, at, end, wireEnd, level, d);
  if (version === 6) return decodeIpv6(view, at, end, wireEnd, level, d);
  if (at < end) return stopDecoding(d, STOP.MplsPayloadNotDecoded, at, version);
  stopDecoding(d, at < wireEnd ? STOP.TruncatedMpls : STOP.ShortMpls, at, 0);
}
