import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FORMATS, formatOf, writeReport, type WriteOptions } from '../../src/report/index.js';
import { CONNECTION_COLUMNS, FLOW_COLUMNS } from '../../src/report/csv-columns.js';
import { SEGMENT_COLUMNS } from '../../src/report/csv-segment-columns.js';
import type { Connection, ReportDocument } from '../../src/model/document.js';
import { buildConnection, buildCounters, buildEndpoint, buildHop, buildOwner, rowsOf } from './documents/build.js';
import { hostileDocument } from './documents/hostile.js';
import { emptyDocument, minimalDocument } from './documents/plain.js';
import { richDocument } from './documents/shop.js';
import { documentOf } from './documents/totals.js';
import { readCsv } from './csv-reader.js';
import { problemsOf } from './schema.js';
import { write } from './write.js';

const OPTIONS: WriteOptions = { per: 'connection', timeZone: 'UTC', top: null };

const DOCUMENTS: readonly [string, () => ReportDocument][] = [
  ['empty', emptyDocument],
  ['minimal', minimalDocument],
  ['rich', () => richDocument({ connections: 300 })],
  ['IPv6', () => richDocument({ connections: 50, ipv6: true })],
  ['hostile', () => hostileDocument()],
];

describe('formats', () => {
  test.each([
    ['incident.html', 'html'],
    ['a/b.HTM', 'html'],
    ['report.json', 'json'],
    ['flows.ndjson', 'ndjson'],
    ['flows.jsonl', 'ndjson'],
    ['flows.CSV', 'csv'],
    ['ticket.md', 'md'],
  ])('%s is %s', (path, name) => {
    expect(formatOf(path)?.name).toBe(name);
  });

  test.each(['report', 'report.xml', 'json', 'a.json.gz', ''])('%p asks for no format', (path) => {
    expect(formatOf(path)).toBeNull();
  });

  test('no ending belongs to two formats', () => {
    const endings = FORMATS.flatMap((format) => format.extensions);
    expect(new Set(endings).size).toBe(endings.length);
  });
});

describe('JSON', () => {
  test.each(DOCUMENTS)('the %s document is valid by the schema and equals JSON.stringify', async (_name, build) => {
    const document = build();
    const text = await write('json', document);
    expect(problemsOf(JSON.parse(text))).toEqual([]);
    expect(text.replaceAll('\n', '')).toBe(JSON.stringify({ ...document.summary, connections: rowsOf(document) }));
  });

  test('any connection equals JSON.stringify', async () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
    const owner = fc
      .record({
        name: fc.option(text),
        reason: text,
        labels: fc.dictionary(text, text),
        workload: fc.option(fc.record({ kind: text, name: text })),
      })
      .map((members) =>
        buildOwner({ ...members, candidates: [{ kind: 'pod', namespace: null, name: members.reason, uid: null }] }),
      );
    const counters = fc
      .tuple(fc.nat(), fc.maxSafeNat())
      .map(([packets, bytes]) => ({ ...buildCounters(packets, 0), payloadBytes: bytes }));
    const hop = fc
      .record({ nflogPrefix: fc.option(text), vlans: fc.array(fc.nat(4095)), clientToServer: counters, history: text })
      .map((members) =>
        buildHop({
          ...members,
          encapsulation: members.vlans.map((id) => ({
            kind: 'VXLAN',
            tunnelId: id,
            outer: id % 2 === 0 ? null : { source: '::1', destination: '::2' },
          })),
        }),
      );
    const connection = fc
      .record({
        owner,
        hops: fc.array(hop, { maxLength: 3 }),
        protocol: text,
        icmp: fc.option(fc.record({ type: fc.nat(255), code: fc.nat(255) })),
      })
      .map(({ owner: one, ...members }) =>
        buildConnection({ ...members, client: buildEndpoint('10.0.0.1', null, one) }),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(connection, { maxLength: 4 }), async (rows) => {
        const document = {
          summary: emptyDocument().summary,
          connections: { length: rows.length, row: (index: number) => rows[index] as Connection },
        };
        const written = await write('ndjson', document);
        expect(written).toBe(rows.map((row) => JSON.stringify(row) + '\n').join(''));
      }),
    );
  });

  test('the schema refuses what it does not know and misses what is not there', async () => {
    const parsed = JSON.parse(await write('json', minimalDocument())) as Record<string, unknown>;
    expect(problemsOf({ ...parsed, surprise: 1 })).not.toEqual([]);
    for (const member of Object.keys(parsed)) {
      expect(problemsOf(Object.fromEntries(Object.entries(parsed).filter(([name]) => name !== member)))).not.toEqual(
        [],
      );
    }
    const [connection] = parsed['connections'] as Record<string, unknown>[];
    expect(problemsOf(connection, '#/$defs/connection')).toEqual([]);
    for (const member of Object.keys(connection ?? {})) {
      const without = Object.fromEntries(Object.entries(connection ?? {}).filter(([name]) => name !== member));
      expect(problemsOf(without, '#/$defs/connection')).not.toEqual([]);
    }
  });

  test('is handed over in pieces, each awaited before the next', async () => {
    let inFlight = 0;
    let pieces = 0;
    let longest = 0;
    const sink = {
      async write(chunk: string | Uint8Array): Promise<void> {
        expect(++inFlight).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight--;
        pieces++;
        longest = Math.max(longest, chunk.length);
      },
    };
    await writeReport('json', richDocument({ connections: 600 }), sink, OPTIONS);
    expect(pieces).toBeGreaterThan(5);
    expect(longest).toBeLessThan(200_000);
  });

  test('an error of the sink reaches the caller', async () => {
    const sink = { write: (): Promise<void> => Promise.reject(new Error('disk full')) };
    await expect(writeReport('json', minimalDocument(), sink, OPTIONS)).rejects.toThrow('disk full');
  });
});

describe('--top', () => {
  test('keeps the connections with the most bytes, in the order of the table', async () => {
    const document = richDocument({ connections: 60 });
    const bytes = (row: Connection): number => row.clientToServer.wireBytes + row.serverToClient.wireBytes;
    const heaviest = new Set(
      [...rowsOf(document)]
        .sort((a, b) => bytes(b) - bytes(a))
        .slice(0, 7)
        .map((row) => row.id),
    );
    const written = (await write('ndjson', document, { top: 7 }))
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Connection).id);
    expect(written).toEqual(
      rowsOf(document)
        .map((row) => row.id)
        .filter((id) => heaviest.has(id)),
    );
  });
});

describe('NDJSON', () => {
  test('one flow a line carries the names of its connection and is valid by the schema', async () => {
    const document = richDocument({ connections: 40 });
    const lines = (await write('ndjson', document, { per: 'flow' }))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toHaveLength(document.summary.totals.flows);
    for (const line of lines) expect(problemsOf(line, '#/$defs/flow')).toEqual([]);
    const flows = rowsOf(document).flatMap((row) => row.hops.map((hop, index) => ({ row, hop, index })));
    flows.forEach(({ row, hop, index }, at) => {
      expect(lines[at]).toMatchObject({ connection: row.id, hop: index + 1, client: row.client, ...hop });
      expect(lines[at]?.['vantagePointName']).toBe(
        document.summary.vantagePoints.find((point) => point.id === hop.vantagePoint)?.name,
      );
    });
  });
});

function recordsOf(text: string): Record<string, string>[] {
  const [header = [], ...rows] = readCsv(text);
  return rows.map((row) => {
    expect(row).toHaveLength(header.length);
    return Object.fromEntries(header.map((name, index) => [name, row[index] ?? '']));
  });
}

test('NDJSON has a line per hop with the names of its connection, valid by the schema', async () => {
  const document = richDocument({ connections: 40 });
  const lines = (await write('ndjson', document, { per: 'hop' })).trim().split('\n');
  const segments = rowsOf(document).flatMap((row) =>
    [...row.segments.clientToServer, ...row.segments.serverToClient].map((segment) => ({ row, segment })),
  );
  expect(lines).toHaveLength(segments.length);
  lines.forEach((line, index) => {
    const parsed = JSON.parse(line) as object;
    expect(problemsOf(parsed, '#/$defs/segment')).toEqual([]);
    expect(parsed).toMatchObject({ connection: segments[index]?.row.id, ...segments[index]?.segment });
  });
});

describe('CSV', () => {
  test('column names are snake_case, unique and explained', () => {
    for (const columns of [CONNECTION_COLUMNS, FLOW_COLUMNS, SEGMENT_COLUMNS] as const) {
      const names = columns.map((column) => column.name);
      expect(new Set(names).size).toBe(names.length);
      for (const column of columns) {
        expect(column.name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
        expect(column.meaning).not.toBe('');
      }
    }
  });

  test('a connection reads back as it is in the document', async () => {
    const document = richDocument({ connections: 80 });
    const records = recordsOf(await write('csv', document));
    expect(records).toHaveLength(80);
    rowsOf(document).forEach((row, index) => {
      expect(records[index]).toMatchObject({
        connection_id: row.id,
        start: row.start,
        duration_ns: String(row.durationNs),
        client_address: row.client.address,
        client_port: String(row.client.port),
        client_name: row.client.owner.name ?? '',
        client_uid: row.client.owner.uid ?? '',
        server_workload: row.server.owner.workload?.name ?? '',
        server_confidence: row.server.owner.confidence,
        server_confidence_reason: row.server.owner.reason,
        client_to_server_payload_bytes: String(row.clientToServer.payloadBytes),
        handshake_rtt_ns: row.handshakeRttNs === null ? '' : String(row.handshakeRttNs),
        failed: String(row.protocol === 'TCP' && (row.state === 'S0' || row.state === 'REJ')),
        hops: String(row.hops.length),
      });
    });
  });

  test('one row per flow names vantage point, encapsulation and connection', async () => {
    const document = richDocument({ connections: 40 });
    const records = recordsOf(await write('csv', document, { per: 'flow' }));
    const flows = rowsOf(document).flatMap((row) => row.hops.map((hop) => ({ row, hop })));
    expect(records).toHaveLength(flows.length);
    flows.forEach(({ row, hop }, index) => {
      const point = document.summary.vantagePoints.find((one) => one.id === hop.vantagePoint);
      expect(records[index]).toMatchObject({ connection_id: row.id, vantage_point: point?.name, start: hop.start });
      const outer = hop.encapsulation[0]?.outer;
      expect(records[index]?.['encapsulation']).toBe(outer ? `VXLAN 1 ${outer.source} > ${outer.destination}` : '');
    });
  });

  test('one row per hop says what happened between two vantage points', async () => {
    const document = richDocument({ connections: 40 });
    const records = recordsOf(await write('csv', document, { per: 'hop' }));
    const points = new Map(document.summary.vantagePoints.map((point) => [point.id, point]));
    const expected = rowsOf(document).flatMap((row) =>
      (['clientToServer', 'serverToClient'] as const).flatMap((way) =>
        row.segments[way].map((segment) => {
          const [from, to] = [segment.from, segment.to].map((hop) => points.get(row.hops[hop]?.vantagePoint ?? -1));
          return {
            connection_id: row.id,
            direction: way === 'clientToServer' ? 'client to server' : 'server to client',
            from_hop: String(segment.from + 1),
            from_vantage_point: from?.name,
            from_node: from?.node,
            from_interface: from?.interface,
            from_role: from?.role,
            to_vantage_point: to?.name,
            packets: String(segment.packets),
            lost: String(segment.lost),
            lost_bytes: String(segment.lostBytes),
            estimated_lost: '',
            latency_p50_ns: String(segment.latency?.p50Ns ?? ''),
            latency_p99_ns: String(segment.latency?.p99Ns ?? ''),
            latency_max_ns: String(segment.latency?.maxNs ?? ''),
            latency_error_ns: String(segment.latency?.errorNs ?? ''),
          };
        }),
      ),
    );
    expect(expected.length).toBeGreaterThan(100);
    expect(records).toHaveLength(expected.length);
    expected.forEach((one, index) => expect(records[index]).toMatchObject(one));
  });

  test('a connection says what it lost and sent again', async () => {
    const document = richDocument({ connections: 120 });
    const records = recordsOf(await write('csv', document));
    const lost = rowsOf(document).map((row) => row.lostPackets.length);
    expect(lost.filter((count) => count > 0).length).toBeGreaterThan(1);
    lost.forEach((count, index) => {
      expect(Number(records[index]?.['client_to_server_lost'])).toBe(count);
      expect(records[index]?.['client_to_server_retransmissions_of_lost']).toBe(count === 0 ? '' : String(count));
    });
  });

  test('labels and candidates have columns of their own', async () => {
    const owner = buildOwner({
      labels: { app: 'a,"b"', tier: 'web' },
      confidence: 'ambiguous',
      candidates: [
        { kind: 'pod', namespace: 'shop', name: 'web-0', uid: null },
        { kind: 'node', namespace: null, name: 'node-1', uid: null },
      ],
    });
    const [record] = recordsOf(
      await write('csv', documentOf([buildConnection({ client: buildEndpoint('10.0.0.1', 1, owner) })])),
    );
    expect(record?.['client_labels']).toBe('app=a,"b",tier=web');
    expect(record?.['client_candidates']).toBe('pod shop/web-0; node node-1');
  });

  test('no field of any text can be taken for a formula, and none holds a control character', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .tuple(
          fc.constantFrom('', ' ', '\t', '\u00a0 ', '\n'),
          fc.constantFrom('=', '+', '-', '@', '＝', '＋', '－', '＠'),
          fc.string(),
        )
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (name) => {
        const document = documentOf([
          buildConnection({ client: buildEndpoint('10.0.0.1', 1, buildOwner({ name, labels: { [name]: name } })) }),
        ]);
        for (const per of ['connection', 'flow'] as const) {
          for (const row of readCsv(await write('csv', document, { per }))) {
            for (const field of row) {
              expect(field).not.toMatch(/^\s*[=+\-@＝＋－＠]/u);
              expect(field).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
            }
          }
        }
      }),
    );
  });

  test('the hostile document keeps its shape', async () => {
    const document = hostileDocument();
    expect(recordsOf(await write('csv', document))).toHaveLength(document.connections.length);
  });
});

test.each(['json', 'ndjson', 'csv'] as const)('%s: two runs give the same bytes', async (format) => {
  expect(await write(format, richDocument({ connections: 100 }))).toBe(
    await write(format, richDocument({ connections: 100 })),
  );
});
