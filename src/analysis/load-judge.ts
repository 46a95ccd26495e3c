/** The inventory and its policies, ready to be asked: what an analysis begins with, and all that a question without captures needs. */
import type { EventListener } from '../base/events.js';
import type { Inventory } from '../inventory/inventory.js';
import { emptyInventory, loadInventory } from '../inventory/load.js';
import { withNames } from '../inventory/names.js';
import { PolicyJudge } from '../policy/judge.js';
import { describeProblem, loadPolicies } from '../policy/load.js';
import { type AnalysisRequest, INVENTORY_POLICIES } from './request.js';

/** The inventory that the request names, or the empty one. */
export async function loadRequested(
  request: Pick<AnalysisRequest, 'inventory' | 'nodeDirectories' | 'names'>,
  listener: EventListener,
): Promise<Inventory> {
  const isGiven = request.inventory.length > 0 || request.nodeDirectories.length > 0;
  const snapshot = isGiven
    ? await loadInventory(request.inventory, request.nodeDirectories, listener)
    : emptyInventory();
  return withNames(snapshot, request.names);
}

/** The cluster and its policies. What is wrong with a policy is said and hides no other. */
export async function makeJudge(
  { policies = INVENTORY_POLICIES }: Pick<AnalysisRequest, 'policies'>,
  inventory: Inventory,
  listener: EventListener,
): Promise<PolicyJudge> {
  const read = await loadPolicies(inventory, policies.texts);
  for (const problem of read.problems) listener({ type: 'warning', message: describeProblem(problem), hint: null });
  return new PolicyJudge(inventory, read, policies.options);
}
