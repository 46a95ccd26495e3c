/** What happened between the hops of made-up connections: latencies that look like those of nodes, and now and then a loss. */
import type {
  Connection,
  Hop,
  LostPacket,
  PathSegment,
  SegmentTotals,
  VantagePoint,
} from '../../../src/model/document.js';

type Facts = Pick<Connection, 'segments' | 'lostPackets' | 'deadEnds' | 'retransmissions'>;

/** A packet of the client is lost on the longest segment of one connection in `lossy`; others lose nothing. */
export function segmentsOf(
  hops: readonly Hop[],
  paths: Connection['paths'],
  points: readonly Pick<VantagePoint, 'node'>[],
  random: () => number,
  lossy = 12,
): Facts {
  const isLossy = hops.length > 1 && Math.floor(random() * lossy) === 0;
  const nodeOf = (index: number): string | null => points[hops[index]?.vantagePoint ?? -1]?.node ?? null;
  const measure = (way: readonly number[], direction: 'clientToServer' | 'serverToClient'): PathSegment[] => {
    const lostAt = isLossy && direction === 'clientToServer' ? Math.floor((way.length - 1) / 2) : -1;
    return way.slice(1).map((to, index) => {
      const from = way[index] ?? 0;
      const packets = hops[from]?.[direction].packets ?? 0;
      const isAcross = nodeOf(from) !== nodeOf(to);
      const lost = index === lostAt && packets > 0 ? 1 : 0;
      const p50Ns = Math.floor((isAcross ? 240_000 : 3_000) * (0.6 + random()));
      const p99Ns = p50Ns + Math.floor(random() * p50Ns);
      return {
        ...{ from, to, packets, lost, unknown: 0, lostBytes: lost * 1200, estimate: null },
        latency:
          packets - lost <= 0
            ? null
            : { packets: packets - lost, p50Ns, p99Ns, maxNs: p99Ns + 4_000, errorNs: isAcross ? 4_200 : 0 },
        latencyMissing: packets - lost <= 0 ? 'no packet at both ends' : null,
      };
    });
  };
  const segments = {
    clientToServer: measure(paths.clientToServer, 'clientToServer'),
    serverToClient: measure(paths.serverToClient, 'serverToClient'),
  };
  const lostPackets = segments.clientToServer
    .filter(({ lost }) => lost > 0)
    .map(({ from, to }): LostPacket => ({
      ...{ direction: 'client to server', from, to, time: hops[from]?.start ?? '' },
      ...{ sequence: 3_204_117_001, payloadBytes: 1200, proof: 'capturing' },
    }));
  const lost = lostPackets.map(({ from, to }) => ({ from, to, packets: 1 }));
  const again = { packets: 1, lost, deadEnd: 0, acknowledgementLost: 0, spurious: 0, unexplained: 0 };
  return {
    segments,
    lostPackets,
    deadEnds: [],
    retransmissions: { clientToServer: lost.length === 0 ? null : again, serverToClient: null },
  };
}

/** Sums of the segments between the same vantage points, most lost first. */
export function segmentTotals(rows: readonly Connection[]): SegmentTotals[] {
  const totals = new Map<string, SegmentTotals>();
  for (const { hops, segments } of rows) {
    for (const segment of [...segments.clientToServer, ...segments.serverToClient]) {
      const [from, to] = [hops[segment.from]?.vantagePoint ?? 0, hops[segment.to]?.vantagePoint ?? 0];
      const before = totals.get(`${from} ${to}`) ?? { connections: 0, packets: 0, lost: 0, unknown: 0, latency: null };
      totals.set(`${from} ${to}`, {
        ...{ from, to, connections: before.connections + 1, packets: before.packets + segment.packets },
        ...{ lost: before.lost + segment.lost, unknown: before.unknown + segment.unknown },
        ...{ estimate: null, latency: before.latency ?? segment.latency, captureDrops: null },
        ...{ smallestLostPayload: null, largestDeliveredPayload: null },
        latencyMissing: before.latency === null ? segment.latencyMissing : null,
      });
    }
  }
  return [...totals.values()].sort((a, b) => b.lost - a.lost || a.from - b.from || a.to - b.to).slice(0, 200);
}
