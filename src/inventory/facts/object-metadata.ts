/** Parts of `metadata` that every kind of Kubernetes object shares (API reference: ObjectMeta v1). */
import type { ControllerReference } from './facts.js';
import { asList, asObject, asText, at, member, type RawObject } from './guards.js';

/** metadata.name, or null. */
export function nameOf(object: RawObject): string | null {
  return asText(at(object, 'metadata', 'name'));
}

/** The owner reference with `controller: true`, or null. */
export function controllerOf(object: RawObject): ControllerReference | null {
  for (const reference of asList(at(object, 'metadata', 'ownerReferences'))) {
    const kind = asText(member(reference, 'kind'));
    const name = asText(member(reference, 'name'));
    if (member(reference, 'controller') === true && kind !== null && name !== null) {
      return { kind, name, uid: asText(member(reference, 'uid')) };
    }
  }
  return null;
}

/** The object without managedFields, which is often half of it and serves nothing here. */
export function withoutManagedFields(object: RawObject): RawObject {
  const metadata = asObject(member(object, 'metadata'));
  if (metadata === null || !Object.hasOwn(metadata, 'managedFields')) return object;
  const { managedFields: _dropped, ...rest } = metadata;
  return { ...object, metadata: rest };
}
