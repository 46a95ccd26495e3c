/**
 * Type guards over parsed JSON and YAML, which may hold anything: wrong types, hostile keys, missing members.
 *
 * Only own properties are read, so that `__proto__`, `constructor` and the like are never taken for data. Every function
 * answers null (or an empty list) instead of throwing; callers state which fields they use and ignore the rest.
 */

export type RawObject = Readonly<Record<string, unknown>>;

/** The value as an object (not an array), or null. */
export function asObject(value: unknown): RawObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RawObject) : null;
}

/** The own property `key`, or undefined when the value is no object or has none. */
export function member(value: unknown, key: string): unknown {
  const object = asObject(value);
  return object !== null && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The value at a path of own properties, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) current = member(current, key);
  return current;
}

/** A non-empty string, or null. */
export function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** An integer, or null. */
export function asInteger(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** The elements of an array; empty for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The non-empty strings of an array. */
export function asTexts(value: unknown): string[] {
  return asList(value).filter((element): element is string => typeof element === 'string' && element !== '');
}

/** String-valued members as a fresh object; anything else, and `__proto__`, is left out. */
export function asStringMap(value: unknown): Record<string, string> {
  const object = asObject(value);
  if (object === null) return {};
  const map: Record<string, string> = {};
  for (const key of Object.keys(object)) {
    const text = object[key];
    if (typeof text === 'string' && key !== '__proto__') map[key] = text;
  }
  return map;
}
