/**
 * Gives vantage points their meaning, as far as it is known: node, interface, role and a short unique name.
 *
 * Evidence, best first: what the user said (--vantage), the interface name in a pcapng file, the inventory's links for an SLL2
 * interface index, and the file's name (`node-1.eth1.pcap`, `pod.shop.web-0.eth0.pcap`). What nothing tells stays null.
 */
import type { Inventory } from '../inventory/inventory.js';
import type { VantageEvidence, VantagePoint } from '../model/document.js';
import type { CaptureGroup } from './capture-groups.js';
import type { VantagePoints, VantageSource } from './vantage-points.js';

const LINKTYPE_LINUX_SLL = 113;
const LINKTYPE_NFLOG = 239;

const CAPTURE_SUFFIX = /(?:\.(?:pcap|pcapng|cap|dmp|dump)\d*|\.(?:gz|zst)|\*)+$/i;
const INTERFACE_NAME =
  /(?:^|[._@/-])((?:eth|ens|eno|enp|enx|bond|team|veth|cali|lxc|azv|eni|wg|flannel\.|flannel-|cni|cbr|docker|br-|vxlan|tunl|gre|geneve|genev_|cilium_|weave|kube-|nodelocaldns|ovs-)[\w.:-]*?|lo|any|nflog\d*|docker0)(?=$|[._]|-\d{4,})/i;

export interface NamedVantage {
  readonly name: string;
  readonly node: string | null;
  /** The pod whose own interface or veth it is, as `namespace/name`. */
  readonly pod: string | null;
  readonly interface: string | null;
  readonly interfaceIndex: number | null;
  readonly role: VantagePoint['role'];
  /** True for a capture on all interfaces that does not tell them apart. */
  readonly mixesInterfaces: boolean;
  readonly knownBy: VantageEvidence;
  readonly linkType: number;
  /** Number of the capture group, and the interface that its name says. */
  readonly group: number;
  readonly fileName: string;
  readonly fileInterface: string | null;
}

/** Names of all vantage points of the run, by vantage id. */
export function nameVantages(
  vantages: VantagePoints,
  groups: readonly CaptureGroup[],
  inventory: Inventory,
): NamedVantage[] {
  const places = groups.map((group) => placeOf(group, inventory));
  const named: NamedVantage[] = [];
  for (let id = 0; id < vantages.table.size; id++) {
    const source = vantages.sources[vantages.table.source(id)]!;
    const index = vantages.table.interfaceIndex(id);
    named.push(nameOne(places[source.group]!, source, index < 0 ? null : index, inventory));
  }
  return withUniqueNames(named);
}

/** The same with names made of what is known of each; a name that several have gets a number. */
export function withUniqueNames(vantages: readonly NamedVantage[]): NamedVantage[] {
  const taken = new Map<string, number>();
  return vantages.map((vantage) => {
    const name = shortName(vantage);
    const uses = (taken.get(name) ?? 0) + 1;
    taken.set(name, uses);
    return { ...vantage, name: uses === 1 ? name : `${name} (${uses})` };
  });
}

/** What a group's name and the user say. */
interface Place {
  readonly fileName: string;
  readonly node: string | null;
  readonly pod: string | null;
  readonly interface: string | null;
  /** True if the user said it, with --vantage. */
  readonly isNodeGiven: boolean;
  readonly isInterfaceGiven: boolean;
}

function placeOf(group: CaptureGroup, inventory: Inventory): Place {
  const normal = group.name.replaceAll('\\', '/');
  const fileName = normal.slice(normal.lastIndexOf('/') + 1);
  const stem = fileName.replace(CAPTURE_SUFFIX, '');
  const pod = podIn(stem, inventory);
  const interfaceName = group.interface ?? interfaceIn(pod === null ? stem : stem.slice(pod.end));
  const node = group.node ?? (pod === null ? nodeIn(stem, interfaceName, inventory) : pod.node);
  return {
    fileName,
    node,
    pod: pod?.name ?? null,
    interface: interfaceName,
    isNodeGiven: group.node !== null,
    isInterfaceGiven: group.interface !== null,
  };
}

interface NamedPod {
  readonly name: string;
  readonly node: string | null;
  /** Where its name ends in the file's. */
  readonly end: number;
}

/** A pod of the inventory whose namespace and name stand in the file's name, in this order. */
function podIn(stem: string, inventory: Inventory): NamedPod | null {
  let best: (NamedPod & { readonly length: number }) | null = null;
  for (const { owner } of inventory.objects.pods) {
    if (owner.namespace === null || owner.name === null) continue;
    const at = stem.indexOf(owner.name);
    if (at < 0 || !isBounded(stem, at, owner.name.length)) continue;
    const namespaceAt = stem.lastIndexOf(owner.namespace, at);
    if (namespaceAt < 0 || namespaceAt + owner.namespace.length >= at || owner.name.length <= (best?.length ?? 0))
      continue;
    best = {
      name: `${owner.namespace}/${owner.name}`,
      node: owner.node,
      end: at + owner.name.length,
      length: owner.name.length,
    };
  }
  return best;
}

function isBounded(text: string, at: number, length: number): boolean {
  const isWord = (character: string | undefined): boolean => character !== undefined && /[a-z0-9]/i.test(character);
  return !isWord(text[at - 1]) && !isWord(text[at + length]);
}

function interfaceIn(stem: string): string | null {
  const match = INTERFACE_NAME.exec(stem);
  return match === null ? null : completeName(stem, match);
}

/** `flannel.1` and VLAN devices have a dot in their name; take the number after it along. */
function completeName(stem: string, match: RegExpExecArray): string {
  const name = match[1]!;
  const after = stem.slice(match.index + match[0].length);
  const dotted = /^\.(\d{1,4})(?=$|[._])/.exec(after);
  return dotted === null ? name : `${name}.${dotted[1]}`;
}

function nodeIn(stem: string, interfaceName: string | null, inventory: Inventory): string | null {
  const known = inventory.nodeNames.filter((name) => {
    const at = stem.indexOf(name);
    return at >= 0 && isBounded(stem, at, name.length);
  });
  if (known.length > 0) return known.reduce((longest, name) => (name.length > longest.length ? name : longest));
  if (inventory.nodeNames.length > 0 || interfaceName === null) return null;
  // Without an inventory: what stands in front of the interface's name.
  const before = stem.slice(0, stem.indexOf(interfaceName)).replace(/[._@/-]+$/, '');
  return before === '' || before === 'pod' || before.startsWith('pod.') ? null : before;
}

function nameOne(
  place: Place,
  source: VantageSource,
  interfaceIndex: number | null,
  inventory: Inventory,
): NamedVantage {
  const { node } = place;
  const { linkType } = source;
  const link = node !== null && interfaceIndex !== null ? inventory.linkOf(node, interfaceIndex) : null;
  const indexed = interfaceIndex === null ? null : (link?.name ?? `interface ${interfaceIndex}`);
  const interfaceName = indexed ?? source.interfaceName ?? place.interface;
  const mixesInterfaces = linkType === LINKTYPE_LINUX_SLL || (interfaceName === 'any' && interfaceIndex === null);
  const { role, knownBy } = roleOf(interfaceName, linkType, place, mixesInterfaces, inventory);
  const behind = role === 'veth' && node !== null ? inventory.podBehind(node, interfaceName ?? '') : null;
  return {
    name: place.fileName,
    node,
    pod: behind === null ? place.pod : `${behind.namespace}/${behind.name}`,
    interface: interfaceName,
    interfaceIndex,
    role,
    mixesInterfaces,
    knownBy: {
      node: node === null ? null : place.isNodeGiven ? GIVEN : FILE_NAME,
      interface:
        link !== null
          ? `ip link of ${node}`
          : indexed !== null
            ? 'interface index in the capture'
            : source.interfaceName !== null
              ? 'interface name in the capture'
              : place.interface === null
                ? null
                : place.isInterfaceGiven
                  ? GIVEN
                  : FILE_NAME,
      role: knownBy,
    },
    linkType,
    group: source.group,
    fileName: place.fileName,
    fileInterface: place.interface,
  };
}

function shortName(vantage: NamedVantage): string {
  const { node, pod, role, fileName, fileInterface, interface: interfaceName, interfaceIndex } = vantage;
  if (pod !== null && role !== 'veth') return `pod ${pod}${interfaceName === null ? '' : ` ${interfaceName}`}`;
  if (node === null) {
    return fileInterface === interfaceName || interfaceName === null ? fileName : `${fileName} ${interfaceName}`;
  }
  if (interfaceName !== null) {
    // The same interface may have a capture of its own beside one of all interfaces.
    return `${node}/${interfaceName}${interfaceIndex === null ? '' : ' (any)'}`;
  }
  return role === 'nflog' ? `${node}/nflog` : fileName;
}

const GIVEN = '--vantage';
const FILE_NAME = 'file name';

const ROLES: readonly { readonly pattern: RegExp; readonly role: VantagePoint['role'] }[] = [
  { pattern: /^lo$/, role: 'loopback' },
  { pattern: /^any$/, role: 'any' },
  { pattern: /^(veth|cali|lxc|azv|eni)/, role: 'veth' },
  { pattern: /^(cni|cbr|docker|br-|kube-bridge|weave)/, role: 'bridge' },
  { pattern: /^(wg|wireguard|flannel-wg|kilo|cilium_wg)/, role: 'wireguard' },
  { pattern: /^(flannel[.-]|vxlan|tunl|gre|genev|cilium_vxlan|cilium_geneve|ovs-)/, role: 'overlay' },
];

/** What the kernel calls the kinds of interfaces (`ip -d link`). */
const ROLE_OF_KIND: Readonly<Record<string, VantagePoint['role']>> = {
  bridge: 'bridge',
  vxlan: 'overlay',
  geneve: 'overlay',
  gre: 'overlay',
  gretap: 'overlay',
  ipip: 'overlay',
  sit: 'overlay',
  ip6tnl: 'overlay',
  wireguard: 'wireguard',
};

interface KnownRole {
  readonly role: VantagePoint['role'];
  readonly knownBy: string | null;
}

function roleOf(
  interfaceName: string | null,
  linkType: number,
  place: Place,
  mixesInterfaces: boolean,
  inventory: Inventory,
): KnownRole {
  if (linkType === LINKTYPE_NFLOG) return { role: 'nflog', knownBy: 'link type of the capture' };
  if (mixesInterfaces) return { role: 'any', knownBy: 'link type of the capture' };
  if (interfaceName === null) return { role: 'unknown', knownBy: null };
  return roleOfInterface(interfaceName, place.node, place.pod, inventory);
}

/** The role of a named interface, of a node's or of a pod's own where that is known. */
export function roleOfInterface(
  name: string,
  node: string | null,
  pod: string | null,
  inventory: Inventory,
): KnownRole {
  const link = node === null || pod !== null ? null : inventory.linkNamed(node, name);
  const byKind = ROLE_OF_KIND[link?.kind ?? ''];
  if (byKind !== undefined) return { role: byKind, knownBy: `ip link of ${node}` };
  if (link?.kind === 'veth' && link.master !== null) return { role: 'veth', knownBy: `ip link of ${node}` };
  const byName = ROLES.find(({ pattern }) => pattern.test(name));
  if (byName !== undefined) return { role: byName.role, knownBy: 'interface name' };
  if (pod !== null) return { role: 'pod', knownBy: FILE_NAME };
  return node !== null && /^(eth|en[sopx]|bond|team)/.test(name)
    ? { role: 'underlay', knownBy: 'interface name' }
    : { role: 'unknown', knownBy: null };
}
