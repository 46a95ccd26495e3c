/**
 * Loss and latency between neighbouring hops, for all connections together and for each one.
 *
 * All connections are read once, before any question: what proves that a packet was lost (VantagePairs) needs them all. What one connection's
 * packets did is found again when it is asked for; that costs as much as it has samples.
 */
import { formatTimestamp } from '../../base/time.js';
import type { Connection, LostPacket, PathSegment, SegmentTotals } from '../../model/document.js';
import type { ClockErrors } from '../clocks/clock-errors.js';
import type { FlowSet } from '../flow-set.js';
import type { Places } from '../hop-order.js';
import type { SampleIndex } from '../sample-index.js';
import type { SampleSet } from '../sample-set.js';
import { comparableHops, type ConnectionPath, isOwnDevice } from './comparable-hops.js';
import { DeadEnds, type FoundDeadEnd } from './dead-ends.js';
import { FATE } from './packet-match.js';
import { type PathHop, PathPackets } from './path-packets.js';
import { findRetransmissions } from './retransmissions.js';
import { estimateAdded, estimateLost, latencyOf, type MeasuredLatency } from './statistics.js';
import { type CaptureWindows, VantagePairs } from './vantage-pairs.js';

const MOST_TOTALS = 200;
const MOST_LOST_PACKETS = 100;
const NANOSECONDS = 1e9;
const NOTHING: ConnectionSegments = {
  segments: { clientToServer: [], serverToClient: [] },
  lostPackets: [],
  deadEnds: [],
  retransmissions: { clientToServer: null, serverToClient: null },
};

export interface SegmentInputs {
  readonly flows: FlowSet;
  readonly samples: SampleSet;
  readonly index: SampleIndex;
  readonly places: Places;
  readonly clocks: ClockErrors;
  readonly windows: CaptureWindows;
  /** False if flows were added up, so that one that is not there may have been. */
  readonly areFlowsComplete: boolean;
  /** Packets that the captures of a vantage point say they missed; null where they do not say. */
  readonly captureDrops: (vantage: number) => number | null;
}

export type ConnectionSegments = Pick<Connection, 'segments' | 'lostPackets' | 'deadEnds' | 'retransmissions'>;

type Direction = LostPacket['direction'];

interface LostSample extends LostPacket {
  readonly at: number;
}

export class Segments {
  private readonly inputs: SegmentInputs;
  private readonly pairs: VantagePairs;
  private readonly there: PathPackets;
  private readonly back: PathPackets;
  private readonly deadEnds: DeadEnds;
  /** Delays and missing packets of all connections, each with its pair; missing ones twice that, plus 1 for samples. */
  private readonly delays = new Figures();
  private readonly missing = new Figures();
  /** Payload of each packet in `missing`. */
  private readonly missingPayloads = new Figures();

  constructor(inputs: SegmentInputs) {
    const { flows, samples, index, clocks, windows } = inputs;
    this.inputs = inputs;
    const pairs = new VantagePairs(clocks, windows);
    this.pairs = pairs;
    const packets = new PathPackets(flows, samples, index, clocks);
    this.deadEnds = new DeadEnds({ ...inputs, pairs, packets });
    this.there = new PathPackets(flows, samples, index, clocks);
    this.back = new PathPackets(flows, samples, index, clocks);
  }

  /** Takes a connection into the totals; to be called for all before anything is asked. True if packets of it may have been lost. */
  add(connection: ConnectionPath): boolean {
    const before = this.missing.length;
    for (const isBack of [false, true]) {
      const hops = comparableHops(connection, isBack, this.inputs);
      if (hops.length < 2) continue;
      this.there.read(hops);
      for (let i = 0; i + 1 < this.there.hops.length; i++) {
        this.deadEnds.points.learn(this.there.hops[i]!, this.there.hops[i + 1]!);
        this.addSegment(this.there, i);
      }
    }
    return this.missing.length > before;
  }

  /** Of all connections, most packets lost first. */
  totals(): SegmentTotals[] {
    const { pairs } = this;
    const counted = { lost: new Float64Array(pairs.length), unknown: new Float64Array(pairs.length) };
    const sampled = { lost: new Float64Array(pairs.length), unknown: new Float64Array(pairs.length) };
    const smallestLost = new Float64Array(pairs.length).fill(Infinity);
    this.missing.each((key, time, i) => {
      const pair = key >> 1;
      const { lost, unknown } = (key & 1) === 0 ? counted : sampled;
      const isLost = pairs.proofOf(pair, time) !== null;
      const counts = isLost ? lost : unknown;
      counts[pair] = counts[pair]! + 1;
      if (isLost) smallestLost[pair] = Math.min(smallestLost[pair]!, this.missingPayloads.valueAt(i));
    });
    const delays = this.delays.byKey(pairs.length);
    const totals = Array.from({ length: pairs.length }, (_, pair): SegmentTotals => {
      const lookedFor = pairs.sampled[pair]! - pairs.unsureSamples[pair]! - sampled.unknown[pair]!;
      const all = pairs.sampledFrom[pair]!;
      const estimate = all === 0 ? null : estimateLost(sampled.lost[pair]!, lookedFor, all);
      return {
        from: pairs.from[pair]!,
        to: pairs.to[pair]!,
        connections: pairs.connections[pair]!,
        packets: pairs.packets[pair]!,
        lost: counted.lost[pair]! + sampled.lost[pair]!,
        unknown: pairs.unsure[pair]! + counted.unknown[pair]! + sampled.unknown[pair]!,
        estimate: estimate === null ? null : estimateAdded(estimate, counted.lost[pair]!),
        smallestLostPayload: smallestLost[pair] === Infinity ? null : smallestLost[pair]!,
        largestDeliveredPayload: pairs.largestDelivered[pair]! < 0 ? null : pairs.largestDelivered[pair]!,
        ...this.latency(pair, delays[pair]!),
        captureDrops: this.inputs.captureDrops(pairs.to[pair]!),
      };
    });
    return totals
      .filter(({ connections }) => connections > 0)
      .sort((a, b) => b.lost - a.lost || b.packets - a.packets || a.from - b.from || a.to - b.to)
      .slice(0, MOST_TOTALS);
  }

  /** Of one connection. */
  of(connection: ConnectionPath): ConnectionSegments {
    // Of one hop alone only what was sent again is asked, which samples do not tell.
    const ends = this.inputs.areFlowsComplete
      ? [false, true].map((isBack) => this.deadEnds.find(connection, isBack))
      : [];
    const deadEnds = ends.filter((end) => end !== null).map(({ deadEnd }) => deadEnd);
    if (connection.flows.length === 1 && this.inputs.samples.maskOf(connection.flows[0]!) !== 0) {
      return deadEnds.length === 0 ? NOTHING : { ...NOTHING, deadEnds };
    }
    const there = this.read(this.there, connection, false);
    const back = this.read(this.back, connection, true);
    const lost: LostSample[] = [];
    const segments = {
      clientToServer: this.describe(there, 'client to server', lost),
      serverToClient: this.describe(back, 'server to client', lost),
    };
    lost.sort((a, b) => a.at - b.at);
    const { clocks } = this.inputs;
    const isReceiver = (hop: PathHop): boolean => isOwnDevice(hop, this.inputs);
    const context = [this.pairs, clocks, isReceiver] as const;
    return {
      segments,
      lostPackets: lost.slice(0, MOST_LOST_PACKETS).map(({ at, ...packet }) => packet),
      deadEnds,
      retransmissions: {
        clientToServer: findRetransmissions({ path: there, reverse: back, ...ways(ends[0], ends[1]) }, ...context),
        serverToClient: findRetransmissions({ path: back, reverse: there, ...ways(ends[1], ends[0]) }, ...context),
      },
    };
  }

  private read(packets: PathPackets, connection: ConnectionPath, isBack: boolean): PathPackets {
    packets.read(comparableHops(connection, isBack, this.inputs));
    return packets;
  }

  private addSegment(packets: PathPackets, i: number): void {
    const { pairs } = this;
    const pair = pairs.idOf(packets.hops[i]!.vantage, packets.hops[i + 1]!.vantage);
    const from = packets.packetsAt(i);
    const to = packets.packetsAt(i + 1);
    const { fate } = packets.matchFrom(i);
    pairs.connections[pair] = pairs.connections[pair]! + 1;
    const isSampled = packets.areSampled ? 1 : 0;
    let lookedFor = 0;
    let unsure = 0;
    for (let p = 0; p < from.length; p++) {
      const became = fate[p]!;
      if (became === FATE.Ignored) continue;
      if (from.isExtra[p] === 0) lookedFor++;
      if (became === FATE.Missing) {
        this.missing.add(pair * 2 + isSampled, from.time[p]!);
        this.missingPayloads.add(pair, from.payload[p]!);
      } else if (became === FATE.Unsure) unsure++;
      else pairs.noteDelivered(pair, from.payload[p]!);
      if (became >= 0 && from.isRepeated[p] === 0) {
        const delay = to.time[became]! - from.time[p]!;
        pairs.noteMatch(pair, from.time[p]!, delay);
        this.delays.add(pair, delay);
      }
    }
    pairs.packets[pair] = pairs.packets[pair]! + lookedFor;
    pairs.unsure[pair] = pairs.unsure[pair]! + unsure;
    if (isSampled === 1) pairs.noteSampled(pair, lookedFor, unsure, packets.countAt(packets.hops[i]!));
  }

  private describe(packets: PathPackets, direction: Direction, lost: LostSample[]): PathSegment[] {
    return packets.hops.slice(1).map((_, i) => this.segment(packets, i, direction, lost));
  }

  private segment(packets: PathPackets, i: number, direction: Direction, lostPackets: LostSample[]): PathSegment {
    const from = packets.packetsAt(i);
    const to = packets.packetsAt(i + 1);
    const { fate, missingBytes } = packets.matchFrom(i);
    const here = packets.hops[i]!;
    const next = packets.hops[i + 1]!;
    const pair = this.pairs.idOf(here.vantage, next.vantage);
    const delays: number[] = [];
    const counts = { packets: 0, lost: 0, unknown: 0, lostBytes: 0 };
    for (let p = 0; p < from.length; p++) {
      const became = fate[p]!;
      if (became === FATE.Ignored) continue;
      if (from.isExtra[p] === 0) counts.packets++;
      if (became >= 0 && from.isRepeated[p] === 0) delays.push(to.time[became]! - from.time[p]!);
      if (became !== FATE.Missing && became !== FATE.Unsure) continue;
      const time = from.time[p]!;
      const proof = became === FATE.Unsure ? null : this.pairs.proofOf(pair, time);
      if (proof === null) {
        counts.unknown++;
        continue;
      }
      counts.lost++;
      counts.lostBytes += missingBytes[p]!;
      const sequence = from.isTcp ? from.sequence[p]! >>> 0 : null;
      const payloadBytes = missingBytes[p]!;
      lostPackets.push({
        at: time,
        direction,
        from: here.index,
        to: next.index,
        time: this.timestamp(time),
        sequence,
        payloadBytes,
        proof,
      });
    }
    const all = packets.countAt(here);
    return {
      from: here.index,
      to: next.index,
      ...counts,
      estimate: packets.areSampled ? estimateLost(counts.lost, counts.packets - counts.unknown, all) : null,
      ...this.latency(pair, Float64Array.from(delays)),
    };
  }

  private latency(pair: number, delays: Float64Array): MeasuredLatency {
    const { pairs } = this;
    const isSwitched = [pairs.from[pair]!, pairs.to[pair]!].some((each) => this.inputs.places.role(each) === 'bridge');
    return latencyOf(delays, pairs.errorOf(pair), isSwitched);
  }

  private timestamp(time: number): string {
    const seconds = Math.floor(time / NANOSECONDS);
    return formatTimestamp(this.inputs.samples.originSeconds + seconds, Math.round(time - seconds * NANOSECONDS));
  }
}

function ways(own: FoundDeadEnd | null | undefined, reverse: FoundDeadEnd | null | undefined) {
  return { deadEnd: own ?? null, reverseDeadEnd: reverse ?? null };
}

/** Numbers, each with a key, in columns that grow. */
class Figures {
  length = 0;
  private keys = new Int32Array(1024);
  private values = new Float64Array(1024);

  add(key: number, value: number): void {
    if (this.length === this.keys.length) {
      const keys = new Int32Array(this.length * 2);
      const values = new Float64Array(this.length * 2);
      keys.set(this.keys);
      values.set(this.values);
      this.keys = keys;
      this.values = values;
    }
    this.keys[this.length] = key;
    this.values[this.length++] = value;
  }

  valueAt(i: number): number {
    return this.values[i]!;
  }

  each(visit: (key: number, value: number, i: number) => void): void {
    for (let i = 0; i < this.length; i++) visit(this.keys[i]!, this.values[i]!, i);
  }

  /** The values of each key below `keys`. */
  byKey(keys: number): Float64Array[] {
    const counts = new Int32Array(keys);
    this.each((key) => counts[key]!++);
    const lists = Array.from(counts, (count) => new Float64Array(count));
    counts.fill(0);
    this.each((key, value) => {
      lists[key]![counts[key]!++] = value;
    });
    return lists;
  }
}
