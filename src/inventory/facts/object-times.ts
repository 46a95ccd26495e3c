/**
 * The newest timestamp in a Kubernetes object: a snapshot that holds it cannot have been taken earlier.
 *
 * Looks at known places only, so that dates in annotations or certificates (which may lie in the future) do not count.
 * deletionTimestamp lies in the future by the grace period, which is subtracted: what is left is when deletion was asked for.
 */
import { asInteger, asList, at, member, type RawObject } from './guards.js';
import { type Instant, later, parseInstant } from '../instants.js';

const CONDITION_TIMES = ['lastTransitionTime', 'lastHeartbeatTime', 'lastProbeTime', 'lastUpdateTime'];
const CONTAINER_LISTS = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'];
const SINGLE_PLACES = [
  ['metadata', 'creationTimestamp'],
  ['status', 'startTime'],
  ['status', 'completionTime'],
  ['spec', 'renewTime'],
  ['lastTimestamp'],
  ['eventTime'],
  ['series', 'lastObservedTime'],
];

/** Newest known-place timestamp of the object, or null if it has none. */
export function newestIn(object: RawObject): Instant | null {
  let newest: Instant | null = deletionAskedFor(object);
  for (const path of SINGLE_PLACES) newest = later(newest, parseInstant(at(object, ...path)));
  for (const field of asList(at(object, 'metadata', 'managedFields'))) {
    newest = later(newest, parseInstant(member(field, 'time')));
  }
  for (const condition of asList(at(object, 'status', 'conditions'))) {
    for (const key of CONDITION_TIMES) newest = later(newest, parseInstant(member(condition, key)));
  }
  for (const list of CONTAINER_LISTS) {
    for (const status of asList(at(object, 'status', list))) newest = later(newest, newestOfContainer(status));
  }
  return newest;
}

function deletionAskedFor(object: RawObject): Instant | null {
  const deadline = parseInstant(at(object, 'metadata', 'deletionTimestamp'));
  if (deadline === null) return null;
  return deadline - Math.max(0, asInteger(at(object, 'metadata', 'deletionGracePeriodSeconds')) ?? 0);
}

function newestOfContainer(status: unknown): Instant | null {
  let newest: Instant | null = null;
  for (const state of ['state', 'lastState']) {
    newest = later(newest, parseInstant(at(status, state, 'running', 'startedAt')));
    newest = later(newest, parseInstant(at(status, state, 'terminated', 'startedAt')));
    newest = later(newest, parseInstant(at(status, state, 'terminated', 'finishedAt')));
  }
  return newest;
}
