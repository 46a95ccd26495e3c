/**
 * Documents to snapshots: which of them were taken together, and when.
 *
 * The documents of one directory are one snapshot, unless it holds several Lists of pods: then each of these stands alone.
 * The instant is, in this order: what a file with nothing but a time says, in the same directory or the nearest one above;
 * the newest timestamp inside the objects (the snapshot is not older, and with node heartbeats hardly younger); the files'
 * modification time, which proves nothing, as copying changes it.
 */
import { dirname } from 'node:path';
import type { KubernetesDocument } from '../formats/documents.js';
import { type Instant, later } from '../instants.js';
import { groupBy } from '../multimap.js';
import type { Age } from '../formats/pods-table.js';

export interface DatedDocument extends KubernetesDocument {
  readonly path: string;
  readonly modified: Instant;
  /** For a table: ages of its pods, by index. */
  readonly ages: readonly (Age | null)[] | null;
}

export type InstantSource = 'stated' | 'newest inside' | 'modification time';

export interface Snapshot {
  readonly at: Instant;
  readonly source: InstantSource;
  readonly documents: readonly DatedDocument[];
}

export interface StatedTime {
  readonly path: string;
  readonly instant: Instant;
}

/** Files of one collection run are written within this time. */
const COLLECTION_SECONDS = 600;
/** A stated time this much older than what is inside must come from another clock. */
const CLOCK_TOLERANCE_SECONDS = 60;

export interface DatedSnapshots {
  /** Oldest first. */
  readonly snapshots: readonly Snapshot[];
  readonly warnings: readonly string[];
}

/** Groups and dates documents; the order in which they are given does not matter. */
export function dateSnapshots(documents: readonly DatedDocument[], stated: readonly StatedTime[]): DatedSnapshots {
  const warnings: string[] = [];
  const snapshots = groupDocuments(documents).map((group) => dateGroup(group, stated, warnings));
  snapshots.sort((a, b) => a.at - b.at || (a.documents[0]!.path < b.documents[0]!.path ? -1 : 1));
  return { snapshots, warnings };
}

function groupDocuments(documents: readonly DatedDocument[]): DatedDocument[][] {
  const byDirectory = groupBy(documents, ({ path }) => dirname(path));
  return [...byDirectory.values()].flatMap(splitByPodLists);
}

function isPodList(document: DatedDocument): boolean {
  return document.isComplete && document.ages === null && document.facts.pods.length > 0;
}

function splitByPodLists(group: DatedDocument[]): DatedDocument[][] {
  const lists = group.filter(isPodList);
  if (lists.length === 0) return [group];
  if (lists.length > 1) {
    const others = group.filter((document) => !isPodList(document));
    return [...lists.map((list) => [list]), ...(others.length > 0 ? [others] : [])];
  }
  const modified = lists[0]!.modified;
  const near = group.filter((document) => Math.abs(document.modified - modified) <= COLLECTION_SECONDS);
  const far = group.filter((document) => Math.abs(document.modified - modified) > COLLECTION_SECONDS);
  return far.length > 0 ? [near, far] : [near];
}

function dateGroup(documents: DatedDocument[], stated: readonly StatedTime[], warnings: string[]): Snapshot {
  let newest: Instant | null = null;
  for (const { facts } of documents) newest = later(newest, facts.newest);
  const statedAt = nearestStated(dirname(documents[0]!.path), stated);
  if (statedAt !== null && (newest === null || newest <= statedAt + CLOCK_TOLERANCE_SECONDS)) {
    return { at: statedAt, source: 'stated', documents };
  }
  if (newest !== null) {
    if (statedAt !== null) {
      warnings.push(
        `${dirname(documents[0]!.path)}: objects are newer than the snapshot's stated time; the newest object's time is used`,
      );
    }
    return { at: newest, source: 'newest inside', documents };
  }
  const modified = Math.max(...documents.map((document) => document.modified));
  const holdsOwners = documents.some(({ facts }) => facts.pods.length + facts.nodes.length + facts.services.length > 0);
  if (holdsOwners) {
    warnings.push(
      `${documents[0]!.path}: nothing says when this was taken; its modification time is only a guess, so owners from it are "assumed"`,
    );
  }
  return { at: modified, source: 'modification time', documents };
}

/** The time that a file in the directory, or in the nearest one above that has such a file, states. */
export function nearestStated(directory: string, stated: readonly StatedTime[]): Instant | null {
  for (let at = directory; ; at = dirname(at)) {
    const here = stated.filter(({ path }) => dirname(path) === at).map(({ instant }) => instant);
    if (here.length > 0) return Math.max(...here);
    if (dirname(at) === at) return null;
  }
}
