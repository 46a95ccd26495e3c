/** The segments of a connection's ways in one list, and what they add up to. */
import type { Connection, LostPacket, PathSegment } from '../model/document.js';

export interface DirectedSegment {
  readonly direction: LostPacket['direction'];
  readonly segment: PathSegment;
}

/** Of the client's way first, each in the order of its path. */
export function segmentsOf({ segments }: Connection): DirectedSegment[] {
  return [
    ...segments.clientToServer.map((segment) => ({ direction: 'client to server' as const, segment })),
    ...segments.serverToClient.map((segment) => ({ direction: 'server to client' as const, segment })),
  ];
}

/** Packets that vanished on a way: counted, or estimated where not all were looked at; null where there is nothing to compare. */
export function lostOn(way: readonly PathSegment[]): number | null {
  if (way.length === 0) return null;
  return way.reduce((total, { lost, estimate }) => total + (estimate?.lost ?? lost), 0);
}
