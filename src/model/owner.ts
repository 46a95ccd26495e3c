/**
 * Owner: whom an address belonged to at a time. What the inventory answers and every output shows.
 */

export type OwnerKind =
  | 'pod'
  | 'service'
  | 'node'
  /** A node's own address on the pod network: bridge (podCIDR .1) or overlay device (podCIDR .0). */
  | 'gateway'
  | 'external'
  | 'multicast'
  | 'broadcast'
  | 'link-local'
  | 'loopback'
  /** 0.0.0.0 or ::, as in DHCP and duplicate address detection. */
  | 'unspecified'
  /** An address inside the cluster's networks that nobody is known to have had at that time. */
  | 'unknown';

/**
 * How sure an owner is: `observed` inside what a snapshot proves, `assumed` outside it (with the reason), `ambiguous` when
 * several could be meant (see candidates), `unknown` when nobody is known.
 */
export type Confidence = 'observed' | 'assumed' | 'ambiguous' | 'unknown';

export interface Workload {
  /** Deployment, StatefulSet, DaemonSet, Job, CronJob, ReplicaSet, Node (static pods), Pod (bare pods) or a custom kind. */
  readonly kind: string;
  readonly name: string;
}

/** Enough to name one candidate. */
export interface OwnerReference {
  readonly kind: OwnerKind;
  readonly namespace: string | null;
  readonly name: string;
  readonly uid: string | null;
}

/** Instances are shared: the same owner with the same confidence is the same object, so that writers may cache by identity. */
export interface Owner {
  readonly kind: OwnerKind;
  /** Null for everything that has no namespace. */
  readonly namespace: string | null;
  /** Pod, service or node name; for a gateway its node's name; null where there is none. */
  readonly name: string | null;
  readonly uid: string | null;
  /** The node it is on or is; null where unknown or not applicable. */
  readonly node: string | null;
  readonly workload: Workload | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly hostNetwork: boolean;
  readonly confidence: Confidence;
  /** Why this confidence, as a short sentence for people; empty for a plain `observed`. */
  readonly reason: string;
  /** Who else it could be (for a node address: its hostNetwork pods); empty unless there are several. */
  readonly candidates: readonly OwnerReference[];
}
