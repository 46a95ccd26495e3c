/**
 * "In short": what is in these captures, in a few plain sentences, worst first. Made from the document alone, so that the page
 * and the terminal say the same.
 *
 * A capture shows what passed it, not what happened: an unanswered SYN is "not answered in this capture". What is diagnosed
 * stands in the findings.
 */
import {
  isFailed,
  type Connection,
  type ConnectionTable,
  type ReportDocument,
  type ReportSummary,
} from '../model/document.js';
import { compareText } from '../base/compare-text.js';
import type { Owner } from '../model/owner.js';
import { counted, formatBytes, formatCount, formatDuration, formatShare } from './figures.js';
import { describeNetwork } from './headline-network.js';
import { plain, strong, type Phrase, type Sentence } from './sentence.js';
import { WorkloadNames, fullName, partyOf, serverPartyOf } from './naming.js';

export interface Headline {
  /** `failures`: connections could not be set up; `quiet`: none; `empty`: no packets at all. */
  readonly tone: 'failures' | 'quiet' | 'empty';
  /** The one sentence to read. */
  readonly lead: Sentence;
  /** What else is worth a sentence, in order of importance. */
  readonly sentences: readonly Sentence[];
}

/** Connection attempts from one party to one port of another, of which some failed. */
export interface FailedAttempts {
  readonly client: string;
  /** With port, `shop/database:5432`. */
  readonly server: string;
  readonly attempts: number;
  readonly failed: number;
  /** Of the failed: answered with RST. The others had no answer. */
  readonly refused: number;
  /** Of the failed: denied by the policies. */
  readonly denied: number;
}

const FAILURES_TOLD = 3;
const PAIRS_TOLD = 3;

/** The sentence without its marks. */
export function plainSentence(sentence: Sentence): string {
  return sentence.map((phrase) => phrase.text).join('');
}

/** What is in the document, in sentences. `failures`: those of its connections, where somebody has gone through them already. */
export function describeContents(
  document: ReportDocument,
  failures: readonly FailedAttempts[] = hasFailures(document) ? findFailures(document.connections) : [],
): Headline {
  const { totals, captures } = document.summary;
  if (totals.packets === 0 && totals.connections === 0) {
    return { tone: 'empty', lead: [plain(`No packets in ${counted(captures.length, 'capture')}.`)], sentences: [] };
  }
  const traffic = describeTraffic(document);
  const resets = [...describeResets(document), ...describeNetwork(document.summary)];
  const size = describeSize(document);
  if (failures.length > 0) {
    const isWhole = document.connections.length >= totals.selectedConnections;
    const [worst = [], ...others] = failures.slice(0, FAILURES_TOLD).map((group) => describeFailure(group, isWhole));
    const more = describeMoreFailures(failures.slice(FAILURES_TOLD));
    return { tone: 'failures', lead: worst, sentences: [...others, ...more, ...resets, ...traffic, size] };
  }
  if (hasFailures(document) && totals.selectedConnections === totals.connections) {
    return { tone: 'failures', lead: describeUnshownFailures(document), sentences: [...resets, ...traffic, size] };
  }
  return {
    tone: 'quiet',
    lead: size,
    sentences: [...describeNetwork(document.summary), ...traffic, ...describeResets(document)],
  };
}

/** True if any connection of the captures failed, be it selected or not. */
export function hasFailures({ summary }: ReportDocument): boolean {
  return failedConnections(summary) > 0;
}

function failedConnections({ totals }: ReportSummary): number {
  return Object.entries(totals.connectionsByState).reduce(
    (total, [state, count]) => total + (isFailed('TCP', state) ? count : 0),
    0,
  );
}

/** Groups of attempts with failures, those with the most failures first. TCP only. */
export function findFailures(connections: ConnectionTable): FailedAttempts[] {
  const attempts = new AttemptGroups();
  for (let index = 0; index < connections.length; index++) attempts.add(connections.row(index));
  return attempts.failures();
}

/** Groups connections by client, server and port while somebody goes through them. */
export class AttemptGroups {
  private readonly names = new PartyNames();
  private readonly groups = new Map<string, { -readonly [Member in keyof FailedAttempts]: FailedAttempts[Member] }>();

  add(connection: Connection): void {
    if (connection.protocol !== 'TCP') return;
    const client = this.names.client(connection);
    const server = this.names.server(connection);
    const key = `${client}\n${server}`;
    let group = this.groups.get(key);
    if (group === undefined)
      this.groups.set(key, (group = { client, server, attempts: 0, failed: 0, refused: 0, denied: 0 }));
    group.attempts++;
    if (!isFailed(connection.protocol, connection.state)) return;
    group.failed++;
    if (connection.state === 'REJ') group.refused++;
    if (connection.policy?.verdict === 'denied') group.denied++;
  }

  /** Those of which some failed, the most failures first. */
  failures(): FailedAttempts[] {
    return [...this.groups.values()]
      .filter((group) => group.failed > 0)
      .sort((a, b) => b.failed - a.failed || compareText(a.client, b.client) || compareText(a.server, b.server));
  }
}

/** Names of parties, made once per owner: rows are many, owners are few. */
class PartyNames {
  private readonly byOwner = new WeakMap<Owner, string>();

  client(connection: Connection): string {
    return this.named(connection.client.owner) ?? fullName(partyOf(connection.client));
  }

  server(connection: Connection): string {
    const { owner, address, port } = connection.server;
    const name = this.named(owner);
    const party = name ?? fullName(serverPartyOf(connection));
    const bracketed = port !== null && party === address && address.includes(':') ? `[${party}]` : party;
    return port === null ? bracketed : `${bracketed}:${port}`;
  }

  private named(owner: Owner): string | null {
    if (owner.name === null && owner.workload === null) return null;
    let name = this.byOwner.get(owner);
    if (name === undefined) {
      name = fullName(partyOf({ address: '', owner }));
      this.byOwner.set(owner, name);
    }
    return name;
  }
}

/** If not all connections are there (`isWhole`), others of the group may have been set up: then no share is told. */
function describeFailure(group: FailedAttempts, isWhole: boolean): Sentence {
  const { client, server, attempts, failed, refused } = group;
  if (failed < attempts || !isWhole) {
    const share = isWhole ? `${formatCount(failed)} of ${formatCount(attempts)}` : formatCount(failed);
    return [
      strong(share),
      plain(` connection ${failed === 1 && !isWhole ? 'attempt' : 'attempts'} from `),
      strong(client),
      plain(' to '),
      strong(server),
      plain(` failed (${outcomes(failed - refused, refused)}).${policyText(group)}`),
    ];
  }
  const many = counted(attempts, 'connection attempt');
  const how =
    refused === 0
      ? `${many}, ${attempts === 1 ? 'not' : 'none'} answered in this capture.`
      : refused === failed
        ? `${many}, ${attempts === 1 ? '' : 'all '}refused.`
        : `${many}, ${outcomes(failed - refused, refused)}.`;
  return [strong(client), plain(' cannot reach '), strong(server), plain(`: ${how}${policyText(group)}`)];
}

/** Whether policies are why; nothing where they do not deny it. */
function policyText({ failed, denied }: Pick<FailedAttempts, 'failed' | 'denied'>): string {
  if (denied === 0) return '';
  if (denied < failed) return ` NetworkPolicy denies ${formatCount(denied)} of them.`;
  return ` NetworkPolicy denies ${failed === 1 ? 'it' : 'them'}.`;
}

function outcomes(unanswered: number, refused: number): string {
  const parts: string[] = [];
  if (unanswered > 0) parts.push(`${formatCount(unanswered)} not answered`);
  if (refused > 0) parts.push(`${formatCount(refused)} refused`);
  return parts.join(', ');
}

function describeMoreFailures(rest: readonly FailedAttempts[]): Sentence[] {
  if (rest.length === 0) return [];
  const attempts = rest.reduce((total, group) => total + group.failed, 0);
  const failed = counted(attempts, 'more connection attempt');
  const denied = rest.reduce((total, group) => total + group.denied, 0);
  const policy = policyText({ failed: attempts, denied });
  return [[plain(`${failed} failed between ${counted(rest.length, 'other pair')}.${policy}`)]];
}

/** `--top` keeps the connections with the most bytes, and those that failed have few. */
function describeUnshownFailures({ summary, connections }: ReportDocument): Sentence {
  const shown = `${formatCount(connections.length)} connections`;
  return [
    strong(counted(failedConnections(summary), 'connection attempt')),
    plain(` failed; none of them is among the ${shown} of this report.`),
  ];
}

function describeResets(document: ReportDocument): Sentence[] {
  const { connectionsByState } = document.summary.totals;
  const resets = (connectionsByState['RSTO'] ?? 0) + (connectionsByState['RSTR'] ?? 0);
  if (resets === 0) return [];
  return [[strong(counted(resets, 'connection')), plain(` ${resets === 1 ? 'was' : 'were'} set up and then reset.`)]];
}

/** Who talks to whom, by bytes. */
function describeTraffic(document: ReportDocument): Sentence[] {
  const { pairs, otherPairs } = document.summary.endpoints;
  const names = new WorkloadNames(document.summary);
  const bytes = pairs.reduce((total, pair) => total + pair.bytes, otherPairs.bytes);
  if (bytes === 0) return [];
  const told = pairs
    .slice(0, PAIRS_TOLD)
    .flatMap((pair, index): Phrase[] => [
      plain(index === 0 ? '' : index === Math.min(PAIRS_TOLD, pairs.length) - 1 ? ' and ' : ', '),
      strong(`${fullName(names.nameOf(pair.client))} → ${fullName(names.nameOf(pair.server))}`),
      plain(` (${formatBytes(pair.bytes)}, ${formatShare(pair.bytes, bytes)})`),
    ]);
  return [[plain(pairs.length > 1 ? 'Most traffic: ' : 'All traffic: '), ...told, plain('.')]];
}

/** How much there is, and that nothing failed, where something could have. */
function describeSize(document: ReportDocument): Sentence {
  const { totals, endpoints, time } = document.summary;
  const protocols = Object.entries(totals.connectionsByProtocol)
    .sort(([a, x], [b, y]) => y - x || compareText(a, b))
    .map(([protocol, count]) => `${formatCount(count)} ${protocol}`);
  const namespaces = new Set(endpoints.workloads.map((workload) => workload.namespace).filter((one) => one !== null));
  const mixture = protocols.length > 1 ? ` (${protocols.join(', ')})` : '';
  const within = time === null ? '' : ` within ${formatDuration(time.durationNs / 1000)}`;
  const where = namespaces.size === 0 ? '' : ` in ${counted(namespaces.size, 'namespace')}`;
  const isHealthy = totals.connectionsByProtocol['TCP'] !== undefined && !hasFailures(document);
  const health = isHealthy ? '; no attempt failed' : '';
  return [
    strong(counted(totals.connections, 'connection')),
    plain(`${mixture} between ${counted(endpoints.workloads.length, 'party', 'parties')}${where}${within}${health}.`),
  ];
}
