/**
 * The cluster as policies see it: pods with labels, addresses and named ports, namespaces and nodes with labels.
 *
 * Plain facts, independent of where they come from (from-inventory.ts makes them from a snapshot). Namespaces get the label
 * `kubernetes.io/metadata.name` that the API server sets, and exist if a pod is in them (NETWORKPOLICY.md 1.4).
 */
import { canonicalAddress } from '../inventory/addresses/address-text.js';
import type { ConnectionEnd } from './connection.js';
import type { TransportProtocol } from './policy.js';
import { type Labels, NAMESPACE_NAME_LABEL } from './selector.js';

export interface PodPort {
  readonly name: string | null;
  readonly protocol: TransportProtocol;
  readonly port: number;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  /** Tells pods apart that had the same name one after the other; absent where it is not known. */
  readonly uid?: string;
  readonly labels: Labels;
  /** status.podIPs in any spelling, the primary one first. */
  readonly addresses: readonly string[];
  /** The node it runs on; null if unknown. */
  readonly node: string | null;
  /** Addresses of that node (status.hostIPs), in addition to those of its Node. */
  readonly nodeAddresses: readonly string[];
  /** It shares its node's network, and so has no address of its own. */
  readonly hostNetwork: boolean;
  /** Container ports, those of native sidecars included. */
  readonly ports: readonly PodPort[];
  /** What pods are grouped by when policies are suggested: `Deployment/web`; null if unknown. */
  readonly workload: string | null;
}

export interface Namespace {
  readonly name: string;
  readonly labels: Labels;
}

export interface ClusterNode {
  readonly name: string;
  readonly labels: Labels;
  readonly addresses: readonly string[];
}

export interface ClusterFacts {
  readonly pods: readonly Pod[];
  readonly namespaces: readonly Namespace[];
  readonly nodes: readonly ClusterNode[];
}

/** `shop/web-0`: what pods are called in connections. */
export function podKey({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** Facts with the look-ups that evaluation needs. */
export class Cluster {
  readonly pods: readonly Pod[];
  readonly nodes: readonly ClusterNode[];
  private readonly byKey = new Map<string, Pod>();
  private readonly byUid = new Map<string, Pod>();
  /** Null where several pods have the address. */
  private readonly byAddress = new Map<string, Pod | null>();
  private readonly labels = new Map<string, Labels>();
  private readonly nodesByName = new Map<string, ClusterNode>();
  private readonly nodesByAddress = new Map<string, string>();
  /** All addresses that are some pod's own node's. */
  private readonly allNodeAddresses = new Set<string>();
  private readonly podNodeAddresses = new Map<Pod, ReadonlySet<string>>();

  constructor({ pods, namespaces, nodes }: ClusterFacts) {
    this.pods = pods;
    this.nodes = nodes;
    for (const { name, labels } of namespaces) this.labels.set(name, withNameLabel(name, labels));
    for (const node of nodes) {
      this.nodesByName.set(node.name, node);
      for (const address of canonicalList(node.addresses)) this.nodesByAddress.set(address, node.name);
    }
    for (const pod of pods) this.addPod(pod);
  }

  /** The pod of this name, the last of several; `uid` picks one of them. */
  pod(key: string, uid?: string): Pod | null {
    const known = uid === undefined ? undefined : this.byUid.get(uid);
    return known ?? this.byKey.get(key) ?? null;
  }

  /**
   * Who has this address: a pod alone, a node (also where hostNetwork pods share it), nobody alone, or somebody outside.
   * For addresses that were seen at a known time, the inventory knows better.
   */
  endAt(text: string): ConnectionEnd {
    const address = canonicalAddress(text);
    if (address === null) return { kind: 'unknown', address: null };
    const pod = this.byAddress.get(address);
    if (pod === null) return { kind: 'unknown', address };
    if (pod !== undefined) return { kind: 'pod', pod: podKey(pod), address };
    const node = this.nodeAt(address);
    return node === null ? { kind: 'external', address } : { kind: 'node', node, address };
  }

  /** The node with this address (canonical text), as far as Node objects and hostNetwork pods tell; null if none. */
  nodeAt(address: string): string | null {
    return this.nodesByAddress.get(address) ?? null;
  }

  node(name: string): ClusterNode | null {
    return this.nodesByName.get(name) ?? null;
  }

  namespaceLabels(namespace: string): Labels {
    return this.labels.get(namespace) ?? { [NAMESPACE_NAME_LABEL]: namespace };
  }

  /** False if isOwnNode is false for every pod. */
  isSomeNode(address: string): boolean {
    return this.allNodeAddresses.has(address) || this.nodesByAddress.has(address);
  }

  /** True if the address (canonical text) is one of the node that the pod runs on. */
  isOwnNode(pod: Pod, address: string): boolean {
    if (this.podNodeAddresses.get(pod)?.has(address) === true) return true;
    return pod.node !== null && this.nodesByAddress.get(address) === pod.node;
  }

  private addPod(pod: Pod): void {
    this.byKey.set(podKey(pod), pod);
    if (pod.uid !== undefined) this.byUid.set(pod.uid, pod);
    if (!this.labels.has(pod.namespace)) this.labels.set(pod.namespace, withNameLabel(pod.namespace, {}));
    const nodeAddresses = canonicalList(pod.nodeAddresses);
    this.podNodeAddresses.set(pod, new Set(nodeAddresses));
    for (const address of nodeAddresses) this.allNodeAddresses.add(address);
    for (const address of canonicalList(pod.addresses)) {
      if (!pod.hostNetwork) this.byAddress.set(address, this.byAddress.has(address) ? null : pod);
      else if (pod.node !== null && !this.nodesByAddress.has(address)) this.nodesByAddress.set(address, pod.node);
    }
  }
}

function withNameLabel(name: string, labels: Labels): Labels {
  return { [NAMESPACE_NAME_LABEL]: name, ...labels };
}

export function canonicalList(addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => canonicalAddress(address) ?? []);
}
