/**
 * Every difference that remains between podtrail and tshark 4.0.17 on the captures of other projects, once definitions are aligned
 * (tuples.ts, survey.ts). Each was looked at in the packets. The lines must be exactly those that the comparison gives: a
 * difference that goes away is to be taken out here.
 */

export interface Accepted {
  /** As the comparison prints them; whatever is empty is not listed. */
  readonly lines: readonly string[];
  /** Who is nearer to what was on the wire. */
  readonly right: 'podtrail' | 'tshark' | 'both';
  readonly why: string;
}

export const ACCEPTED_FLOW_DIFFERENCES: ReadonlyMap<string, Accepted> = new Map([
  [
    'flowtest__ipv6-routing-header.pcap',
    {
      lines: [
        'tcp fc00:2:0:1::1/8080 fc00:2:0:2::1/43424: tshark 0+6 packets of 0+617 bytes then 4+0 packets of 823+0 bytes, podtrail 4+6 packets of 823+617 bytes',
      ],
      right: 'podtrail',
      why: 'The answers carry a segment routing header whose first segment is fc00:2:0:6::1. It is one TCP handshake (SYN, SYN-ACK, ACK agree in their numbers): the key is the final destination, as in the checksum (RFC 8200 section 8.1). tshark starts a second stream for the answers although it shows the final destination in its column.',
    },
  ],
  [
    'tcpdump__bigtcp-ipv4-vxlan-ipv4.pcap',
    {
      lines: ['tcp 192.168.1.1/36449 192.168.1.2/36875: tshark nothing, podtrail 0+1 packets of 0+80116 bytes'],
      right: 'podtrail',
      why: 'A BIG TCP super-frame of 80116 bytes: IPv4 total length and UDP length are 0 because 16 bits cannot hold them. This tshark calls that malformed and stops; podtrail takes the lengths from the frame.',
    },
  ],
  [
    'tcpdump__erspan-type-ii-2.pcap',
    {
      lines: [
        'udp 10.200.100.2/1985 224.0.0.102/1985: tshark 4+0 packets of 576+0 bytes, podtrail nothing',
        'udp 10.200.100.3/1985 224.0.0.102/1985: tshark 4+0 packets of 576+0 bytes, podtrail nothing',
        'udp 10.200.101.2/1985 224.0.0.2/1985: tshark 4+0 packets of 448+0 bytes, podtrail nothing',
        'udp 10.200.101.3/1985 224.0.0.2/1985: tshark 4+0 packets of 448+0 bytes, podtrail nothing',
      ],
      right: 'tshark',
      why: 'ERSPAN in GRE (protocol type 0x88be) is not decoded: the GRE flow stands, its content is an oddity.',
    },
  ],
  [
    'zeek__gre-over-udp-4754.pcap',
    {
      lines: [
        'tcp 172.17.0.2/36518 192.0.78.150/80: tshark 6+4 packets of 608+735 bytes, podtrail nothing',
        'udp 1.1.1.1/53 172.17.0.2/51714: tshark 2+2 packets of 319+200 bytes, podtrail nothing',
      ],
      right: 'tshark',
      why: 'GRE in UDP (RFC 8086, port 4754) is not decoded; the outer UDP flow stands.',
    },
  ],
  [
    'zeek__gre-pptp.pcap',
    {
      lines: ['udp 172.16.44.3/40768 8.8.8.8/53: tshark 1+1 packets of 197+268 bytes, podtrail nothing'],
      right: 'tshark',
      why: "The DNS messages are in PPP in enhanced GRE (version 1, PPTP's, RFC 2637), which is not decoded.",
    },
  ],
  [
    'zeek__gtp1_gn_normal_incl_fragmentation.pcap',
    {
      lines: ['tcp 10.131.47.185/1923 79.101.110.141/80: tshark 27+45 packets of 4538+60140 bytes, podtrail nothing'],
      right: 'tshark',
      why: "GTP (port 2152, mobile networks) is not decoded, and its content is whole only after reassembly, which podtrail does not do. The outer UDP flow, fragments included, equals tshark's.",
    },
  ],
  [
    'zeek__radiotap.pcap',
    {
      lines: [
        'udp 172.17.156.76/61738 208.67.220.220/53: tshark 1+1 packets of 149+242 bytes, podtrail nothing',
        'udp fe80::a667:6ff:fef7:ec54/5353 ff02::fb/5353: tshark 1+0 packets of 389+0 bytes, podtrail nothing',
      ],
      right: 'tshark',
      why: 'IEEE 802.11 with radiotap (link type 127) is not decoded; its three packets are counted as such.',
    },
  ],
]);

export const ACCEPTED_SURVEY_DIFFERENCES: ReadonlyMap<string, Accepted> = new Map([
  [
    'tcpdump__802.1ad_QinQ.pcap',
    {
      lines: ['vlanIds 200: tshark 0 packets, podtrail 2'],
      right: 'podtrail',
      why: "Outer tag 200 (802.1ad), inner tag 2001. tshark's column vlan.id holds tags of 802.1Q only; it shows 802.1ad's in ieee8021ad.id.",
    },
  ],
  [
    'tcpdump__bigtcp-ipv4-vxlan-ipv4.pcap',
    {
      lines: ['vxlanVnis 5001: tshark 0 packets, podtrail 1'],
      right: 'podtrail',
      why: 'As in the flows: behind a UDP length of 0 this tshark does not look for VXLAN.',
    },
  ],
  [
    'tcpdump__erspan-type-iii-ft-0.pcap',
    {
      lines: ['vlanIds 20: tshark 9 packets, podtrail 0'],
      right: 'tshark',
      why: 'The tag is that of the mirrored frame, in ERSPAN type III (GRE protocol type 0x22eb), which is not decoded.',
    },
  ],
  [
    'tcpdump__various_gre.pcap',
    {
      lines: ['greKeys 40: tshark 38 packets, podtrail 30'],
      right: 'tshark',
      why: 'Eight packets have a second GRE header behind Cisco MetaData (EtherType 0x8909), which is not decoded; tshark counts the keys of both.',
    },
  ],
  [
    'wireshark__wireguard-ping-tcp-dsb.pcapng',
    {
      lines: ['fragments IPv4, first: tshark 1 packets, podtrail 0', 'fragments IPv4: tshark 1 packets, podtrail 0'],
      right: 'both',
      why: 'The fragment is inside WireGuard; tshark decrypts with the keys in the capture, podtrail never does.',
    },
  ],
  [
    'zeek__ipv6-http-atomic-frag.pcap',
    {
      lines: ['fragments IPv6: tshark 5 packets, podtrail 0'],
      right: 'both',
      why: 'Five atomic fragments (RFC 6946): a fragment header with offset 0 and no more fragments, on a whole packet. tshark counts headers, podtrail fragments.',
    },
  ],
]);
