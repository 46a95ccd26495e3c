/**
 * An end of a connection as policies meet it: which pod, if any, selectors may see, which address and which node.
 */
import { canonicalAddress } from '../inventory/addresses/address-text.js';
import { canonicalList, type Cluster, type Pod } from './cluster.js';
import type { ConnectionEnd } from './connection.js';
import { addressWords, type AddressWords } from './ip-block.js';

export interface EndView {
  readonly kind: ConnectionEnd['kind'];
  /** Null if it is no pod, or none that is known. A hostNetwork pod is here, too. */
  readonly pod: Pod | null;
  /** Canonical text; null if unknown. */
  readonly address: string | null;
  readonly words: AddressWords | null;
  /** The node that it is, or whose network it shares. */
  readonly node: string | null;
}

/** Both ends. A pod whose address was not seen has its first address of the other end's family. */
export function viewEnds(cluster: Cluster, source: ConnectionEnd, destination: ConnectionEnd): [EndView, EndView] {
  const family = familyOf(source) ?? familyOf(destination);
  const first = viewEnd(cluster, source, family);
  return [first, viewEnd(cluster, destination, first.words?.family ?? family)];
}

function familyOf(end: ConnectionEnd): 4 | 6 | null {
  return end.address === null ? null : (addressWords(end.address)?.family ?? null);
}

function viewEnd(cluster: Cluster, end: ConnectionEnd, family: 4 | 6 | null): EndView {
  const address = end.address === null ? null : canonicalAddress(end.address);
  const words = address === null ? null : addressWords(address);
  switch (end.kind) {
    case 'pod': {
      const pod = cluster.pod(end.pod, end.uid);
      if (pod === null) return { kind: 'unknown', pod: null, address, words, node: null };
      const node = pod.hostNetwork ? pod.node : null;
      return { kind: 'pod', pod, node, ...(words === null ? ownAddress(pod, family) : { address, words }) };
    }
    case 'external': {
      const node = address === null ? null : cluster.nodeAt(address);
      return { kind: node === null ? 'external' : 'node', pod: null, address, words, node };
    }
    case 'node': {
      const node = end.node ?? (address === null ? null : cluster.nodeAt(address));
      return { kind: 'node', pod: null, address, words, node };
    }
    case 'service':
    case 'unknown':
      return { kind: end.kind, pod: null, address, words, node: null };
  }
}

function ownAddress(pod: Pod, family: 4 | 6 | null): Pick<EndView, 'address' | 'words'> {
  const own = canonicalList(pod.addresses).map((address) => ({ address, words: addressWords(address) }));
  return own.find(({ words }) => words?.family === family) ?? own[0] ?? { address: null, words: null };
}

/** True if both ends are the same pod. */
export function isSamePod(a: EndView, b: EndView): boolean {
  return a.pod !== null && a.pod === b.pod;
}
