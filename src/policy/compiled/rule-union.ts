/**
 * Rules of NetworkPolicies that add up: whose order means nothing, because one that matches is enough.
 *
 * All protocols and ports are cut into segments in which the same rules apply; the peers of these rules are one set, made when
 * the segment is first asked for. Ports by name depend on the destination, so their rules are asked one by one.
 */
import type { PolicyRule } from '../policy.js';
import { type Endpoint, PeerSet, isPodSeen, type Reading } from './peer-set.js';
import type { PodIndex } from './pod-index.js';
import { PortSet } from './port-set.js';

interface PortedRule {
  readonly rule: PolicyRule;
  /** Null for all ports. */
  readonly ports: PortSet | null;
}

export class RuleUnion {
  private readonly rules: readonly PortedRule[];
  private readonly index: PodIndex;
  private readonly reading: Reading;
  /** Where segments begin, ascending; the first is 0. */
  private readonly starts: Int32Array;
  private readonly segments: (PeerSet | undefined)[] = [];
  private readonly unions = new Map<string, PeerSet>();
  private readonly named: readonly { readonly ports: PortSet; readonly peers: PeerSet }[];

  constructor(rules: readonly PolicyRule[], index: PodIndex, reading: Reading) {
    this.index = index;
    this.reading = reading;
    this.rules = rules.map((rule) => ({ rule, ports: rule.ports === null ? null : new PortSet(rule.ports) }));
    const ends = this.rules.flatMap(({ ports }) => ports?.ranges ?? []).flatMap(([first, last]) => [first, last + 1]);
    this.starts = Int32Array.from(new Set([0, ...ends])).sort();
    this.named = this.rules.flatMap(({ rule, ports }) =>
      ports?.hasNames === true ? [{ ports, peers: new PeerSet([rule.peers], index, reading) }] : [],
    );
  }

  /** Whether a rule matches the peer and the port (as a port key) of the destination. */
  allows(peer: Endpoint, destination: Endpoint, key: number): boolean {
    const segment = this.segmentOf(key);
    const peers = this.segments[segment] ?? this.makeSegment(segment);
    if (peers.has(peer)) return true;
    const { namedPorts } = destination;
    if (this.named.length === 0 || namedPorts.length === 0 || !isPodSeen(destination, this.reading)) return false;
    for (const { ports, peers: ofNames } of this.named) {
      if (ports.hasName(key, namedPorts) && ofNames.has(peer)) return true;
    }
    return false;
  }

  private segmentOf(key: number): number {
    const { starts } = this;
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= key) low = middle;
      else high = middle;
    }
    return low;
  }

  private makeSegment(segment: number): PeerSet {
    const key = this.starts[segment]!;
    const applying = this.rules.filter(({ ports }) => ports === null || ports.hasNumber(key));
    const signature = applying.map((rule) => this.rules.indexOf(rule)).join();
    let peers = this.unions.get(signature);
    if (peers === undefined) {
      peers = new PeerSet(
        applying.map(({ rule }) => rule.peers),
        this.index,
        this.reading,
      );
      this.unions.set(signature, peers);
    }
    this.segments[segment] = peers;
    return peers;
  }
}
