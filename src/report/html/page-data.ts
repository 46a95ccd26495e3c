/**
 * The connection table as compact data for the page, 10,000 connections of random pods in about a megabyte.
 *
 * What repeats (owners, addresses, kinds of connections, the sequence of hops) stands in a table once and is referred to by its index;
 * rows are columns of whole numbers, packed into text (pack-numbers.ts). Only what the page shows is there, in the precision that
 * it shows: times are whole microseconds, starts as differences from the row before, hops relative to their connection. A hop usually
 * counts what its connection counts: only others are written out. `prepare` and `readRow` in templates/page.js are the reader.
 */
import { parseTimestamp } from '../../base/time.js';
import type {
  Connection,
  ConnectionPolicy,
  DirectionCounters,
  Endpoint,
  Hop,
  HopEnd,
  PolicyEnd,
  ReportSummary,
  TranslationSource,
} from '../../model/document.js';
import type { Owner } from '../../model/owner.js';
import { displayText } from '../text.js';
import { workloadText } from '../naming.js';
import type { TimeZone, ZoneOffset } from '../zone.js';
import { packNumbers } from './pack-numbers.js';
import { PageSegments, SEGMENT_COLUMN_NAMES, errorsOf, linksOf, type PageLinks } from './page-segments.js';

const MICROSECONDS_PER_SECOND = 1_000_000;
/** Clients' ports lie around it (RFC 6335), so that they take a character less. */
const FIRST_DYNAMIC_PORT = 49_152;
/** What most packets have beside payload: Ethernet, IPv4 and TCP with timestamps. Less than this is no harm, only longer. */
const USUAL_HEADERS = 66;
/** Rules of a policy that are told to have missed, per end. */
const MOST_MISSES = 6;

/**
 * An owner as the page shows it: kind, namespace, name, workload, node, confidence, reason, UID, labels, candidates. All but name and UID
 * are indexes into `texts`, -1 for none.
 */
type PageOwner = readonly [
  kind: number,
  namespace: number,
  name: string | null,
  workload: number,
  node: number,
  confidence: number,
  reason: number,
  uid: string,
  labels: number,
  candidates: number,
];

/** What many connections have in common: four indexes into `texts`, the vantage point that counts, and ICMP's type and code. */
type PageKind = readonly [
  protocol: number,
  clientReason: number,
  state: number,
  history: number,
  countedAt: number,
  ...icmp: number[],
];

/** What many hops have in common; encapsulation and VLANs are as the page says them. */
type PageHopShape = readonly [
  point: number,
  encapsulation: number,
  vlans: string,
  clientTtl: number | null,
  serverTtl: number | null,
  nflogPrefix: string | null,
];

/**
 * What many connections have in common of their hops, in the order of the path: the client's packets first, then hops that only the
 * server's packets passed. What is usual is left out: every hop saw both ends as the connection has them, every hop is on the client's
 * way, and the way back is its reverse.
 */
interface PagePath {
  readonly shapes: readonly number[];
  /** Per hop 0 for the connection's ends, 1 for the client and what it dialed, and from 2 on the row's members of `seenAs`. */
  readonly ends?: readonly number[];
  /** How many of the hops the client's packets passed. */
  readonly there?: number;
  /** Places in `shapes`. */
  readonly back?: readonly number[];
  readonly links?: PageLinks;
  /** Nanoseconds by which the latencies of each segment may be wrong. */
  readonly errors?: readonly number[];
}

const COLUMN_NAMES = [
  'start',
  'duration',
  'kind',
  'client',
  'clientPort',
  'server',
  'serverPort',
  'rtt',
  'path',
  'sentPackets',
  'sentPayload',
  'sentHeaders',
  'receivedPackets',
  'receivedPayload',
  'receivedHeaders',
  'resent',
  'hopStart',
  'hopRtt',
  'otherHops',
  'dialed',
  'seenAs',
  'policy',
  'notes',
  ...SEGMENT_COLUMN_NAMES,
] as const;

type ColumnName = (typeof COLUMN_NAMES)[number];

export interface PageData {
  readonly length: number;
  /** Seconds and microseconds of the origin of all times. */
  readonly start: readonly [number, number];
  readonly manyDays: boolean;
  readonly zone: { readonly name: string; readonly offsets: readonly ZoneOffset[] };
  /** The ids' hexadecimal digits: in base 64 if all have `idDigits` of them, else as they are, separated by spaces, and that is 0. */
  readonly ids: string;
  readonly idDigits: number;
  readonly points: readonly string[];
  /** The node of each point, as an index into `texts`. */
  readonly nodes: readonly number[];
  /** From when to when each point saw packets, in microseconds after the origin and by the reference clock; null where it saw none with a time. */
  readonly spans: readonly (readonly [start: number, end: number] | null)[];
  /** Points that hold several interfaces and do not tell them apart. */
  readonly mixed: readonly number[];
  /** Every text that others refer to, fit to be shown. */
  readonly texts: readonly string[];
  readonly owners: readonly PageOwner[];
  /** Address and index of its owner. */
  readonly endpoints: readonly (readonly [string, number])[];
  readonly kinds: readonly PageKind[];
  readonly shapes: readonly PageHopShape[];
  /** Address and port dialed, Service, its port, translations, how they are known: all but the port are indexes into `texts`, -1 for none. */
  readonly dialed: readonly (readonly number[])[];
  readonly paths: readonly PagePath[];
  /** Verdict, outcome, then a sentence each: indexes into `texts`. */
  readonly policies: readonly (readonly number[])[];
  /**
   * Packed numbers, one a row. Ports are -1 for none, `clientPort` is counted from 49152. `rtt` is the handshake + 1, 0 for none; wire bytes are payload, 66 bytes a packet, and the rest in
   * `…Headers`. Only where there is something to say: `resent`, three for each row with payload that was sent again (how many rows
   * after the one before in this list, bytes sent and received), and `otherHops`, six for each hop that counts otherwise than its
   * connection (how many hops after the one before, state, what packets and payload have more, sent and received). `hopStart` and
   * `hopRtt`: one a hop, as difference from its connection's. `dialed`, two for each row that was translated or dialed a Service (how
   * many rows after the one before in this list, index in `dialed`).
   * `seenAs`, five for each other tuple that a row's hops saw (rows after the one before, address and port of client and server).
   * `policy`, one a row, only if any was judged: index in `policies` + 1, 0 for none. `notes`, two for each doubt about a row (rows after
   * the one before, index in `texts`).
   * The columns of segments are described in page-segments.ts.
   */
  readonly columns: Readonly<Record<ColumnName, string>>;
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

/** Takes the rows of a table one by one. `origin` is the document's earliest time. */
export class PageDataEncoder {
  private readonly clock: MicrosecondClock;
  private readonly pointIndexes = new Map<number, number>();
  private readonly points: string[];
  private readonly nodes: number[];
  private readonly mixed: number[];
  private readonly spans: PageData['spans'];
  private readonly texts = new Interner<string, string>();
  private readonly owners = new Interner<string, PageOwner>();
  /** Owners met before, so that most need no comparing. */
  private readonly ownerIndexes = new WeakMap<Owner, number>();
  private readonly endpoints = new Interner<string, readonly [string, number]>();
  private readonly kinds = new Interner<string, PageKind>();
  private readonly shapes = new Interner<string, PageHopShape>();
  private readonly dialed = new Interner<string, readonly number[]>();
  private readonly paths = new Interner<string, PagePath>();
  private readonly columns = perColumn((): number[] => []);
  private readonly policies = new Interner<ConnectionPolicy, readonly number[]>();
  private lastNotedRow = 0;
  private readonly segments = new PageSegments(this.columns);
  private readonly ids: string[] = [];
  private previousStart = 0;
  private hops = 0;
  private lastOtherHop = 0;
  private lastResentRow = 0;
  private lastDialedRow = 0;
  private lastSeenAsRow = 0;

  constructor(summary: ReportSummary, origin: string) {
    this.clock = new MicrosecondClock(origin);
    this.points = summary.vantagePoints.map((point, index) => {
      this.pointIndexes.set(point.id, index);
      return displayText(point.name);
    });
    const offsets = new Map(summary.clocks?.nodes.map(({ node, offsetNs }) => [node, offsetNs ?? 0]));
    this.spans = summary.vantagePoints.map(({ node, time }) => {
      if (time === null) return null;
      const ahead = Math.round((offsets.get(node ?? '') ?? 0) / 1000);
      return [this.clock.microseconds(time.start) - ahead, this.clock.microseconds(time.end) - ahead] as const;
    });
    this.mixed = summary.vantagePoints.flatMap(({ role }, index) => (role === 'any' ? [index] : []));
    this.nodes = summary.vantagePoints.map(({ node }) => this.text(node));
  }

  /** Takes the next row. */
  add(connection: Connection): void {
    const { columns } = this;
    const start = this.clock.microseconds(connection.start);
    const rtt = microsecondsOrNone(connection.handshakeRttNs);
    this.ids.push(connection.id);
    columns.start.push(start - this.previousStart);
    this.previousStart = start;
    columns.duration.push(Math.round(connection.durationNs / 1000));
    columns.kind.push(this.kind(connection));
    columns.client.push(this.endpoint(connection.client));
    columns.clientPort.push((connection.client.port ?? -1) - FIRST_DYNAMIC_PORT);
    columns.server.push(this.endpoint(connection.server));
    columns.serverPort.push(connection.server.port ?? -1);
    columns.rtt.push(rtt);
    this.addCounters('sent', connection.clientToServer);
    this.addCounters('received', connection.serverToClient);
    this.addResent(connection.clientToServer, connection.serverToClient);
    this.addDialed(connection);
    this.addNotes(connection);
    columns.policy.push(connection.policy === null ? 0 : 1 + this.policy(connection.policy));
    const order = pathOrder(connection);
    const { client, server, dialed } = connection;
    const seen = new Map([
      [tupleKey(client, dialed ?? server), 1],
      [tupleKey(client, server), 0],
    ]);
    const shapes: number[] = [];
    const ends: number[] = [];
    for (const index of order) {
      const hop = connection.hops[index];
      if (hop === undefined) continue;
      columns.hopStart.push(this.clock.microseconds(hop.start) - start);
      columns.hopRtt.push(microsecondsOrNone(hop.handshakeRttNs) - rtt);
      this.addOther(connection, hop);
      shapes.push(this.shape(hop));
      ends.push(this.seenAs(hop, seen));
    }
    const places = new Map(order.map((index, place) => [index, place]));
    columns.path.push(this.path(connection, places, shapes, ends));
    this.segments.add(this.ids.length - 1, connection, places, (time) => this.clock.microseconds(time) - start);
  }

  /** All rows taken so far. */
  finish(zone: TimeZone, manyDays: boolean): PageData {
    if (this.policies.values.length === 0) this.columns.policy.length = 0;
    return {
      length: this.ids.length,
      start: [this.clock.originSeconds, this.clock.originMicroseconds],
      manyDays,
      zone: { name: zone.name, offsets: zone.offsets },
      ...packIds(this.ids),
      points: this.points,
      nodes: this.nodes,
      spans: this.spans,
      mixed: this.mixed,
      texts: this.texts.values,
      owners: this.owners.values,
      endpoints: this.endpoints.values,
      kinds: this.kinds.values,
      shapes: this.shapes.values,
      dialed: this.dialed.values,
      paths: this.paths.values,
      policies: this.policies.values,
      columns: perColumn((name) => packNumbers(this.columns[name])),
    };
  }

  private addCounters(direction: 'sent' | 'received', counters: DirectionCounters): void {
    const { columns } = this;
    columns[`${direction}Packets`].push(counters.packets);
    columns[`${direction}Payload`].push(counters.payloadBytes);
    columns[`${direction}Headers`].push(counters.wireBytes - counters.payloadBytes - counters.packets * USUAL_HEADERS);
  }

  private addResent(sent: DirectionCounters, received: DirectionCounters): void {
    const sentAgain = sent.payloadBytes - sent.uniquePayloadBytes;
    const receivedAgain = received.payloadBytes - received.uniquePayloadBytes;
    if (sentAgain === 0 && receivedAgain === 0) return;
    const row = this.ids.length - 1;
    this.columns.resent.push(row - this.lastResentRow, sentAgain, receivedAgain);
    this.lastResentRow = row;
  }

  private policy(policy: ConnectionPolicy): number {
    return this.policies.index(policy, () =>
      [policy.verdict, policy.outcome, ...policySentences(policy)].map((text) => this.text(text)),
    );
  }

  private addNotes({ leftover, candidates }: Connection): void {
    const row = this.ids.length - 1;
    for (const text of [...(leftover === null ? [] : [leftover.text]), ...candidates.map((one) => one.text)]) {
      this.columns.notes.push(row - this.lastNotedRow, this.text(text));
      this.lastNotedRow = row;
    }
  }

  private addDialed({ dialed, service, nat, translatedBy }: Connection): void {
    if (dialed === null && service === null && nat.length === 0) return;
    const row = this.ids.length - 1;
    const facts = [
      this.text(dialed?.address ?? null),
      dialed?.port ?? -1,
      this.text(service === null ? null : `${service.namespace}/${service.name}`),
      this.text(service?.port ?? null),
      this.text(nat.join(' and ')),
      this.text(translationText(translatedBy)),
    ];
    this.columns.dialed.push(
      row - this.lastDialedRow,
      this.dialed.index(facts.join(' '), () => facts),
    );
    this.lastDialedRow = row;
  }

  /** Number of the tuple that the hop saw among its connection's, taken down when it is the first to see it. */
  private seenAs({ clientSeenAs: client, serverSeenAs: server }: Hop, seen: Map<string, number>): number {
    const key = tupleKey(client, server);
    const known = seen.get(key);
    if (known !== undefined) return known;
    const row = this.ids.length - 1;
    this.columns.seenAs.push(
      row - this.lastSeenAsRow,
      this.text(client.address),
      client.port ?? -1,
      this.text(server.address),
      server.port ?? -1,
    );
    this.lastSeenAsRow = row;
    const number = Math.max(...seen.values(), 1) + 1;
    seen.set(key, number);
    return number;
  }

  private path(connection: Connection, places: ReadonlyMap<number, number>, shapes: number[], ends: number[]): number {
    const links = linksOf(connection, places);
    const errors = errorsOf(connection);
    const back = connection.paths.serverToClient.map((index) => places.get(index) ?? 0);
    const there = connection.paths.clientToServer.length;
    const isReverse = back.length === there && back.every((place, at) => place === there - 1 - at);
    const path: PagePath = {
      shapes,
      ...(ends.every((end) => end === 0) ? {} : { ends }),
      ...(there === shapes.length ? {} : { there }),
      ...(isReverse ? {} : { back }),
      ...(links === null ? {} : { links }),
      ...(errors === null ? {} : { errors }),
    };
    const key = `${shapes.join(' ')},${ends.join(' ')},${there},${isReverse ? '' : back.join(' ')},${links === null ? '' : links.map((way) => way.join(' ')).join(',')},${errors?.join(' ') ?? ''}`;
    return this.paths.index(key, () => path);
  }

  /** Takes down what the hop counts, if that is not what its connection counts. */
  private addOther(connection: Connection, hop: Hop): void {
    const number = this.hops++;
    const [sent, received] = [connection.clientToServer, connection.serverToClient];
    const morePackets = hop.clientToServer.packets - sent.packets;
    const morePayload = hop.clientToServer.payloadBytes - sent.payloadBytes;
    const moreBack = hop.serverToClient.packets - received.packets;
    const morePayloadBack = hop.serverToClient.payloadBytes - received.payloadBytes;
    const isSame = morePackets === 0 && morePayload === 0 && moreBack === 0 && morePayloadBack === 0;
    if (isSame && hop.state === connection.state) return;
    const { otherHops } = this.columns;
    otherHops.push(
      number - this.lastOtherHop,
      this.text(hop.state),
      morePackets,
      morePayload,
      moreBack,
      morePayloadBack,
    );
    this.lastOtherHop = number;
  }

  private kind({ protocol, clientReason, state, history, countedAt, icmp }: Connection): number {
    const code = icmp === null ? '' : ` ${icmp.type} ${icmp.code}`;
    return this.kinds.index(`${countedAt}${code} ${clientReason} ${state} ${history} ${protocol}`, () => [
      this.text(protocol),
      this.text(clientReason),
      this.text(state),
      this.text(history),
      this.point(countedAt),
      ...(icmp === null ? [] : [icmp.type, icmp.code]),
    ]);
  }

  private shape(hop: Hop): number {
    const encapsulation = hop.encapsulation.length === 0 ? '' : hop.encapsulation.map(encapsulationText).join(', ');
    const vlans = hop.vlans.length === 0 ? '' : hop.vlans.join(', ');
    const nflog = hop.nflogPrefix;
    const marks = `${vlans} ${encapsulation}${nflog === null ? '' : `\n${nflog}`}`;
    return this.shapes.index(`${hop.vantagePoint} ${hop.clientTtl} ${hop.serverTtl} ${marks}`, () => [
      this.point(hop.vantagePoint),
      this.text(encapsulation),
      vlans,
      hop.clientTtl,
      hop.serverTtl,
      nflog === null ? null : displayText(nflog),
    ]);
  }

  private endpoint(end: Endpoint): number {
    const owner = this.ownerIndexes.get(end.owner) ?? this.ownerIndex(end.owner);
    return this.endpoints.index(`${owner} ${end.address}`, () => [displayText(end.address), owner]);
  }

  private ownerIndex(owner: Owner): number {
    const shown = this.owner(owner);
    const index = this.owners.index(JSON.stringify(shown), () => shown);
    this.ownerIndexes.set(owner, index);
    return index;
  }

  private owner(owner: Owner): PageOwner {
    const labels = Object.entries(owner.labels).map(([key, value]) => `${key}=${value}`);
    const candidates = owner.candidates.map(
      ({ kind, namespace, name }) => `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`,
    );
    return [
      this.text(owner.kind),
      this.text(owner.namespace),
      owner.name === null ? null : displayText(owner.name),
      this.text(isBarePod(owner) ? '' : workloadText(owner)),
      this.text(owner.node),
      this.text(owner.confidence),
      this.text(owner.reason),
      displayText(owner.uid ?? ''),
      this.text(labels.join(', ')),
      this.text(candidates.join(', ')),
    ];
  }

  private text(text: string | null): number {
    return text === null ? -1 : this.texts.index(text, () => displayText(text));
  }

  private point(id: number): number {
    let index = this.pointIndexes.get(id);
    if (index === undefined) {
      index = this.points.push(`vantage point ${id}`) - 1;
      this.nodes.push(-1);
      this.pointIndexes.set(id, index);
    }
    return index;
  }
}

/** Why it is so, in sentences: both ends, what missed, and what the outcome may mean. */
function policySentences({ egress, ingress, remarks }: ConnectionPolicy): string[] {
  const end = (name: string, { verdict, reason, misses }: PolicyEnd): string[] => [
    `${name} ${verdict}: ${reason}.`,
    ...misses.slice(0, MOST_MISSES).map((miss) => `${miss.reasons.join('; ')}.`),
  ];
  return [...end('Egress', egress), ...end('Ingress', ingress), ...remarks];
}

/** Nothing of packets, which is what one expects. */
function translationText(source: TranslationSource | null): string {
  if (source === null || source.evidence === 'packets') return '';
  const node = source.node === null ? '' : ` of ${source.node}`;
  return `by ${source.evidence === 'conntrack' ? '' : 'packets and '}the connection tracking${node}`;
}

/** Indexes of all hops: the client's way, then what only the server's packets passed, then what no path has. */
function pathOrder({ hops, paths }: Connection): number[] {
  return [...new Set([...paths.clientToServer, ...paths.serverToClient, ...hops.keys()])];
}

function tupleKey(client: HopEnd, server: HopEnd): string {
  return `${client.address} ${client.port} ${server.address} ${server.port}`;
}

/** Ids are `c-` and hexadecimal digits. */
function packIds(ids: readonly string[]): Pick<PageData, 'ids' | 'idDigits'> {
  const digits = ids.map((id) => id.slice(2).replace(/[^0-9a-f]/g, '0'));
  const length = digits[0]?.length ?? 0;
  const areAlike = length % 2 === 0 && digits.every((one) => one.length === length);
  if (!areAlike) return { ids: digits.join(' '), idDigits: 0 };
  return { ids: Buffer.from(digits.join(''), 'hex').toString('base64'), idDigits: length };
}

function perColumn<Value>(make: (name: ColumnName) => Value): Record<ColumnName, Value> {
  return Object.fromEntries(COLUMN_NAMES.map((name) => [name, make(name)])) as Record<ColumnName, Value>;
}

/** A pod of no workload stands for one itself, under the same name. */
function isBarePod({ workload, name }: Owner): boolean {
  return workload !== null && workload.kind === 'Pod' && workload.name === name;
}

function encapsulationText(layer: Hop['encapsulation'][number]): string {
  const id = layer.tunnelId === null ? '' : ` ${layer.tunnelId}`;
  return layer.kind + id + (layer.outer === null ? '' : ` ${layer.outer.source} → ${layer.outer.destination}`);
}

function microsecondsOrNone(nanoseconds: number | null): number {
  return nanoseconds === null ? 0 : Math.max(0, Math.round(nanoseconds / 1000)) + 1;
}
