/**
 * Label selectors (metav1.LabelSelector): `matchLabels` and every `matchExpressions` entry must hold.
 *
 * NETWORKPOLICY.md 1.3: In wants the key present and its value listed; NotIn is satisfied by an absent key; an empty value
 * is a value. `matchLabels` entries are kept as In with one value, which means the same.
 */

export type Labels = Readonly<Record<string, string>>;

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** Empty for Exists and DoesNotExist. */
  readonly values: readonly string[];
}

/** All of them must hold; an empty list selects everything. */
export type Selector = readonly Requirement[];

/** `{}`. */
export const EVERYTHING: Selector = [];

/** The label set on every Namespace by the API server since 1.21. */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** The label's value, or null if the key is absent; only own properties count. */
export function labelOf(labels: Labels, key: string): string | null {
  return Object.hasOwn(labels, key) ? (labels[key] ?? null) : null;
}

export function meets(labels: Labels, requirement: Requirement): boolean {
  const value = labelOf(labels, requirement.key);
  switch (requirement.operator) {
    case 'In':
      return value !== null && requirement.values.includes(value);
    case 'NotIn':
      return value === null || !requirement.values.includes(value);
    case 'Exists':
      return value !== null;
    case 'DoesNotExist':
      return value === null;
  }
}

export function selects(selector: Selector, labels: Labels): boolean {
  return selector.every((requirement) => meets(labels, requirement));
}

/** `app=web`, `tier in (a, b)`, `!canary`: kubectl's notation. */
export function formatRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'In':
      return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(', ')})`;
    case 'NotIn':
      return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(', ')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}

/** One text for selectors that mean the same, whatever the order of their parts. */
export function selectorKey(selector: Selector): string {
  const parts = selector.map(({ key, operator, values }) => JSON.stringify([key, operator, [...values].sort()]));
  return parts.sort().join();
}
