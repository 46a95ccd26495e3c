/**
 * Turns the words of a `report` command and its configuration file into a plan: what to read, what to ask of the analysis,
 * what to write. Pure; every wrong value is a usage error that names its option.
 */
import type { AnalysisRequest, Selection } from '../analysis/request.js';
import { PodtrailError } from '../base/errors.js';
import { allValues, HELP_HINT, lastValue, type ParsedArguments } from './arguments.js';
import { DEFAULT_OPTIONS, type PolicyOptions } from '../policy/options.js';
import { SEVERITIES, type Severity } from '../model/finding.js';
import type { WriteOptions } from '../report/index.js';
import type { Config } from './config.js';
import type { Environment } from './environment.js';
import { DEFAULT_MAX_FLOWS } from './options.js';
import { planOutputs, type PlannedOutput } from './outputs.js';
import { checkTimeRange, parseTimeBound } from './time-bound.js';
import { resolveTimeZone } from './time-zone.js';
import { parseClock, parseCount, parseNodeDirectory, parsePort, parseVantage } from './values.js';

/** A thread takes about a tenth of a second to start and warm up, in which another reads this much. Who asks for workers gets them. */
const LEAST_BYTES_PER_WORKER = 32 * 1024 * 1024;

/** Everything of a request but the captures, the inventory and policies, which are still to be found. */
export type RequestSettings = Omit<AnalysisRequest, 'captures' | 'inventory' | 'policies'>;

/** What a command is to read, as the user named it. */
export interface InputWords {
  readonly captures: readonly string[];
  readonly inventory: readonly string[];
  /** Files and folders of `--policies`. */
  readonly policies: readonly string[];
  readonly policyOptions: PolicyOptions;
  /** Read already: the configuration. */
  readonly otherFiles: readonly string[];
}

export interface ReportPlan {
  readonly inputs: InputWords;
  readonly settings: RequestSettings;
  /** Empty: print the summary. */
  readonly outputs: readonly PlannedOutput[];
  readonly per: WriteOptions['per'];
  readonly timeZone: string;
  readonly isDryRun: boolean;
  /** Findings of this severity or a worse one object; null: none does. */
  readonly failOn: Severity | null;
}

/** The plan for these words; throws a usage error that names the option whose value is wrong. */
export function planReport(parsed: ParsedArguments, config: Config, environment: Environment): ReportPlan {
  const inputs = inputWords(parsed, config);
  return {
    inputs,
    settings: requestSettings(parsed, config, environment, inputs),
    outputs: planOutputs(allValues(parsed, 'output'), lastValue(parsed, 'format')),
    per: recordOf(lastValue(parsed, 'per')),
    timeZone: timeZoneOf(parsed, environment),
    isDryRun: parsed.switches.has('dry-run'),
    failOn: SEVERITIES.find((severity) => severity === lastValue(parsed, 'fail-on')) ?? null,
  };
}

/** What to read by these words. */
export function inputWords(parsed: ParsedArguments, config: Config): InputWords {
  const configPath = lastValue(parsed, 'config');
  return {
    captures: parsed.operands,
    inventory: [...config.inventory, ...allValues(parsed, 'inventory')],
    policies: allValues(parsed, 'policies'),
    policyOptions: {
      ...DEFAULT_OPTIONS,
      ipBlocks: lastValue(parsed, 'ip-blocks') === 'exclude-pods' ? 'exclude pods' : 'include pods',
    },
    otherFiles: configPath === null ? [] : [configPath],
  };
}

/** What a record of CSV and NDJSON is; the option's choices allow no other word. */
function recordOf(word: string | null): WriteOptions['per'] {
  return word === 'flow' || word === 'hop' ? word : 'connection';
}

/** What to ask of the analysis, but for its inputs. */
export function requestSettings(
  parsed: ParsedArguments,
  config: Config,
  environment: Environment,
  inputs: InputWords,
): RequestSettings {
  const workers = countOf(parsed, 'workers');
  const settings: Omit<RequestSettings, 'options'> = {
    nodeDirectories: [
      ...config.nodeDirectories,
      ...parseAll(parsed, 'node', parseNodeDirectory, 'write NAME=DIR, such as node-1=hosts/node-1'),
    ],
    // The command line's come first: the first that fits a capture counts.
    vantages: [
      ...parseAll(parsed, 'vantage', parseVantage, 'write FILE=NODE/IFACE, such as a.pcap=node-1/eth0'),
      ...config.vantages,
    ],
    vxlanPorts: [...config.vxlanPorts, ...parseAll(parsed, 'vxlan-port', parsePort, 'write a UDP port, 1 to 65535')],
    names: config.names,
    clocks: clocksOf(parsed, config),
    maxFlows: countOf(parsed, 'max-flows') ?? DEFAULT_MAX_FLOWS,
    workers: workers ?? environment.processors,
    leastBytesPerWorker: workers === null ? LEAST_BYTES_PER_WORKER : 0,
    selection: selectionOf(parsed),
  };
  return { ...settings, options: echo(parsed, settings, inputs) };
}

/** The command line's offset of a node counts before the configuration's. */
function clocksOf(parsed: ParsedArguments, config: Config): NonNullable<RequestSettings['clocks']> {
  const given = parseAll(parsed, 'clock', parseClock, 'write NODE=OFFSET, such as node-2=+0.35s or node-3=-20ms');
  const named = new Set(given.map(({ node }) => node));
  return [...config.clocks.filter(({ node }) => !named.has(node)), ...given];
}

function selectionOf(parsed: ParsedArguments): Selection {
  const since = lastValue(parsed, 'since');
  const until = lastValue(parsed, 'until');
  const selection: Selection = {
    namespaces: parseAll(parsed, 'namespace', notEmpty, 'write the name of a namespace'),
    pods: parseAll(parsed, 'pod', podPattern, 'write NAME, NAMESPACE/NAME, or the beginning of a name and *'),
    since: since === null ? null : parseTimeBound('--since', since),
    until: until === null ? null : parseTimeBound('--until', until),
    top: countOf(parsed, 'top'),
  };
  checkTimeRange(selection.since, selection.until);
  return selection;
}

/** Options that shape the document, in a fixed order, without defaults: nothing that only says where or how to write it. */
function echo(
  parsed: ParsedArguments,
  settings: Omit<RequestSettings, 'options'>,
  { inventory, policies }: InputWords,
): RequestSettings['options'] {
  const all = (name: string, values: readonly (string | number | null)[]): { name: string; value: string }[] =>
    values.filter((value) => value !== null).map((value) => ({ name, value: String(value) }));
  const { selection } = settings;
  return [
    ...all('config', [lastValue(parsed, 'config')]),
    ...all('inventory', inventory),
    ...all(
      'node',
      settings.nodeDirectories.map(({ node, directory }) => `${node}=${directory}`),
    ),
    ...all('vantage', settings.vantages.map(vantageText)),
    ...all('policies', policies),
    ...all('ip-blocks', [lastValue(parsed, 'ip-blocks')]),
    ...all('vxlan-port', settings.vxlanPorts),
    ...all(
      'clock',
      (settings.clocks ?? []).map(({ node, aheadNs }) => `${node}=${aheadNs}ns`),
    ),
    ...all(
      'name',
      settings.names.map(({ address, name }) => `${address}=${name}`),
    ),
    ...all('max-flows', [settings.maxFlows === DEFAULT_MAX_FLOWS ? null : settings.maxFlows]),
    ...all('namespace', selection.namespaces),
    ...all('pod', selection.pods),
    ...all('since', [lastValue(parsed, 'since')]),
    ...all('until', [lastValue(parsed, 'until')]),
    ...all('top', [selection.top]),
  ];
}

function vantageText({ file, node, interface: name }: RequestSettings['vantages'][number]): string {
  return `${file}=${node ?? ''}${name === null ? '' : `/${name}`}`;
}

function timeZoneOf(parsed: ParsedArguments, environment: Environment): string {
  const asked = lastValue(parsed, 'tz');
  const isUtc = parsed.switches.has('utc');
  const isLocal = parsed.switches.has('local');
  if (Number(asked !== null) + Number(isUtc) + Number(isLocal) > 1) {
    throw new PodtrailError('usage', '--tz, --utc and --local exclude each other', { hint: 'Keep one of them.' });
  }
  return resolveTimeZone(asked ?? (isLocal ? 'local' : 'utc'), environment.localTimeZone);
}

function countOf(parsed: ParsedArguments, option: string): number | null {
  return parseAll(parsed, option, parseCount, 'write a whole number from 1 on').at(-1) ?? null;
}

function parseAll<T>(
  parsed: ParsedArguments,
  option: string,
  parse: (text: string) => T | null,
  advice: string,
): readonly T[] {
  return allValues(parsed, option).map((text) => {
    const value = parse(text);
    if (value !== null) return value;
    throw new PodtrailError('usage', `--${option} ${text}: ${advice}`, { hint: HELP_HINT });
  });
}

function notEmpty(text: string): string | null {
  return text === '' ? null : text;
}

function podPattern(text: string): string | null {
  return /^(?:[^/*]+\/)?[^/*]+\*?$|^(?:[^/*]+\/)?\*$/.test(text) ? text : null;
}
