/**
 * Rules of NetworkPolicies that add up: whose order means nothing, because one that matches is enough.
 *
 * All protocols and ports are cut into segments in which the same rules apply by number. Which rules apply by name depends on
 * the names that the destination gives to the port. The peers of the rules that apply are one set for each pair of segment and
 * names, made when first asked for.
 */
import type { PolicyRule } from '../policy.js';
import { namesOfPort, type PortNames } from './named-ports.js';
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
  private readonly portNames: PortNames;
  private readonly hasNames: boolean;
  /** Where segments begin, ascending; the first is 0. */
  private readonly starts: Int32Array;
  /** By names, then by segment. */
  private readonly peers: (PeerSet | undefined)[][] = [];
  private readonly unions = new Map<string, PeerSet>();

  constructor(rules: readonly PolicyRule[], index: PodIndex, reading: Reading, portNames: PortNames) {
    this.index = index;
    this.reading = reading;
    this.portNames = portNames;
    this.rules = rules.map((rule) => ({ rule, ports: rule.ports === null ? null : new PortSet(rule.ports) }));
    this.hasNames = this.rules.some(({ ports }) => ports?.hasNames === true);
    const ends = this.rules.flatMap(({ ports }) => ports?.ranges ?? []).flatMap(([first, last]) => [first, last + 1]);
    this.starts = Int32Array.from(new Set([0, ...ends])).sort();
  }

  /** Whether a rule matches the peer and the port (as a port key) of the destination. */
  allows(peer: Endpoint, destination: Endpoint, key: number): boolean {
    const hasNames = this.hasNames && destination.namedPorts.length > 0 && isPodSeen(destination, this.reading);
    const names = hasNames ? namesOfPort(destination.portNames, key) : 0;
    const segment = this.segmentOf(key);
    return (this.peers[names]?.[segment] ?? this.makePeers(names, segment)).has(peer);
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

  private makePeers(names: number, segment: number): PeerSet {
    const key = this.starts[segment]!;
    const named = this.portNames.sets[names] ?? [];
    const applying = this.rules.flatMap(({ ports }, at) =>
      ports === null || ports.hasNumber(key) || ports.hasAnyName(named) ? [at] : [],
    );
    const signature = applying.join();
    let peers = this.unions.get(signature);
    if (peers === undefined) {
      peers = new PeerSet(
        applying.map((at) => this.rules[at]!.rule.peers),
        this.index,
        this.reading,
      );
      this.unions.set(signature, peers);
    }
    (this.peers[names] ??= [])[segment] = peers;
    return peers;
  }
}
