/** Writes the report to every output asked for; one that fails does not keep the others from being written. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { describeError } from '../base/errors.js';
import { formatBytes } from '../report/figures.js';
import type { FormatName, Sink } from '../report/index.js';
import { AtomicFile, type TemporaryFiles } from './atomic-file.js';
import type { TextStream } from './environment.js';
import { STANDARD_OUTPUT, type PlannedOutput } from './outputs.js';
import { BrokenPipe, StreamOutput } from './stream-output.js';

export interface OutputContext {
  readonly write: (format: FormatName, sink: Sink) => Promise<void>;
  readonly standardOutput: TextStream;
  readonly workingDirectory: string;
  readonly temporaryFiles: TemporaryFiles;
  readonly whenWritten: (message: string) => void;
  readonly whenFailed: (message: string) => void;
}

/** The outputs that can be written; says of the others, before hours are spent on reading, that they cannot. */
export async function writableOutputs(
  outputs: readonly PlannedOutput[],
  workingDirectory: string,
  whenFailed: (message: string) => void,
): Promise<readonly PlannedOutput[]> {
  const writable: PlannedOutput[] = [];
  for (const output of outputs) {
    const problem = output.path === STANDARD_OUTPUT ? null : await findProblem(output.path, workingDirectory);
    if (problem === null) writable.push(output);
    else whenFailed(`${output.path}: cannot be written: ${problem}`);
  }
  return writable;
}

/** The file must let itself be written to if there is one; and its folder take a temporary one, unless it is a device or pipe. */
async function findProblem(path: string, workingDirectory: string): Promise<string | null> {
  const target = resolve(workingDirectory, path);
  const existing = await stat(target).catch(() => null);
  const problem = existing === null ? null : await accessProblem(target, '');
  if (problem !== null || existing?.isFile() === false) return problem;
  return accessProblem(dirname(target), `${dirname(path)}: `);
}

async function accessProblem(path: string, prefix: string): Promise<string | null> {
  return access(path, constants.W_OK).then(
    () => null,
    (error: unknown) => prefix + describeError(error),
  );
}

/** Writes them one after the other, in the order given. */
export async function writeOutputs(outputs: readonly PlannedOutput[], context: OutputContext): Promise<void> {
  for (const output of outputs) {
    if (output.path === STANDARD_OUTPUT) await writeStandardOutput(output.format, context);
    else await writeFile(output, context);
  }
}

async function writeStandardOutput(format: FormatName, context: OutputContext): Promise<void> {
  try {
    await context.write(format, new StreamOutput(context.standardOutput));
  } catch (error) {
    if (!(error instanceof BrokenPipe)) context.whenFailed(describeError(error));
  }
}

async function writeFile({ path, format }: PlannedOutput, context: OutputContext): Promise<void> {
  let file: AtomicFile | null = null;
  try {
    file = await AtomicFile.create(resolve(context.workingDirectory, path), context.temporaryFiles);
    await context.write(format, file);
    await file.finish();
    context.whenWritten(`Wrote ${path} (${formatBytes(file.bytesWritten)})`);
  } catch (error) {
    await file?.discard();
    context.whenFailed(`${path}: cannot be written: ${describeError(error)}`);
  }
}
