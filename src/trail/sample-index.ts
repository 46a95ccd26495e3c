/** Samples by flow and direction, in the order in which they were taken. */
import type { SampleSet } from './sample-set.js';

/** More of one flow and direction than these say nothing new about its path. */
const MOST_VISITED = 64;

export class SampleIndex {
  private readonly samples: SampleSet;
  /** Samples of flow f in direction d: order[starts[2f + d]] .. order[starts[2f + d + 1] - 1]. */
  private readonly starts: Int32Array;
  private readonly order: Int32Array;

  constructor(samples: SampleSet, flows: number) {
    this.samples = samples;
    this.starts = new Int32Array(flows * 2 + 1);
    this.order = new Int32Array(samples.length);
    for (let i = 0; i < samples.length; i++) {
      samples.load(i);
      const place = samples.flow * 2 + samples.direction + 1;
      this.starts[place] = this.starts[place]! + 1;
    }
    for (let place = 1; place < this.starts.length; place++) {
      this.starts[place] = this.starts[place]! + this.starts[place - 1]!;
    }
    const next = this.starts.slice();
    for (let i = 0; i < samples.length; i++) {
      samples.load(i);
      const place = samples.flow * 2 + samples.direction;
      this.order[next[place]!] = i;
      next[place] = next[place]! + 1;
    }
  }

  /** The samples of a flow's direction stand from here on, up to but not including until(). */
  from(flow: number, direction: number): number {
    return this.starts[flow * 2 + direction]!;
  }

  until(flow: number, direction: number): number {
    return this.starts[flow * 2 + direction + 1]!;
  }

  /** Number of the sample at a position. */
  sampleAt(position: number): number {
    return this.order[position]!;
  }

  /** Calls `visit` for the first samples of a flow's direction. */
  each(flow: number, direction: number, visit: (sample: SampleSet) => void): void {
    const from = this.starts[flow * 2 + direction]!;
    const until = Math.min(this.starts[flow * 2 + direction + 1]!, from + MOST_VISITED);
    for (let i = from; i < until; i++) {
      this.samples.load(this.order[i]!);
      visit(this.samples);
    }
  }
}
