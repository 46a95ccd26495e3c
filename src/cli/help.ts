/** The text of `--help`, and what bare `podtrail` says on a terminal. Made from the option table; wraps at 80 to 100 columns. */
import { FORMATS } from '../report/index.js';
import { REPORT_OPTIONS, type OptionDefinition } from './options.js';
import { wrapText } from './text.js';

const LEAST_COLUMNS = 80;
const MOST_COLUMNS = 100;
const DESCRIPTION_COLUMN = 28;

/** How to make a useful inventory; said in the help, on the first run, and when a report has none. */
export const COLLECT_COMMAND =
  'kubectl get po,svc,endpointslices,no,ns,netpol,deploy,rs -A -o json > inventory/cluster.json';

const EXAMPLES: readonly (readonly [string, string])[] = [
  [
    'Who talked to whom, as a summary here and as a page to share',
    'podtrail node-1.pcap node-2.pcapng.gz -i inventory/',
  ],
  ['', 'podtrail captures/ -i inventory/ -o incident.html -o flows.csv'],
  [
    'Connections of one pod in the last ten minutes, as JSON lines',
    "podtrail captures/ -i inventory/ --pod 'shop/frontend*' --since 10m --format ndjson",
  ],
  ['A compression that podtrail does not read', 'lz4 -dc node-1.pcap.lz4 | podtrail - -i inventory/'],
  ['What is in these files, without reading them through', 'podtrail --dry-run captures/ -i inventory/'],
  ['Make an inventory', COLLECT_COMMAND],
];

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'everything was read and written'],
  ['1', '--fail-on objects: the report is written'],
  ['2', 'wrong usage'],
  ['3', 'an input could not be read to its end, or an output not be written; what could be read is reported'],
  ['130', 'interrupted; what was known is reported, marked partial'],
];

/** Width of help texts in a terminal of so many columns. */
export function helpWidth(columns: number): number {
  return Math.min(Math.max(columns, LEAST_COLUMNS), MOST_COLUMNS);
}

/** The help text for a terminal of so many columns. */
export function helpText(columns: number): string {
  const width = helpWidth(columns);
  const lines = [
    'podtrail reads packet captures from Kubernetes and says who talked to whom,',
    'by name, and how it went. Offline: it needs no cluster and no root.',
    '',
    'Usage: podtrail [report] CAPTURE... [options]',
    '       podtrail policy check|suggest|explain ...  (podtrail policy --help)',
    '',
    ...wrapText(
      'A CAPTURE is a pcap or pcapng file, plain or compressed with gzip or zstd; a folder, searched for captures; a pattern such as node-*.pcap; or - for standard input.',
      width - 2,
    ).map((line) => `  ${line}`),
  ];
  for (const group of REPORT_OPTIONS) {
    lines.push('', `${group.title}:`);
    for (const option of group.options) lines.push(...optionLines(option, width));
  }
  lines.push('', 'Formats:', ...FORMATS.flatMap((format) => entry(format.name, format.description, width, 10)));
  lines.push('', 'Examples:', ...exampleLines());
  lines.push('', 'Exit codes:', ...EXIT_CODES.flatMap(([code, meaning]) => entry(code, meaning, width, 7)));
  return `${lines.join('\n')}\n`;
}

/** Three commands to copy, for somebody who has just started podtrail for the first time. */
export function firstRunText(): string {
  return [
    'podtrail reads packet captures from Kubernetes nodes and says who talked to whom.',
    '',
    '1. Capture on the nodes that matter, while it happens:',
    '',
    '   tcpdump -i any -y LINUX_SLL2 -s 256 -w node-1.pcap',
    '',
    '2. Keep what the cluster looked like, soon after:',
    '',
    `   mkdir inventory; ${COLLECT_COMMAND}`,
    '',
    '3. Report (works without step 2, but then addresses have no names):',
    '',
    '   podtrail *.pcap --inventory inventory/ -o report.html',
    '',
    'podtrail --help lists everything else.',
    '',
  ].join('\n');
}

/** An option with its short form and value, and what it does. */
export function optionLines({ name, alias, argument, description }: OptionDefinition, width: number): string[] {
  const short = alias === undefined ? '    ' : `-${alias}, `;
  const value = argument === undefined ? '' : ` ${argument}`;
  return entry(`${short}--${name}${value}`, description, width, DESCRIPTION_COLUMN);
}

/** A term, and its description beside it, or below it where the term is too long. */
export function entry(term: string, description: string, width: number, column: number): string[] {
  const indented = wrapText(description, width - column).map((line) => ' '.repeat(column) + line);
  const first = `  ${term}`;
  if (first.length + 2 > column) return [first, ...indented];
  return [first.padEnd(column) + (indented[0] ?? '').slice(column), ...indented.slice(1)];
}

function exampleLines(): string[] {
  return EXAMPLES.flatMap(([what, command]) => [...(what === '' ? [] : [`  ${what}:`]), `    ${command}`]);
}
