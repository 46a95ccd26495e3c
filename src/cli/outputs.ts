/** Which outputs are asked for, in which format, and that none of them would overwrite an input. */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PodtrailError } from '../base/errors.js';
import { FORMATS, formatOf, type FormatName } from '../report/index.js';

/** The path that means standard output. */
export const STANDARD_OUTPUT = '-';

export interface PlannedOutput {
  readonly path: string;
  readonly format: FormatName;
}

/** Outputs of `-o` with their formats: the file name's ending, else `--format`. `--format` alone writes to standard output. */
export function planOutputs(paths: readonly string[], format: string | null): readonly PlannedOutput[] {
  const asked = FORMATS.find(({ name }) => name === format)?.name ?? null;
  if (paths.length === 0) return asked === null ? [] : [{ path: STANDARD_OUTPUT, format: asked }];
  const endings = paths.map((path) => (path === STANDARD_OUTPUT ? null : (formatOf(path)?.name ?? null)));
  if (asked !== null && endings.every((ending) => ending !== null && ending !== asked)) {
    throw new PodtrailError('usage', `--format ${asked}: ${paths.join(', ')} already asks for another format`, {
      hint: 'Leave out --format, or give the file another ending.',
    });
  }
  return paths.map((path, index) => ({ path, format: endings[index] ?? asked ?? failWithoutFormat(path) }));
}

/** Refuses outputs that are one file, a folder, or one of the inputs. */
export async function checkOutputs(
  outputs: readonly { readonly path: string }[],
  inputs: readonly string[],
  workingDirectory: string,
): Promise<void> {
  const inputFiles = new Map<string, string>();
  for (const input of inputs) inputFiles.set(await fileIdentity(resolve(workingDirectory, input)), input);
  const seen = new Map<string, string>();
  for (const { path } of outputs) {
    const identity = path === STANDARD_OUTPUT ? path : await fileIdentity(resolve(workingDirectory, path));
    const input = inputFiles.get(identity);
    if (input !== undefined) {
      throw new PodtrailError('usage', `-o ${path} would overwrite the input ${input}`, { hint: 'Give another name.' });
    }
    if (seen.has(identity)) {
      throw new PodtrailError('usage', `-o ${path} is given twice`, { hint: 'Give each output a name of its own.' });
    }
    seen.set(identity, path);
    await refuseFolder(path, workingDirectory);
  }
}

/** Equal for two names of the same file, also through links, also if it does not exist yet. */
async function fileIdentity(path: string): Promise<string> {
  const file = await stat(path, { bigint: true }).catch(() => null);
  // Inode numbers are 0 where the file system has none.
  if (file?.isFile() === true && file.ino !== 0n) return `${file.dev}:${file.ino}`;
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return join(folder, basename(path));
}

async function refuseFolder(path: string, workingDirectory: string): Promise<void> {
  const file = await stat(resolve(workingDirectory, path)).catch(() => null);
  if (path === STANDARD_OUTPUT || file?.isDirectory() !== true) return;
  throw new PodtrailError('usage', `-o ${path} is a folder`, {
    hint: `Name a file in it: ${join(path, 'report.html')}`,
  });
}

function failWithoutFormat(path: string): never {
  const names = FORMATS.map(({ name }) => name).join(', ');
  const what = path === STANDARD_OUTPUT ? 'a format is needed for standard output' : 'its ending names no format';
  throw new PodtrailError('usage', `-o ${path}: ${what}`, { hint: `Add --format with one of ${names}.` });
}
