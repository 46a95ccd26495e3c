/**
 * Whose `ip` output a file holds: which node's, or which pod's.
 *
 * In this order: a `--node NAME=DIR` that contains it; a known node's name in the file's name; the nearest parent directory
 * that names a known node or pod (`NAMESPACE_NAME`, or `NAMESPACE/NAME`); the addresses in it, or in the `ip addr` output
 * beside it, if they belong to just one node or pod; `hosts/NAME` where no nodes are known.
 */
import { basename, dirname, resolve, sep } from 'node:path';

export type Identity =
  | { readonly type: 'node'; readonly name: string }
  /** Keys of pods: more than one where pods of one name followed each other. */
  | { readonly type: 'pod'; readonly keys: readonly string[] };

export interface NodeDirectory {
  readonly node: string;
  readonly directory: string;
}

export interface KnownNames {
  readonly nodes: ReadonlySet<string>;
  /** Pod keys by `namespace/name`. */
  readonly pods: ReadonlyMap<string, readonly string[]>;
  /** Nodes and pods by address; addresses that several have are left out. */
  readonly byAddress: ReadonlyMap<string, Identity>;
}

/** Who the file belongs to, or null. `addresses` are those in the file, or in the outputs beside it. */
export function identify(
  path: string,
  addresses: readonly string[],
  known: KnownNames,
  given: readonly NodeDirectory[],
): Identity | null {
  return (
    byOption(path, given) ??
    byFileName(path, known) ??
    byDirectories(path, known) ??
    byAddresses(addresses, known) ??
    byHostsDirectory(path, known)
  );
}

function byOption(path: string, given: readonly NodeDirectory[]): Identity | null {
  const absolute = resolve(path);
  const containing = given
    .map(({ node, directory }) => ({ node, root: resolve(directory) }))
    .filter(({ root }) => absolute === root || absolute.startsWith(root.endsWith(sep) ? root : root + sep))
    .sort((a, b) => b.root.length - a.root.length);
  return containing[0] === undefined ? null : { type: 'node', name: containing[0].node };
}

/** A node's name between the delimiters that file names use; the longest, as one name may be part of another. */
function byFileName(path: string, known: KnownNames): Identity | null {
  const padded = `.${basename(path)}.`;
  let best = '';
  for (const node of known.nodes) {
    const at = node.length > best.length ? padded.indexOf(node) : -1;
    if (at > 0 && isDelimiter(padded[at - 1]!) && isDelimiter(padded[at + node.length]!)) best = node;
  }
  return best === '' ? null : { type: 'node', name: best };
}

function isDelimiter(character: string): boolean {
  return character === '.' || character === '_' || character === '-';
}

function byDirectories(path: string, known: KnownNames): Identity | null {
  for (let directory = dirname(resolve(path)); dirname(directory) !== directory; directory = dirname(directory)) {
    const found = byName(basename(directory), basename(dirname(directory)), known);
    if (found !== null) return found;
  }
  return null;
}

function byName(name: string, parent: string, known: KnownNames): Identity | null {
  if (known.nodes.has(name)) return { type: 'node', name };
  const separator = name.indexOf('_');
  const keys =
    known.pods.get(`${name.slice(0, separator)}/${name.slice(separator + 1)}`) ?? known.pods.get(`${parent}/${name}`);
  if (keys !== undefined) return { type: 'pod', keys };
  // A directory may bear the short form of a node's full host name.
  const full = [...known.nodes].filter((node) => node.startsWith(`${name}.`));
  return full.length === 1 ? { type: 'node', name: full[0]! } : null;
}

function byAddresses(addresses: readonly string[], known: KnownNames): Identity | null {
  const found = new Map<string, Identity>();
  for (const address of addresses) {
    const identity = known.byAddress.get(address);
    if (identity !== undefined) found.set(identity.type === 'node' ? identity.name : identity.keys.join(), identity);
  }
  return found.size === 1 ? [...found.values()][0]! : null;
}

function byHostsDirectory(path: string, known: KnownNames): Identity | null {
  if (known.nodes.size > 0) return null;
  const directory = dirname(resolve(path));
  return basename(dirname(directory)) === 'hosts' ? { type: 'node', name: basename(directory) } : null;
}
