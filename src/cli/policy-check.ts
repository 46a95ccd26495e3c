/** `podtrail policy check`: which observed connections a proposal would break or open; a gate for pipelines. */
import { PodtrailError } from '../base/errors.js';
import { describeProblem } from '../policy/load.js';
import { observe, type Observed } from '../policy/observed.js';
import { overlayPolicies, readPolicyTexts } from '../policy/read/read-policies.js';
import { type ChangedConnection, comparePolicies } from '../policy/what-if.js';
import { lastValue } from './arguments.js';
import type { ExitCode } from './exit-code.js';
import { STANDARD_OUTPUT } from './outputs.js';
import { formatCheck } from './policy-check-formats.js';
import { type Change, type ChangeKind, type CheckResult, hasObjection } from './policy-check-result.js';
import { CHECK_FORMATS, type CheckFormat } from './policy-options.js';
import { analyzeJudged, type PolicyCommand, requireInputs } from './policy-session.js';

export async function checkPolicies(command: PolicyCommand): Promise<ExitCode> {
  const { parsed, session } = command;
  requireInputs(command, 'check');
  if (command.inputs.policies.length === 0) {
    throw new PodtrailError('usage', 'no proposed policies are given', {
      hint: 'Name them with --policies: a file, or a folder of YAML files.',
    });
  }
  const output = lastValue(parsed, 'output');
  const request = await command.findInputs(output === null ? [] : [{ path: output }]);
  const texts = request.policies?.texts ?? [];
  const options = command.inputs.policyOptions;
  // The analysis judges by the policies in force, so that the proposal is compared with them.
  const analysis = await analyzeJudged(session, { ...request, policies: { texts: [], options } });
  if (analysis === null || texts.length === 0) return session.exitCode();
  const { judge, document } = analysis;
  const proposed = await readPolicyTexts(texts);
  for (const problem of proposed.problems) session.messenger.warning(describeProblem(problem));
  const after = parsed.switches.has('replace') ? proposed.policies : overlayPolicies(judge.policies, proposed.policies);
  const observed = observe(document.connections, judge);
  const changed = comparePolicies(judge.cluster, { before: judge.policies, after }, observed, options);
  const changes = changed.map((change): Change => ({ ...change, kind: kindOf(change) })).sort(byKind);
  const result: CheckResult = {
    changes,
    unchanged: countOf(observed) - countOf(changes.map(({ connection }) => connection)),
    problems: proposed.problems,
    proposed: proposed.policies,
    currentPolicies: judge.policies.length,
  };
  const text = formatCheck(formatOf(lastValue(parsed, 'format')), result);
  if (output === null || output === STANDARD_OUTPUT) await session.print(text);
  else await session.writeFile(output, text);
  return session.exitCode(hasObjection(result));
}

function kindOf({ change, connection }: ChangedConnection<Observed>): ChangeKind {
  return change === 'broken' && connection.worked === 0 ? 'denied anyway' : change;
}

const KINDS: readonly ChangeKind[] = ['broken', 'opened', 'doubtful', 'denied anyway'];

/** Those that matter most come first; otherwise they stay in the order of time. */
function byKind(a: Change, b: Change): number {
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
}

function countOf(connections: readonly Observed[]): number {
  return connections.reduce((sum, { count }) => sum + count, 0);
}

function formatOf(word: string | null): CheckFormat {
  return CHECK_FORMATS.find((format) => format === word) ?? 'text';
}
