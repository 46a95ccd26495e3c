/**
 * Why a TCP connection was not set up, as far as what is known tells.
 * Rules B1 and B2 of the catalogue.
 */
import { type Connection, isFailed } from '../model/document.js';
import type { WireguardPeer } from '../model/wireguard.js';
import type { FindingFacts, SetupFailure } from './detector.js';

const ROLES_OF_PODS: ReadonlySet<string> = new Set(['pod', 'veth']);
/** RFC 6298 section 2: the first SYN is sent again after a second. */
const UNDECIDED_NS = 3e9;

/** Null for a connection that was set up. */
export function setupFailureOf(connection: Connection, facts: FindingFacts): SetupFailure | null {
  const { protocol, state, policy, leftover, server, deadEnds } = connection;
  if (!isFailed(protocol, state)) return null;
  if (policy?.outcome === 'denied and dropped' || policy?.outcome === 'denied and rejected') return 'denied by policy';
  if (server.owner.kind === 'service') return 'no backend';
  if (state === 'REJ') return 'refused';
  if (server.owner.kind === 'unknown' || leftover !== null) return 'no such host';
  if (isUndecided(connection, facts)) return 'undecided';
  if (failingPeerOf(connection, facts) !== null) return 'no tunnel';
  if (deadEnds.some(({ direction }) => direction === 'client to server')) return 'lost on the way';
  return hasReachedServer(connection, facts) ? 'server silent' : 'unanswered';
}

/** The failing WireGuard peers that stand between the ends; null where there are none. */
export function failingPeerOf({ client, server }: Connection, { wireguard }: FindingFacts): WireguardPeer | null {
  const nodes = [client.owner.node, server.owner.node];
  const stands = ({ a, b }: WireguardPeer): boolean =>
    a.node !== null && b.node !== null && nodes.includes(a.node) && nodes.includes(b.node);
  if (nodes[0] === nodes[1]) return null;
  return wireguard?.peers.find((peer) => peer.state === 'failing' && stands(peer)) ?? null;
}

function isUndecided({ clientToServer, start }: Connection, { time }: FindingFacts): boolean {
  if (clientToServer.packets > 1 || time === null) return false;
  return Date.parse(time.end) - Date.parse(start) < UNDECIDED_NS / 1e6;
}

function hasReachedServer({ hops, server }: Connection, { vantagePoints }: FindingFacts): boolean {
  const { namespace, name, kind } = server.owner;
  if (kind !== 'pod' || name === null) return false;
  return hops.some(({ vantagePoint }) => {
    const point = vantagePoints[vantagePoint];
    return point !== undefined && ROLES_OF_PODS.has(point.role) && point.pod === `${namespace}/${name}`;
  });
}
