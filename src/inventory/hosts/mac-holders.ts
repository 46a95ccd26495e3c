/**
 * Whose MAC addresses are whose: interfaces of nodes and pods from `ip link`, pods by the nodes' neighbour tables, tunnel ends by
 * what the network plugin writes at a node. Addresses that several hold (all veths of Calico have one) are nobody's.
 */
import type { HostOutputs } from './host-links.js';
import type { Link, MacHolder } from '../inventory.js';

/** A pod on its node. */
export interface PlacedPod {
  readonly node: string;
  readonly pod: string;
}

const OVERLAYS = new Set(['vxlan', 'geneve', 'gretap', 'ip6gretap']);

export class MacHolders {
  private readonly holders = new Map<number, MacHolder | null>();

  /** Whose it is; null if that is not known. `mac` is a number of 48 bits. */
  holderOf(mac: number): MacHolder | null {
    return this.holders.get(mac) ?? null;
  }

  addNode(node: string, links: readonly Link[]): void {
    // `ip link` without -d shows no kinds: then nothing tells a bridge from a network card.
    const hasKinds = links.some(({ kind }) => kind !== null);
    for (const link of links) {
      if (link.name === 'lo') continue;
      const kind = hasKinds ? kindOf(link) : 'unknown';
      if (kind !== null) this.add(link.mac, { node, pod: null, interface: link.name, kind });
    }
  }

  addPod({ node, pod }: PlacedPod, outputs: HostOutputs): void {
    for (const link of outputs.links) {
      if (!link.isLoopback) this.add(link.mac, { node, pod, interface: link.name, kind: 'pod' });
    }
  }

  /** Neighbours of a node that are pods on it. */
  addNeighbours(outputs: HostOutputs, podAt: (address: string) => PlacedPod | null): void {
    for (const { target, mac } of outputs.neighbours) {
      const pod = podAt(target);
      if (pod !== null) this.add(mac, { ...pod, interface: null, kind: 'pod' });
    }
  }

  /** The tunnel end of a node, as an annotation states it. */
  addTunnelEnd(node: string, mac: string): void {
    this.add(mac, { node, pod: null, interface: null, kind: 'overlay' });
  }

  private add(text: string | null, holder: MacHolder): void {
    const mac = macNumber(text);
    if (mac === null) return;
    const known = this.holders.get(mac);
    if (known === undefined) this.holders.set(mac, holder);
    else if (known !== null && !isSame(known, holder)) this.holders.set(mac, null);
    else if (known !== null && known.interface === null) this.holders.set(mac, holder);
  }
}

function isSame(a: MacHolder, b: MacHolder): boolean {
  return a.node === b.node && a.pod === b.pod && a.kind === b.kind;
}

/** What frames with this address pass; null for veths of pods, whose own address no frame has, and for what is not known. */
function kindOf({ kind, master, addresses }: Link): MacHolder['kind'] | null {
  if (kind === 'bridge') return 'bridge';
  if (kind !== null && OVERLAYS.has(kind)) return 'overlay';
  if (master !== null) return null;
  return kind === null || ((kind === 'veth' || kind === 'bond' || kind === 'vlan') && addresses.length > 0)
    ? 'underlay'
    : null;
}

function macNumber(text: string | null): number | null {
  if (text === null || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return null;
  const mac = Number.parseInt(text.replaceAll(':', ''), 16);
  return mac === 0 ? null : mac;
}
