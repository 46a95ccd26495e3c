/**
 * Which ports an owner declares to serve: evidence of who is the server where no handshake was seen.
 *
 * A pod: its container ports, the target ports of services that select it, and the ports under which an EndpointSlice or
 * Endpoints object lists it. A service: its ports. A node: node ports, the kubelet's port, host ports, and all ports of its
 * hostNetwork pods.
 */
import type { ContainerPort, PodSighting, ServicePort, ServiceSighting } from './facts/facts.js';
import { asInteger, asList, asText, at, member } from './facts/guards.js';
import { asProtocol } from './facts/protocols.js';
import type { TransportProtocol } from './inventory.js';
import { append } from './multimap.js';

export interface PortSources {
  readonly pods: readonly { readonly key: string; readonly pod: PodSighting }[];
  readonly services: readonly ServiceSighting[];
  /** EndpointSlice objects, and subsets of Endpoints objects: both have ports and list who serves them. */
  readonly endpointLists: readonly EndpointList[];
  readonly kubeletPorts: ReadonlyMap<string, number>;
}

/** Pods (by `namespace/name`) that serve the same ports. */
export interface EndpointList {
  readonly pods: readonly string[];
  readonly ports: readonly { readonly protocol: TransportProtocol; readonly port: number }[];
}

export class DeclaredPorts {
  /** Ports as `TCP/8080`, by pod key, by `namespace/name` of the service, and by node. */
  private readonly ofPods = new Map<string, Set<string>>();
  private readonly ofServices = new Map<string, Set<string>>();
  private readonly ofNodes = new Map<string, Set<string>>();
  private readonly nodePorts = new Set<string>();

  constructor({ pods, services, endpointLists, kubeletPorts }: PortSources) {
    for (const service of services) this.addService(service);
    const selecting = services.filter(({ selector }) => Object.keys(selector).length > 0);
    const byNamespace = groupServices(selecting);
    const listed = groupLists(endpointLists);
    for (const { key, pod } of pods) {
      this.addContainerPorts(key, pod);
      for (const service of byNamespace.get(pod.namespace ?? '') ?? []) {
        if (selects(service.selector, pod.labels)) this.addTargets(key, pod, service.ports);
      }
      for (const { ports } of listed.get(`${pod.namespace}/${pod.name}`) ?? []) {
        for (const { protocol, port } of ports) this.addPodPort(key, pod, protocol, port);
      }
    }
    for (const [node, port] of kubeletPorts) add(this.ofNodes, node, portKey('TCP', port));
  }

  ofPod(key: string, protocol: TransportProtocol, port: number): boolean {
    return this.ofPods.get(key)?.has(portKey(protocol, port)) === true;
  }

  ofService(namespace: string, name: string, protocol: TransportProtocol, port: number): boolean {
    return this.ofServices.get(`${namespace}/${name}`)?.has(portKey(protocol, port)) === true;
  }

  ofNode(node: string, protocol: TransportProtocol, port: number): boolean {
    const key = portKey(protocol, port);
    return this.nodePorts.has(key) || this.ofNodes.get(node)?.has(key) === true;
  }

  private addService(service: ServiceSighting): void {
    for (const { protocol, port, nodePort } of service.ports) {
      add(this.ofServices, `${service.namespace}/${service.name}`, portKey(protocol, port));
      if (nodePort !== null) this.nodePorts.add(portKey(protocol, nodePort));
    }
  }

  private addContainerPorts(key: string, pod: PodSighting): void {
    for (const { protocol, port, hostPort } of pod.ports) {
      this.addPodPort(key, pod, protocol, port);
      if (hostPort !== null && pod.node !== null) add(this.ofNodes, pod.node, portKey(protocol, hostPort));
    }
  }

  private addTargets(key: string, pod: PodSighting, ports: readonly ServicePort[]): void {
    for (const port of ports) {
      for (const target of targetPorts(port, pod.ports)) this.addPodPort(key, pod, port.protocol, target);
    }
  }

  private addPodPort(key: string, pod: PodSighting, protocol: TransportProtocol, port: number): void {
    add(this.ofPods, key, portKey(protocol, port));
    if (pod.hostNetwork && pod.node !== null) add(this.ofNodes, pod.node, portKey(protocol, port));
  }
}

function groupServices(services: readonly ServiceSighting[]): Map<string, ServiceSighting[]> {
  const byNamespace = new Map<string, ServiceSighting[]>();
  for (const service of services) append(byNamespace, service.namespace, service);
  return byNamespace;
}

function groupLists(lists: readonly EndpointList[]): Map<string, EndpointList[]> {
  const byPod = new Map<string, EndpointList[]>();
  for (const list of lists) for (const pod of list.pods) append(byPod, pod, list);
  return byPod;
}

function portKey(protocol: TransportProtocol, port: number): string {
  return `${protocol}/${port}`;
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

/** A targetPort is a number, the name of a container port, or left out (then it is the service's port). */
function targetPorts({ targetPort, port, protocol }: ServicePort, declared: readonly ContainerPort[]): number[] {
  if (targetPort === null) return [port];
  if (typeof targetPort === 'number') return [targetPort];
  return declared
    .filter((entry) => entry.name === targetPort && entry.protocol === protocol)
    .map((entry) => entry.port);
}

/** What an EndpointSlice (discovery.k8s.io/v1) lists. */
export function listOfSlice(slice: unknown): EndpointList {
  return { pods: podsOf(member(slice, 'endpoints'), slice), ports: portsOf(slice) };
}

/** What an Endpoints object (core/v1) lists: one list per subset. */
export function listsOfEndpoints(endpoints: unknown): EndpointList[] {
  return asList(member(endpoints, 'subsets')).map((subset) => ({
    pods: podsOf(member(subset, 'addresses'), endpoints),
    ports: portsOf(subset),
  }));
}

function podsOf(entries: unknown, object: unknown): string[] {
  const home = asText(at(object, 'metadata', 'namespace'));
  return asList(entries).flatMap((entry) => {
    const target = member(entry, 'targetRef');
    const name = asText(member(target, 'name'));
    if (member(target, 'kind') !== 'Pod' || name === null) return [];
    return [`${asText(member(target, 'namespace')) ?? home}/${name}`];
  });
}

function portsOf(holder: unknown): EndpointList['ports'] {
  return asList(member(holder, 'ports')).flatMap((entry) => {
    const port = asInteger(member(entry, 'port'));
    const protocol = asProtocol(member(entry, 'protocol'));
    return port === null || protocol === null ? [] : [{ protocol, port }];
  });
}
