/**
 * Why a packet was not decoded to the end, as numbers. What each means for people is in stop-description.ts.
 *
 * A header that does not fit is `Truncated…` if it was on the wire but not captured (snaplen: normal), and `Short…` if the
 * lengths around it leave no room for it (malformed). Numbers are stable: reports and partial results carry them.
 */
import type { Decoded } from './decoded.js';

export const STOP = {
  None: 0,

  TruncatedLink: 1,
  TruncatedVlan: 2,
  TruncatedLlc: 3,
  TruncatedMpls: 4,
  TruncatedPpp: 5,
  TruncatedNflog: 6,
  TruncatedArp: 7,
  TruncatedIpv4: 8,
  TruncatedIpv6: 9,
  TruncatedExtension: 10,
  TruncatedTcp: 11,
  TruncatedUdp: 12,
  TruncatedSctp: 13,
  TruncatedIcmp: 14,
  TruncatedGre: 15,
  TruncatedGeneve: 16,
  TruncatedNsh: 17,
  TruncatedVxlan: 18,

  ShortLink: 31,
  ShortVlan: 32,
  ShortLlc: 33,
  ShortMpls: 34,
  ShortPpp: 35,
  ShortNflog: 36,
  ShortArp: 37,
  ShortIpv4: 38,
  ShortIpv6: 39,
  ShortExtension: 40,
  ShortTcp: 41,
  ShortUdp: 42,
  ShortSctp: 43,
  ShortIcmp: 44,
  ShortGre: 45,
  ShortGeneve: 46,
  ShortNsh: 47,
  BadIpVersion: 60,
  BadIpv4HeaderLength: 61,
  BadIpv4TotalLength: 62,
  BadTcpHeaderLength: 63,
  BadUdpLength: 64,
  BadSctpChunkLength: 65,
  BadNflogLength: 66,
  BadNshLength: 67,
  TransportSplitByFragmentation: 68,
  NflogWithoutPayload: 69,

  LinkTypeNotDecoded: 80,
  EtherTypeNotDecoded: 81,
  IpProtocolNotDecoded: 82,
  LlcNotDecoded: 83,
  PppProtocolNotDecoded: 84,
  AddressFamilyNotDecoded: 85,
  MplsPayloadNotDecoded: 86,
  GreVersionNotDecoded: 87,
  GreRoutingNotDecoded: 88,
  NextProtocolNotDecoded: 89,
  ArpTypeNotDecoded: 90,
  PppoeCodeNotDecoded: 91,

  TunnelTooDeep: 100,

  IpLengthZero: 110,
  IpLengthBeyondFrame: 111,
  UdpLengthZero: 112,
  UdpLengthBeyondIp: 113,
  NotVxlan: 114,
  VxlanReservedBits: 115,
  NotGeneve: 116,
  NotVxlanGpe: 117,
  BadJumboLength: 118,
} as const;

/** Ends decoding of this packet at byte `at`; the decoder returns right after. */
export function stopDecoding(d: Decoded, code: number, at: number, value: number): void {
  d.stop = code;
  d.stopAt = at;
  d.stopLevel = d.depth > 0 ? d.depth - 1 : 0;
  d.stopValue = value;
}

/** Notes an oddity (the first one of a packet is kept) and lets decoding go on. */
export function noteOddity(d: Decoded, code: number): void {
  if (d.oddity === 0) d.oddity = code;
}
