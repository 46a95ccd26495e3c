/** Names of the transport protocols that reports speak of. */
import type { TransportProtocol } from '../inventory/inventory.js';

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_SCTP = 132;

/** `TCP`, `UDP`, …; `IP protocol 47` for what has no name here. WireGuard is UDP whose payload says so. */
export function protocolName(protocol: number, isWireguard: boolean): string {
  switch (protocol) {
    case PROTOCOL_TCP:
      return 'TCP';
    case PROTOCOL_UDP:
      return isWireguard ? 'WireGuard' : 'UDP';
    case PROTOCOL_SCTP:
      return 'SCTP';
    case PROTOCOL_ICMP:
      return 'ICMP';
    case PROTOCOL_ICMPV6:
      return 'ICMPv6';
    default:
      return `IP protocol ${protocol}`;
  }
}

/** The protocol as the inventory knows it, or null for those without ports. */
export function transportOf(protocol: number): TransportProtocol | null {
  if (protocol === PROTOCOL_TCP) return 'TCP';
  if (protocol === PROTOCOL_UDP) return 'UDP';
  return protocol === PROTOCOL_SCTP ? 'SCTP' : null;
}

export function hasPorts(protocol: number): boolean {
  return transportOf(protocol) !== null;
}
