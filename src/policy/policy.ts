/**
 * Policies as the evaluators see them: one shape for NetworkPolicy (networking.k8s.io/v1), AdminNetworkPolicy and
 * BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1) and ClusterNetworkPolicy (v1alpha2).
 *
 * What differs between the kinds (defaults, where selectors look, what may be left out) is settled while reading; here every
 * field has its meaning spelled out. Parts that were invalid are `nothing`: they match nothing (fail closed).
 */
import type { TransportProtocol } from '../inventory/inventory.js';
import type { IpBlock } from './ip-block.js';
import type { Selector } from './selector.js';

export type { TransportProtocol };
export type PolicyKind = 'NetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy' | 'ClusterNetworkPolicy';
export type Direction = 'egress' | 'ingress';
export const DIRECTIONS: readonly Direction[] = ['egress', 'ingress'];

/** Lines of a file, from 1, both included. */
export interface Lines {
  readonly first: number;
  readonly last: number;
}

/** Pods of one namespace, or of all namespaces whose labels match. */
export interface PodScope {
  /** The only namespace it looks in; null where `namespaceSelector` decides. */
  readonly namespace: string | null;
  readonly namespaceSelector: Selector;
  readonly podSelector: Selector;
}

export type Peer = { readonly lines: Lines | null } & (
  | ({ readonly type: 'pods' } & PodScope)
  /** `ipBlock`, or one CIDR of `networks`. */
  | { readonly type: 'addresses'; readonly block: IpBlock }
  | { readonly type: 'nodes'; readonly selector: Selector }
  /** Domain names, which no snapshot resolves. */
  | { readonly type: 'domains'; readonly names: readonly string[] }
  | { readonly type: 'nothing' }
);

export type PortMatch =
  /** Ports `from` to `to`, both included. */
  | { readonly type: 'range'; readonly protocol: TransportProtocol; readonly from: number; readonly to: number }
  /** Container ports with this name on the destination; of any protocol if `protocol` is null. */
  | { readonly type: 'named'; readonly protocol: TransportProtocol | null; readonly name: string }
  | { readonly type: 'nothing' };

export interface PolicyRule {
  /** 1-based position in the policy's `ingress` or `egress`. */
  readonly number: number;
  /** Admin policies' rules may have names; empty otherwise. */
  readonly name: string;
  readonly lines: Lines | null;
  /** `Allow` in NetworkPolicy, which knows nothing else; CNP's `Accept` is `Allow`. */
  readonly action: 'Allow' | 'Deny' | 'Pass';
  /** Alternatives; null for all peers. */
  readonly peers: readonly Peer[] | null;
  /** Alternatives; null for all ports of all protocols. */
  readonly ports: readonly PortMatch[] | null;
}

export interface Policy {
  readonly kind: PolicyKind;
  /** Null for the cluster-scoped kinds. */
  readonly namespace: string | null;
  readonly name: string;
  /** `Admin` is asked before NetworkPolicies, `Baseline` after them. */
  readonly tier: 'Admin' | 'NetworkPolicy' | 'Baseline';
  /** Lower is asked first; 0 for NetworkPolicies, which have no order. */
  readonly priority: number;
  readonly subject: PodScope;
  /** The rules of a direction; null if the policy says nothing about it. */
  readonly egress: readonly PolicyRule[] | null;
  readonly ingress: readonly PolicyRule[] | null;
  /** Where it was read; null for objects that come from no file. */
  readonly file: string | null;
  readonly lines: Lines | null;
}

/** `shop/backend` for a NetworkPolicy, the bare name for cluster-scoped kinds. */
export function policyName(policy: Policy): string {
  return policy.namespace === null ? policy.name : `${policy.namespace}/${policy.name}`;
}

/** `NetworkPolicy shop/backend`: unique in a cluster. */
export function policyKey(policy: Policy): string {
  return `${policy.kind} ${policyName(policy)}`;
}
