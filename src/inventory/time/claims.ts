/**
 * Histories to lifespans: the rules by which Kubernetes objects prove who had an address when.
 *
 * Pods: not before startTime; surely since a container runs, up to each snapshot that shows it alive; until finishedAt once
 * ended (status.podIP stays set, kubernetes/kubernetes#109414). Gone by the first later List that should show it and does
 * not; by the creation of another pod of the same name, because names are unique; and, when being deleted, some time after
 * deletionTimestamp (which already includes the grace period).
 */
import type { PodSighting } from '../facts/facts.js';
import type { Census, History, Seen } from './histories.js';
import { CLOCK_GRANULARITY, formatInstant, type Instant, later } from '../instants.js';
import { hasCertainPart, type Lifespan, LifespanBuilder } from './lifespan.js';
import type { Subject } from '../owners.js';

/** One subject's hold on one address. */
export interface Claim {
  readonly subject: Subject;
  readonly span: Lifespan;
  /** When the subject was created, for sentences. */
  readonly created: Instant | null;
  /** Why it is never more than assumed; null for claims with evidence. */
  readonly assumption: string | null;
}

/** Kubelets kill what outlives the grace period, but not to the second. */
const MIN_DELETION_MARGIN_SECONDS = 30;

/** When the pod had `address`, or for null when it was there at all. `replaced` is the creation of the next pod of its name. */
export function podLifespan(
  history: History<PodSighting>,
  address: string | null,
  censuses: readonly Census[],
  replaced: Instant | null,
): Lifespan {
  const builder = new LifespanBuilder();
  const shows = ({ sighting }: Seen<PodSighting>): boolean => address === null || sighting.addresses.includes(address);
  const showing = history.seen.filter(shows);
  for (const seen of showing) addSighting(builder, seen);
  for (const seen of history.seen) if (seen.isDated && !shows(seen)) addOtherAddress(builder, seen);
  addDeletion(builder, showing);
  addAbsence(builder, history, podCreated(history), censuses);
  if (replaced !== null) {
    builder.notAfter(
      replaced + CLOCK_GRANULARITY,
      `another pod of this name was created at ${formatInstant(replaced)}`,
    );
  }
  return builder.build();
}

/** Creation as any sighting states it. */
export function podCreated(history: History<PodSighting>): Instant | null {
  let created: Instant | null = null;
  for (const { sighting } of history.seen) created = later(created, sighting.created);
  return created;
}

function addSighting(builder: LifespanBuilder, { at, isDated, sighting }: Seen<PodSighting>): void {
  builder.notBefore(later(sighting.created, sighting.started));
  if (sighting.ended) return addEndedPod(builder, at, isDated, sighting);
  if (!isDated) return;
  builder.seen(at);
  builder.certain(Math.min(heldSince(sighting) ?? at, at), at);
}

/** Since when a pod that is shown with an address surely has it; null if only the snapshot itself tells. */
function heldSince({ runningSince, isRunning, created, started }: PodSighting): Instant | null {
  if (runningSince !== null || !isRunning) return runningSince;
  const start = later(created, started);
  return start === null ? null : start + CLOCK_GRANULARITY;
}

function addEndedPod(builder: LifespanBuilder, at: Instant, isDated: boolean, sighting: PodSighting): void {
  const { finished, runningSince } = sighting;
  if (finished === null) {
    if (isDated) builder.notAfter(at, `it had ended by ${formatInstant(at)}`);
    return;
  }
  if (runningSince !== null && runningSince <= finished) builder.certain(runningSince, finished);
  builder.notAfter(finished + CLOCK_GRANULARITY, `its containers ended at ${formatInstant(finished)}`);
}

/** The same pod with other addresses, or with none yet. */
function addOtherAddress(builder: LifespanBuilder, { at, sighting }: Seen<PodSighting>): void {
  if (at < builder.certainFrom && at <= builder.certainUntil) builder.notBefore(at);
  else if (at > builder.certainUntil && sighting.addresses.length > 0) {
    builder.notAfter(at, `it had another address by ${formatInstant(at)}`);
  }
}

function addDeletion(builder: LifespanBuilder, showing: readonly Seen<PodSighting>[]): void {
  const last = showing[showing.length - 1];
  if (last === undefined || last.sighting.deletion === null || last.sighting.ended) return;
  const { deadline, graceSeconds } = last.sighting.deletion;
  const margin = Math.max(graceSeconds, MIN_DELETION_MARGIN_SECONDS);
  builder.notAfter(
    Math.max(deadline, last.at) + margin,
    `it was being deleted when last seen (${formatInstant(last.at)})`,
  );
}

function addAbsence<T extends { readonly labels: Readonly<Record<string, string>> }>(
  builder: LifespanBuilder,
  history: History<T>,
  created: Instant | null,
  censuses: readonly Census[],
): void {
  const newest = history.seen[history.seen.length - 1]!.sighting;
  const dated = history.seen.filter(({ isDated }) => isDated).map(({ at }) => at);
  const firstSeen = Math.min(...dated);
  const lastSeen = Math.max(...dated);
  for (const census of censuses) {
    if (census.keys.has(history.key) || !census.scope.covers(newest)) continue;
    // Times of creation are whole seconds: in the second of its creation a List may still lack it.
    const existed = (created !== null && created + CLOCK_GRANULARITY <= census.at) || firstSeen < census.at;
    if (existed && census.at > lastSeen && census.at > builder.certainUntil) {
      const seen = lastSeen === -Infinity ? '' : `, last seen ${formatInstant(lastSeen)}`;
      builder.notAfter(census.at, `it was gone in the snapshot of ${formatInstant(census.at)}${seen}`);
    } else if (!existed && census.at < builder.certainFrom && census.at < lastSeen) {
      builder.notBefore(census.at);
    }
  }
}

/** When a node or service existed: from creation on, up to each snapshot that shows it. */
export function objectLifespan<
  T extends { readonly created: Instant | null; readonly labels: Readonly<Record<string, string>> },
>(
  history: History<T>,
  shows: (sighting: T) => boolean,
  censuses: readonly Census[],
  existsBeforeCreation: boolean,
): Lifespan {
  const builder = new LifespanBuilder();
  for (const { at, isDated, sighting } of history.seen) {
    if (!shows(sighting)) continue;
    const { created } = sighting;
    if (!existsBeforeCreation) builder.notBefore(created);
    if (!isDated) continue;
    builder.seen(at);
    builder.certain(created === null ? at : Math.min(created + CLOCK_GRANULARITY, at), at);
  }
  for (const { at, isDated, sighting } of history.seen) {
    if (!isDated || shows(sighting)) continue;
    if (at > builder.certainUntil) builder.notAfter(at, `it had other addresses by ${formatInstant(at)}`);
    else if (at < builder.certainFrom) builder.notBefore(at);
  }
  addAbsence(builder, history, history.seen[0]!.sighting.created, censuses);
  return builder.build();
}

/**
 * An address has one owner at a time: what was certainly another's before or after bounds what is only possible.
 * Spans whose certain parts overlap contradict each other and are left alone.
 */
export function excludeEachOther(claims: readonly Claim[]): Claim[] {
  if (claims.length < 2) return [...claims];
  const certain = claims.map(({ span }) => span).filter(hasCertainPart);
  const starts = Float64Array.from(certain, ({ certainFrom }) => certainFrom).sort();
  const ends = Float64Array.from(certain, ({ certainUntil }) => certainUntil).sort();
  return claims.map((claim) => {
    const { span } = claim;
    if (!hasCertainPart(span)) return claim;
    const next = starts[countBelow(starts, span.certainUntil)] ?? Infinity;
    const previous = ends[countUpTo(ends, span.certainFrom) - 1] ?? -Infinity;
    const possibleFrom = Math.max(span.possibleFrom, previous);
    const possibleUntil = Math.min(span.possibleUntil, next);
    return { ...claim, span: { ...span, possibleFrom, possibleUntil } };
  });
}

/** Number of elements of a sorted array that are less than `value`. */
function countBelow(sorted: Float64Array, value: number): number {
  return partitionPoint(sorted, (element) => element < value);
}

/** Number of elements of a sorted array that are not greater than `value`. */
function countUpTo(sorted: Float64Array, value: number): number {
  return partitionPoint(sorted, (element) => element <= value);
}

function partitionPoint(sorted: Float64Array, isBefore: (element: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
