/** Raw objects for the floors above (policies, services): the newest version of each, in a fixed order. */
import type { KubernetesFacts } from './facts/facts.js';
import { asText, at } from './facts/guards.js';
import type { InventoryObjects } from './inventory.js';
import type { OwnerPool } from './owners.js';
import type { PodRecord } from './time/records.js';

/** `facts` are those of all snapshots, oldest first. */
export function collectObjects(
  facts: readonly KubernetesFacts[],
  pods: readonly PodRecord[],
  pool: OwnerPool,
): InventoryObjects {
  return {
    pods: pods.map(({ subject, latest }) => ({ owner: pool.owner(subject, 'observed', ''), ports: latest.ports })),
    services: newestOfEach(facts.flatMap(({ services }) => services.map(({ raw }) => raw))),
    endpointSlices: newestOfEach(facts.flatMap(({ endpointSlices }) => endpointSlices)),
    endpoints: newestOfEach(facts.flatMap(({ endpoints }) => endpoints)),
    networkPolicies: newestOfEach(facts.flatMap(({ networkPolicies }) => networkPolicies)),
    namespaces: newestOfEach(
      facts.flatMap(({ namespaces }) => namespaces),
      ({ name }) => name,
    ),
  };
}

function namespacedName(object: unknown): string {
  return `${asText(at(object, 'metadata', 'namespace')) ?? ''}/${asText(at(object, 'metadata', 'name')) ?? ''}`;
}

function newestOfEach<T>(objects: readonly T[], keyOf: (object: T) => string = namespacedName): T[] {
  const byKey = new Map<string, T>();
  for (const object of objects) byKey.set(keyOf(object), object);
  return [...byKey].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, object]) => object);
}
