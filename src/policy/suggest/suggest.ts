/**
 * Least-privilege NetworkPolicies from observed connections: one per group of pods, allowing what was seen and nothing else.
 *
 * Both directions are restricted to what was seen, and DNS is always allowed. Where no egress was seen, which a capture hardly
 * proves, it can be left open instead. External peers become ipBlocks, never wider
 * than asked. Ports go by name where all pods of the server agree on it.
 */
import type { Cluster } from '../cluster.js';
import { addressWords } from '../ip-block.js';
import type { Direction, TransportProtocol } from '../policy.js';
import { bitsOf, blocksOf, type NetworkBits, type Widening } from './address-blocks.js';
import { canonicalList } from '../cluster.js';
import { groupPods, type PodGroup } from './pod-groups.js';
import {
  collectTraffic,
  type GroupTraffic,
  type ObservedConnection,
  peerKey,
  type Traffic,
  type TrafficPeer,
  type UncoveredConnection,
} from './traffic.js';

export interface SuggestOptions {
  /** Namespaces to write policies for; null for all but those of the cluster itself. */
  readonly namespaces: readonly string[] | null;
  readonly externalBlocks: Widening;
  /** Egress of pods of which none was seen: `denied`, save DNS, or `left open`. */
  readonly unseenEgress: 'denied' | 'left open';
}

export const DEFAULT_SUGGEST_OPTIONS: SuggestOptions = {
  namespaces: null,
  externalBlocks: { ipv4: 32, ipv6: 128 },
  unseenEgress: 'denied',
};

/** A policy that is too narrow here stops the whole cluster, so they are left alone unless named. */
const SYSTEM_NAMESPACES = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

export interface SuggestedPort {
  readonly protocol: TransportProtocol;
  readonly port: number | string;
}

export type SuggestedPeer =
  | { readonly type: 'group'; readonly group: PodGroup }
  | { readonly type: 'block'; readonly cidr: string }
  /** The cluster's DNS, by the labels that it has everywhere. */
  | { readonly type: 'dns' };

export interface SuggestedRule {
  readonly peers: readonly SuggestedPeer[];
  readonly ports: readonly SuggestedPort[];
  /** What the rule stands for. */
  readonly traffic: readonly Traffic[];
}

export interface SuggestedPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly group: PodGroup;
  readonly ingress: readonly SuggestedRule[];
  /** Null where egress is left as it is. */
  readonly egress: readonly SuggestedRule[] | null;
}

export interface Suggestion {
  readonly policies: readonly SuggestedPolicy[];
  readonly uncovered: readonly UncoveredConnection[];
}

/** `connections` are those that worked: what was denied or not answered is not to be allowed. */
export function suggestPolicies(
  cluster: Cluster,
  connections: readonly ObservedConnection[],
  options: SuggestOptions = DEFAULT_SUGGEST_OPTIONS,
): Suggestion {
  const { groups, uncovered } = collectTraffic(cluster, groupPods(cluster), connections);
  const isWanted = ({ namespace }: PodGroup): boolean =>
    options.namespaces === null ? !SYSTEM_NAMESPACES.has(namespace) : options.namespaces.includes(namespace);
  const writer = new RuleWriter(cluster, options.externalBlocks);
  const names = new Set<string>();
  const policies = groups
    .filter(({ group }) => isWanted(group))
    .map((traffic) => ({
      namespace: traffic.group.namespace,
      name: policyNameFor(traffic.group, names),
      group: traffic.group,
      ingress: writer.rules(traffic, 'ingress'),
      egress:
        traffic.egress.size === 0 && options.unseenEgress === 'left open'
          ? null
          : [...writer.rules(traffic, 'egress'), writer.dnsRule(traffic)],
    }));
  return { policies, uncovered };
}

/** The workload's name, made unique in its namespace. */
function policyNameFor({ namespace, workloads }: PodGroup, taken: Set<string>): string {
  const workload = workloads[0] ?? '';
  const base = workload.slice(workload.indexOf('/') + 1).slice(0, 240);
  let name = base;
  for (let number = 2; taken.has(`${namespace}/${name}`); number++) name = `${base}-${number}`;
  taken.add(`${namespace}/${name}`);
  return name;
}

class RuleWriter {
  private readonly widening: Widening;
  /** Bits of all addresses of the cluster. */
  private readonly inside: readonly NetworkBits[];

  constructor(cluster: Cluster, widening: Widening) {
    this.widening = widening;
    const addresses = [...cluster.pods, ...cluster.nodes].flatMap((owner) => canonicalList(owner.addresses));
    this.inside = addresses.flatMap((text) => {
      const words = addressWords(text);
      return words === null ? [] : [{ family: words.family, bits: bitsOf(words) }];
    });
  }

  /** Rules for everything but DNS: one per set of ports, so that peers who need the same stand together. */
  rules({ group, egress, ingress }: GroupTraffic, direction: Direction): SuggestedRule[] {
    const seen = [...(direction === 'egress' ? egress : ingress).values()];
    const byPeer = new Map<string, Traffic[]>();
    for (const traffic of seen) {
      if (direction === 'egress' && isDns(traffic)) continue;
      const key = peerKey(traffic.peer);
      byPeer.set(key, [...(byPeer.get(key) ?? []), traffic]);
    }
    const byPorts = new Map<string, { ports: readonly SuggestedPort[]; traffic: Traffic[] }>();
    for (const [, ofPeer] of [...byPeer].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const ports = portsOf(ofPeer, (traffic) => serverOf(traffic.peer, group, direction));
      const key = JSON.stringify(ports);
      const rule = byPorts.get(key);
      if (rule === undefined) byPorts.set(key, { ports, traffic: ofPeer });
      else rule.traffic.push(...ofPeer);
    }
    return [...byPorts.values()].map(({ ports, traffic }) => ({ ports, traffic, peers: this.peers(traffic) }));
  }

  /** "DNS always": to the pods that have the labels of the cluster's DNS in every distribution of Kubernetes. */
  dnsRule({ egress }: GroupTraffic): SuggestedRule {
    return {
      peers: [{ type: 'dns' }],
      ports: [
        { protocol: 'UDP', port: DNS_PORT },
        { protocol: 'TCP', port: DNS_PORT },
      ],
      traffic: [...egress.values()].filter(isDns),
    };
  }

  private peers(traffic: readonly Traffic[]): SuggestedPeer[] {
    const groups = new Set(traffic.flatMap(({ peer }) => (peer.type === 'group' ? [peer.group] : [])));
    const addresses = new Map<string, TrafficPeer & { type: 'address' }>();
    for (const { peer } of traffic) if (peer.type === 'address') addresses.set(peer.address, peer);
    const external = [...addresses.values()].filter(({ node }) => node === null).map(({ address }) => address);
    const nodes = [...addresses.values()].filter(({ node }) => node !== null).map(({ address }) => address);
    const cidrs = [
      ...blocksOf(nodes, { ipv4: 32, ipv6: 128 }, () => false),
      ...blocksOf(external, this.widening, (network) => this.holdsCluster(network)),
    ];
    return [
      ...Array.from(groups, (group): SuggestedPeer => ({ type: 'group', group })),
      ...cidrs.map((cidr): SuggestedPeer => ({ type: 'block', cidr })),
    ];
  }

  private holdsCluster({ family, bits }: NetworkBits): boolean {
    return this.inside.some((address) => address.family === family && address.bits.startsWith(bits));
  }
}

const DNS_PORT = 53;
const DNS_NAMESPACE = 'kube-system';
const DNS_LABEL = { key: 'k8s-app', value: 'kube-dns' };

function isDns({ peer, protocol, port }: Traffic): boolean {
  if (peer.type !== 'group' || port !== DNS_PORT || protocol === 'SCTP') return false;
  const { namespace, pods } = peer.group;
  return namespace === DNS_NAMESPACE && pods.every(({ labels }) => labels[DNS_LABEL.key] === DNS_LABEL.value);
}

function serverOf(peer: TrafficPeer, group: PodGroup, direction: Direction): PodGroup | null {
  if (direction === 'ingress') return group;
  return peer.type === 'group' ? peer.group : null;
}

function portsOf(traffic: readonly Traffic[], server: (one: Traffic) => PodGroup | null): SuggestedPort[] {
  return [...traffic]
    .sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1))
    .map((one) => ({ protocol: one.protocol, port: stableName(server(one), one) ?? one.port }));
}

/** The name by which every pod of the group, and no other port of it, declares this port. */
function stableName(group: PodGroup | null, { protocol, port }: Traffic): string | null {
  const declared = (group?.pods ?? []).map(({ ports }) => ports.filter((each) => each.protocol === protocol));
  const name = declared[0]?.find((each) => each.port === port)?.name ?? null;
  if (name === null) return null;
  const isStable = declared.every((ports) => {
    const named = ports.filter((each) => each.name === name);
    return named.length > 0 && named.every((each) => each.port === port);
  });
  return isStable ? name : null;
}
