/**
 * Where vantage points are that nothing names: from the MAC addresses of their frames, the addresses and times to live of their
 * packets, and the inventory. Only what the traffic proves is said; where two places would look the same, the answer stays `unknown`.
 *
 * - One MAC address in every frame is the interface's own (or, on a pod's devices, the pod's); in traffic of two it may be either's.
 * - What a cooked capture calls outgoing was sent by interfaces of its node.
 * - Every packet has an end on the node, and packets of its own pods come as they were sent.
 * - Tunnels between nodes run over their underlay interfaces only.
 */
import type { FramePair } from '../flow/frame-addresses.js';
import type { Inventory, MacHolder } from '../inventory/inventory.js';
import { roleOfInterface, withUniqueNames, type NamedVantage } from './vantage-naming.js';
import type { TrafficFacts } from './vantage-traffic.js';
import type { VantagePoints } from './vantage-points.js';

const MAC_ADDRESSES = 'MAC addresses in the traffic';
const ADDRESSES = 'addresses in the traffic';
const HOP_LIMITS = 'addresses and times to live in the traffic';
const TUNNELS = 'tunnels in the traffic';
const SAME_CAPTURE = 'other interfaces of the same capture';

/** What is found; what is not stays null. */
interface Finding {
  readonly node?: { readonly name: string; readonly knownBy: string };
  readonly role?: { readonly role: NamedVantage['role']; readonly knownBy: string };
  readonly interface?: { readonly name: string; readonly knownBy: string };
}

/** Fills in what names left open. */
export function placeByTraffic(
  named: readonly NamedVantage[],
  vantages: VantagePoints,
  facts: readonly TrafficFacts[],
  inventory: Inventory,
): NamedVantage[] {
  const found = named.map((vantage, id) =>
    isOpen(vantage) ? withFinding(vantage, findPlace(vantage, pairsAt(vantages, id), facts[id]!, inventory)) : vantage,
  );
  return withUniqueNames(withNodesOfCapture(found, inventory));
}

function isOpen({ node, role }: NamedVantage): boolean {
  return node === null || role === 'unknown';
}

/** Null if the frames have no addresses or had more than were kept. */
function pairsAt(vantages: VantagePoints, id: number): readonly FramePair[] | null {
  const frames = vantages.frames[id] ?? null;
  if (frames === null || frames.left > 0) return null;
  const pairs = frames.pairs();
  return pairs.length === 0 ? null : pairs;
}

function withFinding(vantage: NamedVantage, { node, role, interface: link }: Finding): NamedVantage {
  const { knownBy } = vantage;
  const isNodeNew = vantage.node === null && node !== undefined;
  const isRoleNew = vantage.role === 'unknown' && role !== undefined;
  const isLinkNew = vantage.interface === null && link !== undefined;
  return {
    ...vantage,
    node: isNodeNew ? node.name : vantage.node,
    role: isRoleNew ? role.role : vantage.role,
    interface: isLinkNew ? link.name : vantage.interface,
    knownBy: {
      node: isNodeNew ? node.knownBy : knownBy.node,
      role: isRoleNew ? role.knownBy : knownBy.role,
      interface: isLinkNew ? link.knownBy : knownBy.interface,
    },
  };
}

function findPlace(
  vantage: NamedVantage,
  pairs: readonly FramePair[] | null,
  facts: TrafficFacts,
  inventory: Inventory,
): Finding {
  const holderOf = (mac: number): MacHolder | null => inventory.macHolder(mac);
  const byFrames =
    pairs === null ? {} : isCooked(pairs) ? nodeOfOutgoing(pairs, holderOf) : placeOfFrames(pairs, holderOf);
  const node = byFrames.node ?? nodeOfPackets(facts);
  const isUnderlay = byFrames.role === undefined && facts.hasTunnels && pairs !== null && !isCooked(pairs);
  const isAlien = vantage.node !== null && node !== undefined && node.name !== vantage.node;
  // The user or the file's name says another node: then what the frames say of its interfaces is not to be trusted either.
  if (isAlien) return {};
  return {
    ...byFrames,
    ...(node === undefined ? {} : { node }),
    ...(isUnderlay ? { role: { role: 'underlay', knownBy: TUNNELS } } : {}),
  };
}

function isCooked(pairs: readonly FramePair[]): boolean {
  return pairs.every(({ destination }) => destination === 0);
}

/** The node whose interfaces sent what the capture calls outgoing. */
function nodeOfOutgoing(pairs: readonly FramePair[], holderOf: (mac: number) => MacHolder | null): Finding {
  const nodes = new Set<string>();
  for (const { source, isOutgoing } of pairs) {
    const holder = isOutgoing ? holderOf(source) : null;
    if (holder !== null) nodes.add(holder.node);
  }
  const [name] = nodes;
  return nodes.size === 1 && name !== undefined ? { node: { name, knownBy: MAC_ADDRESSES } } : {};
}

function placeOfFrames(pairs: readonly FramePair[], holderOf: (mac: number) => MacHolder | null): Finding {
  const common = commonTo(pairs);
  const holders = common.flatMap((mac) => holderOf(mac) ?? []);
  if (holders.length < common.length) return {};
  if (common.length === 0) return placeOfBridge(pairs, holderOf);
  return common.length === 1 ? placeOf(holders[0]!) : placeOfTwo(holders[0]!, holders[1]!);
}

/** Nobody has a part in all frames, and all are of one node: only its bridge sees that. */
function placeOfBridge(pairs: readonly FramePair[], holderOf: (mac: number) => MacHolder | null): Finding {
  const ends = [...new Set(pairs.flatMap(({ source, destination }) => [source, destination]))];
  const holders = ends.flatMap((mac) => holderOf(mac) ?? []);
  const nodes = new Set(holders.map(({ node }) => node));
  const [name] = nodes;
  if (holders.length < ends.length || nodes.size !== 1 || name === undefined) return {};
  const talking = holders.filter(({ pod }, index) => pod !== null && speaksAndHears(ends[index]!, pairs));
  return talking.length < 2
    ? {}
    : { node: { name, knownBy: MAC_ADDRESSES }, role: { role: 'bridge', knownBy: MAC_ADDRESSES } };
}

/** Two that talk to each other alone: their common node, or what both of them are. */
function placeOfTwo(a: MacHolder, b: MacHolder): Finding {
  if (a.node === b.node) return { node: { name: a.node, knownBy: MAC_ADDRESSES } };
  const { kind } = a;
  if (kind !== b.kind || (kind !== 'overlay' && kind !== 'underlay')) return {};
  return { role: { role: kind, knownBy: MAC_ADDRESSES } };
}

/** The place whose own address all frames have. A pod's may be its own device, its veth, or a bridge that saw this pod only. */
function placeOf({ node, kind, interface: name }: MacHolder): Finding {
  const known: Finding = { node: { name: node, knownBy: MAC_ADDRESSES } };
  if (kind === 'pod' || kind === 'unknown') return known;
  const place: Finding = { ...known, role: { role: kind, knownBy: MAC_ADDRESSES } };
  return name === null ? place : { ...place, interface: { name, knownBy: MAC_ADDRESSES } };
}

/** MAC addresses that every pair has. */
function commonTo(pairs: readonly FramePair[]): number[] {
  const { source, destination } = pairs[0]!;
  return [...new Set([source, destination])].filter((mac) =>
    pairs.every((pair) => pair.source === mac || pair.destination === mac),
  );
}

/** A frame that a bridge floods is seen in one direction only. */
function speaksAndHears(mac: number, pairs: readonly FramePair[]): boolean {
  return pairs.some(({ source }) => source === mac) && pairs.some(({ destination }) => destination === mac);
}

/** The node that every packet has an end on, if that is one; of two the one whose pods' packets no router has passed on yet. */
function nodeOfPackets({ nodes, isSure, asSent, routed }: TrafficFacts): Finding['node'] {
  if (nodes === null || !isSure) return undefined;
  const [only] = nodes;
  if (nodes.size === 1 && only !== undefined) return { name: only, knownBy: ADDRESSES };
  const near = new Set([...asSent].filter(([pod]) => !routed.has(pod)).map(([, node]) => node));
  const far = new Set([...asSent].filter(([pod]) => routed.has(pod)).map(([, node]) => node));
  const [name] = near;
  const isClear = near.size === 1 && far.size === 0 && routed.size > 0 && name !== undefined && nodes.has(name);
  return isClear ? { name, knownBy: HOP_LIMITS } : undefined;
}

/** Interfaces of one capture are of one node: those of a cooked capture always, those of a file if each has a name of its own. */
function withNodesOfCapture(vantages: readonly NamedVantage[], inventory: Inventory): NamedVantage[] {
  const groups = new Map<number, NamedVantage[]>();
  for (const vantage of vantages) groups.set(vantage.group, [...(groups.get(vantage.group) ?? []), vantage]);
  return vantages.map((vantage) => {
    const group = groups.get(vantage.group) ?? [];
    if (vantage.node !== null || !isOneHost(group)) return withLink(vantage, inventory);
    const nodes = new Set(group.flatMap(({ node }) => node ?? []));
    const [name] = nodes;
    if (nodes.size !== 1 || name === undefined) return vantage;
    return withLink(withFinding(vantage, { node: { name, knownBy: SAME_CAPTURE } }), inventory);
  });
}

function isOneHost(group: readonly NamedVantage[]): boolean {
  if (group.every(({ interfaceIndex }) => interfaceIndex !== null)) return true;
  const names = group.map((vantage) => vantage.interface);
  return names.every((name) => name !== null) && new Set(names).size === names.length;
}

/** What the links of the node tell of an interface, once the node is known. */
function withLink(vantage: NamedVantage, inventory: Inventory): NamedVantage {
  const { node, interfaceIndex } = vantage;
  if (node === null) return vantage;
  const link = interfaceIndex === null ? null : inventory.linkOf(node, interfaceIndex);
  const name = link?.name ?? vantage.interface;
  if (name === null || (link === null && interfaceIndex !== null)) return vantage;
  const known = vantage.role === 'unknown' ? roleOfInterface(name, node, null, inventory) : null;
  const role = known?.role ?? vantage.role;
  const pod = role === 'veth' ? inventory.podBehind(node, name) : null;
  return {
    ...vantage,
    interface: name,
    role,
    pod: pod === null ? vantage.pod : `${pod.namespace}/${pod.name}`,
    knownBy: {
      node: vantage.knownBy.node,
      interface: link === null ? vantage.knownBy.interface : `ip link of ${node}`,
      role: known === null ? vantage.knownBy.role : known.knownBy,
    },
  };
}
