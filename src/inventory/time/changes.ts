/**
 * What snapshots say of objects that change: policies, and the labels of pods and namespaces.
 *
 * A sighting says how an object was at an instant, or that it was not there. Between two sightings that differ nobody knows when
 * it changed; before the first and after the last it is taken to have been as then. A policy's creationTimestamp is a sighting of
 * its absence just before, and metadata.generation 1 (or managedFields) tells since when it has been as it is (ObjectMeta v1).
 * Snapshots that do not say when they were taken add only what they show last.
 */
import type { PolicyFacts } from '../facts/facts.js';
import { asObject, asText, at } from '../facts/guards.js';
import { CLOCK_GRANULARITY, type Instant, parseInstant } from '../instants.js';
import type { Labels, ObjectHistory, ObjectSighting, PolicyVersion } from '../inventory.js';
import { append, groupBy } from '../multimap.js';
import type { History } from './histories.js';
import type { PodSighting } from '../facts/facts.js';
import { Scope } from './scope.js';
import type { DatedDocument, Snapshot } from './snapshots.js';

/** `NetworkPolicy shop/web`: unique in a cluster. */
export function policyObjectKey({ object }: Pick<PolicyVersion, 'object'>): string {
  const name = (member: string): string => asText(at(object, 'metadata', member)) ?? '';
  return `${asText(at(object, 'kind')) ?? ''} ${name('namespace')}/${name('name')}`;
}

/** Policies that changed, came or went; those that were always the same are left out. */
export function policyChanges(snapshots: readonly Snapshot[]): ObjectHistory<PolicyVersion>[] {
  const sightings = new Map<string, ObjectSighting<PolicyVersion>[]>();
  const undated = new Map<string, PolicyItem>();
  const censuses: PolicyCensus[] = [];
  for (const snapshot of snapshots) {
    const items = snapshot.documents.flatMap(policyItems);
    const isDated = saysWhen(snapshot);
    for (const item of items) {
      if (!isDated) undated.set(item.key, item);
      else {
        undated.delete(item.key);
        see(sightings, item, snapshot.at);
      }
    }
    if (isDated) censuses.push(...censusesOf(snapshot, items));
  }
  for (const item of undated.values()) see(sightings, item, Infinity);
  for (const [key, seen] of sightings) addAbsences(key, seen, censuses);
  return differing(sightings, (version) => content(version.object));
}

/** Labels of pods, by uid, and of namespaces, by name, that changed. */
export function labelChanges(
  snapshots: readonly Snapshot[],
  pods: readonly History<PodSighting>[],
): { readonly pods: ObjectHistory<Labels>[]; readonly namespaces: ObjectHistory<Labels>[] } {
  const ofPods = new Map<string, ObjectSighting<Labels>[]>();
  for (const { seen } of pods) {
    for (const { at: instant, isDated, sighting } of seen) {
      if (!isDated || sighting.fromTable || sighting.uid === null) continue;
      append(ofPods, sighting.uid, { at: instant, value: sighting.labels });
    }
  }
  const ofNamespaces = new Map<string, ObjectSighting<Labels>[]>();
  for (const snapshot of snapshots.filter(saysWhen)) {
    for (const { name, labels } of snapshot.documents.flatMap(({ facts }) => facts.namespaces)) {
      append(ofNamespaces, name, { at: snapshot.at, value: labels });
    }
  }
  return { pods: differing(ofPods, sortedText), namespaces: differing(ofNamespaces, sortedText) };
}

interface PolicyItem extends PolicyFacts {
  readonly key: string;
  readonly path: string;
}

function policyItems({ path, facts }: DatedDocument): PolicyItem[] {
  return facts.policies.map((policy) => ({ ...policy, path, key: policyObjectKey(policy) }));
}

/** Of policies alone the newest timestamp inside may be years old: pods and nodes change all the time. */
function saysWhen({ source, documents }: Snapshot): boolean {
  if (source === 'stated') return true;
  return source === 'newest inside' && documents.some(({ facts }) => facts.pods.length + facts.nodes.length > 0);
}

function see(all: Map<string, ObjectSighting<PolicyVersion>[]>, item: PolicyItem, instant: Instant): void {
  const { key, path, object, since } = item;
  const seen = all.get(key) ?? [];
  all.set(key, seen);
  const value = { path, object };
  const created = parseInstant(at(object, 'metadata', 'creationTimestamp'));
  const isNew = (when: Instant): boolean => when < instant && when > (seen.at(-1)?.at ?? -Infinity);
  const isFirst = seen.length === 0;
  if (created !== null && isNew(created)) seen.push({ at: created, value: null });
  // Where nothing tells since when it has been so, it is taken to have been so from the start, as for all that no snapshot shows.
  const start = since ?? (isFirst ? created : null);
  if (start !== null && isNew(start + CLOCK_GRANULARITY)) seen.push({ at: start + CLOCK_GRANULARITY, value });
  seen.push({ at: instant, value });
}

/** A complete List of policies: which it shows, and which it would show. */
interface PolicyCensus {
  readonly at: Instant;
  readonly kind: string;
  readonly keys: ReadonlySet<string>;
  readonly scope: Scope;
}

function censusesOf(snapshot: Snapshot, items: readonly PolicyItem[]): PolicyCensus[] {
  const keys = new Set(items.map(({ key }) => key));
  return snapshot.documents
    .filter(({ isComplete }) => isComplete)
    .flatMap((document) => [...groupBy(policyItems(document), kindOf)])
    .map(([kind, ofKind]) => ({ at: snapshot.at, kind, keys, scope: new Scope(ofKind.map(selectable)) }));
}

function kindOf({ key }: PolicyItem): string {
  return key.slice(0, key.indexOf(' '));
}

function selectable({ object }: PolicyVersion): { namespace: string | null; labels: Labels } {
  const labels = asObject(at(object, 'metadata', 'labels')) ?? {};
  return { namespace: asText(at(object, 'metadata', 'namespace')), labels: labels as Labels };
}

function addAbsences(key: string, seen: ObjectSighting<PolicyVersion>[], censuses: readonly PolicyCensus[]): void {
  const shown = seen.findLast(({ value }) => value !== null)?.value;
  if (shown === undefined || shown === null) return;
  for (const census of censuses) {
    const isOfKind = key.startsWith(`${census.kind} `);
    if (isOfKind && !census.keys.has(key) && census.scope.covers(selectable(shown))) {
      seen.push({ at: census.at, value: null });
    }
  }
  seen.sort((a, b) => a.at - b.at);
}

/** Histories in which not all sightings say the same; of equal values the newest stands for all. */
function differing<T>(
  all: ReadonlyMap<string, readonly ObjectSighting<T>[]>,
  textOf: (value: T) => string,
): ObjectHistory<T>[] {
  const histories: ObjectHistory<T>[] = [];
  for (const [key, seen] of all) {
    if (seen.length < 2) continue;
    const newest = new Map<string, T>();
    for (const { value } of seen) if (value !== null) newest.set(textOf(value), value);
    const sightings = seen.map(({ at: instant, value }) => {
      return { at: instant, value: value === null ? null : (newest.get(textOf(value)) ?? value) };
    });
    if (sightings.some(({ value }) => value !== sightings[0]!.value)) histories.push({ key, sightings });
  }
  return histories.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** What of a policy decides: its kind and its spec. */
function content(object: unknown): string {
  return `${asText(at(object, 'apiVersion')) ?? ''} ${JSON.stringify(at(object, 'spec'))}`;
}

function sortedText(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort((a, b) => (a[0] < b[0] ? -1 : 1)));
}
