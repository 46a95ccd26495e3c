/**
 * From the inventory to what policies are judged on: the cluster, its policies, and ends of connections from owners.
 *
 * Pods, labels and policies are the newest that the inventory knows; history.ts has what they were before. Whom an address
 * belonged to at the time is the owner's to say.
 */
import { asInteger, asList, asText, at, member } from '../inventory/facts/guards.js';
import { asProtocol } from '../inventory/facts/protocols.js';
import type { Inventory, InventoryPod, ObjectHistory, PolicyVersion } from '../inventory/inventory.js';
import { policyObjectKey } from '../inventory/time/changes.js';
import type { Owner } from '../model/owner.js';
import { Cluster, type ClusterFacts, type Pod } from './cluster.js';
import type { Backend, ConnectionEnd } from './connection.js';
import { type PolicySet, readPolicyObjects } from './read/read-policies.js';

/** The cluster at the newest snapshot of each object. */
export function clusterOfInventory(inventory: Inventory): Cluster {
  return new Cluster(clusterFactsOf(inventory));
}

export function clusterFactsOf({ objects }: Inventory): ClusterFacts {
  const { pods, namespaces, nodes } = objects;
  // Of pods with the same name the last one counts where only the name is known: one that still runs, if there is one.
  const inOrder = [...pods.filter(({ ended }) => ended), ...pods.filter(({ ended }) => !ended)];
  return { pods: inOrder.flatMap((pod) => podOf(pod) ?? []), namespaces, nodes };
}

function podOf({ owner, addresses, nodeAddresses, ended, ports }: InventoryPod): Pod | null {
  if (owner.namespace === null || owner.name === null) return null;
  return {
    namespace: owner.namespace,
    name: owner.name,
    ...(owner.uid === null ? {} : { uid: owner.uid }),
    labels: owner.labels,
    addresses: ended ? [] : addresses,
    node: owner.node,
    nodeAddresses,
    hostNetwork: owner.hostNetwork,
    ports,
    workload: owner.workload === null ? null : `${owner.workload.kind}/${owner.workload.name}`,
  };
}

/** Policies of the newest snapshots, with their files and without lines; for lines read the files with readPolicyTexts. */
export function policiesOfInventory({ objects }: Inventory): PolicySet {
  const isGone = ({ sightings }: ObjectHistory<unknown>): boolean => sightings.at(-1)?.value === null;
  const gone = new Set(objects.changes.policies.filter(isGone).map(({ key }) => key));
  return readPolicyVersions(objects.policies.filter((version) => !gone.has(policyObjectKey(version))));
}

/** Policies as files of the inventory show them. */
export function readPolicyVersions(versions: readonly PolicyVersion[]): PolicySet {
  return readPolicyObjects(versions.map(({ path, object }) => ({ file: path, object: withApiVersion(object) })));
}

/** Items of a typed List have none; only NetworkPolicy is listed by every cluster. */
function withApiVersion(object: unknown): unknown {
  if (asText(member(object, 'apiVersion')) !== null || member(object, 'kind') !== 'NetworkPolicy') return object;
  return { ...(object as object), apiVersion: 'networking.k8s.io/v1' };
}

/** Ends of connections, with the backends of services. */
export class InventoryEnds {
  private readonly cluster: Cluster;
  private readonly objects: Inventory['objects'];
  private readonly backends = new Map<string, readonly Backend[]>();

  constructor(inventory: Inventory, cluster: Cluster) {
    this.objects = inventory.objects;
    this.cluster = cluster;
  }

  /** The end that `address` was, as its owner says; `protocol` and `port` are those called, for services. */
  endOf(owner: Owner, address: string, protocol: string, port: number | null): ConnectionEnd {
    const { kind, namespace, name, node } = owner;
    switch (kind) {
      case 'pod':
        if (namespace === null || name === null) return { kind: 'unknown', address };
        return { kind: 'pod', pod: `${namespace}/${name}`, address, ...(owner.uid === null ? {} : { uid: owner.uid }) };
      case 'node':
      case 'gateway':
        return { kind: 'node', node: name ?? node, address };
      case 'service':
        return { kind: 'service', address, backends: this.backendsOf(namespace, name, protocol, port) };
      case 'unknown':
        return { kind: 'unknown', address };
      default:
        return { kind: 'external', address };
    }
  }

  private backendsOf(
    namespace: string | null,
    name: string | null,
    protocol: string,
    port: number | null,
  ): readonly Backend[] {
    if (namespace === null || name === null || port === null) return [];
    const key = `${namespace}/${name} ${port}/${protocol}`;
    let found = this.backends.get(key);
    if (found === undefined) this.backends.set(key, (found = this.findBackends(namespace, name, protocol, port)));
    return found;
  }

  private findBackends(namespace: string, name: string, protocol: string, port: number): Backend[] {
    const isIn = (object: unknown): boolean => at(object, 'metadata', 'namespace') === namespace;
    const service = this.objects.services.find((object) => isIn(object) && at(object, 'metadata', 'name') === name);
    const called = asList(at(service, 'spec', 'ports')).find(
      (entry) => member(entry, 'port') === port && asProtocol(member(entry, 'protocol')) === protocol,
    );
    if (called === undefined) return [];
    const portName = asText(member(called, 'name')) ?? '';
    const slices = this.objects.endpointSlices.filter(
      (slice) => isIn(slice) && at(slice, 'metadata', 'labels', 'kubernetes.io/service-name') === name,
    );
    if (slices.length > 0) {
      return slices.flatMap((slice) => this.listed(slice, portName, sliceAddresses(member(slice, 'endpoints'))));
    }
    const endpoints = this.objects.endpoints.find((object) => isIn(object) && at(object, 'metadata', 'name') === name);
    return asList(member(endpoints, 'subsets')).flatMap((subset) =>
      this.listed(subset, portName, subsetAddresses(member(subset, 'addresses'))),
    );
  }

  /** A holder's ports of this name at each of the addresses. */
  private listed(holder: unknown, portName: string, addresses: readonly string[]): Backend[] {
    const entries = asList(member(holder, 'ports')).filter(
      (entry) => (asText(member(entry, 'name')) ?? '') === portName,
    );
    const ports = entries.flatMap((entry) => asInteger(member(entry, 'port')) ?? []);
    return ports.flatMap((port) => addresses.map((address) => ({ end: this.cluster.endAt(address), port })));
  }
}

function sliceAddresses(endpoints: unknown): string[] {
  return asList(endpoints).flatMap((endpoint) =>
    asList(member(endpoint, 'addresses')).flatMap((address) => asText(address) ?? []),
  );
}

function subsetAddresses(addresses: unknown): string[] {
  return asList(addresses).flatMap((entry) => asText(member(entry, 'ip')) ?? []);
}
