/**
 * The text that `kubectl get pods -o wide` prints, with or without `-A`: best effort, for when nothing better was saved.
 *
 * It has neither uid, labels nor exact times; AGE counts back from when it was printed and is rounded down as
 * k8s.io/apimachinery/pkg/util/duration.HumanDuration does. Columns are cut where the header's names begin.
 */
import { canonicalAddresses } from '../addresses/address-text.js';
import { emptyFacts, type KubernetesFacts, type PodSighting } from '../facts/facts.js';
import { groupBy } from '../multimap.js';
import type { KubernetesDocument } from './documents.js';

const HEADER = /^(NAMESPACE\s+)?NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\b/;
const ENDED = new Set(['Completed', 'Error', 'Succeeded', 'Failed', 'Evicted', 'OOMKilled', 'ContainerStatusUnknown']);
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };

/** Age of a pod: at least `atLeast` seconds and less than `lessThan`. */
export interface Age {
  readonly atLeast: number;
  readonly lessThan: number;
}

/** Rows of the table; ages are kept apart because they mean something only once the snapshot is dated. */
export interface PodsTable extends KubernetesDocument {
  /** By index in `facts.pods`. */
  readonly ages: readonly (Age | null)[];
}

export function looksLikePodsTable(text: string): boolean {
  return HEADER.test(text.trimStart());
}

export function readPodsTable(text: string): PodsTable {
  const lines = text.trimStart().split(/\r?\n/);
  const columns = columnsOf(lines[0] ?? '');
  const facts = emptyFacts();
  const ages: (Age | null)[] = [];
  for (const line of lines.slice(1)) {
    const row = readRow(line, columns);
    const name = row['NAME'] ?? '';
    if (name === '' || name === 'NAME') continue;
    addPod(facts, row, name);
    ages.push(parseAge(row['AGE'] ?? ''));
  }
  markHostNetwork(facts.pods);
  facts.kinds.set('Pod', facts.pods.length);
  const allNamespaces = columns.some(({ name }) => name === 'NAMESPACE');
  return { facts, isComplete: allNamespaces && facts.pods.length > 0, ages };
}

interface Column {
  readonly name: string;
  readonly from: number;
}

function columnsOf(header: string): Column[] {
  const columns: Column[] = [];
  for (const match of header.matchAll(/\S+(?: \S+)*/g)) columns.push({ name: match[0], from: match.index });
  return columns;
}

/** A cell begins where its heading does; kubectl pads with at least three blanks, so text never runs over. */
function readRow(line: string, columns: readonly Column[]): Record<string, string> {
  const cells = columns.map(({ name, from }, index): [string, string] => {
    const next = columns[index + 1];
    return [name, line.slice(from, next?.from).trim()];
  });
  return Object.fromEntries(cells);
}

function addPod(facts: KubernetesFacts, row: Record<string, string>, name: string): void {
  const status = row['STATUS'] ?? '';
  const node = row['NODE'] ?? '';
  facts.pods.push({
    namespace: row['NAMESPACE'] ?? null,
    name,
    uid: null,
    node: node === '' || node === '<none>' ? null : node,
    labels: {},
    hostNetwork: false,
    addresses: canonicalAddresses([row['IP'] ?? '']),
    nodeAddresses: [],
    created: null,
    started: null,
    runningSince: null,
    isRunning: status === 'Running',
    ended: ENDED.has(status),
    finished: null,
    deletion: null,
    controller: null,
    ports: [],
    newest: null,
    fromTable: true,
  });
}

/** Running pods of one node with one address can only be in the node's own network namespace. */
function markHostNetwork(pods: PodSighting[]): void {
  const running = pods.filter(({ ended, node }) => !ended && node !== null);
  const byAddress = groupBy(running, ({ addresses, node }) => `${node}/${addresses[0] ?? ''}`);
  pods.forEach((pod, index) => {
    const [address] = pod.addresses;
    const sharing = address === undefined ? [] : (byAddress.get(`${pod.node}/${address}`) ?? []);
    if (sharing.length > 1) pods[index] = { ...pod, hostNetwork: true };
  });
}

/** Reads `22d`, `5m30s`, `2y10d`; null if it is none. The last unit printed is the precision. */
export function parseAge(text: string): Age | null {
  if (!/^(\d+[smhdy])+$/.test(text)) return null;
  let seconds = 0;
  let precision = 1;
  for (const [, digits, unit] of text.matchAll(/(\d+)([smhdy])/g)) {
    precision = SECONDS[unit ?? 's'] ?? 1;
    seconds += Number(digits) * precision;
  }
  return { atLeast: seconds, lessThan: seconds + precision };
}
