/**
 * Where all packets of one direction of a connection stopped being seen, although what lies behind was captured: no flow of the connection is
 * there, so that no segment tells it.
 *
 * Why they went no further (a policy, a full queue, a host that is gone, a middle box that answered itself) is not told here. Packets count
 * only if the point where they were expected was capturing at their time, shows such packets, and holds nothing that may be these under another
 * sender's address.
 */
import { formatTimestamp } from '../../base/time.js';
import type { DeadEnd, LostPacket } from '../../model/document.js';
import type { FlowSet } from '../flow-set.js';
import type { Places } from '../hop-order.js';
import type { SampleIndex } from '../sample-index.js';
import type { SampleSet } from '../sample-set.js';
import { type ConnectionPath, hasArrived, isForMany, receiverOf } from './comparable-hops.js';
import { type Heading, type OnwardPoint, OnwardPoints } from './onward-points.js';
import type { PathPackets } from './path-packets.js';
import { type PathHop } from './path-packets.js';
import type { VantagePairs } from './vantage-pairs.js';

/** Translated packets may come this much later or earlier, by clocks that are not known well. */
const SLACK_NS = 1e9;
const NANOSECONDS = 1e9;
const PROTOCOL_TCP = 6;

export interface DeadEndInputs {
  readonly flows: FlowSet;
  readonly samples: SampleSet;
  readonly index: SampleIndex;
  readonly places: Places;
  readonly pairs: VantagePairs;
  readonly packets: PathPackets;
  /** Packets that the captures of a vantage point say they missed; null where they do not say. */
  readonly captureDrops: (vantage: number) => number | null;
}

/** A dead end with its times as numbers. */
export interface FoundDeadEnd {
  readonly deadEnd: DeadEnd;
  readonly first: number;
  readonly last: number;
}

interface Counted {
  readonly packets: number;
  readonly unknown: number;
  readonly first: number;
  readonly last: number;
}

export class DeadEnds {
  readonly points: OnwardPoints;
  private readonly inputs: DeadEndInputs;

  constructor(inputs: DeadEndInputs) {
    this.inputs = inputs;
    this.points = new OnwardPoints(inputs.flows, inputs.places, inputs.samples.originSeconds);
  }

  /** Of one direction: from the client, or back to it. Null where there is none that can be shown. */
  find(connection: ConnectionPath, isBack: boolean): FoundDeadEnd | null {
    const from = this.lastHop(connection, isBack);
    if (from === null) return null;
    const heading = this.headingOf(from);
    if (heading === null) return null;
    const seenAt = this.vantagesOf(connection, isBack);
    for (const point of this.points.expected(heading)) {
      if (seenAt.has(point.vantage) || this.points.mayBeTranslated(point.vantage, heading, SLACK_NS)) continue;
      const counted = this.count(from, heading, point);
      if (counted.packets > 0) return this.describe(from, point, counted, isBack);
    }
    return null;
  }

  /** The last hop that showed packets on their way, null if they arrived. */
  private lastHop(connection: ConnectionPath, isBack: boolean): PathHop | null {
    const { flows, places } = this.inputs;
    const path = isBack ? connection.paths.serverToClient : connection.paths.clientToServer;
    let last: PathHop | null = null;
    for (const index of path) {
      const flow = connection.flows[index]!;
      const direction = isBack ? 1 - connection.directions[index]! : connection.directions[index]!;
      flows.load(flow);
      const { vantage } = flows;
      if (places.role(vantage) === 'nflog') continue;
      last = { index, flows: [flow], direction, vantage, receiver: receiverOf(flows, direction) };
      if (hasArrived(last, this.inputs)) return null;
    }
    return last;
  }

  private headingOf({ flows: [...own], direction, vantage, receiver }: PathHop): Heading | null {
    const { flows, places, samples } = this.inputs;
    flows.load(own[0]!);
    const isLocal = places.nodeOfAddress(receiver) >= 0 && places.nodeOfAddress(receiver) === places.node(vantage);
    if (isLocal || isForMany(receiver, flows) || flows.fragments > 0) return null;
    const at = (seconds: number, nanoseconds: number): number =>
      (seconds - samples.originSeconds) * NANOSECONDS + nanoseconds;
    const isForward = direction === 0;
    return {
      vantage,
      protocol: flows.protocol,
      receiver,
      sender: isForward ? flows.addressA : flows.addressB,
      senderPort: isForward ? flows.portA : flows.portB,
      receiverPort: isForward ? flows.portB : flows.portA,
      initialSequence:
        flows.protocol === PROTOCOL_TCP && flows.hasInitialSequence(direction)
          ? flows.initialSequence(direction)
          : null,
      first: at(flows.firstSeconds, flows.firstNanoseconds),
      last: at(flows.lastSeconds, flows.lastNanoseconds),
    };
  }

  private vantagesOf(connection: ConnectionPath, isBack: boolean): Set<number> {
    const { flows } = this.inputs;
    const seen = new Set<number>();
    for (const index of isBack ? connection.paths.serverToClient : connection.paths.clientToServer) {
      flows.load(connection.flows[index]!);
      seen.add(flows.vantage);
    }
    return seen;
  }

  /** How many of the hop's packets would have been seen at the point. */
  private count(from: PathHop, heading: Heading, { vantage }: OnwardPoint): Counted {
    const { packets } = this.inputs;
    packets.read([from]);
    if (packets.areSampled || packets.hops.length === 0) return this.countAll(from, heading, vantage);
    const seen = packets.packetsAt(0);
    let expected = 0;
    let unknown = 0;
    let first = Infinity;
    let last = -Infinity;
    for (let p = 0; p < seen.length; p++) {
      if (seen.isCopy[p] === 1) continue;
      const time = seen.time[p]!;
      if (!this.isExpected(heading, vantage, time)) {
        unknown++;
        continue;
      }
      expected++;
      first = Math.min(first, time);
      last = Math.max(last, time);
    }
    return { packets: expected, unknown, first, last };
  }

  /** Where not all packets are known: all or nothing, by the first and the last of the flow. */
  private countAll(from: PathHop, heading: Heading, vantage: number): Counted {
    const { first, last } = heading;
    const count = this.inputs.packets.countAt(from);
    const isExpected = this.isExpected(heading, vantage, first) && this.isExpected(heading, vantage, last);
    return { packets: isExpected ? count : 0, unknown: isExpected ? 0 : count, first, last };
  }

  private isExpected(heading: Heading, vantage: number, time: number): boolean {
    return (
      this.points.wouldShow(vantage, heading, time) &&
      this.inputs.pairs.proofBetween(heading.vantage, vantage, time) !== null
    );
  }

  private describe(from: PathHop, { vantage, knownBy }: OnwardPoint, counted: Counted, isBack: boolean): FoundDeadEnd {
    const { pairs, captureDrops } = this.inputs;
    const { packets, unknown, first, last } = counted;
    const direction: LostPacket['direction'] = isBack ? 'server to client' : 'client to server';
    const proof = pairs.proofBetween(from.vantage, vantage, first) ?? 'capturing';
    const deadEnd: DeadEnd = {
      ...{ direction, from: from.index, expectedAt: vantage, knownBy, packets, unknown },
      firstTime: this.timestamp(first),
      lastTime: this.timestamp(last),
      proof,
      captureDrops: captureDrops(vantage),
    };
    return { deadEnd, first, last };
  }

  private timestamp(time: number): string {
    const seconds = Math.floor(time / NANOSECONDS);
    return formatTimestamp(this.inputs.samples.originSeconds + seconds, Math.round(time - seconds * NANOSECONDS));
  }
}
