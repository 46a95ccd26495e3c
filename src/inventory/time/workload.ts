/**
 * The workload that a pod belongs to, as people name it: the Deployment rather than its ReplicaSet, the CronJob rather than
 * its Job. From the controllers' own objects if the inventory has them, else from the names that Kubernetes makes:
 * `DEPLOYMENT-HASH` with the hash in the pod's pod-template-hash label, and `CRONJOB-MINUTES` with minutes since 1970.
 */
import type { Workload } from '../../model/owner.js';
import type { ControllerReference, ControllerSighting, PodSighting } from '../facts/facts.js';
import type { Instant } from '../instants.js';

/** ReplicaSets and Jobs by uid and by kind, namespace and name. */
export type ControllerIndex = ReadonlyMap<string, ControllerSighting>;

export function indexControllers(controllers: Iterable<ControllerSighting>): ControllerIndex {
  const index = new Map<string, ControllerSighting>();
  for (const controller of controllers) {
    if (controller.uid !== null) index.set(controller.uid, controller);
    index.set(`${controller.kind}/${controller.namespace}/${controller.name}`, controller);
  }
  return index;
}

/** The workload of a pod; null if nothing tells. */
export function workloadOf(pod: PodSighting, controllers: ControllerIndex): Workload | null {
  const { controller } = pod;
  if (pod.fromTable) return guessFromName(pod.name);
  if (controller === null) return { kind: 'Pod', name: pod.name };
  if (controller.kind !== 'ReplicaSet' && controller.kind !== 'Job') return nameWorkload(controller);
  const known =
    controllers.get(controller.uid ?? '') ?? controllers.get(`${controller.kind}/${pod.namespace}/${controller.name}`);
  if (known !== undefined) return nameWorkload(known.controller ?? controller);
  return controller.kind === 'ReplicaSet' ? aboveReplicaSet(pod, controller) : aboveJob(pod, controller);
}

function nameWorkload({ kind, name }: ControllerReference): Workload {
  return { kind, name };
}

const TEMPLATE_HASH_LABELS = [
  ['pod-template-hash', 'Deployment'],
  ['rollouts-pod-template-hash', 'Rollout'],
] as const;

function aboveReplicaSet(pod: PodSighting, controller: ControllerReference): Workload {
  for (const [label, kind] of TEMPLATE_HASH_LABELS) {
    const hash = Object.hasOwn(pod.labels, label) ? pod.labels[label] : undefined;
    if (hash !== undefined && hash !== '' && controller.name.endsWith(`-${hash}`)) {
      return { kind, name: controller.name.slice(0, -hash.length - 1) };
    }
  }
  return nameWorkload(controller);
}

const SCHEDULE_TOLERANCE_SECONDS = 7 * 86_400;

/** The CronJob controller names a Job by its scheduled time in minutes; a number that is no such time is part of the name. */
function aboveJob(pod: PodSighting, controller: ControllerReference): Workload {
  const match = /^(.+)-(\d{7,9})$/.exec(controller.name);
  if (match === null || !isNear(Number(match[2]) * 60, pod.created)) return nameWorkload(controller);
  return { kind: 'CronJob', name: match[1]! };
}

function isNear(scheduled: Instant, created: Instant | null): boolean {
  return created !== null && Math.abs(created - scheduled) <= SCHEDULE_TOLERANCE_SECONDS;
}

/** Kubernetes makes random names from these letters only (k8s.io/apimachinery/pkg/util/rand). */
const DEPLOYMENT_POD = /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
const STATEFUL_SET_POD = /^(.+)-\d{1,5}$/;

function guessFromName(name: string): Workload | null {
  const deployment = DEPLOYMENT_POD.exec(name);
  if (deployment !== null) return { kind: 'Deployment', name: deployment[1]! };
  const statefulSet = STATEFUL_SET_POD.exec(name);
  return statefulSet === null ? null : { kind: 'StatefulSet', name: statefulSet[1]! };
}
