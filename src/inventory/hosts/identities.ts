/**
 * Whose `ip` output a file holds: which node's, or which pod's.
 *
 * In this order: a `--node NAME=DIR` that contains it, unless a directory below that names a pod; a known node's name in the
 * file's name; the nearest parent directory that names a known node or pod (`NAMESPACE_NAME`, `NAMESPACE/NAME`, or directly
 * above the file just `NAME`); the addresses in it, or in the `ip addr` output beside it, if they belong to just one node or
 * pod; `hosts/NAME` where no nodes are known.
 */
import { basename, dirname, resolve } from 'node:path';

export type Identity =
  | { readonly type: 'node'; readonly name: string }
  /** Keys of pods: more than one where several pods bear the name. */
  | { readonly type: 'pod'; readonly keys: readonly string[] };

export interface NodeDirectory {
  readonly node: string;
  readonly directory: string;
}

export interface KnownNames {
  readonly nodes: ReadonlySet<string>;
  /** Pod keys by `namespace/name`, and by bare name. */
  readonly pods: ReadonlyMap<string, readonly string[]>;
  /** Nodes and pods by address; addresses that several have are left out. */
  readonly byAddress: ReadonlyMap<string, Identity>;
}

export class Identifier {
  private readonly known: KnownNames;
  /** Node by the directory that was given for it. */
  private readonly given: ReadonlyMap<string, string>;
  /** Node by the first label of its full host name; null where several share it. */
  private readonly shortNames = new Map<string, string | null>();
  private readonly byDirectory = new Map<string, Identity | null>();

  constructor(known: KnownNames, given: readonly NodeDirectory[]) {
    this.known = known;
    this.given = new Map(given.map(({ node, directory }) => [resolve(directory), node]));
    for (const node of known.nodes) {
      const [label = node] = node.split('.');
      if (label !== node) this.shortNames.set(label, this.shortNames.has(label) ? null : node);
    }
  }

  /** Who the file belongs to, or null. `addresses` are those in the file, or in the outputs beside it. */
  identify(path: string, addresses: readonly string[]): Identity | null {
    const directory = dirname(resolve(path));
    return (
      this.byOption(directory) ??
      this.byFileName(basename(path)) ??
      this.podNamed(basename(directory)) ??
      this.byNames(directory) ??
      this.byAddresses(addresses) ??
      this.byHostsDirectory(directory)
    );
  }

  private byOption(directory: string): Identity | null {
    for (let at = directory; ; at = dirname(at)) {
      const node = this.given.get(at);
      if (node !== undefined) return { type: 'node', name: node };
      const named = this.named(at);
      if (named?.type === 'pod' || dirname(at) === at) return null;
    }
  }

  /** A node's name between the delimiters that file names use; the longest, as one name may be part of another. */
  private byFileName(file: string): Identity | null {
    const bounds = [-1, ...[...file.matchAll(/[._-]/g)].map(({ index }) => index), file.length];
    let best = '';
    for (const from of bounds) {
      for (const to of bounds) {
        const part = to - from > best.length ? file.slice(from + 1, to) : '';
        if (part.length > best.length && this.known.nodes.has(part)) best = part;
      }
    }
    return best === '' ? null : { type: 'node', name: best };
  }

  private podNamed(name: string): Identity | null {
    const keys = this.known.pods.get(name);
    return keys === undefined ? null : { type: 'pod', keys };
  }

  private byNames(directory: string): Identity | null {
    let identity = this.byDirectory.get(directory);
    if (identity === undefined) {
      const above = dirname(directory);
      identity = this.named(directory) ?? (above === directory ? null : this.byNames(above));
      this.byDirectory.set(directory, identity);
    }
    return identity;
  }

  private named(directory: string): Identity | null {
    const name = basename(directory);
    if (this.known.nodes.has(name)) return { type: 'node', name };
    const separator = name.indexOf('_');
    const pod = separator > 0 ? this.podNamed(`${name.slice(0, separator)}/${name.slice(separator + 1)}`) : null;
    if (pod !== null) return pod;
    const inNamespace = this.podNamed(`${basename(dirname(directory))}/${name}`);
    const full = this.shortNames.get(name) ?? null;
    return inNamespace ?? (full === null ? null : { type: 'node', name: full });
  }

  private byAddresses(addresses: readonly string[]): Identity | null {
    const found = new Map<string, Identity>();
    for (const address of addresses) {
      const identity = this.known.byAddress.get(address);
      if (identity !== undefined) found.set(identity.type === 'node' ? identity.name : identity.keys.join(), identity);
    }
    const [only] = found.values();
    return found.size === 1 && only !== undefined ? only : null;
  }

  private byHostsDirectory(directory: string): Identity | null {
    if (this.known.nodes.size > 0 || basename(dirname(directory)) !== 'hosts') return null;
    return { type: 'node', name: basename(directory) };
  }
}
