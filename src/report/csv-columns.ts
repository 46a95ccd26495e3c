/**
 * The columns of the CSV output, in order, each with its meaning: the one table from which the header, the rows and the
 * documentation are made. Names are snake_case and never change their meaning; new columns are added at the end of their group.
 */
import type {
  Connection,
  DirectionCounters,
  Encapsulation,
  Endpoint,
  Hop,
  HopEnd,
  PolicyEnd,
  Retransmissions,
  VantagePoint,
} from '../model/document.js';
import { isFailed } from '../model/document.js';
import type { Owner, OwnerReference } from '../model/owner.js';
import { lostOn } from './segments.js';

/** Text is cleaned and guarded by the writer; null is an empty field. */
export type Cell = string | number | null;

export interface CsvColumn<Row> {
  readonly name: string;
  /** What it holds and its unit, as a sentence fragment for the documentation. */
  readonly meaning: string;
  readonly value: (row: Row) => Cell;
}

export interface ConnectionRow {
  readonly connection: Connection;
  readonly vantagePoints: ReadonlyMap<number, VantagePoint>;
}

export interface FlowRow extends ConnectionRow {
  readonly hop: Hop;
  /** From 1, in order of the first packet. */
  readonly hopNumber: number;
}

/** What CSV says of an owner, made once per owner. */
interface OwnerCells {
  readonly workload: string | null;
  readonly labels: string;
  readonly candidates: string;
}

const ownerCells = new WeakMap<Owner, OwnerCells>();

function cellsOf(owner: Owner): OwnerCells {
  let cells = ownerCells.get(owner);
  if (cells === undefined) {
    cells = {
      workload: owner.workload?.name ?? null,
      labels: Object.entries(owner.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
      candidates: owner.candidates.map(referenceText).join('; '),
    };
    ownerCells.set(owner, cells);
  }
  return cells;
}

/** `pod shop/web-0`, as kubectl would be asked for it. */
function referenceText(reference: OwnerReference): string {
  const name = reference.namespace === null ? reference.name : `${reference.namespace}/${reference.name}`;
  return `${reference.kind} ${name}`;
}

function encapsulationText(layer: Encapsulation): string {
  const id = layer.tunnelId === null ? '' : ` ${layer.tunnelId}`;
  const outer = layer.outer === null ? '' : ` ${layer.outer.source} > ${layer.outer.destination}`;
  return layer.kind + id + outer;
}

function seenAs({ address, port }: HopEnd): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function placeOn(path: readonly number[], hopNumber: number): number | null {
  const place = path.indexOf(hopNumber - 1);
  return place < 0 ? null : place + 1;
}

type Side = 'client' | 'server';

export function endpointColumns(side: Side): CsvColumn<ConnectionRow>[] {
  const column = (name: string, meaning: string, value: (endpoint: Endpoint) => Cell): CsvColumn<ConnectionRow> => ({
    name: `${side}_${name}`,
    meaning,
    value: (row) => value(row.connection[side]),
  });
  return [
    column('address', `address of the ${side}`, (end) => end.address),
    column('port', 'port; empty for protocols without ports', (end) => end.port),
    column('kind', 'what the address belongs to: pod, service, node, gateway, external, …', (end) => end.owner.kind),
    column('namespace', 'namespace of the owner', (end) => end.owner.namespace),
    column('name', 'pod, service or node name', (end) => end.owner.name),
    column('uid', 'UID of the owner', (end) => end.owner.uid),
    column('workload_kind', 'Deployment, StatefulSet, DaemonSet, …', (end) => end.owner.workload?.kind ?? null),
    column('workload', 'name of the workload', (end) => cellsOf(end.owner).workload),
    column('node', 'node the owner is on or is', (end) => end.owner.node),
    column('host_network', 'true if the pod shares its node’s addresses', (end) => String(end.owner.hostNetwork)),
    column('labels', 'labels as key=value, separated by commas', (end) => cellsOf(end.owner).labels),
    column('confidence', 'observed, assumed, ambiguous or unknown', (end) => end.owner.confidence),
    column('confidence_reason', 'why the owner is not plainly observed', (end) => end.owner.reason),
    column('candidates', 'who else it could be, separated by semicolons', (end) => cellsOf(end.owner).candidates),
  ];
}

/** What the client dialed, and what became of it. */
export const TRANSLATION_COLUMNS: readonly CsvColumn<ConnectionRow>[] = [
  {
    name: 'dialed_address',
    meaning: 'address that the client asked for, where that was translated to the server',
    value: (row) => row.connection.dialed?.address ?? null,
  },
  { name: 'dialed_port', meaning: 'port that it asked for', value: (row) => row.connection.dialed?.port ?? null },
  {
    name: 'service_namespace',
    meaning: 'namespace of the Service that was dialed',
    value: (row) => row.connection.service?.namespace ?? null,
  },
  { name: 'service', meaning: 'name of the Service', value: (row) => row.connection.service?.name ?? null },
  { name: 'nat', meaning: 'translations that there were: DNAT, SNAT', value: (row) => row.connection.nat.join(';') },
  {
    name: 'translated_by',
    meaning: 'how the translations are known: packets, conntrack, packets and conntrack',
    value: (row) => row.connection.translatedBy?.evidence ?? null,
  },
  {
    name: 'could_be',
    meaning: 'what else the connection could be, as sentences',
    value: (row) => row.connection.candidates.map(({ text }) => text).join(' '),
  },
  {
    name: 'leftover',
    meaning: 'the pod that had the address before, where packets went to it after it had gone',
    value: (row) => row.connection.leftover?.text ?? null,
  },
];

/** What was lost on the way, and sent again. */
const LOSS_COLUMNS: readonly CsvColumn<ConnectionRow>[] = (['clientToServer', 'serverToClient'] as const).flatMap(
  (direction) => {
    const prefix = direction === 'clientToServer' ? 'client_to_server' : 'server_to_client';
    const again = (row: ConnectionRow): Retransmissions | null => row.connection.retransmissions[direction];
    return [
      {
        name: `${prefix}_lost`,
        meaning:
          'packets that vanished between two vantage points (an estimate where they were sampled); empty where nothing was compared',
        value: (row: ConnectionRow) => lostOn(row.connection.segments[direction]),
      },
      {
        name: `${prefix}_retransmissions`,
        meaning: 'segments that were sent again; empty where that cannot be told',
        value: (row: ConnectionRow) => again(row)?.packets ?? null,
      },
      {
        name: `${prefix}_retransmissions_of_lost`,
        meaning: 'of these: the copy before was lost between two vantage points',
        value: (row: ConnectionRow) => again(row)?.lost.reduce((total, { packets }) => total + packets, 0) ?? null,
      },
      {
        name: `${prefix}_retransmissions_spurious`,
        meaning: 'of these: the copy before had arrived and nothing was lost',
        value: (row: ConnectionRow) => again(row)?.spurious ?? null,
      },
    ];
  },
);

/** What NetworkPolicy says; empty without policies. */
const POLICY_COLUMNS: readonly CsvColumn<ConnectionRow>[] = [
  {
    name: 'policy_verdict',
    meaning: 'allowed, denied, not selected or undefined, by the policies given',
    value: (row) => row.connection.policy?.verdict ?? null,
  },
  {
    name: 'policy_outcome',
    meaning: 'the verdict together with what was seen',
    value: (row) => row.connection.policy?.outcome ?? null,
  },
  {
    name: 'policy_egress',
    meaning: 'verdict at the client and why',
    value: (row) => endVerdict(row.connection.policy?.egress),
  },
  {
    name: 'policy_ingress',
    meaning: 'verdict at the server and why',
    value: (row) => endVerdict(row.connection.policy?.ingress),
  },
];

function endVerdict(end: PolicyEnd | undefined): string | null {
  return end === undefined ? null : `${end.verdict}: ${end.reason}`;
}

type Direction = 'clientToServer' | 'serverToClient';

function counterColumns<Row>(
  prefix: string,
  direction: Direction,
  counted: (row: Row) => Record<Direction, DirectionCounters>,
): CsvColumn<Row>[] {
  const column = (name: string, meaning: string, member: keyof DirectionCounters): CsvColumn<Row> => ({
    name: `${prefix}_${name}`,
    meaning,
    value: (row) => counted(row)[direction][member],
  });
  return [
    column('packets', 'packets in this direction', 'packets'),
    column('wire_bytes', 'bytes on the wire from the link header on', 'wireBytes'),
    column('payload_bytes', 'bytes of transport payload, retransmissions included', 'payloadBytes'),
    column('unique_payload_bytes', 'bytes of transport payload, each counted once', 'uniquePayloadBytes'),
  ];
}

/** What a flow and a connection have in common; `flow` picks the one that is counted. */
function flowColumns<Row>(flow: (row: Row) => Connection | Hop): CsvColumn<Row>[] {
  return [
    { name: 'start', meaning: 'first packet, UTC, RFC 3339 with nanoseconds', value: (row) => flow(row).start },
    { name: 'end', meaning: 'last packet, UTC, RFC 3339 with nanoseconds', value: (row) => flow(row).end },
    { name: 'state', meaning: 'Zeek’s conn_state', value: (row) => flow(row).state },
    { name: 'history', meaning: 'Zeek’s history; upper case is the client', value: (row) => flow(row).history },
    ...counterColumns('client_to_server', 'clientToServer', flow),
    ...counterColumns('server_to_client', 'serverToClient', flow),
    {
      name: 'handshake_rtt_ns',
      meaning: 'nanoseconds from SYN to the ACK of the SYN-ACK; empty unless seen whole',
      value: (row) => flow(row).handshakeRttNs,
    },
  ];
}

export const IDENTITY_COLUMNS: readonly CsvColumn<ConnectionRow>[] = [
  {
    name: 'connection_id',
    meaning: 'id of the connection, the same in every format',
    value: (row) => row.connection.id,
  },
  { name: 'protocol', meaning: 'TCP, UDP, SCTP, ICMP, …', value: (row) => row.connection.protocol },
  { name: 'protocol_number', meaning: 'IANA protocol number', value: (row) => row.connection.protocolNumber },
];

function vantageName(row: ConnectionRow, id: number): string {
  return row.vantagePoints.get(id)?.name ?? String(id);
}

/** One row per connection. */
export const CONNECTION_COLUMNS: readonly CsvColumn<ConnectionRow>[] = [
  ...IDENTITY_COLUMNS,
  ...flowColumns<ConnectionRow>((row) => row.connection),
  { name: 'duration_ns', meaning: 'nanoseconds from start to end', value: (row) => row.connection.durationNs },
  {
    name: 'failed',
    meaning: 'true for a TCP connection that was never set up',
    value: (row) => String(isFailed(row.connection.protocol, row.connection.state)),
  },
  {
    name: 'client_told_by',
    meaning: 'how the client was told from the server',
    value: (row) => row.connection.clientReason,
  },
  { name: 'icmp_type', meaning: 'ICMP type of the first message', value: (row) => row.connection.icmp?.type ?? null },
  { name: 'icmp_code', meaning: 'ICMP code of the first message', value: (row) => row.connection.icmp?.code ?? null },
  {
    name: 'counted_at',
    meaning: 'vantage point whose counters these are',
    value: (row) => vantageName(row, row.connection.countedAt),
  },
  {
    name: 'hops',
    meaning: 'number of flows (vantage points and encapsulations)',
    value: (row) => row.connection.hops.length,
  },
  {
    name: 'vantage_points',
    meaning: 'where it was seen, in order of the first packet, separated by semicolons',
    value: (row) => [...new Set(row.connection.hops.map((hop) => vantageName(row, hop.vantagePoint)))].join('; '),
  },
  ...LOSS_COLUMNS,
  ...endpointColumns('client'),
  ...endpointColumns('server'),
  ...TRANSLATION_COLUMNS,
  ...POLICY_COLUMNS,
];

/** One row per flow, with `--per flow`. */
export const FLOW_COLUMNS: readonly CsvColumn<FlowRow>[] = [
  ...IDENTITY_COLUMNS,
  { name: 'hop', meaning: 'number of the flow within its connection, from 1', value: (row) => row.hopNumber },
  { name: 'hops', meaning: 'number of flows of the connection', value: (row) => row.connection.hops.length },
  { name: 'vantage_point', meaning: 'where the flow was seen', value: (row) => vantageName(row, row.hop.vantagePoint) },
  {
    name: 'vantage_node',
    meaning: 'node of the vantage point',
    value: (row) => row.vantagePoints.get(row.hop.vantagePoint)?.node ?? null,
  },
  {
    name: 'vantage_interface',
    meaning: 'interface of the vantage point',
    value: (row) => row.vantagePoints.get(row.hop.vantagePoint)?.interface ?? null,
  },
  {
    name: 'vantage_role',
    meaning: 'pod, veth, bridge, overlay, wireguard, underlay, …',
    value: (row) => row.vantagePoints.get(row.hop.vantagePoint)?.role ?? null,
  },
  {
    name: 'encapsulation',
    meaning: 'tunnels around it, outermost first: kind, id, outer source > destination; separated by semicolons',
    value: (row) => row.hop.encapsulation.map(encapsulationText).join('; '),
  },
  {
    name: 'vlans',
    meaning: '802.1Q VLAN ids, outermost first, separated by semicolons',
    value: (row) => row.hop.vlans.join(';'),
  },
  ...flowColumns<FlowRow>((row) => row.hop),
  {
    name: 'client_seen_as',
    meaning: 'client’s address and port as the packets have them here',
    value: (row) => seenAs(row.hop.clientSeenAs),
  },
  {
    name: 'server_seen_as',
    meaning: 'server’s address and port as the packets have them here',
    value: (row) => seenAs(row.hop.serverSeenAs),
  },
  {
    name: 'place_to_server',
    meaning: 'place on the way from client to server, from 1',
    value: (row) => placeOn(row.connection.paths.clientToServer, row.hopNumber),
  },
  {
    name: 'place_to_client',
    meaning: 'place on the way back, from 1',
    value: (row) => placeOn(row.connection.paths.serverToClient, row.hopNumber),
  },
  { name: 'client_ttl', meaning: 'TTL or hop limit of the client’s first packet', value: (row) => row.hop.clientTtl },
  { name: 'server_ttl', meaning: 'TTL or hop limit of the server’s first packet', value: (row) => row.hop.serverTtl },
  { name: 'nflog_prefix', meaning: 'prefix that an NFLOG rule gave the packets', value: (row) => row.hop.nflogPrefix },
  ...endpointColumns('client'),
  ...endpointColumns('server'),
  ...TRANSLATION_COLUMNS,
];
