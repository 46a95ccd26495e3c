/**
 * Tells the connections of one tuple apart: flows of the same tuple, seen at one or more vantage points, are one connection
 * if their initial sequence numbers agree (TCP with its SYN seen), else if they overlap in time.
 */
import type { FlowColumns } from './flow-columns.js';

/** Flows that came to lie this close to each other in time are taken for one (clocks, and captures that start later). */
const SLACK_NS = 2e9;
/** The same initial sequence numbers this far apart are chance or a replay (twice the maximum segment lifetime and more). */
const SAME_SEQUENCE_NS = 600e9;
/** Silence within which a finished datagram flow goes on as the same one at the same vantage point. */
const DATAGRAM_IDLE_NS = 120e9;
/** How late a SYN may still be answered: Linux sends it for 127 s by default (tcp_syn_retries, tcp(7)). */
const LATEST_ANSWER_NS = 130e9;
const BOTH = 3;

interface Cluster {
  readonly members: number[];
  start: number;
  end: number;
  lowSequence: number;
  highSequence: number;
  hasSequence: number;
}

/** Splits the flows of one TCP tuple into connections. */
export function clusterTcp(columns: FlowColumns, members: readonly number[]): number[][] {
  const clusters: Cluster[] = [];
  const byStart = [...members].sort((a, b) => columns.start[a]! - columns.start[b]!);
  for (const flow of byStart) {
    if (columns.hasSequence[flow] === 0) continue;
    const cluster = clusters.find((candidate) => sharesSequence(columns, candidate, flow));
    if (cluster === undefined) clusters.push(newCluster(columns, flow));
    else add(columns, cluster, flow);
  }
  for (const flow of byStart) {
    if (columns.hasSequence[flow] !== 0) continue;
    const cluster = nearest(columns, clusters, flow, SLACK_NS) ?? continued(columns, clusters, flow);
    if (cluster === null) clusters.push(newCluster(columns, flow));
    else add(columns, cluster, flow);
  }
  return clusters.map((cluster) => cluster.members);
}

/** Splits the flows of one tuple of a protocol without sequence numbers into connections: by silence. */
export function clusterDatagrams(columns: FlowColumns, members: readonly number[]): number[][] {
  const clusters: Cluster[] = [];
  for (const flow of [...members].sort((a, b) => columns.start[a]! - columns.start[b]!)) {
    const last = clusters.at(-1);
    const silence = last === undefined ? Infinity : columns.start[flow]! - last.end;
    const goesOn =
      silence <= SLACK_NS || (silence <= DATAGRAM_IDLE_NS && last !== undefined && isAtSamePlace(columns, last, flow));
    if (last === undefined || !goesOn) clusters.push(newCluster(columns, flow));
    else add(columns, last, flow);
  }
  return clusters.map((cluster) => cluster.members);
}

function newCluster(columns: FlowColumns, flow: number): Cluster {
  return {
    members: [flow],
    start: columns.start[flow]!,
    end: columns.end[flow]!,
    lowSequence: columns.lowSequence[flow]!,
    highSequence: columns.highSequence[flow]!,
    hasSequence: columns.hasSequence[flow]!,
  };
}

function add(columns: FlowColumns, cluster: Cluster, flow: number): void {
  cluster.members.push(flow);
  cluster.start = Math.min(cluster.start, columns.start[flow]!);
  cluster.end = Math.max(cluster.end, columns.end[flow]!);
  const has = columns.hasSequence[flow]!;
  if ((has & 1) !== 0) cluster.lowSequence = columns.lowSequence[flow]!;
  if ((has & 2) !== 0) cluster.highSequence = columns.highSequence[flow]!;
  cluster.hasSequence |= has;
}

function distance(columns: FlowColumns, cluster: Cluster, flow: number): number {
  return Math.max(0, columns.start[flow]! - cluster.end, cluster.start - columns.end[flow]!);
}

/** True if an initial sequence number of the same side is equal and none contradicts. */
function sharesSequence(columns: FlowColumns, cluster: Cluster, flow: number): boolean {
  const common = cluster.hasSequence & columns.hasSequence[flow]!;
  if (common === 0) {
    // SYN seen at one place, SYN-ACK at the other: only time can tell. At the same place: a flow finished before its answer came.
    const together = cluster.hasSequence | columns.hasSequence[flow]!;
    if (together !== BOTH) return false;
    const gap = distance(columns, cluster, flow);
    return gap === 0 || (gap <= LATEST_ANSWER_NS && isAtSamePlace(columns, cluster, flow));
  }
  if ((common & 1) !== 0 && cluster.lowSequence !== columns.lowSequence[flow]) return false;
  if ((common & 2) !== 0 && cluster.highSequence !== columns.highSequence[flow]) return false;
  return distance(columns, cluster, flow) <= SAME_SEQUENCE_NS;
}

/** The cluster with the most overlap within `slack`, or null. */
function nearest(columns: FlowColumns, clusters: readonly Cluster[], flow: number, slack: number): Cluster | null {
  let best: Cluster | null = null;
  let bestOverlap = -Infinity;
  for (const cluster of clusters) {
    if (distance(columns, cluster, flow) > slack) continue;
    const overlap = Math.min(cluster.end, columns.end[flow]!) - Math.max(cluster.start, columns.start[flow]!);
    if (overlap > bestOverlap) {
      best = cluster;
      bestOverlap = overlap;
    }
  }
  return best;
}

/** The last earlier cluster that a flow without SYN at the same place goes on with, after it was finished for being idle. */
function continued(columns: FlowColumns, clusters: readonly Cluster[], flow: number): Cluster | null {
  let best: Cluster | null = null;
  for (const cluster of clusters) {
    if (cluster.end > columns.start[flow]! || !isAtSamePlace(columns, cluster, flow)) continue;
    if (best === null || cluster.end > best.end) best = cluster;
  }
  return best;
}

function isAtSamePlace(columns: FlowColumns, cluster: Cluster, flow: number): boolean {
  return cluster.members.some(
    (member) =>
      columns.vantage[member] === columns.vantage[flow] &&
      columns.encapsulation[member] === columns.encapsulation[flow],
  );
}
