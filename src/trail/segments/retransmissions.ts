/**
 * Segments that were sent again, judged at the first hop of their direction, and why: what became of the copy before.
 *
 * A segment is a retransmission if it holds sequence space that the hop had seen before. The copy before was lost where bytes of it are missing
 * between two hops; else its acknowledgement may have been; else, if it arrived, it was sent again for nothing (RFC 5682 calls that spurious).
 * Keep-alives and zero-window probes (RFC 9293 sections 3.8.4, 3.8.6.1) hold nothing, or one byte that was acknowledged long ago.
 */
import type { Retransmissions } from '../../model/document.js';
import type { ClockErrors } from '../clocks/clock-errors.js';
import type { FoundDeadEnd } from './dead-ends.js';
import type { HopPackets } from './hop-packets.js';
import { FATE } from './packet-match.js';
import type { PathHop, PathPackets } from './path-packets.js';
import type { VantagePairs } from './vantage-pairs.js';

const ACK = 16;
/** How far back the copy before is looked for, in packets. */
const MOST_BACK = 1024;
/** How many gaps, or lost acknowledgements, are looked at for one segment. */
const MOST_LOOKED_AT = 4096;
const RESOLUTION_NS = 1000;

/** Sequence space that went missing between two hops. */
interface Gap {
  readonly sequence: number;
  readonly end: number;
  /** When it passed the first hop. */
  readonly sentAt: number;
  /** Indexes into the connection's hops. */
  readonly from: number;
  readonly to: number;
  readonly isProven: boolean;
}

interface Acknowledged {
  readonly times: readonly number[];
  readonly highest: readonly number[];
}

/** An acknowledgement that was lost on the way back. */
interface LostAnswer {
  readonly acknowledgement: number;
  /** When it passed the last hop that saw it, at the latest, and by how much it may have been earlier, halved. */
  readonly latest: number;
  readonly error: number;
}

/** A direction of a connection, the one back, and where they end if that is not at the other end. */
export interface Ways {
  readonly path: PathPackets;
  readonly reverse: PathPackets;
  readonly deadEnd: FoundDeadEnd | null;
  readonly reverseDeadEnd: FoundDeadEnd | null;
}

/** Null where not all packets of the direction's first hop are known, or there is none. `isReceiver` is true for a hop on the receiver's own device. */
export function findRetransmissions(
  ways: Ways,
  pairs: VantagePairs,
  clocks: ClockErrors,
  isReceiver: (hop: PathHop) => boolean,
): Retransmissions | null {
  const { path } = ways;
  if (path.hops.length === 0 || path.areSampled || !path.packetsAt(0).isTcp) return null;
  return new Attribution(ways, pairs, clocks, isReceiver).result();
}

class Attribution {
  private readonly first: HopPackets;
  private readonly path: PathPackets;
  private readonly reverse: PathPackets;
  private readonly ways: Ways;
  private readonly pairs: VantagePairs;
  private readonly clocks: ClockErrors;
  private readonly isReceiver: (hop: PathHop) => boolean;
  private gaps: readonly Gap[] | null = null;
  private acknowledged: Acknowledged | null = null;
  private lostAnswers: readonly LostAnswer[] | null = null;
  /** By hop: for each of its packets the same one at the hop before, or -1. */
  private readonly earlier: Int32Array[] = [];
  private readonly lost: { readonly from: number; readonly to: number; packets: number }[] = [];

  constructor(ways: Ways, pairs: VantagePairs, clocks: ClockErrors, isReceiver: (hop: PathHop) => boolean) {
    this.first = ways.path.packetsAt(0);
    this.path = ways.path;
    this.reverse = ways.reverse;
    this.ways = ways;
    this.pairs = pairs;
    this.clocks = clocks;
    this.isReceiver = isReceiver;
  }

  result(): Retransmissions {
    const { first } = this;
    const counts = { packets: 0, deadEnd: 0, acknowledgementLost: 0, spurious: 0, unexplained: 0 };
    let next = 0;
    let isStarted = false;
    for (let p = 0; p < first.length; p++) {
      const span = first.span(p);
      if (span === 0 || first.isCopy[p] === 1) continue;
      const sequence = first.sequence[p]!;
      if (isStarted && isBefore(sequence, next)) {
        const before = this.copyBefore(p);
        if (before >= 0 && !this.isKeepAlive(p, next)) {
          counts.packets++;
          const reason = this.reasonOf(p, before);
          if (reason !== null) counts[reason]++;
        }
      }
      const end = (sequence + span) | 0;
      if (!isStarted || isBefore(next, end)) next = end;
      isStarted = true;
    }
    const { packets, ...reasons } = counts;
    return { packets, lost: this.lost, ...reasons };
  }

  /** The last packet before p that holds some of its bytes, or -1. */
  private copyBefore(p: number): number {
    const { first } = this;
    const sequence = first.sequence[p]!;
    const end = (sequence + first.span(p)) | 0;
    for (let q = p - 1; q >= 0 && q >= p - MOST_BACK; q--) {
      const start = first.sequence[q]!;
      if (first.isCopy[q] === 0 && isBefore(start, end) && isBefore(sequence, (start + first.span(q)) | 0)) return q;
    }
    return -1;
  }

  private isKeepAlive(p: number, next: number): boolean {
    const { first } = this;
    if (first.span(p) !== 1 || first.payload[p] !== 1 || first.sequence[p] !== ((next - 1) | 0)) return false;
    return this.isAcknowledged(next, first.time[p]!);
  }

  private reasonOf(p: number, before: number): Exclude<keyof Retransmissions, 'packets' | 'lost'> | null {
    const { first } = this;
    const sequence = first.sequence[p]!;
    const end = (sequence + first.span(p)) | 0;
    const time = first.time[p]!;
    if (this.isAcknowledged(end, time)) return 'spurious';
    this.gaps ??= this.findGaps();
    const { gaps } = this;
    let earlier: Gap | null = null;
    let isUnknown = false;
    let g = countBefore(gaps.length, (index) => gaps[index]!.sentAt < time) - 1;
    for (const last = g - MOST_LOOKED_AT; g >= 0 && g > last; g--) {
      const gap = gaps[g]!;
      if (!isBefore(sequence, gap.end) || !isBefore(gap.sequence, end)) continue;
      const isOfCopyBefore = gap.sentAt >= first.time[before]! - RESOLUTION_NS;
      if (gap.isProven && isOfCopyBefore) return this.countLost(gap);
      if (gap.isProven) earlier ??= gap;
      else if (isOfCopyBefore) isUnknown = true;
    }
    if (this.reachesDeadEnd(before)) return 'deadEnd';
    if (isUnknown) return 'unexplained';
    if (this.isAcknowledgementLost(end, first.time[before]!, time)) return 'acknowledgementLost';
    if (earlier !== null) return this.countLost(earlier);
    return this.reachesReceiver() ? 'spurious' : 'unexplained';
  }

  /** True if a packet of the first hop, not lost between two of them, was among those that are seen no further. */
  private reachesDeadEnd(p: number): boolean {
    const { deadEnd } = this.ways;
    if (deadEnd === null) return false;
    // It came there later than it passed the first hop, so that what follows the last packet there proves nothing.
    const time = this.first.time[p]!;
    return time <= deadEnd.last && (deadEnd.deadEnd.unknown === 0 || time >= deadEnd.first);
  }

  private countLost({ from, to }: Gap): null {
    const known = this.lost.find((each) => each.from === from && each.to === to);
    if (known === undefined) this.lost.push({ from, to, packets: 1 });
    else known.packets++;
    return null;
  }

  /** True if the first hop had seen an acknowledgement of all before `end` by this time. */
  private isAcknowledged(end: number, time: number): boolean {
    this.acknowledged ??= this.readAcknowledgements();
    const { times, highest } = this.acknowledged;
    const count = countBefore(times.length, (index) => times[index]! <= time);
    return count > 0 && !isBefore(highest[count - 1]!, end);
  }

  /** The highest acknowledgement so far, at each time that one passed the first hop's vantage point. */
  private readAcknowledgements(): Acknowledged {
    const times: number[] = [];
    const highest: number[] = [];
    const at = this.reverse.hops.findIndex(({ vantage }) => vantage === this.path.hops[0]!.vantage);
    const answers = at < 0 ? null : this.reverse.packetsAt(at);
    for (let q = 0; answers !== null && q < answers.length; q++) {
      if ((answers.flags[q]! & ACK) === 0) continue;
      const last = highest.at(-1) ?? answers.acknowledgement[q]!;
      times.push(answers.time[q]!);
      highest.push(isBefore(last, answers.acknowledgement[q]!) ? answers.acknowledgement[q]! : last);
    }
    return { times, highest };
  }

  /** True if an acknowledgement of all before `end` was lost between these times. */
  private isAcknowledgementLost(end: number, from: number, until: number): boolean {
    this.lostAnswers ??= this.findLostAnswers();
    const { lostAnswers } = this;
    const first = countBefore(lostAnswers.length, (index) => lostAnswers[index]!.latest < from);
    for (let index = first; index < lostAnswers.length && index < first + MOST_LOOKED_AT; index++) {
      const { acknowledgement, latest, error } = lostAnswers[index]!;
      if (latest - 2 * error > until) break;
      if (!isBefore(acknowledgement, end)) return true;
    }
    return false;
  }

  private findLostAnswers(): LostAnswer[] {
    const { reverse, pairs } = this;
    const lost: LostAnswer[] = [];
    for (let i = 0; i + 1 < reverse.hops.length; i++) {
      const answers = reverse.packetsAt(i);
      const { fate, open } = reverse.matchFrom(i);
      const here = reverse.hops[i]!.vantage;
      const error = this.clocks.between(here, this.path.hops[0]!.vantage);
      if (open === 0 || error === Infinity) continue;
      const pair = pairs.idOf(here, reverse.hops[i + 1]!.vantage);
      for (let q = 0; q < answers.length; q++) {
        if (fate[q] !== FATE.Missing || (answers.flags[q]! & ACK) === 0) continue;
        if (pairs.proofOf(pair, answers.time[q]!) === null) continue;
        lost.push({ acknowledgement: answers.acknowledgement[q]!, latest: answers.time[q]! + error, error });
      }
    }
    this.addAnswersOfDeadEnd(lost);
    return lost.sort((a, b) => a.latest - b.latest);
  }

  private addAnswersOfDeadEnd(lost: LostAnswer[]): void {
    const { reverse } = this;
    const { reverseDeadEnd } = this.ways;
    const at = reverse.hops.length - 1;
    if (reverseDeadEnd === null || at < 0) return;
    const answers = reverse.packetsAt(at);
    const error = this.clocks.between(reverse.hops[at]!.vantage, this.path.hops[0]!.vantage);
    if (error === Infinity) return;
    for (let q = 0; q < answers.length; q++) {
      const time = answers.time[q]!;
      if ((answers.flags[q]! & ACK) === 0 || time < reverseDeadEnd.first || time > reverseDeadEnd.last) continue;
      lost.push({ acknowledgement: answers.acknowledgement[q]!, latest: time + error, error });
    }
  }

  /** True if the path's last hop is where the packets go. */
  private reachesReceiver(): boolean {
    const { hops } = this.path;
    return hops.length > 1 && this.isReceiver(hops[hops.length - 1]!);
  }

  private findGaps(): Gap[] {
    const { path, pairs } = this;
    const gaps: Gap[] = [];
    for (let i = 0; i + 1 < path.hops.length; i++) {
      const { fate, open } = path.matchFrom(i);
      if (open === 0) continue;
      const packets = path.packetsAt(i);
      const here = path.hops[i]!;
      const next = path.hops[i + 1]!;
      const pair = pairs.idOf(here.vantage, next.vantage);
      for (let p = 0; p < packets.length; p++) {
        if ((fate[p] !== FATE.Missing && fate[p] !== FATE.Unsure) || packets.span(p) === 0) continue;
        gaps.push({
          sequence: packets.sequence[p]!,
          end: (packets.sequence[p]! + packets.span(p)) | 0,
          sentAt: this.sentAt(i, p),
          from: here.index,
          to: next.index,
          isProven: fate[p] === FATE.Missing && pairs.proofOf(pair, packets.time[p]!) !== null,
        });
      }
    }
    return gaps.sort((a, b) => a.sentAt - b.sentAt);
  }

  /** When the packet passed the first hop, or the first one where it was as it is. */
  private sentAt(hop: number, packet: number): number {
    let p = packet;
    let i = hop;
    for (; i > 0; i--) {
      const before = this.earlierOf(i)[p]!;
      if (before < 0) break;
      p = before;
    }
    return this.path.packetsAt(i).time[p]!;
  }

  private earlierOf(hop: number): Int32Array {
    const known = this.earlier[hop];
    if (known !== undefined) return known;
    const earlier = new Int32Array(this.path.packetsAt(hop).length).fill(-1);
    const { fate } = this.path.matchFrom(hop - 1);
    for (let p = 0; p < this.path.packetsAt(hop - 1).length; p++) if (fate[p]! >= 0) earlier[fate[p]!] = p;
    this.earlier[hop] = earlier;
    return earlier;
  }
}

/** How many of the first items have what all of them up to some index have, and none after it. */
function countBefore(length: number, has: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (has(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** True if sequence number `a` lies before `b` (RFC 9293 section 3.4). */
function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
