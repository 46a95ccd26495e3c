/**
 * The policies in force: those of the inventory, and over them those that the user names, as `kubectl apply` would put them.
 *
 * The inventory keeps objects without lines. The files that its policies come from are read once more for that, unless they are
 * so large that it would take longer than lines are worth.
 */
import type { Inventory } from '../inventory/inventory.js';
import { readInventoryText } from '../inventory/recognize.js';
import { policiesOfInventory } from './from-inventory.js';
import { type Policy, policyKey } from './policy.js';
import {
  overlayPolicies,
  type PolicyProblem,
  type PolicySet,
  type PolicyText,
  readPolicyTexts,
} from './read/read-policies.js';

/** The reader that knows lines takes about a second for this much. */
const MOST_BYTES_WITH_LINES = 4 << 20;

/** Policies of the inventory with lines, where their files allow it. */
export async function readInventoryPolicies(inventory: Inventory): Promise<PolicySet> {
  const plain = policiesOfInventory(inventory);
  const withLines = new Map<string, Policy>();
  const problems: PolicyProblem[] = [];
  const reread = new Set<string | null>();
  for (const path of new Set(inventory.objects.policies.map(({ path }) => path))) {
    const text = await readInventoryText(path, MOST_BYTES_WITH_LINES);
    if (text === null) continue;
    const read = await readPolicyTexts([{ file: path, text }]);
    for (const policy of read.policies) withLines.set(keyIn(policy), policy);
    problems.push(...read.problems);
    reread.add(path);
  }
  return {
    policies: plain.policies.map((policy) => withLines.get(keyIn(policy)) ?? policy),
    problems: [...plain.problems.filter(({ file }) => !reread.has(file)), ...problems],
  };
}

function keyIn(policy: Policy): string {
  return `${policyKey(policy)}\n${policy.file ?? ''}`;
}

/** The inventory's policies with those of `texts` over them. */
export async function loadPolicies(inventory: Inventory, texts: readonly PolicyText[]): Promise<PolicySet> {
  const current = await readInventoryPolicies(inventory);
  const given = await readPolicyTexts(texts);
  return {
    policies: overlayPolicies(current.policies, given.policies),
    problems: [...current.problems, ...given.problems],
  };
}

/** `policies.yaml:12: NetworkPolicy shop/web: spec.ingress[0]: …`. */
export function describeProblem({ file, line, policy, field, message }: PolicyProblem): string {
  const place = [file, line].filter((part) => part !== null).join(':');
  return [place, policy ?? '', field, message].filter((part) => part !== '').join(': ');
}
