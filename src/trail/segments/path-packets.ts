/**
 * The packets of one direction of a connection at each hop of its path, and what became of them from hop to hop.
 *
 * A packet that is not seen at the next hop but at one behind it was not lost: not everything passes every vantage point, and captures miss
 * packets. Buffers are used again from one connection to the next.
 */
import type { FlowSet } from '../flow-set.js';
import type { SampleIndex } from '../sample-index.js';
import type { SampleSet } from '../sample-set.js';
import type { ClockErrors } from '../clocks/clock-errors.js';
import { HopPackets } from './hop-packets.js';
import { FATE, PacketMatch } from './packet-match.js';

/** A hop as one direction passes it. */
export interface PathHop {
  /** Index among the connection's hops. */
  readonly index: number;
  /** Flows of one place and tuple: several where a tuple was used anew while the connection was set up. */
  readonly flows: readonly number[];
  /** Direction of the flow that is meant. */
  readonly direction: number;
  readonly vantage: number;
  /** Address id that the packets go to, as they are here. */
  readonly receiver: number;
}

export class PathPackets {
  /** The hops whose packets are known, in order of the path. */
  readonly hops: PathHop[] = [];
  /** True if not all packets are there, but everywhere the same part of them. */
  areSampled = false;
  private readonly flows: FlowSet;
  private readonly samples: SampleSet;
  private readonly index: SampleIndex;
  private readonly clocks: ClockErrors;
  private readonly packets: HopPackets[] = [];
  private readonly matches: PacketMatch[] = [];
  private readonly further = new PacketMatch();

  constructor(flows: FlowSet, samples: SampleSet, index: SampleIndex, clocks: ClockErrors) {
    this.flows = flows;
    this.samples = samples;
    this.index = index;
    this.clocks = clocks;
  }

  read(path: readonly PathHop[]): void {
    let mask = 0;
    for (const { flows } of path) {
      for (const flow of flows) {
        for (const piece of this.flows.piecesOf(flow)) mask = Math.max(mask, this.samples.maskOf(piece));
      }
    }
    this.areSampled = mask !== 0;
    this.hops.length = 0;
    for (const hop of path) {
      const packets = this.packetsAt(this.hops.length);
      packets.read(this.samples, this.index, this.piecesOf(hop), hop.direction, mask);
      if (packets.length > 0 && (mask !== 0 || this.isComplete(hop, packets.length))) this.hops.push(hop);
    }
    for (let i = 0; i + 1 < this.hops.length; i++) this.compare(i);
  }

  packetsAt(hop: number): HopPackets {
    while (this.packets.length <= hop) this.packets.push(new HopPackets());
    return this.packets[hop]!;
  }

  /** All packets of the direction at a hop, samples or not. */
  countAt({ flows, direction }: PathHop): number {
    let count = 0;
    for (const flow of flows) {
      this.flows.load(flow);
      count += this.flows.packets(direction);
    }
    return count;
  }

  /** What became of the packets of a hop on the way to the next. */
  matchFrom(hop: number): PacketMatch {
    while (this.matches.length <= hop) this.matches.push(new PacketMatch());
    return this.matches[hop]!;
  }

  /** Fragments behind the first are counted, and are no samples. */
  private isComplete(hop: PathHop, samples: number): boolean {
    let fragments = 0;
    for (const flow of hop.flows) {
      this.flows.load(flow);
      fragments += this.flows.fragments;
    }
    return samples >= this.countAt(hop) - fragments;
  }

  private piecesOf({ flows }: PathHop): readonly number[] {
    return flows.length === 1 ? this.flows.piecesOf(flows[0]!) : flows.flatMap((flow) => this.flows.piecesOf(flow));
  }

  private compare(from: number): void {
    const match = this.matchFrom(from);
    this.compareTo(match, from, from + 1);
    for (let to = from + 2; to < this.hops.length && match.open > 0; to++) {
      this.compareTo(this.further, from, to);
      this.noteLater(from);
    }
  }

  private compareTo(match: PacketMatch, from: number, to: number): void {
    const areComparable = this.clocks.between(this.hops[from]!.vantage, this.hops[to]!.vantage) !== Infinity;
    match.compare(this.packetsAt(from), this.packetsAt(to), areComparable, this.areSampled);
  }

  private noteLater(from: number): void {
    const match = this.matchFrom(from);
    for (let p = 0; p < this.packetsAt(from).length; p++) {
      if (!isOpen(match.fate[p]!) || isOpen(this.further.fate[p]!)) continue;
      match.fate[p] = FATE.SeenLater;
      match.open--;
    }
  }
}

function isOpen(fate: number): boolean {
  return fate === FATE.Missing || fate === FATE.Unsure;
}
