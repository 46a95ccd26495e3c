/**
 * What happened between the hops of a connection (segments, lost packets, retransmissions) as JSON, in the order of model/document.ts.
 * Most connections lost nothing, so that the usual text is short and made of numbers only.
 */
import type { Connection, Latency, LostPacket, PathSegment, Retransmissions } from '../model/document.js';
import type { JsonBytes } from './json-bytes.js';

/** The members `segments`, `lostPackets`, `deadEnds` and `retransmissions`, each with the comma before it. */
export function writeSegments(out: JsonBytes, connection: Connection): void {
  const { segments, lostPackets, deadEnds, retransmissions } = connection;
  out.ascii(',"segments":{"clientToServer":[');
  for (const [index, segment] of segments.clientToServer.entries()) pathSegment(out, segment, index);
  out.ascii('],"serverToClient":[');
  for (const [index, segment] of segments.serverToClient.entries()) pathSegment(out, segment, index);
  out.ascii(']},"lostPackets":[');
  for (const [index, packet] of lostPackets.entries()) lostPacket(out, packet, index);
  out.ascii('],"deadEnds":');
  if (deadEnds.length === 0) out.ascii('[]');
  else out.text(JSON.stringify(deadEnds));
  out.ascii(',"retransmissions":{"clientToServer":');
  sentAgain(out, retransmissions.clientToServer);
  out.ascii(',"serverToClient":');
  sentAgain(out, retransmissions.serverToClient);
  out.ascii('}');
}

/** The members of a segment after its opening brace. */
export function writeSegmentMembers(out: JsonBytes, segment: PathSegment): void {
  out.ascii('"from":');
  out.number(segment.from);
  out.ascii(',"to":');
  out.number(segment.to);
  out.ascii(',"packets":');
  out.number(segment.packets);
  out.ascii(',"lost":');
  out.number(segment.lost);
  out.ascii(',"unknown":');
  out.number(segment.unknown);
  out.ascii(',"lostBytes":');
  out.number(segment.lostBytes);
  out.ascii(',"estimate":');
  const { estimate } = segment;
  if (estimate === null) out.ascii('null');
  else out.ascii(`{"lost":${estimate.lost},"low":${estimate.low},"high":${estimate.high}}`);
  out.ascii(',"latency":');
  latency(out, segment.latency);
  out.ascii(',"latencyMissing":');
  if (segment.latencyMissing === null) out.ascii('null');
  else out.ascii(`"${segment.latencyMissing}"`);
}

function pathSegment(out: JsonBytes, segment: PathSegment, index: number): void {
  out.ascii(index === 0 ? '{' : ',{');
  writeSegmentMembers(out, segment);
  out.ascii('}');
}

function latency(out: JsonBytes, measured: Latency | null): void {
  if (measured === null) {
    out.ascii('null');
    return;
  }
  out.ascii('{"packets":');
  out.number(measured.packets);
  out.ascii(',"p50Ns":');
  out.number(measured.p50Ns);
  out.ascii(',"p99Ns":');
  out.number(measured.p99Ns);
  out.ascii(',"maxNs":');
  out.number(measured.maxNs);
  out.ascii(',"errorNs":');
  out.number(measured.errorNs);
  out.ascii('}');
}

function lostPacket(out: JsonBytes, packet: LostPacket, index: number): void {
  const { direction, from, to, time, sequence, payloadBytes, proof } = packet;
  if (index > 0) out.ascii(',');
  out.text(JSON.stringify({ direction, from, to, time, sequence, payloadBytes, proof }));
}

function sentAgain(out: JsonBytes, again: Retransmissions | null): void {
  if (again === null) {
    out.ascii('null');
    return;
  }
  out.ascii('{"packets":');
  out.number(again.packets);
  out.ascii(',"lost":[');
  out.ascii(again.lost.map(({ from, to, packets }) => `{"from":${from},"to":${to},"packets":${packets}}`).join(','));
  out.ascii('],"deadEnd":');
  out.number(again.deadEnd);
  out.ascii(',"acknowledgementLost":');
  out.number(again.acknowledgementLost);
  out.ascii(',"spurious":');
  out.number(again.spurious);
  out.ascii(',"unexplained":');
  out.number(again.unexplained);
  out.ascii('}');
}
