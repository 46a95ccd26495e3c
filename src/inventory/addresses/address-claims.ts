/**
 * All claims on all addresses, by address: who could be meant, before time decides.
 *
 * What the API states of a node outranks a service that uses the node's address (the service becomes a candidate); a service
 * outranks what `ip addr` shows on a node, since IPVS, node-local DNS and load balancers put service addresses on devices
 * there. By convention a node's bridge has the first address of its podCIDR and flannel's device the one before (.1 and .0):
 * this is assumed unless stated or seen, and only where no pod has the address.
 */
import { addressInNetwork, parseNetwork } from './address-text.js';
import type { Claim } from '../time/claims.js';
import type { ClusterNetworks } from './networks.js';
import type { Lifespan } from '../time/lifespan.js';
import type { NodeRecord, PodRecord, ServiceRecord } from '../time/records.js';

export interface AddressClaims {
  readonly claims: readonly Claim[];
  /** Candidates beside the owner. */
  readonly companions: readonly Claim[];
}

interface Gathered {
  readonly nodes: Claim[];
  readonly seenOnNodes: Claim[];
  readonly conventions: Claim[];
  readonly pods: Claim[];
  readonly services: Claim[];
}

export class ClaimTable {
  private readonly byAddress = new Map<string, Gathered>();

  addNode(node: NodeRecord): void {
    const { created, subject } = node;
    for (const [address, span] of node.addresses) {
      this.of(address).nodes.push({ subject, span, created, assumption: null });
    }
    for (const address of node.latest?.gatewayAddresses ?? []) {
      this.of(address).seenOnNodes.push({ subject: node.gateway, span: node.span, created, assumption: null });
    }
    for (const { address, isStated } of conventionalGateways(node)) {
      const assumption = isStated ? null : `by convention this address of ${node.name}'s podCIDR is the node's own`;
      this.of(address).conventions.push({ subject: node.gateway, span: node.span, created, assumption });
    }
  }

  addSeenOnNode(node: NodeRecord, addresses: ReadonlySet<string>, networks: ClusterNetworks): void {
    const assumption =
      node.latest === null && node.addresses.size === 0 ? 'known only from `ip addr` of the node' : null;
    for (const address of addresses) {
      const subject = networks.isPodAddress(address) ? node.gateway : node.subject;
      this.of(address).seenOnNodes.push({ subject, span: node.span, created: node.created, assumption });
    }
  }

  /** `seen` are addresses of its own namespace that its status does not list (link-local, further interfaces). */
  addPod(pod: PodRecord, seen: ReadonlySet<string>): void {
    for (const [address, claim] of pod.claims) this.of(address).pods.push(claim);
    const [any] = pod.claims.values();
    for (const address of seen) {
      if (any !== undefined && !pod.claims.has(address)) this.of(address).pods.push({ ...any, span: pod.span });
    }
  }

  addService({ subject, created, clusterAddresses, externalAddresses }: ServiceRecord): void {
    for (const [address, span] of [...clusterAddresses, ...externalAddresses]) {
      this.of(address).services.push({ subject, span, created, assumption: null });
    }
  }

  /** Pods that have or had the address. */
  podsAt(address: string): readonly Claim[] {
    return this.byAddress.get(address)?.pods ?? [];
  }

  /** The claims that count for an address; null if there are none. */
  get(address: string): AddressClaims | null {
    const gathered = this.byAddress.get(address);
    if (gathered === undefined) return null;
    const { nodes, seenOnNodes, conventions, pods, services } = gathered;
    if (nodes.length > 0) return { claims: onePerNode(nodes), companions: [...services, ...pods] };
    if (services.length > 0) return { claims: [...services, ...pods], companions: [] };
    if (pods.length > 0) return { claims: [...onePerNode(seenOnNodes), ...pods], companions: [] };
    const seen = onePerNode(seenOnNodes);
    const others = conventions.filter(({ subject }) => !seen.some((claim) => claim.subject.node === subject.node));
    return { claims: [...seen, ...onePerNode(others)], companions: [] };
  }

  private of(address: string): Gathered {
    let gathered = this.byAddress.get(address);
    if (gathered === undefined) {
      gathered = { nodes: [], seenOnNodes: [], conventions: [], pods: [], services: [] };
      this.byAddress.set(address, gathered);
    }
    return gathered;
  }
}

function onePerNode(claims: readonly Claim[]): Claim[] {
  const byNode = new Map<string | null, Claim>();
  for (const claim of claims) if (!byNode.has(claim.subject.node)) byNode.set(claim.subject.node, claim);
  return [...byNode.values()];
}

function conventionalGateways(node: NodeRecord): { address: string; isStated: boolean }[] {
  const found: { address: string; isStated: boolean }[] = [];
  const overlay = node.latest?.overlay ?? 'not stated';
  for (const text of node.latest?.podNetworks ?? []) {
    const network = parseNetwork(text.trim());
    if (network === null) continue;
    const device = addressInNetwork(network, 0);
    const bridge = addressInNetwork(network, 1);
    if (device !== null && overlay !== 'none') found.push({ address: device, isStated: overlay === 'stated' });
    if (bridge !== null) found.push({ address: bridge, isStated: overlay !== 'not stated' });
  }
  return found;
}

/** A span of which nothing is known. */
export const UNDATED: Lifespan = {
  possibleFrom: -Infinity,
  certainFrom: Infinity,
  certainUntil: -Infinity,
  possibleUntil: Infinity,
  afterwards: 'it is not known when the snapshot that shows it was taken',
};
