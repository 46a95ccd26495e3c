/**
 * Host outputs put in their place: every `ip` output to its node or pod, then links, addresses and veth ends from them; tables of
 * connection tracking and rules to their nodes.
 */
import { dirname } from 'node:path';
import { emptyOutputs, type HostOutputs } from './host-links.js';
import { Identifier, type Identity, type KnownNames, type NodeDirectory } from './identities.js';
import type { ConntrackFile } from '../conntrack/conntrack-reader.js';
import { append } from '../multimap.js';
import type { RulesFile } from '../rules/service-rules.js';
import type { WireguardOutputKey } from './wireguard-output.js';
import type { IpOutput, LinkSighting } from './ip-output.js';

/** One file with `ip` output, a bare interface index, entries of connection tracking or rules: one of these. */
export interface HostFile {
  readonly path: string;
  readonly outputs: readonly IpOutput[];
  readonly interfaceIndex: number | null;
  readonly conntrack: ConntrackFile | null;
  readonly rules: RulesFile | null;
  readonly wireguard: readonly WireguardOutputKey[] | null;
}

/** A file that is a node's; `node` is null where it is not known whose. */
export interface NodeFile<T> {
  readonly path: string;
  readonly node: string | null;
  readonly file: T;
}

export interface PlacedOutputs {
  readonly ofNodes: ReadonlyMap<string, HostOutputs>;
  readonly ofPods: ReadonlyMap<string, HostOutputs>;
  readonly conntrack: readonly NodeFile<ConntrackFile>[];
  readonly rules: readonly NodeFile<RulesFile>[];
  readonly wireguard: readonly NodeFile<readonly WireguardOutputKey[]>[];
  readonly warnings: readonly string[];
}

/** `podAddresses` are all addresses that a pod (by key) ever had, to tell pods of one name apart. */
export function placeOutputs(
  files: readonly HostFile[],
  known: KnownNames,
  given: readonly NodeDirectory[],
  podAddresses: (key: string) => readonly string[],
): PlacedOutputs {
  const ofNodes = new Map<string, HostOutputs>();
  const ofPods = new Map<string, HostOutputs>();
  const conntrack: NodeFile<ConntrackFile>[] = [];
  const rules: NodeFile<RulesFile>[] = [];
  const wireguard: NodeFile<readonly WireguardOutputKey[]>[] = [];
  const warnings: string[] = [];
  const besides = addressesByDirectory(files);
  const identifier = new Identifier(known, given);
  for (const file of files) {
    const own = addressesIn(file);
    const addresses = own.length > 0 ? own : (besides.get(dirname(file.path)) ?? []);
    const identity = identifier.identify(file.path, addresses);
    const node = identity?.type === 'node' ? identity.name : null;
    // What a pod translates for itself (a sidecar's redirections) is no node's.
    if (identity?.type !== 'pod') {
      if (file.conntrack !== null) conntrack.push({ path: file.path, node, file: file.conntrack });
      if (file.rules !== null) rules.push({ path: file.path, node, file: file.rules });
      if (file.wireguard !== null) wireguard.push({ path: file.path, node, file: file.wireguard });
    }
    const outputs = outputsOf(identity, addresses, ofNodes, ofPods, podAddresses);
    if (outputs !== null) add(outputs, file);
    else if (file.outputs.some(({ type }) => type === 'links')) {
      warnings.push(`${file.path}: it is not clear whose interfaces these are; name the node with --node NAME=DIR`);
    }
  }
  return { ofNodes, ofPods, conntrack, rules, wireguard, warnings };
}

function linksIn(file: HostFile): LinkSighting[] {
  return file.outputs.flatMap((output) => (output.type === 'links' ? output.links : []));
}

function addressesIn(file: HostFile): string[] {
  const links = linksIn(file).filter(({ isLoopback }) => !isLoopback);
  return links.flatMap(({ addresses }) => addresses.map(({ address }) => address));
}

function addressesByDirectory(files: readonly HostFile[]): Map<string, string[]> {
  const byDirectory = new Map<string, string[]>();
  for (const file of files) {
    append(byDirectory, dirname(file.path), ...addressesIn(file));
  }
  return byDirectory;
}

function outputsOf(
  identity: Identity | null,
  addresses: readonly string[],
  ofNodes: Map<string, HostOutputs>,
  ofPods: Map<string, HostOutputs>,
  podAddresses: (key: string) => readonly string[],
): HostOutputs | null {
  if (identity === null) return null;
  if (identity.type === 'node') return getOrAdd(ofNodes, identity.name);
  const matching = identity.keys.filter((key) => podAddresses(key).some((address) => addresses.includes(address)));
  const keys = matching.length > 0 ? matching : identity.keys;
  // Several pods of one name, and nothing tells which: better none than the wrong one.
  return keys.length === 1 ? getOrAdd(ofPods, keys[0]!) : null;
}

function getOrAdd(map: Map<string, HostOutputs>, key: string): HostOutputs {
  let outputs = map.get(key);
  if (outputs === undefined) map.set(key, (outputs = emptyOutputs()));
  return outputs;
}

function add(outputs: HostOutputs, file: HostFile): void {
  if (file.interfaceIndex !== null) outputs.peerIndex = file.interfaceIndex;
  for (const output of file.outputs) {
    if (output.type === 'links') outputs.links.push(...output.links);
    else if (output.type === 'routes') outputs.routes.push(...output.reaches);
    else if (output.type === 'neighbours') outputs.neighbours.push(...output.reaches);
    else if (output.type === 'forwarding') outputs.forwarding.push(...output.reaches);
  }
}
