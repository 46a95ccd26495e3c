/**
 * The order in which a direction's packets passed the hops of a connection.
 *
 * What tells it, best first: the time to live, which falls at every router; on one node the kind of interface, where a bridge and the
 * devices on it see a packet in the same moment; then time, as long as one clock saw both. Nodes are ordered by the time to live,
 * then by which of them the tunnel came from. Rules and their accuracy were measured on captures with known paths.
 */
import type { ClockErrors } from './clocks/clock-errors.js';
import type { FlowColumns } from './flow-columns.js';
import type { FlowSet } from './flow-set.js';
import type { SampleIndex } from './sample-index.js';

export type PlaceRole =
  'pod' | 'veth' | 'bridge' | 'overlay' | 'wireguard' | 'underlay' | 'loopback' | 'any' | 'nflog' | 'unknown';

/** What is known of vantage points, and of addresses of nodes. */
export interface Places {
  /** Number of the node, or -1. */
  node(vantage: number): number;
  role(vantage: number): PlaceRole;
  /** Number of the node that has this address itself, or -1. */
  nodeOfAddress(address: number): number;
  /** Number of the node that has this address itself, or whose pods had it, or -1. */
  homeOfAddress(address: number): number;
  /** Addresses of the pod that a pod's own device or its veth belongs to; null where that is not known. */
  podAddresses(vantage: number): ReadonlySet<number> | null;
}

/** Order on a sending node; a receiving one has it the other way round. */
const OUTWARD: Readonly<Record<PlaceRole, number>> = {
  pod: 0,
  veth: 1,
  nflog: 2,
  bridge: 3,
  loopback: 4,
  any: 4,
  unknown: 4,
  overlay: 5,
  wireguard: 5,
  underlay: 6,
};
/** Times of one kernel that differ by less say nothing: captures of microseconds are cut, not rounded. */
const SAME_MOMENT_NS = 1000;
const SENDING = 1;
const RECEIVING = -1;
const NOT_KNOWN = 0;

/** A hop as one direction's packets show it. */
interface DirectedHop {
  /** Index among the hops given. */
  readonly index: number;
  readonly vantage: number;
  readonly node: number;
  readonly role: PlaceRole;
  /** Highest time to live of its samples, -1 if there are none. */
  readonly timeToLive: number;
  /** SENDING if the device belongs to the sender, RECEIVING if to the receiver. */
  readonly side: number;
  /** 1 if it saw the tunnel packet on the node that sent it, -1 on the one that receives it, else 0. */
  readonly tunnelEnd: number;
  /** SENDING if the sender lives on this node, RECEIVING if the receiver does. */
  readonly nodeEnd: number;
  /** Time of the first sighting of each packet, by identity. */
  readonly times: ReadonlyMap<number, number>;
  readonly firstTime: number;
}

export class HopOrder {
  private readonly flows: FlowSet;
  private readonly columns: FlowColumns;
  private readonly samples: SampleIndex;
  private readonly places: Places;
  private readonly errors: ClockErrors;
  /** By vantage point on a pod's own devices: the addresses that all its traffic has. */
  private readonly ownAddresses: ReadonlyMap<number, ReadonlySet<number>>;

  constructor(flows: FlowSet, columns: FlowColumns, samples: SampleIndex, places: Places, errors: ClockErrors) {
    this.flows = flows;
    this.columns = columns;
    this.samples = samples;
    this.places = places;
    this.errors = errors;
    this.ownAddresses = findOwnAddresses(flows, columns, places);
  }

  /**
   * Indexes into `hops` of those that saw packets of one direction, in the order of the path. `directions[i]` is the flow's
   * direction that is meant.
   */
  order(hops: ArrayLike<number>, directions: ArrayLike<number>): number[] {
    const seen: DirectedHop[] = [];
    for (let i = 0; i < hops.length; i++) {
      this.flows.load(hops[i]!);
      if (this.flows.packets(directions[i]!) > 0) seen.push(this.describe(i, hops[i]!, directions[i]!));
    }
    const byNode = new Map<number, DirectedHop[]>();
    for (const hop of seen) {
      // Hops of unknown nodes stand for themselves.
      const node = hop.node < 0 ? -1 - hop.index : hop.node;
      const known = byNode.get(node);
      if (known === undefined) byNode.set(node, [hop]);
      else known.push(hop);
    }
    const nodes = [...byNode.values()].map((group) => insertionSort(group, compareOnNode));
    return insertionSort(nodes, (a, b) => this.compareNodes(a, b))
      .flat()
      .map(({ index }) => index);
  }

  private describe(index: number, flow: number, direction: number): DirectedHop {
    const { flows, samples, places } = this;
    const vantage = flows.vantage;
    const sender = direction === 0 ? flows.addressA : flows.addressB;
    const receiver = direction === 0 ? flows.addressB : flows.addressA;
    const node = places.node(vantage);
    const times = new Map<number, number>();
    let timeToLive = flows.hopLimit(direction) ?? -1;
    const first = flows.piecesOf(flow)[0]!;
    samples.each(first, direction, (sample) => {
      timeToLive = Math.max(timeToLive, sample.hopLimit);
      const identity = identityOf(sample.firstKey, sample.secondKey ^ sample.identification);
      const known = times.get(identity);
      if (known === undefined || sample.time < known) times.set(identity, sample.time);
    });
    return {
      index,
      vantage,
      node,
      role: places.role(vantage),
      timeToLive,
      side: this.sideOf(vantage, sender, receiver),
      tunnelEnd: this.tunnelEnd(node, direction),
      nodeEnd: this.nodeEnd(node, sender, receiver),
      times,
      firstTime: this.columns.start[first]!,
    };
  }

  private nodeEnd(node: number, sender: number, receiver: number): number {
    if (node < 0) return NOT_KNOWN;
    const isSender = this.places.homeOfAddress(sender) === node;
    const isReceiver = this.places.homeOfAddress(receiver) === node;
    if (isSender === isReceiver) return NOT_KNOWN;
    return isSender ? SENDING : RECEIVING;
  }

  /** Negative if the packets passed the node of `a` first. */
  private compareNodes(a: readonly DirectedHop[], b: readonly DirectedHop[]): number {
    const highest = (hops: readonly DirectedHop[]): number => Math.max(...hops.map((hop) => hop.timeToLive));
    const byTimeToLive = highest(a) >= 0 && highest(b) >= 0 ? highest(b) - highest(a) : 0;
    const by = (evidence: 'tunnelEnd' | 'side' | 'nodeEnd'): number => signOf(b, evidence) - signOf(a, evidence);
    return byTimeToLive || by('tunnelEnd') || by('side') || by('nodeEnd') || this.compareTimes(a[0]!, b[0]!);
  }

  /** By time, unless what is known of the two clocks leaves it open. */
  private compareTimes(a: DirectedHop, b: DirectedHop): number {
    const apart = medianDifference(a, b);
    const isOpen = a.node >= 0 && b.node >= 0 && Math.abs(apart) <= this.errors.between(a.vantage, b.vantage);
    return isOpen ? 0 : apart;
  }

  private sideOf(vantage: number, sender: number, receiver: number): number {
    const own = this.ownAddresses.get(vantage);
    if (own === undefined) return NOT_KNOWN;
    if (own.has(sender)) return SENDING;
    return own.has(receiver) ? RECEIVING : NOT_KNOWN;
  }

  /** Whether the loaded flow's tunnel begins or ends on this node. */
  private tunnelEnd(node: number, direction: number): number {
    const path = this.flows.outerPath(direction);
    if (path < 0 || node < 0) return 0;
    if (this.places.nodeOfAddress(this.flows.outerPathTable.source(path)) === node) return 1;
    return this.places.nodeOfAddress(this.flows.outerPathTable.destination(path)) === node ? -1 : 0;
  }
}

/** Addresses of the pod behind each pod's own device: from the places, else the one address that more flows have than any other. */
function findOwnAddresses(flows: FlowSet, columns: FlowColumns, places: Places): Map<number, ReadonlySet<number>> {
  const own = new Map<number, ReadonlySet<number>>();
  const flowsOf = new Map<number, Map<number, number>>();
  for (let flow = 0; flow < columns.length; flow++) {
    const vantage = columns.vantage[flow]!;
    const role = places.role(vantage);
    if ((role !== 'pod' && role !== 'veth') || own.has(vantage)) continue;
    const known = places.podAddresses(vantage);
    if (known !== null) {
      own.set(vantage, known);
      continue;
    }
    let counts = flowsOf.get(vantage);
    if (counts === undefined) flowsOf.set(vantage, (counts = new Map<number, number>()));
    for (const address of new Set([columns.low[flow]!, columns.high[flow]!])) {
      counts.set(address, (counts.get(address) ?? 0) + 1);
    }
  }
  for (const [vantage, counts] of flowsOf) {
    const addresses = [4, 6].map((family) =>
      mostFrequent(counts, (address) => flows.addressTable.family(address) === family),
    );
    own.set(vantage, new Set(addresses.filter((address) => address >= 0)));
  }
  return own;
}

/** The address with the highest count, or -1 if there is none or several have it. */
function mostFrequent(counts: ReadonlyMap<number, number>, isMeant: (address: number) => boolean): number {
  let best = -1;
  let highest = 0;
  for (const [address, count] of counts) {
    if (!isMeant(address) || count < highest) continue;
    best = count === highest ? -1 : address;
    highest = count;
  }
  return best;
}

/** Negative if hop `a` of a node comes before hop `b` of the same node. */
function compareOnNode(a: DirectedHop, b: DirectedHop): number {
  if (a.timeToLive !== b.timeToLive && a.timeToLive >= 0 && b.timeToLive >= 0) return b.timeToLive - a.timeToLive;
  const byRole = compareWithBridge(a, b) || compareSides(a, b);
  if (byRole !== 0) return byRole;
  const apart = medianDifference(a, b);
  if (Math.abs(apart) >= SAME_MOMENT_NS) return apart;
  const isInward = a.side === RECEIVING || b.side === RECEIVING || a.tunnelEnd < 0 || b.tunnelEnd < 0;
  return (OUTWARD[a.role] - OUTWARD[b.role]) * (isInward ? -1 : 1) || a.index - b.index;
}

/** A bridge sees what it switches a moment after the receiving device: there the side decides, not time. */
function compareWithBridge(a: DirectedHop, b: DirectedHop): number {
  if ((a.role === 'bridge') === (b.role === 'bridge')) return 0;
  const device = a.role === 'bridge' ? b : a;
  if (device.role !== 'pod' && device.role !== 'veth') return 0;
  return device === a ? -device.side : device.side;
}

/** Devices of the sender come before devices of the receiver, and of one side the pod's own is the outer one. */
function compareSides(a: DirectedHop, b: DirectedHop): number {
  if (a.side === NOT_KNOWN || b.side === NOT_KNOWN) return 0;
  return a.side !== b.side ? b.side - a.side : (OUTWARD[a.role] - OUTWARD[b.role]) * a.side;
}

/** What most of a node's hops say. */
function signOf(hops: readonly DirectedHop[], evidence: 'tunnelEnd' | 'side' | 'nodeEnd'): number {
  return Math.sign(hops.reduce((sum, hop) => sum + hop[evidence], 0));
}

/** How much later `b` saw the packets that both saw, in the middle; of flows that share none the difference of their starts. */
function medianDifference(a: DirectedHop, b: DirectedHop): number {
  const differences: number[] = [];
  for (const [identity, time] of a.times) {
    const other = b.times.get(identity);
    if (other !== undefined) differences.push(time - other);
  }
  if (differences.length === 0) return a.firstTime - b.firstTime;
  differences.sort((x, y) => x - y);
  return differences[differences.length >> 1]!;
}

/** The comparisons need not be transitive where evidence is mixed; insertion keeps what comes first in doubt. */
function insertionSort<T>(items: readonly T[], compare: (a: T, b: T) => number): T[] {
  const sorted: T[] = [];
  for (const item of items) {
    let at = sorted.length;
    while (at > 0 && compare(sorted[at - 1]!, item) > 0) at--;
    sorted.splice(at, 0, item);
  }
  return sorted;
}

/** 53 bits of two hashes. */
function identityOf(first: number, second: number): number {
  return (first >>> 0) * 0x200000 + (second >>> 11);
}
