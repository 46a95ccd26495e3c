/** NetworkPolicy: the policies read, what they say of this traffic, who is isolated, and rules that decided nothing. */
import type { PolicyDescription, PolicyLines, PolicyOutcome, PolicySummary } from '../../model/document.js';
import { drawPolicyMatrix } from '../charts/policy-matrix.js';
import { counted, formatCount } from '../figures.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const MOST_POLICIES = 100;
const MOST_WORKLOADS = 100;
const MOST_RULES = 60;
/** Lists up to this length are open from the start. */
const SHORT_LIST = 15;

export interface PoliciesView {
  readonly count: string;
  readonly caption: string;
  /** Outcomes, those that should not be first. */
  readonly outcomes: readonly { readonly outcome: string; readonly count: string; readonly isBad: boolean }[];
  readonly matrix: string;
  readonly matrixNote: string;
  readonly policies: readonly {
    readonly name: string;
    readonly scope: string;
    readonly kind: string;
    readonly ingress: string;
    readonly egress: string;
    readonly pods: string;
    readonly place: string;
  }[];
  readonly morePolicies: string;
  readonly workloads: readonly {
    readonly name: string;
    readonly scope: string;
    readonly ingress: string;
    readonly egress: string;
    readonly isOpenIn: boolean;
    readonly isOpenOut: boolean;
    readonly connectionsIn: string;
    readonly connectionsOut: string;
  }[];
  readonly moreWorkloads: string;
  readonly areWorkloadsOpen: boolean;
  readonly areRulesOpen: boolean;
  /** How many workloads no policy binds at all, or in one direction only, as a sentence. */
  readonly isolation: string;
  readonly unused: readonly { readonly rule: string; readonly place: string }[];
  readonly moreUnused: string;
  readonly problems: readonly string[];
  readonly reading: string;
}

/** Those that hint at a policy that does not work as written stand first. */
const OUTCOMES: readonly PolicyOutcome[] = [
  'denied but established',
  'denied but delivered',
  'denied and dropped',
  'denied and rejected',
  'allowed but dropped',
  'allowed but unanswered',
  'allowed but refused',
  'allowed and answered',
  'allowed, one way',
  'partly seen',
  'not judged',
];
const BAD: ReadonlySet<PolicyOutcome> = new Set(['denied but established', 'denied but delivered']);

export function policiesView({ summary, openSurface }: ViewContext): PoliciesView | null {
  const { policies } = summary;
  if (policies === null) return null;
  const all = policies.policies;
  const names = new Map(all.map((policy) => [policy.id, policyName(policy)]));
  const { matrix } = policies;
  const matrixNames = matrix.workloads.map(({ namespace, label }) =>
    displayText(namespace === null ? label : `${namespace}/${label}`),
  );
  return {
    count: formatCount(all.length),
    caption: captionOf(policies),
    outcomes: OUTCOMES.flatMap((outcome) => {
      const count = policies.connectionsByOutcome[outcome] ?? 0;
      return count === 0 ? [] : [{ outcome, count: formatCount(count), isBad: BAD.has(outcome) }];
    }),
    matrix: matrix.cells.length === 0 ? '' : drawPolicyMatrix({ matrix, names: matrixNames }, openSurface),
    matrixNote:
      matrix.otherWorkloads === 0
        ? ''
        : `${counted(matrix.otherWorkloads, 'more workload')} with less traffic not drawn.`,
    policies: all.slice(0, MOST_POLICIES).map((policy) => ({
      name: displayText(policy.name),
      scope: policy.namespace === null ? '' : `${displayText(policy.namespace)}/`,
      kind: displayText(policy.kind),
      ingress: rulesText(policy.ingressRules),
      egress: rulesText(policy.egressRules),
      pods: formatCount(policy.pods),
      place: placeText(policy.file, policy.lines),
    })),
    morePolicies: moreText(all.length - MOST_POLICIES, 'more policy', 'more policies'),
    workloads: policies.workloads.slice(0, MOST_WORKLOADS).map((workload) => ({
      name: displayText(workload.workload),
      scope: `${displayText(workload.namespace)}/`,
      ingress: bindingText(workload.ingress, names),
      egress: bindingText(workload.egress, names),
      isOpenIn: workload.ingress.length === 0,
      isOpenOut: workload.egress.length === 0,
      connectionsIn: formatCount(workload.connectionsIn),
      connectionsOut: formatCount(workload.connectionsOut),
    })),
    moreWorkloads: moreText(
      Math.max(0, policies.workloads.length - MOST_WORKLOADS) + policies.otherWorkloads,
      'more workload',
    ),
    areWorkloadsOpen: policies.workloads.length <= SHORT_LIST,
    areRulesOpen: policies.unusedRules.length <= SHORT_LIST,
    isolation: isolationText(policies),
    unused: policies.unusedRules.slice(0, MOST_RULES).map(({ policy, direction, rule, lines }) => ({
      rule: `${direction} rule ${rule} of ${names.get(policy) ?? `policy ${policy}`}`,
      place: placeText(all.find(({ id }) => id === policy)?.file ?? null, lines),
    })),
    moreUnused: moreText(policies.unusedRules.length - MOST_RULES, 'more rule'),
    problems: problemsOf(policies, names),
    reading: `Addresses of pods in ipBlock: ${policies.reading.ipBlocks === 'include pods' ? 'matched' : 'not matched'}. Pods in the host network: read ${policies.reading.hostNetworkPods}.`,
  };
}

function isolationText({ workloads }: PolicySummary): string {
  const count = (isOpen: (one: PolicySummary['workloads'][number]) => boolean): number =>
    workloads.filter(isOpen).length;
  const both = count(({ ingress, egress }) => ingress.length === 0 && egress.length === 0);
  const oneWay = count(({ ingress, egress }) => (ingress.length === 0) !== (egress.length === 0));
  const bound = workloads.length - both - oneWay;
  return `${formatCount(bound)} isolated both ways, ${formatCount(oneWay)} one way, ${formatCount(both)} not at all.`;
}

function captionOf({ connectionsByVerdict: verdicts, outOfScope }: PolicySummary): string {
  const parts = (['allowed', 'denied', 'not selected', 'undefined'] as const)
    .filter((verdict) => verdicts[verdict] > 0)
    .map((verdict) => `${formatCount(verdicts[verdict])} ${verdict}`);
  const what =
    'What the NetworkPolicies given say of each connection, as its client opened it. Not selected: no policy binds either end.';
  const scope =
    outOfScope === 0
      ? ''
      : ` ${counted(outOfScope, 'connection')} ${outOfScope === 1 ? 'is' : 'are'} of kinds that policies say nothing of: multicast, link-local, loopback.`;
  return `${parts.length === 0 ? '' : `Connections: ${parts.join(', ')}. `}${what}${scope}`;
}

function problemsOf({ problems, selectingNothing }: PolicySummary, names: ReadonlyMap<number, string>): string[] {
  const told = problems.map(({ file, line, policy, field, message }) => {
    const place = [file === null ? '' : line === null ? file : `${file}:${line}`, policy ?? '', field]
      .filter((text) => text !== '')
      .join(' ');
    return displayText(place === '' ? message : `${place}: ${message}`);
  });
  return [
    ...told,
    ...selectingNothing.map((id) => `${names.get(id) ?? `policy ${id}`} selects no pod of the inventory.`),
  ];
}

function policyName({ kind, namespace, name }: PolicyDescription): string {
  return displayText(`${kind} ${namespace === null ? name : `${namespace}/${name}`}`);
}

function rulesText(rules: number | null): string {
  if (rules === null) return '–';
  return rules === 0 ? 'nothing allowed' : counted(rules, 'rule');
}

function bindingText(ids: readonly number[], names: ReadonlyMap<number, string>): string {
  if (ids.length === 0) return 'open';
  return ids.map((id) => (names.get(id) ?? `policy ${id}`).replace(/^NetworkPolicy /, '')).join(', ');
}

function placeText(file: string | null, lines: PolicyLines | null): string {
  if (file === null) return '';
  if (lines === null) return displayText(file);
  return displayText(`${file}:${lines.first}${lines.last > lines.first ? `–${lines.last}` : ''}`);
}

function moreText(count: number, singular: string, plural?: string): string {
  return count > 0 ? `${counted(count, singular, plural)}: see the JSON report.` : '';
}
