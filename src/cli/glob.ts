/**
 * Glob patterns where the shell expands none (Windows, or a quoted pattern): `*`, `?`, `[a-z]`, `[!a-z]`, `{a,b}` and `**`
 * for any number of folders, as in bash. A leading dot is matched only by a dot.
 *
 * Matching a name takes at most (length of the name × length of the pattern) steps whatever the pattern.
 */
import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { matchesStars } from '../base/star-pattern.js';

type Token =
  | { readonly kind: 'literal'; readonly character: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

export interface GlobOptions {
  /** `\` separates folders and case does not matter; elsewhere `\` takes the next character literally. */
  readonly windows: boolean;
  readonly workingDirectory: string;
}

const MOST_ALTERNATIVES = 1000;

/** True if the text means more than itself. */
export function isGlobPattern(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** Existing files and folders that match, as the pattern would name them, sorted. */
export async function expandGlob(pattern: string, options: GlobOptions): Promise<string[]> {
  const found = new Set<string>();
  for (const alternative of expandBraces(pattern, options.windows)) {
    const { root, segments } = splitPattern(alternative, options.windows);
    const separator = options.windows && !alternative.includes('/') ? '\\' : '/';
    await expandSegments(root, segments, separator, options, found);
  }
  return [...found].sort();
}

/** True if a single name (no folders) matches a pattern without braces. */
export function matchesName(pattern: string, name: string, windows: boolean): boolean {
  const fold = (text: string): string => (windows ? text.toLowerCase() : text);
  return matchTokens(tokenize(fold(pattern), windows), [...fold(name)]);
}

/** `a{b,c}d` → `abd`, `acd`; nested braces too. Braces without a comma are taken literally, as bash does. */
export function expandBraces(pattern: string, windows: boolean): string[] {
  let alternatives = [''];
  let at = 0;
  while (at < pattern.length) {
    const character = pattern.charAt(at);
    const group = character === '{' ? braceGroup(pattern, at, windows) : null;
    let choices: readonly string[];
    if (group !== null) {
      choices = group.members.flatMap((member) => expandBraces(member, windows));
      at = group.end;
    } else {
      const length = character === '\\' && !windows ? 2 : 1;
      choices = [pattern.slice(at, at + length)];
      at += length;
    }
    alternatives = alternatives.flatMap((start) => choices.map((choice) => start + choice));
    if (alternatives.length > MOST_ALTERNATIVES) return [pattern];
  }
  return alternatives;
}

function braceGroup(pattern: string, start: number, windows: boolean): { members: string[]; end: number } | null {
  const members: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\' && !windows) at++;
    else if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      members.push(pattern.slice(from, at));
      from = at + 1;
    } else if (character === '}' && --depth === 0) {
      members.push(pattern.slice(from, at));
      return members.length > 1 ? { members, end: at + 1 } : null;
    }
  }
  return null;
}

function splitPattern(pattern: string, windows: boolean): { root: string; segments: string[] } {
  const root = (windows ? /^(?:[A-Za-z]:)?[\\/]*/ : /^\/*/).exec(pattern)?.[0] ?? '';
  const segments = pattern.slice(root.length).split(windows ? /[\\/]+/ : /\/+/);
  return { root, segments: segments.filter((segment) => segment !== '') };
}

async function expandSegments(
  base: string,
  segments: readonly string[],
  separator: string,
  options: GlobOptions,
  found: Set<string>,
): Promise<void> {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    if (base !== '') found.add(base);
    return;
  }
  const join = (name: string): string =>
    base === '' || /[\\/]$/.test(base) ? base + name : `${base}${separator}${name}`;
  if (segment === '**') await expandSegments(base, rest, separator, options, found);
  if (!isGlobPattern(segment)) {
    const path = join(unescape(segment, options.windows));
    if (await exists(resolve(options.workingDirectory, path))) {
      await expandSegments(path, rest, separator, options, found);
    }
    return;
  }
  for (const entry of await list(resolve(options.workingDirectory, base))) {
    if (segment === '**') {
      // Links are not followed, so that a link to a folder above does not lead round for ever.
      if (entry.isDirectory && !entry.isLink && !entry.name.startsWith('.')) {
        await expandSegments(join(entry.name), segments, separator, options, found);
      }
    } else if ((rest.length === 0 || entry.isDirectory) && matchesName(segment, entry.name, options.windows)) {
      await expandSegments(join(entry.name), rest, separator, options, found);
    }
  }
}

function tokenize(pattern: string, windows: boolean): Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const next = characters[at + 1];
    if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'any' });
    else if (character === '\\' && !windows && next !== undefined) {
      tokens.push({ kind: 'literal', character: next });
      at++;
    } else {
      const bracket = character === '[' ? characterClass(characters, at) : null;
      tokens.push(bracket?.token ?? { kind: 'literal', character });
      if (bracket !== null) at = bracket.end;
    }
  }
  return tokens;
}

/** The class that starts at `[`, and where its `]` is; null if it has none, and `[` is a character like others. */
function characterClass(characters: readonly string[], start: number): { token: Token; end: number } | null {
  const negated = characters[start + 1] === '!' || characters[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const end = characters.indexOf(']', first + 1); // a `]` that comes first is a member
  if (end < 0) return null;
  const ranges: [string, string][] = [];
  for (let at = first; at < end; at++) {
    const from = characters[at] ?? '';
    const isRange = characters[at + 1] === '-' && at + 2 < end;
    ranges.push([from, isRange ? (characters[at + 2] ?? '') : from]);
    if (isRange) at += 2;
  }
  return { token: { kind: 'class', negated, ranges }, end };
}

function matchTokens(tokens: readonly Token[], name: readonly string[]): boolean {
  if (name[0] === '.' && !(tokens[0]?.kind === 'literal' && tokens[0].character === '.')) return false;
  return matchesStars(
    tokens,
    (token) => token.kind === 'star',
    (token, at) => matchesCharacter(token, name[at] ?? ''),
    name.length,
  );
}

function matchesCharacter(token: Token, character: string): boolean {
  if (token.kind === 'literal') return token.character === character;
  if (token.kind !== 'class') return true;
  return token.ranges.some(([from, to]) => from <= character && character <= to) !== token.negated;
}

function unescape(segment: string, windows: boolean): string {
  return windows ? segment : segment.replace(/\\(.)/gsu, '$1');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

interface Entry {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
}

/** Entries of a folder; none if it cannot be read, as the shell has it. */
async function list(folder: string): Promise<Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return Promise.all(
    entries.map(async (entry) => ({
      name: entry.name,
      isLink: entry.isSymbolicLink(),
      isDirectory:
        entry.isDirectory() ||
        (entry.isSymbolicLink() &&
          (await stat(resolve(folder, entry.name)).then(
            (target) => target.isDirectory(),
            () => false,
          ))),
    })),
  );
}
