/**
 * What the inventory takes out of its inputs: small typed facts, each with the time it is known to hold at.
 *
 * Files are recognised in recognize.ts, Kubernetes objects become these facts in kubernetes-objects.ts, `ip` output in
 * ip-output.ts; snapshots.ts dates them and ownership.ts turns them into owners in time. Nothing here knows of files' formats.
 */
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { Endpoints, Service } from 'kubernetes-types/core/v1.js';
import type { Instant } from '../instants.js';
import type { TransportProtocol } from '../inventory.js';
import type { RawObject } from './guards.js';

export interface ControllerReference {
  readonly kind: string;
  readonly name: string;
  readonly uid: string | null;
}

export interface ContainerPort {
  readonly name: string | null;
  readonly protocol: TransportProtocol;
  readonly port: number;
  readonly hostPort: number | null;
}

/** One pod as one snapshot shows it. */
export interface PodSighting {
  readonly namespace: string | null;
  readonly name: string;
  readonly uid: string | null;
  readonly node: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly hostNetwork: boolean;
  /** Canonical addresses of status.podIPs. */
  readonly addresses: readonly string[];
  /** Canonical addresses of status.hostIPs. */
  readonly nodeAddresses: readonly string[];
  readonly created: Instant | null;
  /** status.startTime: the kubelet took the pod; it has no address before. */
  readonly started: Instant | null;
  /** The pod is proven to have its address from here on: its sandbox was ready, or a container ran. */
  readonly runningSince: Instant | null;
  /** Phase Running. */
  readonly isRunning: boolean;
  /** All containers have ended (phase Succeeded or Failed); its address may belong to another pod. */
  readonly ended: boolean;
  /** When the last container ended; null if that is not known. */
  readonly finished: Instant | null;
  readonly deletion: { readonly deadline: Instant; readonly graceSeconds: number } | null;
  readonly controller: ControllerReference | null;
  readonly ports: readonly ContainerPort[];
  /** Newest timestamp in the object: the snapshot is not older. */
  readonly newest: Instant | null;
  /** Columns of `kubectl get pods -o wide`, which has neither uid nor labels nor exact times. */
  readonly fromTable: boolean;
}

export interface NodeSighting {
  readonly name: string;
  readonly uid: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** Addresses on the pod network that an annotation of the network plugin states (tunnel and bridge devices). */
  readonly gatewayAddresses: readonly string[];
  /** flannel's backend that gives the node podCIDR .0 on an overlay device; `none` if it states one that does not. */
  readonly overlay: 'stated' | 'none' | 'not stated';
  readonly podNetworks: readonly string[];
  readonly kubeletPort: number | null;
  /** WireGuard public keys (base64) that the network plugin's annotations state. */
  readonly wireguardKeys: readonly string[];
  /** MAC addresses of the node's tunnel ends that they state. */
  readonly tunnelMacs: readonly string[];
  readonly created: Instant | null;
  readonly newest: Instant | null;
}

export interface ServicePort {
  readonly name: string | null;
  readonly protocol: TransportProtocol;
  readonly port: number;
  readonly targetPort: number | string | null;
  readonly nodePort: number | null;
}

export interface ServiceSighting {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly clusterAddresses: readonly string[];
  /** externalIPs and load balancer addresses, which may be addresses of nodes too. */
  readonly externalAddresses: readonly string[];
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly ServicePort[];
  readonly created: Instant | null;
  readonly newest: Instant | null;
  readonly raw: Service;
}

/** A ReplicaSet or Job, for the workload above it. */
export interface ControllerSighting {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | null;
  readonly controller: ControllerReference | null;
}

/** A policy as it was read. */
export interface PolicyFacts {
  readonly object: RawObject;
  /** It has been as it is since then at the latest; null if nothing says so. */
  readonly since: Instant | null;
}

export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Everything Kubernetes that one document (a List, a table, or the single objects of a file) says. */
export interface KubernetesFacts {
  readonly pods: PodSighting[];
  readonly nodes: NodeSighting[];
  readonly services: ServiceSighting[];
  readonly controllers: ControllerSighting[];
  readonly namespaces: NamespaceFacts[];
  readonly networkPolicies: NetworkPolicy[];
  /** Policies of all kinds, those above included. */
  readonly policies: PolicyFacts[];
  readonly endpointSlices: EndpointSlice[];
  readonly endpoints: Endpoints[];
  /** Pod and service networks as flags or ServiceCIDR objects state them. */
  readonly podNetworks: string[];
  readonly serviceNetworks: string[];
  /** Number of objects by kind, kinds that are not used included. */
  readonly kinds: Map<string, number>;
  /** Newest timestamp in any object. */
  newest: Instant | null;
}

export function emptyFacts(): KubernetesFacts {
  return {
    pods: [],
    nodes: [],
    services: [],
    controllers: [],
    namespaces: [],
    networkPolicies: [],
    policies: [],
    endpointSlices: [],
    endpoints: [],
    podNetworks: [],
    serviceNetworks: [],
    kinds: new Map(),
    newest: null,
  };
}
