/**
 * Sentences for "In short" on what several vantage points tell together: packets lost between two of them, clocks that differ, tunnels
 * that fail, and traffic that policies forbid.
 */
import type { NodeClock, ReportSummary } from '../model/document.js';
import { counted, formatCount, formatLatency, formatShare } from './figures.js';
import { plain, strong, type Phrase, type Sentence } from './sentence.js';

/** Differences of clocks below this bother nobody who reads times of day. */
const NOTABLE_OFFSET_NS = 1_000_000;
const CLOCKS_TOLD = 3;

/** Worst first; empty where nothing is the matter. */
export function describeNetwork(summary: ReportSummary): Sentence[] {
  return [
    ...describeBreaches(summary),
    ...describeUnexplainedDrops(summary),
    ...describeLoss(summary),
    ...describeTunnels(summary),
    ...describeClocks(summary),
  ];
}

function describeBreaches({ policies }: ReportSummary): Sentence[] {
  const breached = policies?.connectionsByOutcome['denied but established'] ?? 0;
  if (breached === 0) return [];
  const were = breached === 1 ? 'was' : 'were';
  return [
    [
      strong(counted(breached, 'connection')),
      plain(` ${were} established although the policies deny ${breached === 1 ? 'it' : 'them'}.`),
    ],
  ];
}

/** What was dropped for no reason that the policies give. */
function describeUnexplainedDrops({ policies }: ReportSummary): Sentence[] {
  const dropped = policies?.connectionsByOutcome['allowed but dropped'] ?? 0;
  if (dropped === 0) return [];
  const [was, them] = dropped === 1 ? ['was', 'it'] : ['were', 'them'];
  return [
    [
      strong(counted(dropped, 'connection')),
      plain(` ${was} dropped by a policy engine although the policies known allow ${them}.`),
    ],
  ];
}

/** The place that lost most, and how much more was lost elsewhere. */
function describeLoss({ segments, vantagePoints }: ReportSummary): Sentence[] {
  const lossy = segments.filter(({ lost }) => lost > 0).sort((a, b) => b.lost - a.lost);
  const [worst, ...others] = lossy;
  if (worst === undefined) return [];
  const nameOf = (id: number): string => vantagePoints.find((point) => point.id === id)?.name ?? `vantage point ${id}`;
  const elsewhere = others.reduce((total, { lost }) => total + lost, 0);
  return [
    [
      strong(counted(worst.lost, 'packet')),
      plain(` (${formatShare(worst.lost, worst.packets)}) ${worst.lost === 1 ? 'was' : 'were'} lost between `),
      strong(nameOf(worst.from)),
      plain(' and '),
      strong(nameOf(worst.to)),
      plain(elsewhere === 0 ? '.' : `, ${formatCount(elsewhere)} elsewhere.`),
    ],
  ];
}

function describeTunnels({ wireguard }: ReportSummary): Sentence[] {
  const failing = (wireguard?.peers ?? []).filter(({ state }) => state === 'failing');
  const [first] = failing;
  if (first === undefined) return [];
  const [a, b] = [first.a, first.b].map((end) => end.node ?? end.address);
  const more = failing.length === 1 ? '.' : `, and of ${counted(failing.length - 1, 'other pair')}.`;
  return [[plain('WireGuard handshakes fail between '), strong(a ?? ''), plain(' and '), strong(b ?? ''), plain(more)]];
}

function describeClocks({ clocks }: ReportSummary): Sentence[] {
  if (clocks === null) return [];
  const differing = clocks.nodes
    .filter((clock) => Math.abs(clock.offsetNs ?? 0) >= NOTABLE_OFFSET_NS)
    .sort((a, b) => Math.abs(b.offsetNs ?? 0) - Math.abs(a.offsetNs ?? 0));
  const steps = clocks.steps.length === 0 ? '' : ` ${counted(clocks.steps.length, 'clock')} set while capturing.`;
  if (differing.length === 0) return steps === '' ? [] : [[plain(steps.trim())]];
  const told = differing.slice(0, CLOCKS_TOLD);
  const more = differing.length - told.length;
  const phrases = told.flatMap((clock, index): Phrase[] => [
    plain(index === 0 ? 'Clocks differ: ' : ', '),
    strong(clock.node),
    plain(` is ${offsetText(clock)}`),
  ]);
  const others = more > 0 ? `, and ${counted(more, 'more')}` : '';
  return [[...phrases, plain(`${others} of ${clocks.reference}, whose time this report tells.${steps}`)]];
}

function offsetText({ offsetNs, errorNs }: NodeClock): string {
  const amount = Math.abs(offsetNs ?? 0) / 1000;
  const error = errorNs === null ? '' : ` (± ${formatLatency(errorNs / 1000)})`;
  return `${formatLatency(amount)}${error} ${(offsetNs ?? 0) < 0 ? 'behind' : 'ahead'}`;
}
