/**
 * All flows of a run, whatever table, compact store or worker they come from, under one numbering and with one meaning of every
 * id: `load(f)` points the fields at flow f. Ids of addresses, encapsulations, outer paths, vantage points and NFLOG
 * prefixes are translated to those of the whole run.
 *
 * Pieces of one flow can be joined to a further one, which has a number behind the others'.
 */
import type { AddressTable } from '../base/address.js';
import { NANOSECONDS_PER_SECOND } from '../base/time.js';
import type { EncapsulationTable } from '../flow/encapsulations.js';
import { CompactRows } from '../flow/compact-rows.js';
import { FlowExtras } from '../flow/flow-extras.js';
import {
  ADDRESS_A,
  ADDRESS_B,
  DUPLICATES,
  ENCAPSULATION,
  EXTRAS,
  FIRST_NANOSECONDS,
  FIRST_SECONDS,
  FRAGMENTS,
  HANDSHAKE,
  HANDSHAKE_LONG,
  HOP_LIMITS,
  ICMP,
  INFO,
  INFO_CARRIER,
  INFO_CLIENT_DIRECTION,
  INFO_FIRST_DIRECTION,
  INFO_REASON_MASK,
  INFO_REASON_SHIFT,
  INFO_SYN_SHIFT,
  INITIAL_SEQUENCE,
  LAST_NANOSECONDS,
  LAST_SECONDS,
  OUTER_PATH,
  PACKETS,
  PAYLOAD_BYTES,
  PORTS,
  PROTOCOL,
  STRIDE,
  TCP_STATE,
  UNIQUE_BYTES,
  VANTAGE,
  WIRE_BYTES,
} from '../flow/flow-row.js';
import type { FlowPart } from '../flow/flow-part.js';
import { historyText } from '../flow/history.js';
import { joinRows } from '../flow/join-rows.js';
import type { OuterPathTable } from '../flow/outer-paths.js';
import type { ClockCorrection } from './clocks/clock-correction.js';
import { datagramConnectionState, tcpConnectionState } from '../flow/tcp-state.js';

const PROTOCOL_TCP = 6;

/** One part with the translation of its ids to those of the run. */
export interface MappedPart {
  readonly part: FlowPart;
  readonly addresses: Int32Array;
  readonly encapsulations: Int32Array;
  readonly outerPaths: Int32Array;
  readonly vantages: Int32Array;
  readonly nflogPrefixes: Int32Array;
}

export class FlowSet {
  /** Number of flows as they were counted; they are numbered 0..length-1, and joined ones from there. */
  readonly length: number;
  readonly addressTable: AddressTable;
  readonly encapsulationTable: EncapsulationTable;
  readonly outerPathTable: OuterPathTable;
  readonly nflogPrefixes: readonly string[];
  private clock: ClockCorrection | null = null;
  private readonly parts: readonly MappedPart[];
  private readonly starts: number[] = [];
  private current: MappedPart;
  private row: Int32Array = new Int32Array(0);
  private doubles: Float64Array = new Float64Array(0);
  private at = 0;
  private doubleAt = 0;
  private readonly scratchRow: Int32Array;
  private readonly scratchDoubles: Float64Array;
  private readonly joined = new CompactRows();
  /** The part that the ids of each joined flow belong to. */
  private readonly joinedParts: MappedPart[] = [];
  private readonly joinedPieces: (readonly number[])[] = [];

  constructor(
    parts: readonly MappedPart[],
    tables: {
      readonly addresses: AddressTable;
      readonly encapsulations: EncapsulationTable;
      readonly outerPaths: OuterPathTable;
      readonly nflogPrefixes: readonly string[];
    },
  ) {
    this.parts = parts;
    this.addressTable = tables.addresses;
    this.encapsulationTable = tables.encapsulations;
    this.outerPathTable = tables.outerPaths;
    this.nflogPrefixes = tables.nflogPrefixes;
    let length = 0;
    for (const part of parts) {
      this.starts.push(length);
      length += part.part.length;
    }
    this.length = length;
    this.current = parts[0]!;
    const buffer = new ArrayBuffer(STRIDE * Int32Array.BYTES_PER_ELEMENT);
    this.scratchRow = new Int32Array(buffer);
    this.scratchDoubles = new Float64Array(buffer);
  }

  /** The parts, each with the translation of its ids. */
  get mappedParts(): readonly MappedPart[] {
    return this.parts;
  }

  /** The parts, each with the number of its first flow. */
  get placedParts(): { readonly part: FlowPart; readonly firstFlow: number }[] {
    return this.parts.map(({ part }, index) => ({ part, firstFlow: this.starts[index]! }));
  }

  /** From here on times are told in the reference clock. */
  useClock(clock: ClockCorrection): void {
    this.clock = clock.correctsAnything ? clock : null;
  }

  /** Points all getters at flow `index`. */
  load(index: number): void {
    if (index >= this.length) {
      this.current = this.joinedParts[index - this.length]!;
      this.joined.load(index - this.length, this.scratchRow, this.scratchDoubles);
      this.useScratch();
      return;
    }
    let p = this.parts.length - 1;
    while (this.starts[p]! > index) p--;
    this.current = this.parts[p]!;
    const part = this.current.part;
    const local = index - this.starts[p]!;
    this.at = part.rowAt(local);
    if (this.at >= 0) {
      const table = part.tableOf(local);
      this.row = table.words;
      this.doubles = table.doubles;
    } else {
      part.loadFinished(local, this.scratchRow, this.scratchDoubles);
      this.useScratch();
    }
    this.doubleAt = this.at >>> 1;
  }

  private useScratch(): void {
    this.row = this.scratchRow;
    this.doubles = this.scratchDoubles;
    this.at = 0;
    this.doubleAt = 0;
  }

  /**
   * The number of a flow that is all `pieces` together. They are in order of start, at one vantage point, and so of one part and the
   * same way round.
   */
  join(pieces: readonly number[]): number {
    const buffer = new ArrayBuffer(STRIDE * Int32Array.BYTES_PER_ELEMENT);
    const whole = { words: new Int32Array(buffer), doubles: new Float64Array(buffer), at: 0 };
    let extras: FlowExtras | null = null;
    for (const [position, piece] of pieces.entries()) {
      this.load(piece);
      if (position === 0) whole.words.set(this.row.subarray(this.at, this.at + STRIDE));
      else joinRows(whole, { words: this.row, doubles: this.doubles, at: this.at });
      if (this.extras !== null) (extras ??= new FlowExtras()).add(this.extras);
    }
    const part = this.current;
    const index = extras === null ? 0 : part.part.table.extras.push(extras) - 1;
    this.joinedParts.push(part);
    this.joinedPieces.push(pieces);
    this.joined.append(whole.words, 0, whole.doubles, index);
    return this.length + this.joined.count - 1;
  }

  /** The flows that were joined to flow `index`, in order of start; itself if it is none that was joined. */
  piecesOf(index: number): readonly number[] {
    return index < this.length ? [index] : this.joinedPieces[index - this.length]!;
  }

  /** True if all pieces of the flow are in a table still; flows that were finished before have lost their samples. */
  keepsSamples(index: number): boolean {
    return this.piecesOf(index).every((piece) => {
      let p = this.parts.length - 1;
      while (this.starts[p]! > piece) p--;
      const { part } = this.parts[p]!;
      const local = piece - this.starts[p]!;
      return part.rowAt(local) >= 0 && part.tableOf(local) === part.table;
    });
  }

  get vantage(): number {
    return this.current.vantages[this.row[this.at + VANTAGE]!]!;
  }

  get encapsulation(): number {
    return this.current.encapsulations[this.row[this.at + ENCAPSULATION]!]!;
  }

  get addressA(): number {
    return this.current.addresses[this.row[this.at + ADDRESS_A]!]!;
  }

  get addressB(): number {
    return this.current.addresses[this.row[this.at + ADDRESS_B]!]!;
  }

  get portA(): number {
    return this.row[this.at + PORTS]! >>> 16;
  }

  get portB(): number {
    return this.row[this.at + PORTS]! & 0xffff;
  }

  get protocol(): number {
    return this.row[this.at + PROTOCOL]!;
  }

  get isCarrier(): boolean {
    return (this.row[this.at + INFO]! & INFO_CARRIER) !== 0;
  }

  /** Direction (0 = A to B) in which the flow's client sends, as decided at its first packet. */
  get clientDirection(): number {
    return this.row[this.at + INFO]! & INFO_CLIENT_DIRECTION;
  }

  get firstDirection(): number {
    return (this.row[this.at + INFO]! & INFO_FIRST_DIRECTION) >> 1;
  }

  /** CLIENT_REASON number. */
  get clientReason(): number {
    return (this.row[this.at + INFO]! >>> INFO_REASON_SHIFT) & INFO_REASON_MASK;
  }

  /** True if a SYN was seen in this direction, so that its initial sequence number is certain. */
  hasInitialSequence(direction: number): boolean {
    return ((this.row[this.at + INFO]! >>> (INFO_SYN_SHIFT + direction)) & 1) === 1;
  }

  initialSequence(direction: number): number {
    return this.row[this.at + INITIAL_SEQUENCE + direction]!;
  }

  packets(direction: number): number {
    return this.row[this.at + PACKETS + direction]! >>> 0;
  }

  wireBytes(direction: number): number {
    return this.doubles[this.doubleAt + WIRE_BYTES + direction]!;
  }

  payloadBytes(direction: number): number {
    return this.doubles[this.doubleAt + PAYLOAD_BYTES + direction]!;
  }

  uniquePayloadBytes(direction: number): number {
    return this.doubles[this.doubleAt + UNIQUE_BYTES + direction]!;
  }

  get duplicates(): number {
    return this.row[this.at + DUPLICATES]!;
  }

  get fragments(): number {
    return this.row[this.at + FRAGMENTS]!;
  }

  get firstSeconds(): number {
    return this.secondsOf(FIRST_SECONDS, FIRST_NANOSECONDS);
  }

  get firstNanoseconds(): number {
    return this.nanosecondsOf(FIRST_SECONDS, FIRST_NANOSECONDS);
  }

  get lastSeconds(): number {
    return this.secondsOf(LAST_SECONDS, LAST_NANOSECONDS);
  }

  get lastNanoseconds(): number {
    return this.nanosecondsOf(LAST_SECONDS, LAST_NANOSECONDS);
  }

  private secondsOf(secondsAt: number, nanosecondsAt: number): number {
    const seconds = this.doubles[this.doubleAt + secondsAt]!;
    return seconds + Math.floor(this.corrected(seconds, nanosecondsAt) / NANOSECONDS_PER_SECOND);
  }

  private nanosecondsOf(secondsAt: number, nanosecondsAt: number): number {
    const corrected = this.corrected(this.doubles[this.doubleAt + secondsAt]!, nanosecondsAt);
    return corrected - Math.floor(corrected / NANOSECONDS_PER_SECOND) * NANOSECONDS_PER_SECOND;
  }

  /** Nanoseconds of a time with what its clock is to be corrected by. */
  private corrected(seconds: number, nanosecondsAt: number): number {
    const nanoseconds = this.row[this.at + nanosecondsAt]!;
    return this.clock === null ? nanoseconds : nanoseconds + this.clock.correction(this.vantage, seconds, nanoseconds);
  }

  /** TTL or hop limit of the first packet of the direction, null if there was none. */
  hopLimit(direction: number): number | null {
    const stored = (this.row[this.at + HOP_LIMITS]! >>> (direction * 16)) & 0xffff;
    return stored === 0 ? null : stored - 1;
  }

  /** ICMP or ICMPv6 type of the first message; null for other protocols. */
  get icmpType(): number | null {
    return this.row[this.at + ICMP]! === 0 ? null : (this.row[this.at + ICMP]! >>> 8) & 0xff;
  }

  /** Code of the first message. */
  get icmpCode(): number | null {
    return this.row[this.at + ICMP]! === 0 ? null : this.row[this.at + ICMP]! & 0xff;
  }

  /** Outer path of the first packet of the direction, or -1. */
  outerPath(direction: number): number {
    const local = this.row[this.at + OUTER_PATH + direction]!;
    return local < 0 ? -1 : this.current.outerPaths[local]!;
  }

  /** SYN to the ACK of the SYN-ACK in nanoseconds; null unless seen whole. */
  get handshakeNs(): number | null {
    const stored = this.row[this.at + HANDSHAKE]!;
    if (stored >= 0) return stored;
    return stored === HANDSHAKE_LONG ? (this.extras?.handshake ?? null) : null;
  }

  get extras(): FlowExtras | null {
    const index = this.row[this.at + EXTRAS]!;
    return index === 0 ? null : this.current.part.table.extras[index]!;
  }

  /** True if some of its messages were WireGuard's. */
  get isWireguard(): boolean {
    return (this.extras?.wireguard ?? null) !== null;
  }

  get nflogPrefix(): string | null {
    const local = this.extras?.nflogPrefix ?? -1;
    return local < 0 ? null : (this.nflogPrefixes[this.current.nflogPrefixes[local]!] ?? null);
  }

  /** Zeek's history with the client sending in `clientDirection`; empty for protocols other than TCP. */
  history(clientDirection: number): string {
    return historyText(
      this.row,
      this.at,
      clientDirection,
      this.firstDirection !== clientDirection && this.protocol === PROTOCOL_TCP,
    );
  }

  /** Zeek's conn_state with the client sending in `clientDirection`. */
  state(clientDirection: number): string {
    if (this.protocol !== PROTOCOL_TCP) {
      return datagramConnectionState(this.packets(clientDirection), this.packets(1 - clientDirection));
    }
    const payload = this.payloadBytes(0) + this.payloadBytes(1);
    return tcpConnectionState(
      this.row[this.at + TCP_STATE]!,
      clientDirection,
      () => this.history(clientDirection),
      payload,
    );
  }
}
