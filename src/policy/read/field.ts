/**
 * Values of policy objects with where they stand, and the questions that readers ask of them.
 *
 * A SourceNode is a parsed value (of YAML, JSON or plain objects) with its lines. A Field is such a value at its path in the
 * object (`spec.ingress[0].from`); asking it for something that it is not reports a problem there. A null value is an unset
 * field, as the API server sees it; only own members exist.
 */
import type { Lines } from '../policy.js';

export interface SourceNode {
  readonly value: null | string | number | boolean | readonly SourceNode[] | ReadonlyMap<string, SourceNode>;
  /** Null for objects that come from no text. */
  readonly lines: Lines | null;
}

export interface FieldProblem {
  /** `error`: the API server refuses the object. `warning`: it takes it, but it hardly means what was meant. */
  readonly severity: 'error' | 'warning';
  /** `spec.ingress[0].from[1]`; empty for the whole object. */
  readonly field: string;
  readonly line: number | null;
  readonly message: string;
}

export class Field {
  readonly path: string;
  private readonly node: SourceNode | null;
  /** Line of the nearest field around it that stands in the text. */
  private readonly line: number | null;
  private readonly problems: FieldProblem[];

  /** `node` is null where the field is missing; problems go to `problems`. */
  constructor(path: string, node: SourceNode | null, line: number | null, problems: FieldProblem[]) {
    this.path = path;
    this.node = node;
    this.line = node?.lines?.first ?? line;
    this.problems = problems;
  }

  get lines(): Lines | null {
    return this.node?.lines ?? null;
  }

  get isSet(): boolean {
    return this.node !== null && this.node.value !== null;
  }

  /** The field of this name; unset if this is no object or has none. */
  member(name: string): Field {
    const { node } = this;
    const value = isMap(node) ? (node.value.get(name) ?? null) : null;
    return new Field(this.path === '' ? name : `${this.path}.${name}`, value, this.line, this.problems);
  }

  /** The elements of a list, none if it is unset; null, with an error, if it is no list. */
  items(): Field[] | null {
    const { node } = this;
    if (node === null || node.value === null) return [];
    if (!isList(node)) return this.fail(`must be a list, but is ${kindOf(node)}${dashHint(node)}`);
    return node.value.map((item, index) => new Field(`${this.path}[${index}]`, item, this.line, this.problems));
  }

  /** True if it is an object or unset; otherwise an error. `known` are the fields it may have, the rest gets a warning. */
  isObject(known: readonly string[]): boolean {
    const { node } = this;
    if (node === null || node.value === null) return true;
    if (!isMap(node)) {
      this.fail(`must be an object, but is ${kindOf(node)}`);
      return false;
    }
    for (const name of node.value.keys()) {
      if (!known.includes(name)) this.member(name).warn('unknown field, which has no effect');
    }
    return true;
  }

  /** The entries of a map of strings; null, with an error, if it holds anything else. */
  strings(): [string, string, Field][] | null {
    const { node } = this;
    if (node === null || node.value === null) return [];
    if (!isMap(node)) return this.fail(`must be a map of strings, but is ${kindOf(node)}`);
    const entries: [string, string, Field][] = [];
    for (const key of node.value.keys()) {
      const field = this.member(key);
      const value = field.text();
      if (value === null) return null;
      entries.push([key, value, field]);
    }
    return entries;
  }

  /** The string; null, with an error, if it is unset or anything else. */
  text(): string | null {
    const value = this.node?.value;
    if (typeof value === 'string') return value;
    if (this.node === null || value === null) return this.fail('is missing');
    return this.fail(`must be a string, but is ${kindOf(this.node)}${quoteHint(this.node)}`);
  }

  /** The integer; null, with an error, if it is unset or anything else. */
  integer(): number | null {
    const value = this.node?.value;
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    if (this.node === null || value === null) return this.fail('is missing');
    return this.fail(`must be a whole number, but is ${kindOf(this.node)}`);
  }

  get isText(): boolean {
    return typeof this.node?.value === 'string';
  }

  /** The value, if it is a string; without complaint otherwise. */
  textIfAny(): string | null {
    const value = this.node?.value;
    return typeof value === 'string' && value !== '' ? value : null;
  }

  /** The text; null if it is unset, and with an error if it is anything else. */
  optionalText(): string | null {
    return this.isSet ? this.text() : null;
  }

  /** Names of the members that are set, of an object. */
  setMembers(names: readonly string[]): string[] {
    return names.filter((name) => this.member(name).isSet);
  }

  fail(message: string): null {
    this.problems.push({ severity: 'error', field: this.path, line: this.line, message });
    return null;
  }

  warn(message: string): void {
    this.problems.push({ severity: 'warning', field: this.path, line: this.line, message });
  }
}

interface MapNode extends SourceNode {
  readonly value: ReadonlyMap<string, SourceNode>;
}

interface ListNode extends SourceNode {
  readonly value: readonly SourceNode[];
}

export function isMap(node: SourceNode | null): node is MapNode {
  return node?.value instanceof Map;
}

export function isList(node: SourceNode): node is ListNode {
  return Array.isArray(node.value);
}

function kindOf(node: SourceNode): string {
  const { value } = node;
  if (value === null) return 'null';
  if (isMap(node)) return 'an object';
  if (isList(node)) return 'a list';
  if (typeof value === 'string') return `the string "${value.slice(0, 60)}"`;
  return typeof value === 'number' ? `the number ${value}` : `the boolean ${value === true}`;
}

function dashHint(node: SourceNode): string {
  return isMap(node) ? ' (is there a "-" missing?)' : '';
}

function quoteHint({ value }: SourceNode): string {
  return typeof value === 'number' || typeof value === 'boolean' ? ' (put it in quotes)' : '';
}

/** Nesting of hostile objects is cut here; no policy comes near. */
const MAX_DEPTH = 64;

/** A plain value, as JSON.parse or js-yaml gives it, as a node without lines. */
export function nodeOfValue(value: unknown, depth = 0): SourceNode {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { value, lines: null };
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return { value: null, lines: null };
  if (Array.isArray(value)) return { value: value.map((item) => nodeOfValue(item, depth + 1)), lines: null };
  const members = Object.entries(value).map(([key, member]) => [key, nodeOfValue(member, depth + 1)] as const);
  return { value: new Map(members), lines: null };
}
