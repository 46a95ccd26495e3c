/** `podtrail policy suggest`: least-privilege policies from the connections that worked, as YAML to standard output or files. */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeError, PodtrailError } from '../base/errors.js';
import { observe } from '../policy/observed.js';
import { DEFAULT_SUGGEST_OPTIONS, type SuggestOptions, suggestPolicies } from '../policy/suggest/suggest.js';
import { formatPolicy, formatSuggestion } from '../policy/suggest/suggestion-yaml.js';
import { counted } from '../report/figures.js';
import { allValues, lastValue, type ParsedArguments } from './arguments.js';
import type { ExitCode } from './exit-code.js';
import { STANDARD_OUTPUT } from './outputs.js';
import { analyzeJudged, type PolicyCommand, requireInputs } from './policy-session.js';
import type { Session } from './session.js';

const YAML_FILE = /\.ya?ml$/i;

export async function suggest(command: PolicyCommand): Promise<ExitCode> {
  const { parsed, session } = command;
  requireInputs(command, 'suggest');
  const options = suggestOptions(parsed);
  const output = lastValue(parsed, 'output') ?? STANDARD_OUTPUT;
  const isFile = output !== STANDARD_OUTPUT && YAML_FILE.test(output);
  const request = await command.findInputs(isFile ? [{ path: output }] : []);
  const analysis = await analyzeJudged(session, request);
  if (analysis === null) return session.exitCode();
  const { judge, document } = analysis;
  const observed = observe(document.connections, judge);
  const working = observed.filter(({ worked }) => worked > 0).map((one) => ({ ...one, count: one.worked }));
  const suggestion = suggestPolicies(judge.cluster, working, options);
  const failed = observed.reduce((sum, { count, worked }) => sum + count - worked, 0);
  if (failed > 0) {
    session.messenger.info(`Left out: ${counted(failed, 'connection')} that nobody was seen to answer`);
  }
  if (suggestion.policies.length === 0) {
    session.messenger.warning('no policy to suggest: no pod of these namespaces took part in a connection that worked');
  } else if (output === STANDARD_OUTPUT) {
    await session.print(formatSuggestion(suggestion));
  } else if (isFile) {
    await session.writeFile(output, formatSuggestion(suggestion));
  } else {
    await writeFolder(
      session,
      output,
      suggestion.policies.map((policy) => ({
        name: `${policy.namespace}-${policy.name}.yaml`,
        text: formatPolicy(policy),
      })),
    );
  }
  return session.exitCode();
}

function suggestOptions(parsed: ParsedArguments): SuggestOptions {
  const namespaces = allValues(parsed, 'namespace');
  return {
    namespaces: namespaces.length === 0 ? null : namespaces,
    externalBlocks: widening(lastValue(parsed, 'external-prefix')),
    unseenEgress: lastValue(parsed, 'unseen-egress') === 'open' ? 'left open' : 'denied',
  };
}

/** `24` or `24,64`: prefixes of IPv4 and IPv6. */
function widening(text: string | null): SuggestOptions['externalBlocks'] {
  const unchanged = DEFAULT_SUGGEST_OPTIONS.externalBlocks;
  if (text === null) return unchanged;
  const match = /^(\d{1,2})(?:,(\d{1,3}))?$/.exec(text);
  const ipv4 = Number(match?.[1]);
  const ipv6 = match?.[2] === undefined ? unchanged.ipv6 : Number(match[2]);
  if (match === null || ipv4 > 32 || ipv6 > 128) {
    throw new PodtrailError('usage', `--external-prefix ${text}: write the bits of a prefix, such as 24 or 24,64`, {
      hint: 'podtrail policy suggest --help shows how it is called.',
    });
  }
  return { ipv4, ipv6 };
}

async function writeFolder(
  session: Session,
  folder: string,
  files: readonly { readonly name: string; readonly text: string }[],
): Promise<void> {
  try {
    await mkdir(resolve(session.environment.workingDirectory, folder), { recursive: true });
  } catch (error) {
    session.fail(`${folder}: cannot be made: ${describeError(error)}`, null);
    return;
  }
  for (const { name, text } of files) await session.writeFile(join(folder, name), text);
}
