/**
 * Which Service an end stands for that a client dialed: a ClusterIP by its owner, a node's port by the Service that declares it; and
 * which Services lead to a backend. Where several could be meant, none is chosen: all are candidates.
 */
import { canonicalAddress } from '../inventory/addresses/address-text.js';
import { asInteger, asList, asStringMap, asText, asTexts, at, member } from '../inventory/facts/guards.js';
import type { InventoryObjects } from '../inventory/inventory.js';
import type { ServiceReference } from '../model/document.js';
import type { Owner, OwnerReference } from '../model/owner.js';

/** Services of one port told at most. */
const MOST_SERVICES = 8;
const SERVICE_NAME = 'kubernetes.io/service-name';
const NONE: readonly ServiceReference[] = [];

export class Services {
  /** By `protocol/nodePort`. */
  private readonly byNodePort = new Map<string, ServiceReference[]>();
  /** Names of ports by `namespace/name/protocol/port`. */
  private readonly portNames = new Map<string, string>();
  /** By `protocol/address/port` of a backend. */
  private readonly byBackend = new Map<string, ServiceReference[]>();
  /** Selectors by `namespace/name`. */
  private readonly selectors = new Map<string, Readonly<Record<string, string>>>();
  /** Labels of pods by uid. */
  private readonly labels = new Map<string, Readonly<Record<string, string>>>();

  constructor({ services, endpointSlices, endpoints, pods }: InventoryObjects) {
    for (const { metadata, spec } of services) {
      const namespace = metadata?.namespace ?? 'default';
      const name = metadata?.name;
      if (typeof name !== 'string' || !Array.isArray(spec?.ports)) continue;
      for (const { name: port = null, port: number, nodePort, protocol = 'TCP' } of spec.ports) {
        if (port !== null) this.portNames.set(`${namespace}/${name}/${protocol}/${number}`, port);
        if (nodePort !== undefined) put(this.byNodePort, `${protocol}/${nodePort}`, { namespace, name, port });
      }
      this.addSelector(`${namespace}/${name}`, spec.selector);
    }
    for (const slice of endpointSlices) {
      const name = asText(at(slice, 'metadata', 'labels', SERVICE_NAME));
      const listed = asList(slice.endpoints).flatMap((endpoint) => asTexts(member(endpoint, 'addresses')));
      if (name !== null) this.addBackends(slice, name, listed, slice.ports);
    }
    for (const object of endpoints) {
      const name = asText(at(object, 'metadata', 'name'));
      if (name === null) continue;
      for (const subset of asList(object.subsets)) {
        const listed = asList(member(subset, 'addresses')).flatMap((entry) => asText(member(entry, 'ip')) ?? []);
        this.addBackends(object, name, listed, member(subset, 'ports'));
      }
    }
    for (const { owner } of pods) if (owner.uid !== null) this.labels.set(owner.uid, owner.labels);
  }

  /** The Service that `owner`, dialed at this port of this protocol, stands for; null if it is none, or if it could be several. */
  dialed(owner: Owner, protocol: string, port: number): ServiceReference | null {
    const all = this.allDialed(owner, protocol, port);
    return all.length === 1 ? all[0]! : null;
  }

  /** All that it could stand for. */
  allDialed(owner: Owner, protocol: string, port: number): readonly ServiceReference[] {
    if (owner.kind === 'service') {
      const named = owner.name === null ? owner.candidates : [owner];
      return named.flatMap(({ kind, namespace, name }) => {
        return kind === 'service' ? [this.reference(namespace ?? 'default', name ?? '', protocol, port)] : [];
      });
    }
    const isNode = owner.kind === 'node' || owner.kind === 'gateway';
    return isNode ? (this.byNodePort.get(`${protocol}/${port}`) ?? NONE) : NONE;
  }

  /** Services that lead to a backend (canonical address), as far as the inventory shows; at most 8. */
  behind(address: string, protocol: string, port: number): readonly ServiceReference[] {
    return this.byBackend.get(`${protocol}/${address}/${port}`) ?? NONE;
  }

  /** Whether the Service selects a pod; null where the inventory does not tell. */
  selects({ namespace, name }: ServiceReference, pod: Pick<OwnerReference, 'namespace' | 'uid'>): boolean | null {
    const selector = this.selectors.get(`${namespace}/${name}`);
    const labels = pod.uid === null ? undefined : this.labels.get(pod.uid);
    if (selector === undefined || labels === undefined) return null;
    return pod.namespace === namespace && Object.entries(selector).every(([key, value]) => labels[key] === value);
  }

  private reference(namespace: string, name: string, protocol: string, port: number): ServiceReference {
    return { namespace, name, port: this.portNames.get(`${namespace}/${name}/${protocol}/${port}`) ?? null };
  }

  private addSelector(key: string, selector: unknown): void {
    const labels = asStringMap(selector);
    if (Object.keys(labels).length > 0) this.selectors.set(key, labels);
  }

  private addBackends(holder: unknown, name: string, addresses: readonly string[], ports: unknown): void {
    const namespace = asText(at(holder, 'metadata', 'namespace')) ?? 'default';
    for (const entry of asList(ports)) {
      const called = asText(member(entry, 'name'));
      const port = called === '' ? null : called;
      const number = asInteger(member(entry, 'port'));
      const protocol = asText(member(entry, 'protocol')) ?? 'TCP';
      for (const text of addresses) {
        const key = `${protocol}/${canonicalAddress(text) ?? text}/${number ?? ''}`;
        put(this.byBackend, key, { namespace, name, port });
      }
    }
  }
}

function put(map: Map<string, ServiceReference[]>, key: string, service: ServiceReference): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [service]);
  else if (known.length < MOST_SERVICES && !known.some((other) => isSame(other, service))) known.push(service);
}

function isSame(a: ServiceReference, b: ServiceReference): boolean {
  return a.namespace === b.namespace && a.name === b.name && a.port === b.port;
}
