/**
 * Packets that vanished between two vantage points (C3), or only those above a size: a path MTU that nobody tells the sender (C5). The rule by
 * sizes leaves nothing to guess about encapsulation: what is compared are payloads at one place.
 */
import type { Connection } from '../model/document.js';
import { type ConnectionGroup, ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft, FindingFacts } from './detector.js';
import { type LossySegment, lossySegments } from './lossy-segments.js';

/** Zeek's state of a connection that both sides closed: whatever was lost was sent again. */
const FINISHED = 'SF';

export function packetLoss(): Detector {
  const groups = new ConnectionGroups();
  const unfinished = new ConnectionGroups();
  return {
    see(connection) {
      for (const key of new Set(segmentsOf(connection))) {
        groups.add(key, connection);
        if (connection.state !== FINISHED) unfinished.add(key, connection);
      }
    },
    drafts: (facts) =>
      lossySegments(facts.segments).flatMap((segment) => {
        const key = `${segment.from} ${segment.to}`;
        if (!segment.isBySize) return [lossDraft(segment, groups.of(key), facts)];
        return [sizeDraft(segment, groups.of(key), unfinished.of(key), facts)];
      }),
  };
}

/** Pairs of vantage points between which it lost packets. */
function segmentsOf({ hops, lostPackets }: Connection): string[] {
  return lostPackets.map(({ from, to }) => `${hops[from]?.vantagePoint} ${hops[to]?.vantagePoint}`);
}

function placesOf({ from, to }: LossySegment, { vantagePoints }: FindingFacts): string {
  return `${vantagePoints[from]?.name ?? from} and ${vantagePoints[to]?.name ?? to}`;
}

const NO_CONNECTIONS = { connections: [], connectionCount: 0, filters: null };

function lossDraft(segment: LossySegment, group: ConnectionGroup | undefined, facts: FindingFacts): Draft {
  const { packets, lost, unknown, estimate } = segment;
  const places = placesOf(segment, facts);
  const interval =
    estimate === null ? [] : [`Among all packets: about ${estimate.lost} (${estimate.low} to ${estimate.high}).`];
  return {
    kind: 'packet-loss',
    severity: 'warning',
    confidence: 'likely',
    title: `${lost} of ${packets} packets were lost between ${places}`,
    facts: [
      'They were seen at the first place and not at the second, which was capturing then.',
      ...interval,
      ...(unknown === 0 ? [] : [`Of ${unknown} more it is not known.`]),
    ],
    meaning: 'Senders wait and send again; connections are slow, or stall.',
    next: [
      { text: 'Look at the drop counters of both interfaces and of what lies between.', command: 'ip -s -s link' },
    ],
    alternatives: ['The second capture missed them without counting it.'],
    ...(group?.citation() ?? NO_CONNECTIONS),
  };
}

function sizeDraft(
  segment: LossySegment,
  group: ConnectionGroup | undefined,
  unfinished: ConnectionGroup | undefined,
  facts: FindingFacts,
): Draft {
  const { lost, smallestLostPayload, largestDeliveredPayload } = segment;
  const places = placesOf(segment, facts);
  return {
    kind: 'path-mtu',
    severity: unfinished === undefined ? 'note' : 'error',
    confidence: 'likely',
    title: `Large packets do not pass between ${places}`,
    facts: [
      `All ${lost} packets lost had ${smallestLostPayload} bytes of payload or more; the largest that arrived had ${largestDeliveredPayload}.`,
      ...(unfinished === undefined ? ['The connections were finished nevertheless: their senders learned of it.'] : []),
    ],
    meaning: 'The MTU on the way is smaller than the sender believes: small requests work, large answers hang.',
    next: [
      { text: 'Compare the MTU of the pods, of the overlay’s device and of the underlay.', command: 'ip -d link' },
      {
        text: 'Try sizes from the node, without fragmentation.',
        command: 'tracepath -n ADDRESS-OF-THE-OTHER-NODE',
      },
    ],
    alternatives: ['A filter on the way drops packets by their size.'],
    ...((unfinished ?? group)?.citation() ?? NO_CONNECTIONS),
  };
}
