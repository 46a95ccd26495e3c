/**
 * The `report` command, from words to exit code: find the inputs, have them analysed, write every output, say what went wrong.
 *
 * Nothing that fails on the way keeps the rest from being done; the exit code tells.
 */
import type { AnalysisContext, AnalysisRequest } from '../analysis/request.js';
import type { EngineEvent } from '../base/events.js';
import { PodtrailError } from '../base/errors.js';
import { STANDARD_INPUT } from '../capture/open.js';
import type { ReportDocument } from '../model/document.js';
import { HELP_HINT, lastValue, type ParsedArguments } from './arguments.js';
import { TemporaryFiles } from './atomic-file.js';
import { EMPTY_CONFIG, readConfig } from './config.js';
import { columnsOf, usesColor, type Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { GlobOptions } from './glob.js';
import { findCaptures, findInventory } from './inputs.js';
import { endingWith } from './interruptible.js';
import type { Messenger } from './messenger.js';
import { checkOutputs, type PlannedOutput } from './outputs.js';
import { planReport, type ReportPlan } from './plan.js';
import { ProgressDisplay } from './progress.js';
import type { Services } from './services.js';
import { BrokenPipe, StreamOutput } from './stream-output.js';
import { writeOutputs, writableOutputs } from './write-outputs.js';

/** Runs the command; rejects with a PodtrailError where nothing could be begun. */
export async function runReport(
  parsed: ParsedArguments,
  environment: Environment,
  services: Services,
  messenger: Messenger,
): Promise<ExitCode> {
  const configPath = lastValue(parsed, 'config');
  const config = configPath === null ? EMPTY_CONFIG : await readConfig(configPath, environment.workingDirectory);
  for (const key of config.unused) {
    messenger.warning(`${configPath}: ${key} is read by a later version; this one does not use it`);
  }
  const plan = planReport(parsed, config, environment);
  checkOperands(plan, environment);
  const run = new ReportRun(plan, environment, services, messenger);
  const stopListening = environment.onInterrupt(() => run.interrupt());
  try {
    return await run.execute(configPath);
  } finally {
    stopListening();
    run.end();
  }
}

function checkOperands({ captureOperands, inventoryOperands, isDryRun }: ReportPlan, environment: Environment): void {
  const streams = captureOperands.filter((operand) => operand === STANDARD_INPUT).length;
  if (streams > 1) {
    throw new PodtrailError('usage', 'standard input (-) can be read only once', { hint: 'Leave one - out.' });
  }
  if (streams === 1 && environment.stdinIsTerminal) {
    throw new PodtrailError('usage', 'standard input is this terminal, not a capture', {
      hint: 'Pipe a capture into podtrail: lz4 -dc node-1.pcap.lz4 | podtrail -',
    });
  }
  if (inventoryOperands.includes(STANDARD_INPUT)) {
    throw new PodtrailError('usage', 'the inventory cannot be read from standard input', {
      hint: 'Save it to a file and name that.',
    });
  }
  if (captureOperands.length > 0 || (isDryRun && inventoryOperands.length > 0)) return;
  throw new PodtrailError('usage', 'no capture is given', {
    hint: `Name capture files, a folder with captures, or - for standard input. ${HELP_HINT}`,
  });
}

class ReportRun {
  private readonly plan: ReportPlan;
  private readonly environment: Environment;
  private readonly services: Services;
  private readonly messenger: Messenger;
  private readonly progress: ProgressDisplay | null;
  private readonly temporaryFiles = new TemporaryFiles();
  private readonly interruption = new AbortController();
  private hasFailed = false;

  constructor(plan: ReportPlan, environment: Environment, services: Services, messenger: Messenger) {
    this.plan = plan;
    this.environment = environment;
    this.services = services;
    this.messenger = messenger;
    const showsProgress = environment.stderr.isTTY === true && messenger.showsProgress;
    this.progress = showsProgress ? new ProgressDisplay(environment.stderr, environment.now) : null;
    if (this.progress !== null) messenger.shareTerminalWith(this.progress);
  }

  async execute(configPath: string | null): Promise<ExitCode> {
    await this.progress?.load();
    const request = await this.findInputs(configPath);
    if (this.plan.isDryRun) {
      await this.describe(request);
    } else if (request.captures.length > 0) {
      await this.report(request);
    }
    return this.exitCode();
  }

  /** The first time, asks the analysis to end; the second time ends the process. */
  interrupt(): void {
    if (this.interruption.signal.aborted) {
      this.end();
      this.temporaryFiles.removeAll();
      this.environment.exitAtOnce(EXIT.interrupted);
      return;
    }
    this.interruption.abort();
    this.messenger.warning('interrupted: reporting what has been read so far', 'Interrupt again to stop at once.');
  }

  end(): void {
    this.progress?.stop();
  }

  private async findInputs(configPath: string | null): Promise<AnalysisRequest> {
    const { captureOperands, inventoryOperands, outputs, settings } = this.plan;
    const options: GlobOptions = {
      windows: this.environment.platform === 'win32',
      workingDirectory: this.environment.workingDirectory,
    };
    const captures = await findCaptures(captureOperands, options);
    const inventory = await findInventory(inventoryOperands, options);
    const files = [...captures.paths, ...inventory.paths, ...(configPath === null ? [] : [configPath])];
    await checkOutputs(outputs, files, options.workingDirectory);
    for (const { message, hint } of [...captures.problems, ...inventory.problems]) this.fail(message, hint);
    return { ...settings, captures: captures.paths, inventory: inventory.paths };
  }

  private async describe(request: AnalysisRequest): Promise<void> {
    const { dryRunText } = await import('./dry-run.js');
    const inputs = await this.services.describeInputs(request, this.context());
    this.progress?.stop();
    await this.print(dryRunText(inputs));
    // The text says what is wrong with them.
    if (inputs.some(({ problem }) => problem !== null)) this.hasFailed = true;
  }

  private async report(request: AnalysisRequest): Promise<void> {
    const outputs = await writableOutputs(this.plan.outputs, this.environment.workingDirectory, this.failOutput);
    if (outputs.length === 0 && this.plan.outputs.length > 0) return;
    const { document, failures } = await this.services.analyze(request, this.context());
    for (const failure of failures) this.fail(failure, null);
    if (document.summary.captures.length === 0) return;
    if (this.plan.outputs.length === 0) await this.printSummary(document);
    else await this.writeAll(document, outputs);
  }

  private async printSummary(document: ReportDocument): Promise<void> {
    const { summaryText } = await import('./summary.js');
    this.progress?.stop();
    await this.print(
      summaryText(document, {
        columns: columnsOf(this.environment.stdout),
        color: usesColor(this.environment.stdout, this.environment.variables, this.messenger.isColorRefused),
        timeZone: this.plan.timeZone,
        rows: this.plan.settings.selection.top,
      }),
    );
  }

  private async writeAll(document: ReportDocument, outputs: readonly PlannedOutput[]): Promise<void> {
    const { per, timeZone, settings } = this.plan;
    this.handleEvent({ type: 'phase', phase: 'writing' });
    await writeOutputs(outputs, {
      write: (format, sink) =>
        this.services.writeReport(format, document, sink, { per, timeZone, top: settings.selection.top }),
      standardOutput: this.environment.stdout,
      workingDirectory: this.environment.workingDirectory,
      temporaryFiles: this.temporaryFiles,
      whenWritten: (message) => this.messenger.info(message),
      whenFailed: this.failOutput,
    });
  }

  private async print(text: string): Promise<void> {
    await new StreamOutput(this.environment.stdout).write(text).catch((error: unknown) => {
      if (!(error instanceof BrokenPipe)) throw error;
    });
  }

  private context(): AnalysisContext {
    return {
      listener: (event) => this.handleEvent(event),
      signal: this.interruption.signal,
      standardInput: () => endingWith(this.interruption.signal, this.environment.stdin()),
    };
  }

  private handleEvent(event: EngineEvent): void {
    if (event.type === 'warning') this.messenger.warning(event.message, event.hint);
    else if (event.type === 'error') this.fail(event.message, event.hint);
    else this.progress?.handle(event);
  }

  private readonly failOutput = (message: string): void => this.fail(message, null);

  private fail(message: string, hint: string | null): void {
    this.hasFailed = true;
    this.messenger.error(message, hint);
  }

  private exitCode(): ExitCode {
    if (this.interruption.signal.aborted) return EXIT.interrupted;
    return this.hasFailed ? EXIT.inputOutput : EXIT.ok;
  }
}
