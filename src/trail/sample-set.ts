/**
 * All packet samples of a run under one numbering: `load(i)` points the fields at sample i. Flows are those of the FlowSet; times are
 * nanoseconds after a common origin, exact to 104 days.
 */
import {
  SAMPLE_ACKNOWLEDGEMENT,
  SAMPLE_BITS,
  SAMPLE_FLOW,
  SAMPLE_HAS_TIMESTAMPS,
  SAMPLE_IDENTIFICATION,
  SAMPLE_IS_TCP,
  SAMPLE_KEY,
  SAMPLE_MOST_OVERHEAD,
  SAMPLE_NANOSECONDS,
  SAMPLE_OVERHEAD_SHIFT,
  SAMPLE_PAYLOAD_LENGTH,
  SAMPLE_SECONDS,
  SAMPLE_SELECTOR,
  SAMPLE_SENDER,
  SAMPLE_SEQUENCE,
  SAMPLE_TSECR,
  SAMPLE_TSVAL,
  SAMPLE_VARIANT,
  SAMPLE_WORDS,
} from '../flow/packet-samples.js';
import type { FlowPart } from '../flow/flow-part.js';
import type { ClockCorrection } from './clocks/clock-correction.js';
import type { FlowSet } from './flow-set.js';

const FLAGS = 0xff;
const HOP_LIMIT_SHIFT = 8;

interface PlacedPart {
  readonly part: FlowPart;
  readonly firstFlow: number;
  readonly firstSample: number;
}

export class SampleSet {
  readonly length: number;
  /** Number of the flow, direction in it, and time of the loaded sample. */
  flow = 0;
  direction = 0;
  time = 0;
  /** Nanoseconds of its second, by the clock that took it. */
  nanoseconds = 0;
  /** As `time`, by the clock that took it. */
  ownTime = 0;
  private readonly parts: readonly PlacedPart[];
  /** Seconds since 1970 that times count from. */
  readonly originSeconds: number;
  private clock: ClockCorrection | null = null;
  private vantages = new Int32Array(0) as Int32Array;
  private words = new Int32Array(0) as Int32Array;
  private at = 0;
  private bits = 0;

  constructor(flows: FlowSet) {
    let length = 0;
    let origin = Infinity;
    this.parts = flows.placedParts.map(({ part, firstFlow }) => {
      const firstSample = length;
      length += part.samples.count;
      if (part.samples.count > 0) origin = Math.min(origin, part.samples.doubles[SAMPLE_SECONDS >>> 1]!);
      return { part, firstFlow, firstSample };
    });
    this.length = length;
    this.originSeconds = origin === Infinity ? 0 : origin;
  }

  /** From here on times are told in the reference clock. `vantages` are those of the flows. */
  useClock(clock: ClockCorrection, vantages: Int32Array): void {
    this.clock = clock.correctsAnything ? clock : null;
    this.vantages = vantages;
  }

  /** False if there were more packets than are kept as samples. */
  get areAllPackets(): boolean {
    return this.parts.every(({ part }) => part.samples.mask === 0);
  }

  load(index: number): void {
    let p = this.parts.length - 1;
    while (this.parts[p]!.firstSample > index) p--;
    const { part, firstFlow, firstSample } = this.parts[p]!;
    const { words, doubles } = part.samples;
    const at = (index - firstSample) * SAMPLE_WORDS;
    this.words = words;
    this.at = at;
    this.bits = words[at + SAMPLE_BITS]!;
    this.flow = firstFlow + part.flowOfRow(words[at + SAMPLE_FLOW]! >>> 1);
    this.direction = words[at + SAMPLE_FLOW]! & 1;
    this.nanoseconds = words[at + SAMPLE_NANOSECONDS]!;
    const seconds = doubles[(at + SAMPLE_SECONDS) >>> 1]!;
    this.ownTime = (seconds - this.originSeconds) * 1e9 + this.nanoseconds;
    this.time = this.ownTime;
    if (this.clock !== null) this.time += this.clock.correction(this.vantages[this.flow]!, seconds, this.nanoseconds);
  }

  /** The bits that no selector of a flow's samples has, but for its first packets; 0: all packets are samples. */
  maskOf(flow: number): number {
    let p = this.parts.length - 1;
    while (this.parts[p]!.firstFlow > flow) p--;
    return this.parts[p]!.part.samples.mask;
  }

  /** The key that all copies of a packet share: two words. */
  get firstKey(): number {
    return this.words[this.at + SAMPLE_KEY]!;
  }

  get secondKey(): number {
    return this.words[this.at + SAMPLE_KEY + 1]!;
  }

  get isTcp(): boolean {
    return (this.bits & SAMPLE_IS_TCP) !== 0;
  }

  get tcpFlags(): number {
    return this.bits & FLAGS;
  }

  get hopLimit(): number {
    return (this.bits >>> HOP_LIMIT_SHIFT) & 0xff;
  }

  get hasTimestamps(): boolean {
    return (this.bits & SAMPLE_HAS_TIMESTAMPS) !== 0;
  }

  /** True for the first fragment of a datagram. */
  get isFragment(): boolean {
    return !this.isTcp && this.variant === 1;
  }

  /** Of all packets those are kept whose selector has none of the bits of maskOf() their flow, and some others. */
  get selector(): number {
    return this.words[this.at + SAMPLE_SELECTOR]!;
  }

  get sequence(): number {
    return this.words[this.at + SAMPLE_SEQUENCE]!;
  }

  get acknowledgement(): number {
    return this.words[this.at + SAMPLE_ACKNOWLEDGEMENT]!;
  }

  /** -1 for IPv6. */
  get identification(): number {
    return this.words[this.at + SAMPLE_IDENTIFICATION]!;
  }

  get payloadLength(): number {
    return this.words[this.at + SAMPLE_PAYLOAD_LENGTH]!;
  }

  /** Length of the outermost IP packet as it was at this vantage point; -1 if it is not known. */
  get packetLength(): number {
    const overhead = this.bits >>> SAMPLE_OVERHEAD_SHIFT;
    return overhead === SAMPLE_MOST_OVERHEAD ? -1 : overhead + this.payloadLength;
  }

  get tsval(): number {
    return this.words[this.at + SAMPLE_TSVAL]!;
  }

  get tsecr(): number {
    return this.words[this.at + SAMPLE_TSECR]!;
  }

  /** TCP: differs where the window or the first selective acknowledgement does. */
  get variant(): number {
    return this.words[this.at + SAMPLE_VARIANT]!;
  }

  /** Differs where the source MAC address of the frame does. */
  get sender(): number {
    return this.words[this.at + SAMPLE_SENDER]!;
  }
}
