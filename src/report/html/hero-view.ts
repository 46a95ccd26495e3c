/** The top of the page: one line of facts, "In short", the figures, and what this capture cannot show. */
import { isFailed, type ReportSummary } from '../../model/document.js';
import { counted, formatBytes, formatCount, formatDuration, formatShortCount } from '../figures.js';
import { describeContents, type Headline } from '../headline.js';
import type { Sentence } from '../sentence.js';
import { displayText } from '../text.js';
import type { TimeZone } from '../zone.js';
import type { ViewContext } from './context.js';

export interface HeroView {
  readonly facts: readonly string[];
  readonly tone: Headline['tone'];
  readonly sign: string;
  readonly lead: Sentence;
  readonly sentences: readonly Sentence[];
  readonly figures: readonly FigureView[];
  readonly limitations: readonly LimitationView[];
}

export interface FigureView {
  readonly value: string;
  readonly label: string;
  readonly tone: string;
  readonly href: string;
  /** State group that a click filters the connections by; empty for none. */
  readonly state: string;
}

export interface LimitationView {
  readonly severity: string;
  readonly sign: string;
  readonly text: string;
  readonly advice: string;
}

const SIGNS: Readonly<Record<Headline['tone'], string>> = { failures: '✕', quiet: '✓', empty: '○' };

export function heroView(context: ViewContext): HeroView {
  const { summary, zone, document, failures } = context;
  const headline = describeContents(document, failures);
  return {
    facts: factsOf(summary, zone),
    tone: headline.tone,
    sign: SIGNS[headline.tone],
    lead: shown(headline.lead),
    sentences: headline.sentences.map(shown),
    figures: headline.tone === 'empty' ? [] : figuresOf(context),
    limitations: summary.limitations.map(({ severity, text, advice }) => ({
      severity,
      sign: severity === 'warning' ? '▲' : '○',
      text: displayText(text),
      advice: displayText(advice ?? ''),
    })),
  };
}

function shown(sentence: Sentence): Sentence {
  return sentence.map(({ text, strong }) => ({ text: keepTogether(displayText(text)), strong }));
}

/** A figure and its unit stay on one line. */
function keepTogether(text: string): string {
  return text.replace(/(\d) (?=(?:%|[kMGTP]?B|µs|ms|s|min|h|d)(?:[ ,;.)]|$))/g, '$1\u00a0');
}

/** `3 captures · 2 nodes · 2026-11-23 14:02:07–14:06:41 UTC (4 min 34 s) · 1.2 M packets · 842 MB`. */
function factsOf(summary: ReportSummary, zone: TimeZone): string[] {
  const { captures, vantagePoints, totals, time } = summary;
  const nodes = new Set(vantagePoints.map((point) => point.node).filter((node) => node !== null));
  const facts = [counted(captures.length, 'capture')];
  if (summary.partial) facts.unshift('interrupted, not complete');
  if (nodes.size > 0) facts.push(counted(nodes.size, 'node'));
  if (time !== null) {
    const [start, end] = [zone.formatTimestamp(time.start), zone.formatTimestamp(time.end)];
    const until = start.date === end.date ? '–' : ` – ${end.date} `;
    const duration = formatDuration(time.durationNs / 1000);
    facts.push(`${start.date} ${start.time.slice(0, 8)}${until}${end.time.slice(0, 8)} ${zone.name} (${duration})`);
  }
  facts.push(`${formatShortCount(totals.packets)} ${totals.packets === 1 ? 'packet' : 'packets'}`);
  facts.push(formatBytes(totals.wireBytes));
  return facts;
}

function figuresOf({ summary }: ViewContext): FigureView[] {
  const { totals, endpoints, vantagePoints } = summary;
  const states = Object.entries(totals.connectionsByState);
  const countOf = (matches: (state: string) => boolean): number =>
    states.reduce((total, [state, count]) => total + (matches(state) ? count : 0), 0);
  const failed = countOf((state) => isFailed('TCP', state));
  const resets = countOf((state) => state === 'RSTO' || state === 'RSTR' || state === 'RSTRH');
  const figures = [
    figure(formatCount(totals.connections), totals.connections === 1 ? 'connection' : 'connections', {
      href: '#connections',
    }),
    figure(formatCount(failed), 'failed to connect', {
      ...(failed > 0 ? { tone: 'bad', href: '#connections', state: 'failed' } : {}),
    }),
  ];
  if (resets > 0)
    figures.push(figure(formatCount(resets), 'reset', { tone: 'doubt', href: '#connections', state: 'reset' }));
  const workloads = endpoints.workloads.length;
  if (workloads > 0)
    figures.push(
      figure(formatCount(workloads), workloads === 1 ? 'party' : 'workloads and others', { href: '#endpoints' }),
    );
  const points = vantagePoints.length;
  figures.push(figure(formatCount(points), points === 1 ? 'vantage point' : 'vantage points', { href: '#coverage' }));
  if (totals.undecodedPackets > 0) {
    figures.push(figure(formatShortCount(totals.undecodedPackets), 'packets not decoded', { href: '#undecoded' }));
  }
  return figures;
}

function figure(value: string, label: string, rest: Partial<FigureView>): FigureView {
  return { value, label, tone: '', href: '', state: '', ...rest };
}
