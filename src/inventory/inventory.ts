/**
 * The inventory as everybody above sees it: who owned an address at a time, what ports were declared, what links there are.
 * Loading is in load.ts; this file is the contract and the empty inventory.
 */
import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { Timestamp } from '../base/time.js';
import type { InventorySummary } from '../model/document.js';
import type { Owner, OwnerReference } from '../model/owner.js';
import type { TranslationTable } from './conntrack/translation-table.js';
import type { Instant } from './instants.js';

export type TransportProtocol = 'TCP' | 'UDP' | 'SCTP';

/** A network interface of a node or a pod, from `ip -j link`. */
export interface Link {
  /** Node whose root namespace holds it, or null for a pod's own. */
  readonly node: string | null;
  /** Pod whose namespace holds it, as `namespace/name`, or null. */
  readonly pod: string | null;
  readonly index: number;
  readonly name: string;
  /** info_kind: `veth`, `bridge`, `vxlan`, `wireguard`, `tun`, …; null for hardware. */
  readonly kind: string | null;
  readonly mac: string | null;
  readonly mtu: number | null;
  /** Index of the other end (`eth0@if12`), in the namespace that linkNamespaceId names. */
  readonly peerIndex: number | null;
  readonly linkNamespaceId: number | null;
  /** Name of the bridge it is attached to. */
  readonly master: string | null;
  readonly vxlanId: number | null;
  readonly addresses: readonly string[];
}

/** The interface that has a MAC address. */
export interface MacHolder {
  readonly node: string;
  /** As `namespace/name`, if it is a pod's. */
  readonly pod: string | null;
  /** Null where only the address is known. */
  readonly interface: string | null;
  readonly kind: 'pod' | 'bridge' | 'overlay' | 'underlay' | 'unknown';
}

/** A pod as the newest snapshot that has it shows it; times and addresses are for ownerOf to judge. */
export interface InventoryPod {
  readonly owner: Owner;
  /** Canonical addresses of status.podIPs, the primary one first. */
  readonly addresses: readonly string[];
  /** Canonical addresses of its node (status.hostIPs). */
  readonly nodeAddresses: readonly string[];
  /** Its containers have ended; its address may be another pod's. */
  readonly ended: boolean;
  readonly ports: readonly {
    readonly name: string | null;
    readonly protocol: TransportProtocol;
    readonly port: number;
  }[];
}

export interface InventoryNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Canonical. */
  readonly addresses: readonly string[];
}

/** A WireGuard public key as an annotation of a node or `wg show` states it. */
export interface WireguardKey {
  /** In base64. */
  readonly key: string;
  /** The node that has the private key to it; null for a peer that only another node's `wg show` names. */
  readonly node: string | null;
  /** Of such a peer: the outer address by which that node knows it. */
  readonly endpoint: string | null;
  /** Where it is stated, for people: `annotation of node node-1`, `wg show of node-1`. */
  readonly from: string;
}

export type Labels = Readonly<Record<string, string>>;

/** A policy as a file shows it. */
export interface PolicyVersion {
  readonly path: string;
  readonly object: unknown;
}

/** How an object was at an instant; null if it was not there. Infinity stands for the last that is known. */
export interface ObjectSighting<T> {
  readonly at: Instant;
  readonly value: T | null;
}

/** Sightings of one object, oldest first, at least two; between two that differ it changed, nobody knows when. */
export interface ObjectHistory<T> {
  readonly key: string;
  readonly sightings: readonly ObjectSighting<T>[];
}

/**
 * Kubernetes objects as they were read, for policy and service analysis: the newest version of each, sorted by namespace
 * and name. They are typed as the API defines them, but come from files: any member may be missing or of a wrong type.
 */
export interface InventoryObjects {
  readonly nodes: readonly InventoryNode[];
  /**
   * Policies of all kinds (`…NetworkPolicy`), those of network plugins too, each with the file that shows its newest version, gone
   * since or not.
   * Items of a typed List have no apiVersion of their own.
   */
  readonly policies: readonly PolicyVersion[];
  /** Objects that were not the same in all snapshots. */
  readonly changes: {
    readonly policies: readonly ObjectHistory<PolicyVersion>[];
    /** By uid of the pod. */
    readonly podLabels: readonly ObjectHistory<Labels>[];
    /** By name of the namespace. */
    readonly namespaceLabels: readonly ObjectHistory<Labels>[];
  };
  readonly pods: readonly InventoryPod[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly endpoints: readonly Endpoints[];
  readonly networkPolicies: readonly NetworkPolicy[];
  readonly namespaces: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** Who owns an address, and while that holds: for callers that ask for the same addresses again and again. */
export interface Tenure {
  readonly owner: Owner;
  /** Holds at instants (see instants.ts) from `from` on and before `until`. */
  readonly from: Instant;
  readonly until: Instant;
  /** False where another node may see another owner. */
  readonly isSameForAllNodes: boolean;
}

/** A pod that had an address and has it no more. */
export interface FormerPod {
  readonly pod: OwnerReference;
  /** It surely had the address until `certainUntil` (-Infinity: never surely), and surely had not from `until` on. */
  readonly certainUntil: Instant;
  readonly until: Instant;
}

export interface Inventory {
  /**
   * Whom `address` (any text form) belonged to at `at`. `node`, where the packet was seen if that is known, decides which
   * node is meant by an address that several nodes have. Shared instances: see model/owner.ts. Never throws.
   */
  ownerOf(address: string, at: Timestamp, node?: string | null): Owner;
  /** As ownerOf, together with the time for which the answer is the same. */
  tenureOf(address: string, at: Instant, node: string | null): Tenure;
  /** The pod that had the address last before `at` and has it no more then; null if there is none. Never throws. */
  formerPod(address: string, at: Instant): FormerPod | null;
  /**
   * True if the owner declares to serve this port: a container port of the pod, a port of the service, or a service's
   * target port that selects the pod. Evidence of who is the server when no handshake was seen.
   */
  declaresPort(owner: Owner, protocol: TransportProtocol, port: number): boolean;
  /** The link with this interface index in the node's root namespace, or null. */
  linkOf(node: string, interfaceIndex: number): Link | null;
  /** The link with this name in the node's root namespace, or null. */
  linkNamed(node: string, name: string): Link | null;
  /** The one interface that is known to have this MAC address (a number of 48 bits), or null. */
  macHolder(mac: number): MacHolder | null;
  /** The node's veth that leads to the pod (`namespace/name`), or null if that is not known. */
  vethOf(node: string, pod: string): string | null;
  /** The pod (as an owner) at the other end of a node's veth, or null if that is not known. */
  podBehind(node: string, vethName: string): Owner | null;
  /** Names of all nodes, sorted. */
  readonly nodeNames: readonly string[];
  readonly summary: InventorySummary;
  readonly objects: InventoryObjects;
  /** WireGuard public keys, those of annotations first. */
  readonly wireguardKeys: readonly WireguardKey[];
  /** Translations that connection tracking of nodes shows. */
  readonly translations: TranslationTable;
}
