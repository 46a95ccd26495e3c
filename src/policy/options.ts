/** Where the specification leaves it to the network plugin, which reading to take (NETWORKPOLICY.md 1.5, 1.9, 1.12). */
export interface PolicyOptions {
  /**
   * Whether `ipBlock` and `networks` match the addresses of pods: `include pods` as in the conformance tests, Calico, Antrea
   * and OVN-Kubernetes; `exclude pods` as in Cilium.
   */
  readonly ipBlocks: 'include pods' | 'exclude pods';
  /**
   * HostNetwork pods in NetworkPolicies: `as nodes` (most plugins: not selected, their traffic is the node's) or `as pods`.
   * The cluster-scoped kinds never see them as pods.
   */
  readonly hostNetworkPods: 'as nodes' | 'as pods';
}

export const DEFAULT_OPTIONS: PolicyOptions = { ipBlocks: 'include pods', hostNetworkPods: 'as nodes' };
