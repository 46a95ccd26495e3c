/**
 * The policies in force: those of the inventory, and over them those that the user names, as `kubectl apply` would put them.
 *
 * The inventory keeps objects without lines. The files that its policies come from are read once more for that, unless they are
 * so large that it would take longer than lines are worth.
 */
import type { Inventory, ObjectHistory, PolicyVersion } from '../inventory/inventory.js';
import { readInventoryText } from '../inventory/recognize.js';
import { policiesOfInventory, readPolicyVersions } from './from-inventory.js';
import type { PolicyHistory } from './history.js';
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

/** Policies in force, and what they were before. */
export interface LoadedPolicies extends PolicySet {
  /** Of policies that changed, came or went; `policies` has the newest version of those that are still there. */
  readonly histories: readonly PolicyHistory[];
}

/** Policies of the inventory with lines, where their files allow it. */
async function readInventoryPolicies(inventory: Inventory): Promise<LoadedPolicies> {
  const plain = policiesOfInventory(inventory);
  const changes = inventory.objects.changes.policies;
  const former = changes.flatMap(({ sightings }) => sightings.flatMap(({ value }) => value ?? []));
  const newest = new Set(plain.policies.map(({ file }) => file));
  const withLines = new Map<string, Policy>();
  const problems: PolicyProblem[] = [];
  const reread = new Set<string | null>();
  for (const path of new Set([...inventory.objects.policies, ...former].map(({ path }) => path))) {
    const text = await readInventoryText(path, MOST_BYTES_WITH_LINES);
    if (text === null) continue;
    const read = await readPolicyTexts([{ file: path, text }]);
    for (const policy of read.policies) withLines.set(keyIn(policy), policy);
    // What is wrong with a former version says nothing of those in force.
    if (newest.has(path) || !former.some((version) => version.path === path)) problems.push(...read.problems);
    reread.add(path);
  }
  const best = (policy: Policy): Policy => withLines.get(keyIn(policy)) ?? policy;
  return {
    policies: plain.policies.map(best),
    histories: historiesOf(changes, best),
    problems: [...plain.problems.filter(({ file }) => !reread.has(file)), ...problems],
  };
}

/** Versions that are no valid policies were not there as far as verdicts go, as everywhere. */
function historiesOf(
  changes: readonly ObjectHistory<PolicyVersion>[],
  best: (policy: Policy) => Policy,
): PolicyHistory[] {
  return changes.flatMap(({ sightings }) => {
    const read = new Map<PolicyVersion, Policy | null>();
    for (const { value } of sightings) {
      if (value === null || read.has(value)) continue;
      const [policy] = readPolicyVersions([value]).policies;
      read.set(value, policy === undefined ? null : best(policy));
    }
    const [any] = [...read.values()].flatMap((policy) => policy ?? []);
    if (any === undefined) return [];
    const versions = sightings.map(({ at, value }) => ({
      at,
      value: value === null ? null : (read.get(value) ?? null),
    }));
    return [{ key: policyKey(any), sightings: versions }];
  });
}

function keyIn(policy: Policy): string {
  return `${policyKey(policy)}\n${policy.file ?? ''}`;
}

/** The inventory's policies with those of `texts` over them, which are taken to have been in force always. */
export async function loadPolicies(inventory: Inventory, texts: readonly PolicyText[]): Promise<LoadedPolicies> {
  const current = await readInventoryPolicies(inventory);
  const given = await readPolicyTexts(texts);
  return {
    policies: overlayPolicies(current.policies, given.policies),
    histories: current.histories.filter(({ key }) => !given.policies.some((policy) => policyKey(policy) === key)),
    problems: [...current.problems, ...given.problems],
  };
}

/** `policies.yaml:12: NetworkPolicy shop/web: spec.ingress[0]: …`. */
export function describeProblem({ file, line, policy, field, message }: PolicyProblem): string {
  const place = [file, line].filter((part) => part !== null).join(':');
  return [place, policy ?? '', field, message].filter((part) => part !== '').join(': ');
}
