/**
 * Reads the words of a command line with yargs into plain values; what they mean is the command's business.
 *
 * yargs 18 loses a lone dash and does not know `-oFILE`, so words are brought into a form it understands first.
 */
import { PodtrailError } from '../base/errors.js';
import { REPORT_OPTIONS, type OptionDefinition } from './options.js';

export interface ParsedArguments {
  /** Words that are no options: the captures. */
  readonly operands: readonly string[];
  /** Values of each option that takes one, in the order given. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly switches: ReadonlySet<string>;
}

/** The last value given, or null. */
export function lastValue(parsed: ParsedArguments, option: string): string | null {
  return parsed.values.get(option)?.at(-1) ?? null;
}

/** All values given, in order. */
export function allValues(parsed: ParsedArguments, option: string): readonly string[] {
  return parsed.values.get(option) ?? [];
}

const OPTIONS: readonly OptionDefinition[] = REPORT_OPTIONS.flatMap((group) => group.options);
const COMMAND = 'report';
const COMPLETION = '--completion';

/** What yargs says of wrong words, in our wording. */
const STRINGS = {
  'Not enough arguments following: %s': 'needs a value: %s',
  'Unknown argument: %s': { one: 'unknown option: %s', other: 'unknown options: %s' },
  'Invalid values:': 'invalid value:',
  'Argument: %s, Given: %s, Choices: %s': '--%s cannot be %s; choose one of %s',
};

/** No word of a real command line holds a NUL. */
const LONE_DASH = '\0dash';

/** Rejects with a usage error that says which word is wrong. */
export async function parseArguments(words: readonly string[]): Promise<ParsedArguments> {
  const parser = await createParser();
  const failures: string[] = [];
  parser.fail((message: string) => {
    failures.push(message);
  });
  let parsed: Record<string, unknown> = {};
  await parser.parseAsync(prepareWords(words), {}, (_error: unknown, result: unknown) => {
    parsed = result as Record<string, unknown>;
  });
  if (failures[0] !== undefined) throw usageError(failures[0]);
  return collect(parsed);
}

/** The script that the user's shell reads to complete podtrail's options; SHELL says which shell. */
export async function completionScript(): Promise<string> {
  const parser = await createParser(() => {
    parser.showCompletionScript();
  });
  let script = '';
  await parser.parseAsync([], {}, (_error: unknown, _result: unknown, output: string) => {
    script = output;
  });
  return `${script}\n`;
}

/** What could stand for the last of the words: options, or an option's choices; nothing where a file is meant. */
export function completionsFor(words: readonly string[]): readonly string[] {
  const current = words.at(-1) ?? '';
  const previous = words.at(-2) ?? '';
  const before = OPTIONS.find(({ name, alias }) => previous === `--${name}` || previous === `-${alias ?? ''}`);
  if (before?.argument !== undefined) return before.choices ?? [];
  return current.startsWith('-') ? OPTIONS.map(({ name }) => `--${name}`) : [];
}

async function createParser(whenParsed: () => void = () => undefined) {
  const { default: yargs } = await import('yargs');
  return (
    yargs([])
      .scriptName('podtrail')
      .completion(COMPLETION, false)
      .exitProcess(false)
      .detectLocale(false)
      .help(false)
      .version(false)
      .showHelpOnFail(false)
      .strict()
      .parserConfiguration({
        'boolean-negation': false,
        'camel-case-expansion': false,
        'dot-notation': false,
        'parse-numbers': false,
        'parse-positional-numbers': false,
        'populate--': true,
        'short-option-groups': false,
        'strip-aliased': true,
      })
      // The types know strings only; yargs also takes singular and plural.
      .updateStrings(STRINGS as unknown as Record<string, string>)
      .command(
        [`${COMMAND} [captures..]`, '$0'],
        false,
        (command) => {
          command.positional('captures', { type: 'string', array: true });
          for (const option of OPTIONS) command.option(option.name, yargsOption(option));
        },
        whenParsed,
      )
  );
}

function yargsOption({ alias, argument, choices }: OptionDefinition): object {
  return {
    ...(alias === undefined ? {} : { alias }),
    ...(argument === undefined ? { type: 'boolean' } : { type: 'string', requiresArg: true }),
    ...(choices === undefined ? {} : { choices }),
  };
}

function prepareWords(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  const prepared = options.flatMap((word) => {
    if (word === '-') return [LONE_DASH];
    const attached = OPTIONS.find(
      ({ alias, argument }) =>
        alias !== undefined && argument !== undefined && word.startsWith(`-${alias}`) && word.length > 2,
    );
    return attached === undefined ? [word] : [word.slice(0, 2), word.slice(word.charAt(2) === '=' ? 3 : 2)];
  });
  return end < 0 ? prepared : [...prepared, ...words.slice(end)];
}

function collect(parsed: Record<string, unknown>): ParsedArguments {
  const values = new Map<string, readonly string[]>();
  const switches = new Set<string>();
  for (const { name, argument } of OPTIONS) {
    const given = parsed[name];
    if (given === undefined) continue;
    if (argument !== undefined) values.set(name, texts(given));
    else if (given === true) switches.add(name);
  }
  return { operands: [...texts(parsed['captures']), ...texts(parsed['--'])], values, switches };
}

function texts(given: unknown): string[] {
  const list: unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  return list.map((text) => (text === LONE_DASH ? '-' : String(text)));
}

function usageError(message: string): PodtrailError {
  const sentence = message.replace(/\s+/g, ' ').replace(/"/g, '');
  const [, problem, names] = /^(unknown options?|needs a value): (.*)$/.exec(sentence) ?? [];
  if (problem === undefined || names === undefined) return new PodtrailError('usage', sentence, { hint: HELP_HINT });
  const dashed = names
    .split(', ')
    .map((name) => (name.length === 1 ? `-${name}` : `--${name}`))
    .join(', ');
  const text = problem === 'needs a value' ? `${dashed} needs a value` : `${problem} ${dashed}`;
  const similar = problem === 'unknown option' ? mostSimilar(names) : null;
  return new PodtrailError('usage', text, { hint: similar === null ? HELP_HINT : `Did you mean --${similar}?` });
}

export const HELP_HINT = 'podtrail --help lists what there is.';

function mostSimilar(name: string): string | null {
  const MOST_EDITS = 2;
  let best: string | null = null;
  let fewest = MOST_EDITS + 1;
  for (const option of OPTIONS) {
    const edits = editDistance(name, option.name);
    if (edits < fewest) [best, fewest] = [option.name, edits];
  }
  return best;
}

/** Levenshtein distance: insertions, deletions and replacements that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
