/**
 * The inventory put together: from dated documents and host outputs to who owned what, when.
 *
 * The order matters: nodes first (they tell which pods are hostNetwork), then pods and services, then host outputs (placed
 * by the names and addresses now known), then all claims by address. Timelines of addresses are made when first asked for.
 */
import { dirname } from 'node:path';
import type { Timestamp } from '../base/time.js';
import type { InventorySummary } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import { ClaimTable, UNDATED } from './addresses/address-claims.js';
import { canonicalAddress } from './addresses/address-text.js';
import { addBroadcasts, collectNetworks } from './addresses/cluster-networks.js';
import { TranslationTable } from './conntrack/translation-table.js';
import { DeclaredPorts, listOfSlice, listsOfEndpoints } from './declared-ports.js';
import { labelChanges, policyChanges } from './time/changes.js';
import { nodeHistories, podHistories, serviceHistories } from './time/histories.js';
import {
  emptyOutputs,
  type HostOutputs,
  linksByPodAddress,
  mergeLinks,
  NodeLinks,
  vethOf,
} from './hosts/host-links.js';
import { type HostFile, type PlacedOutputs, placeOutputs } from './hosts/hosts.js';
import type { Identity, KnownNames, NodeDirectory } from './hosts/identities.js';
import { MacHolders, type PlacedPod } from './hosts/mac-holders.js';
import { formatInstantExactly, type Instant, instantOf } from './instants.js';
import type {
  FormerPod,
  Inventory,
  InventoryObjects,
  Link,
  MacHolder,
  Tenure,
  TransportProtocol,
  WireguardKey,
} from './inventory.js';
import { append } from './multimap.js';
import { collectObjects } from './objects.js';
import { OwnerPool, type Subject } from './owners.js';
import { Ownership } from './addresses/ownership.js';
import {
  makeNode,
  type NodeRecord,
  nodeRecords,
  type PodRecord,
  podRecords,
  type ServiceRecord,
  serviceRecords,
} from './time/records.js';
import { serviceRecordsOf, withRules } from './rules/rule-objects.js';
import { nearestStated, type Snapshot, type StatedTime } from './time/snapshots.js';
import type { HostPod } from './time/timeline.js';
import { indexControllers } from './time/workload.js';

export interface ClusterInput {
  readonly snapshots: readonly Snapshot[];
  /** Times of snapshots as files state them: for host outputs, which state none themselves. */
  readonly stated: readonly StatedTime[];
  readonly hostFiles: readonly HostFile[];
  readonly nodeDirectories: readonly NodeDirectory[];
  readonly files: InventorySummary['files'];
  readonly warnings: readonly string[];
}

/** Builds the inventory. The order of the input does not matter. */
export function buildInventory(input: ClusterInput): ClusterInventory {
  return new ClusterInventory(input);
}

export class ClusterInventory implements Inventory {
  readonly nodeNames: readonly string[];
  readonly summary: InventorySummary;
  readonly objects: InventoryObjects;
  readonly translations = new TranslationTable();
  readonly wireguardKeys: readonly WireguardKey[];
  private readonly pool = new OwnerPool();
  private readonly ownership: Ownership;
  private readonly ports: DeclaredPorts;
  private readonly podKeys = new Map<Subject, string>();
  private readonly links = new Map<string, NodeLinks>();
  private readonly macs: MacHolders;
  private readonly podsBehind: ReadonlyMap<string, Subject>;

  constructor(input: ClusterInput) {
    const { snapshots } = input;
    const documents = snapshots.flatMap((snapshot) => snapshot.documents);
    const facts = documents.map((document) => document.facts);
    const pods = podHistories(snapshots);
    const nodes = nodeRecords(nodeHistories(snapshots), pods);
    const services = serviceRecords(serviceHistories(snapshots));
    const nodeAddresses = new Set([...nodes.values()].flatMap(({ addresses }) => [...addresses.keys()]));
    const controllers = indexControllers(facts.flatMap((fact) => fact.controllers));
    const podList = podRecords(pods, controllers, (address) => nodeAddresses.has(address));
    for (const { key, subject } of podList) this.podKeys.set(subject, key);

    const placed = this.placeHosts(input, nodes, podList);
    for (const name of [...placed.ofNodes.keys(), ...input.nodeDirectories.map(({ node }) => node)]) {
      if (!nodes.has(name)) nodes.set(name, makeNode(name, null, UNDATED, new Map()));
    }
    services.push(...serviceRecordsOf(placed.rules, services));
    for (const { path, node, file } of logsFirst(placed.conntrack)) {
      this.translations.absorb(file.translations, node, nearestStated(dirname(path), input.stated));
    }
    for (const [name, outputs] of placed.ofNodes) {
      this.links.set(name, new NodeLinks(mergeLinks(outputs.links, name, null)));
    }
    const networks = collectNetworks(facts, nodes.values(), podList, services);
    addBroadcasts(networks, [...placed.ofNodes.values(), ...placed.ofPods.values()]);

    const claims = new ClaimTable();
    for (const node of nodes.values()) {
      claims.addNode(node);
      const outputs = placed.ofNodes.get(node.name);
      if (outputs !== undefined) claims.addSeenOnNode(node, ownAddresses(outputs), networks);
    }
    for (const pod of podList) claims.addPod(pod, ownAddresses(placed.ofPods.get(pod.key)));
    for (const service of services) claims.addService(service);

    this.ownership = new Ownership(claims, networks, this.pool, hostPodsByNode(podList));
    this.podsBehind = podsBehindVeths(podList, placed, this.links, claims);
    this.macs = macHolders(nodes.values(), podList, placed, claims);
    this.nodeNames = [...nodes.keys()].sort();
    this.wireguardKeys = [...annotatedKeys(nodes.values()), ...printedKeys(placed.wireguard)];
    this.objects = withRules(
      collectObjects(documents, nodes.values(), podList, this.pool, changesIn(snapshots, pods)),
      placed.rules,
    );
    this.ports = declaredPorts(podList, services, nodes, this.objects);
    this.summary = {
      snapshots: snapshotInstants(snapshots),
      files: input.files,
      pods: podList.length,
      services: services.length,
      nodes: nodes.size,
      namespaces: countNamespaces(this.objects, podList, services),
      policies: this.objects.networkPolicies.length,
      warnings: [...input.warnings, ...placed.warnings, ...this.droppedTranslations()],
    };
  }

  private droppedTranslations(): string[] {
    const { dropped, length } = this.translations;
    return dropped === 0 ? [] : [`conntrack: only the first ${length} translations are used, ${dropped} are left out`];
  }

  ownerOf(address: string, at: Timestamp, node: string | null = null): Owner {
    return this.ownership.tenureOf(address, instantOf(at), node).owner;
  }

  tenureOf(address: string, at: Instant, node: string | null): Tenure {
    return this.ownership.tenureOf(address, at, node);
  }

  formerPod(address: string, at: Instant): FormerPod | null {
    return this.ownership.formerPod(address, at);
  }

  declaresPort(owner: Owner, protocol: TransportProtocol, port: number): boolean {
    const subject = this.pool.subjectOf(owner);
    if (subject === null || subject.name === null) return false;
    switch (subject.kind) {
      case 'pod':
        return this.ports.ofPod(this.podKeys.get(subject) ?? '', protocol, port);
      case 'service':
        return this.ports.ofService(subject.namespace ?? '', subject.name, protocol, port);
      case 'node':
      case 'gateway':
        return this.ports.ofNode(subject.name, protocol, port);
      default:
        return false;
    }
  }

  linkOf(node: string, interfaceIndex: number): Link | null {
    return this.links.get(node)?.withIndex(interfaceIndex) ?? null;
  }

  linkNamed(node: string, name: string): Link | null {
    return this.links.get(node)?.named(name) ?? null;
  }

  macHolder(mac: number): MacHolder | null {
    return this.macs.holderOf(mac);
  }

  vethOf(node: string, pod: string): string | null {
    const prefix = vethKey(node, '');
    const veths: string[] = [];
    for (const [key, { namespace, name }] of this.podsBehind) {
      if (key.startsWith(prefix) && `${namespace}/${name}` === pod) veths.push(key.slice(prefix.length));
    }
    return veths.length === 1 ? veths[0]! : null;
  }

  podBehind(node: string, vethName: string): Owner | null {
    const subject = this.podsBehind.get(vethKey(node, vethName));
    return subject === undefined ? null : this.pool.owner(subject, 'observed', '');
  }

  private placeHosts(
    input: ClusterInput,
    nodes: ReadonlyMap<string, NodeRecord>,
    pods: readonly PodRecord[],
  ): PlacedOutputs {
    const byKey = new Map(pods.map((pod) => [pod.key, pod]));
    return placeOutputs(input.hostFiles, knownNames(nodes, pods), input.nodeDirectories, (key) => [
      ...(byKey.get(key)?.claims.keys() ?? []),
    ]);
  }
}

function changesIn(
  snapshots: ClusterInput['snapshots'],
  pods: ReturnType<typeof podHistories>,
): InventoryObjects['changes'] {
  const { pods: podLabels, namespaces: namespaceLabels } = labelChanges(snapshots, pods.histories);
  return { policies: policyChanges(snapshots), podLabels, namespaceLabels };
}

function knownNames(nodes: ReadonlyMap<string, NodeRecord>, pods: readonly PodRecord[]): KnownNames {
  const podsByName = new Map<string, string[]>();
  const holders = new Map<string, Identity | null>();
  const hold = (address: string, identity: Identity): void => {
    holders.set(address, holders.has(address) ? null : identity);
  };
  for (const { name, addresses } of nodes.values()) {
    for (const address of addresses.keys()) hold(address, { type: 'node', name });
  }
  for (const { key, subject, claims } of pods) {
    append(podsByName, `${subject.namespace}/${subject.name}`, key);
    append(podsByName, subject.name ?? '', key);
    for (const address of claims.keys()) hold(address, { type: 'pod', keys: [key] });
  }
  const byAddress = new Map<string, Identity>();
  for (const [address, identity] of holders) if (identity !== null) byAddress.set(address, identity);
  return { nodes: new Set(nodes.keys()), pods: podsByName, byAddress };
}

function annotatedKeys(nodes: Iterable<NodeRecord>): WireguardKey[] {
  return [...nodes].flatMap(({ name, latest }) =>
    (latest?.wireguardKeys ?? []).map((key) => ({
      key,
      node: name,
      endpoint: null,
      from: `annotation of node ${name}`,
    })),
  );
}

function printedKeys(files: PlacedOutputs['wireguard']): WireguardKey[] {
  return files.flatMap(({ node, file }) =>
    file.map(({ key, isPeer, endpoint }) => ({
      key,
      node: isPeer ? null : node,
      endpoint: isPeer ? (endpoint === null ? null : canonicalAddress(endpoint)) : null,
      from: `wg show of ${node ?? 'an unknown node'}`,
    })),
  );
}

/** Logs of events know times that listings do not. */
function logsFirst(files: PlacedOutputs['conntrack']): PlacedOutputs['conntrack'] {
  return [...files.filter(({ file }) => file.isLog), ...files.filter(({ file }) => !file.isLog)];
}

/** Devices that hold addresses of services, not of the node. */
const SERVICE_DEVICES = new Set(['kube-ipvs0', 'nodelocaldns']);

function ownAddresses(outputs: HostOutputs | undefined): Set<string> {
  const links = (outputs?.links ?? []).filter(({ name, isLoopback }) => !isLoopback && !SERVICE_DEVICES.has(name));
  return new Set(links.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
}

function hostPodsByNode(pods: readonly PodRecord[]): Map<string, HostPod[]> {
  const byNode = new Map<string, HostPod[]>();
  for (const { subject, span } of pods) {
    if (subject.hostNetwork && subject.node !== null) append(byNode, subject.node, { subject, span });
  }
  return byNode;
}

function declaredPorts(
  pods: readonly PodRecord[],
  services: readonly ServiceRecord[],
  nodes: ReadonlyMap<string, NodeRecord>,
  objects: InventoryObjects,
): DeclaredPorts {
  const kubeletPorts = new Map<string, number>();
  for (const { name, latest } of nodes.values()) {
    if (latest !== null && latest.kubeletPort !== null) kubeletPorts.set(name, latest.kubeletPort);
  }
  return new DeclaredPorts({
    pods: pods.map(({ key, latest }) => ({ key, pod: latest })),
    services: services.map(({ latest }) => latest),
    endpointLists: [...objects.endpointSlices.map(listOfSlice), ...objects.endpoints.flatMap(listsOfEndpoints)],
    kubeletPorts,
  });
}

function vethKey(node: string, veth: string): string {
  return `${node}\n${veth}`;
}

function podsBehindVeths(
  pods: readonly PodRecord[],
  placed: PlacedOutputs,
  links: ReadonlyMap<string, NodeLinks>,
  claims: ClaimTable,
): Map<string, Subject> {
  const found = new Map<string, Subject | null>();
  const put = (node: string, veth: string, subject: Subject): void => {
    const key = vethKey(node, veth);
    const known = found.get(key);
    found.set(key, known === undefined || known === subject ? subject : null);
  };
  for (const { key, subject } of pods) {
    const outputs = placed.ofPods.get(key);
    const node = subject.node ?? '';
    const nodeLinks = links.get(node);
    if (outputs === undefined || nodeLinks === undefined || subject.hostNetwork) continue;
    const veth = vethOf(outputs, nodeLinks);
    if (veth !== null) put(node, veth.name, subject);
  }
  for (const [node, nodeLinks] of links) {
    const outputs = placed.ofNodes.get(node) ?? emptyOutputs();
    for (const [address, device] of linksByPodAddress(outputs, nodeLinks)) {
      const owners = claims.podsAt(address).filter(({ subject }) => subject.node === node);
      // Where the peer's index has spoken, an address that was reused later has no say.
      if (owners.length === 1 && !found.has(vethKey(node, device))) put(node, device, owners[0]!.subject);
    }
  }
  const sure = new Map<string, Subject>();
  for (const [key, subject] of found) if (subject !== null) sure.set(key, subject);
  return sure;
}

function macHolders(
  nodes: Iterable<NodeRecord>,
  pods: readonly PodRecord[],
  placed: PlacedOutputs,
  claims: ClaimTable,
): MacHolders {
  const holders = new MacHolders();
  for (const { name, latest } of nodes) {
    for (const mac of latest?.tunnelMacs ?? []) holders.addTunnelEnd(name, mac);
    const outputs = placed.ofNodes.get(name);
    if (outputs === undefined) continue;
    holders.addNode(name, mergeLinks(outputs.links, name, null));
    holders.addNeighbours(outputs, (address) => {
      const here = claims.podsAt(address).filter(({ subject }) => subject.node === name);
      return here.length === 1 ? placedPod(here[0]!.subject) : null;
    });
  }
  for (const { key, subject } of pods) {
    const outputs = placed.ofPods.get(key);
    const pod = placedPod(subject);
    if (outputs !== undefined && pod !== null && !subject.hostNetwork) holders.addPod(pod, outputs);
  }
  return holders;
}

function placedPod({ node, namespace, name }: Subject): PlacedPod | null {
  return node === null ? null : { node, pod: `${namespace}/${name}` };
}

function snapshotInstants(snapshots: readonly Snapshot[]): string[] {
  const instants = new Set<string>();
  for (const { at, documents } of snapshots) {
    if (documents.some(({ facts }) => facts.kinds.size > 0)) instants.add(formatInstantExactly(at));
  }
  return [...instants];
}

function countNamespaces(
  objects: InventoryObjects,
  pods: readonly PodRecord[],
  services: readonly ServiceRecord[],
): number {
  const names = new Set(objects.namespaces.map(({ name }) => name));
  for (const { subject } of [...pods, ...services]) if (subject.namespace !== null) names.add(subject.namespace);
  return names.size;
}
