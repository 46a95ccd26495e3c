/**
 * Which packets of one hop were seen at another one further on.
 *
 * First by identity, each packet of the other hop used once; then, of what is left, by the key alone (something on the way gave it
 * another identification) or, for fragments, by the identification alone; then segments by the bytes that are left there, because offload
 * (GSO, GRO) cuts and merges them. A segment is found if all of its bytes are; what is missing of it is counted.
 */
import { ByteCoverage } from './byte-coverage.js';
import { HopPackets } from './hop-packets.js';

/** What became of a packet, where it is not the index of its like at the other hop. */
export const FATE = {
  Missing: -1,
  /** Its bytes were seen, in other segments. */
  Covered: -2,
  /** Not at the next hop, but at one behind it. */
  SeenLater: -3,
  /** It cannot be told: samples of what offload cuts and merges. */
  Unsure: -4,
  /** It is not looked for: a copy of another one, or a first packet that need not have been kept at the other hop. */
  Ignored: -5,
} as const;

/** By how much a packet may seem to arrive before it was sent: resolutions of timestamps differ. */
const SLACK_NS = 1e6;
const NONE = -1;
const NOTHING = new HopPackets();

export class PacketMatch {
  /** By packet of `from`: index of the packet in `to`, or one of FATE. */
  fate = new Int32Array(0) as Int32Array;
  /** Of those that are missing: bytes of payload that were not seen. */
  missingBytes = new Int32Array(0) as Int32Array;
  /** Packets that are missing or unsure. */
  open = 0;
  private from = NOTHING;
  private to = NOTHING;
  private isUsed = new Uint8Array(0);
  private readonly coverage = new ByteCoverage();
  private matched = 0;

  /**
   * Compares two hops. `areClocksComparable` says that times of both mean the same; `areSampled` that not all packets are there, so that
   * bytes cannot be compared.
   */
  compare(from: HopPackets, to: HopPackets, areClocksComparable: boolean, areSampled: boolean): void {
    this.from = from;
    this.to = to;
    this.reserve(from.length, to.length);
    this.matched = 0;
    this.open = 0;
    const shift = this.matchUnique();
    this.matchRepeated(areClocksComparable ? 0 : shift);
    if (this.open === 0) return;
    this.matchByKey();
    if (this.open === 0) return;
    if (areSampled) this.doubtSegments();
    else if (from.isTcp) this.matchBytes();
    if (this.matched === 0 && this.hasUnused()) this.doubtAll();
  }

  /** Packets of an identity that occurs once at `from`. The least difference of times, or 0. */
  private matchUnique(): number {
    const { from, to } = this;
    let least = Infinity;
    for (let p = 0; p < from.length; p++) {
      this.missingBytes[p] = from.payload[p]!;
      this.fate[p] = FATE.Ignored;
      if (from.isCopy[p] === 1 || (from.isExtra[p] === 1 && from.isRepeated[p] === 1)) continue;
      const q = from.isRepeated[p] === 1 ? NONE : this.firstOf(to.find(from, p));
      if (q < 0) {
        if (from.isExtra[p] === 1) continue;
        this.fate[p] = FATE.Missing;
        this.open++;
        continue;
      }
      this.take(p, q);
      least = Math.min(least, to.time[q]! - from.time[p]!);
    }
    return least === Infinity ? 0 : least;
  }

  /** The first sighting of a packet of which the last is q; all are used then. */
  private firstOf(q: number): number {
    const to = this.to;
    let first = q;
    for (let each = q; each >= 0; each = to.before[each]!) {
      this.isUsed[each] = 1;
      first = each;
    }
    return first;
  }

  /** Latest first, each takes the last one that is left and not earlier than itself; what is left over then takes what is left over. */
  private matchRepeated(shift: number): void {
    if (this.open === 0) return;
    const { from, to } = this;
    for (let round = 0; round < 2; round++) {
      for (let p = from.length - 1; p >= 0; p--) {
        if (from.isRepeated[p] === 0 || this.fate[p] !== FATE.Missing) continue;
        const earliest = round === 0 ? from.time[p]! + shift - SLACK_NS : -Infinity;
        let q = to.find(from, p);
        while (q >= 0 && (this.isUsed[q] === 1 || to.time[q]! < earliest)) q = to.before[q]!;
        if (q < 0) continue;
        this.isUsed[q] = 1;
        this.take(p, q);
        this.open--;
      }
    }
  }

  private matchByKey(): void {
    const { from, to } = this;
    const left = new Map<number, number[]>();
    for (let q = to.length - 1; q >= 0; q--) {
      if (this.isUsed[q] === 1 || to.isCopy[q] === 1) continue;
      add(left, to.firstKey[q]!, q);
      if (to.identification[q]! > 0) add(left, fragmentKey(to.identification[q]!), q);
    }
    if (left.size === 0) return;
    for (let p = 0; p < from.length; p++) {
      if (this.fate[p] !== FATE.Missing) continue;
      const q = this.unused(left.get(from.firstKey[p]!), p) ?? this.fragmentOf(left, p);
      if (q === null) continue;
      this.isUsed[q] = 1;
      this.fate[p] = FATE.Covered;
      this.matched++;
      this.open--;
    }
  }

  private unused(candidates: readonly number[] | undefined, p: number): number | null {
    const { from, to } = this;
    return candidates?.findLast((q) => this.isUsed[q] === 0 && to.secondKey[q] === from.secondKey[p]) ?? null;
  }

  /** A datagram that was cut on the way, or put together again: its first fragment has another length. */
  private fragmentOf(left: ReadonlyMap<number, number[]>, p: number): number | null {
    const { from, to } = this;
    if (from.identification[p]! <= 0) return null;
    return (
      left
        .get(fragmentKey(from.identification[p]!))
        ?.findLast((q) => this.isUsed[q] === 0 && (to.isFragment[q] === 1 || from.isFragment[p] === 1)) ?? null
    );
  }

  private matchBytes(): void {
    const { from, to } = this;
    const { coverage } = this;
    coverage.begin(from.sequence[0]!);
    for (let q = 0; q < to.length; q++) {
      if (this.isUsed[q] === 0 && to.isCopy[q] === 0 && to.payload[q]! > 0)
        coverage.add(to.sequence[q]!, to.payload[q]!);
    }
    for (let p = 0; p < from.length; p++) {
      if (this.isMissingSegment(p)) coverage.want(from.sequence[p]!, from.payload[p]!);
    }
    if (!coverage.seal()) {
      this.doubtAll();
      return;
    }
    // Where a segment and its repetition are left with the bytes of one, the later one is more likely to have arrived.
    for (let p = from.length - 1; p >= 0; p--) {
      if (!this.isMissingSegment(p)) continue;
      const missing = coverage.take(from.sequence[p]!, from.payload[p]!);
      if (missing < from.payload[p]!) this.matched++;
      this.missingBytes[p] = missing;
      if (missing > 0) continue;
      this.fate[p] = FATE.Covered;
      this.open--;
    }
  }

  private isMissingSegment(p: number): boolean {
    return this.fate[p] === FATE.Missing && this.from.payload[p]! > 0;
  }

  /** Of samples it is known that a segment is missing only where none was cut or merged. */
  private doubtSegments(): void {
    const { from, to } = this;
    let isCut = false;
    let found = 0;
    for (let q = 0; q < to.length; q++) if (to.payload[q]! > 0 && this.isUsed[q] === 0) isCut = true;
    for (let p = 0; p < from.length; p++) if (from.payload[p]! > 0 && this.fate[p]! >= 0) found++;
    if (!isCut && found > 0) return;
    for (let p = 0; p < from.length; p++) {
      if (this.isMissingSegment(p)) this.fate[p] = FATE.Unsure;
    }
  }

  /** If the other hop saw packets and none of these, they are not known by the same things there. */
  private doubtAll(): void {
    for (let p = 0; p < this.from.length; p++) if (this.fate[p] === FATE.Missing) this.fate[p] = FATE.Unsure;
  }

  private hasUnused(): boolean {
    for (let q = 0; q < this.to.length; q++) if (this.isUsed[q] === 0) return true;
    return false;
  }

  private take(p: number, q: number): void {
    this.fate[p] = q;
    this.matched++;
  }

  private reserve(from: number, to: number): void {
    if (this.fate.length < from) {
      this.fate = new Int32Array(from * 2);
      this.missingBytes = new Int32Array(from * 2);
    }
    if (this.isUsed.length < to) this.isUsed = new Uint8Array(to * 2);
    else this.isUsed.fill(0, 0, to);
  }
}

/** Keys that no key of a packet is: they are no int32. */
function fragmentKey(identification: number): number {
  return identification + 0x1_0000_0000;
}

function add(lists: Map<number, number[]>, key: number, item: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
