/**
 * The ends of a connection whose flows have several tuples: who asked whom, and who answered in the end.
 *
 * Address translation gives one connection up to four ends: the client and what a node turned it into (SNAT: masquerading, hairpin,
 * node ports), what the client dialed (a Service's ClusterIP, a node port) and the backend that it became (DNAT). Which is
 * which follows from who owns them: a pod stands behind a node's address, not in front of it, and a Service never sends or answers
 * itself. Where owners do not decide, the time to live does: it falls on the way. What the connection tracking of a node says
 * stands above both, as far as it explains all that packets show; it also tells ends that no packet shows.
 */
import { CLIENT_REASON } from '../flow/flow-row.js';
import type { Owner, OwnerKind } from '../model/owner.js';
import type { ConnectionSet } from '../trail/connections.js';
import type { FlowSet } from '../trail/flow-set.js';
import type { TranslationSource } from '../model/document.js';
import { timeOf, type KnownTranslation, type SeenPair } from './known-translations.js';
import type { OwnerResolver } from './owner-resolver.js';

/** One end as a tuple names it. */
export interface End {
  readonly address: number;
  readonly port: number;
  /** At the time and place where it was first seen. */
  readonly owner: Owner;
}

export interface Translation {
  readonly client: End;
  readonly server: End;
  /** What the client dialed, where that is not the server. */
  readonly dialed: End | null;
  readonly hasSourceNat: boolean;
  readonly source: TranslationSource;
  /** What else connection tracking allows, where it allows several. */
  readonly alternatives: readonly KnownTranslation[];
  /** Direction in which the client sends, by hop of the connection. */
  readonly directions: Uint8Array;
}

/** Who is most likely the true client: lower is likelier. */
const CLIENT_RANK: Readonly<Partial<Record<OwnerKind, number>>> = {
  pod: 0,
  external: 1,
  unknown: 2,
  node: 3,
  gateway: 4,
};
const SERVER_RANK: Readonly<Partial<Record<OwnerKind, number>>> = {
  pod: 0,
  node: 1,
  gateway: 2,
  external: 3,
  unknown: 4,
};
const DIALED_RANK: Readonly<Partial<Record<OwnerKind, number>>> = { service: 0, node: 1, gateway: 2, external: 3 };
const LAST_RANK = 9;

interface SeenEnd extends End {
  /** Highest time to live of the client's first packet where this end was seen, -1 if none was. */
  ttl: number;
}

/**
 * The ends of connection `index`. `client`: the end that is the client's at its counted flow. Null if its flows have one tuple, and
 * nobody knows of a translation.
 */
export function translationOf(
  index: number,
  client: Place,
  connections: ConnectionSet,
  flows: FlowSet,
  owners: OwnerResolver,
): Translation | null {
  const isTranslated = connections.isTranslated(index);
  if (!isTranslated && owners.known.isEmpty) return null;
  const hops = connections.hopsOf(index);
  const directions = orient(hops, client, flows);
  const known = knownTranslations(hops, directions, flows, owners);
  const [only] = known;
  if (only !== undefined && known.length === 1) {
    flows.load(connections.counted[index]!);
    const evidence = isTranslated ? 'packets and conntrack' : 'conntrack';
    return { ...endsOf(only, flows, owners), source: { evidence, node: only.node }, alternatives: [], directions };
  }
  if (!isTranslated && known.length === 0) return null;
  return { ...seenEnds(hops, directions, flows, owners), alternatives: known, directions };
}

/** What connection tracking knows of the flows. */
function knownTranslations(
  hops: Int32Array,
  directions: Uint8Array,
  flows: FlowSet,
  owners: OwnerResolver,
): KnownTranslation[] {
  if (owners.known.isEmpty) return [];
  const pairs: SeenPair[] = [];
  const nodes = new Set<string>();
  let own: string | null = null;
  const time = { start: Infinity, end: -Infinity };
  for (const [h, flow] of hops.entries()) {
    flows.load(flow);
    const pair = { client: endOf(flows, directions[h]!), server: endOf(flows, 1 - directions[h]!) };
    if (!pairs.some((other) => isSame(other.client, pair.client) && isSame(other.server, pair.server)))
      pairs.push(pair);
    const node = owners.nodeOf(flows);
    if (node !== null) nodes.add(node);
    own ??= owners.ownNode(flows);
    const { start, end } = timeOf(flows);
    time.start = Math.min(time.start, start);
    time.end = Math.max(time.end, end);
  }
  return owners.known.find(flows.protocol, pairs, time, nodes, own);
}

function endsOf(
  { client, dialed, server, hasSourceNat, node }: KnownTranslation,
  flows: FlowSet,
  owners: OwnerResolver,
): Omit<Translation, 'source' | 'alternatives' | 'directions'> {
  const end = (place: Place): End => ({ ...place, owner: owners.ownerAt(place.address, node, flows) });
  return {
    client: end(client),
    server: end(server),
    dialed: isSame(dialed, server) ? null : end(dialed),
    hasSourceNat,
  };
}

/** The ends as packets show them. */
function seenEnds(
  hops: Int32Array,
  directions: Uint8Array,
  flows: FlowSet,
  owners: OwnerResolver,
): Omit<Translation, 'alternatives' | 'directions'> {
  const clients: SeenEnd[] = [];
  const servers: SeenEnd[] = [];
  for (const [h, flow] of hops.entries()) {
    flows.load(flow);
    const direction = directions[h]!;
    const ttl = flows.hopLimit(direction) ?? -1;
    note(clients, endOf(flows, direction), ttl, flows, owners);
    note(servers, endOf(flows, 1 - direction), ttl, flows, owners);
  }
  const last = best(servers, SERVER_RANK, -1);
  const others = servers.filter((end) => !isSame(end, last));
  return {
    client: best(clients, CLIENT_RANK, 1),
    server: last,
    dialed: others.length === 0 ? null : best(others, DIALED_RANK, 1),
    hasSourceNat: clients.length > 1,
    source: { evidence: 'packets', node: null },
  };
}

/** The direction in which the client sends, for each hop: by its own handshake, else by an end it shares with another hop. */
function orient(hops: Int32Array, client: { address: number; port: number }, flows: FlowSet): Uint8Array {
  const directions = new Uint8Array(hops.length);
  const isDecided = new Uint8Array(hops.length);
  const clients = [client];
  const servers: { address: number; port: number }[] = [];
  const decide = (h: number, direction: number): void => {
    directions[h] = direction;
    isDecided[h] = 1;
    clients.push(endOf(flows, direction));
    servers.push(endOf(flows, 1 - direction));
  };
  for (const [h, flow] of hops.entries()) {
    flows.load(flow);
    if (isHandshake(flows.clientReason)) decide(h, flows.clientDirection);
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const [h, flow] of hops.entries()) {
      if (isDecided[h] === 1) continue;
      flows.load(flow);
      const direction = sharedDirection(flows, clients, servers);
      if (direction < 0) continue;
      decide(h, direction);
      changed = true;
    }
  }
  for (const [h, flow] of hops.entries()) {
    if (isDecided[h] === 1) continue;
    flows.load(flow);
    directions[h] = flows.clientDirection;
  }
  return directions;
}

function isHandshake(reason: number): boolean {
  return (
    reason === CLIENT_REASON.Syn ||
    reason === CLIENT_REASON.SynAck ||
    reason === CLIENT_REASON.Init ||
    reason === CLIENT_REASON.IcmpRequest
  );
}

type Place = { readonly address: number; readonly port: number };

function sharedDirection(flows: FlowSet, clients: readonly Place[], servers: readonly Place[]): number {
  for (let direction = 0; direction < 2; direction++) {
    const sender = endOf(flows, direction);
    const receiver = endOf(flows, 1 - direction);
    if (clients.some((end) => isSame(end, sender)) || servers.some((end) => isSame(end, receiver))) return direction;
  }
  return -1;
}

function endOf(flows: FlowSet, direction: number): Place {
  return direction === 0
    ? { address: flows.addressA, port: flows.portA }
    : { address: flows.addressB, port: flows.portB };
}

function isSame(a: Place, b: Place): boolean {
  return a.address === b.address && a.port === b.port;
}

function note(seen: SeenEnd[], end: Place, ttl: number, flows: FlowSet, owners: OwnerResolver): void {
  const known = seen.find((other) => isSame(other, end));
  if (known === undefined) seen.push({ ...end, owner: owners.ownerOf(end.address, flows), ttl });
  else known.ttl = Math.max(known.ttl, ttl);
}

/** The end with the lowest rank; of equals that with the highest (`sign` 1) or lowest (-1) time to live, then the first seen. */
function best(ends: readonly SeenEnd[], ranks: Readonly<Partial<Record<OwnerKind, number>>>, sign: number): SeenEnd {
  const rankOf = ({ owner }: SeenEnd): number => ranks[owner.kind] ?? LAST_RANK;
  return ends.reduce((chosen, end) => {
    const order = rankOf(end) - rankOf(chosen) || sign * (chosen.ttl - end.ttl);
    return order < 0 ? end : chosen;
  });
}
