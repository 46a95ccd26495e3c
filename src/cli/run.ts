/**
 * A whole run of podtrail: words in, exit code out. Everything else goes through the environment.
 *
 * `--help`, `--version` and completion answer before yargs and the engine are loaded, because they are waited for.
 */
import { PodtrailError, type ErrorCode } from '../base/errors.js';
import { VERSION } from '../base/version.js';
import { completionsFor, completionScript, parseArguments } from './arguments.js';
import { columnsOf, usesColor, type Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { firstRunText, helpText } from './help.js';
import { Messenger } from './messenger.js';
import { SERVICES, type Services } from './services.js';
import { BrokenPipe, StreamOutput } from './stream-output.js';

/** The word with which the script of `--completion` asks for completions of the words behind it. */
const COMPLETION_REQUEST = '--get-yargs-completions';
const USAGE_ERRORS: ReadonlySet<ErrorCode> = new Set(['usage', 'invalid-config']);

/** Runs podtrail with the words behind its name; never rejects. */
export async function run(
  words: readonly string[],
  environment: Environment,
  services: Services = SERVICES,
): Promise<ExitCode> {
  // What goes wrong with a stream is told to the one who writes to it; an event without a listener would end the process,
  // and may come after the run.
  for (const stream of [environment.stdout, environment.stderr]) stream.on('error', () => undefined);
  const messenger = messengerFor(words, environment);
  try {
    return await dispatch(words, environment, services, messenger);
  } catch (error) {
    return reportError(error, messenger, environment);
  }
}

async function dispatch(
  words: readonly string[],
  environment: Environment,
  services: Services,
  messenger: Messenger,
): Promise<ExitCode> {
  const options = optionWords(words);
  if (words[0] === COMPLETION_REQUEST) {
    return print(
      completionsFor(words.slice(1)).map((word) => `${word}\n`),
      environment,
    );
  }
  if (options.includes('--version')) return print([`podtrail ${VERSION}\n`], environment);
  if (words[0] === 'policy') {
    const { dispatchPolicy } = await import('./policy-command.js');
    return dispatchPolicy(words.slice(1), environment, messenger);
  }
  if (options.includes('--help') || options.includes('-h')) {
    return print([helpText(columnsOf(environment.stdout))], environment);
  }
  if (words.length === 0 && environment.stdinIsTerminal) return print([firstRunText()], environment);
  const parsed = await parseArguments(words);
  if (parsed.switches.has('completion')) return print([await completionScript()], environment);
  const { runReport } = await import('./report-command.js');
  return runReport(parsed, environment, services, messenger);
}

async function print(texts: readonly string[], environment: Environment): Promise<ExitCode> {
  await new StreamOutput(environment.stdout).write(texts.join(''));
  return EXIT.ok;
}

/** Messages have their form before the words are parsed, since the parser may already have something to say. */
function messengerFor(words: readonly string[], environment: Environment): Messenger {
  const options = optionWords(words);
  const formatAt = options.indexOf('--log-format');
  const isJson = options.includes('--log-format=json') || (formatAt >= 0 && options[formatAt + 1] === 'json');
  const isColorRefused = options.includes('--no-color');
  return new Messenger(environment.stderr, {
    format: isJson ? 'json' : 'text',
    isQuiet: options.includes('--quiet') || options.includes('-q'),
    isColorRefused,
    color: usesColor(environment.stderr, environment.variables, isColorRefused),
  });
}

function optionWords(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

function reportError(error: unknown, messenger: Messenger, environment: Environment): ExitCode {
  if (error instanceof BrokenPipe) return EXIT.ok;
  if (error instanceof PodtrailError) {
    messenger.error(error.message, error.hint);
    return USAGE_ERRORS.has(error.code) ? EXIT.usage : EXIT.inputOutput;
  }
  const message = error instanceof Error ? error.message : String(error);
  messenger.error(
    `podtrail ${VERSION} has a defect: ${message}`,
    'Set PODTRAIL_DEBUG=1 to see where, and please report it.',
  );
  const isDebugging = (environment.variables['PODTRAIL_DEBUG'] ?? '') !== '';
  if (isDebugging && error instanceof Error) environment.stderr.write(`${error.stack ?? ''}\n`);
  return EXIT.inputOutput;
}
