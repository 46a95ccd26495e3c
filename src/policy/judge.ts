/**
 * The cluster and its policies, ready to judge connections of the report: who their ends are to policies, the verdict, and the
 * verdict as the document has it.
 */
import type { Inventory } from '../inventory/inventory.js';
import type { Connection as ReportConnection, ConnectionPolicy, PolicyEnd, PolicyOutcome } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import type { Cluster } from './cluster.js';
import type { Connection, ConnectionEnd } from './connection.js';
import { PolicyEvaluator } from './evaluate.js';
import { type EndExplanation, PolicyExplainer } from './explain.js';
import { describeExplanation, reasonOf } from './explanation-text.js';
import { clusterOfInventory, InventoryEnds } from './from-inventory.js';
import type { PolicyOptions } from './options.js';
import { remarksOn } from './outcome.js';
import type { Policy } from './policy.js';
import type { PolicyProblem, PolicySet } from './read/read-policies.js';
import type { RuleReference, Verdict } from './verdict.js';

/** An end of a connection, as the report has it. */
export interface SeenEnd {
  readonly owner: Owner;
  readonly address: string;
}

export class PolicyJudge {
  readonly cluster: Cluster;
  readonly policies: readonly Policy[];
  readonly problems: readonly PolicyProblem[];
  readonly options: PolicyOptions;
  readonly evaluator: PolicyEvaluator;
  private readonly explainer: PolicyExplainer;
  private readonly ends: InventoryEnds;
  private readonly ids = new Map<Policy, number>();

  constructor(inventory: Inventory, { policies, problems }: PolicySet, options: PolicyOptions) {
    this.cluster = clusterOfInventory(inventory);
    this.options = options;
    this.evaluator = new PolicyEvaluator(this.cluster, policies, options);
    this.policies = this.evaluator.policies;
    this.problems = problems;
    this.explainer = new PolicyExplainer(this.evaluator);
    this.ends = new InventoryEnds(inventory, this.cluster);
    this.policies.forEach((policy, id) => this.ids.set(policy, id));
  }

  /** Number of a policy in the document: its place in `policies`. */
  idOf(policy: Policy): number {
    return this.ids.get(policy) ?? -1;
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

  /** The verdict, and lines of text that give every reason. */
  describe(connection: Connection): { readonly verdict: Verdict; readonly lines: readonly string[] } {
    const explanation = this.explainer.explain(connection);
    return { verdict: explanation.verdict, lines: describeExplanation(connection, explanation) };
  }

  /** The verdict on a connection that was seen to go this way, as the document has it. */
  explain(connection: Connection, outcome: PolicyOutcome, hasSourceNat: boolean): ConnectionPolicy {
    const { verdict, egress, ingress, dependsOn } = this.explainer.explain(connection);
    const isUdp = connection.protocol === 'UDP';
    return {
      verdict,
      outcome,
      remarks: remarksOn(outcome, { dependsOn, isUdp, hasSourceNat: hasSourceNat && ingress.selecting.length > 0 }),
      egress: this.describedEnd(egress),
      ingress: this.describedEnd(ingress),
    };
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
