/**
 * Pods grouped by workload, each group with a selector that selects its pods and, of all pods of the namespace, no others.
 *
 * Labels that belong to one rollout, one pod or one release (pod-template-hash and the like) are never used. Where the
 * labels that remain cannot tell two workloads apart, these become one group: a policy could not tell them apart either.
 */
import type { Cluster, Pod } from '../cluster.js';
import { labelOf, meets, type Requirement, type Selector } from '../selector.js';

export interface PodGroup {
  readonly namespace: string;
  /** `Deployment/web`, `Pod/debug`; several where their labels do not differ. */
  readonly workloads: readonly string[];
  readonly pods: readonly Pod[];
  readonly selector: Selector;
}

/** Set by controllers for one rollout, one pod, one run or one release. */
const VOLATILE_LABELS = new Set([
  'pod-template-hash',
  'pod-template-generation',
  'controller-revision-hash',
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-completion-index',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'app.kubernetes.io/version',
  'app.kubernetes.io/managed-by',
  'helm.sh/chart',
]);

/** What people name workloads by, best first (kubernetes.io, Recommended Labels); others follow by alphabet. */
const PREFERRED_LABELS = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/component',
  'app.kubernetes.io/instance',
  'app',
  'k8s-app',
  'component',
  'name',
  'run',
  'role',
  'tier',
];

/** Groups of all pods that policies bind, so without hostNetwork pods; by namespace and name. */
export function groupPods({ pods }: Cluster): PodGroup[] {
  const namespaces = new Map<string, Map<string, Pod[]>>();
  for (const pod of pods) {
    if (pod.hostNetwork) continue;
    let workloads = namespaces.get(pod.namespace);
    if (workloads === undefined) namespaces.set(pod.namespace, (workloads = new Map<string, Pod[]>()));
    const workload = pod.workload ?? `Pod/${pod.name}`;
    const known = workloads.get(workload);
    if (known === undefined) workloads.set(workload, [pod]);
    else known.push(pod);
  }
  return [...namespaces]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([namespace, workloads]) => separateGroups(namespace, workloads));
}

/** A group before it is known what tells it apart. */
interface Bunch {
  readonly workloads: readonly string[];
  readonly pods: readonly Pod[];
}

function separateGroups(namespace: string, workloads: ReadonlyMap<string, readonly Pod[]>): PodGroup[] {
  const all = [...workloads.values()].flat();
  let open: Bunch[] = [...workloads].map(([workload, pods]) => ({ workloads: [workload], pods }));
  const groups: PodGroup[] = [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const bunch = next;
    const { selector, alsoSelected } = separate(bunch.pods, all);
    if (alsoSelected.length === 0) {
      groups.push({ namespace, ...bunch, selector });
      continue;
    }
    const isMeant = ({ pods }: Bunch): boolean => pods.some((pod) => alsoSelected.includes(pod));
    const merged = [bunch, ...open.filter(isMeant), ...groups.filter(isMeant)];
    open = open.filter((other) => !isMeant(other));
    for (const group of groups.filter(isMeant)) groups.splice(groups.indexOf(group), 1);
    open.push({
      workloads: merged.flatMap((part) => part.workloads).sort(),
      pods: merged.flatMap(({ pods }) => pods),
    });
  }
  return groups.sort((a, b) => ((a.workloads[0] ?? '') < (b.workloads[0] ?? '') ? -1 : 1));
}

/** The shortest selector that its labels give, and which other pods it selects nevertheless. */
function separate(pods: readonly Pod[], all: readonly Pod[]): { selector: Selector; alsoSelected: readonly Pod[] } {
  const selector: Requirement[] = [];
  const own = new Set(pods);
  let others = all.filter((pod) => !own.has(pod));
  const narrow = (requirement: Requirement): void => {
    const left = others.filter(({ labels }) => meets(labels, requirement));
    if (left.length === others.length && selector.length > 0) return;
    selector.push(requirement);
    others = left;
  };
  for (const [key, value] of commonLabels(pods)) {
    if (selector.length === 0 || others.length > 0) narrow({ key, operator: 'In', values: [value] });
  }
  for (const key of others.length === 0 ? [] : foreignKeys(pods, others)) {
    narrow({ key, operator: 'DoesNotExist', values: [] });
  }
  return { selector, alsoSelected: others };
}

/** Labels that all the pods have with the same value, the preferred ones first. */
function commonLabels(pods: readonly Pod[]): [string, string][] {
  const [first] = pods;
  if (first === undefined) return [];
  return Object.entries(first.labels)
    .filter(([key, value]) => !VOLATILE_LABELS.has(key) && pods.every(({ labels }) => labelOf(labels, key) === value))
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function rank(key: string): number {
  const at = PREFERRED_LABELS.indexOf(key);
  return at < 0 ? PREFERRED_LABELS.length : at;
}

/** Keys that some of the others have and none of the pods. */
function foreignKeys(pods: readonly Pod[], others: readonly Pod[]): string[] {
  const keys = new Set(others.flatMap(({ labels }) => Object.keys(labels)));
  return [...keys]
    .filter((key) => !VOLATILE_LABELS.has(key) && pods.every(({ labels }) => labelOf(labels, key) === null))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
