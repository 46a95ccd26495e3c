/**
 * The connection table as compact JSON for the page, 10,000 connections in little more than a megabyte.
 *
 * Rows are columns of integers; whatever repeats (owners, endpoints, histories, the sequence of hops) stands in a table once and
 * is referred to by its index. Times are whole microseconds: starts as differences from the row before, hops relative to
 * their connection; the nanoseconds are in JSON and CSV. A hop usually counts what its connection counts, plus a constant
 * per packet for its tunnel: only others are written out. `readRow` in templates/page.js is the reader.
 */
import { parseTimestamp } from '../../base/time.js';
import type { Connection, DirectionCounters, Endpoint, Hop, ReportDocument } from '../../model/document.js';
import type { Owner } from '../../model/owner.js';
import { displayText } from '../text.js';
import { workloadText } from '../naming.js';
import type { TimeZone, ZoneOffset } from '../zone.js';

const MICROSECONDS_PER_SECOND = 1_000_000;

/** An owner as the page shows it; all texts fit to be shown. */
export interface PageOwner {
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly workload: string;
  readonly node: string | null;
  readonly confidence: string;
  readonly reason: string;
  readonly uid: string;
  readonly labels: string;
  readonly candidates: string;
}

const COLUMN_NAMES = [
  'start',
  'duration',
  'protocol',
  'client',
  'clientPort',
  'server',
  'serverPort',
  'reason',
  'state',
  'history',
  'rtt',
  'counted',
  'path',
  'sentPackets',
  'sentPayload',
  'sentHeaders',
  'sentAgain',
  'receivedPackets',
  'receivedPayload',
  'receivedHeaders',
  'receivedAgain',
] as const;

type Columns = Record<(typeof COLUMN_NAMES)[number], number[]>;

export interface PageData {
  readonly length: number;
  /** Seconds and microseconds of the origin of all times. */
  readonly start: readonly [number, number];
  readonly manyDays: boolean;
  readonly zone: { readonly name: string; readonly offsets: readonly ZoneOffset[] };
  /** Hexadecimal digits of the ids, separated by spaces. */
  readonly ids: string;
  readonly points: readonly string[];
  readonly owners: readonly PageOwner[];
  /** Address and index of its owner. */
  readonly endpoints: readonly (readonly [string, number])[];
  readonly protocols: readonly string[];
  readonly reasons: readonly string[];
  readonly states: readonly string[];
  readonly histories: readonly string[];
  readonly shapes: readonly Shape[];
  /** Indexes of shapes, hop by hop. */
  readonly paths: readonly (readonly number[])[];
  readonly columns: Columns;
  /** Three numbers a hop: start after its connection's, end after its connection's end, handshake + 1 (0: none). */
  readonly hops: readonly number[];
  /** By number of the hop: state, history, and eight counters, where they are not its connection's. */
  readonly others: Readonly<Record<number, readonly number[]>>;
  /** By number of the row: type and code. */
  readonly icmp: Readonly<Record<number, readonly [number, number]>>;
}

/** Vantage point, encapsulation, VLANs, TTL of the client, of the server, NFLOG prefix, bytes per packet beyond the connection's. */
type Shape = readonly [number, string, string, number | null, number | null, string | null, number];

/** Encodes all rows of the document's table. `origin` is its earliest time. */
export function encodePageData(document: ReportDocument, zone: TimeZone, manyDays: boolean, origin: string): PageData {
  const encoder = new Encoder(document, origin);
  for (let row = 0; row < document.connections.length; row++) encoder.add(document.connections.row(row), row);
  return encoder.finish(zone, manyDays);
}

/** Texts or structures by a key, each with the index at which it came first. */
class Interner<Key, Value> {
  readonly values: Value[] = [];
  private readonly indexes = new Map<Key, number>();

  index(key: Key, make: () => Value): number {
    let index = this.indexes.get(key);
    if (index === undefined) {
      index = this.values.length;
      this.indexes.set(key, index);
      this.values.push(make());
    }
    return index;
  }
}

/** `2026-11-23T14:02:07.100000000Z`. */
const USUAL_LENGTH = 30;
const SECONDS_LENGTH = 19;

/** Differences of timestamps; a page has a hundred thousand of them, in far fewer different seconds. */
class MicrosecondClock {
  readonly originSeconds: number;
  readonly originMicroseconds: number;
  /** Seconds by the text before the fraction. */
  private readonly seconds = new Map<string, number>();

  constructor(origin: string) {
    const moment = parseTimestamp(origin);
    this.originSeconds = moment?.seconds ?? 0;
    this.originMicroseconds = Math.floor((moment?.nanoseconds ?? 0) / 1000);
  }

  /** Whole microseconds after the origin. */
  microseconds(timestamp: string): number {
    if (timestamp.length !== USUAL_LENGTH) return this.parse(timestamp);
    const text = timestamp.slice(0, SECONDS_LENGTH);
    let seconds = this.seconds.get(text);
    if (seconds === undefined) {
      const moment = parseTimestamp(timestamp);
      if (moment === null) return 0;
      seconds = moment.seconds;
      this.seconds.set(text, seconds);
    }
    return this.difference(seconds, Number(timestamp.slice(SECONDS_LENGTH + 1, SECONDS_LENGTH + 7)));
  }

  private parse(timestamp: string): number {
    const moment = parseTimestamp(timestamp);
    return moment === null ? 0 : this.difference(moment.seconds, Math.floor(moment.nanoseconds / 1000));
  }

  private difference(seconds: number, microseconds: number): number {
    return (seconds - this.originSeconds) * MICROSECONDS_PER_SECOND + microseconds - this.originMicroseconds;
  }
}

class Encoder {
  private readonly clock: MicrosecondClock;
  private readonly pointIndexes = new Map<number, number>();
  private readonly points: string[];
  private readonly owners = new Interner<Owner, PageOwner>();
  private readonly endpoints = new Interner<string, readonly [string, number]>();
  private readonly protocols = new Interner<string, string>();
  private readonly reasons = new Interner<string, string>();
  private readonly states = new Interner<string, string>();
  private readonly histories = new Interner<string, string>();
  private readonly shapes = new Interner<string, Shape>();
  private readonly paths = new Interner<string, readonly number[]>();
  private readonly columns = Object.fromEntries(COLUMN_NAMES.map((name) => [name, [] as number[]])) as Columns;
  private readonly ids: string[] = [];
  private readonly hops: number[] = [];
  private readonly others: Record<number, number[]> = {};
  private readonly icmp: Record<number, readonly [number, number]> = {};
  private previousStart = 0;

  constructor(document: ReportDocument, origin: string) {
    this.clock = new MicrosecondClock(origin);
    this.points = document.summary.vantagePoints.map((point, index) => {
      this.pointIndexes.set(point.id, index);
      return displayText(point.name);
    });
  }

  add(connection: Connection, row: number): void {
    const { columns } = this;
    const start = this.clock.microseconds(connection.start);
    const duration = Math.round(connection.durationNs / 1000);
    this.ids.push(connection.id.replace(/^c-/, '').replace(/[^0-9a-f]/g, '0'));
    columns.start.push(start - this.previousStart);
    this.previousStart = start;
    columns.duration.push(duration);
    columns.protocol.push(this.text(this.protocols, connection.protocol));
    columns.client.push(this.endpoint(connection.client));
    columns.clientPort.push(connection.client.port ?? -1);
    columns.server.push(this.endpoint(connection.server));
    columns.serverPort.push(connection.server.port ?? -1);
    columns.reason.push(this.text(this.reasons, connection.clientReason));
    columns.state.push(this.text(this.states, connection.state));
    columns.history.push(this.text(this.histories, connection.history));
    columns.rtt.push(microsecondsOrNone(connection.handshakeRttNs));
    columns.counted.push(this.point(connection.countedAt));
    this.addCounters('sent', connection.clientToServer);
    this.addCounters('received', connection.serverToClient);
    if (connection.icmp !== null) this.icmp[row] = [connection.icmp.type, connection.icmp.code];
    const path = connection.hops.map((hop) => this.addHop(connection, hop, start, duration));
    columns.path.push(this.paths.index(path.join(' '), () => path));
  }

  finish(zone: TimeZone, manyDays: boolean): PageData {
    return {
      length: this.ids.length,
      start: [this.clock.originSeconds, this.clock.originMicroseconds],
      manyDays,
      zone: { name: zone.name, offsets: zone.offsets },
      ids: this.ids.join(' '),
      points: this.points,
      owners: this.owners.values,
      endpoints: this.endpoints.values,
      protocols: this.protocols.values,
      reasons: this.reasons.values,
      states: this.states.values,
      histories: this.histories.values,
      shapes: this.shapes.values,
      paths: this.paths.values,
      columns: this.columns,
      hops: this.hops,
      others: this.others,
      icmp: this.icmp,
    };
  }

  private addCounters(direction: 'sent' | 'received', counters: DirectionCounters): void {
    const { columns } = this;
    columns[`${direction}Packets`].push(counters.packets);
    columns[`${direction}Payload`].push(counters.payloadBytes);
    columns[`${direction}Headers`].push(counters.wireBytes - counters.payloadBytes);
    columns[`${direction}Again`].push(counters.payloadBytes - counters.uniquePayloadBytes);
  }

  /** Index of the hop's shape. */
  private addHop(connection: Connection, hop: Hop, start: number, duration: number): number {
    const number = this.hops.length / 3;
    this.hops.push(
      this.clock.microseconds(hop.start) - start,
      this.clock.microseconds(hop.end) - start - duration,
      microsecondsOrNone(hop.handshakeRttNs),
    );
    const overhead = sameState(connection, hop) ? overheadPerPacket(connection, hop) : null;
    if (overhead === null) {
      this.others[number] = [
        this.text(this.states, hop.state),
        this.text(this.histories, hop.history),
        ...counterValues(hop.clientToServer),
        ...counterValues(hop.serverToClient),
      ];
    }
    const encapsulation = hop.encapsulation.length === 0 ? '' : hop.encapsulation.map(encapsulationText).join(', ');
    const vlans = hop.vlans.length === 0 ? '' : hop.vlans.join(', ');
    const point = this.point(hop.vantagePoint);
    const nflog = hop.nflogPrefix;
    const key = `${point} ${overhead} ${hop.clientTtl} ${hop.serverTtl} ${vlans} ${encapsulation}${nflog === null ? '' : `\n${nflog}`}`;
    return this.shapes.index(key, () => [
      ...([point, displayText(encapsulation), vlans, hop.clientTtl, hop.serverTtl] as const),
      nflog === null ? null : displayText(nflog),
      overhead ?? 0,
    ]);
  }

  private endpoint(end: Endpoint): number {
    const owner = this.owners.index(end.owner, () => pageOwner(end.owner));
    return this.endpoints.index(`${owner} ${end.address}`, () => [displayText(end.address), owner]);
  }

  private text(interner: Interner<string, string>, text: string): number {
    return interner.index(text, () => displayText(text));
  }

  private point(id: number): number {
    let index = this.pointIndexes.get(id);
    if (index === undefined) {
      index = this.points.push(`vantage point ${id}`) - 1;
      this.pointIndexes.set(id, index);
    }
    return index;
  }
}

function pageOwner(owner: Owner): PageOwner {
  const shown = (text: string | null): string | null => (text === null ? null : displayText(text));
  const labels = Object.entries(owner.labels).map(([key, value]) => `${key}=${value}`);
  const candidates = owner.candidates.map(
    ({ kind, namespace, name }) => `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`,
  );
  return {
    kind: owner.kind,
    namespace: shown(owner.namespace),
    name: shown(owner.name),
    workload: workloadText(owner),
    node: shown(owner.node),
    confidence: owner.confidence,
    reason: displayText(owner.reason),
    uid: displayText(owner.uid ?? ''),
    labels: displayText(labels.join(', ')),
    candidates: displayText(candidates.join(', ')),
  };
}

function encapsulationText(layer: Hop['encapsulation'][number]): string {
  const id = layer.tunnelId === null ? '' : ` ${layer.tunnelId}`;
  return layer.kind + id + (layer.outer === null ? '' : ` ${layer.outer.source} → ${layer.outer.destination}`);
}

function microsecondsOrNone(nanoseconds: number | null): number {
  return nanoseconds === null ? 0 : Math.max(0, Math.round(nanoseconds / 1000)) + 1;
}

function sameState(connection: Connection, hop: Hop): boolean {
  return hop.state === connection.state && hop.history === connection.history;
}

/** Bytes that each packet has more at the hop than in the connection's counters; null if that is not all the difference. */
function overheadPerPacket(connection: Connection, hop: Hop): number | null {
  const [sent, received] = [connection.clientToServer, connection.serverToClient];
  const packets = sent.packets + received.packets;
  const more = hop.clientToServer.wireBytes + hop.serverToClient.wireBytes - sent.wireBytes - received.wireBytes;
  const overhead = packets === 0 ? 0 : more / packets;
  if (!Number.isInteger(overhead)) return null;
  const explained =
    isExplained(sent, hop.clientToServer, overhead) && isExplained(received, hop.serverToClient, overhead);
  return explained ? overhead : null;
}

function isExplained(connection: DirectionCounters, hop: DirectionCounters, overhead: number): boolean {
  return (
    hop.packets === connection.packets &&
    hop.payloadBytes === connection.payloadBytes &&
    hop.uniquePayloadBytes === connection.uniquePayloadBytes &&
    hop.wireBytes === connection.wireBytes + overhead * connection.packets
  );
}

function counterValues(counters: DirectionCounters): number[] {
  return [counters.packets, counters.wireBytes, counters.payloadBytes, counters.uniquePayloadBytes];
}
