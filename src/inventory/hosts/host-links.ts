/**
 * The network interfaces of nodes and pods, and which pod is at the other end of a node's veth.
 *
 * A pod's `eth0@if12` names the index of its peer, in the namespace that link_netnsid names, which is the node's; the node's
 * veth names the pod's index in turn. Where a pod's own output is missing, the node's routes (one per pod, as Calico and
 * Cilium make them) or its neighbour and bridge forwarding tables lead from the pod's address to the veth.
 */
import type { Link } from '../inventory.js';
import type { LinkSighting, Reach } from './ip-output.js';

/** Outputs of one namespace: a node's root namespace or a pod's. */
export interface HostOutputs {
  readonly links: LinkSighting[];
  readonly routes: Reach[];
  readonly neighbours: Reach[];
  readonly forwarding: Reach[];
  /** From /sys/class/net/eth0/iflink: the peer of a pod's eth0. */
  peerIndex: number | null;
}

export function emptyOutputs(): HostOutputs {
  return { links: [], routes: [], neighbours: [], forwarding: [], peerIndex: null };
}

/** What is known of one interface, from several outputs: the first that states a member wins. */
export function mergeLinks(sightings: readonly LinkSighting[], node: string | null, pod: string | null): Link[] {
  const byIndex = new Map<string, Link>();
  for (const sighting of sightings) {
    const key = `${sighting.index}/${sighting.name}`;
    const known = byIndex.get(key);
    const addresses = new Set([...(known?.addresses ?? []), ...sighting.addresses.map(({ address }) => address)]);
    byIndex.set(key, {
      node,
      pod,
      index: sighting.index,
      name: sighting.name,
      kind: known?.kind ?? sighting.kind,
      mac: known?.mac ?? sighting.mac,
      mtu: known?.mtu ?? sighting.mtu,
      peerIndex: known?.peerIndex ?? sighting.peerIndex,
      linkNamespaceId: known?.linkNamespaceId ?? sighting.linkNamespaceId,
      master: known?.master ?? sighting.master,
      vxlanId: known?.vxlanId ?? sighting.vxlanId,
      addresses: [...addresses],
    });
  }
  return [...byIndex.values()];
}

/** Links of one node's root namespace. */
export class NodeLinks {
  private readonly byIndex = new Map<number, Link>();
  private readonly byName = new Map<string, Link>();

  constructor(links: readonly Link[]) {
    for (const link of links) {
      this.byIndex.set(link.index, link);
      this.byName.set(link.name, link);
    }
  }

  withIndex(index: number): Link | null {
    return this.byIndex.get(index) ?? null;
  }

  named(name: string): Link | null {
    return this.byName.get(name) ?? null;
  }
}

/** The node's veth that leads to the pod with these outputs, by the peer's index; null if it is not known. */
export function vethOf(outputs: HostOutputs, links: NodeLinks): Link | null {
  let statesPeer = false;
  for (const { index, isLoopback, peerIndex } of outputs.links) {
    if (isLoopback || peerIndex === null) continue;
    statesPeer = true;
    const veth = links.withIndex(peerIndex);
    if (veth !== null && (veth.peerIndex === null || veth.peerIndex === index)) return veth;
  }
  return statesPeer || outputs.peerIndex === null ? null : links.withIndex(outputs.peerIndex);
}

/** Names of the node's links by the pod address that they lead to: routes, else neighbour and forwarding entries. */
export function linksByPodAddress(outputs: HostOutputs, links: NodeLinks): Map<string, string> {
  const found = new Map<string, string>();
  const portByMac = new Map(outputs.forwarding.map(({ target, device }) => [target, device]));
  for (const { target, mac } of outputs.neighbours) {
    const port = mac === null ? undefined : portByMac.get(mac);
    if (port !== undefined && isPodPort(links.named(port))) found.set(target, port);
  }
  for (const { target, device } of outputs.routes) if (isPodPort(links.named(device))) found.set(target, device);
  return found;
}

/** A link with its other end in another namespace; bridges and tunnels lead to many. */
function isPodPort(link: Link | null): boolean {
  return link !== null && link.linkNamespaceId !== null && (link.kind === null || link.kind === 'veth');
}
