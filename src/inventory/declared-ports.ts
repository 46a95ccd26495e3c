/**
 * Which ports an owner declares to serve: evidence of who is the server where no handshake was seen.
 *
 * A pod: its container ports, and the target ports of services that select it. A service: its ports. A node: node ports,
 * the kubelet's port, host ports, and all ports of its hostNetwork pods.
 */
import type { ContainerPort, PodSighting, ServicePort, ServiceSighting } from './facts.js';
import type { TransportProtocol } from './inventory.js';
import { append } from './multimap.js';

export interface PortSubjects {
  readonly pods: Iterable<{ readonly key: string; readonly pod: PodSighting }>;
  readonly services: readonly ServiceSighting[];
  readonly kubeletPorts: ReadonlyMap<string, number>;
}

/** Ports as `TCP/8080`, by pod key, by `namespace/name` of the service, and by node. */
export class DeclaredPorts {
  private readonly ofPods = new Map<string, Set<string>>();
  private readonly ofServices = new Map<string, Set<string>>();
  private readonly ofNodes = new Map<string, Set<string>>();
  private readonly nodePorts = new Set<string>();

  constructor({ pods, services, kubeletPorts }: PortSubjects) {
    const byNamespace = new Map<string, ServiceSighting[]>();
    for (const service of services) {
      this.addService(service);
      if (Object.keys(service.selector).length > 0) append(byNamespace, service.namespace, service);
    }
    for (const { key, pod } of pods) this.addPod(key, pod, byNamespace.get(pod.namespace ?? '') ?? []);
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

  private addPod(key: string, pod: PodSighting, services: readonly ServiceSighting[]): void {
    for (const { protocol, port, hostPort } of pod.ports) {
      add(this.ofPods, key, portKey(protocol, port));
      if (pod.node === null) continue;
      if (pod.hostNetwork) add(this.ofNodes, pod.node, portKey(protocol, port));
      if (hostPort !== null) add(this.ofNodes, pod.node, portKey(protocol, hostPort));
    }
    for (const service of services) {
      if (selects(service.selector, pod.labels)) this.addTargets(key, pod, service.ports);
    }
  }

  private addTargets(key: string, pod: PodSighting, ports: readonly ServicePort[]): void {
    for (const port of ports) {
      for (const target of targetPorts(port, pod.ports)) {
        add(this.ofPods, key, portKey(port.protocol, target));
        if (pod.hostNetwork && pod.node !== null) add(this.ofNodes, pod.node, portKey(port.protocol, target));
      }
    }
  }
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
