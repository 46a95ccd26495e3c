/** Rules of the Admin and Baseline tiers, of which the first that matches decides. */
import type { Direction, Policy, PolicyRule } from '../policy.js';
import { type Endpoint, PeerSet, isPodSeen, type Reading } from './peer-set.js';
import type { PodIndex } from './pod-index.js';
import { PortSet } from './port-set.js';

interface CompiledRule {
  readonly action: PolicyRule['action'];
  readonly peers: PeerSet;
  /** Null for all ports. */
  readonly ports: PortSet | null;
}

/** What a tier says; `contradiction` if policies of equal priority do not agree, null if no rule matches. */
type TierAnswer = PolicyRule['action'] | 'contradiction' | null;

export class OrderedRules {
  /** By priority the policies, by policy the rules in their order. */
  private readonly groups: readonly (readonly (readonly CompiledRule[])[])[];
  private readonly reading: Reading;

  /** `policies` are of one tier, by ascending priority. */
  constructor(policies: readonly Policy[], direction: Direction, index: PodIndex, reading: Reading) {
    this.reading = reading;
    const groups = new Map<number, CompiledRule[][]>();
    for (const policy of policies) {
      const rules = (policy[direction] ?? []).map(({ action, peers, ports }): CompiledRule => ({
        action,
        peers: new PeerSet([peers], index, reading),
        ports: ports === null ? null : new PortSet(ports),
      }));
      const group = groups.get(policy.priority);
      if (group === undefined) groups.set(policy.priority, [rules]);
      else group.push(rules);
    }
    this.groups = [...groups.values()];
  }

  /** `key` is the port key of the destination's port. */
  ask(peer: Endpoint, destination: Endpoint, key: number): TierAnswer {
    for (const group of this.groups) {
      let answer: TierAnswer = null;
      for (const rules of group) {
        for (const rule of rules) {
          if (!this.matches(rule, peer, destination, key)) continue;
          if (answer !== null && answer !== rule.action) return 'contradiction';
          answer = rule.action;
          break;
        }
      }
      if (answer !== null) return answer;
    }
    return null;
  }

  private matches({ peers, ports }: CompiledRule, peer: Endpoint, destination: Endpoint, key: number): boolean {
    if (ports !== null && !ports.hasNumber(key)) {
      if (!isPodSeen(destination, this.reading) || !ports.hasName(key, destination.namedPorts)) return false;
    }
    return peers.has(peer);
  }
}
