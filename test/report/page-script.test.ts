/** templates/page.js, as podtrail itself runs it: decoding, figures, times and filters. The browser's side is in browser.test.ts. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type {
  Connection,
  DirectionCounters,
  Hop,
  Latency,
  PathSegment,
  PolicyOutcome,
  PolicyVerdict,
} from '../../src/model/document.js';
import * as figures from '../../src/report/figures.js';
import { packNumbers } from '../../src/report/html/pack-numbers.js';
import { PageDataEncoder, type PageData } from '../../src/report/html/page-data.js';
import { loadPageScript } from '../../src/report/templates.js';
import { TimeZone } from '../../src/report/zone.js';
import {
  START,
  buildConnection,
  buildCounters,
  buildEndpoint,
  buildHop,
  buildSummary,
  nobody,
  rowsOf,
  vantagePoint,
} from './documents/build.js';
import { richDocument } from './documents/shop.js';

interface Counters {
  packets: number;
  wire: number;
  payload: number;
  unique: number;
}

interface Row {
  id: string;
  protocol: string;
  client: { address: string; port: number | null; owner: { name: string | null } };
  server: { address: string; port: number | null; owner: { name: string | null } };
  start: number;
  duration: number;
  state: string;
  history: string;
  sent: Counters;
  received: Counters;
  rtt: number;
  icmp: [number, number] | null;
  countedAt: string;
  hops: (Pick<Row, 'start' | 'state' | 'rtt'> & {
    sent: Pick<Counters, 'packets' | 'payload'>;
    received: Pick<Counters, 'packets' | 'payload'>;
    point: string;
    encapsulation: string;
    vlans: string;
    clientTtl: number | null;
    serverTtl: number | null;
    nflog: string | null;
  })[];
}

interface ReadSegments {
  hops: object[];
  segments: { there: object[]; back: object[] };
  lost: object[];
  again: (object | null)[];
}

interface Script {
  unpackNumbers(text: string): number[];
  prepare(data: unknown): object;
  readRow(data: object, row: number): Row;
  rowHtml(data: object, row: Row): string;
  detailHtml(row: Row, isDrawn?: boolean): string;
  dateAndTime(data: object, microseconds: number): [string, string];
  formatBytes(bytes: number): string;
  formatCount(count: number): string;
  formatDuration(microseconds: number): string;
  tcpdumpFilter(connection: unknown): string;
  displayFilter(connection: unknown): string;
  sortedRows(data: object, column: string, descending: boolean): number[];
  rowFilter(
    data: object,
    values: { text: string; namespace: string; protocol: string; state: string },
  ): (row: number) => boolean;
}

let script: Script;
beforeAll(async () => {
  script = (await loadPageScript()) as unknown as Script;
});

const MICROSECOND = 1000;
const LARGEST = 2n ** 52n - 1n;

function microsecondsAfter(origin: string, time: string): number {
  const nanoseconds = (text: string): bigint =>
    BigInt(Date.parse(text.slice(0, 19) + 'Z')) * 1_000_000n + BigInt(text.slice(20, 29));
  const whole = (text: string): bigint => nanoseconds(text) / 1000n;
  return Number(whole(time) - whole(origin));
}

function countersOf({ packets, wireBytes, payloadBytes, uniquePayloadBytes }: DirectionCounters): Counters {
  return { packets, wire: wireBytes, payload: payloadBytes, unique: uniquePayloadBytes };
}

const VANTAGE_POINTS = richDocument({ connections: 1 }).summary.vantagePoints;
const ORIGIN = '2026-11-23T14:02:07.100000000Z';

function encode(rows: readonly Connection[], origin: string, zone: TimeZone): PageData {
  const encoder = new PageDataEncoder(buildSummary({ vantagePoints: VANTAGE_POINTS }), origin);
  for (const row of rows) encoder.add(row);
  return encoder.finish(zone, false);
}

/** The rows as the page's script gets them; they need not be sorted for that. */
function prepared(rows: readonly Connection[], timeZone = 'UTC'): { data: object; rows: readonly Connection[] } {
  const encoded = encode(rows, ORIGIN, new TimeZone(timeZone, 0, 2_000_000_000));
  return { data: script.prepare(JSON.parse(JSON.stringify(encoded))), rows };
}

describe('translated connections and their ways', () => {
  const client = { address: '10.244.1.7', port: 43210 };
  const backend = { address: '10.244.2.9', port: 8080 };
  const dialed = { address: '10.96.0.20', port: 80 };
  const masqueraded = { address: '192.168.56.11', port: 61001 };
  const hops = [
    buildHop({ vantagePoint: 0, clientSeenAs: client, serverSeenAs: backend }),
    buildHop({ vantagePoint: 1, clientSeenAs: client, serverSeenAs: dialed }),
    buildHop({ vantagePoint: 2, clientSeenAs: masqueraded, serverSeenAs: backend }),
    buildHop({ vantagePoint: 3, clientSeenAs: client, serverSeenAs: dialed }),
  ];
  const translated = buildConnection({
    hops,
    dialed: { ...dialed, owner: nobody('unknown', '') },
    service: { namespace: 'shop', name: 'backend', port: 'http' },
    nat: ['DNAT', 'SNAT'],
    paths: { clientToServer: [1, 0, 2], serverToClient: [2, 3] },
  });
  const plain = buildConnection({ id: 'c-4f2a9b11' });

  test('hops are in the order of the path, each with its tuple', () => {
    const { data } = prepared([plain, translated]);
    const read = script.readRow(data, 1) as unknown as { hops: object[]; there: object[]; back: object[] };
    const order = [1, 0, 2, 3].map((index) => hops[index]);
    expect(read.hops).toHaveLength(4);
    order.forEach((hop, place) =>
      expect(read.hops[place]).toMatchObject({ client: hop?.clientSeenAs, server: hop?.serverSeenAs }),
    );
    expect(read.there).toEqual(read.hops.slice(0, 3));
    expect(read.back).toEqual([read.hops[2], read.hops[3]]);
  });

  test('the row names the Service, the open row what was translated and a way back that differs', () => {
    const { data } = prepared([plain, translated]);
    const row = script.readRow(data, 1);
    expect(script.rowHtml(data, row)).toContain('via Service shop/backend');
    expect(script.rowHtml(data, script.readRow(data, 0))).not.toContain('via Service');
    const detail = script.detailHtml(row);
    expect(detail).toContain('10.244.1.7:43210 → <mark>10.244.2.9:8080</mark><small>DNAT</small>');
    expect(detail).toContain('<mark>192.168.56.11:61001</mark> → 10.244.2.9:8080<small>SNAT</small>');
    expect(detail).toContain('<small>DNAT and SNAT undone</small>');
    expect(detail).toContain('<figcaption>Way back');
    expect(script.detailHtml(script.readRow(data, 0))).not.toContain('<figcaption>Way back');
  });

  test('the drawing names nodes, stages and translations, for screens of both widths and in words', () => {
    const { data } = prepared([translated]);
    const detail = script.detailHtml(script.readRow(data, 0));
    for (const kind of ['on-wide', 'on-narrow']) {
      const drawing = new RegExp(`<svg class="trail ${kind}"[^]*?</svg>`).exec(detail)?.[0] ?? '';
      for (const text of ['node-1', 'cni0', 'flannel.1', 'eth1', '10.244.1.7:43210', 'DNAT: 10.244.2.9:8080', 'SNAT']) {
        expect({ kind, text, is: drawing.includes(text) }).toEqual({ kind, text, is: true });
      }
    }
    const words = /<p class="sr">Path: ([^]*?)<\/p>/.exec(detail)?.[1] ?? '';
    expect(words.indexOf('flannel.1')).toBeLessThan(words.indexOf('eth1'));
    expect(words).toContain('DNAT: 10.244.2.9:8080');
    const undrawn = script.detailHtml(script.readRow(data, 0), false);
    expect(undrawn).not.toContain('<svg');
    expect(undrawn).toContain('<dt>Path');
  });

  test('the filter finds the Service and what was dialed', () => {
    const { data } = prepared([plain, translated]);
    for (const text of ['shop/backend', 'via service', '10.96.0.20:80']) {
      const passes = script.rowFilter(data, { text, namespace: '', protocol: '', state: '' });
      expect({ text, passed: passes(1) }).toEqual({ text, passed: true });
    }
    const passes = script.rowFilter(data, { text: '10.96.0.20', namespace: '', protocol: '', state: '' });
    expect(passes(0)).toBe(false);
  });
});

describe('a capture of all interfaces that does not tell them apart', () => {
  const points = [
    vantagePoint(0, 'node-1/any', 'node-1', 'any', 'any'),
    vantagePoint(1, 'node-1/cni0', 'node-1', 'cni0', 'bridge'),
    vantagePoint(2, 'node-2/cni0', 'node-2', 'cni0', 'bridge'),
  ];
  /** The path in words, of these vantage points. */
  const stages = (...path: number[]): string => {
    const encoder = new PageDataEncoder(buildSummary({ vantagePoints: points }), START);
    encoder.add(buildConnection({ hops: path.map((vantagePoint) => buildHop({ vantagePoint })) }));
    const data = script.prepare(encoder.finish(new TimeZone('UTC', 0, 0), false));
    const words = /<p class="sr">Path: ([^]*?)<\/p>/.exec(script.detailHtml(script.readRow(data, 0)))?.[1] ?? '';
    return [...words.matchAll(/<span>(.*?)<\/span>/g)].map((match) => match[1]).join(' ');
  };

  test('is a stage only where its node shows no other', () => {
    expect(stages(0, 2)).toBe('any cni0');
    expect(stages(0, 1, 2)).toBe('cni0 cni0');
    expect(stages(2, 1, 0)).toBe('cni0 cni0');
  });
});

describe('verdicts of policies', () => {
  const end = { verdict: 'allowed', reason: 'so', selecting: [], deciding: [], misses: [] } as const;
  const judged = (id: string, verdict: PolicyVerdict, outcome: PolicyOutcome): Connection =>
    buildConnection({ id, policy: { verdict, outcome, remarks: [], egress: end, ingress: end } });
  const rows = [
    judged('c-00000001', 'not selected', 'allowed and answered'),
    judged('c-00000002', 'denied', 'denied and dropped'),
    buildConnection({ id: 'c-00000003' }),
    judged('c-00000004', 'denied', 'denied but established'),
    judged('c-00000005', 'undefined', 'not judged'),
  ];

  test('have a column of their own, if there are any', () => {
    const { data } = prepared(rows);
    const cell = (row: number): string =>
      /<td class="verdict">.*?<\/td>/
        .exec(script.rowHtml(data, script.readRow(data, row)))?.[0]
        .replace(/<[^>]*>/g, ' ') ?? '';
    expect([0, 1, 2, 3].map((row) => cell(row).replace(/\s+/g, ' ').trim())).toEqual([
      '○ not selected',
      '✕ denied dropped',
      '–',
      '✕ denied but established',
    ]);
    const { data: unjudged } = prepared([buildConnection()]);
    expect(script.rowHtml(unjudged, script.readRow(unjudged, 0))).not.toContain('verdict');
  });

  test('sort with breaches first and what is not judged last', () => {
    const { data } = prepared(rows);
    expect(script.sortedRows(data, 'policy', false)).toEqual([3, 1, 4, 0, 2]);
  });
});

describe('traffic that stays on its link', () => {
  const multicast = { address: 'ff02::2', port: null, owner: nobody('multicast', '') };
  const rows = [
    buildConnection({ id: 'c-00000001' }),
    buildConnection({ id: 'c-00000002', protocol: 'ICMPv6', server: multicast }),
    buildConnection({ id: 'c-00000003', server: { ...multicast, owner: nobody('link-local', '') } }),
  ];
  const nothing = { text: '', namespace: '', protocol: '', state: '' };
  const shown = (values: object): number[] => {
    const { data } = prepared(rows);
    return [0, 1, 2].filter(script.rowFilter(data, { ...nothing, ...values }));
  };

  test('is left out unless asked for, TCP to link-local addresses is not', () => {
    expect(shown({ link: 'hidden' })).toEqual([0, 2]);
    expect(shown({})).toEqual([0, 1, 2]);
    expect(shown({ link: 'hidden', protocol: 'ICMPv6' })).toEqual([1]);
    expect(shown({ link: 'hidden', text: 'ff02::2' })).toEqual([1, 2]);
  });
});

describe('what happened between hops', () => {
  const latency = (p50Ns: number, errorNs: number): Latency => ({
    ...{ packets: 5, p50Ns, p99Ns: p50Ns * 2, maxNs: p50Ns * 3, errorNs },
  });
  const segment = (from: number, to: number, members: Partial<PathSegment> = {}): PathSegment => ({
    ...{ from, to, packets: 6, lost: 0, unknown: 0, lostBytes: 0, estimate: null, latency: null },
    latencyMissing: null,
    ...members,
  });
  const hops = [0, 2, 5].map((vantagePoint) => buildHop({ vantagePoint }));
  const lossy = buildConnection({
    hops,
    segments: {
      clientToServer: [
        segment(0, 1, { latency: latency(12_400, 0) }),
        segment(1, 2, { lost: 2, unknown: 1, lostBytes: 2_400, latency: latency(-300_000, 4_200) }),
      ],
      serverToClient: [
        segment(2, 1, { packets: 3, estimate: { lost: 40, low: 12, high: 90 }, lost: 1 }),
        segment(1, 0, { packets: 5 }),
      ],
    },
    lostPackets: [
      {
        ...{ direction: 'client to server', from: 1, to: 2, time: '2026-11-23T14:02:07.103000000Z' },
        ...{ sequence: 4_294_967_295, payloadBytes: 1200, proof: 'packets around it' },
      },
    ],
    retransmissions: {
      clientToServer: {
        ...{
          packets: 4,
          lost: [{ from: 1, to: 2, packets: 2 }],
          deadEnd: 0,
          acknowledgementLost: 1,
          spurious: 1,
          unexplained: 0,
        },
      },
      serverToClient: null,
    },
  });

  test('reads back as it is in the document, to a tenth of a microsecond', () => {
    const { data } = prepared([buildConnection({ id: 'c-00000001' }), lossy, { ...lossy, id: 'c-00000002' }]);
    for (const row of [1, 2]) {
      const { segments, lost, again, hops: read } = script.readRow(data, row) as unknown as ReadSegments;
      const usual = { lost: 0, unknown: 0, bytes: 0, estimate: null };
      expect(segments.there).toEqual([
        { ...usual, from: read[0], to: read[1], packets: 6, latency: { p50: 12.4, max: 37.2, error: 0 } },
        {
          ...{ from: read[1], to: read[2], packets: 6, lost: 2, unknown: 1, bytes: 2400, estimate: null },
          latency: { p50: -300, max: -300, error: 4.2 },
        },
      ]);
      expect(segments.back).toEqual([
        {
          ...{ from: read[2], to: read[1], packets: 3, lost: 1, unknown: 0, bytes: 0, latency: null },
          estimate: { guess: 40, low: 12, high: 90 },
        },
        { ...usual, from: read[1], to: read[0], packets: 5, latency: null },
      ]);
      expect(lost).toEqual([
        { side: 0, from: read[1], to: read[2], time: 3000, sequence: 4_294_967_295, bytes: 1200, around: 1 },
      ]);
      expect(again[0]).toEqual({
        ...{ packets: 4, acknowledgement: 1, spurious: 1, unexplained: 0 },
        lost: [{ from: read[1], to: read[2], packets: 2 }],
      });
      expect(again[1]).toBeNull();
    }
  });

  test('is told in the row, in the drawing, in the table of hops and in words', () => {
    const { data } = prepared([lossy]);
    const row = script.readRow(data, 0);
    expect(script.rowHtml(data, row)).toContain('42 lost');
    const detail = script.detailHtml(row);
    expect(detail).toContain('✕ 2 →, ≈ 40 ←');
    expect(detail).toContain('→ 12.4 µs'.replace('12.4', '12'));
    expect(detail).toContain('<b class="lost">2</b> / <b class="lost">≈ 40</b>');
    expect(detail).toContain('12 to 90 by samples');
    expect(detail).toContain('± 4.2 µs');
    expect(detail).toContain('4294967295');
    expect(detail).toMatch(
      /The client sent 4 segments again: 2 lost between .*, 1 after a lost acknowledgement, 1 for nothing/,
    );
  });

  test('segments that are not of neighbours on the path keep their ends', () => {
    const skipping = buildConnection({
      hops,
      segments: { clientToServer: [segment(0, 2, { lost: 1 })], serverToClient: [] },
    });
    const { data } = prepared([skipping]);
    const { segments, hops: read } = script.readRow(data, 0) as unknown as ReadSegments;
    expect(segments.there).toMatchObject([{ from: read[0], to: read[2], lost: 1 }]);
    expect(segments.back).toEqual([]);
  });
});

describe('the page’s data', () => {
  const count = fc.integer({ min: 0, max: 1_000_000 });
  const counters = fc.tuple(count, count, count).map(([packets, payload, again]) => ({
    ...buildCounters(packets, payload),
    uniquePayloadBytes: Math.max(0, payload - again),
  }));
  const moment = fc.integer({ min: 0, max: 4_000_000_000 }).map((nanoseconds) => {
    const [seconds, rest] = [Math.floor(nanoseconds / 1e9), nanoseconds % 1e9];
    return `2026-11-23T14:02:0${seconds}.${String(rest).padStart(9, '0')}Z`;
  });
  const hop: fc.Arbitrary<Hop> = fc
    .record({
      vantagePoint: fc.nat(8),
      vlans: fc.array(fc.nat(4095), { maxLength: 2 }),
      state: fc.constantFrom('SF', 'S0', 'OTH'),
      history: fc.constantFrom('ShADadFf', 'S', 'D'),
      clientToServer: counters,
      serverToClient: counters,
      start: moment,
      end: moment,
      handshakeRttNs: fc.option(fc.nat(1e9)),
      clientTtl: fc.option(fc.nat(255)),
      nflogPrefix: fc.option(fc.string()),
    })
    .map((members) => buildHop(members));
  const connection = fc
    .record({
      hops: fc.array(hop, { minLength: 1, maxLength: 4 }),
      port: fc.option(fc.nat(65_535)),
      tunnelled: fc.boolean(),
      icmp: fc.option(fc.record({ type: fc.nat(255), code: fc.nat(255) })),
    })
    .map(({ hops, port, tunnelled, icmp }): Connection => {
      const first = hops[0] ?? buildHop();
      // What is usual: the same packets again, with a constant overhead for each.
      const more = (one: DirectionCounters): DirectionCounters => ({
        ...one,
        wireBytes: one.wireBytes + 50 * one.packets,
      });
      const again = {
        ...first,
        vantagePoint: 2,
        clientToServer: more(first.clientToServer),
        serverToClient: more(first.serverToClient),
      };
      return buildConnection({
        ...first,
        icmp,
        server: buildEndpoint('10.0.0.1', port, nobody('unknown', '')),
        countedAt: first.vantagePoint,
        hops: tunnelled ? [...hops, again] : hops,
      });
    });

  test('reads back to the microsecond as the document has it', () => {
    fc.assert(
      fc.property(fc.array(connection, { minLength: 1, maxLength: 5 }), (made) => {
        const { data, rows } = prepared(
          made.map((row, index) => ({ ...row, id: `c-${(0x10000000 + index).toString(16)}` })),
        );
        rows.forEach((row, index) => {
          const read = script.readRow(data, index);
          expect(read).toMatchObject({
            id: row.id,
            protocol: row.protocol,
            start: microsecondsAfter(ORIGIN, row.start),
            duration: Math.round(row.durationNs / MICROSECOND),
            state: row.state,
            history: row.history,
            sent: countersOf(row.clientToServer),
            received: countersOf(row.serverToClient),
            rtt: row.handshakeRttNs === null ? -1 : Math.round(row.handshakeRttNs / MICROSECOND),
            icmp: row.icmp === null ? null : [row.icmp.type, row.icmp.code],
          });
          expect(read.server).toMatchObject({ address: row.server.address, port: row.server.port });
          row.hops.forEach((one, at) => {
            expect(read.hops[at]).toMatchObject({
              start: microsecondsAfter(row.start, one.start),
              vlans: one.vlans.join(', '),
              state: one.state,
              sent: { packets: one.clientToServer.packets, payload: one.clientToServer.payloadBytes },
              received: { packets: one.serverToClient.packets, payload: one.serverToClient.payloadBytes },
              rtt: one.handshakeRttNs === null ? -1 : Math.round(one.handshakeRttNs / MICROSECOND),
              clientTtl: one.clientTtl,
              serverTtl: one.serverTtl,
            });
          });
        });
      }),
    );
  });

  test.each([
    ['of one length', ['c-0123456789ab', 'c-ffffffff0000']],
    ['of several lengths', ['c-01234567', 'c-0123456789']],
    ['of an odd length', ['c-012345678', 'c-00000000f']],
  ])('keeps ids %s', (_, ids) => {
    const { data } = prepared(ids.map((id) => buildConnection({ id })));
    expect(ids.map((_id, row) => script.readRow(data, row).id)).toEqual(ids);
  });

  test('what is usual takes little room', () => {
    const document = richDocument({ connections: 500 });
    const encoded = encode(rowsOf(document), document.summary.time?.start ?? '', new TimeZone('UTC', 0, 0));
    expect(encoded.columns.otherHops).toBe('');
    expect(JSON.stringify(encoded).length / 500).toBeLessThan(120);
  });
});

describe('packed numbers', () => {
  test.each([
    // As in source maps: https://tc39.es/ecma426/#sec-base64-vlq
    [[0], 'A'],
    [[1, -1], 'CD'],
    [[15, 16], 'egB'],
    [[-16], 'hB'],
    [[0, 0, 7, 5], 'AAOK'],
    [[1_000_000], 'gkh9B'],
  ])('%j are %s', (numbers, text) => {
    expect(packNumbers(numbers)).toBe(text);
    expect(script.unpackNumbers(text)).toEqual(numbers);
  });

  test('read back as they were up to 2^52', () => {
    const number = fc.oneof(
      fc.integer({ min: -100, max: 100 }),
      fc.integer(),
      fc.bigInt(-LARGEST, LARGEST).map(Number),
    );
    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        expect(script.unpackNumbers(packNumbers(numbers))).toEqual(numbers.map((one) => one + 0));
      }),
    );
  });

  test('beyond that end at the largest', () => {
    const largest = Number(LARGEST);
    const numbers = [largest + 1, -1e300, Infinity];
    expect(script.unpackNumbers(packNumbers(numbers))).toEqual([largest, -largest, largest]);
  });
});

describe('figures', () => {
  test('are the same on both sides', () => {
    const amount = fc.oneof(fc.nat(2000), fc.maxSafeNat(), fc.nat(100_000_000));
    fc.assert(
      fc.property(amount, (value) => {
        expect(script.formatBytes(value)).toBe(figures.formatBytes(value));
        expect(script.formatCount(value)).toBe(figures.formatCount(value));
        expect(script.formatDuration(value)).toBe(figures.formatDuration(value));
        expect(script.formatDuration(-value)).toBe(figures.formatDuration(-value));
      }),
    );
  });

  test.each([
    [0, '0 B'],
    [812, '812 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [12_400, '12.4 kB'],
    [999_400, '999 kB'],
    [999_500, '1.00 MB'],
    [842_000_000, '842 MB'],
    [3e15, '3.00 PB'],
    [7e18, '7000 PB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(figures.formatBytes(bytes)).toBe(text);
  });

  test.each([
    [0, '0 µs'],
    [350, '350 µs'],
    [12_400, '12.4 ms'],
    [3_020_000, '3.02 s'],
    [274_000_000, '4 min 34 s'],
    [7_500_000_000, '2 h 5 min'],
    [273_600_000_000, '3 d 4 h'],
    [-1500, '−1.50 ms'],
  ])('%d µs are %s', (microseconds, text) => {
    expect(figures.formatDuration(microseconds)).toBe(text);
  });

  test.each([
    [1, 3, '33 %'],
    [1, 1000, '< 1 %'],
    [999, 1000, '99 %'],
    [5, 5, '100 %'],
    [0, 5, '0 %'],
  ])('%d of %d is %s', (part, whole, text) => {
    expect(figures.formatShare(part, whole)).toBe(text);
  });

  test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata'])('times of day are those of the zone %s', (name) => {
    const { data } = prepared([buildConnection()], name);
    const zone = new TimeZone(name, 0, 2_000_000_000);
    const origin = Date.parse(ORIGIN) * MICROSECOND;
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e12 }), (microseconds) => {
        const total = origin + microseconds;
        const seconds = Math.floor(total / 1e6);
        const { date, time } = zone.format(seconds, (total - seconds * 1e6) * MICROSECOND);
        expect(script.dateAndTime(data, microseconds)).toEqual([date, time]);
      }),
    );
  });
});

describe('sorting and filtering', () => {
  test('sorts by any column, equals in the order of the table', () => {
    const { data, rows } = prepared(rowsOf(richDocument({ connections: 80 })));
    const sent = (row: Connection): number => row.clientToServer.wireBytes;
    const ids = (order: number[]): string[] => order.map((row) => rows[row]?.id ?? '');
    const expected = rows
      .map((row, index) => ({ row, index }))
      .sort((a, b) => sent(b.row) - sent(a.row) || a.index - b.index);
    expect(ids(script.sortedRows(data, 'sent', true))).toEqual(expected.map(({ row }) => row.id));
    expect(ids(script.sortedRows(data, 'start', false))).toEqual(rows.map((row) => row.id));
    for (const column of ['client', 'server', 'outcome', 'duration', 'received']) {
      expect(ids(script.sortedRows(data, column, false)).sort()).toEqual(rows.map((row) => row.id).sort());
    }
  });

  test('finds by name, address, port, state and id, all words together', () => {
    const { data, rows } = prepared(rowsOf(richDocument({ connections: 200 })));
    const none = { text: '', namespace: '', protocol: '', state: '' };
    const found = (values: Partial<typeof none>): Connection[] =>
      rows.filter((_, row) => script.rowFilter(data, { ...none, ...values })(row));
    expect(found({})).toHaveLength(rows.length);
    expect(found({ text: 'FRONTEND :5432' })).toEqual(
      rows.filter((row) => row.client.owner.workload?.name === 'frontend' && row.server.port === 5432),
    );
    expect(found({ text: 'no answer' })).toEqual(rows.filter((row) => row.protocol === 'TCP' && row.state === 'S0'));
    expect(found({ text: rows[7]?.id ?? '' })).toEqual([rows[7]]);
    expect(found({ state: 'failed' })).toEqual(
      rows.filter((row) => ['S0', 'REJ'].includes(row.state) && row.protocol === 'TCP'),
    );
    expect(found({ protocol: 'UDP' })).toEqual(rows.filter((row) => row.protocol === 'UDP'));
    expect(found({ namespace: 'monitoring' })).toEqual(
      rows.filter((row) => row.client.owner.namespace === 'monitoring' || row.server.owner.namespace === 'monitoring'),
    );
    expect(found({ text: 'nothing is called so' })).toEqual([]);
  });
});

interface Filtered {
  readonly protocol: string;
  readonly client: { readonly address: string; readonly port: number | null };
  readonly server: { readonly address: string; readonly port: number | null };
  readonly hops: readonly { readonly vlans: string }[];
}

function filtered(
  protocol: string,
  client: string,
  server: string,
  ports: [number, number] | null,
  vlans = '',
): Filtered {
  return {
    protocol,
    client: { address: client, port: ports?.[0] ?? null },
    server: { address: server, port: ports?.[1] ?? null },
    hops: [{ vlans }],
  };
}

const FILTERED: readonly Filtered[] = [
  filtered('TCP', '10.0.0.1', '10.0.0.2', [40_000, 80]),
  filtered('TCP', '2001:db8::1', 'fd00::2', [40_000, 80]),
  filtered('UDP', '10.0.0.1', '10.0.0.2', [40_000, 53], '7'),
  filtered('SCTP', '10.0.0.1', '10.0.0.2', [1, 2]),
  filtered('WireGuard', '10.0.0.1', '10.0.0.2', [51_820, 51_820]),
  filtered('ICMP', '10.0.0.1', '10.0.0.2', null),
  filtered('ICMPv6', 'fe80::1', 'ff02::1', null),
  filtered('IP protocol 89', '10.0.0.1', '224.0.0.5', null),
  filtered('IP protocol 89', 'fe80::1', 'ff02::5', null),
];

function isInstalled(command: string): boolean {
  return spawnSync(command, ['--version']).status === 0;
}

/** A classic pcap of Ethernet frames. */
function pcap(frames: readonly Buffer[]): Buffer {
  const header = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
  return Buffer.concat([
    header,
    ...frames.map((frame) => {
      const record = Buffer.alloc(16);
      record.writeUInt32LE(frame.length, 8);
      record.writeUInt32LE(frame.length, 12);
      return Buffer.concat([record, frame]);
    }),
  ]);
}

function udpFrame(source: number, destination: number, sourcePort: number, destinationPort: number): Buffer {
  const frame = Buffer.alloc(42);
  frame.writeUInt16BE(0x0800, 12);
  frame.set([0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, source, 10, 0, 0, destination], 14);
  frame.writeUInt16BE(sourcePort, 34);
  frame.writeUInt16BE(destinationPort, 36);
  frame.writeUInt16BE(8, 38);
  return frame;
}

describe('filters to copy', () => {
  const withTcpdump = isInstalled('tcpdump') ? test : test.skip;
  const withTshark = isInstalled('tshark') ? test : test.skip;

  withTcpdump('tcpdump takes its filters, and they match both directions of the connection only', () => {
    for (const connection of FILTERED) {
      const filter = script.tcpdumpFilter(connection);
      const { status, stderr } = spawnSync('tcpdump', ['-d', '-y', 'EN10MB', filter], { encoding: 'utf8' });
      expect({ filter, status, stderr: status === 0 ? '' : stderr }).toEqual({ filter, status: 0, stderr: '' });
    }
    const frames = [
      udpFrame(1, 2, 4000, 53),
      udpFrame(2, 1, 53, 4000),
      udpFrame(1, 2, 4001, 53),
      udpFrame(1, 3, 4000, 53),
    ];
    const filter = script.tcpdumpFilter(filtered('UDP', '10.0.0.1', '10.0.0.2', [4000, 53]));
    const { stdout } = spawnSync('tcpdump', ['-nr', '-', filter], { input: pcap(frames), encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toHaveLength(2);
  });

  withTshark('Wireshark takes its filters, and they match both directions of the connection only', () => {
    const folder = mkdtempSync(join(tmpdir(), 'podtrail-filters-'));
    try {
      const path = join(folder, 'frames.pcap');
      writeFileSync(
        path,
        pcap([udpFrame(1, 2, 4000, 53), udpFrame(2, 1, 53, 4000), udpFrame(1, 2, 4001, 53), udpFrame(1, 3, 4000, 53)]),
      );
      const any = FILTERED.map((connection) => `(${script.displayFilter(connection)})`).join(' || ');
      const { status, stderr } = spawnSync('tshark', ['-r', path, '-Y', any], { encoding: 'utf8' });
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      const filter = script.displayFilter(filtered('UDP', '10.0.0.1', '10.0.0.2', [4000, 53]));
      const { stdout } = spawnSync('tshark', ['-nr', path, '-Y', filter], { encoding: 'utf8' });
      expect(stdout.trim().split('\n')).toHaveLength(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
