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

const REASON_NAMES: readonly ClientReason[] = [
  'first packet',
  'SYN',
  'SYN-ACK',
  'INIT',
  'ICMP request',
  'DNS',
  'well-known port',
  'lower port',
];
const DECLARED: ClientReason = 'declared port';

/** CLIENT_REASON numbers from the strongest to the weakest. */
const STRENGTH: readonly number[] = [
  CLIENT_REASON.Syn,
  CLIENT_REASON.SynAck,
  CLIENT_REASON.Init,
  CLIENT_REASON.IcmpRequest,
  CLIENT_REASON.Dns,
  CLIENT_REASON.WellKnownPort,
  CLIENT_REASON.LowerPort,
  CLIENT_REASON.FirstPacket,
];

export interface ClientSide {
  /** Direction (of the counted flow) in which the client sends. */
  readonly direction: number;
  readonly reason: ClientReason;
}

/** Decides for connection `index`; leaves the flow set at its counted flow. */
export function clientSideOf(
  index: number,
  connections: ConnectionSet,
  flows: FlowSet,
  owners: OwnerResolver,
): ClientSide {
  let bestStrength = Infinity;
  let address = -1;
  let port = -1;
  for (let h = connections.hopStarts[index]!; h < connections.hopStarts[index + 1]!; h++) {
    flows.load(connections.hops[h]!);
    const strength = STRENGTH.indexOf(flows.clientReason);
    if (strength >= bestStrength) continue;
    bestStrength = strength;
    address = flows.clientDirection === 0 ? flows.addressA : flows.addressB;
    port = flows.clientDirection === 0 ? flows.portA : flows.portB;
  }
  flows.load(connections.counted[index]!);
  const isA = flows.addressA === address && (flows.portA === port || flows.addressB !== address);
  const direction = isA ? 0 : 1;
  const reason = STRENGTH[bestStrength]!;
  if (
    reason === CLIENT_REASON.WellKnownPort ||
    reason === CLIENT_REASON.LowerPort ||
    reason === CLIENT_REASON.FirstPacket
  ) {
    return byDeclaration(flows, owners, direction) ?? { direction, reason: REASON_NAMES[reason]! };
  }
  return { direction, reason: REASON_NAMES[reason]! };
}

/** The side whose owner declares its port is the server, if only one does. */
function byDeclaration(flows: FlowSet, owners: OwnerResolver, direction: number): ClientSide | null {
  const transport = transportOf(flows.protocol);
  if (transport === null) return null;
  const ownerA = owners.ownerOf(flows.addressA, flows);
  const ownerB = owners.ownerOf(flows.addressB, flows);
  const declaresA = owners.inventory.declaresPort(ownerA, transport, flows.portA);
  const declaresB = owners.inventory.declaresPort(ownerB, transport, flows.portB);
  if (declaresA === declaresB) return null;
  const declared = declaresB ? 0 : 1;
  // Well-known ports agree with the declaration far more often than not; keep the plainer reason then.
  return declared === direction && flows.clientReason === CLIENT_REASON.WellKnownPort
    ? null
    : { direction: declared, reason: DECLARED };
}
