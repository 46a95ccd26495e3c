/**
 * Flows the simple way: a Map by text, and the rules of when a tuple begins anew as they are promised. What FlowTracker does must
 * look the same.
 */
import { FLAG, type Packet, TCP, wireLengthOf } from './tracking.js';

const IDLE_SECONDS = 120;
const NANOSECONDS = 1_000_000_000;

export interface OracleFlow {
  readonly key: string;
  packets: [number, number];
  wireBytes: [number, number];
  payloadBytes: [number, number];
  first: number;
  last: number;
}

interface Open extends OracleFlow {
  /** Initial sequence number of the lower and the upper end: told by a SYN, or inferred from the first segment. */
  initial: [number | null, number | null];
  sawSyn: [boolean, boolean];
}

export class FlowOracle {
  readonly flows: OracleFlow[] = [];
  private readonly open = new Map<string, Open>();

  see(packet: Packet): void {
    const source = `${packet.source}:${packet.sourcePort ?? 0}`;
    const destination = `${packet.destination}:${packet.destinationPort ?? 0}`;
    const key = `${packet.vantage ?? 0} ${packet.protocol} ${[source, destination].sort().join(' ')}`;
    const end = source <= destination ? 0 : 1;
    const known = this.open.get(key);
    const flow = known === undefined || this.beginsAnew(known, end, packet) ? this.begin(key, packet) : known;
    flow.packets[end]++;
    flow.wireBytes[end] += wireLengthOf(packet);
    flow.payloadBytes[end] += packet.payload ?? 0;
    flow.first = Math.min(flow.first, packet.at ?? 0);
    flow.last = Math.max(flow.last, packet.at ?? 0);
    if (packet.tcp !== undefined) noteSequence(flow, end, packet.tcp);
  }

  private begin(key: string, packet: Packet): Open {
    const at = packet.at ?? 0;
    const flow: Open = {
      key,
      packets: [0, 0],
      wireBytes: [0, 0],
      payloadBytes: [0, 0],
      first: at,
      last: at,
      initial: [null, null],
      sawSyn: [false, false],
    };
    this.flows.push(flow);
    this.open.set(key, flow);
    return flow;
  }

  /** TCP: by a SYN that cannot be the flow's. Others: after silence. */
  private beginsAnew(flow: Open, end: 0 | 1, packet: Packet): boolean {
    if (packet.protocol !== TCP) {
      return Math.floor((packet.at ?? 0) / NANOSECONDS) - Math.floor(flow.last / NANOSECONDS) > IDLE_SECONDS;
    }
    const { flags, sequence, acknowledgement = 0 } = packet.tcp!;
    const initial = flow.initial[end];
    if ((flags & FLAG.syn) === 0 || initial === null || initial === sequence) return false;
    if ((flags & FLAG.ack) === 0) return true;
    const peer = (1 - end) as 0 | 1;
    return !(flow.sawSyn[peer] && flow.initial[peer]! + 1 === acknowledgement);
  }
}

function noteSequence(flow: Open, end: 0 | 1, tcp: NonNullable<Packet['tcp']>): void {
  if ((tcp.flags & FLAG.syn) !== 0) {
    flow.initial[end] = tcp.sequence;
    flow.sawSyn[end] = true;
  } else {
    flow.initial[end] ??= tcp.sequence - 1;
  }
}
