/**
 * Attribution of every tunnel at every node where its packets and its messages were both captured. The flows at a WireGuard device find
 * their tunnel by the nodes of their ends, or because the node has only one peer.
 */
import type { FlowSet } from '../flow-set.js';
import type { SampleIndex } from '../sample-index.js';
import type { SampleSet } from '../sample-set.js';
import {
  attribute,
  type DirectionAttribution,
  receivedMessages,
  sentMessages,
  USUAL_MTU,
  waitingTimes,
} from './attribution.js';
import type { Handshake } from './handshakes.js';
import { innerFlows, type InnerEnds, type InnerFlow, innerPackets } from './inner-packets.js';
import { bestVantage } from './losses.js';
import type { PeerDirection, PeerMessages } from './peers.js';
import type { WireguardSetting } from './setting.js';

export interface Inside {
  readonly flows: FlowSet;
  readonly samples: SampleSet;
  readonly index: SampleIndex;
}

type PlacedFlow = InnerFlow & InnerEnds;

/** Vantage points on one node's WireGuard devices that are looked at. */
const MOST_VANTAGES = 8;

/** By peer: at most one attribution per direction and vantage point on a WireGuard device. */
export function attributePeers(
  peers: readonly PeerMessages[],
  handshakes: readonly (readonly Handshake[])[],
  inside: Inside,
  setting: WireguardSetting,
): DirectionAttribution[][] {
  const devices = new Devices(innerFlows(inside.flows, inside.samples.originSeconds, setting), setting);
  const peersOf = new Map<string, number>();
  for (const { a, b } of peers) {
    for (const { node } of [a, b]) if (node !== null) peersOf.set(node, (peersOf.get(node) ?? 0) + 1);
  }
  return peers.map((peer, number) =>
    ([0, 1] as const).flatMap((direction) =>
      [true, false].flatMap((isSender) => {
        const [sender, receiver] = direction === 0 ? [peer.a, peer.b] : [peer.b, peer.a];
        const [here, there] = isSender ? [sender.node, receiver.node] : [receiver.node, sender.node];
        if (here === null) return [];
        return devices
          .flowsOf(here, there, isSender, peersOf.get(here) === 1)
          .flatMap((flows) =>
            attributeAt(here, direction, isSender, flows, peer, handshakes[number]!, inside, setting),
          );
      }),
    ),
  );
}

function attributeAt(
  node: string,
  direction: PeerDirection,
  isSender: boolean,
  flows: readonly PlacedFlow[],
  peer: PeerMessages,
  handshakes: readonly Handshake[],
  { samples, index }: Inside,
  setting: WireguardSetting,
): DirectionAttribution[] {
  const [first] = flows;
  const sessions = peer.sessions[direction];
  const outerAt =
    bestVantage(sessions, node, setting) ?? bestVantage(peer.sessions[direction === 0 ? 1 : 0], node, setting);
  const seen = outerAt ?? handshakesAt(peer, node, setting);
  if (first === undefined || seen === null) return [];
  const mtu = setting.mtu(first.vantage) ?? USUAL_MTU;
  const there = sessions.filter(({ vantage }) => vantage === seen);
  const outer = isSender ? sentMessages(there) : receivedMessages(there);
  const waits = isSender ? waitingTimes(handshakes, seen) : [];
  const inner = innerPackets(flows, samples, index, mtu);
  return [
    {
      direction,
      node,
      isSender,
      innerAt: first.vantage,
      outerAt: seen,
      ...attribute(inner, outer, mtu, isSender, waits),
    },
  ];
}

/** Where handshakes were seen on a node without any data. */
function handshakesAt({ handshakes }: PeerMessages, node: string, setting: WireguardSetting): number | null {
  const seen = handshakes
    .flat()
    .find(({ vantage }) => setting.node(vantage) === node && !setting.mixesInterfaces(vantage));
  return seen?.vantage ?? null;
}

/** The flows at the WireGuard devices of the nodes, by vantage point: a device may have been captured more than once. */
class Devices {
  private readonly byNode = new Map<string, Map<number, PlacedFlow[]>>();

  constructor(flows: readonly PlacedFlow[], setting: WireguardSetting) {
    for (const flow of flows) {
      const node = setting.node(flow.vantage);
      if (node === null) continue;
      const devices = this.byNode.get(node) ?? new Map<number, PlacedFlow[]>();
      this.byNode.set(node, devices);
      const known = devices.get(flow.vantage);
      if (known !== undefined) known.push(flow);
      else if (devices.size < MOST_VANTAGES) devices.set(flow.vantage, [flow]);
    }
  }

  /** Flows that the node sends to another, or gets from it: a list for each vantage point that has any. */
  flowsOf(node: string, other: string | null, isSender: boolean, isOnlyPeer: boolean): PlacedFlow[][] {
    if (other === null && !isOnlyPeer) return [];
    const lists = [...(this.byNode.get(node)?.values() ?? [])].map((flows) =>
      flows.filter(({ from, to }) => {
        const [own, theirs] = isSender ? [from, to] : [to, from];
        return own === node && (theirs === null ? isOnlyPeer : theirs === other);
      }),
    );
    return lists.filter((flows) => flows.length > 0);
  }
}
