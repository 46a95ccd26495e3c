/**
 * Every option of the command line, once: what yargs parses, what `--help` prints and what completion offers come from here.
 */
import type { Severity } from '../model/finding.js';
import { FORMATS } from '../report/index.js';

export interface OptionDefinition {
  readonly name: string;
  readonly alias?: string;
  /** What stands for the value in help texts; absent for a switch. */
  readonly argument?: string;
  readonly choices?: readonly string[];
  /** For help texts: sentences, without the full stop at the end. */
  readonly description: string;
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionDefinition[];
}

export const DEFAULT_MAX_FLOWS = 1_000_000;

/** Of findings; `--fail-on` takes them. */
const SEVERITIES_OF_GATES: readonly Severity[] = ['warning', 'error'];

const formatNames = FORMATS.map((format) => format.name);

export const REPORT_OPTIONS: readonly OptionGroup[] = [
  {
    title: 'Inventory and vantage points',
    options: [
      {
        name: 'inventory',
        alias: 'i',
        argument: 'PATH',
        description:
          'What the cluster looked like: output of kubectl and ip, as files or folders of them; may be repeated',
      },
      {
        name: 'node',
        argument: 'NAME=DIR',
        description:
          "Folder with the output of ip on this node, where the inventory's layout does not tell; may be repeated",
      },
      {
        name: 'vantage',
        argument: 'FILE=NODE/IFACE',
        description: 'Where a capture was taken, where it does not tell itself; FILE may be a pattern; may be repeated',
      },
      {
        name: 'clock',
        argument: 'NODE=OFFSET',
        description:
          'How far the clock of a node is ahead (+0.35s, -20ms), in place of what packets tell; may be repeated',
      },
      {
        name: 'config',
        argument: 'FILE',
        description:
          'YAML file with what does not fit on a line: inventory, nodes, vantages, vxlan-ports, clocks, names',
      },
    ],
  },
  {
    title: 'Policies',
    options: [
      {
        name: 'policies',
        argument: 'PATH',
        description:
          'NetworkPolicies over those of the inventory, as if applied to it: files, or folders of YAML and JSON; may be repeated',
      },
      {
        name: 'ip-blocks',
        argument: 'READING',
        choices: ['include-pods', 'exclude-pods'],
        description:
          'Whether ipBlock matches addresses of pods: include-pods (the default) as Calico, Antrea and OVN-Kubernetes read it, exclude-pods as Cilium',
      },
    ],
  },
  {
    title: 'Output',
    options: [
      {
        name: 'output',
        alias: 'o',
        argument: 'FILE',
        description: `Write the report to FILE, its ending gives the format: ${formatNames.join(', ')}; - is standard output; may be repeated. Without it a summary is printed`,
      },
      {
        name: 'format',
        argument: 'FORMAT',
        choices: formatNames,
        description: 'Format of outputs whose name does not tell; without -o, write it to standard output',
      },
      {
        name: 'per',
        argument: 'RECORD',
        choices: ['connection', 'flow', 'hop'],
        description:
          'CSV and NDJSON: a record per connection, per flow (each vantage point), or per hop (each way from one vantage point to the next)',
      },
      {
        name: 'tz',
        argument: 'ZONE',
        description:
          'Time zone of the page and the summary: utc, local, Europe/Berlin, ...; data formats are always UTC',
      },
      { name: 'utc', description: 'The same as --tz utc, which is the default' },
      { name: 'local', description: 'The same as --tz local' },
    ],
  },
  {
    title: 'Gates',
    options: [
      {
        name: 'fail-on',
        argument: 'SEVERITY',
        choices: SEVERITIES_OF_GATES,
        description: 'End with exit code 1 if there is a finding of this severity or a worse one, after all is written',
      },
    ],
  },
  {
    title: 'Selection (a connection is shown whole or not at all)',
    options: [
      {
        name: 'namespace',
        alias: 'n',
        argument: 'NAME',
        description: 'Connections with a client or server in this namespace; may be repeated',
      },
      {
        name: 'pod',
        argument: '[NS/]NAME',
        description: 'Connections of this pod; NAME* means all whose name begins so; may be repeated',
      },
      {
        name: 'since',
        argument: 'TIME',
        description: 'Connections not over by then: 2026-11-23T14:02:07Z, 14:02 (UTC), or 10m before the end',
      },
      { name: 'until', argument: 'TIME', description: 'Connections that began by then' },
      { name: 'top', argument: 'N', description: 'The N connections with the most bytes' },
    ],
  },
  {
    title: 'Reading',
    options: [
      {
        name: 'vxlan-port',
        argument: 'PORT',
        description: 'UDP port that carries VXLAN, besides those recognised by their content; may be repeated',
      },
      {
        name: 'max-flows',
        argument: 'N',
        description: `Flows kept in memory in full (${DEFAULT_MAX_FLOWS}); beyond it the longest idle are finished`,
      },
      { name: 'workers', argument: 'N', description: 'Threads that read captures; the report does not depend on it' },
      { name: 'dry-run', description: 'Only say what was recognised in every input' },
    ],
  },
  {
    title: 'Messages',
    options: [
      { name: 'quiet', alias: 'q', description: 'No progress and no information; warnings and errors only' },
      { name: 'no-color', description: 'No colour; NO_COLOR in the environment does the same' },
      {
        name: 'log-format',
        argument: 'FORMAT',
        choices: ['text', 'json'],
        description: 'Messages on standard error as text, or one JSON object a line',
      },
      { name: 'completion', description: 'Print a script for completion in the shell that SHELL names' },
      { name: 'version', description: 'Print the version' },
      { name: 'help', alias: 'h', description: 'Print this text' },
    ],
  },
];
