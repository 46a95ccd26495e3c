/**
 * Which pods a scope (namespaces and labels) selects, for many scopes over many pods.
 *
 * Pods are numbered as in the cluster. An inverted index from label to pods makes the answer cost as much as the shortest
 * list of candidates; equal scopes are answered once, with the same set.
 */
import type { Cluster, Pod } from '../cluster.js';
import { addressWords } from '../ip-block.js';
import type { PodScope } from '../policy.js';
import type { AddressSet } from './address-set.js';
import { type Selector, selectorKey, selects } from '../selector.js';

/** One bit per pod. */
export type PodSet = Int32Array;

export function hasPod(set: PodSet, pod: number): boolean {
  return ((set[pod >> 5]! >>> (pod & 31)) & 1) === 1;
}

/** Adds all pods of `more` to `set`. */
export function addPods(set: PodSet, more: PodSet): void {
  for (let word = 0; word < set.length; word++) set[word] = set[word]! | more[word]!;
}

interface Postings {
  readonly all: number[];
  /** By `key\0value`. */
  readonly byLabel: Map<string, number[]>;
}

export class PodIndex {
  readonly cluster: Cluster;
  readonly pods: readonly Pod[];
  private readonly ofCluster = emptyPostings();
  private readonly ofNamespace = new Map<string, Postings>();
  /** Pods that have one IPv4 address and no other, by this address (an unsigned number), ascending. */
  private readonly byAddress: readonly { readonly value: number; readonly pod: number }[];
  private readonly members = new Map<string, readonly number[]>();
  private readonly sets = new Map<string, PodSet>();
  private readonly namespaceSets = new Map<string, ReadonlySet<string>>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.pods = cluster.pods;
    this.pods.forEach((pod, index) => {
      let postings = this.ofNamespace.get(pod.namespace);
      if (postings === undefined) this.ofNamespace.set(pod.namespace, (postings = emptyPostings()));
      post(postings, pod, index);
      post(this.ofCluster, pod, index);
    });
    this.byAddress = this.pods
      .flatMap((pod, index) => (hasOnlyIpv4(pod) ? [{ value: ipv4(pod.addresses[0]!), pod: index }] : []))
      .sort((a, b) => a.value - b.value);
  }

  /** An empty set. */
  none(): PodSet {
    return new Int32Array((this.pods.length + 31) >> 5);
  }

  /** Numbers of the pods that the scope selects, without hostNetwork pods unless `seesHostPods`. Shared: not to be changed. */
  select(scope: PodScope, seesHostPods: boolean): readonly number[] {
    const key = scopeKey(scope, seesHostPods);
    const known = this.members.get(key);
    if (known !== undefined) return known;
    const found = this.candidates(scope).filter((index) => {
      const pod = this.pods[index]!;
      return (seesHostPods || !pod.hostNetwork) && selects(scope.podSelector, pod.labels);
    });
    this.members.set(key, found);
    return found;
  }

  /** The same as a set. Shared: not to be changed. */
  set(scope: PodScope, seesHostPods: boolean): PodSet {
    const key = scopeKey(scope, seesHostPods);
    let set = this.sets.get(key);
    if (set !== undefined) return set;
    set = this.none();
    for (const pod of this.select(scope, seesHostPods)) set[pod >> 5] = set[pod >> 5]! | (1 << (pod & 31));
    this.sets.set(key, set);
    return set;
  }

  /** Adds the pods of which the one IPv4 address is in `addresses`; those for which `isLeftOut` are not added. */
  addByAddress(set: PodSet, { intervals }: AddressSet, isLeftOut: (pod: Pod) => boolean): void {
    for (let at = 0; at < intervals.length; at += 2) {
      for (let next = this.firstFrom(intervals[at]!); next < this.byAddress.length; next++) {
        const { value, pod } = this.byAddress[next]!;
        if (value > intervals[at + 1]!) break;
        if (!isLeftOut(this.pods[pod]!)) set[pod >> 5] = set[pod >> 5]! | (1 << (pod & 31));
      }
    }
  }

  private firstFrom(value: number): number {
    let low = 0;
    let high = this.byAddress.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.byAddress[middle]!.value < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Pods of the right namespaces that have at least one of the labels wanted. */
  private candidates({ namespace, namespaceSelector, podSelector }: PodScope): readonly number[] {
    if (namespace !== null) {
      const inside = selects(namespaceSelector, this.cluster.namespaceLabels(namespace));
      const postings = inside ? this.ofNamespace.get(namespace) : undefined;
      return postings === undefined ? [] : shortest(postings, podSelector);
    }
    const everywhere = shortest(this.ofCluster, podSelector);
    if (namespaceSelector.length === 0) return everywhere;
    const namespaces = this.namespaces(namespaceSelector);
    if (everywhere !== this.ofCluster.all) {
      return everywhere.filter((index) => namespaces.has(this.pods[index]!.namespace));
    }
    return [...namespaces].flatMap((name) => this.ofNamespace.get(name)?.all ?? []);
  }

  private namespaces(selector: Selector): ReadonlySet<string> {
    const key = selectorKey(selector);
    let names = this.namespaceSets.get(key);
    if (names === undefined) {
      const all = [...this.ofNamespace.keys()];
      names = new Set(all.filter((name) => selects(selector, this.cluster.namespaceLabels(name))));
      this.namespaceSets.set(key, names);
    }
    return names;
  }
}

/** A pod whose address says all about it: whichever was seen was this. */
export function hasOnlyIpv4({ addresses }: Pod): boolean {
  return addresses.length === 1 && addressWords(addresses[0] ?? '')?.family === 4;
}

function ipv4(address: string): number {
  return (addressWords(address)?.words[0] ?? 0) >>> 0;
}

function emptyPostings(): Postings {
  return { all: [], byLabel: new Map() };
}

function post({ all, byLabel }: Postings, pod: Pod, index: number): void {
  all.push(index);
  for (const [key, value] of Object.entries(pod.labels)) {
    const label = `${key}\0${value}`;
    const list = byLabel.get(label);
    if (list === undefined) byLabel.set(label, [index]);
    else list.push(index);
  }
}

/** The shortest list that holds every pod that may meet the selector. */
function shortest({ all, byLabel }: Postings, selector: Selector): readonly number[] {
  let best: readonly number[] = all;
  for (const { key, operator, values } of selector) {
    if (operator !== 'In' || values.length !== 1) continue;
    const list = byLabel.get(`${key}\0${values[0]!}`) ?? [];
    if (list.length < best.length) best = list;
  }
  return best;
}

function scopeKey({ namespace, namespaceSelector, podSelector }: PodScope, seesHostPods: boolean): string {
  return `${seesHostPods}\0${namespace ?? '*'}\0${selectorKey(namespaceSelector)}\0${selectorKey(podSelector)}`;
}
