/**
 * Packets for tests: hex text to bytes, builders for each header (lengths filled in, everything else as given), and a
 * decode that puts the bytes where mistakes show: behind garbage, in a view that ends exactly where the capture does.
 */
import { decode } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded } from '../../src/wire/decoded.js';

export type Bytes = readonly number[];

const GARBAGE = 0xa5;
/** Where the packet begins in the buffer. */
export const PACKET_AT = 37;

const NO_OPTIONS = new DecodeOptions();

/** Bytes of hexadecimal text; white space is ignored. */
export function hex(text: string): Bytes {
  const digits = text.replace(/\s+/g, '');
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) throw new Error(`not hexadecimal: ${text}`);
  return digits
    .replace(/../g, '$& ')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map((pair) => parseInt(pair, 16));
}

export function u16(value: number): Bytes {
  return [(value >>> 8) & 255, value & 255];
}

export function u24(value: number): Bytes {
  return [(value >>> 16) & 255, ...u16(value)];
}

export function u32(value: number): Bytes {
  return [(value >>> 24) & 255, ...u24(value)];
}

export function zeros(count: number): Bytes {
  return new Array<number>(count).fill(0);
}

/** Int32 of a dotted IPv4 address. */
export function ipv4Word(text: string): number {
  return text.split('.').reduce((word, part) => (word << 8) | Number(part), 0);
}

export interface DecodeCall {
  linkType?: number;
  /** Captured bytes, from the start of the packet; default all. */
  captured?: number;
  /** Wire length; default the number of bytes given. */
  wire?: number;
  options?: DecodeOptions;
  into?: Decoded;
  /** Bytes of garbage behind the captured ones; default 0, so that reading on throws. */
  garbageBehind?: number;
}

/** The view in which `decodeBytes` puts a packet. */
export function viewOf(bytes: Bytes, captured = bytes.length, garbageBehind = 0): DataView {
  const buffer = new Uint8Array(PACKET_AT + captured + garbageBehind).fill(GARBAGE);
  buffer.set(bytes.slice(0, captured), PACKET_AT);
  return new DataView(buffer.buffer);
}

/** Decodes `bytes` as one packet, Ethernet unless said otherwise. */
export function decodeBytes(bytes: Bytes, call: DecodeCall = {}): Decoded {
  const d = call.into ?? new Decoded();
  const captured = call.captured ?? bytes.length;
  const view = viewOf(bytes, captured, call.garbageBehind);
  decode(view, PACKET_AT, captured, call.wire ?? bytes.length, call.linkType ?? 1, call.options ?? NO_OPTIONS, d);
  return d;
}

/** What decode() filled, as a plain object: the packet's fields and those of the first `depth` levels. */
export function snapshot(d: Decoded): object {
  const { levels, innerAt: _at, innerEncapsulation: _encapsulation, innerTunnelId: _id, ...packet } = d;
  return { ...packet, levels: levels.slice(0, d.depth).map((level) => ({ ...level })) };
}

export function ethernet(type: number, payload: Bytes): Bytes {
  return [...hex('02 00 00 00 00 02  02 00 00 00 00 01'), ...u16(type), ...payload];
}

export function vlanTag(id: number, type: number, payload: Bytes): Bytes {
  return [...u16(id), ...u16(type), ...payload];
}

export interface Ipv4Fields {
  source?: string;
  destination?: string;
  protocol: number;
  totalLength?: number;
  id?: number;
  fragment?: number;
  options?: Bytes;
}

export function ipv4(fields: Ipv4Fields, payload: Bytes): Bytes {
  const options = fields.options ?? [];
  const headerLength = 20 + options.length;
  return [
    0x40 | (headerLength >> 2),
    0,
    ...u16(fields.totalLength ?? headerLength + payload.length),
    ...u16(fields.id ?? 0x1234),
    ...u16(fields.fragment ?? 0),
    64,
    fields.protocol,
    0,
    0,
    ...u32(ipv4Word(fields.source ?? '10.0.0.1')),
    ...u32(ipv4Word(fields.destination ?? '10.0.0.2')),
    ...options,
    ...payload,
  ];
}

export function ipv6(nextHeader: number, payload: Bytes, payloadLength = payload.length): Bytes {
  return [
    ...hex('60 00 00 00'),
    ...u16(payloadLength),
    nextHeader,
    64,
    ...hex('fd00 0001 0000 0000 0000 0000 0000 000a'),
    ...hex('fd00 0002 0000 0000 0000 0000 0000 000b'),
    ...payload,
  ];
}

export function tcp(payload: Bytes, options: Bytes = [], sourcePort = 40000, destinationPort = 80): Bytes {
  const headerLength = 20 + options.length;
  return [
    ...u16(sourcePort),
    ...u16(destinationPort),
    ...hex('89abcdef 01234567'),
    headerLength << 2,
    0x18,
    ...hex('faf0 0000 0000'),
    ...options,
    ...payload,
  ];
}

export function udp(sourcePort: number, destinationPort: number, payload: Bytes, length = 8 + payload.length): Bytes {
  return [...u16(sourcePort), ...u16(destinationPort), ...u16(length & 0xffff), 0, 0, ...payload];
}

export function vxlan(vni: number, frame: Bytes): Bytes {
  return [...hex('08 000000'), ...u24(vni), 0, ...frame];
}

export function geneve(vni: number, protocolType: number, inner: Bytes, options: Bytes = []): Bytes {
  return [options.length >> 2, 0, ...u16(protocolType), ...u24(vni), 0, ...options, ...inner];
}

export function gre(protocolType: number, inner: Bytes, key: number | null = null): Bytes {
  return [key === null ? 0 : 0x20, 0, ...u16(protocolType), ...(key === null ? [] : u32(key)), ...inner];
}

/** An ARP request for 10.0.0.2 from 10.0.0.1, in its frame. */
export function arp(): Bytes {
  return ethernet(0x0806, hex('0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002'));
}
