/**
 * The owners of one address over time.
 *
 * Between two bounds of any claim nothing changes, so the answer for each such segment is made once and then found by
 * binary search. At one instant: one certain claim is the owner, whatever else would be possible; several contradict each
 * other (ambiguous); with none certain, one possible claim is the owner, with the reason why it is not certain, and several
 * are ambiguous.
 */
import type { Owner } from '../../model/owner.js';
import type { FormerPod, Tenure } from '../inventory.js';
import { type Claim, excludeEachOther } from './claims.js';
import { formatInstant, type Instant } from '../instants.js';
import { hasCertainPart, isCertain, isPossible, type Lifespan } from './lifespan.js';
import { nameSubject, type OwnerPool, type Subject } from '../owners.js';

/** A pod in its node's network namespace: a candidate wherever the node is the owner. */
export interface HostPod {
  readonly subject: Subject;
  readonly span: Lifespan;
}

export interface TimelineContext {
  readonly pool: OwnerPool;
  readonly hostPods: ReadonlyMap<string, readonly HostPod[]>;
  /** Who it is when no claim holds. */
  readonly unclaimed: (at: Instant, history: string) => Owner;
}

export class AddressTimeline {
  private readonly claims: readonly Claim[];
  private readonly companions: readonly Claim[];
  private readonly context: TimelineContext;
  /** Segment i is [bounds[i-1], bounds[i]). */
  private readonly bounds: Float64Array;
  private readonly segments: (Tenure | undefined)[] = [];
  private readonly isSameForAllNodes: boolean;
  private readonly byNode = new Map<string, AddressTimeline>();

  /** `companions` (services that use a node's address) are candidates only. `isOfOneNode`: it is one node's view of the address. */
  constructor(
    claims: readonly Claim[],
    companions: readonly Claim[],
    context: TimelineContext,
    isOfOneNode: boolean = false,
  ) {
    this.claims = excludeEachOther(claims);
    this.companions = companions;
    this.context = context;
    const nodes = this.nodes();
    this.isSameForAllNodes = !isOfOneNode && nodes.size < 2;
    this.bounds = this.collectBounds(nodes);
  }

  ownerAt(at: Instant): Owner {
    return this.tenureAt(at).owner;
  }

  /** The owner at an instant, and the segment around it. */
  tenureAt(at: Instant): Tenure {
    const segment = this.segmentOf(at);
    return (this.segments[segment] ??= {
      owner: this.resolve(at),
      from: this.bounds[segment - 1] ?? -Infinity,
      until: this.bounds[segment] ?? Infinity,
      isSameForAllNodes: this.isSameForAllNodes,
    });
  }

  /** The same address as `node` sees it, for addresses that several nodes have. */
  seenFrom(node: string): AddressTimeline {
    let timeline = this.byNode.get(node);
    if (timeline === undefined) {
      const own = this.claims.filter(({ subject }) => isNodeLike(subject) && subject.node === node);
      const isShared = this.claims.some(({ subject }) => isNodeLike(subject) && subject.node !== node);
      timeline = isShared && own.length > 0 ? new AddressTimeline(own, this.companions, this.context, true) : this;
      this.byNode.set(node, timeline);
    }
    return timeline;
  }

  /** The pod whose time with the address ended last, at `at` or before it. */
  formerPod(at: Instant): FormerPod | null {
    let last: Claim | null = null;
    for (const claim of this.claims) {
      const { span, subject } = claim;
      if (subject.kind !== 'pod' || span.possibleUntil > at) continue;
      if (last === null || span.possibleUntil > last.span.possibleUntil) last = claim;
    }
    if (last === null) return null;
    const { kind, namespace, name, uid } = last.subject;
    return {
      pod: { kind, namespace, name: name ?? '', uid },
      certainUntil: last.span.certainUntil,
      until: last.span.possibleUntil,
    };
  }

  private collectBounds(nodes: ReadonlySet<string>): Float64Array {
    const bounds = new Set<Instant>();
    for (const { span } of this.claims) addBounds(bounds, span);
    for (const { span } of this.companions) addBounds(bounds, span);
    for (const node of nodes) for (const { span } of this.context.hostPods.get(node) ?? []) addBounds(bounds, span);
    bounds.delete(-Infinity);
    bounds.delete(Infinity);
    return Float64Array.from(bounds).sort();
  }

  private nodes(): Set<string> {
    const nodes = new Set<string>();
    for (const { subject } of this.claims) if (isNodeLike(subject) && subject.node !== null) nodes.add(subject.node);
    return nodes;
  }

  private segmentOf(at: Instant): number {
    let low = 0;
    let high = this.bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.bounds[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private resolve(at: Instant): Owner {
    const certain = this.claims.filter(({ span }) => isCertain(span, at));
    const holding = certain.length > 0 ? certain : this.claims.filter(({ span }) => isPossible(span, at));
    const [only] = holding;
    if (only === undefined) return this.context.unclaimed(at, this.describeHistory(at));
    const companions = this.companionsAt(holding, at);
    if (holding.length === 1) return this.single(only, certain.length > 0, companions, at);
    const reason =
      certain.length > 0
        ? 'several have this address at the same time'
        : 'the address passed from one to another about now';
    return this.context.pool.ambiguous(
      holding.map(({ subject }) => subject),
      reason,
      companions,
    );
  }

  private single(claim: Claim, isProven: boolean, companions: readonly Subject[], at: Instant): Owner {
    const doubt = isProven ? claim.assumption : (claim.assumption ?? doubtOf(claim, at));
    if (doubt !== null) return this.context.pool.owner(claim.subject, 'assumed', doubt, companions);
    return this.context.pool.owner(claim.subject, 'observed', describeCompanions(companions), companions);
  }

  private companionsAt(holding: readonly Claim[], at: Instant): Subject[] {
    const companions = this.companions.filter(({ span }) => isPossible(span, at)).map(({ subject }) => subject);
    for (const { subject } of holding) {
      if (!isNodeLike(subject) || subject.node === null) continue;
      for (const pod of this.context.hostPods.get(subject.node) ?? []) {
        if (isPossible(pod.span, at)) companions.push(pod.subject);
      }
    }
    return companions;
  }

  /** Who had the address before, and who has it later: for answers that name nobody. */
  private describeHistory(at: Instant): string {
    let before: Claim | null = null;
    let after: Claim | null = null;
    for (const claim of this.claims) {
      const { possibleFrom, possibleUntil } = claim.span;
      if (possibleUntil <= at && (before === null || possibleUntil > before.span.possibleUntil)) before = claim;
      if (possibleFrom > at && (after === null || possibleFrom < after.span.possibleFrom)) after = claim;
    }
    const parts: string[] = [];
    if (before !== null) parts.push(describeEnd(before));
    if (after !== null) {
      parts.push(
        `owned later by ${nameSubject(after.subject)}, created ${formatInstant(after.created ?? after.span.possibleFrom)}`,
      );
    }
    return parts.join('; ');
  }
}

function addBounds(bounds: Set<Instant>, span: Lifespan): void {
  bounds.add(span.possibleFrom).add(span.certainFrom).add(span.certainUntil).add(span.possibleUntil);
}

function isNodeLike(subject: Subject): boolean {
  return subject.kind === 'node' || subject.kind === 'gateway';
}

/** Why a claim that is possible is not certain. */
function doubtOf({ subject, span, created }: Claim, at: Instant): string {
  if (!hasCertainPart(span) || at >= span.certainUntil) return span.afterwards;
  if (isNodeLike(subject) && created !== null)
    return `${subject.node} joined the cluster only at ${formatInstant(created)}`;
  if (!Number.isFinite(span.possibleFrom)) return 'it is not known since when it has this address';
  return subject.kind === 'pod' ? 'it was only starting at that time' : 'it was created in this very second';
}

function describeCompanions(companions: readonly Subject[]): string {
  const shares: string[] = [];
  if (companions.some(({ kind }) => kind === 'pod')) shares.push('hostNetwork pods share this address');
  if (companions.some(({ kind }) => kind === 'service')) shares.push('a service uses this address too');
  return shares.join('; ');
}

function describeEnd({ subject, span }: Claim): string {
  const name = nameSubject(subject);
  const until = formatInstant(span.possibleUntil);
  if (!hasCertainPart(span) || span.possibleUntil - span.certainUntil < 2) return `${name} had it until ${until}`;
  return `${name} had it until some time between ${formatInstant(span.certainUntil)} and ${until}`;
}
