/**
 * The same object in several snapshots, put together: pods by uid, nodes by name, services by namespace and name.
 *
 * Also keeps, per snapshot, which Lists there were and whom they show, so that absence can be judged. Rows of
 * `kubectl get pods -o wide` have no uid: a row adds nothing where the same snapshot has the pod itself, else it is matched
 * with a known pod of that name and address, and only otherwise stands for a pod of its own.
 */
import type { NodeSighting, PodSighting, ServiceSighting } from '../facts/facts.js';
import type { Instant } from '../instants.js';
import { groupBy } from '../multimap.js';
import { Scope } from './scope.js';
import type { DatedDocument, Snapshot } from './snapshots.js';

/** One object in one snapshot. */
export interface Seen<T> {
  readonly at: Instant;
  /** False when only the modification time of the file is known. */
  readonly isDated: boolean;
  readonly sighting: T;
}

export interface History<T> {
  readonly key: string;
  /** Oldest first. */
  readonly seen: Seen<T>[];
}

/** A complete List of one kind: whom it shows, and what it would show. */
export interface Census {
  readonly at: Instant;
  readonly scope: Scope;
  readonly keys: ReadonlySet<string>;
}

export interface Kept<T> {
  /** In order of key. */
  readonly histories: readonly History<T>[];
  readonly censuses: readonly Census[];
}

/** The newest sighting; of pods the newest that is not a row of a table, if there is one. */
export function latest<T>(history: History<T>): T {
  const full = history.seen.filter(({ sighting }) => (sighting as { fromTable?: boolean }).fromTable !== true);
  const from = full.length > 0 ? full : history.seen;
  return from[from.length - 1]!.sighting;
}

export function nodeHistories(snapshots: readonly Snapshot[]): Kept<NodeSighting> {
  return keep(
    snapshots,
    ({ facts }) => facts.nodes,
    ({ name }) => name,
  );
}

export function serviceHistories(snapshots: readonly Snapshot[]): Kept<ServiceSighting> {
  return keep(
    snapshots,
    ({ facts }) => facts.services,
    ({ namespace, name }) => `${namespace}/${name}`,
  );
}

export function podKey({ uid, namespace, name }: PodSighting): string {
  return uid ?? `${namespace ?? ''}/${name}`;
}

export function podHistories(snapshots: readonly Snapshot[]): Kept<PodSighting> {
  const kept = keep(snapshots, ({ facts, ages }) => (ages === null ? facts.pods : []), podKey);
  return addTables(kept, snapshots);
}

function keep<T extends { readonly newest: Instant | null; readonly labels: Readonly<Record<string, string>> }>(
  snapshots: readonly Snapshot[],
  of: (document: DatedDocument) => readonly T[],
  keyOf: (sighting: T) => string,
): Kept<T> {
  const byKey = new Map<string, History<T>>();
  const censuses: Census[] = [];
  for (const snapshot of snapshots) {
    const isDated = snapshot.source !== 'modification time';
    const repeated = repeatedKeys(snapshot.documents.flatMap(of).map(keyOf));
    for (const document of snapshot.documents) {
      const sightings = of(document);
      for (const sighting of sightings) {
        const key = keyOf(sighting);
        // Versions of one object in one file (`--watch`) are each as old as their own newest timestamp.
        const at = repeated.has(key) && sighting.newest !== null ? Math.min(sighting.newest, snapshot.at) : snapshot.at;
        remember(byKey, key, { at, isDated, sighting });
      }
      if (isDated && document.isComplete && sightings.length > 0) {
        censuses.push({ at: snapshot.at, scope: new Scope(sightings), keys: new Set(sightings.map(keyOf)) });
      }
    }
  }
  return { histories: sortHistories(byKey), censuses };
}

function repeatedKeys(keys: readonly string[]): Set<string> {
  const once = new Set<string>();
  const repeated = new Set<string>();
  for (const key of keys) (once.has(key) ? repeated : once).add(key);
  return repeated;
}

function remember<T>(byKey: Map<string, History<T>>, key: string, seen: Seen<T>): void {
  const history = byKey.get(key);
  if (history === undefined) byKey.set(key, { key, seen: [seen] });
  else history.seen.push(seen);
}

function sortHistories<T>(byKey: Map<string, History<T>>): History<T>[] {
  for (const { seen } of byKey.values()) seen.sort((a, b) => a.at - b.at);
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function addTables(kept: Kept<PodSighting>, snapshots: readonly Snapshot[]): Kept<PodSighting> {
  const byKey = new Map(kept.histories.map((history) => [history.key, history]));
  const byName = groupBy(kept.histories, (history) => latest(history).name);
  for (const snapshot of snapshots) {
    for (const document of snapshot.documents) {
      if (document.ages !== null) addTable(document, snapshot, byKey, byName);
    }
  }
  return { histories: sortHistories(byKey), censuses: kept.censuses };
}

function addTable(
  document: DatedDocument,
  snapshot: Snapshot,
  byKey: Map<string, History<PodSighting>>,
  byName: ReadonlyMap<string, readonly History<PodSighting>[]>,
): void {
  const isDated = snapshot.source !== 'modification time';
  document.facts.pods.forEach((row, index) => {
    const namesakes = (byName.get(row.name) ?? []).filter(
      (history) => row.namespace === null || latest(history).namespace === row.namespace,
    );
    const isShownInFull = namesakes.some((history) =>
      history.seen.some(({ at, sighting }) => at === snapshot.at && !sighting.fromTable),
    );
    if (isShownInFull) return;
    const age = document.ages?.[index] ?? null;
    const isAged = isDated && age !== null;
    const created = isAged ? snapshot.at - age.lessThan : null;
    const runningSince = isAged && row.isRunning ? snapshot.at - age.atLeast : null;
    const sighting: PodSighting = { ...row, created, runningSince };
    const same = namesakes.filter((history) =>
      latest(history).addresses.some((address) => row.addresses.includes(address)),
    );
    const key = same.length === 1 ? same[0]!.key : `${podKey(row)}@${row.addresses.join(',')}`;
    remember(byKey, key, { at: snapshot.at, isDated, sighting });
  });
}
