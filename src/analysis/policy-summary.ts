/**
 * What policies say of the whole: which workloads they isolate, which rules nothing used, who may talk to whom and who did.
 *
 * Made from the classes of connections (verdicts.ts), so that it costs by what was asked and not by how often.
 */
import { compareText } from '../base/compare-text.js';
import type {
  PolicyDescription,
  PolicyMatrix,
  PolicyMatrixCell,
  PolicyOutcome,
  PolicyRuleReference,
  PolicySummary,
  PolicyVerdict,
  WorkloadIsolation,
} from '../model/document.js';
import type { OwnerKind } from '../model/owner.js';
import { type Pod, podKey } from '../policy/cluster.js';
import { CompiledPolicies } from '../policy/compiled/compiled-policies.js';
import type { Connection } from '../policy/connection.js';
import type { PolicyJudge } from '../policy/judge.js';
import { isPodFor, scopeSelects } from '../policy/match.js';
import { OUTCOMES } from '../policy/outcome.js';
import { type Direction, DIRECTIONS, type Policy } from '../policy/policy.js';
import { passes } from '../policy/verdict.js';
import { describeWorkload } from './endpoint-totals.js';
import type { VerdictClass, Verdicts } from './verdicts.js';

const MAX_PROBLEMS = 200;
const MAX_WORKLOADS = 500;
const MAX_UNUSED_RULES = 500;
const MAX_MATRIX_WORKLOADS = 40;
/** Ports of a server that are tried to tell what policies let through. */
const MAX_PROBED_PORTS = 16;
/** A port that hardly anything declares: stands for all ports that nobody named. */
const ANY_PORT = 65_533;
/** Parties that are nobody in particular; what neighbours say to find each other is not who may talk to whom. */
const NOBODY: ReadonlySet<OwnerKind> = new Set(['multicast', 'broadcast', 'link-local', 'loopback', 'unspecified']);
const ESTABLISHED_NEVERTHELESS = OUTCOMES.indexOf('denied but established');

export function summarizePolicies(verdicts: Verdicts): PolicySummary {
  const { judge } = verdicts;
  const classes = Array.from({ length: verdicts.classCount }, (_, id) => verdicts.classAt(id));
  const severities = ['error', 'warning'];
  const { workloads, otherWorkloads } = isolation(judge, classes);
  const unusedRules = judge.policies.flatMap((policy) =>
    DIRECTIONS.flatMap((direction) => unusedOf(policy, direction, verdicts)),
  );
  const policies = judge.allVersions.map((policy, id) => describe(policy, id, judge));
  return {
    policies,
    problems: [...judge.problems]
      .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
      .slice(0, MAX_PROBLEMS),
    reading: judge.options,
    connectionsByVerdict: countVerdicts(classes),
    connectionsByOutcome: countOutcomes(classes),
    outOfScope: verdicts.outOfScope,
    workloads,
    otherWorkloads,
    unusedRules: unusedRules.slice(0, MAX_UNUSED_RULES),
    selectingNothing: policies.filter(({ pods, inForce }) => pods === 0 && inForce.until === null).map(({ id }) => id),
    matrix: new MatrixMaker(judge).make(classes),
  };
}

function describe(policy: Policy, id: number, judge: PolicyJudge): PolicyDescription {
  const { cluster, options } = judge;
  const selected = cluster.pods.filter(
    (pod) => isPodFor(policy, pod, options) && scopeSelects(policy.subject, pod, cluster),
  );
  return {
    id,
    kind: policy.kind,
    namespace: policy.namespace,
    name: policy.name,
    file: policy.file,
    lines: policy.lines,
    tier: policy.tier,
    priority: policy.priority,
    ingressRules: policy.ingress?.length ?? null,
    egressRules: policy.egress?.length ?? null,
    pods: selected.length,
    inForce: judge.inForce(policy),
  };
}

function unusedOf(policy: Policy, direction: Direction, { judge, usedRules }: Verdicts): PolicyRuleReference[] {
  return (policy[direction] ?? [])
    .filter((rule) => !usedRules.has(rule))
    .map((rule) => ({ policy: judge.idOf(policy), direction, rule: rule.number, lines: rule.lines }));
}

function countVerdicts(classes: readonly VerdictClass[]): Record<PolicyVerdict, number> {
  const counts = { allowed: 0, denied: 0, 'not selected': 0, undefined: 0 };
  for (const { verdict, counts: seen } of classes) counts[verdict] += total(seen);
  return counts;
}

function countOutcomes(classes: readonly VerdictClass[]): Partial<Record<PolicyOutcome, number>> {
  const counts = OUTCOMES.map((outcome, at) => {
    return [outcome, classes.reduce((sum, { counts }) => sum + counts[at]!, 0)] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function workloadOf({ workload, name }: Pod): string {
  return workload ?? `Pod/${name}`;
}

function isolation(
  judge: PolicyJudge,
  classes: readonly VerdictClass[],
): { workloads: WorkloadIsolation[]; otherWorkloads: number } {
  const pods = new Map<string, Pod[]>();
  for (const pod of judge.cluster.pods) {
    const key = `${pod.namespace}/${workloadOf(pod)}`;
    const known = pods.get(key);
    if (known === undefined) pods.set(key, [pod]);
    else known.push(pod);
  }
  const asClient = new Map<string, number>();
  const asServer = new Map<string, number>();
  for (const { client, server, clientAddress, serverAddress, counts } of classes) {
    add(asClient, describeWorkload(client, clientAddress).key, total(counts));
    add(asServer, describeWorkload(server, serverAddress).key, total(counts));
  }
  const keys = [...pods.keys()].sort(compareText);
  const workloads = keys.slice(0, MAX_WORKLOADS).map((key): WorkloadIsolation => {
    const members = pods.get(key) ?? [];
    const [first] = members;
    const selecting = (direction: Direction): number[] => {
      const policies = members.flatMap((pod) => judge.evaluator.selecting(pod, direction));
      return [...new Set(policies.map((policy) => judge.idOf(policy)))].sort((a, b) => a - b);
    };
    return {
      namespace: first?.namespace ?? '',
      workload: first === undefined ? '' : workloadOf(first),
      pods: members.length,
      ingress: selecting('ingress'),
      egress: selecting('egress'),
      connectionsIn: asServer.get(key) ?? 0,
      connectionsOut: asClient.get(key) ?? 0,
    };
  });
  return { workloads, otherWorkloads: keys.length - workloads.length };
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

interface Row {
  readonly key: string;
  readonly label: string;
  readonly namespace: string | null;
  connections: number;
  /** `8080/TCP`: ports on which it was called. */
  readonly ports: Map<string, { protocol: string; port: number }>;
}

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] };

class MatrixMaker {
  private readonly compiled: CompiledPolicies;
  /** One pod of each workload stands for all. */
  private readonly pods = new Map<string, Pod>();
  private readonly rows = new Map<string, Row>();

  constructor(judge: PolicyJudge) {
    this.compiled = new CompiledPolicies(judge.cluster, judge.policies, judge.options);
    for (const pod of judge.cluster.pods) {
      if (!pod.hostNetwork) this.pods.set(`${pod.namespace}/${workloadOf(pod)}`, pod);
    }
  }

  make(all: readonly VerdictClass[]): PolicyMatrix {
    const classes = all.filter(({ client, server }) => !NOBODY.has(client.kind) && !NOBODY.has(server.kind));
    for (const one of classes) this.note(one);
    const order = [...this.rows.values()].sort((a, b) => b.connections - a.connections || compareText(a.key, b.key));
    const shown = order.slice(0, MAX_MATRIX_WORKLOADS);
    const positions = new Map(shown.map(({ key }, at) => [key, at]));
    const seen = this.seenCells(classes, positions);
    const cells = shown.flatMap((client, row) =>
      shown.flatMap((server, column): PolicyMatrixCell[] => {
        const permits = this.permits(client, server);
        const counts = seen.get(`${row} ${column}`);
        if (counts === undefined && (permits === null || permits === 'all ports')) return [];
        const none = { allowed: 0, denied: 0, undefined: 0, deniedButEstablished: 0 };
        return [{ client: row, server: column, ...(counts ?? none), permits }];
      }),
    );
    return {
      workloads: shown.map(({ key, label, namespace }) => ({ key, label, namespace })),
      cells,
      otherWorkloads: order.length - shown.length,
    };
  }

  private note({ client, server, clientAddress, serverAddress, protocol, port, counts }: VerdictClass): void {
    const connections = total(counts);
    this.rowOf(client, clientAddress).connections += connections;
    const called = this.rowOf(server, serverAddress);
    called.connections += connections;
    if (port !== null && called.ports.size < MAX_PROBED_PORTS) {
      called.ports.set(`${port}/${protocol}`, { protocol, port });
    }
  }

  private rowOf(owner: VerdictClass['client'], address: string): Row {
    const { key, label } = describeWorkload(owner, address);
    let row = this.rows.get(key);
    if (row === undefined) {
      row = { key, label, namespace: owner.namespace, connections: 0, ports: new Map() };
      this.rows.set(key, row);
    }
    return row;
  }

  private seenCells(
    classes: readonly VerdictClass[],
    positions: ReadonlyMap<string, number>,
  ): Map<string, Mutable<Omit<PolicyMatrixCell, 'client' | 'server' | 'permits'>>> {
    const cells = new Map<string, Mutable<Omit<PolicyMatrixCell, 'client' | 'server' | 'permits'>>>();
    for (const { client, server, clientAddress, serverAddress, verdict, counts } of classes) {
      const row = positions.get(describeWorkload(client, clientAddress).key);
      const column = positions.get(describeWorkload(server, serverAddress).key);
      if (row === undefined || column === undefined) continue;
      const key = `${row} ${column}`;
      let cell = cells.get(key);
      if (cell === undefined) {
        cells.set(key, (cell = { allowed: 0, denied: 0, undefined: 0, deniedButEstablished: 0 }));
      }
      cell[verdict === 'not selected' ? 'allowed' : verdict] += total(counts);
      cell.deniedButEstablished += counts[ESTABLISHED_NEVERTHELESS]!;
    }
    return cells;
  }

  private permits(client: Row, server: Row): PolicyMatrixCell['permits'] {
    const from = this.pods.get(client.key);
    const to = this.pods.get(server.key);
    if (from === undefined || to === undefined) return null;
    const declared = to.ports.slice(0, MAX_PROBED_PORTS);
    const probed = [...declared, ...server.ports.values(), { protocol: 'TCP', port: ANY_PORT }];
    const passing = probed.filter(({ protocol, port }) => this.isPermitted(from, to, protocol, port));
    if (passing.length === 0) return 'nothing';
    return passing.length === probed.length ? 'all ports' : 'some ports';
  }

  private isPermitted(from: Pod, to: Pod, protocol: string, port: number): boolean {
    const connection: Connection = {
      source: { kind: 'pod', pod: podKey(from), address: null },
      destination: { kind: 'pod', pod: podKey(to), address: null },
      protocol,
      port,
      throughService: false,
    };
    return passes(this.compiled.evaluate(connection).verdict);
  }
}
