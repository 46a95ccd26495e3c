/**
 * The newest timestamp in a Kubernetes object: a snapshot that holds it cannot have been taken earlier.
 *
 * Looks at known places only, so that dates in annotations or certificates (which may lie in the future) do not count.
 * deletionTimestamp lies in the future by the grace period, which is subtracted: what is left is when deletion was asked for.
 */
import { asInteger, asList, member, type RawObject } from './guards.js';
import { type Instant, later, parseInstant } from '../instants.js';

const METADATA_TIMES = ['creationTimestamp'];
const STATUS_TIMES = ['startTime', 'completionTime'];
const LEASE_TIMES = ['renewTime'];
const EVENT_TIMES = ['lastTimestamp', 'eventTime'];
const EVENT_SERIES_TIMES = ['lastObservedTime'];
const MANAGED_FIELD_TIMES = ['time'];
const CONDITION_TIMES = ['lastTransitionTime', 'lastHeartbeatTime', 'lastProbeTime', 'lastUpdateTime'];
const CONTAINER_LISTS = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];
const CONTAINER_STATES = ['state', 'lastState'];
const RUNNING_TIMES = ['startedAt'];
const TERMINATED_TIMES = ['startedAt', 'finishedAt'];

/** Newest known-place timestamp of the object, or null if it has none. */
export function newestIn(object: RawObject): Instant | null {
  const metadata = member(object, 'metadata');
  const status = member(object, 'status');
  let newest = newestOf(metadata, METADATA_TIMES, deletionAskedFor(metadata));
  for (const field of asList(member(metadata, 'managedFields'))) newest = newestOf(field, MANAGED_FIELD_TIMES, newest);
  newest = newestOf(status, STATUS_TIMES, newest);
  for (const condition of asList(member(status, 'conditions'))) newest = newestOf(condition, CONDITION_TIMES, newest);
  for (const list of CONTAINER_LISTS) {
    for (const container of asList(member(status, list))) newest = newestOfContainer(container, newest);
  }
  newest = newestOf(member(object, 'spec'), LEASE_TIMES, newest);
  newest = newestOf(object, EVENT_TIMES, newest);
  return newestOf(member(object, 'series'), EVENT_SERIES_TIMES, newest);
}

/**
 * Since when the object's spec has been as it is: from its creation if it still is its first generation, else since the newest entry
 * of managedFields (each time it was written, by whomever); null if nothing says so.
 */
export function unchangedSince(object: RawObject): Instant | null {
  const metadata = member(object, 'metadata');
  const created = parseInstant(member(metadata, 'creationTimestamp'));
  if (created !== null && member(metadata, 'generation') === 1) return created;
  const writers = asList(member(metadata, 'managedFields')).filter(
    (field) => member(field, 'subresource') !== 'status',
  );
  return writers.reduce((newest: Instant | null, field) => newestOf(field, MANAGED_FIELD_TIMES, newest), null);
}

/** The newest of `newest` and the times that members of `holder` state. */
function newestOf(holder: unknown, keys: readonly string[], newest: Instant | null): Instant | null {
  let result = newest;
  for (const key of keys) result = later(result, parseInstant(member(holder, key)));
  return result;
}

function deletionAskedFor(metadata: unknown): Instant | null {
  const deadline = parseInstant(member(metadata, 'deletionTimestamp'));
  if (deadline === null) return null;
  return deadline - Math.max(0, asInteger(member(metadata, 'deletionGracePeriodSeconds')) ?? 0);
}

function newestOfContainer(container: unknown, newest: Instant | null): Instant | null {
  let result = newest;
  for (const key of CONTAINER_STATES) {
    const state = member(container, key);
    result = newestOf(member(state, 'running'), RUNNING_TIMES, result);
    result = newestOf(member(state, 'terminated'), TERMINATED_TIMES, result);
  }
  return result;
}
