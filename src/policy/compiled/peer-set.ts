/** The peers of one rule, or of several of which one is enough, as sets. */
import type { EndView } from '../end-view.js';
import type { PolicyOptions } from '../options.js';
import type { Peer, Policy } from '../policy.js';
import { selects } from '../selector.js';
import { AddressSet } from './address-set.js';
import { addPods, hasPod, type PodIndex, type PodSet } from './pod-index.js';
import type { NamesByPort } from './named-ports.js';
import type { NamedPort } from './port-set.js';

/** An end of a connection with what the sets ask for, found out once. */
export interface Endpoint {
  /** Number of the pod in the cluster; -1 if it is none. */
  readonly pod: number;
  readonly view: EndView;
  readonly isHostPod: boolean;
  readonly namedPorts: readonly NamedPort[];
  /** The same as numbers. */
  readonly portNames: NamesByPort;
  /** It is a pod with its only address, so that sets of pods hold it where its address is meant, too. */
  readonly isAddressInPods: boolean;
  /** It is not known who it is, or what address it has. */
  readonly isUnsure: boolean;
  /** It may be the own node of some pod. */
  readonly mayBeNode: boolean;
  /** It is a node, or shares one's network, of which the labels are not known. */
  readonly isUnknownNode: boolean;
}

/** How the policies of a tier see pods. */
export interface Reading {
  readonly seesHostPods: boolean;
  readonly blocksMatchPods: boolean;
}

export function readingOf(tier: Policy['tier'], options: PolicyOptions): Reading {
  return {
    seesHostPods: tier === 'NetworkPolicy' && options.hostNetworkPods === 'as pods',
    blocksMatchPods: options.ipBlocks === 'include pods',
  };
}

/** Whether the end is a pod that selectors and names of ports see. */
export function isPodSeen({ pod, isHostPod }: Endpoint, { seesHostPods }: Reading): boolean {
  return pod >= 0 && (seesHostPods || !isHostPod);
}

export class PeerSet {
  private readonly isEverybody: boolean;
  private readonly pods: PodSet | null;
  private readonly addresses: AddressSet | null;
  private readonly nodes: ReadonlySet<string> | null;
  private readonly reading: Reading;

  /** The peers of each rule; null among them means everybody. */
  constructor(peersOfRules: readonly (readonly Peer[] | null)[], index: PodIndex, reading: Reading) {
    const peers = peersOfRules.flatMap((ofRule) => ofRule ?? []);
    this.reading = reading;
    this.isEverybody = peersOfRules.includes(null);
    const blocks = peers.filter((peer) => peer.type === 'addresses').map(({ block }) => block);
    this.addresses = blocks.length === 0 ? null : new AddressSet(blocks);
    this.pods = podsOf(peers, this.addresses, index, reading);
    this.nodes = nodesOf(peers, index);
  }

  has(end: Endpoint): boolean {
    if (this.isEverybody) return true;
    const { pod, view } = end;
    if (pod >= 0 && this.pods !== null && hasPod(this.pods, pod)) return true;
    if (this.nodes !== null && view.node !== null && this.nodes.has(view.node)) return true;
    if (this.addresses === null || end.isAddressInPods || view.words === null) return false;
    if (!this.reading.blocksMatchPods && isPodSeen(end, this.reading)) return false;
    return this.addresses.has(view.words);
  }
}

/** Pods that selectors match, and those that blocks match by their only address. */
function podsOf(
  peers: readonly Peer[],
  addresses: AddressSet | null,
  index: PodIndex,
  { seesHostPods, blocksMatchPods }: Reading,
): PodSet | null {
  const scopes = peers.filter((peer) => peer.type === 'pods');
  const [first, ...others] = scopes;
  if (addresses === null && first === undefined) return null;
  if (addresses === null && first !== undefined && others.length === 0) return index.set(first, seesHostPods);
  const pods = index.none();
  for (const scope of scopes) addPods(pods, index.set(scope, seesHostPods));
  if (addresses !== null) {
    index.addByAddress(pods, addresses, ({ hostNetwork }) => !blocksMatchPods && (seesHostPods || !hostNetwork));
  }
  return pods;
}

function nodesOf(peers: readonly Peer[], { cluster }: PodIndex): Set<string> | null {
  const selectors = peers.filter((peer) => peer.type === 'nodes').map(({ selector }) => selector);
  if (selectors.length === 0) return null;
  const nodes = cluster.nodes.filter(({ labels }) => selectors.some((selector) => selects(selector, labels)));
  return new Set(nodes.map(({ name }) => name));
}
