/**
 * The `policy` commands, from words to exit code: check, suggest, explain.
 *
 * All of them read captures and inventory as `report` does and then ask the policies; only `explain` also works without captures.
 */
import { PodtrailError } from '../base/errors.js';
import { type ParsedArguments, lastValue, parseOptions } from './arguments.js';
import { type Config, EMPTY_CONFIG, readConfig } from './config.js';
import { columnsOf, type Environment } from './environment.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { Messenger } from './messenger.js';
import { inputWords, requestSettings } from './plan.js';
import type { PolicyCommand } from './policy-session.js';
import { POLICY_ACTIONS, POLICY_OPTIONS, type PolicyAction, policyActionOf } from './policy-options.js';
import { checkInputWords, Session } from './session.js';
import { StreamOutput } from './stream-output.js';

/** Runs the action that the words name; rejects with a PodtrailError where nothing could be begun. */
export async function dispatchPolicy(
  words: readonly string[],
  environment: Environment,
  messenger: Messenger,
): Promise<ExitCode> {
  const action = policyActionOf(words[0]);
  if (words.includes('--help') || words.includes('-h') || words.length === 0) {
    const { policyHelpText } = await import('./policy-help.js');
    await new StreamOutput(environment.stdout).write(policyHelpText(action, columnsOf(environment.stdout)));
    return EXIT.ok;
  }
  if (action === null) {
    throw new PodtrailError('usage', `policy ${words[0]}: there is no such action`, {
      hint: `Choose one of ${POLICY_ACTIONS.join(', ')}. podtrail policy --help says what they do.`,
    });
  }
  const parsed = await parseOptions(POLICY_OPTIONS[action], words.slice(1));
  const configPath = lastValue(parsed, 'config');
  const config = configPath === null ? EMPTY_CONFIG : await readConfig(configPath, environment.workingDirectory);
  return runAction(action, parsed, config, environment, messenger);
}

async function runAction(
  action: PolicyAction,
  parsed: ParsedArguments,
  config: Config,
  environment: Environment,
  messenger: Messenger,
): Promise<ExitCode> {
  const inputs = inputWords(parsed, config);
  checkInputWords(inputs, environment);
  const settings = requestSettings(parsed, config, environment, inputs);
  const session = new Session(environment, messenger);
  const command: PolicyCommand = {
    parsed,
    session,
    inputs,
    findInputs: async (outputs) => session.findInputs(inputs, settings, outputs),
  };
  return session.run(async () => {
    switch (action) {
      case 'check':
        return (await import('./policy-check.js')).checkPolicies(command);
      case 'suggest':
        return (await import('./policy-suggest.js')).suggest(command);
      case 'explain':
        return (await import('./policy-explain.js')).explain(command);
    }
  });
}
