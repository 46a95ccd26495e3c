/**
 * The cluster and its policies, ready to judge connections of the report: who their ends are to policies, the verdict, and the
 * verdict as the document has it.
 */
import type { Timestamp } from '../base/time.js';
import { formatInstantExactly } from '../inventory/instants.js';
import type { Inventory } from '../inventory/inventory.js';
import type { Connection as ReportConnection, ConnectionPolicy, PolicyEnd, PolicyOutcome } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import type { Cluster } from './cluster.js';
import type { Connection, ConnectionEnd } from './connection.js';
import type { PolicyEvaluator } from './evaluate.js';
import type { ConnectionExplanation, EndExplanation } from './explain.js';
import { describeExplanation, reasonOf } from './explanation-text.js';
import { InventoryEnds } from './from-inventory.js';
import { type Epoch, formerVersions, inForce, type PolicyHistory, PolicyTimeline } from './history.js';
import type { LoadedPolicies } from './load.js';
import type { PolicyOptions } from './options.js';
import { remarksOn } from './outcome.js';
import { type Direction, type Policy, policyKey } from './policy.js';
import type { PolicyProblem, PolicySet } from './read/read-policies.js';
import { between, type ConnectionVerdict, type RuleReference, type Verdict } from './verdict.js';

/** An end of a connection, as the report has it. */
export interface SeenEnd {
  readonly owner: Owner;
  readonly address: string;
}

/** What else is known of a connection that was seen. */
export interface SeenHow {
  readonly hasSourceNat: boolean;
  /** As epochAt says. */
  readonly epoch: number | null;
  /** Proof that packets of it were dropped (describeDrop); null if there is none. */
  readonly drop: string | null;
}

/** Policies as they were loaded; without histories all of them were always in force. */
type JudgedPolicies = PolicySet & Partial<Pick<LoadedPolicies, 'histories'>>;

export class PolicyJudge {
  /** The cluster and its policies as the newest snapshots show them. */
  readonly cluster: Cluster;
  readonly policies: readonly Policy[];
  readonly evaluator: PolicyEvaluator;
  /** Those in force and, after them, former versions: by their numbers in the document. */
  readonly allVersions: readonly Policy[];
  readonly problems: readonly PolicyProblem[];
  readonly options: PolicyOptions;
  private readonly timeline: PolicyTimeline;
  private readonly histories: readonly PolicyHistory[];
  private readonly ends: InventoryEnds;
  private readonly ids = new Map<Policy, number>();

  constructor(inventory: Inventory, { policies, problems, histories = [] }: JudgedPolicies, options: PolicyOptions) {
    const changed = new Set(histories.map(({ key }) => key));
    const constant = policies.filter((policy) => !changed.has(policyKey(policy)));
    this.options = options;
    this.histories = histories;
    this.timeline = new PolicyTimeline(inventory, constant, histories, options);
    this.evaluator = this.timeline.newest.evaluator;
    this.cluster = this.evaluator.cluster;
    this.policies = this.evaluator.policies;
    this.problems = problems;
    this.ends = new InventoryEnds(inventory, this.cluster);
    this.allVersions = [...this.policies, ...formerVersions(histories)];
    this.allVersions.forEach((policy, id) => this.ids.set(policy, id));
  }

  /** Number of a version of a policy in the document: its place in `policies`. */
  idOf(policy: Policy): number {
    return this.ids.get(policy) ?? -1;
  }

  /** When this version was in force, as far as snapshots tell: RFC 3339; null for always, and for still. */
  inForce(policy: Policy): { readonly from: string | null; readonly until: string | null } {
    const { from, until } = inForce(policy, this.histories);
    return {
      from: from === null || from === Infinity ? null : formatInstantExactly(from),
      until: until === null ? null : formatInstantExactly(until),
    };
  }

  /** Number of the time in which policies and labels were as they were at `at`; null stands for the newest snapshots. */
  epochAt(at: Timestamp | null): number | null {
    return at === null ? null : this.timeline.epochAt(at);
  }

  /** The verdict at that time. */
  evaluate(connection: Connection, epoch: number | null): ConnectionVerdict {
    const { before, after } = this.epoch(epoch);
    const verdict = before.evaluator.evaluate(connection);
    return before === after ? verdict : between(verdict, after.evaluator.evaluate(connection));
  }

  /** An end as policies see it; `protocol` and `port` are those called, for the backends of a Service. */
  endOf({ owner, address }: SeenEnd, protocol: string, port: number | null): ConnectionEnd {
    return this.ends.endOf(owner, address, protocol, port);
  }

  /** What policies are asked about a connection between these ends; `port` is the server's. */
  question(
    client: SeenEnd,
    server: SeenEnd,
    protocol: string,
    port: number | null,
    throughService: boolean,
  ): Connection {
    return {
      source: this.endOf(client, protocol, null),
      destination: this.endOf(server, protocol, port),
      protocol,
      port,
      throughService,
    };
  }

  /** The same for a row of the report. */
  questionOf({ client, server, protocol, dialed, service }: ReportConnection): Connection {
    return this.question(client, server, protocol, server.port, dialed !== null || service !== null);
  }

  /** The verdict at that time, and lines of text that give every reason. */
  describe(
    connection: Connection,
    epoch: number | null,
  ): { readonly verdict: Verdict; readonly lines: readonly string[] } {
    const { explanation, doubt } = this.explanation(connection, epoch);
    const lines = describeExplanation(connection, explanation);
    return { verdict: explanation.verdict, lines: doubt === null ? lines : [...lines, doubt] };
  }

  /** The verdict on a connection that was seen to go this way at that time, as the document has it. */
  explain(connection: Connection, outcome: PolicyOutcome, { hasSourceNat, epoch, drop }: SeenHow): ConnectionPolicy {
    const { explanation, doubt } = this.explanation(connection, epoch);
    const { verdict, egress, ingress, dependsOn } = explanation;
    const isUdp = connection.protocol === 'UDP';
    const about = { dependsOn, isUdp, hasSourceNat: hasSourceNat && ingress.selecting.length > 0 };
    return {
      verdict,
      outcome,
      remarks: [...[drop, doubt].filter((remark) => remark !== null), ...remarksOn(outcome, about)],
      egress: this.describedEnd(egress),
      ingress: this.describedEnd(ingress),
    };
  }

  private epoch(number: number | null): Epoch {
    const { newest } = this.timeline;
    return number === null ? { before: newest, after: newest, when: '' } : this.timeline.epoch(number);
  }

  /** `doubt`: what to say where policies or labels changed about then, and the verdict with them. */
  private explanation(
    connection: Connection,
    number: number | null,
  ): { readonly explanation: ConnectionExplanation; readonly doubt: string | null } {
    const { before, after, when } = this.epoch(number);
    const earlier = before.explainer.explain(connection);
    if (before === after) return { explanation: earlier, doubt: null };
    const later = after.evaluator.evaluate(connection);
    const verdict = between(earlier, later);
    if (verdict === earlier) return { explanation: earlier, doubt: null };
    const doubt = `Policies or labels changed ${when}, when it was opened: by the earlier ones it is ${earlier.verdict}, by the later ones ${later.verdict}.`;
    const end = (direction: Direction): EndExplanation => {
      return verdict[direction] === earlier[direction] ? earlier[direction] : { ...verdict[direction], misses: [] };
    };
    return { explanation: { ...earlier, ...verdict, egress: end('egress'), ingress: end('ingress') }, doubt };
  }

  private describedEnd(end: EndExplanation): PolicyEnd {
    return {
      verdict: end.verdict,
      reason: reasonOf(end),
      selecting: end.selecting.map((policy) => this.idOf(policy)),
      deciding: end.deciding.map((reference) => this.referenceTo(reference, end.direction)),
      misses: end.misses.map(({ policy, rule, reasons }) => {
        return { policy: this.idOf(policy), rule: rule?.number ?? null, lines: rule?.lines ?? null, reasons };
      }),
    };
  }

  private referenceTo({ policy, rule }: RuleReference, direction: 'egress' | 'ingress'): PolicyEnd['deciding'][number] {
    return { policy: this.idOf(policy), direction, rule: rule.number, lines: rule.lines };
  }
}
