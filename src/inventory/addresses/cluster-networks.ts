/** The cluster's networks from everything that states them, or failing that from the addresses in use. */
import { broadcastOf, parseNetwork } from './address-text.js';
import type { KubernetesFacts } from '../facts/facts.js';
import type { HostOutputs } from '../hosts/host-links.js';
import { ClusterNetworks } from './networks.js';
import type { NodeRecord, PodRecord, ServiceRecord } from '../time/records.js';

export function collectNetworks(
  facts: readonly KubernetesFacts[],
  nodes: Iterable<NodeRecord>,
  pods: readonly PodRecord[],
  services: readonly ServiceRecord[],
): ClusterNetworks {
  const networks = new ClusterNetworks();
  for (const { latest } of nodes) for (const text of latest?.podNetworks ?? []) networks.addPodNetwork(text);
  for (const { podNetworks, serviceNetworks } of facts) {
    for (const text of podNetworks) networks.addPodNetwork(text);
    for (const text of serviceNetworks) networks.addServiceNetwork(text);
  }
  for (const { claims } of pods) for (const address of claims.keys()) networks.addPodAddress(address);
  networks.guessServiceNetworks(services.flatMap(({ clusterAddresses }) => [...clusterAddresses.keys()]));
  return networks;
}

/** Directed broadcast addresses of the networks that nodes and pods are on. */
export function addBroadcasts(networks: ClusterNetworks, outputs: Iterable<HostOutputs>): void {
  for (const { links } of outputs) {
    for (const { isLoopback, addresses } of links) {
      for (const { address, prefix, broadcast } of isLoopback ? [] : addresses) {
        const network = parseNetwork(`${address}/${prefix}`);
        const derived = network === null ? null : broadcastOf(network);
        if (broadcast !== null) networks.addBroadcast(broadcast);
        else if (derived !== null) networks.addBroadcast(derived);
      }
    }
  }
}
