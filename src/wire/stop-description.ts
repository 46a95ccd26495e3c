/**
 * What each STOP number means: a stable name, its kind, and a sentence for people. Not on the hot path.
 *
 * Kinds: `truncated`: the capture kept too few bytes (snaplen), which is normal. `malformed`: the bytes contradict each
 * other or the specification. `not-decoded`: fine, but not something podtrail decodes. `limit`: a limit of podtrail.
 * `oddity`: worth counting, decoding went on (Zeek calls them weirds).
 */
import { STOP } from './stop.js';

export type StopKind = 'truncated' | 'malformed' | 'not-decoded' | 'limit' | 'oddity';

export interface StopDescription {
  readonly code: number;
  /** Kebab-case, stable. */
  readonly name: string;
  readonly kind: StopKind;
  /** For people; `{value}` stands for the packet's stopValue. */
  readonly sentence: string;
}

const cut = 'was cut off by the snapshot length of the capture.';
const noRoom = 'does not fit into the length that the header in front of it gives.';

const DESCRIPTIONS: readonly StopDescription[] = [
  truncated(STOP.TruncatedLink, 'link-header', 'The link-layer header'),
  truncated(STOP.TruncatedVlan, 'vlan-tag', 'A VLAN tag'),
  truncated(STOP.TruncatedLlc, 'llc-header', 'The LLC/SNAP header'),
  truncated(STOP.TruncatedMpls, 'mpls', 'The MPLS label stack'),
  truncated(STOP.TruncatedPpp, 'ppp-header', 'The PPP header'),
  truncated(STOP.TruncatedNflog, 'nflog-header', 'The NFLOG header'),
  truncated(STOP.TruncatedArp, 'arp', 'The ARP packet'),
  truncated(STOP.TruncatedIpv4, 'ipv4-header', 'The IPv4 header'),
  truncated(STOP.TruncatedIpv6, 'ipv6-header', 'The IPv6 header'),
  truncated(STOP.TruncatedExtension, 'extension-header', 'An IP extension header'),
  truncated(STOP.TruncatedTcp, 'tcp-header', 'The TCP header'),
  truncated(STOP.TruncatedUdp, 'udp-header', 'The UDP header'),
  truncated(STOP.TruncatedSctp, 'sctp-header', 'The SCTP header'),
  truncated(STOP.TruncatedIcmp, 'icmp-header', 'The ICMP header'),
  truncated(STOP.TruncatedGre, 'gre-header', 'The GRE header'),
  truncated(STOP.TruncatedGeneve, 'geneve-header', 'The Geneve header'),
  truncated(STOP.TruncatedNsh, 'nsh-header', 'The network service header'),
  truncated(STOP.TruncatedVxlan, 'vxlan-header', 'The VXLAN header'),

  short(STOP.ShortLink, 'link-header', 'The frame is shorter than its link-layer header.'),
  short(STOP.ShortVlan, 'vlan-tag', `A VLAN tag ${noRoom}`),
  short(STOP.ShortLlc, 'llc-header', `The LLC/SNAP header ${noRoom}`),
  short(STOP.ShortMpls, 'mpls', `The MPLS label stack ${noRoom}`),
  short(STOP.ShortPpp, 'ppp-header', `The PPP header ${noRoom}`),
  short(STOP.ShortNflog, 'nflog-header', 'The record is shorter than its NFLOG header.'),
  short(STOP.ShortArp, 'arp', `The ARP packet ${noRoom}`),
  short(STOP.ShortIpv4, 'ipv4-header', `The IPv4 header ${noRoom}`),
  short(STOP.ShortIpv6, 'ipv6-header', `The IPv6 header ${noRoom}`),
  short(STOP.ShortExtension, 'extension-header', `An IP extension header ${noRoom}`),
  short(STOP.ShortTcp, 'tcp-header', `The TCP header ${noRoom}`),
  short(STOP.ShortUdp, 'udp-header', `The UDP header ${noRoom}`),
  short(STOP.ShortSctp, 'sctp-header', `The SCTP header ${noRoom}`),
  short(STOP.ShortIcmp, 'icmp-header', `The ICMP header ${noRoom}`),
  short(STOP.ShortGre, 'gre-header', `The GRE header ${noRoom}`),
  short(STOP.ShortGeneve, 'geneve-header', `The Geneve header ${noRoom}`),
  short(STOP.ShortNsh, 'nsh-header', `The network service header ${noRoom}`),
  malformed(STOP.BadIpVersion, 'bad-ip-version', 'The IP version is {value}, which does not belong there.'),
  malformed(
    STOP.BadIpv4HeaderLength,
    'bad-ipv4-header-length',
    'The IPv4 header length is {value}, less than 20 bytes.',
  ),
  malformed(
    STOP.BadIpv4TotalLength,
    'bad-ipv4-total-length',
    'The IPv4 total length is {value}, less than the length of the header.',
  ),
  malformed(
    STOP.BadTcpHeaderLength,
    'bad-tcp-header-length',
    'The TCP header length is {value}, less than 20 bytes or more than the segment has.',
  ),
  malformed(STOP.BadUdpLength, 'bad-udp-length', 'The UDP length is {value}, less than the 8 bytes of its header.'),
  malformed(
    STOP.BadSctpChunkLength,
    'bad-sctp-chunk-length',
    'An SCTP chunk length is {value}, less than the chunk header or more than the packet has.',
  ),
  malformed(
    STOP.BadNflogLength,
    'bad-nflog-length',
    'An NFLOG attribute length is {value}, less than the attribute header or more than the record has.',
  ),
  malformed(STOP.BadNshLength, 'bad-nsh-length', 'The network service header gives its length as {value} bytes.'),
  malformed(
    STOP.TransportSplitByFragmentation,
    'transport-split-by-fragmentation',
    'The first fragment is too small to hold the transport header.',
  ),
  malformed(STOP.NflogWithoutPayload, 'nflog-without-payload', 'The NFLOG message holds no packet.'),

  notDecoded(STOP.LinkTypeNotDecoded, 'link-type-not-decoded', 'Link type {value} is not decoded.'),
  notDecoded(STOP.EtherTypeNotDecoded, 'ethertype-not-decoded', 'EtherType {value} is not decoded.'),
  notDecoded(STOP.IpProtocolNotDecoded, 'ip-protocol-not-decoded', 'IP protocol {value} is not decoded.'),
  notDecoded(STOP.LlcNotDecoded, 'llc-not-decoded', 'IEEE 802.2 LLC with destination SAP {value} is not decoded.'),
  notDecoded(STOP.PppProtocolNotDecoded, 'ppp-protocol-not-decoded', 'PPP protocol {value} is not decoded.'),
  notDecoded(STOP.AddressFamilyNotDecoded, 'address-family-not-decoded', 'Address family {value} is not decoded.'),
  notDecoded(
    STOP.MplsPayloadNotDecoded,
    'mpls-payload-not-decoded',
    'What follows the MPLS labels begins with {value}: neither IPv4 nor IPv6.',
  ),
  notDecoded(STOP.GreVersionNotDecoded, 'gre-version-not-decoded', 'GRE version {value} (1 is PPTP) is not decoded.'),
  notDecoded(STOP.GreRoutingNotDecoded, 'gre-routing-not-decoded', 'GRE with source routing is not decoded.'),
  notDecoded(
    STOP.NextProtocolNotDecoded,
    'next-protocol-not-decoded',
    'Next protocol {value} of VXLAN-GPE or NSH is not decoded.',
  ),
  notDecoded(STOP.ArpTypeNotDecoded, 'arp-type-not-decoded', 'ARP for protocol {value} is not decoded.'),
  notDecoded(STOP.PppoeCodeNotDecoded, 'pppoe-code-not-decoded', 'PPPoE code {value} is not decoded.'),

  {
    code: STOP.TunnelTooDeep,
    name: 'tunnel-too-deep',
    kind: 'limit',
    sentence: 'More tunnels are nested than podtrail follows.',
  },

  oddity(
    STOP.IpLengthZero,
    'ip-length-zero',
    'The IP length is 0 (GSO or BIG TCP): the length of the frame was taken.',
  ),
  oddity(STOP.IpLengthBeyondFrame, 'ip-length-beyond-frame', 'The IP length is larger than the frame that carries it.'),
  oddity(STOP.UdpLengthZero, 'udp-length-zero', 'The UDP length is 0 (GSO or BIG TCP): the IP length was taken.'),
  oddity(STOP.UdpLengthBeyondIp, 'udp-length-beyond-ip', 'The UDP length is larger than the IP packet.'),
  oddity(
    STOP.NotVxlan,
    'not-vxlan',
    'A packet to a VXLAN port is not VXLAN: its flags or its inner frame make no sense.',
  ),
  oddity(STOP.VxlanReservedBits, 'vxlan-reserved-bits', 'Reserved bits of a VXLAN header are set.'),
  oddity(STOP.NotGeneve, 'not-geneve', 'A packet to the Geneve port is not Geneve version 0.'),
  oddity(STOP.NotVxlanGpe, 'not-vxlan-gpe', 'A packet to the VXLAN-GPE port is not VXLAN-GPE version 0.'),
  oddity(STOP.BadJumboLength, 'bad-jumbo-length', 'The IPv6 jumbo payload length does not fit the frame.'),
];

/** The description of a STOP number other than 0; null for numbers that are not in the list. @cold for reports */
export function describeStop(code: number): StopDescription | null {
  return DESCRIPTIONS.find((description) => description.code === code) ?? null;
}

/** Every description, by ascending number. */
export function stopDescriptions(): readonly StopDescription[] {
  return DESCRIPTIONS;
}

/** The sentence for people, with the packet's stopValue filled in (EtherTypes and PPP protocols in hexadecimal). @cold for reports */
export function stopSentence(code: number, value: number): string {
  const description = describeStop(code);
  if (description === null) return `Decoding stopped with unknown code ${code}.`;
  const isHex = code === STOP.EtherTypeNotDecoded || code === STOP.PppProtocolNotDecoded || code === STOP.LlcNotDecoded;
  return description.sentence.replace('{value}', isHex ? `0x${value.toString(16).padStart(4, '0')}` : String(value));
}

/** @cold once, for the table */
function truncated(code: number, what: string, subject: string): StopDescription {
  return { code, name: `truncated-${what}`, kind: 'truncated', sentence: `${subject} ${cut}` };
}

/** @cold once, for the table */
function short(code: number, what: string, sentence: string): StopDescription {
  return { code, name: `short-${what}`, kind: 'malformed', sentence };
}

/** @cold once, for the table */
function malformed(code: number, name: string, sentence: string): StopDescription {
  return { code, name, kind: 'malformed', sentence };
}

/** @cold once, for the table */
function notDecoded(code: number, name: string, sentence: string): StopDescription {
  return { code, name, kind: 'not-decoded', sentence };
}

/** @cold once, for the table */
function oddity(code: number, name: string, sentence: string): StopDescription {
  return { code, name, kind: 'oddity', sentence };
}
