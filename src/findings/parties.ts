/** How findings call the ends of connections. */
import type { Connection, Endpoint, EndpointAddress } from '../model/document.js';

/** `shop/frontend` (the workload), `node-1`, or the address of whom nobody knows. */
export function partyName({ owner, address }: EndpointAddress): string {
  const name = owner.workload?.name ?? owner.name;
  if (name === null) return address;
  return owner.namespace === null ? name : `${owner.namespace}/${name}`;
}

/** With the port: `shop/backend:8080`, `[fd00::1]:53`. */
export function serverName({ server }: Connection): string {
  const name = partyName(server);
  if (server.port === null) return name;
  return name.includes(':') ? `[${name}]:${server.port}` : `${name}:${server.port}`;
}

/** `shop/backend-7d9f-x2 (10.244.2.8)`: one pod, not its workload. */
export function endpointName({ owner, address }: Endpoint): string {
  if (owner.name === null) return address;
  return `${owner.namespace === null ? '' : `${owner.namespace}/`}${owner.name} (${address})`;
}

/** `Service shop/backend`, where one was dialed. */
export function serviceName({ service }: Connection): string | null {
  return service === null ? null : `Service ${service.namespace}/${service.name}`;
}
