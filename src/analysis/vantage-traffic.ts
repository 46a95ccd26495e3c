/** What the flows of each vantage point say of where it is: whose addresses all its packets have, which pods' packets are as they were sent. */
import { instantAt } from '../inventory/instants.js';
import type { Inventory } from '../inventory/inventory.js';
import type { VantagePoint } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import type { FlowSet } from '../trail/flow-set.js';

/** Hop limits that hosts begin with. */
const INITIAL_HOP_LIMITS = new Set([64, 128, 255]);
const PROTOCOL_TCP = 6;
/** A client that is not answered sends fewer packets in the time of most captures. */
const FEWEST_PACKETS = 8;
const FEWEST_FLOWS = 3;
const ONE_WAY_SHARE = 0.95;
const NOT_OF_ANYBODY = new Set(['multicast', 'broadcast', 'link-local', 'unspecified', 'loopback']);

/** Of one vantage point. */
export class TrafficFacts {
  /** Nodes that every flow has an end on; null while there is none, or if ends are not known. */
  nodes: ReadonlySet<string> | null = null;
  /** True if no flow was seen whose ends are not all known. */
  isSure = true;
  /** Pods with packets that no router had passed on yet, and pods with others. */
  readonly asSent = new Map<string, string>();
  readonly routed = new Set<string>();
  /** Pods that each flow has as an end. */
  pods: ReadonlySet<string> | null = null;
  /** Tunnels or WireGuard between nodes. */
  hasTunnels = false;
  /** TCP flows of more than a few packets, and those of them that were seen in one direction only. */
  tcpFlows = 0;
  oneWayTcpFlows = 0;
}

/** Facts by vantage point. */
export function readTraffic(flows: FlowSet, vantages: number, inventory: Inventory): TrafficFacts[] {
  const facts = Array.from({ length: vantages }, () => new TrafficFacts());
  const owners = new OwnersInTime(flows, inventory);
  for (let f = 0; f < flows.length; f++) {
    flows.load(f);
    addFlow(facts[flows.vantage]!, flows, owners.of(flows.addressA), owners.of(flows.addressB));
  }
  return facts;
}

function addFlow(facts: TrafficFacts, flows: FlowSet, a: Owner, b: Owner): void {
  countDirections(facts, flows);
  if (NOT_OF_ANYBODY.has(a.kind) || NOT_OF_ANYBODY.has(b.kind)) return;
  if ((flows.isCarrier || flows.isWireguard) && a.kind === 'node' && b.kind === 'node') facts.hasTunnels = true;
  if (!isKnown(a) || !isKnown(b)) facts.isSure = false;
  facts.nodes = intersect(facts.nodes, [a.node, b.node]);
  facts.pods = intersect(facts.pods, [podOf(a), podOf(b)]);
  noteHopLimit(facts, a, flows.hopLimit(0));
  noteHopLimit(facts, b, flows.hopLimit(1));
}

/** True if nearly all of enough TCP flows have one direction; on bridges translation alone can make two flows of one connection. */
export function isOneWay(role: VantagePoint['role'], { tcpFlows, oneWayTcpFlows }: TrafficFacts): boolean {
  return role !== 'bridge' && role !== 'any' && tcpFlows >= FEWEST_FLOWS && oneWayTcpFlows >= tcpFlows * ONE_WAY_SHARE;
}

function countDirections(facts: TrafficFacts, flows: FlowSet): void {
  const there = flows.packets(0);
  const back = flows.packets(1);
  if (flows.protocol !== PROTOCOL_TCP || there + back < FEWEST_PACKETS) return;
  facts.tcpFlows++;
  if (there === 0 || back === 0) facts.oneWayTcpFlows++;
}

/** What is neither of the cluster's networks nor ambiguous is known well enough: it is on no node. */
function isKnown({ kind, node, confidence }: Owner): boolean {
  if (kind === 'external' || kind === 'service') return true;
  return kind !== 'unknown' && node !== null && confidence !== 'ambiguous' && confidence !== 'unknown';
}

function noteHopLimit(facts: TrafficFacts, owner: Owner, hopLimit: number | null): void {
  const pod = podOf(owner);
  if (pod === null || owner.node === null || hopLimit === null) return;
  if (INITIAL_HOP_LIMITS.has(hopLimit)) facts.asSent.set(pod, owner.node);
  else facts.routed.add(pod);
}

function podOf({ kind, namespace, name, hostNetwork }: Owner): string | null {
  return kind === 'pod' && !hostNetwork ? `${namespace}/${name}` : null;
}

function intersect(known: ReadonlySet<string> | null, found: readonly (string | null)[]): ReadonlySet<string> {
  const names = new Set(found.filter((name) => name !== null));
  return known === null ? names : new Set([...known].filter((name) => names.has(name)));
}

/** Owners of the loaded flow's addresses, asked for again only when an answer has run out. */
class OwnersInTime {
  private readonly flows: FlowSet;
  private readonly inventory: Inventory;
  private readonly tenures: (ReturnType<Inventory['tenureOf']> | undefined)[] = [];

  constructor(flows: FlowSet, inventory: Inventory) {
    this.flows = flows;
    this.inventory = inventory;
  }

  of(address: number): Owner {
    const at = instantAt(this.flows.firstSeconds, this.flows.firstNanoseconds);
    const known = this.tenures[address];
    if (known !== undefined && at >= known.from && at < known.until) return known.owner;
    const tenure = this.inventory.tenureOf(this.flows.addressTable.text(address), at, null);
    this.tenures[address] = tenure;
    return tenure.owner;
  }
}
