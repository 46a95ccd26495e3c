/** Which Service an end stands for that a client dialed: a ClusterIP by its owner, a node's port by the Service that declares it. */
import type { InventoryObjects } from '../inventory/inventory.js';
import type { ServiceReference } from '../model/document.js';
import type { Owner } from '../model/owner.js';

export class Services {
  /** By `protocol/nodePort`. */
  private readonly byNodePort = new Map<string, ServiceReference>();
  /** Names of ports by `namespace/name/protocol/port`. */
  private readonly portNames = new Map<string, string>();

  constructor({ services }: InventoryObjects) {
    for (const { metadata, spec } of services) {
      const namespace = metadata?.namespace ?? 'default';
      const name = metadata?.name;
      if (typeof name !== 'string' || !Array.isArray(spec?.ports)) continue;
      for (const { name: port = null, port: number, nodePort, protocol = 'TCP' } of spec.ports) {
        if (port !== null) this.portNames.set(`${namespace}/${name}/${protocol}/${number}`, port);
        if (nodePort !== undefined) this.byNodePort.set(`${protocol}/${nodePort}`, { namespace, name, port });
      }
    }
  }

  /** The Service that `owner`, dialed at this port of this protocol, stands for; null if it is none. */
  dialed(owner: Owner, protocol: string, port: number): ServiceReference | null {
    if (owner.kind === 'service' && owner.name !== null) {
      const namespace = owner.namespace ?? 'default';
      const name = owner.name;
      return { namespace, name, port: this.portNames.get(`${namespace}/${name}/${protocol}/${port}`) ?? null };
    }
    const isNode = owner.kind === 'node' || owner.kind === 'gateway';
    return isNode ? (this.byNodePort.get(`${protocol}/${port}`) ?? null) : null;
  }
}
