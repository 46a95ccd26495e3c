/** The files of `--policies`: as they are, patterns expanded, folders searched for YAML and JSON. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeError } from '../base/errors.js';
import type { PolicyText } from '../policy/read/read-policies.js';
import type { GlobOptions } from './glob.js';
import { findInventory, type InputProblem } from './inputs.js';

export interface PolicyFiles {
  /** Named as the user named them, or the folder they are in. */
  readonly texts: readonly PolicyText[];
  readonly problems: readonly InputProblem[];
}

const POLICY_FILE = /\.(?:ya?ml|json)$/i;

/** Reads them; what is not there or cannot be read is a problem and hides no other file. */
export async function readPolicyFiles(operands: readonly string[], options: GlobOptions): Promise<PolicyFiles> {
  const found = await findInventory(operands, options);
  const texts: PolicyText[] = [];
  const problems = [...found.problems];
  for (const path of found.paths) {
    const files = await filesAt(path, options.workingDirectory).catch((error: unknown) => {
      problems.push({ message: `${path}: ${describeError(error)}`, hint: null });
      return null;
    });
    if (files === null) continue;
    if (files.length === 0) {
      problems.push({
        message: `${path}: no policies in this folder`,
        hint: 'Looked for .yaml, .yml and .json files.',
      });
    }
    for (const file of files) {
      await readFile(resolve(options.workingDirectory, file), 'utf8').then(
        (text) => texts.push({ file, text }),
        (error: unknown) => problems.push({ message: `${file}: ${describeError(error)}`, hint: null }),
      );
    }
  }
  return { texts, problems };
}

/** The file itself, or all below a folder that look like policies. */
async function filesAt(path: string, workingDirectory: string): Promise<string[]> {
  const entries = await readdir(resolve(workingDirectory, path), { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null;
      throw error;
    },
  );
  if (entries === null) return [path];
  const folder = resolve(workingDirectory, path);
  return entries
    .filter((entry) => entry.isFile() && POLICY_FILE.test(entry.name))
    .map((entry) => join(path, join(entry.parentPath, entry.name).slice(folder.length)))
    .sort();
}
