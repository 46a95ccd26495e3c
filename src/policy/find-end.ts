/** The end that a user names: a pod, a pod of a workload, or an address. */
import type { Timestamp } from '../base/time.js';
import type { Inventory } from '../inventory/inventory.js';
import { canonicalAddress } from '../inventory/addresses/address-text.js';
import { type Pod, podKey } from './cluster.js';
import type { ConnectionEnd } from './connection.js';
import type { PolicyJudge } from './judge.js';

export interface NamedEnd {
  readonly end: ConnectionEnd;
  /** Pods that the name means besides the one chosen. */
  readonly others: number;
}

/**
 * `shop/web-0`, `shop/web` (one of the pods of a workload, or whose name begins so), `10.0.0.1`; null if nobody is called so.
 * `port` and `protocol` are those called, for the backends of a Service's address; an address means its owner at `at`.
 */
export function findEnd(
  text: string,
  judge: PolicyJudge,
  inventory: Inventory,
  at: Timestamp,
  called: { readonly protocol: string; readonly port: number | null },
): NamedEnd | null {
  const address = canonicalAddress(text);
  if (address !== null) {
    const owner = inventory.ownerOf(address, at);
    return { end: judge.endOf({ owner, address }, called.protocol, called.port), others: 0 };
  }
  const slash = text.indexOf('/');
  if (slash <= 0) return null;
  const [namespace, name] = [text.slice(0, slash), text.slice(slash + 1)];
  const pods = judge.cluster.pods.filter((pod) => pod.namespace === namespace);
  const meant = [
    (pod: Pod): boolean => pod.name === name,
    (pod: Pod): boolean => pod.workload?.slice(pod.workload.indexOf('/') + 1) === name,
    (pod: Pod): boolean => pod.name.startsWith(name),
  ];
  for (const isMeant of meant) {
    const [pod, ...others] = pods.filter(isMeant);
    if (pod !== undefined) {
      return { end: { kind: 'pod', pod: podKey(pod), address: null }, others: others.length };
    }
  }
  return null;
}
