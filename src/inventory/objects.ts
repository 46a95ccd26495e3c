/** Raw objects for the floors above (policies, services): the newest version of each, in a fixed order. */
import { asText, at } from './facts/guards.js';
import type { InventoryObjects } from './inventory.js';
import type { DatedDocument } from './time/snapshots.js';
import type { OwnerPool } from './owners.js';
import { policyObjectKey } from './time/changes.js';
import type { NodeRecord, PodRecord } from './time/records.js';

/** `documents` are those of all snapshots, oldest first; `changes` what they say of objects that changed. */
export function collectObjects(
  documents: readonly DatedDocument[],
  nodes: Iterable<NodeRecord>,
  pods: readonly PodRecord[],
  pool: OwnerPool,
  changes: InventoryObjects['changes'],
): InventoryObjects {
  const facts = documents.map((document) => document.facts);
  return {
    pods: pods.map(({ subject, latest }) => ({
      owner: pool.owner(subject, 'observed', ''),
      addresses: latest.addresses,
      nodeAddresses: latest.nodeAddresses,
      ended: latest.ended,
      ports: latest.ports,
    })),
    nodes: Array.from(nodes, ({ name, subject, addresses }) => {
      return { name, labels: subject.labels, addresses: [...addresses.keys()] };
    }),
    policies: newestOfEach(
      documents.flatMap(({ path, facts: { policies } }) => policies.map(({ object }) => ({ path, object }))),
      policyObjectKey,
    ),
    changes,
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
