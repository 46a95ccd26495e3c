/** What the summary says of the nodes' clocks: only those that surely differ from the one by which times are told, or were set. */
import type { ClockSummary, NodeClock } from '../model/document.js';
import { formatDuration } from '../report/figures.js';

const MOST_NODES = 6;
const NANOSECONDS_PER_MICROSECOND = 1000;

/** Null if no clock is known to differ. */
export function clockSentence(clocks: ClockSummary | null): string | null {
  if (clocks === null) return null;
  const { reference, nodes, steps } = clocks;
  const apart = nodes.filter(differs);
  const shown = apart.slice(0, MOST_NODES).map(describe);
  if (apart.length > MOST_NODES) shown.push(`and ${apart.length - MOST_NODES} more`);
  const sentences = [
    ...(apart.length === 0 ? [] : [`Times are those of the clock of ${reference}: ${shown.join(', ')}.`]),
    ...[...new Set(steps.map(({ node }) => node))].map((node) => `The clock of ${node} was set while it was captured.`),
  ];
  return sentences.length === 0 ? null : sentences.join(' ');
}

function differs({ basis, offsetNs, errorNs, driftPpm, driftErrorPpm }: NodeClock): boolean {
  if (basis === 'reference' || offsetNs === null) return false;
  if (driftPpm !== null && Math.abs(driftPpm) > (driftErrorPpm ?? Infinity)) return true;
  return basis === 'given' ? offsetNs !== 0 : errorNs !== null && Math.abs(offsetNs) > errorNs;
}

function describe({ node, offsetNs, errorNs, driftPpm, driftErrorPpm, basis }: NodeClock): string {
  const offset = offsetNs ?? 0;
  const where = `${node} is ${duration(Math.abs(offset))} ${offset < 0 ? 'behind' : 'ahead'}`;
  if (basis === 'given') return `${where} as given`;
  const isDrifting = driftPpm !== null && Math.abs(driftPpm) > (driftErrorPpm ?? Infinity);
  const drift = isDrifting ? `, ${Math.abs(driftPpm)} ppm too ${driftPpm < 0 ? 'slow' : 'fast'}` : '';
  return errorNs === null
    ? `${where}${drift}`
    : `${where} (± ${duration(Math.ceil(errorNs / NANOSECONDS_PER_MICROSECOND) * NANOSECONDS_PER_MICROSECOND)}${drift})`;
}

function duration(nanoseconds: number): string {
  return formatDuration(nanoseconds / NANOSECONDS_PER_MICROSECOND);
}
