/**
 * The report document: the one thing between analysis and every output. Writers read nothing else.
 *
 * It is a bounded summary plus the connection table, which is read row by row and written as a stream. In JSON the
 * members of `ReportSummary` and `connections` stand in one object; `document.schema.json` beside this file is its schema.
 * Times are RFC 3339 UTC strings with nanoseconds (base/time.ts), durations and latencies are numbers of nanoseconds,
 * sizes are bytes. Null means "not known" or "does not apply", never zero.
 */
import type { Finding } from './finding.js';
import type { Owner, OwnerReference, Workload } from './owner.js';
import type { HopWireguard, WireguardSummary } from './wireguard.js';

export const DOCUMENT_FORMAT = 'podtrail-report/1';

export interface ReportDocument {
  readonly summary: ReportSummary;
  readonly connections: ConnectionTable;
}

/** Sorted by start time, then by addresses and ports. Rows are made on demand; each is a fresh object the caller may keep. */
export interface ConnectionTable {
  readonly length: number;
  row(index: number): Connection;
}

export interface ReportSummary {
  readonly format: typeof DOCUMENT_FORMAT;
  readonly generator: { readonly name: 'podtrail'; readonly version: string };
  /** Options that shaped the result, as given (config file included), in a fixed order. */
  readonly options: readonly { readonly name: string; readonly value: string }[];
  /** True when the run was interrupted and holds only what had been read until then. */
  readonly partial: boolean;
  /** Of all captures, in the reference clock. */
  readonly time: TimeRange | null;
  /** What went wrong in the selected connections and between the nodes, worst first; at most 200. */
  readonly findings: readonly Finding[];
  readonly captures: readonly CaptureSummary[];
  readonly vantagePoints: readonly VantagePoint[];
  readonly inventory: InventorySummary | null;
  readonly totals: Totals;
  readonly endpoints: EndpointSummary;
  readonly timeline: Timeline | null;
  readonly carriers: readonly Carrier[];
  /** How the clocks of the nodes differ; null where one node or none is known. */
  readonly clocks: ClockSummary | null;
  /** What happened between neighbouring vantage points, over all connections, most packets lost first; at most 200. */
  readonly segments: readonly SegmentTotals[];
  /** WireGuard between hosts, by its messages; null where none was seen. */
  readonly wireguard: WireguardSummary | null;
  /** Places on the paths of connections where nothing was captured, most connections first; at most 100. */
  readonly coverageGaps: readonly CoverageGap[];
  /** What the policies say of the cluster and of this traffic; null where neither inventory nor user gave any policy. */
  readonly policies: PolicySummary | null;
  readonly oddities: readonly Oddity[];
  /** Addresses (at most 50, busiest first) that nobody is known to own, with the reason. */
  readonly unattributed: readonly Unattributed[];
  /** What this capture cannot show, as sentences (group A of the catalogue), worst first. */
  readonly limitations: readonly Limitation[];
}

export interface TimeRange {
  readonly start: string;
  readonly end: string;
  readonly durationNs: number;
}

export interface CaptureSummary {
  /** Index in `captures`, referred to by vantage points and oddities. */
  readonly id: number;
  /** As the user named it; `-` is standard input. */
  readonly path: string;
  /** Name of the vantage-point group this file is a rotated part of, or null when it stands alone. */
  readonly rotation: { readonly group: string; readonly part: number; readonly parts: number } | null;
  /** `pcap`, `pcap (nanoseconds)`, `pcap (modified)`, `pcapng`. */
  readonly format: string;
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly sizeBytes: number | null;
  readonly packets: number;
  readonly wireBytes: number;
  readonly capturedBytes: number;
  /** Packets of which less was kept than had been on the wire. */
  readonly truncatedPackets: number;
  readonly packetsWithoutTime: number;
  /** Earliest and latest packet, by the clock that took them; null if no packet has a time. */
  readonly time: TimeRange | null;
  readonly interfaces: readonly CaptureInterfaceSummary[];
  /** What the file says of itself: hardware, operating system, application, comments. */
  readonly notes: readonly string[];
  readonly damage: Damage | null;
}

export interface Damage {
  /** Byte in the uncompressed stream at which reading stopped. */
  readonly offset: number;
  readonly message: string;
}

export interface CaptureInterfaceSummary {
  /** 0-based section and interface number within it (pcapng); 0, 0 for classic pcap. */
  readonly section: number;
  readonly index: number;
  readonly name: string | null;
  readonly description: string | null;
  readonly linkType: number;
  /** `EN10MB`, `LINUX_SLL2`, …; `DLT 147` where it has no name here. */
  readonly linkTypeName: string;
  readonly snapLength: number;
  /** Units of the timestamps as written in the file, per second. */
  readonly ticksPerSecond: number;
  readonly packets: number;
  readonly wireBytes: number;
  /** Counted by the capturing kernel, null when the file does not say. */
  readonly droppedPackets: number | null;
  readonly comments: readonly string[];
}

/** Where on the path packets were seen. Roles and nodes are named as far as known. */
export interface VantagePoint {
  readonly id: number;
  /** Short name for people, unique in the document: `node-1/eth1`, `pod shop/web-0 eth0`, or the capture's file name. */
  readonly name: string;
  /** Captures that hold it: one, or the parts of a rotated capture. */
  readonly captures: readonly number[];
  readonly interface: string | null;
  readonly interfaceIndex: number | null;
  readonly node: string | null;
  readonly role:
    'pod' | 'veth' | 'bridge' | 'overlay' | 'wireguard' | 'underlay' | 'loopback' | 'any' | 'nflog' | 'unknown';
  /** The pod whose own device or veth it is, as `namespace/name`; null for all others and where it is not known. */
  readonly pod: string | null;
  /** How node, interface and role were known. */
  readonly knownBy: VantageEvidence;
  /** Packets that this vantage point had shown before (port mirroring, a promiscuous bridge, several interfaces in one): a part of `packets`. */
  readonly copies: number;
  readonly packets: number;
  readonly wireBytes: number;
  /** By the clock of its own node, which `clocks` compares with the reference's. */
  readonly time: TimeRange | null;
}

/** In words fit for a table cell, such as `--vantage`, `file name`, `interface name in the capture`, `ip link of node-1`, `traffic`; null: not known. */
export interface VantageEvidence {
  readonly node: string | null;
  readonly interface: string | null;
  readonly role: string | null;
}

export interface CoverageGap {
  readonly node: string;
  /** What to capture there: a role, or `any` where nothing at all was captured on the node. */
  readonly role: VantagePoint['role'];
  /** One sentence: what cannot be told without it. */
  readonly text: string;
  readonly connections: number;
}

export interface ClockSummary {
  /** The node by whose clock all times of connections and hops are told. */
  readonly reference: string;
  readonly nodes: readonly NodeClock[];
  readonly steps: readonly ClockStep[];
}

export interface NodeClock {
  readonly node: string;
  /** By how much its clock is ahead of the reference's, at the middle of the captures; null where nothing tells it. */
  readonly offsetNs: number | null;
  /** The offset is wrong by this much at most; null where only one direction was seen, or if the user gave it. */
  readonly errorNs: number | null;
  /** Parts per million by which it runs faster than the reference's; null where the captures do not tell it. */
  readonly driftPpm: number | null;
  readonly driftErrorPpm: number | null;
  readonly basis: 'reference' | 'given' | 'packets both ways' | 'packets one way' | 'acknowledgements' | 'none';
  /** Packets seen on both nodes by which it was found. */
  readonly packets: number;
}

/** A clock that was set while it was captured. */
export interface ClockStep {
  readonly node: string;
  readonly time: string;
  readonly byNs: number;
}

export interface SegmentTotals {
  /** Vantage points, as neighbours on paths, in the direction of the packets. */
  readonly from: number;
  readonly to: number;
  readonly connections: number;
  readonly packets: number;
  readonly lost: number;
  readonly unknown: number;
  /** Where not all packets were kept: lost packets among all of them, with a confidence interval of 95 %; else null. */
  readonly estimate: LossEstimate | null;
  /** Transport payload of the smallest packet lost and of the largest that arrived, as `from` shows them; null where there was none. */
  readonly smallestLostPayload: number | null;
  readonly largestDeliveredPayload: number | null;
  readonly latency: Latency | null;
  /** Why there is no latency; null where there is one. */
  readonly latencyMissing: LatencyGap | null;
  /** Packets that the captures of `to` say they missed: what seems lost may be these. Null where they do not say. */
  readonly captureDrops: number | null;
}

export interface InventorySummary {
  /** Instants of the snapshots, oldest first. */
  readonly snapshots: readonly string[];
  readonly files: readonly { readonly path: string; readonly recognizedAs: string; readonly objects: number }[];
  readonly pods: number;
  readonly services: number;
  readonly nodes: number;
  readonly namespaces: number;
  readonly policies: number;
  readonly warnings: readonly string[];
}

export interface Totals {
  readonly packets: number;
  readonly wireBytes: number;
  readonly flows: number;
  readonly connections: number;
  /** Connections in the table after selection (`--pod`, `--since`, `--top`, …). */
  readonly selectedConnections: number;
  readonly connectionsByProtocol: Readonly<Record<string, number>>;
  /** TCP connections by Zeek `conn_state`. */
  readonly connectionsByState: Readonly<Record<string, number>>;
  /** Packets that belong to no flow: by link type or protocol that is not decoded, damaged headers. */
  readonly undecodedPackets: number;
  readonly arp: { readonly requests: number; readonly replies: number; readonly unanswered: readonly UnansweredArp[] };
  /** Flows finished early because of `--max-flows`, and of these how many continued later. */
  readonly flowsFinishedEarly: number;
  readonly flowsAggregated: number;
}

export interface UnansweredArp {
  readonly address: string;
  readonly requests: number;
}

export interface EndpointSummary {
  /** At most 500, by bytes. */
  readonly pods: readonly EndpointTotals[];
  /** At most 200, by bytes. */
  readonly workloads: readonly WorkloadTotals[];
  /** Traffic between workloads (client → server), at most 400 pairs by bytes; the rest is summed in `otherPairs`. */
  readonly pairs: readonly WorkloadPair[];
  readonly otherPairs: { readonly pairs: number; readonly connections: number; readonly bytes: number };
}

export interface EndpointTotals {
  readonly owner: Owner;
  readonly addresses: readonly string[];
  readonly connectionsAsClient: number;
  readonly connectionsAsServer: number;
  readonly failedConnections: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** A node of the map: a workload, or a kind of outside (`external`, `node`, …) where there is no workload. */
export interface WorkloadTotals {
  /** Unique in the document: `shop/Deployment/web`, `node/node-1`, `external`, `10.1.2.3` for unknown owners. */
  readonly key: string;
  readonly kind: OwnerReference['kind'];
  readonly namespace: string | null;
  readonly workload: Workload | null;
  /** What people read: `web`, `node-1`, `outside the cluster`. */
  readonly label: string;
  readonly pods: number;
  readonly connectionsAsClient: number;
  readonly connectionsAsServer: number;
  readonly failedConnections: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export interface WorkloadPair {
  readonly client: string;
  readonly server: string;
  /** Server ports seen, busiest first, at most 8, as `8080/TCP`. */
  readonly ports: readonly string[];
  readonly connections: number;
  readonly failedConnections: number;
  readonly bytes: number;
}

/** Equal bins over the whole time range, at most 600. */
export interface Timeline {
  readonly start: string;
  readonly binNs: number;
  readonly bins: number;
  /** Wire bytes and packets per bin at each vantage point; copies at several points are not added up. */
  readonly series: readonly {
    readonly vantagePoint: number;
    readonly bytes: readonly number[];
    readonly packets: readonly number[];
  }[];
  /** Connections that began in the bin, and those of them that failed to be set up. */
  readonly started: readonly number[];
  readonly failed: readonly number[];
}

/** Tunnel traffic between two outer endpoints, as seen at one vantage point. */
export interface Carrier {
  /** `VXLAN`, `Geneve`, `GRE`, `IPIP`, `6in4`, `4in6`, `6in6`, `VXLAN-GPE`, `WireGuard`. */
  readonly kind: string;
  /** VNI or key; null where the tunnel has none. */
  readonly tunnelId: number | null;
  readonly vantagePoint: number;
  readonly a: EndpointAddress;
  readonly b: EndpointAddress;
  readonly packetsAToB: number;
  readonly packetsBToA: number;
  readonly wireBytes: number;
  readonly innerFlows: number;
  /** WireGuard only: messages by type as seen. */
  readonly wireguard: WireguardMessages | null;
}

export interface WireguardMessages {
  readonly handshakeInitiations: number;
  readonly handshakeResponses: number;
  readonly cookieReplies: number;
  readonly transportData: number;
  /** Transport messages that carry nothing (32 bytes). */
  readonly keepAlives: number;
}

export interface EndpointAddress {
  readonly address: string;
  readonly owner: Owner;
}

/** Something in the packets that is not as its RFC says, or that podtrail does not decode. */
export interface Oddity {
  readonly code: string;
  /** One sentence for people. */
  readonly explanation: string;
  readonly capture: number;
  readonly interface: number;
  readonly packets: number;
  /** Frame number (from 1, per capture) of the first of them. */
  readonly firstFrame: number;
}

export interface Unattributed {
  readonly address: string;
  readonly reason: string;
  readonly connections: number;
  readonly bytes: number;
}

export interface Limitation {
  readonly severity: 'note' | 'warning';
  readonly text: string;
  /** What to do or collect next time; null where nothing helps. */
  readonly advice: string | null;
}

export interface Endpoint extends EndpointAddress {
  /** Null for protocols without ports. */
  readonly port: number | null;
}

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  /** Name of the Service's port; null where it has none. */
  readonly port: string | null;
}

/** How the client was told from the server. */
export type ClientReason =
  | 'SYN'
  | 'SYN-ACK'
  | 'INIT'
  | 'ICMP request'
  | 'DNS'
  | 'well-known port'
  | 'declared port'
  | 'lower port'
  | 'first packet';

export interface DirectionCounters {
  readonly packets: number;
  /** Length on the wire from the link header on, of every packet, copies and tunnels included as seen there. */
  readonly wireBytes: number;
  /** Transport payload by IP lengths, retransmissions included. */
  readonly payloadBytes: number;
  /** Payload counted once: TCP sequence space covered; equals payloadBytes for other protocols. */
  readonly uniquePayloadBytes: number;
}

/** The flows, at any number of vantage points, that are the same traffic. */
export interface Connection {
  /** Stable for the same input; usable as an anchor: `c-` and eight or more hexadecimal digits. */
  readonly id: string;
  /** `TCP`, `UDP`, `SCTP`, `ICMP`, `ICMPv6`, `WireGuard`, or `IP protocol N`. */
  readonly protocol: string;
  readonly protocolNumber: number;
  readonly client: Endpoint;
  /** Who answered in the end: behind a Service, the backend. */
  readonly server: Endpoint;
  /** What the client asked for, where a node translated that to the server: a ClusterIP, a node port; else null. */
  readonly dialed: Endpoint | null;
  /** The Service that was dialed, where that is known. */
  readonly service: ServiceReference | null;
  /** Which translations there were: of the destination (DNAT), of the source (SNAT, masquerading). */
  readonly nat: readonly ('DNAT' | 'SNAT')[];
  /** How they are known: by packets from before and after, or by the connection tracking of a node; null without any. */
  readonly translatedBy: TranslationSource | null;
  /** What else it could be, where what is known leaves several answers; at most 8. */
  readonly candidates: readonly Candidate[];
  /** Packets went to an address after the pod had gone that they were meant for; null where that is not known. */
  readonly leftover: Leftover | null;
  readonly clientReason: ClientReason;
  readonly start: string;
  readonly end: string;
  readonly durationNs: number;
  /** Zeek's conn_state: S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH. */
  readonly state: string;
  /** Zeek's history letters; upper case = client. */
  readonly history: string;
  readonly clientToServer: DirectionCounters;
  readonly serverToClient: DirectionCounters;
  /** SYN to the ACK of the SYN-ACK at the vantage point that was counted; null unless seen whole. */
  readonly handshakeRttNs: number | null;
  /** ICMP only: type and code of the first message. */
  readonly icmp: { readonly type: number; readonly code: number } | null;
  /** Vantage point whose counters are the connection's. */
  readonly countedAt: number;
  /** One per flow, in order of their first packet. */
  readonly hops: readonly Hop[];
  /** The way of each direction's packets: indexes into `hops` of those that saw any, in the order of the path. */
  readonly paths: { readonly clientToServer: readonly number[]; readonly serverToClient: readonly number[] };
  /** Between each hop of a path and the next one; empty where a path has less than two hops. */
  readonly segments: {
    readonly clientToServer: readonly PathSegment[];
    readonly serverToClient: readonly PathSegment[];
  };
  /** The first 100 packets that vanished between two hops. */
  readonly lostPackets: readonly LostPacket[];
  /** Where a direction's packets stopped being seen although what lies behind was captured: one per direction at most. */
  readonly deadEnds: readonly DeadEnd[];
  /** TCP: what was sent again, and why, judged at the hop nearest to its sender; null where that cannot be told. */
  readonly retransmissions: {
    readonly clientToServer: Retransmissions | null;
    readonly serverToClient: Retransmissions | null;
  };
  /**
   * What NetworkPolicy says of it; null where there are no policies, and where they say nothing of its kind (`outOfScope`). Shared by
   * connections that are judged alike.
   */
  readonly policy: ConnectionPolicy | null;
}

/**
 * `not selected`: no policy selects the end, so everything is allowed. `undefined`: no specification, or nothing that is known,
 * decides it.
 */
export type PolicyVerdict = 'allowed' | 'denied' | 'not selected' | 'undefined';

/** The verdict together with what was seen; `allowed` is also what no policy selects. */
export type PolicyOutcome =
  | 'allowed and answered'
  | 'allowed but refused'
  | 'allowed but unanswered'
  /** ICMP and the like, most of which nobody answers. */
  | 'allowed, one way'
  | 'denied and dropped'
  /** A policy engine logged its packets as dropped, although these policies allow it. */
  | 'allowed but dropped'
  /** Refused, which some network plugins do instead of dropping. */
  | 'denied and rejected'
  /** Its packets were seen at the server's own device, although nothing answered. */
  | 'denied but delivered'
  | 'denied but established'
  /** Too little of it was captured to tell how it went. */
  | 'partly seen'
  /** The verdict is undefined. */
  | 'not judged'
  /** `policy explain --from --to`: asked, and never sent. Not in reports. */
  | 'not seen';

/** NetworkPolicy's verdict on a connection, as opened by the client and after Service translation. */
export interface ConnectionPolicy {
  /** `denied` if either end denies, else `undefined` if either is, `not selected` if both are. */
  readonly verdict: PolicyVerdict;
  readonly outcome: PolicyOutcome;
  /** What the outcome may mean, and on what the verdict depends: sentences, likeliest first; often empty. */
  readonly remarks: readonly string[];
  /** The client's end. */
  readonly egress: PolicyEnd;
  /** The server's end. */
  readonly ingress: PolicyEnd;
}

export interface PolicyEnd {
  readonly verdict: PolicyVerdict;
  /** Why, as part of a sentence: `rule 1 of NetworkPolicy shop/web allows it`, `no policy selects it`. */
  readonly reason: string;
  /** All policies that select the end in this direction, in the order they are asked: ids in `policies.policies`. */
  readonly selecting: readonly number[];
  /** The rules that decide: those that allow it, or the rule of an admin or baseline policy. */
  readonly deciding: readonly PolicyRuleReference[];
  /** For a denial by NetworkPolicies: every rule of those that select the end, and why it missed. */
  readonly misses: readonly PolicyMiss[];
}

export interface PolicyRuleReference {
  /** Id in `policies.policies`. */
  readonly policy: number;
  readonly direction: 'egress' | 'ingress';
  /** 1-based position in the policy's `ingress` or `egress`. */
  readonly rule: number;
  readonly lines: PolicyLines | null;
}

export interface PolicyMiss {
  readonly policy: number;
  /** Null for a policy that has no rules in this direction, and so allows nothing. */
  readonly rule: number | null;
  readonly lines: PolicyLines | null;
  /** `peer label app=frontend, rule wants role=backend`: one for each peer or port that missed; never empty. */
  readonly reasons: readonly string[];
}

/** Lines of a policy's file, from 1, both included. */
export interface PolicyLines {
  readonly first: number;
  readonly last: number;
}

/** The policies read, and what they say of the cluster and of all connections in the captures, selected or not. */
export interface PolicySummary {
  /** Those in force by the newest snapshots, and after them former versions. */
  readonly policies: readonly PolicyDescription[];
  /** What is wrong with policy files, errors first; at most 200. */
  readonly problems: readonly PolicyFileProblem[];
  /** How points are read on which network plugins differ. */
  readonly reading: {
    /** Whether `ipBlock` matches the addresses of pods. */
    readonly ipBlocks: 'include pods' | 'exclude pods';
    /** HostNetwork pods: not selected, their traffic is the node's; or like any pod. */
    readonly hostNetworkPods: 'as nodes' | 'as pods';
  };
  readonly connectionsByVerdict: Readonly<Record<PolicyVerdict, number>>;
  /** Outcomes that occur, in the order of PolicyOutcome. */
  readonly connectionsByOutcome: Readonly<Partial<Record<PolicyOutcome, number>>>;
  /** Connections without a verdict, of which policies say nothing: multicast, broadcast, loopback, IPv6 link-local. */
  readonly outOfScope: number;
  /** All workloads of the inventory's pods, by namespace and name; at most 500. */
  readonly workloads: readonly WorkloadIsolation[];
  readonly otherWorkloads: number;
  /** Rules that decide no connection; at most 500. */
  readonly unusedRules: readonly PolicyRuleReference[];
  /** Ids of policies that select none of the inventory's pods. */
  readonly selectingNothing: readonly number[];
  readonly matrix: PolicyMatrix;
}

export interface PolicyDescription {
  /** Its index in `policies`. */
  readonly id: number;
  readonly kind: string;
  /** Null for the cluster-scoped kinds. */
  readonly namespace: string | null;
  readonly name: string;
  readonly file: string | null;
  readonly lines: PolicyLines | null;
  readonly tier: 'Admin' | 'NetworkPolicy' | 'Baseline';
  /** Lower is asked first; 0 for NetworkPolicies, which have no order. */
  readonly priority: number;
  /** Its number of rules; null for a direction that it says nothing about. */
  readonly ingressRules: number | null;
  readonly egressRules: number | null;
  /** Pods of the inventory that it selects. */
  readonly pods: number;
  /**
   * When this version was in force, as far as snapshots tell (RFC 3339): `from` null for all that is known of the past, `until`
   * the last time it was seen so before it was changed or deleted, null if it still is in force.
   */
  readonly inForce: { readonly from: string | null; readonly until: string | null };
}

export interface PolicyFileProblem {
  readonly severity: 'error' | 'warning';
  readonly file: string | null;
  readonly line: number | null;
  /** `NetworkPolicy shop/backend`; null where not even that is known. */
  readonly policy: string | null;
  /** `spec.ingress[0].from[1]`; empty for the whole object. */
  readonly field: string;
  readonly message: string;
}

/** Whether policies bind a workload's pods: a direction that no policy selects lets everything through. */
export interface WorkloadIsolation {
  readonly namespace: string;
  /** `Deployment/web`; `Pod/debug` for a pod of its own. */
  readonly workload: string;
  readonly pods: number;
  /** Ids of the policies that select any of its pods. */
  readonly ingress: readonly number[];
  readonly egress: readonly number[];
  /** Connections of its pods as servers, and as clients. */
  readonly connectionsIn: number;
  readonly connectionsOut: number;
}

/** Who talked to whom and who may: workloads by workloads, the busiest first. */
export interface PolicyMatrix {
  /** Rows (clients) and columns (servers): at most 40. */
  readonly workloads: readonly { readonly key: string; readonly label: string; readonly namespace: string | null }[];
  /** Pairs that were seen or that the policies say something of; others were not seen and are free to talk. */
  readonly cells: readonly PolicyMatrixCell[];
  /** Workloads that were seen and are not shown. */
  readonly otherWorkloads: number;
}

export interface PolicyMatrixCell {
  /** Indexes into `workloads`. */
  readonly client: number;
  readonly server: number;
  /** Connections seen, by verdict; `allowed` includes those that no policy selects. */
  readonly allowed: number;
  readonly denied: number;
  readonly undefined: number;
  /** Of the denied ones, those that were established nevertheless. */
  readonly deniedButEstablished: number;
  /** What the policies let through, of the server's ports that are declared or were seen, and any other; null where an end is no pod. */
  readonly permits: 'all ports' | 'some ports' | 'nothing' | null;
}

export interface TranslationSource {
  readonly evidence: 'packets' | 'conntrack' | 'packets and conntrack';
  /** Whose connection tracking; null for packets alone, and where it is not known. */
  readonly node: string | null;
}

/** One of several things that a connection, its Service or another part of it could be. */
export interface Candidate {
  readonly of: 'service' | 'dialed' | 'server' | 'connection';
  /** One sentence: what could be, and why it is not known. */
  readonly text: string;
  readonly service: ServiceReference | null;
  /** Ids of connections that could be parts of this one. */
  readonly connections: readonly string[];
}

/** A connection to an address whose pod is gone: translated by a stale entry of connection tracking, or asked for by its address. */
export interface Leftover {
  /** Who had the address before. */
  readonly pod: OwnerReference;
  /** By when the pod surely did not have it any more. */
  readonly until: string;
  /** Who had the address when the packets came; null: nobody is known to. */
  readonly successor: OwnerReference | null;
  /** Whether a Service's translation led there (connection tracking had not forgotten the pod). */
  readonly isTranslated: boolean;
  /** One sentence: `sent to 10.244.2.7, which belonged to shop/backend-x until 2026-03-01T14:02:07Z`. */
  readonly text: string;
}

/** What happened to one direction's packets between one hop and the next. */
export interface PathSegment {
  /** Indexes into `hops`. */
  readonly from: number;
  readonly to: number;
  /** Packets of `from` that were looked for at `to`: all of them, or those kept as samples. */
  readonly packets: number;
  /** Of these: not seen at `to` although it was capturing. Segments that offload cut or merged are compared by their bytes. */
  readonly lost: number;
  /** Of these: not seen at `to`, which may not have been capturing at the time. */
  readonly unknown: number;
  /** Transport payload of the lost packets. */
  readonly lostBytes: number;
  /** Where not all packets were kept: lost packets among all of them, with a confidence interval of 95 %; else null. */
  readonly estimate: LossEstimate | null;
  readonly latency: Latency | null;
  /** Why there is no latency; null where there is one. */
  readonly latencyMissing: LatencyGap | null;
}

/** Lost packets by samples: the best guess, and the ends of its interval. */
export interface LossEstimate {
  readonly lost: number;
  readonly low: number;
  readonly high: number;
}

/** `clocks not compared`: nothing bounds the difference of the clocks. `seen before it was sent`: the clocks or the matches are wrong. */
export type LatencyGap = 'no packet at both ends' | 'clocks not compared' | 'seen before it was sent';

/** All packets of one direction were seen at one hop and nowhere behind it. Why (a policy, a full queue, no such host) is not said. */
export interface DeadEnd {
  readonly direction: 'client to server' | 'server to client';
  /** Index into `hops`: last seen at. */
  readonly from: number;
  /** Vantage point where they were expected next, and how that is known: packets of other connections went there from `from`. */
  readonly expectedAt: number;
  readonly knownBy: 'packets to the same address' | 'packets to the same node' | 'device of the receiver';
  /** Packets that would have been seen at `expectedAt`: it was capturing, and it shows packets of this kind. */
  readonly packets: number;
  /** Further ones, of which that cannot be told. */
  readonly unknown: number;
  /** Of `packets`, at `from`. */
  readonly firstTime: string;
  readonly lastTime: string;
  readonly proof: 'capturing' | 'packets around it';
  /** As in SegmentTotals, of `expectedAt`. */
  readonly captureDrops: number | null;
}

/** One-way, by packets seen at both ends, in the reference clock. */
export interface Latency {
  readonly packets: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
  /** All of them may be wrong by this much, in the same direction: 0 where one clock saw both ends. */
  readonly errorNs: number;
}

export interface LostPacket {
  readonly direction: 'client to server' | 'server to client';
  /** Indexes into `hops`: last seen at, not seen at. */
  readonly from: number;
  readonly to: number;
  /** When it was last seen. */
  readonly time: string;
  /** TCP only. */
  readonly sequence: number | null;
  readonly payloadBytes: number;
  /** Why `to` would have seen it: it was capturing before and after, or other packets between these nodes were seen around it. */
  readonly proof: 'capturing' | 'packets around it';
}

/** Segments sent again, by what became of the copies before. */
export interface Retransmissions {
  readonly packets: number;
  /** The copy before was lost, by where that was: indexes into `hops`. */
  readonly lost: readonly { readonly from: number; readonly to: number; readonly packets: number }[];
  /** The copy before went no further than the direction's dead end. */
  readonly deadEnd: number;
  /** The copy before arrived, its acknowledgement was lost. */
  readonly acknowledgementLost: number;
  /** The copy before arrived and nothing was lost: sent again for nothing. */
  readonly spurious: number;
  /** What became of the copy before was not captured. */
  readonly unexplained: number;
}

/** One flow: the connection as seen at one vantage point in one encapsulation. */
export interface Hop {
  readonly vantagePoint: number;
  /** Tunnels around it, outermost first: `[]` bare, `[{kind:'VXLAN',…}]`. */
  readonly encapsulation: readonly Encapsulation[];
  /** 802.1Q VLAN ids around it, outermost first. */
  readonly vlans: readonly number[];
  /** The ends as the packets have them here: before or after translation, or, on a bridge, one of each. */
  readonly clientSeenAs: HopEnd;
  readonly serverSeenAs: HopEnd;
  readonly start: string;
  readonly end: string;
  readonly state: string;
  readonly history: string;
  readonly clientToServer: DirectionCounters;
  readonly serverToClient: DirectionCounters;
  readonly handshakeRttNs: number | null;
  /** TTL or hop limit of the first packet of each direction; null where none was seen. */
  readonly clientTtl: number | null;
  readonly serverTtl: number | null;
  /** NFLOG only: the prefix the rule gave it (a policy engine's proof of a drop). */
  readonly nflogPrefix: string | null;
  /** On a WireGuard device: the encrypted messages that its packets were matched with; null where none was. */
  readonly wireguard: HopWireguard | null;
}

export interface HopEnd {
  readonly address: string;
  /** Null for protocols without ports. */
  readonly port: number | null;
}

export interface Encapsulation {
  readonly kind: string;
  readonly tunnelId: number | null;
  /** Outer addresses of the first packet, client's side first; null if the direction was not seen. */
  readonly outer: { readonly source: string; readonly destination: string } | null;
}

const FAILED_TCP_STATES: ReadonlySet<string> = new Set(['S0', 'REJ', 'RSTOS0', 'SH']);

/** True for a TCP connection that was never set up: unanswered, refused, or given up by the client before an answer. */
export function isFailed(protocol: string, state: string): boolean {
  return protocol === 'TCP' && FAILED_TCP_STATES.has(state);
}
