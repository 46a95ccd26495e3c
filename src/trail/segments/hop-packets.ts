/**
 * The packets of one direction of a connection at one hop, in order of time, as columns that are used again for the next hop.
 *
 * A packet is known by its key and, as long as it has one, its IP identification, which tells a segment from the same one sent again;
 * a packet without (0, IPv6) by its window and selective acknowledgements instead. Those may repeat, so hops are compared as multisets. What one
 * vantage point shows again of one packet (a promiscuous bridge, port mirroring, a duplicate made on the wire) is a copy and is looked for no further,
 * but may be found: so copies never make a loss.
 */
import { mixFour } from '../../base/hash.js';
import type { SampleIndex } from '../sample-index.js';
import type { SampleSet } from '../sample-set.js';

const SYN = 2;
const FIN = 1;
const NONE = -1;
const INITIAL_PACKETS = 256;
/** An identification comes back after 65,536 packets at the earliest. */
const SAME_IDENTIFICATION_NS = 1e9;
/** Copies of one packet that something else shows to be copies come this close together. */
const SAME_PACKET_NS = 50e6;
/** No sender repeats a packet this fast, but for the SYN-ACK that answers a repeated SYN. */
const SAME_MOMENT_NS = 1e6;
/** Identifications take 16 bits; what stands for them is told apart by this one. */
const VARIANT_BIT = 0x40000000;

export class HopPackets {
  length = 0;
  /** All packets of one flow are of one protocol. */
  isTcp = false;
  /** Number of the sample, and its time. */
  sample = new Int32Array(INITIAL_PACKETS);
  time = new Float64Array(INITIAL_PACKETS);
  sequence = new Int32Array(INITIAL_PACKETS);
  acknowledgement = new Int32Array(INITIAL_PACKETS);
  payload = new Int32Array(INITIAL_PACKETS);
  flags = new Uint8Array(INITIAL_PACKETS);
  identification = new Int32Array(INITIAL_PACKETS);
  firstKey = new Int32Array(INITIAL_PACKETS);
  secondKey = new Int32Array(INITIAL_PACKETS);
  isFragment = new Uint8Array(INITIAL_PACKETS);
  /** 1 if the vantage point had shown the packet before. */
  isCopy = new Uint8Array(INITIAL_PACKETS);
  /** 1 if it was kept for being one of the first of its flow here; elsewhere it may not have been kept. */
  isExtra = new Uint8Array(INITIAL_PACKETS);
  /** 1 if there are several packets of this identity, copies or not. */
  isRepeated = new Uint8Array(INITIAL_PACKETS);
  /** The packet of the same identity before this one, or -1. */
  before = new Int32Array(INITIAL_PACKETS);
  private distinct = new Int32Array(INITIAL_PACKETS);
  private hopLimit = new Uint8Array(INITIAL_PACKETS);
  private sender = new Int32Array(INITIAL_PACKETS);
  /** The last packet of each identity, plus 1. */
  private slots = new Int32Array(INITIAL_PACKETS * 2);
  private slotMask = 0;
  private mask = 0;

  /** Takes the samples of `pieces` (flow numbers) in one direction; those whose selectors have bits of `mask` are extra. */
  read(samples: SampleSet, index: SampleIndex, pieces: readonly number[], direction: number, mask: number): void {
    this.length = 0;
    this.mask = mask;
    let isSorted = true;
    for (const flow of pieces) {
      const until = index.until(flow, direction);
      for (let position = index.from(flow, direction); position < until; position++) {
        const sample = index.sampleAt(position);
        samples.load(sample);
        this.append(samples, sample);
        const last = this.length - 1;
        if (last > 0 && this.time[last]! < this.time[last - 1]!) isSorted = false;
      }
    }
    if (!isSorted) this.sort(samples);
    this.findCopies();
  }

  /** The last packet with the identity of packet `p` of another hop, or -1. */
  find(other: HopPackets, p: number): number {
    return this.slots[this.slotOf(other.firstKey[p]!, other.secondKey[p]!, other.distinct[p]!)]! - 1;
  }

  /** Bytes of sequence space. */
  span(p: number): number {
    const flags = this.flags[p]!;
    return this.payload[p]! + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
  }

  private append(samples: SampleSet, sample: number): void {
    if (this.length === this.sample.length) this.grow();
    this.put(this.length++, samples, sample);
  }

  private put(p: number, samples: SampleSet, sample: number): void {
    const { identification } = samples;
    this.isTcp = samples.isTcp;
    this.sample[p] = sample;
    this.time[p] = samples.time;
    this.sequence[p] = samples.sequence;
    this.acknowledgement[p] = samples.acknowledgement;
    this.payload[p] = samples.payloadLength;
    this.flags[p] = samples.isTcp ? samples.tcpFlags : 0;
    this.identification[p] = identification;
    this.firstKey[p] = samples.firstKey;
    this.secondKey[p] = samples.secondKey;
    this.isExtra[p] = (samples.selector & this.mask) === 0 ? 0 : 1;
    this.isFragment[p] = samples.isFragment ? 1 : 0;
    this.distinct[p] = identification > 0 ? identification : samples.variant | VARIANT_BIT;
    this.hopLimit[p] = samples.hopLimit;
    this.sender[p] = samples.sender;
  }

  /** Packets of a capture are not always in order of time; equal times keep their order. */
  private sort(samples: SampleSet): void {
    const { time } = this;
    const order = Int32Array.from({ length: this.length }, (_, p) => p).sort((a, b) => time[a]! - time[b]! || a - b);
    const sorted = order.map((p) => this.sample[p]!);
    for (let p = 0; p < sorted.length; p++) {
      samples.load(sorted[p]!);
      this.put(p, samples, sorted[p]!);
    }
  }

  private findCopies(): void {
    this.clearSlots();
    let copies = 0;
    let doubtful = 0;
    for (let p = 0; p < this.length; p++) {
      const slot = this.slotOf(this.firstKey[p]!, this.secondKey[p]!, this.distinct[p]!);
      const before = this.slots[slot]! - 1;
      this.slots[slot] = p + 1;
      this.before[p] = before;
      this.isRepeated[p] = 0;
      this.isCopy[p] = 0;
      if (before === NONE) continue;
      this.isRepeated[p] = 1;
      this.isRepeated[before] = 1;
      if (this.isCopyOf(p, before)) {
        this.isCopy[p] = 1;
        copies++;
      } else {
        doubtful++;
      }
    }
    if (copies > 0 && doubtful > 0) this.takeDoubtfulForCopies();
  }

  private isCopyOf(p: number, before: number): boolean {
    const apart = this.time[p]! - this.time[before]!;
    if (this.identification[p]! > 0) return apart <= SAME_IDENTIFICATION_NS;
    if (apart > SAME_PACKET_NS) return false;
    if (this.hopLimit[p] !== this.hopLimit[before] || this.sender[p] !== this.sender[before]) return true;
    return apart <= SAME_MOMENT_NS && (this.flags[p]! & SYN) === 0;
  }

  /** Where other packets have copies, those that come close together without an identification are copies, too. */
  private takeDoubtfulForCopies(): void {
    for (let p = 0; p < this.length; p++) {
      const before = this.before[p]!;
      if (before !== NONE && this.time[p]! - this.time[before]! <= SAME_PACKET_NS) this.isCopy[p] = 1;
    }
  }

  private clearSlots(): void {
    let slots = 16;
    while (slots < this.length * 2) slots *= 2;
    if (slots > this.slots.length) this.slots = new Int32Array(slots);
    else this.slots.fill(0, 0, slots);
    this.slotMask = slots - 1;
  }

  private slotOf(first: number, second: number, distinct: number): number {
    let slot = mixFour(first, second, distinct, 0) & this.slotMask;
    while (true) {
      const p = this.slots[slot]! - 1;
      if (p < 0) return slot;
      if (this.firstKey[p] === first && this.secondKey[p] === second && this.distinct[p] === distinct) return slot;
      slot = (slot + 1) & this.slotMask;
    }
  }

  private grow(): void {
    const size = this.sample.length * 2;
    this.sample = grown(this.sample, new Int32Array(size));
    this.time = grown(this.time, new Float64Array(size));
    this.sequence = grown(this.sequence, new Int32Array(size));
    this.acknowledgement = grown(this.acknowledgement, new Int32Array(size));
    this.payload = grown(this.payload, new Int32Array(size));
    this.flags = grown(this.flags, new Uint8Array(size));
    this.identification = grown(this.identification, new Int32Array(size));
    this.firstKey = grown(this.firstKey, new Int32Array(size));
    this.secondKey = grown(this.secondKey, new Int32Array(size));
    this.isFragment = grown(this.isFragment, new Uint8Array(size));
    this.isExtra = grown(this.isExtra, new Uint8Array(size));
    this.isCopy = grown(this.isCopy, new Uint8Array(size));
    this.isRepeated = grown(this.isRepeated, new Uint8Array(size));
    this.before = grown(this.before, new Int32Array(size));
    this.distinct = grown(this.distinct, new Int32Array(size));
    this.hopLimit = grown(this.hopLimit, new Uint8Array(size));
    this.sender = grown(this.sender, new Int32Array(size));
  }
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
