/**
 * Loading: files and directories in, an inventory out. The only file here that the command line needs.
 *
 * Every file below the given paths is recognised by its content. One that cannot be read or understood costs a warning and
 * nothing else; captures lying beside the inventory are passed over without a word.
 */
import type { EventListener } from '../base/events.js';
import { buildInventory } from './cluster.js';
import type { HostFile } from './hosts/hosts.js';
import type { NodeDirectory } from './hosts/identities.js';
import type { Inventory } from './inventory.js';
import { type RecognizedFile, recognizeFile } from './recognize.js';
import { type DatedDocument, dateSnapshots, type StatedTime } from './time/snapshots.js';
import { findFiles } from './walk.js';

/** Warnings about files that are not recognised, beyond which only their number is told. */
const MAX_NAMED_FILES = 20;
/** Further warnings would only repeat themselves. */
const MAX_WARNINGS = 200;
/** Recognised files listed in the summary, which has to stay bounded. */
const MAX_LISTED_FILES = 500;

const EMPTY: Omit<HostFile, 'path'> = {
  outputs: [],
  interfaceIndex: null,
  conntrack: null,
  rules: null,
  wireguard: null,
};

/** An inventory that knows nothing: addresses get what their networks tell. */
export function emptyInventory(): Inventory {
  return buildInventory({ snapshots: [], stated: [], hostFiles: [], nodeDirectories: [], files: [], warnings: [] });
}

/**
 * Reads all files at or below `paths` and the node directories. Warnings go to the listener and into the summary; a given
 * path that cannot be read is an `error` event, and the rest still counts. Never throws for what files hold.
 */
export async function loadInventory(
  paths: readonly string[],
  nodeDirectories: readonly NodeDirectory[],
  listener: EventListener,
): Promise<Inventory> {
  const { files, unreadable, isCut } = await findFiles([
    ...paths,
    ...nodeDirectories.map(({ directory }) => directory),
  ]);
  const loader = new Loader();
  const missing: string[] = [];
  for (const { path, reason, isGiven } of unreadable) {
    if (isGiven) missing.push(`cannot read inventory ${path}: ${reason}`);
    else loader.warnings.push(`${path}: ${reason}`);
  }
  if (isCut) loader.warnings.push('too many files in the inventory: only the first 100,000 are read');
  for (const path of files) loader.add(path, await recognizeFile(path));
  const { snapshots, warnings } = dateSnapshots(loader.documents, loader.stated);
  const inventory = buildInventory({
    snapshots,
    stated: loader.stated,
    hostFiles: loader.hostFiles,
    nodeDirectories,
    files: loader.files.slice(0, MAX_LISTED_FILES),
    warnings: [...missing, ...loader.allWarnings(), ...warnings],
  });
  for (const message of missing) listener({ type: 'error', message, hint: 'check the path given with --inventory' });
  for (const message of inventory.summary.warnings.slice(missing.length)) {
    listener({ type: 'warning', message, hint: null });
  }
  return inventory;
}

export interface InventoryFileDescription {
  readonly role: 'inventory' | 'capture' | 'other';
  /** For people: `JSON, 16 Pod, 3 Node`. */
  readonly recognizedAs: string;
  readonly objects: number;
  /** What could not be read, with lines. */
  readonly problems: readonly string[];
}

/** What a file would be taken for, for `--dry-run`. Never throws. */
export async function describeInventoryFile(path: string): Promise<InventoryFileDescription> {
  const file = await recognizeFile(path);
  const problems = describeProblems(path, file);
  if (file.content.type === 'unreadable') problems.push(`${path}: ${file.content.reason}`);
  return { role: roleOf(file), recognizedAs: file.recognizedAs, objects: file.objects, problems };
}

function roleOf({ content }: RecognizedFile): InventoryFileDescription['role'] {
  switch (content.type) {
    case 'capture':
      return 'capture';
    case 'kubernetes':
    case 'pods table':
    case 'ip output':
    case 'interface index':
    case 'snapshot time':
    case 'conntrack':
    case 'rules':
    case 'wireguard':
    case 'unused':
      return 'inventory';
    default:
      return 'other';
  }
}

class Loader {
  readonly documents: DatedDocument[] = [];
  readonly stated: StatedTime[] = [];
  readonly hostFiles: HostFile[] = [];
  readonly files: { path: string; recognizedAs: string; objects: number }[] = [];
  readonly warnings: string[] = [];
  private readonly unknown: string[] = [];

  add(path: string, file: RecognizedFile): void {
    const { content, recognizedAs, objects } = file;
    if (content.type !== 'unknown') this.warnings.push(...describeProblems(path, file));
    switch (content.type) {
      case 'kubernetes':
        for (const document of content.documents) {
          this.documents.push({ ...document, path, modified: file.modified, ages: null });
        }
        break;
      case 'pods table':
        this.documents.push({ ...content.table, path, modified: file.modified });
        break;
      case 'ip output':
        this.hostFiles.push({ ...EMPTY, path, outputs: content.outputs });
        break;
      case 'interface index':
        this.hostFiles.push({ ...EMPTY, path, interfaceIndex: content.index });
        break;
      case 'conntrack':
        this.hostFiles.push({ ...EMPTY, path, conntrack: content.file });
        break;
      case 'rules':
        this.hostFiles.push({ ...EMPTY, path, rules: content.file });
        break;
      case 'wireguard':
        this.hostFiles.push({ ...EMPTY, path, wireguard: content.keys });
        break;
      case 'snapshot time':
        this.stated.push({ path, instant: content.instant });
        break;
      case 'unused':
        break;
      case 'archive':
        this.warnings.push(`${path}: a ${recognizedAs}, which is not opened; unpack it first`);
        return;
      case 'unreadable':
        this.warnings.push(`${path}: ${content.reason}`);
        return;
      case 'unknown':
        this.unknown.push(`${path}: ${recognizedAs}, not used${describeDamage(file)}`);
        return;
      case 'capture':
      case 'binary':
      case 'empty':
        return;
    }
    this.files.push({ path, recognizedAs, objects });
  }

  allWarnings(): string[] {
    const unlisted = this.files.length - MAX_LISTED_FILES;
    return [
      ...cap(this.warnings, MAX_WARNINGS, (left) => `${left} more warnings of this kind`),
      ...cap(this.unknown, MAX_NAMED_FILES, (left) => `${left} more files were not recognised and not used`),
      ...(unlisted > 0 ? [`${unlisted} more files were read than are listed`] : []),
    ];
  }
}

function cap(sentences: readonly string[], most: number, describeRest: (left: number) => string): string[] {
  if (sentences.length <= most) return [...sentences];
  return [...sentences.slice(0, most), describeRest(sentences.length - most)];
}

function describeProblems(path: string, file: RecognizedFile): string[] {
  return file.problems.map(({ line, message }) => `${path}:${line}: ${message}`);
}

/** What is wrong with a file of which nothing could be used. */
function describeDamage({ problems }: RecognizedFile): string {
  const [first] = problems;
  return first === undefined ? '' : ` (line ${first.line}: ${first.message})`;
}
