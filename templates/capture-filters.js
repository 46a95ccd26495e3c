/** Filters that find a connection's packets again, in the languages of tcpdump and Wireshark. */

const WITH_PORTS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp', WireGuard: 'udp' };

/** tcpdump expression for the packets of a connection outside tunnels. */
export function tcpdumpFilter(connection) {
  const { client, server, protocol } = connection;
  const ipv6 = client.address.includes(':');
  const terms = [];
  if (Object.hasOwn(WITH_PORTS, protocol)) terms.push(WITH_PORTS[protocol]);
  else if (protocol === 'ICMP') terms.push('icmp');
  else if (protocol === 'ICMPv6') terms.push('icmp6');
  else if (/^IP protocol \d+$/.test(protocol)) terms.push(`${ipv6 ? 'ip6' : 'ip'} proto ${protocol.slice(12)}`);
  terms.push(`host ${client.address}`, `host ${server.address}`);
  if (client.port !== null && server.port !== null) terms.push(`port ${client.port}`, `port ${server.port}`);
  const bare = terms.join(' and ');
  const tagged = connection.hops.some((hop) => hop.vlans !== '');
  return tagged ? `(${bare}) or (vlan and ${bare})` : bare;
}

/** Wireshark display filter for the packets of a connection, inside tunnels as well. */
export function displayFilter(connection) {
  const { client, server, protocol } = connection;
  const family = client.address.includes(':') ? 'ipv6' : 'ip';
  const terms = [`${family}.addr == ${client.address}`, `${family}.addr == ${server.address}`];
  const transport = WITH_PORTS[protocol];
  if (transport && client.port !== null && server.port !== null) {
    terms.push(`${transport}.port == ${client.port}`, `${transport}.port == ${server.port}`);
  } else if (protocol === 'ICMP') terms.push('icmp');
  else if (protocol === 'ICMPv6') terms.push('icmpv6');
  else if (/^IP protocol \d+$/.test(protocol)) {
    terms.push(`${family}.${family === 'ip' ? 'proto' : 'nxt'} == ${protocol.slice(12)}`);
  }
  return terms.join(' && ');
}
