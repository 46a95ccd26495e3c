/**
 * Parsed values to documents: what one List, one table, or the single objects of one file say together.
 *
 * A List proves what it lacks (a pod that a later List of all pods does not show has ended), single objects do not. Values
 * that are not Kubernetes at all (`ip -j` output) are handed on to whoever reads them.
 */
import { emptyFacts, type KubernetesFacts } from '../facts/facts.js';
import { asObject, asText, at, member } from '../facts/guards.js';
import { interpretObject } from '../facts/kubernetes-objects.js';

export interface KubernetesDocument {
  readonly facts: KubernetesFacts;
  /** It is a List, and whole: what it lacks did not exist. False for single objects and for lists that were cut short. */
  readonly isComplete: boolean;
}

/** Gathers the values of one file, in whatever shape they come. */
export class DocumentCollector {
  readonly documents: KubernetesDocument[] = [];
  /** Top-level values that are no Kubernetes objects. */
  readonly foreign: unknown[] = [];
  private singles: KubernetesFacts | null = null;
  private list: KubernetesFacts | null = null;

  /** A whole top-level value. */
  value(value: unknown): void {
    if (Array.isArray(value)) return this.array(value);
    const kind = asText(member(value, 'kind'));
    const items = member(value, 'items');
    if (kind !== null && kind.endsWith('List') && Array.isArray(items)) {
      const impliedKind = impliedKindOf(kind);
      this.beginList();
      for (const item of items as unknown[]) this.listItem(item, impliedKind);
      return this.endList(!isPage(value));
    }
    if (isKubernetesObject(value)) return this.single(value);
    if (value !== null && value !== undefined) this.foreign.push(value);
  }

  /** Items of a list that is read piece by piece follow. */
  beginList(): void {
    this.list = emptyFacts();
  }

  listItem(item: unknown, impliedKind: string | null): void {
    if (this.list !== null) interpretObject(item, impliedKind, this.list);
  }

  /** `complete` is false when the list was cut short or is one page of several. */
  endList(complete: boolean): void {
    if (this.list === null) return;
    this.documents.push({ facts: this.list, isComplete: complete });
    this.list = null;
  }

  private array(values: readonly unknown[]): void {
    if (!values.some(isKubernetesObject)) {
      this.foreign.push(values);
      return;
    }
    for (const value of values) if (isKubernetesObject(value)) this.single(value);
  }

  private single(value: unknown): void {
    if (this.singles === null) {
      this.singles = emptyFacts();
      this.documents.push({ facts: this.singles, isComplete: false });
    }
    interpretObject(value, null, this.singles);
  }
}

/** `PodList` holds Pods without saying so in each; a plain `List` says it in each. */
export function impliedKindOf(listKind: string): string | null {
  return listKind === 'List' ? null : listKind.slice(0, -'List'.length);
}

/** Whether the API server has more of this list than was given. */
function isPage(list: unknown): boolean {
  return asText(at(list, 'metadata', 'continue')) !== null;
}

function isKubernetesObject(value: unknown): boolean {
  if (asObject(value) === null) return false;
  if (asText(member(value, 'kind')) !== null && asText(member(value, 'apiVersion')) !== null) return true;
  return asText(member(value, 'type')) !== null && asText(at(value, 'object', 'kind')) !== null;
}

/** `16 Pod, 3 Node`: the most frequent kinds first. */
export function describeKinds(documents: readonly KubernetesDocument[]): string {
  const totals = new Map<string, number>();
  for (const { facts } of documents) {
    for (const [kind, count] of facts.kinds) totals.set(kind, (totals.get(kind) ?? 0) + count);
  }
  const sorted = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const shown = sorted.slice(0, 6).map(([kind, count]) => `${count} ${kind}`);
  if (sorted.length > shown.length) shown.push('…');
  return shown.length === 0 ? 'no objects' : shown.join(', ');
}

/** Number of objects in the documents, of kinds that are not used too. */
export function countObjects(documents: readonly KubernetesDocument[]): number {
  let count = 0;
  for (const { facts } of documents) for (const ofKind of facts.kinds.values()) count += ofKind;
  return count;
}
