/** The options of `podtrail policy check`, `suggest` and `explain`: those of reading that all commands share, and their own. */
import { type OptionDefinition, type OptionGroup, REPORT_OPTIONS } from './options.js';

export const POLICY_ACTIONS = ['check', 'suggest', 'explain'] as const;
export type PolicyAction = (typeof POLICY_ACTIONS)[number];

export const CHECK_FORMATS = ['text', 'json', 'junit', 'sarif'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];

const SHARED = new Map(REPORT_OPTIONS.flatMap(({ options }) => options).map((option) => [option.name, option]));

function shared(...names: readonly string[]): OptionDefinition[] {
  return names.flatMap((name) => SHARED.get(name) ?? []);
}

const INPUTS: OptionGroup = {
  title: 'Inventory and vantage points',
  options: shared('inventory', 'node', 'vantage', 'clock', 'config'),
};
const SELECTION: OptionGroup = {
  title: 'Selection',
  options: shared('namespace', 'pod', 'since', 'until'),
};
const READING: OptionGroup = { title: 'Reading', options: shared('vxlan-port', 'max-flows', 'workers') };
const MESSAGES: OptionGroup = { title: 'Messages', options: shared('quiet', 'no-color', 'log-format', 'help') };

export const POLICY_OPTIONS: Readonly<Record<PolicyAction, readonly OptionGroup[]>> = {
  check: [
    {
      title: 'Proposal',
      options: [
        {
          name: 'policies',
          argument: 'PATH',
          description: 'The proposed policies: files, or folders of YAML and JSON; may be repeated',
        },
        {
          name: 'replace',
          description:
            'They take the place of all policies of the inventory; otherwise they are applied over them, as kubectl apply does',
        },
        ...shared('ip-blocks'),
      ],
    },
    INPUTS,
    {
      title: 'Output',
      options: [
        {
          name: 'format',
          argument: 'FORMAT',
          choices: CHECK_FORMATS,
          description: 'Format of the result: text (the default), json, junit or sarif',
        },
        { name: 'output', alias: 'o', argument: 'FILE', description: 'Write it to FILE instead of standard output' },
      ],
    },
    SELECTION,
    READING,
    MESSAGES,
  ],
  suggest: [
    {
      title: 'Suggestion',
      options: [
        {
          name: 'namespace',
          alias: 'n',
          argument: 'NAME',
          description:
            'Write policies for pods of this namespace; may be repeated; without it for all but kube-system and its like',
        },
        {
          name: 'output',
          alias: 'o',
          argument: 'PATH',
          description:
            'A folder, which gets a file per policy, or a .yaml file for all of them; without it they go to standard output',
        },
        {
          name: 'unseen-egress',
          argument: 'WHAT',
          choices: ['denied', 'open'],
          description:
            'Egress of pods of which none was seen: denied save DNS (the default), or open, where the captures are too short to tell',
        },
        {
          name: 'external-prefix',
          argument: 'BITS',
          description:
            'Outside addresses are put together to blocks this wide, such as 24, or 24,64 for IPv4 and IPv6; by default each stands alone',
        },
      ],
    },
    INPUTS,
    { title: 'Selection', options: shared('pod', 'since', 'until') },
    READING,
    MESSAGES,
  ],
  explain: [
    {
      title: 'Question (without captures)',
      options: [
        {
          name: 'from',
          argument: 'END',
          description: 'Who connects: NAMESPACE/POD, NAMESPACE/WORKLOAD, or an address',
        },
        { name: 'to', argument: 'END', description: 'Who is called, in the same way' },
        { name: 'port', argument: 'PORT[/PROTOCOL]', description: 'The port of the pod called: 8080, or 53/UDP' },
      ],
    },
    { title: 'Policies', options: shared('policies', 'ip-blocks') },
    INPUTS,
    {
      title: 'Selection (with captures)',
      options: [
        ...shared('namespace', 'pod', 'since', 'until'),
        {
          name: 'verdict',
          argument: 'VERDICT',
          choices: ['allowed', 'denied', 'not-selected', 'undefined'],
          description: 'Connections with this verdict; may be repeated',
        },
      ],
    },
    {
      title: 'Output',
      options: [
        {
          name: 'format',
          argument: 'FORMAT',
          choices: ['text', 'json'],
          description: 'Format of the result: text (the default), or json',
        },
      ],
    },
    READING,
    MESSAGES,
  ],
};

/** The action that a word names; null if it names none. */
export function policyActionOf(word: string | undefined): PolicyAction | null {
  return POLICY_ACTIONS.find((action) => action === word) ?? null;
}
