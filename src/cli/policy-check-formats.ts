/**
 * The result of `policy check` as text, JSON, JUnit XML and SARIF 2.1.0 (OASIS).
 *
 * JUnit and SARIF point at the file and line of the policy that decides, so that a pipeline shows it beside the change. JUnit has no
 * specification; this is what Jenkins' and GitLab's readers take.
 */
import { VERSION } from '../base/version.js';
import { counted } from '../report/figures.js';
import { formatEnd } from '../policy/connection.js';
import { reasonOf } from '../policy/explanation-text.js';
import { describeProblem } from '../policy/load.js';
import { type Policy, policyKey } from '../policy/policy.js';
import { type ConnectionVerdict, type EndVerdict, passes } from '../policy/verdict.js';
import type { Change, ChangeKind, CheckResult } from './policy-check-result.js';
import type { CheckFormat } from './policy-options.js';
import { plainText } from './text.js';

/** A place in a policy file. */
interface Place {
  readonly file: string;
  readonly line: number;
}

const FORMATS: Readonly<Record<CheckFormat, (result: CheckResult) => string>> = {
  text: formatText,
  json: formatJson,
  junit: formatJunit,
  sarif: formatSarif,
};

export function formatCheck(format: CheckFormat, result: CheckResult): string {
  return FORMATS[format](result);
}

const HEADINGS: Readonly<Record<ChangeKind, string>> = {
  broken: 'BROKEN: it worked, and would be denied',
  opened: 'OPENED: it is denied, and would be allowed',
  doubtful: 'DOUBTFUL: the verdict is undefined on one side',
  'denied anyway': 'DENIED, but it had not worked before either',
};

function formatText(result: CheckResult): string {
  const lines = [summaryOf(result)];
  for (const kind of Object.keys(HEADINGS) as ChangeKind[]) {
    const changes = result.changes.filter((change) => change.kind === kind);
    if (changes.length === 0) continue;
    lines.push('', HEADINGS[kind]);
    for (const change of changes) {
      const place = placeOf(change, result);
      lines.push(`  ${titleOf(change)}${seenText(change)}`);
      lines.push(`    now: ${reasonsOf(change.before)}`);
      lines.push(`    then: ${thenText(change)}`);
      if (place !== null) lines.push(`    ${place.file}:${place.line}`);
    }
  }
  return `${lines.map(plainText).join('\n')}\n`;
}

function summaryOf({ changes, unchanged, problems, proposed, currentPolicies }: CheckResult): string {
  const countOf = (kind: ChangeKind): number =>
    changes.filter((change) => change.kind === kind).reduce((sum, { connection }) => sum + connection.count, 0);
  const parts = [
    `${counted(countOf('broken'), 'connection')} would break`,
    `${countOf('opened')} would open`,
    ...(countOf('doubtful') > 0 ? [`${countOf('doubtful')} doubtful`] : []),
    ...(countOf('denied anyway') > 0 ? [`${countOf('denied anyway')} would be denied that had not worked`] : []),
    `${unchanged} stay as they are`,
  ];
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const invalid = errors === 0 ? '' : `; ${counted(errors, 'error')} in the proposed files`;
  return `${parts.join(', ')} (${counted(proposed.length, 'proposed policy', 'proposed policies')}, ${currentPolicies} in force)${invalid}`;
}

/** `shop/web-0 (10.0.0.1) to shop/db-0 (10.0.0.2), 5432/TCP`. */
function titleOf({ connection: { source, destination, port, protocol } }: Change): string {
  return `${formatEnd(source)} to ${formatEnd(destination)}, ${port === null ? '' : `${port}/`}${protocol}`;
}

function seenText({ connection: { count, start } }: Change): string {
  return `: ${counted(count, 'connection')}, the first at ${start}`;
}

function reasonsOf({ egress, ingress }: ConnectionVerdict): string {
  const denying = [egress, ingress].filter(({ verdict }) => verdict === 'denied');
  if (denying.length > 0) {
    return denying.map((end) => `${end.direction} denied by ${namesOf(decidingPolicies(end))}`).join('; ');
  }
  return [egress, ingress]
    .map((end) => {
      const names = end.deciding.map(({ policy, rule }) => `${policyKey(policy)} rule ${rule.number}`);
      return `${end.direction} ${end.verdict}${names.length === 0 ? '' : ` by ${names.join(', ')}`}`;
    })
    .join('; ');
}

/** What the proposal would say; for a denial with why its rules miss. */
function thenText({ after }: Change): string {
  const denying = [after.egress, after.ingress].filter(({ verdict }) => verdict === 'denied');
  if (denying.length === 0) return reasonsOf(after);
  return denying.map((end) => `${end.direction} denied: ${reasonOf(end)}`).join('; ');
}

function namesOf(policies: readonly Policy[]): string {
  return policies.map(policyKey).join(', ');
}

/** For a denial by NetworkPolicies: all that select the end, as none of them allows it. */
function decidingPolicies({ deciding, selecting }: EndVerdict): readonly Policy[] {
  return deciding.length > 0 ? deciding.map(({ policy }) => policy) : selecting;
}

/**
 * Where the proposal decides: the rule, or the policy of which no rule matches; for what it no longer denies, its version of the
 * policy that does now. A place in the proposed files goes before one in the inventory.
 */
function placeOf({ before, after }: Change, { proposed }: CheckResult): Place | null {
  const ends = [after.egress, after.ingress];
  const decisive = ends.filter(({ verdict }) => !passes(verdict));
  const successors = [before.egress, before.ingress]
    .filter(({ verdict }) => !passes(verdict))
    .flatMap(decidingPolicies)
    .flatMap((former) => proposed.filter((policy) => policyKey(policy) === policyKey(former)));
  const candidates = (decisive.length > 0 ? decisive : ends).flatMap(({ deciding, selecting }) => [
    ...deciding.map(({ policy, rule }) => ({ policy, lines: rule.lines ?? policy.lines })),
    ...selecting.map((policy) => ({ policy, lines: policy.lines })),
  ]);
  const all = [...candidates, ...successors.map((policy) => ({ policy, lines: policy.lines }))];
  const inProposal = all.filter(({ policy }) => proposed.includes(policy));
  for (const { policy, lines } of [...inProposal, ...all]) {
    if (policy.file !== null && lines !== null) return { file: policy.file, line: lines.first };
  }
  return null;
}

function formatJson(result: CheckResult): string {
  const verdict = ({ verdict: whole, egress, ingress }: ConnectionVerdict): object => ({
    verdict: whole,
    egress: endJson(egress),
    ingress: endJson(ingress),
  });
  const { unchanged, proposed, currentPolicies, problems } = result;
  const document = {
    format: 'podtrail-policy-check/1',
    proposedPolicies: proposed.length,
    currentPolicies,
    unchangedConnections: unchanged,
    changes: result.changes.map((change) => ({
      change: change.kind,
      client: formatEnd(change.connection.source),
      server: formatEnd(change.connection.destination),
      protocol: change.connection.protocol,
      port: change.connection.port,
      connections: change.connection.count,
      worked: change.connection.worked,
      first: { id: change.connection.id, start: change.connection.start },
      before: verdict(change.before),
      after: verdict(change.after),
      place: placeOf(change, result),
    })),
    problems,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function endJson(end: EndVerdict): object {
  return { verdict: end.verdict, policies: decidingPolicies(end).map(policyKey) };
}

function formatJunit(result: CheckResult): string {
  const cases = result.changes.map((change) => junitCase(change, result));
  const errors = result.problems.filter(({ severity }) => severity === 'error');
  for (const problem of errors) {
    const attributes = fileAttributes(problem.file === null ? null : { file: problem.file, line: problem.line ?? 1 });
    const message = xml(describeProblem(problem));
    cases.push(
      `  <testcase classname="policies" name="${message}"${attributes}>\n    <error message="${message}" type="invalid policy"/>\n  </testcase>`,
    );
  }
  cases.push(`  <testcase classname="connections" name="${result.unchanged} other connections keep their verdict"/>`);
  const failures = result.changes.filter(({ kind }) => kind === 'broken').length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}" errors="${errors.length}">`,
    ` <testsuite name="podtrail policy check" tests="${cases.length}" failures="${failures}" errors="${errors.length}">`,
    ...cases,
    ' </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function junitCase(change: Change, result: CheckResult): string {
  const head = `  <testcase classname="${change.kind}" name="${xml(titleOf(change))}"${fileAttributes(placeOf(change, result))}>`;
  const text = xml(`now: ${reasonsOf(change.before)}\nthen: ${thenText(change)}`);
  const message = xml(`${HEADINGS[change.kind]}${seenText(change)}`);
  const body =
    change.kind === 'broken'
      ? `    <failure message="${message}" type="broken">${text}</failure>`
      : `    <system-out>${message}\n${text}</system-out>`;
  return `${head}\n${body}\n  </testcase>`;
}

function fileAttributes(place: Place | null): string {
  return place === null ? '' : ` file="${xml(place.file)}" line="${place.line}"`;
}

/** Text for XML 1.0: its five entities, and no character that XML has none for. */
function xml(text: string): string {
  return plainText(text.replaceAll('\n', '; '))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

const SARIF_RULES: readonly {
  readonly kind: ChangeKind | 'invalid';
  readonly id: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly text: string;
}[] = [
  { kind: 'broken', id: 'policy-breaks', level: 'error', text: 'A connection that worked would be denied.' },
  { kind: 'opened', id: 'policy-opens', level: 'warning', text: 'A connection that is denied would be allowed.' },
  { kind: 'doubtful', id: 'policy-doubtful', level: 'note', text: 'The verdict on a connection is undefined.' },
  {
    kind: 'denied anyway',
    id: 'policy-denies',
    level: 'note',
    text: 'A connection that had not worked would be denied.',
  },
  { kind: 'invalid', id: 'policy-invalid', level: 'error', text: 'A policy is not valid.' },
];

function formatSarif(result: CheckResult): string {
  const changes = result.changes.map((change) =>
    sarifResult(
      change.kind,
      `${titleOf(change)}${seenText(change)}. Now: ${reasonsOf(change.before)}. Then: ${thenText(change)}.`,
      placeOf(change, result),
    ),
  );
  const problems = result.problems.map((problem) => ({
    ...sarifResult(
      'invalid',
      describeProblem(problem),
      problem.file === null ? null : { file: problem.file, line: problem.line ?? 1 },
    ),
    level: problem.severity,
  }));
  const run = {
    tool: {
      driver: {
        name: 'podtrail',
        semanticVersion: VERSION,
        rules: SARIF_RULES.map(({ id, level, text }) => ({
          id,
          shortDescription: { text },
          defaultConfiguration: { level },
        })),
      },
    },
    results: [...changes, ...problems],
  };
  const document = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function sarifResult(kind: ChangeKind | 'invalid', text: string, place: Place | null): object {
  const index = SARIF_RULES.findIndex((rule) => rule.kind === kind);
  const rule = SARIF_RULES[index];
  const location = place === null ? [] : [sarifLocation(place)];
  return { ruleId: rule?.id, ruleIndex: index, level: rule?.level, message: { text }, locations: location };
}

function sarifLocation({ file, line }: Place): object {
  // A path relative to the repository, as a URI reference (RFC 3986).
  const uri = encodeURI(file.replaceAll('\\', '/')).replaceAll('#', '%23').replaceAll('?', '%3F');
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line } } };
}
