/** Filters that select the traffic of connections, as they are seen where they were counted. */
import type { Connection, Hop } from '../model/document.js';
import type { FindingFilters } from '../model/finding.js';

const FILTERED_PROTOCOLS: ReadonlySet<string> = new Set(['TCP', 'UDP', 'SCTP']);

/** Null for none, and for protocols that have no ports. */
export function filtersOf(connections: readonly FindingFilters[]): FindingFilters | null {
  if (connections.length === 0) return null;
  return {
    wireshark: connections.map((connection) => connection.wireshark).join(' || '),
    tcpdump: connections.map((connection) => connection.tcpdump).join(' or '),
  };
}

export function filterOf(connection: Connection): FindingFilters | null {
  const hop = countedHop(connection);
  if (hop === undefined || !FILTERED_PROTOCOLS.has(connection.protocol)) return null;
  const protocol = connection.protocol.toLowerCase();
  const { clientSeenAs: client, serverSeenAs: server } = hop;
  const field = client.address.includes(':') ? 'ipv6.addr' : 'ip.addr';
  return {
    wireshark:
      `(${field} == ${client.address} && ${field} == ${server.address}` +
      ` && ${protocol}.port == ${client.port} && ${protocol}.port == ${server.port})`,
    tcpdump:
      `(host ${client.address} and host ${server.address}` +
      ` and ${protocol} port ${client.port} and ${protocol} port ${server.port})`,
  };
}

function countedHop({ hops, countedAt }: Connection): Hop | undefined {
  return hops.find(({ vantagePoint }) => vantagePoint === countedAt);
}
