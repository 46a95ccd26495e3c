/**
 * Reads the words of a command line with yargs into plain values; what they mean is the command's business.
 *
 * yargs 18 loses a lone dash and does not know `-oFILE`, so words are brought into a form it understands first.
 */
import { PodtrailError } from '../base/errors.js';
import { type OptionDefinition, type OptionGroup, REPORT_OPTIONS } from './options.js';
import { POLICY_ACTIONS, POLICY_OPTIONS, policyActionOf } from './policy-options.js';

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

/** What a command line may hold. */
interface Grammar {
  /** Names of the command, as yargs wants them; `$0` is the one without a name. */
  readonly command: readonly string[];
  readonly options: readonly OptionDefinition[];
}

const REPORT: Grammar = grammar(['report [captures..]', '$0'], REPORT_OPTIONS);
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

function grammar(command: readonly string[], groups: readonly OptionGroup[]): Grammar {
  return { command, options: groups.flatMap((group) => group.options) };
}

/** The words of a `report` command. Rejects with a usage error that says which word is wrong. */
export async function parseArguments(words: readonly string[]): Promise<ParsedArguments> {
  return parseWith(REPORT, words);
}

/** The words of a command with these options, without its name. */
export async function parseOptions(groups: readonly OptionGroup[], words: readonly string[]): Promise<ParsedArguments> {
  return parseWith(grammar(['$0 [captures..]'], groups), words);
}

async function parseWith(known: Grammar, words: readonly string[]): Promise<ParsedArguments> {
  const { options } = known;
  const parser = await createParser(known);
  const failures: string[] = [];
  parser.fail((message: string) => {
    failures.push(message);
  });
  let parsed: Record<string, unknown> = {};
  await parser.parseAsync(prepareWords(words, options), {}, (_error: unknown, result: unknown) => {
    parsed = result as Record<string, unknown>;
  });
  if (failures[0] !== undefined) throw usageError(failures[0], options);
  return collect(parsed, options);
}

/** The script that the user's shell reads to complete podtrail's options; SHELL says which shell. */
export async function completionScript(): Promise<string> {
  const parser = await createParser(REPORT, () => {
    parser.showCompletionScript();
  });
  let script = '';
  await parser.parseAsync([], {}, (_error: unknown, _result: unknown, output: string) => {
    script = output;
  });
  return `${script}\n`;
}

/** What could stand for the last of the words: options, commands, or an option's choices; nothing where a file is meant. */
export function completionsFor(words: readonly string[]): readonly string[] {
  const current = words.at(-1) ?? '';
  const previous = words.at(-2) ?? '';
  // The shell gives the program's own name first.
  const [, command, action] = words;
  if (command === 'policy' && words.length === 3) return POLICY_ACTIONS;
  const policyAction = command === 'policy' ? policyActionOf(action) : null;
  const groups = policyAction === null ? REPORT_OPTIONS : POLICY_OPTIONS[policyAction];
  const options = groups.flatMap((group) => group.options);
  const before = options.find(({ name, alias }) => previous === `--${name}` || previous === `-${alias ?? ''}`);
  if (before?.argument !== undefined) return before.choices ?? [];
  return current.startsWith('-') ? options.map(({ name }) => `--${name}`) : [];
}

async function createParser({ command: names, options }: Grammar, whenParsed: () => void = () => undefined) {
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
        names,
        false,
        (command) => {
          command.positional('captures', { type: 'string', array: true });
          for (const option of options) command.option(option.name, yargsOption(option));
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

function prepareWords(words: readonly string[], options: readonly OptionDefinition[]): string[] {
  const end = words.indexOf('--');
  const before = end < 0 ? words : words.slice(0, end);
  const prepared = before.flatMap((word) => {
    if (word === '-') return [LONE_DASH];
    const attached = options.find(
      ({ alias, argument }) =>
        alias !== undefined && argument !== undefined && word.startsWith(`-${alias}`) && word.length > 2,
    );
    return attached === undefined ? [word] : [word.slice(0, 2), word.slice(word.charAt(2) === '=' ? 3 : 2)];
  });
  return end < 0 ? prepared : [...prepared, ...words.slice(end)];
}

function collect(parsed: Record<string, unknown>, options: readonly OptionDefinition[]): ParsedArguments {
  const values = new Map<string, readonly string[]>();
  const switches = new Set<string>();
  for (const { name, argument } of options) {
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

function usageError(message: string, options: readonly OptionDefinition[]): PodtrailError {
  const sentence = message.replace(/\s+/g, ' ').replace(/"/g, '');
  const [, problem, names] = /^(unknown options?|needs a value): (.*)$/.exec(sentence) ?? [];
  if (problem === undefined || names === undefined) return new PodtrailError('usage', sentence, { hint: HELP_HINT });
  const dashed = names
    .split(', ')
    .map((name) => (name.length === 1 ? `-${name}` : `--${name}`))
    .join(', ');
  const text = problem === 'needs a value' ? `${dashed} needs a value` : `${problem} ${dashed}`;
  const similar = problem === 'unknown option' ? mostSimilar(names, options) : null;
  return new PodtrailError('usage', text, { hint: similar === null ? HELP_HINT : `Did you mean --${similar}?` });
}

export const HELP_HINT = 'podtrail --help lists what there is.';

function mostSimilar(name: string, options: readonly OptionDefinition[]): string | null {
  const MOST_EDITS = 2;
  let best: string | null = null;
  let fewest = MOST_EDITS + 1;
  for (const option of options) {
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
