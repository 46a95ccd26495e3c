/**
 * Policies and labels in time: which versions were in force at an instant, as far as snapshots tell (NETWORKPOLICY.md 1.7).
 *
 * Time is cut where something changed into epochs. In an epoch the cluster was either known, or somewhere between what two
 * snapshots show: then there are two worlds, and a verdict stands only if it is the same in both.
 */
import { formatInstant, type Instant, instantOf } from '../inventory/instants.js';
import type { Inventory, ObjectHistory, ObjectSighting } from '../inventory/inventory.js';
import type { Timestamp } from '../base/time.js';
import { Cluster, type ClusterFacts } from './cluster.js';
import { PolicyEvaluator } from './evaluate.js';
import { PolicyExplainer } from './explain.js';
import { clusterFactsOf } from './from-inventory.js';
import type { PolicyOptions } from './options.js';
import { type Policy, policyKey } from './policy.js';
import type { Labels } from './selector.js';

/** A policy's versions; `key` is its policyKey. */
export type PolicyHistory = ObjectHistory<Policy>;

/** The cluster and its policies, as they were once. */
export class World {
  readonly evaluator: PolicyEvaluator;
  private known: PolicyExplainer | null = null;

  constructor(evaluator: PolicyEvaluator) {
    this.evaluator = evaluator;
  }

  get explainer(): PolicyExplainer {
    return (this.known ??= new PolicyExplainer(this.evaluator));
  }
}

/** What may have been in force in an epoch: the same world twice where that is known. */
export interface Epoch {
  readonly before: World;
  readonly after: World;
  /** `between 2026-11-24T10:00:00Z and 2026-11-24T11:00:00Z`; empty where nothing changed. */
  readonly when: string;
}

/** Worlds that are kept; others are made again when they are asked for. */
const MAX_WORLDS = 32;

export class PolicyTimeline {
  /** The newest state: what a proposal is compared with. */
  readonly newest: World;
  private readonly facts: ClusterFacts;
  private readonly constant: readonly Policy[];
  private readonly policies: readonly PolicyHistory[];
  private readonly podLabels: readonly ObjectHistory<Labels>[];
  private readonly namespaceLabels: readonly ObjectHistory<Labels>[];
  private readonly options: PolicyOptions;
  /** Where epochs begin, ascending; the first epoch has no beginning. */
  private readonly starts: readonly Instant[];
  private readonly epochs: (Epoch | undefined)[] = [];
  private readonly worlds = new Map<string, World>();
  private readonly clusters = new Map<string, Cluster>();

  /** `policies` are those that are not in `histories`. */
  constructor(
    inventory: Inventory,
    policies: readonly Policy[],
    histories: readonly PolicyHistory[],
    options: PolicyOptions,
  ) {
    const { podLabels, namespaceLabels } = inventory.objects.changes;
    this.facts = clusterFactsOf(inventory);
    this.constant = policies;
    this.policies = histories;
    this.podLabels = podLabels;
    this.namespaceLabels = namespaceLabels;
    this.options = options;
    this.starts = startsOf([...histories, ...podLabels, ...namespaceLabels]);
    this.newest = this.world((sightings) => sightings.length - 1);
  }

  /** Number of the epoch that an instant is in; equal numbers have equal verdicts. */
  epochAt(at: Timestamp): number {
    const instant = instantOf(at);
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  epoch(number: number): Epoch {
    let epoch = this.epochs[number];
    if (epoch === undefined) {
      if (this.worlds.size > MAX_WORLDS) this.forget();
      this.epochs[number] = epoch = this.makeEpoch(number);
    }
    return epoch;
  }

  private forget(): void {
    this.worlds.clear();
    this.clusters.clear();
    this.epochs.length = 0;
  }

  private makeEpoch(number: number): Epoch {
    const from = this.starts[number - 1] ?? -Infinity;
    const until = this.starts[number] ?? Infinity;
    const next = (sightings: readonly ObjectSighting<unknown>[]): number => {
      const index = sightings.findIndex(({ at }) => at > from);
      return index === -1 ? sightings.length : index;
    };
    const before = this.world((sightings) => Math.max(0, next(sightings) - 1));
    const after = this.world((sightings) => Math.min(sightings.length - 1, next(sightings)));
    const times = [
      from === -Infinity ? '' : formatInstant(from),
      until === Infinity ? '' : formatInstant(Math.ceil(until)),
    ];
    return { before, after, when: before === after ? '' : spanText(times[0] ?? '', times[1] ?? '') };
  }

  /** The world of these sightings; the same one for the same values. */
  private world(pick: (sightings: readonly ObjectSighting<unknown>[]) => number): World {
    const policies = this.policies.map(({ sightings }) => sightings[pick(sightings)]!.value);
    const inForce = policies.filter((policy) => policy !== null);
    const podLabels = pickLabels(this.podLabels, pick);
    const namespaceLabels = pickLabels(this.namespaceLabels, pick);
    const labels = JSON.stringify([[...podLabels], [...namespaceLabels]]);
    const key = `${this.policies.map(({ sightings }, at) => sightings.findIndex(({ value }) => value === policies[at])).join()} ${labels}`;
    let world = this.worlds.get(key);
    if (world === undefined) {
      let cluster = this.clusters.get(labels);
      if (cluster === undefined) {
        this.clusters.set(labels, (cluster = this.cluster(podLabels, namespaceLabels)));
      }
      world = new World(new PolicyEvaluator(cluster, [...this.constant, ...inForce], this.options));
      this.worlds.set(key, world);
    }
    return world;
  }

  private cluster(podLabels: ReadonlyMap<string, Labels>, namespaceLabels: ReadonlyMap<string, Labels>): Cluster {
    const { pods, namespaces, nodes } = this.facts;
    return new Cluster({
      nodes,
      pods: pods.map((pod) => {
        const labels = pod.uid === undefined ? undefined : podLabels.get(pod.uid);
        return labels === undefined ? pod : { ...pod, labels };
      }),
      namespaces: namespaces.map(({ name, labels }) => ({ name, labels: namespaceLabels.get(name) ?? labels })),
    });
  }
}

/** Versions of policies, each once, oldest first; those of the newest world are not among them. */
export function formerVersions(histories: readonly PolicyHistory[]): Policy[] {
  return histories.flatMap(({ sightings }) => {
    const current = sightings.at(-1)?.value ?? null;
    const versions = new Set(sightings.flatMap(({ value }) => (value === null || value === current ? [] : [value])));
    return [...versions];
  });
}

/** When a version was seen in force, first and last; null for "from the start" and "still". */
export function inForce(
  policy: Policy,
  histories: readonly PolicyHistory[],
): { readonly from: Instant | null; readonly until: Instant | null } {
  const { sightings = [] } = histories.find(({ key }) => key === policyKey(policy)) ?? {};
  const first = sightings.findIndex(({ value }) => value === policy);
  const last = sightings.findLastIndex(({ value }) => value === policy);
  return {
    from: first <= 0 ? null : sightings[first]!.at,
    until: last === sightings.length - 1 ? null : (sightings[last]?.at ?? null),
  };
}

/** Instants at which something becomes known, or becomes doubtful. */
function startsOf(histories: readonly ObjectHistory<unknown>[]): Instant[] {
  const starts = new Set<Instant>();
  for (const { sightings } of histories) {
    sightings.forEach(({ at, value }, index) => {
      const next = sightings[index + 1];
      if (next === undefined || next.value === value) return;
      starts.add(at);
      if (next.at !== Infinity) starts.add(next.at);
    });
  }
  return [...starts].sort((a, b) => a - b);
}

function pickLabels(
  histories: readonly ObjectHistory<Labels>[],
  pick: (sightings: readonly ObjectSighting<unknown>[]) => number,
): Map<string, Labels> {
  return new Map(histories.map(({ key, sightings }) => [key, sightings[pick(sightings)]!.value ?? {}]));
}

function spanText(from: string, until: string): string {
  if (from === '') return `before ${until}`;
  return until === '' ? `after ${from}` : `between ${from} and ${until}`;
}
