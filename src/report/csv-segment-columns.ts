/** The columns of CSV with `--per hop`: one row per way from a vantage point to the next one, in each direction of each connection. */
import type { VantagePoint } from '../model/document.js';
import {
  IDENTITY_COLUMNS,
  TRANSLATION_COLUMNS,
  endpointColumns,
  type Cell,
  type ConnectionRow,
  type CsvColumn,
} from './csv-columns.js';
import type { DirectedSegment } from './segments.js';

export interface SegmentRow extends ConnectionRow, DirectedSegment {}

type Column = CsvColumn<SegmentRow>;

function endColumns(end: 'from' | 'to'): Column[] {
  const where = end === 'from' ? 'where the packets came from' : 'where they went next';
  const column = (name: string, meaning: string, value: (point: VantagePoint | undefined) => Cell): Column => ({
    name: `${end}_${name}`,
    meaning,
    value: (row) => value(row.vantagePoints.get(row.connection.hops[row.segment[end]]?.vantagePoint ?? -1)),
  });
  return [
    {
      name: `${end}_hop`,
      meaning: 'number of the flow within its connection, from 1, as with --per flow',
      value: (row) => row.segment[end] + 1,
    },
    column('vantage_point', where, (point) => point?.name ?? null),
    column('node', 'its node', (point) => point?.node ?? null),
    column('interface', 'its interface', (point) => point?.interface ?? null),
    column('role', 'pod, veth, bridge, overlay, wireguard, underlay, …', (point) => point?.role ?? null),
  ];
}

export const SEGMENT_COLUMNS: readonly Column[] = [
  ...IDENTITY_COLUMNS,
  { name: 'direction', meaning: 'client to server, or server to client', value: (row) => row.direction },
  ...endColumns('from'),
  ...endColumns('to'),
  {
    name: 'packets',
    meaning: 'packets that were looked for at the second vantage point: all, or those kept as samples',
    value: (row) => row.segment.packets,
  },
  { name: 'lost', meaning: 'of these: not seen there although it was capturing', value: (row) => row.segment.lost },
  {
    name: 'unknown',
    meaning: 'of these: not seen there, and it may not have been capturing',
    value: (row) => row.segment.unknown,
  },
  { name: 'lost_bytes', meaning: 'transport payload of the lost packets', value: (row) => row.segment.lostBytes },
  {
    name: 'estimated_lost',
    meaning: 'lost packets among all, where not all were kept; else empty',
    value: (row) => row.segment.estimate?.lost ?? null,
  },
  {
    name: 'estimated_lost_low',
    meaning: 'lower end of its interval (95 %)',
    value: (row) => row.segment.estimate?.low ?? null,
  },
  {
    name: 'estimated_lost_high',
    meaning: 'upper end of its interval (95 %)',
    value: (row) => row.segment.estimate?.high ?? null,
  },
  {
    name: 'latency_packets',
    meaning: 'packets seen at both ends, by which latency was measured; empty if it was not',
    value: (row) => row.segment.latency?.packets ?? null,
  },
  {
    name: 'latency_p50_ns',
    meaning: 'median of the one-way latency in nanoseconds',
    value: (row) => row.segment.latency?.p50Ns ?? null,
  },
  {
    name: 'latency_p99_ns',
    meaning: '99th percentile of the one-way latency in nanoseconds',
    value: (row) => row.segment.latency?.p99Ns ?? null,
  },
  {
    name: 'latency_max_ns',
    meaning: 'longest one-way latency in nanoseconds',
    value: (row) => row.segment.latency?.maxNs ?? null,
  },
  {
    name: 'latency_error_ns',
    meaning: 'by how much all of them may be wrong, in the same direction; 0 where one clock saw both ends',
    value: (row) => row.segment.latency?.errorNs ?? null,
  },
  {
    name: 'latency_missing',
    meaning: 'why there is no latency; empty where there is one',
    value: (row) => row.segment.latencyMissing,
  },
  ...endpointColumns('client'),
  ...endpointColumns('server'),
  ...TRANSLATION_COLUMNS,
];
