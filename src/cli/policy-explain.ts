/** `podtrail policy explain`: the verdict and every reason, for connections that were seen or for one that is described. */
import type { AnalysisRequest } from '../analysis/request.js';
import { PodtrailError } from '../base/errors.js';
import { parseTimestamp, type Timestamp } from '../base/time.js';
import type {
  Connection as ReportConnection,
  ConnectionPolicy,
  ConnectionTable,
  PolicyOutcome,
} from '../model/document.js';
import { type Connection, formatEnd } from '../policy/connection.js';
import { findEnd, type NamedEnd } from '../policy/find-end.js';
import type { PolicyJudge } from '../policy/judge.js';
import { OUTCOMES } from '../policy/outcome.js';
import { describePolicy } from '../policy/explanation-text.js';
import { counted } from '../report/figures.js';
import { allValues, lastValue, type ParsedArguments } from './arguments.js';
import type { ExitCode } from './exit-code.js';
import { analyzeJudged, type PolicyCommand } from './policy-session.js';
import { plainText } from './text.js';
import { parsePort } from './values.js';

const HINT = 'podtrail policy explain --help shows how it is called.';

export async function explain(command: PolicyCommand): Promise<ExitCode> {
  const { parsed, inputs } = command;
  const isQuestion = ['from', 'to', 'port'].some((option) => lastValue(parsed, option) !== null);
  if (isQuestion && inputs.captures.length > 0) {
    throw new PodtrailError('usage', '--from, --to and --port describe a connection, and so take no captures', {
      hint: HINT,
    });
  }
  if (inputs.inventory.length === 0) throw new PodtrailError('usage', 'no inventory is given', { hint: HINT });
  if (isQuestion) return explainOne(command);
  if (inputs.captures.length === 0) {
    throw new PodtrailError('usage', 'neither captures nor --from, --to and --port are given', { hint: HINT });
  }
  return explainSeen(command);
}

/** One kind of connection: those with the same ends and port that went the same way. */
interface Explained {
  readonly row: ReportConnection;
  readonly policy: ConnectionPolicy;
  count: number;
}

async function explainSeen(command: PolicyCommand): Promise<ExitCode> {
  const { parsed, session } = command;
  const analysis = await analyzeJudged(session, await command.findInputs([]));
  if (analysis === null) return session.exitCode();
  const { document, judge } = analysis;
  const { policies } = document.summary;
  if (policies === null) {
    session.messenger.warning('there are no policies, so everything is allowed', 'Give some with --policies PATH.');
    return session.exitCode();
  }
  const verdicts = new Set(allValues(parsed, 'verdict').map((word) => word.replace('-', ' ')));
  const explained = explainedOf(document.connections).filter(
    ({ policy }) => verdicts.size === 0 || verdicts.has(policy.verdict),
  );
  if (lastValue(parsed, 'format') === 'json') {
    const connections = explained.map(({ row, policy, count }) => ({ ...endsOf(row), connections: count, policy }));
    await session.print(`${JSON.stringify({ policies: policies.policies, connections }, null, 1)}\n`);
  } else {
    const texts = explained.map((one) => explainedText(one, judge));
    await session.print(texts.length === 0 ? 'No such connection.\n' : [overview(explained), ...texts].join('\n'));
    if (policies.outOfScope > 0) {
      const left = counted(policies.outOfScope, 'connection');
      session.messenger.info(`Left out: ${left} of which policies say nothing: multicast, broadcast, link-local`);
    }
  }
  return session.exitCode();
}

function explainedOf(table: ConnectionTable): Explained[] {
  const kinds = new Map<ConnectionPolicy, Explained>();
  for (let index = 0; index < table.length; index++) {
    const row = table.row(index);
    const { policy } = row;
    if (policy === null) continue;
    const known = kinds.get(policy);
    if (known === undefined) kinds.set(policy, { row, policy, count: 1 });
    else known.count++;
  }
  return [...kinds.values()].sort((a, b) => attentionOf(a) - attentionOf(b));
}

/** What needs somebody's attention comes first; otherwise they stay in the order of time. */
function attentionOf({ policy }: Explained): number {
  return OUTCOMES.indexOf(policy.outcome);
}

/** `9 connections denied and dropped; 8 allowed and answered`: connections by how they went. */
function overview(explained: readonly Explained[]): string {
  const counts = new Map<PolicyOutcome, number>();
  for (const { policy, count } of explained) counts.set(policy.outcome, (counts.get(policy.outcome) ?? 0) + count);
  const parts = Array.from(counts, ([outcome, count], at) => {
    return `${at === 0 ? counted(count, 'connection') : count} ${outcome}`;
  });
  return `${parts.join('; ')}\n`;
}

function endsOf({ id, start, client, server, protocol }: ReportConnection): object {
  return { client, server, protocol, first: { id, start } };
}

function explainedText({ row, policy, count }: Explained, judge: PolicyJudge): string {
  const question = judge.questionOf(row);
  return textOf([
    `${titleOf(question)}: ${policy.outcome}`,
    `  ${counted(count, 'connection')}, the first at ${row.start}`,
    ...judge.describe(question, judge.epochAt(parseTimestamp(row.start))).lines.map((line) => `  ${line}`),
    ...policy.remarks.map((remark) => `  * ${remark}`),
  ]);
}

function titleOf({ source, destination, port, protocol }: Connection): string {
  return `${formatEnd(source)} to ${formatEnd(destination)}, ${port === null ? '' : `${port}/`}${protocol}`;
}

/** Lines that keep their indentation, with nothing that a terminal could obey. */
function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${plainText(line)}\n`).join('');
}

async function explainOne(command: PolicyCommand): Promise<ExitCode> {
  const { parsed, session } = command;
  const [from, to] = [required(parsed, 'from'), required(parsed, 'to')];
  const { port, protocol } = portOf(required(parsed, 'port'));
  const request = await command.findInputs([]);
  const { inventory, judge } = await loadWorld(request, command);
  const at = latestSnapshot(inventory.summary.snapshots);
  const end = (option: string, text: string): NamedEnd => {
    const found = findEnd(text, judge, inventory, at, { protocol, port });
    if (found === null) {
      throw new PodtrailError('usage', `--${option} ${text}: the inventory has no such pod or workload`, {
        hint: 'Write NAMESPACE/POD, NAMESPACE/WORKLOAD, or an address.',
      });
    }
    if (found.others > 0) {
      session.messenger.info(`${text} means ${formatEnd(found.end)} and ${counted(found.others, 'other pod')}`);
    }
    return found;
  };
  const connection: Connection = {
    source: end('from', from).end,
    destination: end('to', to).end,
    protocol,
    port,
    throughService: false,
  };
  const { verdict, lines } = judge.describe(connection, null);
  if (lastValue(parsed, 'format') === 'json') {
    const policy = judge.explain(connection, 'not seen', { hasSourceNat: false, epoch: null, drop: null });
    const policies = judge.policies.map((one, id) => ({ id, name: describePolicy(one) }));
    await session.print(`${JSON.stringify({ connection, policies, policy }, null, 1)}\n`);
  } else {
    await session.print(textOf([`${titleOf(connection)}: ${verdict}`, ...lines.map((line) => `  ${line}`)]));
  }
  return session.exitCode();
}

async function loadWorld(request: AnalysisRequest, { session }: PolicyCommand) {
  const { loadRequested, makeJudge } = await import('../analysis/load-judge.js');
  const inventory = await loadRequested(request, session.handleEvent);
  return { inventory, judge: await makeJudge(request, inventory, session.handleEvent) };
}

function latestSnapshot(snapshots: readonly string[]): Timestamp {
  return parseTimestamp(snapshots.at(-1) ?? '') ?? { seconds: 0, nanoseconds: 0 };
}

function required(parsed: ParsedArguments, option: string): string {
  const value = lastValue(parsed, option);
  if (value !== null && value !== '') return value;
  throw new PodtrailError('usage', `--${option} is missing`, { hint: HINT });
}

/** `8080`, `8080/TCP`, `53/udp`. */
function portOf(text: string): { readonly port: number; readonly protocol: string } {
  const [number = '', protocol = 'TCP', ...rest] = text.split('/');
  const port = parsePort(number);
  const name = protocol.toUpperCase();
  if (port !== null && rest.length === 0 && ['TCP', 'UDP', 'SCTP'].includes(name)) return { port, protocol: name };
  throw new PodtrailError('usage', `--port ${text}: write a port and its protocol, such as 8080/TCP`, { hint: HINT });
}
