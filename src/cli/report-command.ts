/**
 * The `report` command, from words to exit code: find the inputs, have them analysed, write every output, say what went wrong.
 */
import type { AnalysisRequest } from '../analysis/request.js';
import { PodtrailError } from '../base/errors.js';
import type { ReportDocument } from '../model/document.js';
import { SEVERITIES } from '../model/finding.js';
import { HELP_HINT, lastValue, type ParsedArguments } from './arguments.js';
import { EMPTY_CONFIG, readConfig } from './config.js';
import { columnsOf, usesColor, type Environment } from './environment.js';
import type { ExitCode } from './exit-code.js';
import type { Messenger } from './messenger.js';
import type { PlannedOutput } from './outputs.js';
import { planReport, type ReportPlan } from './plan.js';
import type { Services } from './services.js';
import { checkInputWords, Session } from './session.js';
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
  const plan = planReport(parsed, config, environment);
  checkOperands(plan, environment);
  const session = new Session(environment, messenger);
  return session.run(async () => new ReportRun(plan, session, services).execute());
}

function checkOperands({ inputs, isDryRun }: ReportPlan, environment: Environment): void {
  checkInputWords(inputs, environment);
  if (inputs.captures.length > 0 || (isDryRun && inputs.inventory.length > 0)) return;
  throw new PodtrailError('usage', 'no capture is given', {
    hint: `Name capture files, a folder with captures, or - for standard input. ${HELP_HINT}`,
  });
}

class ReportRun {
  private readonly plan: ReportPlan;
  private readonly session: Session;
  private readonly services: Services;

  constructor(plan: ReportPlan, session: Session, services: Services) {
    this.plan = plan;
    this.session = session;
    this.services = services;
  }

  async execute(): Promise<ExitCode> {
    const { inputs, settings, outputs, isDryRun } = this.plan;
    const request = await this.session.findInputs(inputs, settings, outputs);
    if (isDryRun) {
      await this.describe(request);
    } else if (request.captures.length > 0) {
      return this.session.exitCode(await this.report(request));
    }
    return this.session.exitCode();
  }

  private async describe(request: AnalysisRequest): Promise<void> {
    const { dryRunText } = await import('./dry-run.js');
    const inputs = await this.services.describeInputs(request, this.session.context());
    await this.session.print(dryRunText(inputs));
    // The text says what is wrong with them.
    if (inputs.some(({ problem }) => problem !== null)) this.session.markFailed();
  }

  /** True if the gate objects. */
  private async report(request: AnalysisRequest): Promise<boolean> {
    const { session } = this;
    const outputs = await writableOutputs(this.plan.outputs, session.environment.workingDirectory, this.failOutput);
    if (outputs.length === 0 && this.plan.outputs.length > 0) return false;
    const { document, failures } = await this.services.analyze(request, session.context());
    for (const failure of failures) session.fail(failure, null);
    if (document.summary.captures.length === 0) return false;
    if (this.plan.outputs.length === 0) await this.printSummary(document);
    else await this.writeAll(document, outputs);
    return this.objects(document);
  }

  /** The gate of `--fail-on`. */
  private objects({ summary }: ReportDocument): boolean {
    const { failOn } = this.plan;
    if (failOn === null) return false;
    const bad = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
    const found = summary.findings.filter(({ severity }) => bad.includes(severity));
    const [worst] = found;
    if (worst === undefined) return false;
    const rest = found.length === 1 ? '' : `, and ${found.length - 1} more`;
    this.session.messenger.warning(`--fail-on ${failOn}: ${worst.title}${rest}`);
    return true;
  }

  private async printSummary(document: ReportDocument): Promise<void> {
    const { summaryText } = await import('./summary.js');
    const { stdout, variables } = this.session.environment;
    await this.session.print(
      summaryText(document, {
        columns: columnsOf(stdout),
        color: usesColor(stdout, variables, this.session.messenger.isColorRefused),
        timeZone: this.plan.timeZone,
        rows: this.plan.settings.selection.top,
      }),
    );
  }

  private async writeAll(document: ReportDocument, outputs: readonly PlannedOutput[]): Promise<void> {
    const { per, timeZone, settings } = this.plan;
    const { environment, messenger, temporaryFiles } = this.session;
    this.session.handleEvent({ type: 'phase', phase: 'writing' });
    await writeOutputs(outputs, {
      write: (format, sink) =>
        this.services.writeReport(format, document, sink, { per, timeZone, top: settings.selection.top }),
      standardOutput: environment.stdout,
      workingDirectory: environment.workingDirectory,
      temporaryFiles,
      whenWritten: (message) => messenger.info(message),
      whenFailed: this.failOutput,
    });
  }

  private readonly failOutput = (message: string): void => this.session.fail(message, null);
}
