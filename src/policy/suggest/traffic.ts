/**
 * What was observed, put together per group of pods: with whom, in which direction, on which ports, how often.
 *
 * Connections that no NetworkPolicy can express (ICMP, ends that nobody is known to be) are listed apart with the reason;
 * those that no policy can forbid (a pod with itself or its own node) need no rule.
 */
import { type Cluster, type Pod, podKey } from '../cluster.js';
import { type Backend, type Connection, formatEnd } from '../connection.js';
import { type EndView, isSamePod, viewEnds } from '../end-view.js';
import { isOwnNode } from '../match.js';
import { DEFAULT_OPTIONS } from '../options.js';
import type { Direction, TransportProtocol } from '../policy.js';
import type { PodGroup } from './pod-groups.js';

/** A connection that was seen to work, and how often. */
export interface ObservedConnection extends Connection {
  readonly count: number;
}

export interface UncoveredConnection {
  readonly connection: ObservedConnection;
  /** Part of a sentence: `its protocol ICMP is not …`. */
  readonly reason: string;
}

export type TrafficPeer =
  | { readonly type: 'group'; readonly group: PodGroup }
  /** Somebody whom selectors do not see; `node` is the node's name if it is one. */
  | { readonly type: 'address'; readonly address: string; readonly node: string | null };

/** Connections with one peer on one port. */
export interface Traffic {
  readonly peer: TrafficPeer;
  readonly protocol: TransportProtocol;
  readonly port: number;
  count: number;
}

export interface GroupTraffic {
  readonly group: PodGroup;
  readonly egress: Map<string, Traffic>;
  readonly ingress: Map<string, Traffic>;
}

export interface CollectedTraffic {
  /** Only groups that took part in a connection, in the order of groupPods. */
  readonly groups: readonly GroupTraffic[];
  readonly uncovered: readonly UncoveredConnection[];
}

const PROTOCOLS: readonly TransportProtocol[] = ['TCP', 'UDP', 'SCTP'];

export function collectTraffic(
  cluster: Cluster,
  groups: readonly PodGroup[],
  connections: readonly ObservedConnection[],
): CollectedTraffic {
  const collector = new Collector(cluster, groups);
  for (const connection of connections) collector.add(connection);
  return {
    groups: groups.flatMap((group) => collector.traffic.get(group) ?? []),
    uncovered: collector.uncovered,
  };
}

class Collector {
  readonly traffic = new Map<PodGroup, GroupTraffic>();
  readonly uncovered: UncoveredConnection[] = [];
  private readonly cluster: Cluster;
  private readonly groupOf = new Map<Pod, PodGroup>();

  constructor(cluster: Cluster, groups: readonly PodGroup[]) {
    this.cluster = cluster;
    for (const group of groups) for (const pod of group.pods) this.groupOf.set(pod, group);
  }

  add(connection: ObservedConnection): void {
    const called = this.calledEnd(connection);
    if (called === null) return this.leaveOut(connection, 'the backend of the Service was not seen');
    const protocol = PROTOCOLS.find((known) => known === connection.protocol);
    const [source, destination] = viewEnds(this.cluster, connection.source, called.end);
    const from = this.partner(source);
    const to = this.partner(destination);
    if (from === null || to === null) {
      const unknown = from === null ? connection.source : called.end;
      return this.leaveOut(connection, `nobody is known to be ${formatEnd(unknown)}`);
    }
    // Both are noted before the rest, so that a pod counts as seen whatever it did.
    const fromTraffic = this.trafficOf(from);
    const toTraffic = this.trafficOf(to);
    if (fromTraffic === null && toTraffic === null) return;
    if (isSamePod(source, destination)) return;
    if (protocol === undefined || called.port === null) {
      return this.leaveOut(connection, 'rules are for ports of TCP, UDP and SCTP only');
    }
    if (this.isWithOwnNode(source, destination)) return;
    const { count } = connection;
    if (fromTraffic !== null) note(fromTraffic, 'egress', { peer: to, protocol, port: called.port, count });
    if (toTraffic !== null) note(toTraffic, 'ingress', { peer: from, protocol, port: called.port, count });
  }

  /** The end behind a Service, if all its backends are pods of one group, or one address, on one port. */
  private calledEnd({ destination, port }: ObservedConnection): { end: Backend['end']; port: number | null } | null {
    if (destination.kind !== 'service') return { end: destination, port };
    const [first, ...others] = destination.backends;
    if (first === undefined) return null;
    const key = (backend: Backend): string => {
      const pod = backend.end.kind === 'pod' ? this.cluster.pod(backend.end.pod) : null;
      const group = pod === null ? undefined : this.groupOf.get(pod);
      return `${group === undefined ? formatEnd(backend.end) : groupKey(group)} ${backend.port}`;
    };
    return others.every((other) => key(other) === key(first)) ? first : null;
  }

  private partner(view: EndView): TrafficPeer | null {
    const group = view.pod === null ? undefined : this.groupOf.get(view.pod);
    if (group !== undefined) return { type: 'group', group };
    if (view.kind === 'unknown' || view.kind === 'service' || view.address === null) return null;
    return { type: 'address', address: view.address, node: view.pod === null ? view.node : podKey(view.pod) };
  }

  private trafficOf(partner: TrafficPeer): GroupTraffic | null {
    if (partner.type !== 'group') return null;
    const { group } = partner;
    let traffic = this.traffic.get(group);
    if (traffic === undefined) {
      traffic = { group, egress: new Map<string, Traffic>(), ingress: new Map<string, Traffic>() };
      this.traffic.set(group, traffic);
    }
    return traffic;
  }

  private isWithOwnNode(source: EndView, destination: EndView): boolean {
    const question = { cluster: this.cluster, options: DEFAULT_OPTIONS };
    return (
      isOwnNode(source, { ...question, peer: destination }) || isOwnNode(destination, { ...question, peer: source })
    );
  }

  private leaveOut(connection: ObservedConnection, reason: string): void {
    this.uncovered.push({ connection, reason });
  }
}

function note({ egress, ingress }: GroupTraffic, direction: Direction, seen: Traffic): void {
  const traffic = direction === 'egress' ? egress : ingress;
  const key = `${peerKey(seen.peer)} ${seen.port}/${seen.protocol}`;
  const known = traffic.get(key);
  if (known === undefined) traffic.set(key, seen);
  else known.count += seen.count;
}

export function groupKey({ namespace, workloads }: PodGroup): string {
  return `${namespace}/${workloads.join()}`;
}

/** One text per peer, by which peers are in a fixed order: pods first. */
export function peerKey(peer: TrafficPeer): string {
  return peer.type === 'group' ? `group ${groupKey(peer.group)}` : `~address ${peer.address}`;
}
