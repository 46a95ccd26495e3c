/**
 * What every command that reads captures has in common: progress, messages, interruption, finding its inputs, and the exit code
 * that comes of it all.
 *
 * Nothing that fails on the way keeps the rest from being done; the exit code tells.
 */
import { resolve } from 'node:path';
import type { AnalysisContext, AnalysisRequest } from '../analysis/request.js';
import type { EngineEvent } from '../base/events.js';
import { describeError, PodtrailError } from '../base/errors.js';
import { STANDARD_INPUT } from '../capture/open.js';
import { AtomicFile, TemporaryFiles } from './atomic-file.js';
import type { Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { GlobOptions } from './glob.js';
import { findCaptures, findInventory } from './inputs.js';
import { endingWith } from './interruptible.js';
import type { Messenger } from './messenger.js';
import { checkOutputs } from './outputs.js';
import { readPolicyFiles } from './policy-files.js';
import type { InputWords, RequestSettings } from './plan.js';
import { ProgressDisplay } from './progress.js';
import { BrokenPipe, StreamOutput } from './stream-output.js';

/** Refuses inputs that cannot be what is meant: a terminal as a capture, standard input twice or as an inventory. */
export function checkInputWords({ captures, inventory, policies }: InputWords, environment: Environment): void {
  const streams = captures.filter((operand) => operand === STANDARD_INPUT).length;
  if (streams > 1) {
    throw new PodtrailError('usage', 'standard input (-) can be read only once', { hint: 'Leave one - out.' });
  }
  if (streams === 1 && environment.stdinIsTerminal) {
    throw new PodtrailError('usage', 'standard input is this terminal, not a capture', {
      hint: 'Pipe a capture into podtrail: lz4 -dc node-1.pcap.lz4 | podtrail -',
    });
  }
  for (const [what, operands] of [
    ['the inventory', inventory],
    ['policies', policies],
  ] as const) {
    if (!operands.includes(STANDARD_INPUT)) continue;
    throw new PodtrailError('usage', `${what} cannot be read from standard input`, {
      hint: 'Save it to a file and name that.',
    });
  }
}

export class Session {
  readonly environment: Environment;
  readonly messenger: Messenger;
  readonly temporaryFiles = new TemporaryFiles();
  private readonly progress: ProgressDisplay | null;
  private readonly interruption = new AbortController();
  private hasFailed = false;

  constructor(environment: Environment, messenger: Messenger) {
    this.environment = environment;
    this.messenger = messenger;
    const showsProgress = environment.stderr.isTTY === true && messenger.showsProgress;
    this.progress = showsProgress ? new ProgressDisplay(environment.stderr, environment.now) : null;
    if (this.progress !== null) messenger.shareTerminalWith(this.progress);
  }

  /** Runs a command until it is done or interrupted. */
  async run(command: () => Promise<ExitCode>): Promise<ExitCode> {
    const stopListening = this.environment.onInterrupt(() => this.interrupt());
    try {
      await this.progress?.load();
      return await command();
    } finally {
      stopListening();
      this.progress?.stop();
    }
  }

  /** The request for these words, as far as they stand for something; `outputs` must not be among the inputs. */
  async findInputs(
    words: InputWords,
    settings: RequestSettings,
    outputs: readonly { readonly path: string }[],
  ): Promise<AnalysisRequest> {
    const options: GlobOptions = {
      windows: this.environment.platform === 'win32',
      workingDirectory: this.environment.workingDirectory,
    };
    const captures = await findCaptures(words.captures, options);
    const inventory = await findInventory(words.inventory, options);
    const policies = await readPolicyFiles(words.policies, options);
    const policyFiles = policies.texts.map(({ file }) => file);
    const files = [...captures.paths, ...inventory.paths, ...policyFiles, ...words.otherFiles];
    await checkOutputs(outputs, files, options.workingDirectory);
    for (const { message, hint } of [...captures.problems, ...inventory.problems, ...policies.problems]) {
      this.fail(message, hint);
    }
    return {
      ...settings,
      captures: captures.paths,
      inventory: inventory.paths,
      policies: { texts: policies.texts, options: words.policyOptions },
    };
  }

  context(): AnalysisContext {
    return {
      listener: this.handleEvent,
      signal: this.interruption.signal,
      standardInput: () => endingWith(this.interruption.signal, this.environment.stdin()),
    };
  }

  readonly handleEvent = (event: EngineEvent): void => {
    if (event.type === 'warning') this.messenger.warning(event.message, event.hint);
    else if (event.type === 'error') this.fail(event.message, event.hint);
    else this.progress?.handle(event);
  };

  /** Writes to standard output; a reader that has gone is no failure. */
  async print(text: string): Promise<void> {
    this.progress?.stop();
    await new StreamOutput(this.environment.stdout).write(text).catch((error: unknown) => {
      if (!(error instanceof BrokenPipe)) throw error;
    });
  }

  /** Writes a file that appears when it is complete, and says so; what goes wrong is said and not thrown. */
  async writeFile(path: string, text: string): Promise<void> {
    let file: AtomicFile | null = null;
    try {
      file = await AtomicFile.create(resolve(this.environment.workingDirectory, path), this.temporaryFiles);
      await file.write(text);
      await file.finish();
      this.messenger.info(`Wrote ${path}`);
    } catch (error) {
      await file?.discard();
      this.fail(`${path}: cannot be written: ${describeError(error)}`, null);
    }
  }

  fail(message: string, hint: string | null): void {
    this.hasFailed = true;
    this.messenger.error(message, hint);
  }

  /** For what has been said already. */
  markFailed(): void {
    this.hasFailed = true;
  }

  /** `hasObjection`: a gate that says no, if nothing worse has happened. */
  exitCode(hasObjection = false): ExitCode {
    if (this.interruption.signal.aborted) return EXIT.interrupted;
    if (this.hasFailed) return EXIT.inputOutput;
    return hasObjection ? EXIT.objection : EXIT.ok;
  }

  /** The first time, asks the analysis to end; the second time ends the process. */
  private interrupt(): void {
    if (this.interruption.signal.aborted) {
      this.progress?.stop();
      this.temporaryFiles.removeAll();
      this.environment.exitAtOnce(EXIT.interrupted);
      return;
    }
    this.interruption.abort();
    this.messenger.warning('interrupted: reporting what has been read so far', 'Interrupt again to stop at once.');
  }
}
