/**
 * Which hops of a path can be compared with each other: those of one interface each whose samples are known, as far as the receiver's own
 * device.
 *
 * What is sent to many (multicast, broadcast) has no path. A bridge that stands at the end of what is known and right behind a device on
 * it is left out: it shows what it switches only while it is promiscuous, or does not know the way yet.
 */
import type { Connection } from '../../model/document.js';
import type { FlowSet } from '../flow-set.js';
import type { Places } from '../hop-order.js';
import type { PathHop } from './path-packets.js';

const IPV4 = 4;
const FIRST_BYTE_SHIFT = 24;
/** 224.0.0.0/4 and what is above it, 255.255.255.255 among it (RFC 5771, RFC 919). */
const FIRST_MULTICAST_IPV4 = 224;
/** ff00::/8 (RFC 4291). */
const MULTICAST_IPV6 = 0xff;
const LAST_WORD = 3;

/** A connection's flows, the direction of each in which the client sends, and the paths through them. */
export interface ConnectionPath {
  readonly flows: ArrayLike<number>;
  readonly directions: ArrayLike<number>;
  readonly paths: Connection['paths'];
}

export interface HopFacts {
  readonly flows: FlowSet;
  readonly places: Places;
}

/** Of one direction: from the client, or back to it. */
export function comparableHops(connection: ConnectionPath, isBack: boolean, facts: HopFacts): PathHop[] {
  const { flows, places } = facts;
  const hops: PathHop[] = [];
  let isThere = false;
  for (const index of isBack ? connection.paths.serverToClient : connection.paths.clientToServer) {
    const flow = connection.flows[index]!;
    const direction = isBack ? 1 - connection.directions[index]! : connection.directions[index]!;
    flows.load(flow);
    const { vantage } = flows;
    const role = places.role(vantage);
    if (role === 'any' || role === 'nflog' || !flows.keepsSamples(flow)) continue;
    const receiver = receiverOf(flows, direction);
    if (isForMany(receiver, flows)) return [];
    const same = hops.findIndex((hop) => hop.vantage === vantage && isSameTuple(flows, hop.flows[0]!, flow));
    if (same >= 0) {
      hops[same] = { ...hops[same]!, flows: [...hops[same]!.flows, flow] };
      continue;
    }
    if (isThere) continue;
    const hop = { index, flows: [flow], direction, vantage, receiver };
    hops.push(hop);
    isThere = hasArrived(hop, facts);
  }
  return withoutLastBridge(hops, places);
}

/** True if the hop is on a device of the pod that the packets go to, in the pod or on its host. */
export function isOwnDevice({ vantage, receiver }: PathHop, { places }: Pick<HopFacts, 'places'>): boolean {
  return places.podAddresses(vantage)?.has(receiver) ?? false;
}

/** True if the hop is in the pod that the packets go to. */
export function hasArrived(hop: PathHop, facts: Pick<HopFacts, 'places'>): boolean {
  return facts.places.role(hop.vantage) === 'pod' && isOwnDevice(hop, facts);
}

function withoutLastBridge(hops: readonly PathHop[], places: Places): PathHop[] {
  const kept = [...hops];
  while (kept.length > 1 && places.role(kept[kept.length - 1]!.vantage) === 'bridge') {
    const before = kept.findLast(({ vantage }) => places.role(vantage) !== 'bridge');
    const role = before === undefined ? 'bridge' : places.role(before.vantage);
    if (role === 'overlay' || role === 'underlay' || role === 'wireguard') break;
    kept.pop();
  }
  return kept;
}

/** Address that packets of the loaded flow's direction go to. */
export function receiverOf(flows: FlowSet, direction: number): number {
  return direction === 0 ? flows.addressB : flows.addressA;
}

/** True for addresses of groups. */
export function isForMany(address: number, { addressTable }: FlowSet): boolean {
  if (addressTable.family(address) !== IPV4)
    return addressTable.word(address, 0) >>> FIRST_BYTE_SHIFT === MULTICAST_IPV6;
  return addressTable.word(address, LAST_WORD) >>> FIRST_BYTE_SHIFT >= FIRST_MULTICAST_IPV4;
}

/** Leaves the flow set at flow `b`. */
function isSameTuple(flows: FlowSet, a: number, b: number): boolean {
  flows.load(a);
  const { addressA, addressB, portA, portB, encapsulation } = flows;
  flows.load(b);
  return (
    flows.addressA === addressA &&
    flows.addressB === addressB &&
    flows.portA === portA &&
    flows.portB === portB &&
    flows.encapsulation === encapsulation
  );
}
