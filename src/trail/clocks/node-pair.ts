/**
 * What is known of two nodes' clocks: differences of times of packets that both saw, those of packets from the first node to the
 * second and those the other way. With theta = the second's clock minus the first's, every packet to the second is an upper bound
 * (its delay is at least 0), every packet to the first a lower one (RFC 5905 section 8 takes the middle of the best two).
 */

/** Times of packets on both nodes, in nanoseconds after a common origin, each node's by its own clock. */
export class CrossingTimes {
  count = 0;
  atFirst = new Float64Array(16);
  atSecond = new Float64Array(16);
  /** Number of the packet's sample on the node that it reached. */
  samples = new Int32Array(16);

  add(atFirst: number, atSecond: number, sample: number): void {
    if (this.count === this.samples.length) this.grow();
    this.atFirst[this.count] = atFirst;
    this.atSecond[this.count] = atSecond;
    this.samples[this.count++] = sample;
  }

  private grow(): void {
    const { atFirst, atSecond, samples } = this;
    this.atFirst = new Float64Array(this.count * 2);
    this.atFirst.set(atFirst);
    this.atSecond = new Float64Array(this.count * 2);
    this.atSecond.set(atSecond);
    this.samples = new Int32Array(this.count * 2);
    this.samples.set(samples);
  }
}

export class NodePair {
  /** Numbers of the nodes; first < second. */
  readonly first: number;
  readonly second: number;
  readonly toSecond = new CrossingTimes();
  readonly toFirst = new CrossingTimes();
  /** True if one way is known by acknowledgements only. */
  usesAcknowledgements = false;

  constructor(first: number, second: number) {
    this.first = first;
    this.second = second;
  }

  /** Packets both ways. */
  get packets(): number {
    return this.toSecond.count + this.toFirst.count;
  }
}

/** The pairs of nodes that saw the same packets. */
export class NodePairs {
  private readonly pairs = new Map<number, NodePair>();
  private readonly nodes: number;

  /** `nodes` is the number of nodes. */
  constructor(nodes: number) {
    this.nodes = nodes;
  }

  /** Takes in a packet that passed node `from` at `sent` at the latest, and node `to` at `received` at the earliest. */
  add(from: number, to: number, sent: number, received: number, sample: number): void {
    const key = Math.min(from, to) * this.nodes + Math.max(from, to);
    let pair = this.pairs.get(key);
    if (pair === undefined) this.pairs.set(key, (pair = new NodePair(Math.min(from, to), Math.max(from, to))));
    if (from < to) pair.toSecond.add(sent, received, sample);
    else pair.toFirst.add(received, sent, sample);
  }

  /** In order of the nodes' numbers. */
  list(): NodePair[] {
    return [...this.pairs.values()].sort((a, b) => a.first - b.first || a.second - b.second);
  }
}
