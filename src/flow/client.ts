/**
 * Who is the client: decided once, at a flow's first packet, with the reason kept.
 *
 * The handshake if it is seen (SYN, SYN-ACK, INIT, ICMP request), else DNS and well-known ports (below 1024, RFC 6335 section
 * 6: System Ports), else the lower port, else whoever sent first. The analysis may turn a decision by ports round on
 * inventory evidence.
 */
import { NONE, TRANSPORT, type Level } from '../wire/decoded.js';
import { CLIENT_REASON } from './flow-row.js';
import { ACK, SYN } from './tcp-state.js';

const DNS_PORT = 53;
const FIRST_USER_PORT = 1024;
const SCTP_INIT = 1;
const SCTP_INIT_ACK = 2;
const ICMP_ECHO_REQUEST = 8;
const ICMP_ECHO_REPLY = 0;
const ICMPV6_ECHO_REQUEST = 128;
const ICMPV6_ECHO_REPLY = 129;

/** Added to a CLIENT_REASON when the sender of this packet is the server. */
export const SENDER_IS_SERVER = 16;

/** CLIENT_REASON of this packet, plus SENDER_IS_SERVER if it was sent by the server. */
export function decideClient(level: Level): number {
  switch (level.transport) {
    case TRANSPORT.Tcp:
      if ((level.tcpFlags & SYN) !== 0) {
        return (level.tcpFlags & ACK) === 0 ? CLIENT_REASON.Syn : CLIENT_REASON.SynAck + SENDER_IS_SERVER;
      }
      return byPorts(level.sourcePort, level.destinationPort);
    case TRANSPORT.Sctp:
      if (level.chunkType === SCTP_INIT) return CLIENT_REASON.Init;
      if (level.chunkType === SCTP_INIT_ACK) return CLIENT_REASON.Init + SENDER_IS_SERVER;
      return byPorts(level.sourcePort, level.destinationPort);
    case TRANSPORT.Udp:
      return byPorts(level.sourcePort, level.destinationPort);
    case TRANSPORT.Icmp:
      if (level.icmpType === ICMP_ECHO_REQUEST) return CLIENT_REASON.IcmpRequest;
      return level.icmpType === ICMP_ECHO_REPLY
        ? CLIENT_REASON.IcmpRequest + SENDER_IS_SERVER
        : CLIENT_REASON.FirstPacket;
    case TRANSPORT.Icmpv6:
      if (level.icmpType === ICMPV6_ECHO_REQUEST) return CLIENT_REASON.IcmpRequest;
      return level.icmpType === ICMPV6_ECHO_REPLY
        ? CLIENT_REASON.IcmpRequest + SENDER_IS_SERVER
        : CLIENT_REASON.FirstPacket;
    default:
      // A damaged or cut header of a transport with ports still has them.
      return level.sourcePort === NONE ? CLIENT_REASON.FirstPacket : byPorts(level.sourcePort, level.destinationPort);
  }
}

function byPorts(source: number, destination: number): number {
  if (source === destination) return CLIENT_REASON.FirstPacket;
  if (destination === DNS_PORT) return CLIENT_REASON.Dns;
  if (source === DNS_PORT) return CLIENT_REASON.Dns + SENDER_IS_SERVER;
  const isSystemPort = source < FIRST_USER_PORT !== destination < FIRST_USER_PORT;
  const reason = isSystemPort ? CLIENT_REASON.WellKnownPort : CLIENT_REASON.LowerPort;
  return destination < source ? reason : reason + SENDER_IS_SERVER;
}
