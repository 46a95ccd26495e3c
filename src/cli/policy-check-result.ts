/** What comes of `policy check`, for every format. */
import type { Observed } from '../policy/observed.js';
import type { Policy } from '../policy/policy.js';
import type { PolicyProblem } from '../policy/read/read-policies.js';
import type { ChangedConnection } from '../policy/what-if.js';

export interface CheckResult {
  readonly changes: readonly Change[];
  /** Connections whose verdict is the same by both. */
  readonly unchanged: number;
  /** What is wrong with the proposed files. */
  readonly problems: readonly PolicyProblem[];
  readonly proposed: readonly Policy[];
  readonly currentPolicies: number;
}

/** `broken`: it worked. `denied anyway`: it would be denied, but had not worked before. */
export type ChangeKind = 'broken' | 'denied anyway' | 'opened' | 'doubtful';

export interface Change extends Omit<ChangedConnection<Observed>, 'change'> {
  readonly kind: ChangeKind;
}

/** True if the proposal breaks something, or is itself broken. */
export function hasObjection({ changes, problems }: CheckResult): boolean {
  return changes.some(({ kind }) => kind === 'broken') || problems.some(({ severity }) => severity === 'error');
}
