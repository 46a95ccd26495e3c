/**
 * Traffic to pods that are gone: sent to an address after its pod had lost it. Stale entries of connection tracking do that
 * (kubernetes/kubernetes#59033, #125467: UDP above all), clients that keep an address, and connections that outlive their server.
 *
 * Only what is sure counts: packets from after the time by which the pod surely had lost its address. In between, the owner
 * itself says that it is not certain.
 */
import { formatInstant, formatInstantExactly, type Instant } from '../inventory/instants.js';
import type { FormerPod } from '../inventory/inventory.js';
import type { Leftover, ServiceReference } from '../model/document.js';
import type { Owner, OwnerReference } from '../model/owner.js';
import type { SeenTime } from './known-translations.js';
import type { OwnerResolver } from './owner-resolver.js';
import type { Services } from './services.js';
import type { End } from './translation.js';

/** Kubernetes knows times to the second: the end of a pod is not told more exactly than this. */
const EXACT_SECONDS = 2;

/** What is left over of a connection whose server is `server`; `service` is the Service whose translation led there. */
export function leftoverOf(
  server: End,
  service: ServiceReference | null,
  { start, end }: SeenTime,
  owners: OwnerResolver,
  services: Services,
): Leftover | null {
  const { owner } = server;
  if (owner.kind !== 'pod' && owner.kind !== 'unknown') return null;
  const address = owners.text(server.address);
  const before = owners.inventory.formerPod(address, start);
  if (owner.kind === 'unknown') return before === null ? null : describe(address, before, null, service);
  // The pod that had it when the connection began went away during it.
  const since = owners.inventory.formerPod(address, end);
  if (since !== null && isPod(owner, since.pod)) {
    const successor = owners.inventory.tenureOf(address, end, owner.node).owner;
    return describe(address, since, isNamedPod(successor) ? successor : null, service);
  }
  // Another pod has it already, but the Service meant the one before.
  if (before === null || service === null || !isNamedPod(owner)) return null;
  if (services.selects(service, before.pod) !== true || services.selects(service, owner) !== false) return null;
  return describe(address, before, owner, service);
}

function isPod(owner: Owner, pod: OwnerReference): boolean {
  return owner.namespace === pod.namespace && owner.name === pod.name && owner.uid === pod.uid;
}

function isNamedPod(owner: Owner): owner is Owner & { readonly name: string } {
  return owner.kind === 'pod' && owner.name !== null;
}

function describe(
  address: string,
  { pod, certainUntil, until }: FormerPod,
  successor: (Owner & { readonly name: string }) | null,
  service: ServiceReference | null,
): Leftover {
  const has = successor === null ? 'nobody is known to have it since' : `${nameOf(successor)} has it now`;
  const led =
    service === null ? '' : `, and the translation of Service ${service.namespace}/${service.name} still led there`;
  return {
    pod,
    until: formatInstantExactly(until),
    successor:
      successor === null
        ? null
        : { kind: 'pod', namespace: successor.namespace, name: successor.name, uid: successor.uid },
    isTranslated: service !== null,
    text: `sent to ${address}, which belonged to ${nameOf(pod)} until ${when(certainUntil, until)}; ${has}${led}`,
  };
}

function nameOf({ namespace, name }: { readonly namespace: string | null; readonly name: string }): string {
  return namespace === null ? name : `${namespace}/${name}`;
}

function when(from: Instant, until: Instant): string {
  if (until - from < EXACT_SECONDS || from === -Infinity) return formatInstant(until);
  return `some time between ${formatInstant(from)} and ${formatInstant(until)}`;
}
