/**
 * Which inputs are meant: files as they are, patterns expanded where no shell has done it, folders searched for captures (by
 * content), `-` for standard input.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeError } from '../base/errors.js';
import { readFully } from '../capture/byte-source.js';
import { STANDARD_INPUT } from '../capture/open.js';
import { isPcapMagic } from '../capture/pcap-header.js';
import { isSectionHeader } from '../capture/pcapng-blocks.js';
import { openFileSource } from '../capture/source/open-source.js';
import { expandGlob, isGlobPattern, type GlobOptions } from './glob.js';

export interface InputProblem {
  readonly message: string;
  readonly hint: string | null;
}

export interface FoundInputs {
  /** As the user named them, in that order; a folder's captures in the order of their names. */
  readonly paths: readonly string[];
  /** Words of the command line that stand for nothing that is there. */
  readonly problems: readonly InputProblem[];
}

const HEAD_LENGTH = 12;
/** A file of this name in a folder is given to the reader even if its content is not a capture's, so that it is spoken of. */
const CAPTURE_NAME = /\.(?:pcap|pcapng|cap)\d*(?:\.(?:gz|zst))?$/i;

/** The captures that the words of a command line mean; never rejects because of what is or is not there. */
export async function findCaptures(operands: readonly string[], options: GlobOptions): Promise<FoundInputs> {
  return gather(operands, options, (folder) => searchFolder(folder, options));
}

/** The inventory's files and folders; folders stay whole, since all files of a snapshot belong together. */
export async function findInventory(operands: readonly string[], options: GlobOptions): Promise<FoundInputs> {
  return gather(operands, options, async (folder) => found([folder]));
}

async function gather(
  operands: readonly string[],
  options: GlobOptions,
  ofFolder: (folder: string) => Promise<FoundInputs>,
): Promise<FoundInputs> {
  const all: FoundInputs[] = [];
  for (const operand of operands) all.push(await findOne(operand, options, ofFolder));
  return { paths: all.flatMap(({ paths }) => paths), problems: all.flatMap(({ problems }) => problems) };
}

async function findOne(
  operand: string,
  options: GlobOptions,
  ofFolder: (folder: string) => Promise<FoundInputs>,
): Promise<FoundInputs> {
  if (operand === STANDARD_INPUT) return found([operand]);
  if (operand === '') return missing('an empty file name stands for no file');
  const file = await stat(resolve(options.workingDirectory, operand)).catch((error: unknown) => describeError(error));
  // A file whose name looks like a pattern is itself.
  if (typeof file !== 'string') return file.isDirectory() ? ofFolder(operand) : found([operand]);
  if (!isGlobPattern(operand)) return missing(`${operand}: ${file}`);
  const matches = await expandGlob(operand, options);
  return matches.length === 0
    ? missing(`${operand}: no file matches this pattern`)
    : gather(matches, options, ofFolder);
}

async function searchFolder(folder: string, { workingDirectory }: GlobOptions): Promise<FoundInputs> {
  const paths: string[] = [];
  const problems: InputProblem[] = [];
  const visited = new Set<string>();
  const search = async (path: string): Promise<void> => {
    const absolute = await realpath(resolve(workingDirectory, path));
    if (visited.has(absolute)) return; // a link that leads back
    visited.add(absolute);
    const names = (await readdir(absolute)).filter((name) => !name.startsWith('.')).sort();
    for (const name of names) {
      const inside = join(absolute, name);
      const entry = await stat(inside).catch(() => null);
      if (entry?.isDirectory() === true) await searchOrReport(join(path, name));
      else if (entry?.isFile() === true && (await isCapture(inside))) paths.push(join(path, name));
    }
  };
  const searchOrReport = async (path: string): Promise<void> => {
    await search(path).catch((error: unknown) => {
      problems.push({ message: `${path}: ${describeError(error)}`, hint: null });
    });
  };
  await searchOrReport(folder);
  if (paths.length > 0 || problems.length > 0) return { paths, problems };
  return missing(`${folder}: no captures in this folder`, 'Looked for pcap and pcapng files, by their content.');
}

async function isCapture(path: string): Promise<boolean> {
  return CAPTURE_NAME.test(path) || (await startsLikeCapture(path).catch(() => false));
}

async function startsLikeCapture(path: string): Promise<boolean> {
  const { source } = await openFileSource(path);
  try {
    const head = new Uint8Array(HEAD_LENGTH);
    const view = new DataView(head.buffer);
    const length = await readFully(source, head, 0, HEAD_LENGTH);
    return isSectionHeader(view, length) || (length === HEAD_LENGTH && isPcapMagic(view));
  } finally {
    await source.close();
  }
}

function found(paths: readonly string[]): FoundInputs {
  return { paths, problems: [] };
}

function missing(message: string, hint: string | null = null): FoundInputs {
  return { paths: [], problems: [{ message, hint }] };
}
