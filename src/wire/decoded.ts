/**
 * What decoding one packet yields: one `Decoded`, reused for every packet and valid until the next `decode`.
 *
 * A packet is a stack of levels, outermost first. A level is one network header (IPv4, IPv6 or ARP) with what led to it
 * (tunnel, VLAN tags, MPLS label) and the transport header behind it. A plain packet has one level, a VXLAN packet two.
 * All fields are numbers; `NONE` (-1) means "not there". Offsets are bytes from the start of the chunk's DataView.
 * Addresses, sequence numbers and other 32-bit values are int32 (use `>>> 0` only where a human will read them).
 */

export const NONE = -1;

/** Levels beyond this are not decoded; the packet stops with STOP.TunnelTooDeep. */
export const MAX_LEVELS = 8;

/** How a level is carried by the one outside it. */
export const ENCAPSULATION = {
  None: 0,
  Vxlan: 1,
  VxlanGpe: 2,
  Geneve: 3,
  Gre: 4,
  /** IPv4 in IPv4 (protocol 4, RFC 2003). */
  IpInIp: 5,
  /** IPv6 in IPv4 (protocol 41, RFC 4213). */
  SixInFour: 6,
  /** IPv4 in IPv6 (RFC 2473). */
  FourInSix: 7,
  /** IPv6 in IPv6 (RFC 2473). */
  SixInSix: 8,
} as const;

/** What a level's transport header was decoded as. */
export const TRANSPORT = {
  /** Not decoded: other protocol, not the first fragment, or damaged (see stop). */
  None: 0,
  Tcp: 1,
  Udp: 2,
  Sctp: 3,
  Icmp: 4,
  Icmpv6: 5,
} as const;

export const NETWORK_NONE = 0;
export const NETWORK_IPV4 = 4;
export const NETWORK_IPV6 = 6;
export const NETWORK_ARP = 8;

export class Level {
  encapsulation: number = ENCAPSULATION.None;
  /** VNI (24 bits), GRE key (int32), or NONE. */
  tunnelId = NONE;
  /** 802.1Q/802.1ad tags in front of this level's network header (0..): count, and ids of the outermost three or NONE. */
  vlanCount = 0;
  vlan0 = NONE;
  vlan1 = NONE;
  vlan2 = NONE;
  /** Outermost MPLS label in front of the network header, or NONE. */
  mplsLabel = NONE;

  /** NETWORK_NONE, NETWORK_IPV4, NETWORK_IPV6 or NETWORK_ARP. */
  network = NETWORK_NONE;
  networkAt = NONE;
  /** Bytes of the IP packet on the wire, header included: from the IP header, or from the frame where that says 0 (GSO, BIG TCP). */
  networkLength = 0;
  /** Address words; for IPv4 only word 3 is used and words 0..2 are 0. For ARP: sender and target protocol address. */
  source0 = 0;
  source1 = 0;
  source2 = 0;
  source3 = 0;
  destination0 = 0;
  destination1 = 0;
  destination2 = 0;
  destination3 = 0;
  /** Final protocol number behind IPv6 extension headers (the header where it stopped, if it did); NONE for ARP. */
  protocol = NONE;
  hopLimit = NONE;
  /** IPv4 identification; NONE for IPv6. */
  identification = NONE;
  /** 1 if the packet is a fragment (IPv4 MF or offset, IPv6 fragment header that is not atomic), else 0. */
  isFragment = 0;
  fragmentOffset = 0;
  moreFragments = 0;
  /** Identification of the datagram that the fragment belongs to (IPv4 16 bits, IPv6 int32). */
  fragmentId = 0;

  transport: number = TRANSPORT.None;
  /** Start of the transport header or of the fragment's data; NONE if not reached. */
  transportAt = NONE;
  /** Bytes of transport header and payload on the wire. */
  transportLength = 0;
  /** Known as soon as four bytes of a TCP, UDP or SCTP header are captured, even if `transport` stays None. */
  sourcePort = NONE;
  destinationPort = NONE;
  /** Start of the payload behind the transport header. */
  payloadAt = NONE;
  /** Payload bytes on the wire, by the headers' lengths; 0 where unknown. */
  payloadLength = 0;
  /**
   * How many of them were captured, from payloadAt on; payloadAt + payloadCaptured never lies behind the captured bytes.
   * SCTP: payloadLength is the sum of user data over all captured DATA chunks, payloadAt and payloadCaptured are those of
   * the first one. Not decoded protocols and later fragments: everything behind the IP header.
   */
  payloadCaptured = 0;

  /** TCP only. Flags are the low byte (FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128). */
  sequence = 0;
  acknowledgement = 0;
  tcpFlags = 0;
  /** As in the header, not scaled. */
  window = 0;
  tcpHeaderLength = 0;

  /** ICMP and ICMPv6 only. Identifier and sequence of echo messages, else NONE. */
  icmpType = NONE;
  icmpCode = NONE;
  icmpIdentifier = NONE;
  icmpSequence = NONE;
  /** Start of the IP header that an ICMP error quotes, or NONE. */
  quotedAt = NONE;

  /** SCTP only: verification tag and the type of the first chunk (NONE if not captured). */
  verificationTag = 0;
  chunkType = NONE;

  /** ARP only: operation (1 request, 2 reply, …). */
  arpOperation = NONE;

  /** Set by the flow table, never by wire: the flow, and the packet's direction in it (0 = from endpoint A). */
  flowId = NONE;
  flowDirection = 0;
}

/** WireGuard message types (protocol page, "First Message" etc.). */
export const WIREGUARD = { Initiation: 1, Response: 2, CookieReply: 3, TransportData: 4 } as const;

export class Decoded {
  /** MAX_LEVELS preallocated levels, of which the first `depth` are filled. */
  readonly levels: readonly Level[];
  depth = 0;

  /** Link layer of the outermost frame: upper 16 and lower 32 bits of the MAC addresses, 0 where the link type has none. */
  sourceMacHigh = 0;
  sourceMacLow = 0;
  destinationMacHigh = 0;
  destinationMacLow = 0;
  /** Linux cooked capture packet type (0 to us, 1 broadcast, 2 multicast, 3 to someone else, 4 sent by us), or NONE. */
  packetType = NONE;
  /** SLL2 interface index, or NONE. */
  interfaceIndex = NONE;

  /** 1 if the packet came with NFLOG's attributes. */
  isNflog = 0;
  /** NFLOG: prefix bytes (offset, length without NUL), interface indexes, hook; NONE where absent. */
  nflogPrefixAt = NONE;
  nflogPrefixLength = 0;
  nflogInIndex = NONE;
  nflogOutIndex = NONE;
  /** The bridge's ports, where the packet crossed a bridge. */
  nflogPhysicalInIndex = NONE;
  nflogPhysicalOutIndex = NONE;
  nflogHook = NONE;

  /** WireGuard message in the innermost UDP payload: type or NONE, indexes, 64-bit counter as two int32. */
  wireguardType = NONE;
  wireguardSender = 0;
  wireguardReceiver = 0;
  wireguardCounterHigh = 0;
  wireguardCounterLow = 0;

  /** Why decoding ended early: a STOP number (0 = it did not), with the offset and the level. */
  stop = 0;
  stopAt = NONE;
  stopLevel = 0;
  /** What the stop is about: the link type, EtherType, IP protocol, version or length that was met; 0 where there is none. */
  stopValue = 0;
  /** First oddity that did not end decoding: a STOP number of kind `oddity`, or 0. */
  oddity = 0;

  /** Hand-over from a tunnel's header to the loop in decode.ts; no meaning after decode(). */
  innerAt = NONE;
  innerEncapsulation: number = ENCAPSULATION.None;
  innerTunnelId = NONE;

  constructor() {
    const levels: Level[] = [];
    for (let i = 0; i < MAX_LEVELS; i++) levels.push(new Level());
    this.levels = levels;
  }
}

/** Sets everything but the levels back to its initial value; what few packets set only after one that did. */
export function resetPacket(d: Decoded): void {
  d.depth = 0;
  d.sourceMacHigh = 0;
  d.sourceMacLow = 0;
  d.destinationMacHigh = 0;
  d.destinationMacLow = 0;
  d.packetType = NONE;
  d.interfaceIndex = NONE;
  if (d.isNflog === 1) resetNflog(d);
  if (d.wireguardType !== NONE) resetWireguard(d);
  if (d.stop !== 0) resetStop(d);
  d.oddity = 0;
}

function resetNflog(d: Decoded): void {
  d.isNflog = 0;
  d.nflogPrefixAt = NONE;
  d.nflogPrefixLength = 0;
  d.nflogInIndex = NONE;
  d.nflogOutIndex = NONE;
  d.nflogPhysicalInIndex = NONE;
  d.nflogPhysicalOutIndex = NONE;
  d.nflogHook = NONE;
}

function resetWireguard(d: Decoded): void {
  d.wireguardType = NONE;
  d.wireguardSender = 0;
  d.wireguardReceiver = 0;
  d.wireguardCounterHigh = 0;
  d.wireguardCounterLow = 0;
}

function resetStop(d: Decoded): void {
  d.stop = 0;
  d.stopAt = NONE;
  d.stopLevel = 0;
  d.stopValue = 0;
}

/** Sets every field of a level but its encapsulation back to its initial value; groups of fields that few levels set only after one that did. */
export function resetLevel(level: Level): void {
  resetRareFields(level);
  level.network = NETWORK_NONE;
  level.networkAt = NONE;
  level.networkLength = 0;
  level.source3 = 0;
  level.destination3 = 0;
  level.protocol = NONE;
  level.hopLimit = NONE;
  level.identification = NONE;
  level.transport = TRANSPORT.None;
  level.transportAt = NONE;
  level.transportLength = 0;
  level.sourcePort = NONE;
  level.destinationPort = NONE;
  level.payloadAt = NONE;
  level.payloadLength = 0;
  level.payloadCaptured = 0;
  level.sequence = 0;
  level.acknowledgement = 0;
  level.tcpFlags = 0;
  level.window = 0;
  level.tcpHeaderLength = 0;
  level.flowId = NONE;
}

/** Sets the fields back that an IPv4 packet with TCP or UDP has not, given what the level holds. */
export function resetRareFields(level: Level): void {
  if (level.vlanCount !== 0 || level.mplsLabel !== NONE) resetTags(level);
  if (level.network !== NETWORK_IPV4) resetAddresses(level);
  if (level.isFragment !== 0) resetFragment(level);
  if (level.transport !== TRANSPORT.Tcp && level.transport !== TRANSPORT.Udp) resetRareTransports(level);
}

function resetTags(level: Level): void {
  level.vlanCount = 0;
  level.vlan0 = NONE;
  level.vlan1 = NONE;
  level.vlan2 = NONE;
  level.mplsLabel = NONE;
}

/** What IPv6 and ARP set and IPv4 does not. */
function resetAddresses(level: Level): void {
  level.source0 = 0;
  level.source1 = 0;
  level.source2 = 0;
  level.destination0 = 0;
  level.destination1 = 0;
  level.destination2 = 0;
  level.arpOperation = NONE;
}

function resetFragment(level: Level): void {
  level.isFragment = 0;
  level.fragmentOffset = 0;
  level.moreFragments = 0;
  level.fragmentId = 0;
}

/** What ICMP and SCTP set, also where their headers were cut and `transport` stayed None. */
function resetRareTransports(level: Level): void {
  level.icmpType = NONE;
  level.icmpCode = NONE;
  level.icmpIdentifier = NONE;
  level.icmpSequence = NONE;
  level.quotedAt = NONE;
  level.verificationTag = 0;
  level.chunkType = NONE;
}
