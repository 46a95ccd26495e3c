/**
 * Which connections the report shows: by namespace, pod and time, then the N with the most bytes. A connection is shown whole or
 * not at all. Columns in, columns out.
 */
import { addNanoseconds, compareTimestamps, type Timestamp } from '../base/time.js';
import type { Owner } from '../model/owner.js';
import { leastOfLargest } from './largest.js';
import type { Selection, TimeBound } from './request.js';

const SECONDS_PER_DAY = 86_400;

/** What selection asks of a connection. */
export interface Selectable {
  readonly length: number;
  client(index: number): Owner;
  server(index: number): Owner;
  start(index: number): Timestamp;
  end(index: number): Timestamp;
  bytes(index: number): number;
}

/** Indexes of the connections that namespaces, pods and times select, in order. `latest` is the captures' last moment. */
export function selectConnections(all: Selectable, selection: Selection, latest: Timestamp | null): Int32Array {
  const since = latest === null ? null : resolveBound(selection.since, latest);
  const until = latest === null ? null : resolveBound(selection.until, latest);
  const pods = selection.pods.map(podMatcher);
  const namespaces = new Set(selection.namespaces);
  const isAll = since === null && until === null && pods.length === 0 && namespaces.size === 0;
  const selected = new Int32Array(all.length);
  let count = 0;
  for (let index = 0; index < all.length; index++) {
    if (!isAll) {
      if (since !== null && compareTimestamps(all.end(index), since) < 0) continue;
      if (until !== null && compareTimestamps(all.start(index), until) > 0) continue;
      if (pods.length > 0 || namespaces.size > 0) {
        const owners = [all.client(index), all.server(index)];
        if (namespaces.size > 0 && !owners.some((owner) => isInNamespace(owner, namespaces))) continue;
        if (pods.length > 0 && !owners.some((owner) => pods.some((matches) => isPod(owner, matches)))) continue;
      }
    }
    selected[count++] = index;
  }
  return selected.slice(0, count);
}

/** The `top` connections of `selected` with the most bytes, in the order they stand in. */
export function selectTop(all: Selectable, selected: Int32Array, top: number | null): Int32Array {
  if (top === null || selected.length <= top) return selected;
  const bytes = new Float64Array(selected.length);
  for (let position = 0; position < selected.length; position++) bytes[position] = all.bytes(selected[position]!);
  const least = leastOfLargest(bytes, top);
  let ties = top;
  for (let position = 0; position < bytes.length; position++) if (bytes[position]! > least) ties--;
  const shown = new Int32Array(top);
  let count = 0;
  for (let position = 0; position < bytes.length; position++) {
    const isShown = bytes[position] === least ? ties-- > 0 : bytes[position]! > least;
    if (isShown) shown[count++] = selected[position]!;
  }
  return shown;
}

/** The moment that a bound means, given the captures' last one. */
export function resolveBound(bound: TimeBound | null, latest: Timestamp): Timestamp | null {
  if (bound === null) return null;
  switch (bound.kind) {
    case 'absolute':
      return bound.time;
    case 'before-end':
      return addNanoseconds(latest, -bound.nanoseconds);
    case 'time-of-day': {
      const day = Math.floor(latest.seconds / SECONDS_PER_DAY) * SECONDS_PER_DAY;
      const seconds = day + bound.secondsOfDay;
      return { seconds: seconds <= latest.seconds ? seconds : seconds - SECONDS_PER_DAY, nanoseconds: 0 };
    }
  }
}

interface PodMatcher {
  readonly namespace: string | null;
  readonly name: string;
  readonly isPrefix: boolean;
}

function podMatcher(text: string): PodMatcher {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  const isPrefix = name.endsWith('*');
  return { namespace: slash < 0 ? null : text.slice(0, slash), name: isPrefix ? name.slice(0, -1) : name, isPrefix };
}

function isPod(owner: Owner, matcher: PodMatcher): boolean {
  return [owner, ...owner.candidates].some(({ kind, namespace, name }) => {
    if (kind !== 'pod' || name === null) return false;
    if (matcher.namespace !== null && namespace !== matcher.namespace) return false;
    return matcher.isPrefix ? name.startsWith(matcher.name) : name === matcher.name;
  });
}

function isInNamespace(owner: Owner, namespaces: ReadonlySet<string>): boolean {
  return [owner, ...owner.candidates].some(({ namespace }) => namespace !== null && namespaces.has(namespace));
}
