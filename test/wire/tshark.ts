/**
 * What tshark said about each frame (shared/captures/expected/*.fields.tsv.gz) and what we decoded, brought into the same
 * form: per column the list of values of all layers, outermost first.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { formatIpv4, formatIpv6, formatMac } from '../../src/base/address.js';
import {
  type Decoded,
  ENCAPSULATION,
  type Level,
  NETWORK_ARP,
  NETWORK_IPV4,
  NETWORK_IPV6,
  NONE,
  TRANSPORT,
} from '../../src/wire/decoded.js';
import { IP_PROTOCOL } from '../../src/wire/ip-payload.js';

/** Column name to values, as text. */
export type Columns = Map<string, string[]>;

const TO_DECIMAL = new Set([
  'ip.id',
  'ipv6.fraghdr.ident',
  'sctp.verification_tag',
  'geneve.vni',
  'gre.key',
  'wg.sender',
  'wg.receiver',
]);

/** Columns that are compared. */
export const COMPARED = [
  'eth.src',
  'eth.dst',
  'vlan.id',
  'sll.pkttype',
  'sll.ifindex',
  'arp.opcode',
  'arp.src.proto_ipv4',
  'arp.dst.proto_ipv4',
  'ip.src',
  'ip.dst',
  'ip.proto',
  'ip.id',
  'ip.len',
  'ip.ttl',
  'ip.flags.mf',
  'ip.frag_offset',
  'ipv6.src',
  'ipv6.dst',
  'ipv6.hlim',
  'ipv6.plen',
  'ipv6.fraghdr.ident',
  'ipv6.fraghdr.offset',
  'ipv6.fraghdr.more',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.len',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.flags',
  'tcp.window_size_value',
  'udp.srcport',
  'udp.dstport',
  'udp.length',
  'sctp.srcport',
  'sctp.dstport',
  'sctp.verification_tag',
  'sctp.chunk_type',
  'icmp.type',
  'icmp.code',
  'icmpv6.type',
  'icmpv6.code',
  'vxlan.vni',
  'geneve.vni',
  'gre.key',
  'wg.type',
  'wg.sender',
  'wg.receiver',
  'wg.counter',
  'mpls.label',
] as const;

export interface TsharkFrame {
  readonly number: number;
  /** Layers, as in `eth:ethertype:ip:udp`. */
  readonly protocols: readonly string[];
  readonly columns: Columns;
}

/** The rows of a fields.tsv.gz. */
export function readFrames(path: string): TsharkFrame[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  const names = lines[0]!.split('\t');
  return lines
    .slice(1)
    .filter(Boolean)
    .map((line) => frameOf(names, line.split('\t')));
}

function frameOf(names: readonly string[], cells: readonly string[]): TsharkFrame {
  const columns: Columns = new Map();
  names.forEach((name, i) => {
    const cell = cells[i] ?? '';
    columns.set(name, cell === '' ? [] : cell.split('|').map((value) => normalize(name, value)));
  });
  return {
    number: Number(columns.get('frame.number')![0]),
    protocols: columns.get('frame.protocols')![0]?.split(':') ?? [],
    columns,
  };
}

function normalize(name: string, value: string): string {
  if (name === 'tcp.flags') return String(Number(value) & 0xff);
  return TO_DECIMAL.has(name) ? String(Number(value)) : value;
}

/** The same columns from what was decoded; `quoted` is the packet in an ICMP error, or null. */
export function columnsOf(d: Decoded, quoted: Decoded | null): Columns {
  const columns: Columns = new Map(COMPARED.map((name) => [name, []]));
  const add = (name: (typeof COMPARED)[number], value: number | string): void => {
    columns.get(name)!.push(String(value));
  };
  if ((d.sourceMacHigh | d.sourceMacLow) !== 0) add('eth.src', formatMac(d.sourceMacHigh, d.sourceMacLow));
  if ((d.destinationMacHigh | d.destinationMacLow) !== 0) {
    add('eth.dst', formatMac(d.destinationMacHigh, d.destinationMacLow));
  }
  if (d.packetType !== NONE) add('sll.pkttype', d.packetType);
  if (d.interfaceIndex !== NONE) add('sll.ifindex', d.interfaceIndex);
  for (const level of d.levels.slice(0, d.depth)) addLevel(level, add);
  for (const level of quoted?.levels.slice(0, quoted.depth) ?? []) addLevel(level, add);
  const message = d.wireguardType !== NONE ? d : quoted !== null && quoted.wireguardType !== NONE ? quoted : null;
  if (message !== null) addWireguard(message, add);
  return columns;
}

type Add = (name: (typeof COMPARED)[number], value: number | string) => void;

function addLevel(level: Level, add: Add): void {
  if (level.encapsulation === ENCAPSULATION.Vxlan) add('vxlan.vni', level.tunnelId);
  if (level.encapsulation === ENCAPSULATION.VxlanGpe) add('vxlan.vni', level.tunnelId);
  if (level.encapsulation === ENCAPSULATION.Geneve) add('geneve.vni', level.tunnelId);
  if (level.encapsulation === ENCAPSULATION.Gre && level.tunnelId !== NONE) add('gre.key', level.tunnelId >>> 0);
  for (const id of [level.vlan0, level.vlan1, level.vlan2]) if (id !== NONE) add('vlan.id', id);
  if (level.mplsLabel !== NONE) add('mpls.label', level.mplsLabel);
  if (level.network === NETWORK_IPV4) addIpv4(level, add);
  if (level.network === NETWORK_IPV6) addIpv6(level, add);
  if (level.network === NETWORK_ARP) {
    add('arp.opcode', level.arpOperation);
    add('arp.src.proto_ipv4', formatIpv4(level.source3));
    add('arp.dst.proto_ipv4', formatIpv4(level.destination3));
  }
  addTransport(level, add);
}

function addIpv4(level: Level, add: Add): void {
  add('ip.src', formatIpv4(level.source3));
  add('ip.dst', formatIpv4(level.destination3));
  add('ip.proto', level.protocol);
  add('ip.id', level.identification);
  add('ip.len', level.networkLength);
  add('ip.ttl', level.hopLimit);
  add('ip.flags.mf', level.moreFragments);
  add('ip.frag_offset', level.fragmentOffset / 8);
}

function addIpv6(level: Level, add: Add): void {
  const { source0, source1, source2, source3, destination0, destination1, destination2, destination3 } = level;
  add('ipv6.src', formatIpv6(source0, source1, source2, source3));
  add('ipv6.dst', formatIpv6(destination0, destination1, destination2, destination3));
  add('ipv6.hlim', level.hopLimit);
  add('ipv6.plen', level.networkLength - 40);
  if (level.isFragment === 0) return;
  add('ipv6.fraghdr.ident', level.fragmentId >>> 0);
  add('ipv6.fraghdr.offset', level.fragmentOffset / 8);
  add('ipv6.fraghdr.more', level.moreFragments);
}

function addTransport(level: Level, add: Add): void {
  if (level.protocol === IP_PROTOCOL.Tcp && level.sourcePort !== NONE) {
    add('tcp.srcport', level.sourcePort);
    add('tcp.dstport', level.destinationPort);
  }
  if (level.protocol === IP_PROTOCOL.Udp && level.sourcePort !== NONE) {
    add('udp.srcport', level.sourcePort);
    add('udp.dstport', level.destinationPort);
  }
  if (level.protocol === IP_PROTOCOL.Sctp && level.sourcePort !== NONE) {
    add('sctp.srcport', level.sourcePort);
    add('sctp.dstport', level.destinationPort);
  }
  switch (level.transport) {
    case TRANSPORT.Tcp:
      add('tcp.len', level.payloadLength);
      add('tcp.seq_raw', level.sequence >>> 0);
      add('tcp.ack_raw', level.acknowledgement >>> 0);
      add('tcp.flags', level.tcpFlags);
      add('tcp.window_size_value', level.window);
      break;
    case TRANSPORT.Udp:
      add('udp.length', level.transportLength);
      break;
    case TRANSPORT.Sctp:
      add('sctp.verification_tag', level.verificationTag >>> 0);
      if (level.chunkType !== NONE) add('sctp.chunk_type', level.chunkType);
      break;
    case TRANSPORT.Icmp:
      add('icmp.type', level.icmpType);
      add('icmp.code', level.icmpCode);
      break;
    case TRANSPORT.Icmpv6:
      add('icmpv6.type', level.icmpType);
      add('icmpv6.code', level.icmpCode);
      break;
  }
}

function addWireguard(d: Decoded, add: Add): void {
  add('wg.type', d.wireguardType);
  if (d.wireguardType === 1 || d.wireguardType === 2) add('wg.sender', d.wireguardSender >>> 0);
  if (d.wireguardType !== 1) add('wg.receiver', d.wireguardReceiver >>> 0);
  if (d.wireguardType !== 4) return;
  const counter = (BigInt(d.wireguardCounterHigh >>> 0) << 32n) | BigInt(d.wireguardCounterLow >>> 0);
  add('wg.counter', counter.toString());
}
