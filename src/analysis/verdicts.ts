/**
 * Verdicts of policies on the connections of the captures.
 *
 * Connections between the same ends on the same port are one class: judged once, and counted by how they went. Explanations
 * are made for the rows that are asked for, and kept while there is room.
 */
import type { Timestamp } from '../base/time.js';
import { InternTable } from '../flow/intern-table.js';
import type { ConnectionPolicy, PolicyOutcome } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import type { Connection } from '../policy/connection.js';
import type { PolicyJudge } from '../policy/judge.js';
import { isInScope } from '../policy/in-scope.js';
import { describeDrop, saysDropped } from '../policy/logged-drop.js';
import { outcomeOf, OUTCOMES, type Seen, seenOf } from '../policy/outcome.js';
import type { PolicyRule } from '../policy/policy.js';
import type { Verdict } from '../policy/verdict.js';
import type { ConnectionSet } from '../trail/connections.js';
import type { FlowSet } from '../trail/flow-set.js';
import type { OwnerResolver } from './owner-resolver.js';
import { hasPorts, protocolName } from './protocols.js';
import type { Translation } from './translation.js';

/** Connections that ask policies the same question. */
export interface VerdictClass {
  readonly client: Owner;
  readonly server: Owner;
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly protocol: string;
  readonly port: number | null;
  readonly verdict: Verdict;
  /** Connections by outcome, in the order of OUTCOMES. */
  readonly counts: readonly number[];
}

/** Connections with their sides, by index. */
export interface JudgedConnections {
  readonly length: number;
  /** Direction of the counted flow in which the client sends. */
  direction(index: number): number;
  client(index: number): Owner;
  server(index: number): Owner;
  translation(index: number): Translation | null;
}

const NO_PORT = -1;
const IS_TRANSLATED = 1;
const HAS_SOURCE_NAT = 2;
const IS_WIREGUARD = 4;
/** Bits of the flags below the number of the epoch. */
const FLAG_BITS = 3;
const MAX_KEPT_EXPLANATIONS = 10_000;

export class Verdicts {
  readonly judge: PolicyJudge;
  /** Rules that decide any connection, or pass it on. */
  readonly usedRules = new Set<PolicyRule>();
  /** Connections of which policies say nothing: multicast and the like. */
  outOfScope = 0;
  private readonly joined: JudgedConnections;
  private readonly connections: ConnectionSet;
  private readonly flows: FlowSet;
  private readonly owners: OwnerResolver;
  private readonly podOfVantage: (vantage: number) => string | null;
  private readonly nodeOfVantage: (vantage: number) => string | null;
  private readonly latest: Timestamp | null;
  /** Ends by owner and address, as numbers. */
  private readonly endNumbers = new Map<Owner, Map<number, number>>();
  private readonly endOwners: Owner[] = [];
  private readonly endAddresses: number[] = [];
  private readonly endsInScope: boolean[] = [];
  /** Client, server, protocol number, port, flags with the epoch in which it was opened. */
  private readonly classes = new InternTable();
  private readonly verdicts: Verdict[] = [];
  private readonly counts: number[] = [];
  private readonly explanations = new Map<string, ConnectionPolicy>();

  /** `vantages`: the pod whose own device a vantage point is, and its node; `latest`: the end of the captures. */
  constructor(
    judge: PolicyJudge,
    joined: JudgedConnections,
    connections: ConnectionSet,
    flows: FlowSet,
    owners: OwnerResolver,
    vantages: { readonly pod: (vantage: number) => string | null; readonly node: (vantage: number) => string | null },
    latest: Timestamp | null,
  ) {
    this.judge = judge;
    this.joined = joined;
    this.connections = connections;
    this.flows = flows;
    this.owners = owners;
    this.podOfVantage = vantages.pod;
    this.nodeOfVantage = vantages.node;
    this.latest = latest;
    for (let index = 0; index < joined.length; index++) {
      const id = this.classOf(index);
      if (id === null) {
        this.outOfScope++;
        continue;
      }
      const at = id * OUTCOMES.length + OUTCOMES.indexOf(this.outcome(index, id));
      this.counts[at] = this.counts[at]! + 1;
    }
  }

  /** The verdict on a connection, with its reasons; null where policies say nothing of its kind. */
  policyOf(index: number): ConnectionPolicy | null {
    const id = this.classOf(index);
    if (id === null) return null;
    const outcome = this.outcome(index, id);
    const drop = this.loggedDrop(index);
    const key = `${id} ${outcome} ${drop ?? ''}`;
    let known = this.explanations.get(key);
    if (known === undefined) {
      if (this.explanations.size >= MAX_KEPT_EXPLANATIONS) this.explanations.clear();
      const hasSourceNat = (this.classes.field(id, 4) & HAS_SOURCE_NAT) !== 0;
      known = this.judge.explain(this.question(id), outcome, { hasSourceNat, epoch: this.epochOf(id), drop });
      this.explanations.set(key, known);
    }
    return known;
  }

  get classCount(): number {
    return this.classes.size;
  }

  classAt(id: number): VerdictClass {
    const [client, server] = [this.classes.field(id, 0), this.classes.field(id, 1)];
    const { protocol, port } = this.question(id);
    return {
      client: this.endOwners[client]!,
      server: this.endOwners[server]!,
      clientAddress: this.owners.text(this.endAddresses[client]!),
      serverAddress: this.owners.text(this.endAddresses[server]!),
      protocol,
      port,
      verdict: this.verdicts[id]!,
      counts: this.counts.slice(id * OUTCOMES.length, (id + 1) * OUTCOMES.length),
    };
  }

  /** Null for a connection that is none to policies. Leaves the flow set at the counted flow. */
  private classOf(index: number): number | null {
    const { flows, joined } = this;
    flows.load(this.connections.counted[index]!);
    const direction = joined.direction(index);
    const translation = joined.translation(index);
    const client = translation?.client.address ?? (direction === 0 ? flows.addressA : flows.addressB);
    const server = translation?.server.address ?? (direction === 0 ? flows.addressB : flows.addressA);
    const port = translation?.server.port ?? (direction === 0 ? flows.portB : flows.portA);
    const flags =
      (translation !== null && translation.dialed !== null ? IS_TRANSLATED : 0) |
      (translation?.hasSourceNat === true ? HAS_SOURCE_NAT : 0) |
      (flows.isWireguard ? IS_WIREGUARD : 0) |
      ((this.judge.epochAt({ seconds: flows.firstSeconds, nanoseconds: flows.firstNanoseconds }) ?? 0) << FLAG_BITS);
    const from = this.endNumber(joined.client(index), client);
    const to = this.endNumber(joined.server(index), server);
    if (!this.endsInScope[from]! || !this.endsInScope[to]!) return null;
    const id = this.classes.intern(from, to, flows.protocol, hasPorts(flows.protocol) ? port : NO_PORT, flags);
    if (id === this.verdicts.length) this.judgeClass(id);
    return id;
  }

  private judgeClass(id: number): void {
    const { verdict, egress, ingress } = this.judge.evaluate(this.question(id), this.epochOf(id));
    this.verdicts.push(verdict);
    for (const { deciding, passing } of [egress, ingress]) {
      for (const { rule } of deciding) this.usedRules.add(rule);
      for (const { rule } of passing) this.usedRules.add(rule);
    }
    for (let outcome = 0; outcome < OUTCOMES.length; outcome++) this.counts.push(0);
  }

  private epochOf(id: number): number {
    return this.classes.field(id, 4) >> FLAG_BITS;
  }

  private question(id: number): Connection {
    const { classes } = this;
    const protocol = classes.field(id, 2);
    const port = classes.field(id, 3);
    const flags = classes.field(id, 4);
    const end = (number: number): { owner: Owner; address: string } => {
      return { owner: this.endOwners[number]!, address: this.owners.text(this.endAddresses[number]!) };
    };
    return this.judge.question(
      end(classes.field(id, 0)),
      end(classes.field(id, 1)),
      // To policies WireGuard is the UDP that it is.
      protocolName(protocol, false),
      port === NO_PORT ? null : port,
      (flags & IS_TRANSLATED) !== 0,
    );
  }

  private endNumber(owner: Owner, address: number): number {
    let byAddress = this.endNumbers.get(owner);
    if (byAddress === undefined) this.endNumbers.set(owner, (byAddress = new Map<number, number>()));
    let number = byAddress.get(address);
    if (number === undefined) {
      number = this.endOwners.push(owner) - 1;
      this.endAddresses.push(address);
      this.endsInScope.push(isInScope(owner, this.owners.text(address)));
      byAddress.set(address, number);
    }
    return number;
  }

  private outcome(index: number, id: number): PolicyOutcome {
    return outcomeOf(this.verdicts[id]!, this.seen(index));
  }

  private seen(index: number): Seen {
    const { flows, joined } = this;
    flows.load(this.connections.counted[index]!);
    const direction = joined.direction(index);
    const fromServer = flows.packets(1 - direction);
    return seenOf({
      protocol: protocolName(flows.protocol, false),
      state: flows.state(direction),
      fromClient: flows.packets(direction),
      fromServer,
      secondsAfterStart: this.latest === null ? 0 : this.latest.seconds - flows.firstSeconds,
      wasDelivered: fromServer === 0 && this.wasDelivered(index),
      wasLoggedAsDropped: fromServer === 0 && this.loggedDrop(index) !== null,
    });
  }

  /** Proof of a drop, if a policy engine logged packets of the connection. Leaves the flow set anywhere. */
  private loggedDrop(index: number): string | null {
    if (this.flows.nflogPrefixes.length === 0) return null;
    for (const flow of this.connections.hopsOf(index)) {
      this.flows.load(flow);
      const { nflogPrefix, vantage } = this.flows;
      if (nflogPrefix !== null && saysDropped(nflogPrefix))
        return describeDrop(nflogPrefix, this.nodeOfVantage(vantage));
    }
    return null;
  }

  /** Whether the client's packets were seen at the server's own device. Leaves the flow set anywhere. */
  private wasDelivered(index: number): boolean {
    const { kind, namespace, name, hostNetwork } = this.joined.server(index);
    if (kind !== 'pod' || hostNetwork) return false;
    const pod = `${namespace}/${name}`;
    return this.connections.hopsOf(index).some((flow) => {
      this.flows.load(flow);
      return this.podOfVantage(this.flows.vantage) === pod;
    });
  }
}
