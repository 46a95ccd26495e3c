/** What the actions of `podtrail policy` have in common: what they get, and how they have captures analysed. */
import type { AnalysisRequest, JudgedAnalysis } from '../analysis/request.js';
import { PodtrailError } from '../base/errors.js';
import type { ParsedArguments } from './arguments.js';
import type { InputWords } from './plan.js';
import type { PolicyAction } from './policy-options.js';
import type { Session } from './session.js';

/** What an action gets: the words, and how to find what they stand for. */
export interface PolicyCommand {
  readonly parsed: ParsedArguments;
  readonly session: Session;
  readonly inputs: InputWords;
  /** What the words stand for; `outputs` must not be among the inputs. */
  readonly findInputs: (outputs: readonly { readonly path: string }[]) => Promise<AnalysisRequest>;
}

/** Throws a usage error unless captures and an inventory are named, without which no connection has pods at its ends. */
export function requireInputs({ inputs }: PolicyCommand, action: PolicyAction): void {
  const missing = inputs.captures.length === 0 ? 'capture' : inputs.inventory.length === 0 ? 'inventory' : null;
  if (missing === null) return;
  throw new PodtrailError('usage', `no ${missing} is given`, {
    hint: `podtrail policy ${action} --help shows how it is called.`,
  });
}

/** The captures, joined and judged; null if none of them could be read. Failures are said. */
export async function analyzeJudged(session: Session, request: AnalysisRequest): Promise<JudgedAnalysis | null> {
  if (request.captures.length === 0) return null;
  const { analyze } = await import('../analysis/analyze.js');
  const result = await analyze(request, session.context());
  for (const failure of result.failures) session.fail(failure, null);
  return result.document.summary.captures.length === 0 ? null : result;
}
