/**
 * Pairs of hosts that exchange WireGuard messages. A host is the node that has the outer address, else the address itself; where a
 * session goes on from another address (roaming), both addresses are one host's.
 */
import { compareText } from '../../base/compare-text.js';
import type { Owner } from '../../model/owner.js';
import type { DataSession, HandshakeMessage, OuterTuple, WireguardMessages } from './messages.js';
import type { WireguardSetting } from './setting.js';

/** 0 from a to b, 1 from b to a. */
export type PeerDirection = 0 | 1;

export interface PeerEnd {
  readonly key: string;
  readonly node: string | null;
  readonly owner: Owner;
  /** Of the latest message, and all addresses that there were. */
  address: number;
  port: number;
  latest: number;
  readonly addresses: Set<number>;
}

export interface PeerMessages {
  readonly a: PeerEnd;
  readonly b: PeerEnd;
  /** By direction. */
  readonly sessions: readonly [DataSession[], DataSession[]];
  readonly handshakes: readonly [HandshakeMessage[], HandshakeMessage[]];
}

/** All pairs, by their ends. */
export function findPeers(messages: WireguardMessages, setting: WireguardSetting): PeerMessages[] {
  const finder = new PeerFinder(setting);
  for (const session of messages.sessions) finder.noteMove(session);
  for (const session of messages.sessions) {
    const { peer, direction } = finder.place(session, session.end, session.vantage);
    peer.sessions[direction].push(session);
  }
  for (const handshake of messages.handshakes) {
    const { peer, direction } = finder.place(handshake, handshake.time, handshake.vantage);
    peer.handshakes[direction].push(handshake);
  }
  return finder.peers();
}

class PeerFinder {
  private readonly setting: WireguardSetting;
  private readonly byKey = new Map<string, PeerMessages>();
  /** The address that stands for one which a session moved to. */
  private readonly movedFrom = new Map<number, number>();

  constructor(setting: WireguardSetting) {
    this.setting = setting;
  }

  noteMove(session: DataSession): void {
    this.unite(session.firstSource, session.source);
    this.unite(session.firstDestination, session.destination);
  }

  place(tuple: OuterTuple, time: number, vantage: number): { peer: PeerMessages; direction: PeerDirection } {
    const source = this.hostOf(tuple.source, time, vantage);
    const destination = this.hostOf(tuple.destination, time, vantage);
    const direction = compareText(source.key, destination.key) <= 0 ? 0 : 1;
    const [a, b] = direction === 0 ? [source, destination] : [destination, source];
    const key = `${a.key}\n${b.key}`;
    let peer = this.byKey.get(key);
    if (peer === undefined) {
      peer = { a: newEnd(a), b: newEnd(b), sessions: [[], []], handshakes: [[], []] };
      this.byKey.set(key, peer);
    }
    noteAddress(direction === 0 ? peer.a : peer.b, tuple.source, tuple.sourcePort, time);
    noteAddress(direction === 0 ? peer.b : peer.a, tuple.destination, tuple.destinationPort, time);
    return { peer, direction };
  }

  peers(): PeerMessages[] {
    return [...this.byKey].sort((x, y) => compareText(x[0], y[0])).map(([, peer]) => peer);
  }

  private unite(first: number, later: number): void {
    const root = this.rootOf(first);
    const other = this.rootOf(later);
    if (root !== other) this.movedFrom.set(other, root);
  }

  private rootOf(address: number): number {
    let root = address;
    for (let from = this.movedFrom.get(root); from !== undefined; from = this.movedFrom.get(root)) root = from;
    return root;
  }

  private hostOf(address: number, time: number, vantage: number): Pick<PeerEnd, 'key' | 'node' | 'owner'> {
    const root = this.rootOf(address);
    const owner = this.setting.ownerOf(root, time, vantage);
    const node = owner.kind === 'node' || owner.kind === 'gateway' ? (owner.node ?? owner.name) : null;
    return { key: node === null ? this.setting.addressText(root) : node, node, owner };
  }
}

function newEnd({ key, node, owner }: Pick<PeerEnd, 'key' | 'node' | 'owner'>): PeerEnd {
  return { key, node, owner, address: -1, port: 0, latest: -Infinity, addresses: new Set() };
}

function noteAddress(end: PeerEnd, address: number, port: number, time: number): void {
  end.addresses.add(address);
  if (time < end.latest) return;
  end.latest = time;
  end.address = address;
  end.port = port;
}
