/**
 * Who is the client of a connection: the best reason any of its flows has, turned round at most once when it rests on ports alone
 * and the inventory declares the other side's port.
 */
import { CLIENT_REASON } from '../flow/flow-row.js';
import type { ClientReason } from '../model/document.js';
import type { ConnectionSet } from '../trail/connections.js';
import type { FlowSet } from '../trail/flow-set.js';
import type { OwnerResolver } from './owner-resolver.js';
import { transportOf } from './protocols.js';

/** By CLIENT_REASON number, then DECLARED. */
const REASON_NAMES: readonly ClientReason[] = [
  'first packet',
  'SYN',
  'SYN-ACK',
  'INIT',
  'ICMP request',
  'DNS',
  'well-known port',
  'lower port',
  'declared port',
];
const DECLARED = 8;

/** By CLIENT_REASON number: 0 for the strongest. */
const STRENGTH: readonly number[] = strengths([
  CLIENT_REASON.Syn,
  CLIENT_REASON.SynAck,
  CLIENT_REASON.Init,
  CLIENT_REASON.IcmpRequest,
  CLIENT_REASON.Dns,
  CLIENT_REASON.WellKnownPort,
  CLIENT_REASON.LowerPort,
  CLIENT_REASON.FirstPacket,
]);

function strengths(strongestFirst: readonly number[]): number[] {
  return strongestFirst.map((_, reason) => strongestFirst.indexOf(reason));
}

/** Direction (of the counted flow) in which the client of a side sends. */
export function clientDirection(side: number): number {
  return side & 1;
}

/** Why it is taken for the client. */
export function clientReason(side: number): ClientReason {
  return REASON_NAMES[side >> 1]!;
}

function sideOf(direction: number, reason: number): number {
  return (reason << 1) | direction;
}

/**
 * Decides for connection `index`, as one small number that holds direction and reason; leaves the flow set at its counted
 * flow.
 */
export function clientSideOf(index: number, connections: ConnectionSet, flows: FlowSet, owners: OwnerResolver): number {
  let bestStrength = Infinity;
  let reason: number = CLIENT_REASON.FirstPacket;
  let address = -1;
  let port = -1;
  for (let h = connections.hopStarts[index]!; h < connections.hopStarts[index + 1]!; h++) {
    flows.load(connections.hops[h]!);
    const strength = STRENGTH[flows.clientReason]!;
    if (strength >= bestStrength) continue;
    bestStrength = strength;
    reason = flows.clientReason;
    address = flows.clientDirection === 0 ? flows.addressA : flows.addressB;
    port = flows.clientDirection === 0 ? flows.portA : flows.portB;
  }
  flows.load(connections.counted[index]!);
  const isA = flows.addressA === address && (flows.portA === port || flows.addressB !== address);
  const direction = isA ? 0 : 1;
  if (
    reason === CLIENT_REASON.WellKnownPort ||
    reason === CLIENT_REASON.LowerPort ||
    reason === CLIENT_REASON.FirstPacket
  ) {
    const declared = byDeclaration(flows, owners, direction);
    if (declared >= 0) return sideOf(declared, DECLARED);
  }
  return sideOf(direction, reason);
}

/** The side whose owner declares its port is the server, if only one does: the direction in which the other sends, else -1. */
function byDeclaration(flows: FlowSet, owners: OwnerResolver, direction: number): number {
  const transport = transportOf(flows.protocol);
  if (transport === null) return -1;
  const ownerA = owners.ownerOf(flows.addressA, flows);
  const ownerB = owners.ownerOf(flows.addressB, flows);
  const declaresA = owners.inventory.declaresPort(ownerA, transport, flows.portA);
  const declaresB = owners.inventory.declaresPort(ownerB, transport, flows.portB);
  if (declaresA === declaresB) return -1;
  const declared = declaresB ? 0 : 1;
  // Well-known ports agree with the declaration far more often than not; keep the plainer reason then.
  return declared === direction && flows.clientReason === CLIENT_REASON.WellKnownPort ? -1 : declared;
}
