/**
 * Policies compiled to sets, for verdicts on many connections: the same answers as evaluate.ts, without explanation.
 *
 * Pods that the same policies select share a table, made when first asked for. An end is looked up once and then known by
 * number. What is not known of an end is left to the evaluator. Figures: `npm run bench:policy`.
 */
import type { Cluster } from '../cluster.js';
import type { Connection } from '../connection.js';
import { PolicyEvaluator } from '../evaluate.js';
import { DEFAULT_OPTIONS, type PolicyOptions } from '../options.js';
import { type Direction, type Peer, type Policy } from '../policy.js';
import { combineVerdicts, type Verdict } from '../verdict.js';
import { Endpoints } from './endpoints.js';
import { OrderedRules } from './ordered-rules.js';
import { PortNames } from './named-ports.js';
import { type Endpoint, readingOf } from './peer-set.js';
import { PodIndex } from './pod-index.js';
import { portKey, PROTOCOL_NUMBERS } from './port-set.js';
import { RuleUnion } from './rule-union.js';
import { SelectionClasses } from './selection.js';

export interface EndVerdicts {
  readonly verdict: Verdict;
  readonly egress: Verdict;
  readonly ingress: Verdict;
}

/** What binds the pods of one class in one direction. */
interface Table {
  readonly isEmpty: boolean;
  readonly admin: OrderedRules | null;
  /** NetworkPolicies decide finally where one selects the pods; null where none does. */
  readonly networkPolicies: RuleUnion | null;
  readonly baseline: OrderedRules | null;
  /** Some rule names domains: who has them is for the evaluator to doubt. */
  readonly namesDomains: boolean;
  /** Some rule selects nodes by their labels. */
  readonly selectsNodes: boolean;
}

/** One direction: what binds each pod in it. */
interface Side {
  readonly direction: Direction;
  readonly classes: SelectionClasses;
  /** By class. */
  readonly tables: (Table | undefined)[];
}

const TRANSPORT = new Map<string, number>(Object.entries(PROTOCOL_NUMBERS));
const OTHER_PROTOCOL = -1;
/** Answer of verdictOf where an end is not known well enough. */
export const UNSURE = -1;
const VERDICTS: readonly Verdict[] = ['allowed', 'denied', 'not selected', 'undefined'];
const ALLOWED = 0;
const DENIED = 1;
const NOT_SELECTED = 2;
const UNDEFINED = 3;
const ENDS = VERDICTS.length;

/** Number of a protocol as verdictOf wants it: -1 for those that policies do not know. */
export function protocolNumber(protocol: string): number {
  return TRANSPORT.get(protocol) ?? OTHER_PROTOCOL;
}

export class CompiledPolicies {
  private readonly evaluator: PolicyEvaluator;
  private readonly index: PodIndex;
  private readonly portNames = new PortNames();
  private readonly endpoints: Endpoints;
  private readonly egress: Side;
  private readonly ingress: Side;

  constructor(cluster: Cluster, policies: readonly Policy[], options: PolicyOptions = DEFAULT_OPTIONS) {
    this.evaluator = new PolicyEvaluator(cluster, policies, options);
    this.index = new PodIndex(cluster);
    this.endpoints = new Endpoints(cluster, this.portNames);
    const side = (direction: Direction): Side => {
      return { direction, classes: new SelectionClasses(cluster.pods.length), tables: [] };
    };
    this.egress = side('egress');
    this.ingress = side('ingress');
    this.evaluator.policies.forEach((policy, number) => {
      const pods = this.index.select(policy.subject, readingOf(policy.tier, options).seesHostPods);
      if (policy.egress !== null) this.egress.classes.split(number, pods);
      if (policy.ingress !== null) this.ingress.classes.split(number, pods);
    });
  }

  /** The verdict on one connection, whatever is known of its ends. */
  evaluate(connection: Connection): EndVerdicts {
    const { port, throughService } = connection;
    const protocol = protocolNumber(connection.protocol);
    const [source, destination] = this.endpointsOf(connection);
    const isPortUnknown = port === null && protocol !== OTHER_PROTOCOL;
    const code = isPortUnknown ? UNSURE : this.verdictOf(source, destination, protocol, port ?? 0, throughService);
    if (code === UNSURE) {
      const { verdict, egress, ingress } = this.evaluator.evaluate(connection);
      return { verdict, egress: egress.verdict, ingress: ingress.verdict };
    }
    const egress = VERDICTS[code % ENDS]!;
    const ingress = VERDICTS[Math.floor(code / ENDS)]!;
    return { verdict: combineVerdicts(egress, ingress), egress, ingress };
  }

  /** Numbers of the two ends for verdictOf; the same end has the same number. */
  endpointsOf(connection: Connection): [number, number] {
    return this.endpoints.of(connection);
  }

  /**
   * The verdict as a number: that of the source's end plus four times that of the destination's, each 0 allowed, 1 denied,
   * 2 not selected, 3 undefined; or UNSURE. `protocol` is from protocolNumber.
   */
  verdictOf(source: number, destination: number, protocol: number, port: number, throughService: boolean): number {
    const from = this.endpoints.list[source]!;
    const to = this.endpoints.list[destination]!;
    if (from.isUnsure || to.isUnsure) return UNSURE;
    if (from.pod >= 0 && from.pod === to.pod && !throughService) return ALLOWED + ENDS * ALLOWED;
    const key = protocol === OTHER_PROTOCOL ? OTHER_PROTOCOL : portKey(protocol, port);
    const egress = this.judge(this.egress, from, to, to, key);
    if (egress === UNSURE) return UNSURE;
    const ingress = this.judge(this.ingress, to, from, to, key);
    return ingress === UNSURE ? UNSURE : egress + ENDS * ingress;
  }

  private judge(side: Side, subject: Endpoint, peer: Endpoint, destination: Endpoint, key: number): number {
    if (subject.pod < 0) return NOT_SELECTED;
    const selectionClass = side.classes.classOf[subject.pod]!;
    const table = side.tables[selectionClass] ?? this.makeTable(side, selectionClass);
    if (table.isEmpty) return NOT_SELECTED;
    if (key === OTHER_PROTOCOL) return UNDEFINED;
    if (table.namesDomains && peer.view.kind === 'external') return UNSURE;
    if (table.selectsNodes && peer.isUnknownNode) return UNSURE;
    const byAdmin = askTier(table.admin, peer, destination, key);
    if (byAdmin !== NOT_SELECTED) return byAdmin;
    if (table.networkPolicies !== null) {
      if (subject.pod === peer.pod) return UNDEFINED;
      if (table.networkPolicies.allows(peer, destination, key)) return ALLOWED;
      return peer.mayBeNode && this.isOwnNode(subject, peer) ? ALLOWED : DENIED;
    }
    const byBaseline = askTier(table.baseline, peer, destination, key);
    return byBaseline === NOT_SELECTED ? ALLOWED : byBaseline;
  }

  private isOwnNode({ view: { pod } }: Endpoint, { view: peer }: Endpoint): boolean {
    const { cluster, options } = this.evaluator;
    if (pod === null) return false;
    if (peer.pod !== null && (!peer.pod.hostNetwork || options.hostNetworkPods === 'as pods')) return false;
    if (peer.node !== null && peer.node === pod.node) return true;
    return peer.address !== null && cluster.isOwnNode(pod, peer.address);
  }

  private makeTable({ direction, classes, tables }: Side, selectionClass: number): Table {
    const numbers = classes.policiesOf(selectionClass);
    const policies = numbers.map((number) => this.evaluator.policies[number]!);
    const ofTier = (tier: Policy['tier']): Policy[] => policies.filter((policy) => policy.tier === tier);
    const ordered = (tier: Policy['tier']): OrderedRules | null =>
      ofTier(tier).length === 0
        ? null
        : new OrderedRules(ofTier(tier), direction, this.index, readingOf(tier, this.evaluator.options));
    const rules = ofTier('NetworkPolicy').flatMap((policy) => policy[direction] ?? []);
    const reading = readingOf('NetworkPolicy', this.evaluator.options);
    const table: Table = {
      isEmpty: policies.length === 0,
      admin: ordered('Admin'),
      networkPolicies:
        ofTier('NetworkPolicy').length === 0 ? null : new RuleUnion(rules, this.index, reading, this.portNames),
      baseline: ordered('Baseline'),
      namesDomains: hasPeers(policies, direction, 'domains'),
      selectsNodes: hasPeers(policies, direction, 'nodes'),
    };
    tables[selectionClass] = table;
    return table;
  }
}

function hasPeers(policies: readonly Policy[], direction: Direction, type: Peer['type']): boolean {
  return policies.some((policy) =>
    (policy[direction] ?? []).some(({ peers }) => peers !== null && peers.some((peer) => peer.type === type)),
  );
}

/** NOT_SELECTED where the tier says nothing or leaves it to those below. */
function askTier(tier: OrderedRules | null, peer: Endpoint, destination: Endpoint, key: number): number {
  if (tier === null) return NOT_SELECTED;
  switch (tier.ask(peer, destination, key)) {
    case 'Allow':
      return ALLOWED;
    case 'Deny':
      return DENIED;
    case 'contradiction':
      return UNDEFINED;
    case 'Pass':
    case null:
      return NOT_SELECTED;
  }
}
