/**
 * What happened between the hops of the page's connections, as columns of whole numbers (see page-data.ts): what was lost, how long
 * packets took, what was sent again. Most segments lost nothing and were looked at whole, and only others are written out.
 *
 * Latencies are tenths of microseconds. `prepareSegments` and `readSegments` in templates/segments.js are the reader.
 */
import type { Connection, PathSegment, Retransmissions } from '../../model/document.js';

/** Lost packets that a page lists, per connection and in all; the JSON document has up to 100 of each connection. */
const MOST_LOST_PACKETS = 20;
const MOST_LOST_PACKETS_IN_ALL = 4000;
const TENTH_OF_MICROSECOND = 100;

/**
 * `segments`: for each segment, the way to the server first, 0 without latency, else by how much the longest is more than the median, plus
 * one, and the median. Only where there is something to say: `otherSegments`, nine for each segment of which not just all packets
 * arrived (segments after the one before in this list, packets, lost, unknown, lost bytes, estimate, its low and high end, -1 for none,
 * packets with latency); `lost`, eight for each lost packet that is listed (rows after the one before, 1 if of the server, places of its
 * segment, microseconds after the connection's start, sequence or -1, bytes, 1 if proven by packets around it); `again`, six for each
 * direction that sent again (rows after the one before, 1 if the server, packets, acknowledgement lost, spurious, unexplained), and
 * `againAt`, five for each segment that lost the copy before (rows, 1 if the server, places, packets).
 */
export const SEGMENT_COLUMN_NAMES = ['segments', 'otherSegments', 'lost', 'again', 'againAt'] as const;

type SegmentColumns = Readonly<Record<(typeof SEGMENT_COLUMN_NAMES)[number], number[]>>;

/** Pairs of places of both ways; null where they are what is usual: each hop of a way and the next one. */
export type PageLinks = readonly (readonly (readonly [from: number, to: number])[])[];

/** Takes the connections of a page one by one. */
export class PageSegments {
  private readonly columns: SegmentColumns;
  private number = 0;
  private lastOther = 0;
  private listed = 0;
  private readonly lastRows = { lost: 0, again: 0, againAt: 0 };

  constructor(columns: SegmentColumns) {
    this.columns = columns;
  }

  /** Takes the next connection. `places`: by index in `hops`, the place in the page's order of hops; `microseconds`: of its lost packets. */
  add(
    row: number,
    connection: Connection,
    places: ReadonlyMap<number, number>,
    microseconds: (time: string) => number,
  ): void {
    const { segments, hops } = connection;
    for (const segment of segments.clientToServer) {
      this.addSegment(segment, hops[segment.from]?.clientToServer.packets ?? 0);
    }
    for (const segment of segments.serverToClient) {
      this.addSegment(segment, hops[segment.from]?.serverToClient.packets ?? 0);
    }
    this.addLostPackets(row, connection, places, microseconds);
    this.addRetransmissions(row, 0, connection.retransmissions.clientToServer, places);
    this.addRetransmissions(row, 1, connection.retransmissions.serverToClient, places);
  }

  private addSegment(segment: PathSegment, packets: number): void {
    const { latency, estimate } = segment;
    const number = this.number++;
    if (latency === null) this.columns.segments.push(0);
    else {
      const p50 = tenths(latency.p50Ns);
      this.columns.segments.push(1 + Math.max(0, tenths(latency.maxNs) - p50), p50);
    }
    const measured = latency?.packets ?? 0;
    const isUsual = segment.packets === packets && segment.lost === 0 && segment.unknown === 0 && estimate === null;
    if (isUsual && (latency === null || measured === packets)) return;
    const estimated = estimate === null ? [-1, -1, -1] : [estimate.lost, estimate.low, estimate.high].map(Math.round);
    const { lost, unknown, lostBytes } = segment;
    this.columns.otherSegments.push(number - this.lastOther, segment.packets, lost, unknown, lostBytes);
    this.columns.otherSegments.push(...estimated, measured);
    this.lastOther = number;
  }

  private addLostPackets(
    row: number,
    { lostPackets }: Connection,
    places: ReadonlyMap<number, number>,
    microseconds: (time: string) => number,
  ): void {
    for (const packet of lostPackets.slice(0, MOST_LOST_PACKETS)) {
      if (this.listed++ >= MOST_LOST_PACKETS_IN_ALL) return;
      this.columns.lost.push(
        this.rowsSince('lost', row),
        packet.direction === 'client to server' ? 0 : 1,
        places.get(packet.from) ?? 0,
        places.get(packet.to) ?? 0,
        microseconds(packet.time),
        packet.sequence ?? -1,
        packet.payloadBytes,
        packet.proof === 'capturing' ? 0 : 1,
      );
    }
  }

  private addRetransmissions(
    row: number,
    side: 0 | 1,
    again: Retransmissions | null,
    places: ReadonlyMap<number, number>,
  ): void {
    if (again === null || again.packets === 0) return;
    const { packets, acknowledgementLost, spurious, unexplained } = again;
    this.columns.again.push(this.rowsSince('again', row), side, packets, acknowledgementLost, spurious, unexplained);
    for (const at of again.lost) {
      const [from, to] = [places.get(at.from) ?? 0, places.get(at.to) ?? 0];
      this.columns.againAt.push(this.rowsSince('againAt', row), side, from, to, at.packets);
    }
  }

  private rowsSince(list: keyof PageSegments['lastRows'], row: number): number {
    const rows = row - this.lastRows[list];
    this.lastRows[list] = row;
    return rows;
  }
}

/** The pairs of a connection's segments, unless they are the usual ones. */
export function linksOf({ segments, paths }: Connection, places: ReadonlyMap<number, number>): PageLinks | null {
  const ways = [
    { way: paths.clientToServer, seen: segments.clientToServer },
    { way: paths.serverToClient, seen: segments.serverToClient },
  ];
  const isUsual = ways.every(
    ({ way, seen }) =>
      seen.length === Math.max(0, way.length - 1) &&
      seen.every(({ from, to }, index) => from === way[index] && to === way[index + 1]),
  );
  if (isUsual) return null;
  return ways.map(({ seen }) => seen.map(({ from, to }) => [places.get(from) ?? 0, places.get(to) ?? 0] as const));
}

function tenths(nanoseconds: number): number {
  return Math.round(nanoseconds / TENTH_OF_MICROSECOND);
}

/** Nanoseconds by which the latencies of each segment may be wrong, the way to the server first; null where none may. */
export function errorsOf({ segments }: Connection): readonly number[] | null {
  const errors = [...segments.clientToServer, ...segments.serverToClient].map(({ latency }) => latency?.errorNs ?? 0);
  return errors.some((error) => error > 0) ? errors : null;
}
