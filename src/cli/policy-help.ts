/** The help texts of `podtrail policy` and its actions. */
import { entry, helpWidth, optionLines } from './help.js';
import { POLICY_OPTIONS, type PolicyAction } from './policy-options.js';
import { wrapText } from './text.js';

interface ActionHelp {
  readonly usage: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly (readonly [string, string])[];
  readonly exitCodes: readonly (readonly [string, string])[];
}

const COMMON_CODES: readonly (readonly [string, string])[] = [
  ['2', 'wrong usage'],
  ['3', 'an input could not be read, or an output not be written'],
];

const ACTIONS: Readonly<Record<PolicyAction, ActionHelp>> = {
  check: {
    usage: ['podtrail policy check --policies PATH CAPTURE... [options]'],
    summary: 'which observed connections a proposal would break or open',
    description:
      'Judges the connections in the captures by the policies of the inventory and by the proposed ones, and lists those that differ: broken (allowed, and it worked; denied by the proposal), opened (denied; allowed by the proposal), doubtful.',
    examples: [
      ['Before a merge', 'podtrail policy check --policies proposed/ captures/ -i inventory/'],
      [
        'In a pipeline, as annotations of the policy files',
        'podtrail policy check --policies proposed/ captures/ -i inventory/ --format sarif -o policy.sarif',
      ],
    ],
    exitCodes: [
      ['0', 'nothing breaks'],
      ['1', 'connections that worked would be denied, or a proposed policy is invalid'],
      ...COMMON_CODES,
    ],
  },
  suggest: {
    usage: ['podtrail policy suggest CAPTURE... [options]'],
    summary: 'least-privilege policies from the observed connections',
    description:
      'Writes NetworkPolicies that allow the connections that worked in the captures, and nothing else between the pods seen. Comments say which connections each rule stands for, and which were seen only once. What was not captured is not allowed: read them before you apply them.',
    examples: [
      ['For one namespace, a file per policy', 'podtrail policy suggest captures/ -i inventory/ -n shop -o policies/'],
      ['Have a look', 'podtrail policy suggest captures/ -i inventory/ -n shop | less'],
    ],
    exitCodes: [['0', 'written'], ...COMMON_CODES],
  },
  explain: {
    usage: [
      'podtrail policy explain CAPTURE... [options]',
      'podtrail policy explain --from END --to END --port PORT[/PROTOCOL] -i PATH [options]',
    ],
    summary: 'whether it was allowed, and which rule decided',
    description:
      'With captures: the verdict on each kind of connection seen, with the rule that allows it, or why every rule missed, and whether what was seen agrees. Without: the verdict on one connection, described.',
    examples: [
      ['Why was it dropped', 'podtrail policy explain captures/ -i inventory/ --verdict denied'],
      [
        'May the frontend call the backend',
        'podtrail policy explain -i inventory/ --from shop/frontend --to shop/backend --port 8080',
      ],
    ],
    exitCodes: [['0', 'explained, whatever the verdict'], ...COMMON_CODES],
  },
};

/** The text of `podtrail policy --help`, or of one action. */
export function policyHelpText(action: PolicyAction | null, columns: number): string {
  const width = helpWidth(columns);
  return `${(action === null ? overview(width) : actionHelp(action, width)).join('\n')}\n`;
}

function overview(width: number): string[] {
  const names = Object.keys(ACTIONS) as PolicyAction[];
  return [
    'podtrail policy judges connections by NetworkPolicies (and AdminNetworkPolicies,',
    'BaselineAdminNetworkPolicies, ClusterNetworkPolicies). Offline, like everything here.',
    '',
    'Usage: podtrail policy check|suggest|explain ... [options]',
    '',
    ...names.flatMap((name) => entry(name, ACTIONS[name].summary, width, 12)),
    '',
    'podtrail policy ACTION --help says more of each.',
  ];
}

function actionHelp(action: PolicyAction, width: number): string[] {
  const { usage, description, examples, exitCodes } = ACTIONS[action];
  return [
    ...usage.map((line, index) => `${index === 0 ? 'Usage: ' : '       '}${line}`),
    '',
    ...wrapText(description, width),
    ...POLICY_OPTIONS[action].flatMap(({ title, options }) => [
      '',
      `${title}:`,
      ...options.flatMap((option) => optionLines(option, width)),
    ]),
    '',
    'Examples:',
    ...examples.flatMap(([what, command]) => [`  ${what}:`, `    ${command}`]),
    '',
    'Exit codes:',
    ...exitCodes.flatMap(([code, meaning]) => entry(code, meaning, width, 7)),
  ];
}
