/**
 * Which of two nodes a packet passed first, told by everything but time: the time to live falls at every router; a tunnel begins on the
 * node whose address is its outer source; what a pod sends comes from the pod's node, what it gets goes there.
 */
/** Where addresses are at home: numbers of nodes, -1 where that is not known. */
export interface AddressHomes {
  /** The node that has this address itself. */
  nodeOfAddress(address: number): number;
  /** The node that the pods with this address ran on. */
  nodeOfPods(address: number): number;
}

const UNKNOWN = -1;
const SEVERAL = -2;

/** All sightings of one packet on one node. */
export class NodeSightings {
  readonly node: number;
  /** Time of the last sighting at the earliest, and of the first at the latest: as far as the captures' resolution tells. */
  last = -Infinity;
  first = Infinity;
  /** The sample seen first. */
  firstSample = -1;
  lowestTimeToLive = 255;
  highestTimeToLive = 0;
  /** Sightings in a tunnel that begins on this node, less those in one that ends here. */
  tunnels = 0;

  constructor(node: number) {
    this.node = node;
  }

  /** `resolution`: the capture cut its times to multiples of it. */
  add(sample: number, time: number, resolution: number, timeToLive: number): void {
    if (time > this.last) this.last = time;
    if (time + resolution < this.first) {
      this.first = time + resolution;
      this.firstSample = sample;
    }
    if (timeToLive < this.lowestTimeToLive) this.lowestTimeToLive = timeToLive;
    if (timeToLive > this.highestTimeToLive) this.highestTimeToLive = timeToLive;
  }
}

/** Where a packet came from and where it went, by its addresses at all places where it was seen. */
export class PacketEnds {
  private readonly homes: AddressHomes;
  private senderPod = UNKNOWN;
  private receiverPod = UNKNOWN;
  private senderNode = UNKNOWN;
  private receiverNode = UNKNOWN;

  constructor(homes: AddressHomes) {
    this.homes = homes;
  }

  clear(): void {
    this.senderPod = this.receiverPod = this.senderNode = this.receiverNode = UNKNOWN;
  }

  add(sender: number, receiver: number): void {
    this.senderPod = merge(this.senderPod, this.homes.nodeOfPods(sender));
    this.receiverPod = merge(this.receiverPod, this.homes.nodeOfPods(receiver));
    this.senderNode = merge(this.senderNode, this.homes.nodeOfAddress(sender));
    this.receiverNode = merge(this.receiverNode, this.homes.nodeOfAddress(receiver));
  }

  /** 1 if the packet passed node `a` before node `b`, -1 the other way round, 0 if the addresses do not tell. */
  order(a: number, b: number): number {
    // Nodes put their own addresses in the place of pods': a pod's says more.
    const source = this.senderPod === UNKNOWN ? this.senderNode : this.senderPod;
    const destination = this.receiverPod === UNKNOWN ? this.receiverNode : this.receiverPod;
    const forward = (source === a ? 1 : 0) + (destination === b ? 1 : 0);
    const backward = (source === b ? 1 : 0) + (destination === a ? 1 : 0);
    return forward > 0 && backward > 0 ? 0 : Math.sign(forward - backward);
  }
}

function merge(known: number, node: number): number {
  if (node < 0 || known === node) return known;
  return known === UNKNOWN ? node : SEVERAL;
}

/** 1 if the packet passed the node of `a` before that of `b`, -1 the other way round, 0 if that is not known or contradictory. */
export function directionBetween(a: NodeSightings, b: NodeSightings, ends: PacketEnds): number {
  const mayBeForward = a.lowestTimeToLive >= b.highestTimeToLive;
  const mayBeBackward = b.lowestTimeToLive >= a.highestTimeToLive;
  // It fell on both nodes by turns: the packet came back to its node.
  if (!mayBeForward && !mayBeBackward) return 0;
  const byTimeToLive = Number(mayBeForward) - Number(mayBeBackward);
  const byTunnel = Math.sign(Math.sign(a.tunnels) - Math.sign(b.tunnels));
  if (byTimeToLive !== 0) return byTunnel === -byTimeToLive ? 0 : byTimeToLive;
  return byTunnel === 0 ? ends.order(a.node, b.node) : byTunnel;
}
