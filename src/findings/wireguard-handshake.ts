/** WireGuard handshakes without an answer: the peers have no session, and nothing between their pods arrives (G6). */
import { counted } from '../base/counted.js';
import type { FindingFilters } from '../model/finding.js';
import type { WireguardPeer } from '../model/wireguard.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft } from './detector.js';
import { failingPeerOf } from './setup-failure.js';

export function wireguardHandshake(): Detector {
  const groups = new ConnectionGroups<WireguardPeer>();
  return {
    see(connection, failure, facts) {
      if (failure !== 'no tunnel') return;
      const peer = failingPeerOf(connection, facts);
      if (peer !== null) groups.add(peer, connection);
    },
    drafts: ({ wireguard }) =>
      (wireguard?.peers ?? [])
        .filter(({ state }) => state === 'failing')
        .map((peer): Draft => {
          const [a, b] = [peer.a, peer.b].map((end) => end.node ?? end.address);
          const group = groups.of(peer);
          return {
            kind: 'wireguard-handshake',
            severity: 'error',
            confidence: 'confirmed',
            title: `WireGuard handshakes between ${a} and ${b} fail`,
            facts: [
              ...peer.problems.map(({ text }) => text),
              ...(group === undefined
                ? []
                : [`${counted(group.count, 'connection attempt')} between their pods not answered.`]),
            ],
            meaning: 'Without a session no packet between pods of the two nodes gets through.',
            next: [
              ...peer.problems.map(({ advice }) => ({ text: advice, command: null })),
              { text: 'Compare the public keys and the last handshakes on both nodes.', command: 'wg show' },
            ],
            alternatives: [],
            ...(group?.citation() ?? { connections: [], connectionCount: 0 }),
            filters: filtersBetween(peer.a.address, peer.b.address),
          };
        }),
  };
}

function filtersBetween(a: string, b: string): FindingFilters {
  const field = a.includes(':') ? 'ipv6.addr' : 'ip.addr';
  return { wireshark: `wg && ${field} == ${a} && ${field} == ${b}`, tcpdump: `udp and host ${a} and host ${b}` };
}
