/**
 * A Pod object to a sighting: above all, from when until when its address is proven to be its own.
 *
 * A pod has its address from the creation of its sandbox, which is after status.startTime and before any container starts,
 * until the sandbox is torn down, right after the last container ended. status.podIP stays set on Succeeded and Failed pods
 * (kubernetes/kubernetes#109414), so for these the containers' finishedAt is the end. Times are whole seconds, rounded down.
 */
import { canonicalAddresses } from '../addresses/address-text.js';
import type { ContainerPort, KubernetesFacts } from './facts.js';
import { asInteger, asList, asStringMap, asText, asTexts, at, member, type RawObject } from './guards.js';
import { CLOCK_GRANULARITY, earlier, type Instant, later, parseInstant } from '../instants.js';
import { controllerOf } from './object-metadata.js';
import { asProtocol } from './protocols.js';

const DEFAULT_GRACE_SECONDS = 30;
const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'];

/**
 * Adds a Pod's sighting, and the cluster's networks if it is a control plane pod whose flags state them. `newest` is the newest
 * time in it.
 */
export function interpretPod(object: RawObject, newest: Instant | null, facts: KubernetesFacts): void {
  const metadata = member(object, 'metadata');
  const name = asText(member(metadata, 'name'));
  if (name === null) return;
  const namespace = asText(member(metadata, 'namespace'));
  const spec = member(object, 'spec');
  const status = member(object, 'status');
  const addresses = canonicalAddresses(plural(status, 'podIP', 'podIPs'));
  const nodeAddresses = canonicalAddresses(plural(status, 'hostIP', 'hostIPs'));
  const phase = asText(member(status, 'phase'));
  const ended = phase === 'Succeeded' || phase === 'Failed';
  facts.pods.push({
    namespace,
    name,
    uid: asText(member(metadata, 'uid')),
    node: asText(member(spec, 'nodeName')),
    labels: asStringMap(member(metadata, 'labels')),
    hostNetwork: member(spec, 'hostNetwork') === true || addresses.some((address) => nodeAddresses.includes(address)),
    addresses,
    nodeAddresses,
    created: createdOf(metadata),
    started: parseInstant(member(status, 'startTime')),
    runningSince: runningSince(status),
    isRunning: phase === 'Running',
    ended,
    finished: ended ? finishedAt(status) : null,
    deletion: deletionOf(metadata),
    controller: controllerOf(object),
    ports: containerPorts(spec),
    newest,
    fromTable: false,
  });
  if (namespace === 'kube-system') readNetworkFlags(spec, facts);
}

function plural(status: unknown, single: string, many: string): string[] {
  const texts: string[] = [];
  const one = asText(member(status, single));
  if (one !== null) texts.push(one);
  for (const entry of asList(member(status, many))) {
    const text = asText(member(entry, 'ip'));
    if (text !== null && text !== one) texts.push(text);
  }
  return texts;
}

/** A static pod's object is only the mirror of a pod that may be older. */
function createdOf(metadata: unknown): Instant | null {
  const isMirror = asText(member(member(metadata, 'annotations'), 'kubernetes.io/config.mirror')) !== null;
  return isMirror ? null : parseInstant(member(metadata, 'creationTimestamp'));
}

function containerStatuses(status: unknown): readonly unknown[] {
  return [
    ...asList(member(status, 'initContainerStatuses')),
    ...asList(member(status, 'containerStatuses')),
    ...asList(member(status, 'ephemeralContainerStatuses')),
  ];
}

const SANDBOX_CONDITIONS = ['PodReadyToStartContainers', 'PodHasNetwork'];

/**
 * When the sandbox was ready, or the earliest start of a container's present run. Earlier runs (`lastState`) are not used:
 * they may have been in another sandbox with another address.
 */
function runningSince(status: unknown): Instant | null {
  let earliest: Instant | null = null;
  for (const condition of asList(member(status, 'conditions'))) {
    const type = asText(member(condition, 'type'));
    if (type === null || !SANDBOX_CONDITIONS.includes(type) || member(condition, 'status') !== 'True') continue;
    earliest = earlier(earliest, parseInstant(member(condition, 'lastTransitionTime')));
  }
  for (const container of containerStatuses(status)) {
    earliest = earlier(earliest, parseInstant(at(container, 'state', 'running', 'startedAt')));
    earliest = earlier(earliest, parseInstant(at(container, 'state', 'terminated', 'startedAt')));
  }
  return earliest === null ? null : earliest + CLOCK_GRANULARITY;
}

/** When the last container ended; if none says so, when the pod stopped being ready. */
function finishedAt(status: unknown): Instant | null {
  let latest: Instant | null = null;
  for (const container of containerStatuses(status)) {
    latest = later(latest, parseInstant(at(container, 'state', 'terminated', 'finishedAt')));
  }
  if (latest !== null) return latest;
  for (const condition of asList(member(status, 'conditions'))) {
    if (member(condition, 'type') === 'ContainersReady' && member(condition, 'status') === 'False') {
      latest = later(latest, parseInstant(member(condition, 'lastTransitionTime')));
    }
  }
  return latest;
}

function deletionOf(metadata: unknown): { deadline: Instant; graceSeconds: number } | null {
  const deadline = parseInstant(member(metadata, 'deletionTimestamp'));
  if (deadline === null) return null;
  const grace = asInteger(member(metadata, 'deletionGracePeriodSeconds')) ?? DEFAULT_GRACE_SECONDS;
  return { deadline, graceSeconds: Math.max(0, grace) };
}

function containerPorts(spec: unknown): ContainerPort[] {
  const ports: ContainerPort[] = [];
  for (const list of CONTAINER_LISTS) {
    for (const container of asList(member(spec, list))) {
      for (const entry of asList(member(container, 'ports'))) {
        const port = asInteger(member(entry, 'containerPort'));
        const protocol = asProtocol(member(entry, 'protocol'));
        if (port === null || protocol === null) continue;
        ports.push({
          name: asText(member(entry, 'name')),
          protocol,
          port,
          hostPort: asInteger(member(entry, 'hostPort')),
        });
      }
    }
  }
  return ports;
}

const NETWORK_FLAG = /--(cluster-cidr|service-cluster-ip-range)[= ]([0-9A-Fa-f.:/,]+)/g;

/** kube-apiserver, kube-controller-manager and kube-proxy are told the cluster's networks on their command lines. */
function readNetworkFlags(spec: unknown, facts: KubernetesFacts): void {
  for (const container of asList(member(spec, 'containers'))) {
    const words = [...asTexts(member(container, 'command')), ...asTexts(member(container, 'args'))];
    for (const [, flag, networks = ''] of words.join(' ').matchAll(NETWORK_FLAG)) {
      const known = flag === 'cluster-cidr' ? facts.podNetworks : facts.serviceNetworks;
      known.push(...networks.split(','));
    }
  }
}
