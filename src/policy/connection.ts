/**
 * What is judged: one connection, from the side that opened it to the side that was called.
 *
 * Replies are never judged (NETWORKPOLICY.md 1.1). The destination is the backend after Service translation, with its port
 * (1.10); a Service's own address is an end of its own kind, because the verdict then lies with its backends.
 */
export type ConnectionEnd =
  /** `address` is the one seen, in canonical text; null if none was: the pod's own then. `uid` tells it from others of its name. */
  | { readonly kind: 'pod'; readonly pod: string; readonly address: string | null; readonly uid?: string }
  /** An address of a node; `node` is null if it is not known of which. */
  | { readonly kind: 'node'; readonly node: string | null; readonly address: string }
  /** An address outside the cluster. */
  | { readonly kind: 'external'; readonly address: string }
  /** An address of a Service of which the backend was not seen; those known, with their ports. */
  | { readonly kind: 'service'; readonly address: string; readonly backends: readonly Backend[] }
  /** Nobody, or not one alone, is known to have had the address. */
  | { readonly kind: 'unknown'; readonly address: string | null };

export interface Backend {
  readonly end: ConnectionEnd;
  readonly port: number;
}

export interface Connection {
  readonly source: ConnectionEnd;
  readonly destination: ConnectionEnd;
  /** `TCP`, `UDP`, `SCTP`; anything else (ICMP, …) is undefined where a policy selects the pod. */
  readonly protocol: string;
  /** Destination port; null for protocols without ports. */
  readonly port: number | null;
  /** It went through a Service: decides whether a pod that talks to itself is subject to policy (1.8, 2.6). */
  readonly throughService: boolean;
}

/** Text of an end for people: `shop/web-0 (10.244.1.7)`, `node-1 (192.0.2.1)`, `203.0.113.9`. */
export function formatEnd(end: ConnectionEnd): string {
  switch (end.kind) {
    case 'pod':
      return end.address === null ? end.pod : `${end.pod} (${end.address})`;
    case 'node':
      return end.node === null ? `a node (${end.address})` : `${end.node} (${end.address})`;
    case 'service':
      return `Service address ${end.address}`;
    case 'external':
      return end.address;
    case 'unknown':
      return end.address ?? 'an unknown address';
  }
}
