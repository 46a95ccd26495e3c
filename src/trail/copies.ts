/**
 * Packets that a vantage point shows more than once: a mirrored port, a promiscuous bridge that hands a packet up after switching it,
 * several interfaces in one capture.
 *
 * A packet is a copy of an earlier one if all that a sender chooses is equal (identification, key, window, selective acknowledgement),
 * if both came within 50 ms, and if something shows that it is not the same again from its sender: an identification, which a
 * retransmission would not have again, or another time to live or source MAC address, which only a way round gives. Without any of
 * these it is taken for a packet of its own; only a capture that mixes interfaces gives copies their benefit, for 2 ms. There, pieces of
 * a segment that offload cut are copies of it too.
 */
import { mix } from '../base/hash.js';
import type { FlowColumns } from './flow-columns.js';
import { KeyTable } from './key-table.js';
import type { SampleSet } from './sample-set.js';

const WINDOW_NS = 50e6;
const MIXED_WINDOW_NS = 2e6;
const PIECES_WINDOW_NS = 5e6;
const NOT_A_COPY = 0;

/** Why a packet was there again. */
export type CopyKind = 'bridge' | 'wire' | 'interface';

const KINDS: readonly CopyKind[] = ['bridge', 'wire', 'interface'];

export interface CopyEvidence {
  /** True for a vantage point that mixes interfaces without telling them apart. */
  mixesInterfaces(vantage: number): boolean;
}

export class Copies {
  /** By sample: 0, or 1 + the number of its kind. */
  private readonly marks: Uint8Array;
  private readonly counts = new Map<number, number[]>();
  private readonly samplesAt = new Map<number, number>();

  constructor(samples: number) {
    this.marks = new Uint8Array(samples);
  }

  /** Notes a sample of a vantage point, copy or not. */
  note(vantage: number): void {
    this.samplesAt.set(vantage, (this.samplesAt.get(vantage) ?? 0) + 1);
  }

  mark(sample: number, vantage: number, kind: CopyKind): void {
    const number = KINDS.indexOf(kind);
    this.marks[sample] = number + 1;
    let counts = this.counts.get(vantage);
    if (counts === undefined) this.counts.set(vantage, (counts = KINDS.map(() => 0)));
    counts[number] = counts[number]! + 1;
  }

  /** True if the vantage point had shown this sample's packet before. */
  isCopy(sample: number): boolean {
    return this.marks[sample] !== NOT_A_COPY;
  }

  /** Copies among all packets of a vantage point, by their share of its samples. */
  estimate(vantage: number, packets: number): number {
    const samples = this.samplesAt.get(vantage) ?? 0;
    return samples === 0 ? 0 : Math.round((this.count(vantage) / samples) * packets);
  }

  /** Copies among the samples of a vantage point, of one kind or of all. */
  count(vantage: number, kind: CopyKind | null = null): number {
    const counts = this.counts.get(vantage);
    if (counts === undefined) return 0;
    return kind === null ? counts.reduce((sum, count) => sum + count, 0) : counts[KINDS.indexOf(kind)]!;
  }
}

/** Finds the copies among all samples, which are in the order of their captures. */
export function findCopies(samples: SampleSet, columns: FlowColumns, evidence: CopyEvidence): Copies {
  const finder = new CopyFinder(samples, columns, evidence);
  for (let i = 0; i < samples.length; i++) finder.look(i);
  return finder.copies;
}

/** What the loaded sample is compared by. */
interface Sighting {
  readonly flow: number;
  readonly time: number;
  readonly hopLimit: number;
  readonly sender: number;
}

class CopyFinder {
  readonly copies: Copies;
  private readonly samples: SampleSet;
  private readonly columns: FlowColumns;
  private readonly evidence: CopyEvidence;
  private readonly last: KeyTable;
  private readonly ranges = new Map<string, SegmentRange>();

  constructor(samples: SampleSet, columns: FlowColumns, evidence: CopyEvidence) {
    this.samples = samples;
    this.columns = columns;
    this.evidence = evidence;
    this.copies = new Copies(samples.length);
    this.last = new KeyTable(samples.length);
  }

  look(sample: number): void {
    const { samples, columns } = this;
    samples.load(sample);
    const vantage = columns.vantage[samples.flow]!;
    const mixes = this.evidence.mixesInterfaces(vantage);
    this.copies.note(vantage);
    const place = mixes ? vantage : mix(vantage, columns.encapsulation[samples.flow]! + 1);
    const now = this.sighting();
    const before = this.last.exchange(
      mix(samples.firstKey, place),
      mix(samples.secondKey ^ samples.identification, samples.variant),
      sample,
      now.time,
    );
    if (before >= 0 && Math.abs(now.time - this.last.replacedTime) <= WINDOW_NS) {
      const hasIdentification = samples.identification > 0;
      const isTcp = samples.isTcp;
      samples.load(before);
      const kind = this.kindOf(this.sighting(), now, { hasIdentification, isTcp, mixes });
      if (kind !== null) {
        this.copies.mark(sample, vantage, kind);
        return;
      }
      samples.load(sample);
    }
    if (mixes && samples.isTcp && samples.payloadLength > 0 && this.isPiece(vantage)) {
      this.copies.mark(sample, vantage, 'interface');
    }
  }

  private sighting(): Sighting {
    const { flow, time, hopLimit, sender } = this.samples;
    return { flow, time, hopLimit, sender };
  }

  private kindOf(
    before: Sighting,
    now: Sighting,
    packet: { readonly hasIdentification: boolean; readonly isTcp: boolean; readonly mixes: boolean },
  ): CopyKind | null {
    if (!packet.isTcp && !this.shareEndpoint(before.flow, now.flow)) return null;
    const wasRouted = before.hopLimit !== now.hopLimit;
    const wentRound = wasRouted || before.sender !== now.sender;
    const isSoon = packet.mixes && Math.abs(now.time - before.time) < MIXED_WINDOW_NS;
    // Many hosts send the same datagram from :: to all neighbours: another MAC address alone is another sender there.
    const isProof = packet.hasIdentification || (packet.isTcp ? wentRound : wasRouted && before.flow === now.flow);
    if (!isProof && !isSoon) return null;
    if (packet.mixes) return 'interface';
    return wentRound ? 'bridge' : 'wire';
  }

  /** Datagrams of two senders can have one identification and payload by chance. */
  private shareEndpoint(f: number, g: number): boolean {
    const { low, high, ports } = this.columns;
    const lowPort = (flow: number): number => ports[flow]! >>> 16;
    const highPort = (flow: number): number => ports[flow]! & 0xffff;
    return (
      f === g ||
      (low[f] === low[g] && lowPort(f) === lowPort(g)) ||
      (high[f] === high[g] && highPort(f) === highPort(g)) ||
      (low[f] === high[g] && lowPort(f) === highPort(g)) ||
      (high[f] === low[g] && highPort(f) === lowPort(g))
    );
  }

  /** True if the loaded segment lies in what was sent under the same acknowledgement and timestamps a moment ago. */
  private isPiece(vantage: number): boolean {
    const { sequence, acknowledgement, tsval, tsecr, payloadLength, time } = this.samples;
    const key = `${vantage}/${acknowledgement}/${tsval}/${tsecr}`;
    const range = this.ranges.get(key);
    if (range === undefined || time - range.time > PIECES_WINDOW_NS) {
      this.ranges.set(key, { from: sequence, length: payloadLength, time });
      return false;
    }
    const offset = (sequence - range.from) | 0;
    if (offset >= 0 && offset + payloadLength <= range.length) return true;
    if (offset === range.length) {
      range.length += payloadLength;
    } else {
      range.from = sequence;
      range.length = payloadLength;
    }
    range.time = time;
    return false;
  }
}

/** Sequence space from `from` on, as last extended. */
interface SegmentRange {
  from: number;
  length: number;
  time: number;
}
