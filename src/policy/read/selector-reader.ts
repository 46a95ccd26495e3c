/**
 * Reads metav1.LabelSelector, with the checks of the API server (apimachinery, validation of label selectors).
 *
 * A label key is an optional DNS subdomain, `/`, and a name of at most 63 letters, digits, `-`, `_` and `.`; a value is such
 * a name or empty.
 */
import type { Requirement, Selector } from '../selector.js';
import type { Field } from './field.js';

const LABEL_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;
export const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** The selector; everything if it is unset; null, after errors, if it is invalid. */
export function readSelector(field: Field): Selector | null {
  if (!field.isObject(['matchLabels', 'matchExpressions'])) return null;
  const labels = field.member('matchLabels').strings();
  const expressions = field.member('matchExpressions').items();
  if (labels === null || expressions === null) return null;
  const requirements = [
    ...labels.map(([key, value, entry]): Requirement | null =>
      isLabelKey(key, entry) && isLabelValue(value, entry) ? { key, operator: 'In', values: [value] } : null,
    ),
    ...expressions.map(readRequirement),
  ];
  return requirements.includes(null) ? null : requirements.filter((requirement) => requirement !== null);
}

function readRequirement(field: Field): Requirement | null {
  if (!field.isObject(['key', 'operator', 'values'])) return null;
  const key = field.member('key').text();
  const operatorText = field.member('operator').text();
  if (key === null || operatorText === null || !isLabelKey(key, field.member('key'))) return null;
  const operator = OPERATORS.find((known) => known === operatorText);
  if (operator === undefined) return field.member('operator').fail(unknownValue(operatorText, OPERATORS));
  const values = readValues(field.member('values'));
  if (values === null) return null;
  const wantsValues = operator === 'In' || operator === 'NotIn';
  if (wantsValues && values.length === 0)
    return field.member('values').fail(`must name values for operator ${operator}`);
  if (!wantsValues && values.length > 0) return field.member('values').fail(`must be empty for operator ${operator}`);
  return { key, operator, values };
}

function readValues(field: Field): string[] | null {
  const items = field.items();
  if (items === null) return null;
  const values = items.map((item) => {
    const value = item.text();
    return value !== null && isLabelValue(value, item) ? value : null;
  });
  return values.includes(null) ? null : values.filter((value) => value !== null);
}

function isLabelKey(key: string, field: Field): boolean {
  const slash = key.indexOf('/');
  const name = slash < 0 ? key : key.slice(slash + 1);
  if ((slash < 0 || DNS_SUBDOMAIN.test(key.slice(0, slash))) && LABEL_NAME.test(name)) return true;
  field.fail(`"${key.slice(0, 80)}" is no valid label key`);
  return false;
}

function isLabelValue(value: string, field: Field): boolean {
  if (value === '' || LABEL_NAME.test(value)) return true;
  field.fail(`"${value.slice(0, 80)}" is no valid label value`);
  return false;
}

/** `"Ingres" is not one of Ingress, Egress`. */
export function unknownValue(value: string, known: readonly string[]): string {
  return `"${value.slice(0, 60)}" is not one of ${known.join(', ')}`;
}
