/**
 * The cluster's pods, nodes and services as subjects with lifespans, made from their histories.
 *
 * hostNetwork pods have no address of their own: they are kept by node, as candidates wherever the node is the owner. Nodes
 * that the inventory lacks (only pods were saved) are made from the pods' nodeName and hostIP.
 */
import { type Claim, objectLifespan, podCreated, podLifespan } from './claims.js';
import type { NodeSighting, PodSighting, ServiceSighting } from '../facts/facts.js';
import { type History, type Kept, latest } from './histories.js';
import type { Instant } from '../instants.js';
import { type Lifespan, LifespanBuilder } from './lifespan.js';
import { append } from '../multimap.js';
import type { Subject } from '../owners.js';
import { type ControllerIndex, workloadOf } from './workload.js';

export interface PodRecord {
  readonly key: string;
  readonly subject: Subject;
  readonly latest: PodSighting;
  /** When the pod was there at all. */
  readonly span: Lifespan;
  /** One per address it ever had; none for a hostNetwork pod. */
  readonly claims: ReadonlyMap<string, Claim>;
}

export interface NodeRecord {
  readonly name: string;
  readonly subject: Subject;
  /** The same node in its part of gateway of the pod network. */
  readonly gateway: Subject;
  readonly latest: NodeSighting | null;
  readonly created: Instant | null;
  readonly span: Lifespan;
  /** Addresses by which the cluster knows the node. */
  readonly addresses: ReadonlyMap<string, Lifespan>;
}

export interface ServiceRecord {
  readonly subject: Subject;
  readonly latest: ServiceSighting;
  readonly created: Instant | null;
  readonly clusterAddresses: ReadonlyMap<string, Lifespan>;
  readonly externalAddresses: ReadonlyMap<string, Lifespan>;
}

const NO_LABELS: Readonly<Record<string, string>> = {};

/** Nodes by name, sorted; those that only pods speak of included. */
export function nodeRecords(nodes: Kept<NodeSighting>, pods: Kept<PodSighting>): Map<string, NodeRecord> {
  const records = new Map<string, NodeRecord>();
  const implied = impliedNodes(pods);
  for (const history of nodes.histories) {
    const name = history.key;
    const alive = objectLifespan(history, () => true, nodes.censuses, true);
    const addresses = new Map<string, Lifespan>();
    for (const address of new Set(history.seen.flatMap(({ sighting }) => sighting.addresses))) {
      addresses.set(
        address,
        objectLifespan(history, (node) => node.addresses.includes(address), nodes.censuses, true),
      );
    }
    for (const [address, span] of implied.get(name)?.addresses ?? [])
      if (!addresses.has(address)) addresses.set(address, span);
    records.set(name, makeNode(name, latest(history), alive, addresses));
  }
  for (const [name, { span, addresses }] of implied) {
    if (!records.has(name)) records.set(name, makeNode(name, null, span, addresses));
  }
  return new Map([...records].sort((a, b) => (a[0] < b[0] ? -1 : 1)));
}

/** A record for a node that only its own `ip` output, or a pod, speaks of. */
export function makeNode(
  name: string,
  newest: NodeSighting | null,
  span: Lifespan,
  addresses: ReadonlyMap<string, Lifespan>,
): NodeRecord {
  const subject: Subject = {
    kind: 'node',
    namespace: null,
    name,
    uid: newest?.uid ?? null,
    node: name,
    workload: null,
    labels: newest?.labels ?? NO_LABELS,
    hostNetwork: false,
  };
  const created = newest?.created ?? null;
  return { name, subject, gateway: { ...subject, kind: 'gateway' }, latest: newest, created, span, addresses };
}

/** In place of an address: the node at all. */
const ITSELF = '';

interface ImpliedNode {
  readonly span: Lifespan;
  readonly addresses: Map<string, Lifespan>;
}

function impliedNodes(pods: Kept<PodSighting>): Map<string, ImpliedNode> {
  const builders = new Map<string, Map<string, LifespanBuilder>>();
  for (const { seen } of pods.histories) {
    for (const { at, isDated, sighting } of seen) {
      if (sighting.node === null) continue;
      let ofNode = builders.get(sighting.node);
      if (ofNode === undefined) builders.set(sighting.node, (ofNode = new Map<string, LifespanBuilder>()));
      const own = sighting.hostNetwork && !sighting.ended ? sighting.addresses : [];
      for (const address of [ITSELF, ...sighting.nodeAddresses, ...own]) {
        let builder = ofNode.get(address);
        if (builder === undefined) ofNode.set(address, (builder = new LifespanBuilder()));
        if (!isDated || sighting.ended) continue;
        builder.seen(at);
        builder.certain(Math.min(sighting.runningSince ?? at, at), at);
      }
    }
  }
  const implied = new Map<string, ImpliedNode>();
  for (const [name, ofNode] of builders) {
    const spans = new Map([...ofNode].map(([address, builder]) => [address, builder.build()]));
    const span = spans.get(ITSELF) ?? new LifespanBuilder().build();
    spans.delete(ITSELF);
    implied.set(name, { span, addresses: spans });
  }
  return implied;
}

/** Pods in order of key. `isNodeAddress` tells hostNetwork pods of tables, which do not say it. */
export function podRecords(
  pods: Kept<PodSighting>,
  controllers: ControllerIndex,
  isNodeAddress: (address: string) => boolean,
): PodRecord[] {
  const replacements = replacementTimes(pods.histories);
  return pods.histories.map((history) => {
    const newest = latest(history);
    const all = [...new Set(history.seen.flatMap(({ sighting }) => sighting.addresses))];
    const hostNetwork = newest.hostNetwork || (newest.fromTable && all.some(isNodeAddress));
    const subject: Subject = {
      kind: 'pod',
      namespace: newest.namespace,
      name: newest.name,
      uid: newest.uid,
      node: newest.node,
      workload: workloadOf(newest, controllers),
      labels: newest.labels,
      hostNetwork,
    };
    const replaced = replacements.get(history) ?? null;
    const created = podCreated(history);
    const claims = new Map<string, Claim>();
    for (const address of hostNetwork ? [] : all) {
      const span = podLifespan(history, address, pods.censuses, replaced);
      claims.set(address, { subject, span, created, assumption: null });
    }
    const span = podLifespan(history, null, pods.censuses, replaced);
    return { key: history.key, subject, latest: newest, span, claims };
  });
}

/** By history: when the next pod of the same namespace and name was created. */
function replacementTimes(histories: readonly History<PodSighting>[]): Map<History<PodSighting>, Instant> {
  const byName = new Map<string, { history: History<PodSighting>; created: Instant }[]>();
  for (const history of histories) {
    const { namespace, name } = latest(history);
    const created = podCreated(history);
    if (created === null) continue;
    append(byName, `${namespace}/${name}`, { history, created });
  }
  const replacements = new Map<History<PodSighting>, Instant>();
  for (const namesakes of byName.values()) {
    namesakes.sort((a, b) => a.created - b.created);
    let next = Infinity;
    for (let at = namesakes.length - 2; at >= 0; at--) {
      const { history, created } = namesakes[at]!;
      if (namesakes[at + 1]!.created > created) next = namesakes[at + 1]!.created;
      if (next !== Infinity) replacements.set(history, next);
    }
  }
  return replacements;
}

export function serviceRecords(services: Kept<ServiceSighting>): ServiceRecord[] {
  return services.histories.map((history) => {
    const newest = latest(history);
    const spans = (of: (service: ServiceSighting) => readonly string[]): Map<string, Lifespan> => {
      const addresses = new Set(history.seen.flatMap(({ sighting }) => of(sighting)));
      const shows = (address: string) => (service: ServiceSighting) => of(service).includes(address);
      return new Map(
        [...addresses].map((address) => [address, objectLifespan(history, shows(address), services.censuses, false)]),
      );
    };
    return {
      subject: {
        kind: 'service',
        namespace: newest.namespace,
        name: newest.name,
        uid: newest.uid,
        node: null,
        workload: null,
        labels: newest.labels,
        hostNetwork: false,
      },
      latest: newest,
      created: newest.created,
      clusterAddresses: spans(({ clusterAddresses }) => clusterAddresses),
      externalAddresses: spans(({ externalAddresses }) => externalAddresses),
    };
  });
}
