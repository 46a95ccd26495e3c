/**
 * Owner instances, shared: the same subject with the same confidence, reason and candidates is the same object.
 *
 * A subject is anything that can own an address. What only the inventory needs to know of it (ports) stays here and is
 * found again by the Owner's identity.
 */
import type { Confidence, Owner, OwnerKind, OwnerReference, Workload } from '../model/owner.js';

/** Something that can own addresses. */
export interface Subject {
  readonly kind: OwnerKind;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly uid: string | null;
  readonly node: string | null;
  readonly workload: Workload | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly hostNetwork: boolean;
}

/** A node address with hundreds of hostNetwork pods, or one that all nodes have, would otherwise fill every row. */
const MAX_CANDIDATES = 64;
const NO_CANDIDATES: readonly OwnerReference[] = [];

export class OwnerPool {
  private readonly bySubject = new Map<Subject, Map<string, Owner>>();
  private readonly subjects = new Map<Owner, Subject>();
  private readonly anonymous = new Map<string, Subject>();

  /** The owner instance for this answer. Candidates are sorted here; `subject` itself is left out of them. */
  owner(subject: Subject, confidence: Confidence, reason: string, candidates: readonly Subject[] = []): Owner {
    const sorted = candidates.length === 0 ? candidates : sortSubjects(candidates, subject);
    let known = this.bySubject.get(subject);
    if (known === undefined) this.bySubject.set(subject, (known = new Map<string, Owner>()));
    const plainKey = `${confidence}\n${reason}`;
    const key = sorted.length === 0 ? plainKey : `${plainKey}\n${sorted.map(keyOf).join('\n')}`;
    let owner = known.get(key);
    if (owner === undefined) {
      owner = makeOwner(subject, confidence, reason, sorted);
      known.set(key, owner);
      this.subjects.set(owner, subject);
    }
    return owner;
  }

  /** A subject without a name: external, multicast, unknown, or what several candidates have in common. */
  nameless(kind: OwnerKind, common: Partial<Subject> = {}): Subject {
    const { namespace = null, node = null, workload = null } = common;
    const key = [kind, namespace, node, workload?.kind, workload?.name].join('\n');
    let subject = this.anonymous.get(key);
    if (subject === undefined) {
      subject = { kind, namespace, name: null, uid: null, node, workload, labels: {}, hostNetwork: false };
      this.anonymous.set(key, subject);
    }
    return subject;
  }

  /** The subject behind an owner that this pool made. */
  subjectOf(owner: Owner): Subject | null {
    return this.subjects.get(owner) ?? null;
  }

  /** An ambiguous answer: what the candidates have in common, and all of them. */
  ambiguous(candidates: readonly Subject[], reason: string, companions: readonly Subject[] = []): Owner {
    const first = candidates[0]!;
    const shared = <T>(value: T, of: (subject: Subject) => T): T | null =>
      candidates.every((candidate) => of(candidate) === value) ? value : null;
    const workloadKey = (subject: Subject): string => `${subject.workload?.kind}/${subject.workload?.name}`;
    const sameNamespace = candidates.every(({ namespace }) => namespace === first.namespace);
    const subject = this.nameless(shared(first.kind, ({ kind }) => kind) ?? 'unknown', {
      namespace: shared(first.namespace, ({ namespace }) => namespace),
      node: shared(first.node, ({ node }) => node),
      workload: sameNamespace && shared(workloadKey(first), workloadKey) !== null ? first.workload : null,
    });
    return this.owner(subject, 'ambiguous', reason, [...candidates, ...companions]);
  }
}

function makeOwner(subject: Subject, confidence: Confidence, reason: string, candidates: readonly Subject[]): Owner {
  const shown = candidates.slice(0, MAX_CANDIDATES).map(referenceTo);
  const left = candidates.length - shown.length;
  return {
    kind: subject.kind,
    namespace: subject.namespace,
    name: subject.name,
    uid: subject.uid,
    node: subject.node,
    workload: subject.workload,
    labels: subject.labels,
    hostNetwork: subject.hostNetwork,
    confidence,
    reason: left > 0 ? `${reason} (${left} more candidates)` : reason,
    candidates: shown.length === 0 ? NO_CANDIDATES : shown,
  };
}

function referenceTo(subject: Subject): OwnerReference {
  return { kind: subject.kind, namespace: subject.namespace, name: subject.name ?? '', uid: subject.uid };
}

const KIND_ORDER: readonly OwnerKind[] = ['node', 'gateway', 'pod', 'service'];

function keyOf(subject: Subject): string {
  const kind = KIND_ORDER.indexOf(subject.kind);
  return `${kind}/${subject.namespace ?? ''}/${subject.name ?? ''}/${subject.uid ?? ''}`;
}

function sortSubjects(subjects: readonly Subject[], except: Subject): Subject[] {
  const unique = new Map<string, Subject>();
  for (const subject of subjects) if (subject !== except) unique.set(keyOf(subject), subject);
  return [...unique].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, subject]) => subject);
}

/** `shop/web-0`, `node-1`: how sentences name a subject. */
export function nameSubject(subject: Subject): string {
  if (subject.kind === 'service') return `service ${subject.namespace}/${subject.name}`;
  return subject.namespace === null ? (subject.name ?? '') : `${subject.namespace}/${subject.name}`;
}
