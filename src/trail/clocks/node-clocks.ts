/**
 * The clocks of the nodes: what corrects times, how well they compare then, and what the report says of them.
 *
 * The reference is the node in the middle of those that packets relate. `--clock` overrides what packets tell: an offset of 0 makes
 * its node the reference, and so does an offset for every node; else the offsets are against the reference of the nodes that have none.
 */
import { addNanoseconds, formatTimestamp, NANOSECONDS_PER_SECOND } from '../../base/time.js';
import type { ClockStep, ClockSummary, NodeClock } from '../../model/document.js';
import type { FlowSet } from '../flow-set.js';
import type { SampleSet } from '../sample-set.js';
import { addAcknowledgements } from './acknowledgements.js';
import type { ClockCorrection } from './clock-correction.js';
import type { ClockErrors } from './clock-errors.js';
import { ClockLines } from './clock-lines.js';
import { findCrossings, type ClockPlaces } from './crossings.js';
import { estimateClocks, type ClocksEstimate } from './estimate.js';
import { NodePairs, type NodePair } from './node-pair.js';
import { boundsOf } from './pair-bounds.js';

const PARTS_PER_MILLION = 1e6;
const PPM_DIGITS = 1000;

/** What the clocks are told from. */
export interface ClockEvidence {
  readonly flows: FlowSet;
  readonly samples: SampleSet;
  /** By flow. */
  readonly vantages: Int32Array;
  readonly places: ClockPlaces;
  /** By node, sorted. */
  readonly names: readonly string[];
  /** By node, nanoseconds that the user says its clock is ahead. */
  readonly given: ReadonlyMap<number, number>;
}

/** Compares the clocks of all nodes by the packets that they share. */
export function relateClocks({ flows, samples, vantages, places, names, given }: ClockEvidence): NodeClocks {
  const { pairs, resolution } = findCrossings(flows, samples, vantages, places);
  addAcknowledgements(pairs, samples, resolution);
  return new NodeClocks({ pairs, places, names, given, originSeconds: samples.originSeconds });
}

export interface NodeClocksInput {
  readonly pairs: readonly NodePair[];
  readonly places: { node(vantage: number): number };
  readonly names: readonly string[];
  readonly given: ReadonlyMap<number, number>;
  /** Seconds since 1970 that the pairs' times count from. */
  readonly originSeconds: number;
}

export class NodeClocks implements ClockCorrection, ClockErrors {
  readonly correctsAnything: boolean;
  private readonly places: { node(vantage: number): number };
  private readonly names: readonly string[];
  private readonly given: ReadonlyMap<number, number>;
  private readonly originSeconds: number;
  private readonly pairs: readonly NodePair[];
  private readonly estimate: ClocksEstimate;
  private readonly applied: readonly ClockLines[];
  private readonly errors: Float64Array;

  constructor({ pairs, places, names, given, originSeconds }: NodeClocksInput) {
    this.pairs = pairs;
    this.places = places;
    this.names = names;
    this.given = given;
    this.originSeconds = originSeconds;
    this.estimate = estimateGiven(pairs, names, given);
    this.applied = this.estimate.clocks.map(({ applied }, node) => {
      const offset = given.get(node);
      return offset === undefined ? applied : ClockLines.constant(offset);
    });
    this.correctsAnything = this.applied.some((lines) => !lines.isZero);
    this.errors = this.estimate.errors.slice();
    for (const node of given.keys()) this.boundGiven(node);
  }

  correction(vantage: number, seconds: number, nanoseconds: number): number {
    const node = this.places.node(vantage);
    if (node < 0 || this.applied[node]!.isZero) return 0;
    const time = (seconds - this.originSeconds) * NANOSECONDS_PER_SECOND + nanoseconds;
    return this.applied[node]!.correction(time);
  }

  between(from: number, to: number): number {
    if (from === to) return 0;
    const a = this.places.node(from);
    const b = this.places.node(to);
    if (a < 0 || b < 0) return Infinity;
    return a === b ? 0 : this.errors[a * this.names.length + b]!;
  }

  /** What is known of all clocks; null if there are less than two. */
  summary(): ClockSummary | null {
    if (this.names.length < 2) return null;
    return {
      reference: this.names[this.estimate.reference]!,
      nodes: this.names.map((_, node) => this.nodeClock(node)),
      steps: this.estimate.jumps.map(({ clock, time, by }): ClockStep => {
        const { seconds, nanoseconds } = addNanoseconds(
          { seconds: this.originSeconds, nanoseconds: 0 },
          Math.round(time),
        );
        return { node: this.names[clock]!, time: formatTimestamp(seconds, nanoseconds), byNs: Math.round(by) };
      }),
    };
  }

  private nodeClock(node: number): NodeClock {
    const { reference, clocks } = this.estimate;
    const own = this.pairs.filter(({ first, second }) => first === node || second === node);
    const facts = { node: this.names[node]!, packets: own.reduce((sum, { packets }) => sum + packets, 0) };
    const unknown = { errorNs: null, driftPpm: null, driftErrorPpm: null };
    const given = this.given.get(node);
    if (given !== undefined) return { ...facts, offsetNs: given, ...unknown, basis: 'given' };
    const clock = clocks[node]!;
    if (clock.reference !== reference || clock.offset === null) {
      return { ...facts, offsetNs: null, ...unknown, basis: 'none' };
    }
    const isBothWays = own.some(({ usesAcknowledgements }) => !usesAcknowledgements);
    const basis = clock.error === null ? 'packets one way' : isBothWays ? 'packets both ways' : 'acknowledgements';
    return {
      ...facts,
      offsetNs: Math.round(clock.offset) + 0,
      errorNs: clock.error === null ? null : Math.ceil(clock.error),
      driftPpm: clock.slope === null ? null : inPartsPerMillion(clock.slope, Math.round),
      driftErrorPpm: clock.slopeError === null ? null : inPartsPerMillion(clock.slopeError, Math.ceil),
      basis: node === reference ? 'reference' : basis,
    };
  }

  /** How wrong a given offset may be: what packets say of it. */
  private boundGiven(node: number): void {
    const count = this.names.length;
    for (let other = 0; other < count; other++) {
      if (other === node) continue;
      const error = this.errorOfPair(node, other);
      this.errors[node * count + other] = error;
      this.errors[other * count + node] = error;
    }
  }

  private errorOfPair(a: number, b: number): number {
    const pair = this.pairs.find(({ first, second }) => (first === a && second === b) || (first === b && second === a));
    const toReference = (node: number, time: number): number => time + this.applied[node]!.correction(time);
    const bounds = pair === undefined ? null : boundsOf(pair, toReference, () => 0);
    if (pair === undefined || bounds?.stretches.length !== 1) return Infinity;
    const { lines } = bounds.stretches[0]!;
    let worst = 0;
    for (const { atFirst, atSecond, count } of [pair.toFirst, pair.toSecond]) {
      const shown = bounds.toldBy === pair.first ? atFirst : atSecond;
      for (let i = 0; i < count; i++) {
        const moment = toReference(bounds.toldBy, shown[i]!);
        const apart = this.applied[pair.second]!.offsetAt(moment) - this.applied[pair.first]!.offsetAt(moment);
        worst = Math.max(worst, lines.highestAt(moment) - apart, apart - lines.lowestAt(moment));
      }
    }
    return worst;
  }
}

/** The estimate of what no offset is given for, against those that one is given for or among themselves. */
function estimateGiven(
  pairs: readonly NodePair[],
  names: readonly string[],
  given: ReadonlyMap<number, number>,
): ClocksEstimate {
  if (given.size === 0) return estimateClocks(pairs, names, null);
  const anchors = [...given].filter(([, offset]) => offset === 0 || given.size === names.length);
  anchors.sort(([a, x], [b, y]) => Math.abs(x) - Math.abs(y) || a - b);
  const anchor = anchors[0]?.[0];
  if (anchor !== undefined) return estimateClocks(againstGiven(pairs, names.length, given, anchor), names, anchor);
  const free = pairs.filter(({ first, second }) => !given.has(first) && !given.has(second));
  const others = names.map((_, node) => node).filter((node) => !given.has(node));
  return estimateClocks(free, names, free.length > 0 ? null : others[0]!);
}

/** The pairs with all nodes that have a given offset as one, by the times that the offsets make of theirs. */
function againstGiven(
  pairs: readonly NodePair[],
  count: number,
  given: ReadonlyMap<number, number>,
  anchor: number,
): NodePair[] {
  const clockOf = (node: number): number => (given.has(node) ? anchor : node);
  const result = new NodePairs(count);
  for (const { first, second, toFirst, toSecond } of pairs) {
    if (given.has(first) && given.has(second)) continue;
    const a = given.get(first) ?? 0;
    const b = given.get(second) ?? 0;
    const [there, back] = [clockOf(first), clockOf(second)];
    for (let i = 0; i < toSecond.count; i++) {
      result.add(there, back, toSecond.atFirst[i]! - a, toSecond.atSecond[i]! - b, toSecond.samples[i]!);
    }
    for (let i = 0; i < toFirst.count; i++) {
      result.add(back, there, toFirst.atSecond[i]! - b, toFirst.atFirst[i]! - a, toFirst.samples[i]!);
    }
  }
  return result.list();
}

function inPartsPerMillion(slope: number, round: (value: number) => number): number {
  return round(slope * PARTS_PER_MILLION * PPM_DIGITS) / PPM_DIGITS + 0;
}
