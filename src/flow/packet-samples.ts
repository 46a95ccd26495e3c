/**
 * Samples of packets, by which the same packet is recognised at other vantage points.
 *
 * A sample's key is made of what hops, tunnels and NAT leave alone (never addresses, ports, TTL or checksums), so that copies have
 * equal keys wherever they were seen. Kept are the first packets of each direction of a flow, and of the others those whose
 * key falls below one threshold for all vantage points, which rises as room runs out: the same packets are kept everywhere, and
 * memory is bounded (trajectory sampling: Duffield and Grossglauser, "Trajectory sampling for direct traffic observation",
 * IEEE/ACM Transactions on Networking 9(3), 2001). Until then all packets are kept.
 */
import { finish, mix, mixFour } from '../base/hash.js';
import { NETWORK_NONE, NONE, TRANSPORT, type Decoded, type Level } from '../wire/decoded.js';
import {
  findTcpOption,
  sackLeftEdge,
  sackRightEdge,
  TCP_OPTION,
  timestampEchoReply,
  timestampValue,
} from '../wire/tcp-options.js';
import { PACKETS, rowStart } from './flow-row.js';
import type { FlowTable } from './flow-table.js';
import type { Sighting } from './sighting.js';

/** Words of a sample; the first two are a double. */
export const SAMPLE_WORDS = 16;
/** Seconds since 1970, as a double, and nanoseconds. */
export const SAMPLE_SECONDS = 0;
export const SAMPLE_NANOSECONDS = 2;
/** Row of the flow, times two, plus direction. */
export const SAMPLE_FLOW = 3;
/** The key: two hashes. */
export const SAMPLE_KEY = 4; // and 5
/** TCP: sequence and acknowledgement number. */
export const SAMPLE_SEQUENCE = 6;
export const SAMPLE_ACKNOWLEDGEMENT = 7;
/** TCP flags in bits 0-7, hop limit in 8-15, SAMPLE_* bits from 16, SAMPLE_OVERHEAD from 19. */
export const SAMPLE_BITS = 8;
/** IPv4 identification; NONE for IPv6. */
export const SAMPLE_IDENTIFICATION = 9;
export const SAMPLE_PAYLOAD_LENGTH = 10;
/** TCP timestamps, valid with SAMPLE_HAS_TIMESTAMPS. */
export const SAMPLE_TSVAL = 11;
export const SAMPLE_TSECR = 12;
/** What the sampling threshold is compared with. */
export const SAMPLE_SELECTOR = 13;
/**
 * TCP: hash of what two segments of one key may still differ by, the window and the first selective acknowledgement. Others: 1 for the
 * first fragment of a datagram.
 */
export const SAMPLE_VARIANT = 14;
/** Hash of the frame's source MAC address, of the outermost frame in a tunnel; equal where the link has none. */
export const SAMPLE_SENDER = 15;

export const SAMPLE_HAS_TIMESTAMPS = 1 << 16;
/** One of the first packets of its direction. */
export const SAMPLE_IS_FIRST = 1 << 17;
export const SAMPLE_IS_TCP = 1 << 18;
/** Bytes of the outermost IP packet that are not payload of the innermost level: headers, tunnels' too. The most means: or more. */
export const SAMPLE_OVERHEAD_SHIFT = 19;
export const SAMPLE_MOST_OVERHEAD = 0x1fff;

/** Packets of each direction that are always kept, as long as there is room. */
const FIRST_PACKETS = 4;
const INITIAL_SAMPLES = 4096;
/** Room at most: 17 MB. */
const MOST_SAMPLES = 1 << 18;
/** The highest thresholds: one packet in 65,536. */
const ALL_BITS = 0xffff;
const PAYLOAD_PREFIX_BYTES = 16;
const WORD_BYTES = 4;
/** Bytes, with the padding that is usual: no room for another option. */
const HEADER_WITH_TIMESTAMPS = 32;
const FIRST_SEED = 0x2545f491;
const SECOND_SEED = 0x6a09e667;

export class PacketSamples {
  count = 0;
  words: Int32Array = new Int32Array(INITIAL_SAMPLES * SAMPLE_WORDS);
  doubles: Float64Array = new Float64Array(this.words.buffer);
  /** A packet is kept if its selector has none of these bits, or if it is among the first and has none of the others. */
  mask = 0;
  private firstMask = 0;

  /** Takes the innermost level of each packet of a batch, after the flow table has counted it. */
  packets(
    decoded: readonly Decoded[],
    sightings: readonly Sighting[],
    count: number,
    view: DataView,
    table: FlowTable,
  ): void {
    for (let slot = 0; slot < count; slot++) {
      const d = decoded[slot]!;
      if (d.depth === 0) continue;
      const level = d.levels[d.depth - 1]!;
      if (level.flowId === NONE || level.network === NETWORK_NONE) continue;
      if (level.isFragment === 1 && level.fragmentOffset > 0) continue;
      this.take(d, level, sightings[slot]!, view, table);
    }
  }

  /** @cold when the flow limit is reached: drops the samples of flows whose rows were freed. */
  forgetFinished(table: FlowTable): void {
    let to = 0;
    for (let at = 0; at < this.count * SAMPLE_WORDS; at += SAMPLE_WORDS) {
      if (table.isLive(this.words[at + SAMPLE_FLOW]! >>> 1)) to = this.move(at, to);
    }
    this.count = to / SAMPLE_WORDS;
  }

  private take(d: Decoded, level: Level, sighting: Sighting, view: DataView, table: FlowTable): void {
    const direction = level.flowDirection;
    const packets = table.words[rowStart(level.flowId) + PACKETS + direction]!;
    const isTcp = level.transport === TRANSPORT.Tcp;
    const selector = isTcp ? tcpSelector(level) : datagramSelector(level);
    const isFirst = packets <= FIRST_PACKETS;
    if ((selector & (isFirst ? this.firstMask : this.mask)) !== 0) return;
    if ((this.count + 1) * SAMPLE_WORDS > this.words.length) this.makeRoom();
    const at = this.count * SAMPLE_WORDS;
    this.count++;
    const words = this.words;
    this.doubles[(at + SAMPLE_SECONDS) >>> 1] = sighting.seconds;
    words[at + SAMPLE_NANOSECONDS] = sighting.nanoseconds;
    words[at + SAMPLE_FLOW] = (level.flowId << 1) | direction;
    words[at + SAMPLE_SEQUENCE] = level.sequence;
    words[at + SAMPLE_ACKNOWLEDGEMENT] = level.acknowledgement;
    words[at + SAMPLE_IDENTIFICATION] = level.identification;
    words[at + SAMPLE_PAYLOAD_LENGTH] = level.payloadLength;
    words[at + SAMPLE_SELECTOR] = selector;
    words[at + SAMPLE_SENDER] = mix(d.sourceMacHigh, d.sourceMacLow);
    const bits =
      level.tcpFlags | ((level.hopLimit & 0xff) << 8) | (isFirst ? SAMPLE_IS_FIRST : 0) | overheadBits(d, level);
    if (isTcp) this.noteTcp(at, level, view, selector, bits | SAMPLE_IS_TCP);
    else this.noteDatagram(at, level, view, selector, bits);
  }

  private noteTcp(at: number, level: Level, view: DataView, selector: number, bits: number): void {
    const words = this.words;
    const option = findTcpOption(view, level, TCP_OPTION.Timestamps);
    const tsval = option === NONE ? 0 : timestampValue(view, option);
    const tsecr = option === NONE ? 0 : timestampEchoReply(view, option);
    words[at + SAMPLE_TSVAL] = tsval;
    words[at + SAMPLE_TSECR] = tsecr;
    words[at + SAMPLE_BITS] = option === NONE ? bits : bits | SAMPLE_HAS_TIMESTAMPS;
    words[at + SAMPLE_VARIANT] = mix(level.window, selectiveAcknowledgement(view, level, option !== NONE));
    words[at + SAMPLE_KEY] = mixFour(selector, tsval, tsecr, FIRST_SEED);
    words[at + SAMPLE_KEY + 1] = finish(
      mix(mix(mix(mix(SECOND_SEED, level.sequence), level.acknowledgement), tsval), tsecr),
    );
  }

  /** The identification, the length, the ICMP message or SCTP tag, and the beginning of the payload. */
  private noteDatagram(at: number, level: Level, view: DataView, selector: number, bits: number): void {
    const words = this.words;
    words[at + SAMPLE_TSVAL] = 0;
    words[at + SAMPLE_TSECR] = 0;
    words[at + SAMPLE_VARIANT] = level.isFragment;
    words[at + SAMPLE_BITS] = bits;
    let hash = mix(SECOND_SEED, level.verificationTag);
    const length = level.payloadCaptured < PAYLOAD_PREFIX_BYTES ? level.payloadCaptured : PAYLOAD_PREFIX_BYTES;
    for (let i = 0; i + WORD_BYTES <= length; i += WORD_BYTES) hash = mix(hash, view.getInt32(level.payloadAt + i));
    for (let i = length & ~(WORD_BYTES - 1); i < length; i++) hash = mix(hash, view.getUint8(level.payloadAt + i));
    words[at + SAMPLE_KEY] = mixFour(selector, hash, length, FIRST_SEED);
    words[at + SAMPLE_KEY + 1] = finish(mix(hash, selector));
  }

  /** @cold when the buffer is full */
  private makeRoom(): void {
    if (this.count < MOST_SAMPLES) {
      // At once to the most: memory that is not written costs nothing, and every step would cost a garbage collection.
      const words = new Int32Array(MOST_SAMPLES * SAMPLE_WORDS);
      words.set(this.words);
      this.words = words;
      this.doubles = new Float64Array(words.buffer);
      return;
    }
    while (this.count > MOST_SAMPLES / 2 && this.firstMask !== ALL_BITS) {
      if (this.mask !== ALL_BITS) this.mask = this.mask * 2 + 1;
      else this.firstMask = this.firstMask * 2 + 1;
      this.keepSelected();
    }
  }

  /** @cold when a threshold rises */
  private keepSelected(): void {
    const words = this.words;
    const end = this.count * SAMPLE_WORDS;
    let to = 0;
    for (let at = 0; at < end; at += SAMPLE_WORDS) {
      const isFirst = (words[at + SAMPLE_BITS]! & SAMPLE_IS_FIRST) !== 0;
      if ((words[at + SAMPLE_SELECTOR]! & (isFirst ? this.firstMask : this.mask)) === 0) to = this.move(at, to);
    }
    this.count = to / SAMPLE_WORDS;
  }

  /** Copies the sample at word `at` to word `to`; returns the word behind it there. */
  private move(at: number, to: number): number {
    const words = this.words;
    if (to !== at) for (let i = 0; i < SAMPLE_WORDS; i++) words[to + i] = words[at + i]!;
    return to + SAMPLE_WORDS;
  }
}

function overheadBits(d: Decoded, level: Level): number {
  const overhead = d.levels[0]!.networkLength - level.payloadLength;
  return (overhead < 0 || overhead > SAMPLE_MOST_OVERHEAD ? SAMPLE_MOST_OVERHEAD : overhead) << SAMPLE_OVERHEAD_SHIFT;
}

/** What selects a segment: cheap, and the same at every vantage point. */
function tcpSelector(level: Level): number {
  return mixFour(level.sequence, level.acknowledgement, level.tcpFlags, level.payloadLength);
}

/** Hash of the first block of selective acknowledgements (RFC 2018), which every segment changes; 0 without one. */
function selectiveAcknowledgement(view: DataView, level: Level, hasTimestamps: boolean): number {
  if (hasTimestamps && level.tcpHeaderLength === HEADER_WITH_TIMESTAMPS) return 0;
  const option = findTcpOption(view, level, TCP_OPTION.Sack);
  return option === NONE ? 0 : mix(sackLeftEdge(view, option, 0), sackRightEdge(view, option, 0));
}

function datagramSelector(level: Level): number {
  return mixFour(level.identification, level.payloadLength, (level.icmpType << 8) | level.icmpCode, level.icmpSequence);
}
