/** What happened between neighbouring vantage points, over all connections: loss and one-way latency. */
import type { SegmentTotals } from '../../model/document.js';
import { counted, formatCount, formatLatency, formatShare } from '../figures.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const MOST_ROWS = 80;

export interface SegmentsView {
  /** What was lost in all, as a sentence. */
  readonly caption: string;
  readonly rows: readonly SegmentView[];
  /** Further segments that lost nothing; folded away. */
  readonly others: readonly SegmentView[];
  readonly rest: string;
}

export interface SegmentView {
  readonly from: string;
  readonly to: string;
  readonly connections: string;
  readonly packets: string;
  /** Empty if nothing was lost. */
  readonly lost: string;
  readonly share: string;
  readonly unknown: string;
  readonly p50: string;
  readonly p99: string;
  readonly max: string;
  readonly error: string;
}

const MOST_UNFOLDED = 12;

export function segmentsView({ summary }: ViewContext): SegmentsView | null {
  const { segments } = summary;
  if (segments.length === 0) return null;
  const names = new Map(summary.vantagePoints.map((point) => [point.id, displayText(point.name)]));
  const nameOf = (id: number): string => names.get(id) ?? `vantage point ${id}`;
  const sorted = [...segments].sort((a, b) => b.lost - a.lost);
  const lossy = sorted.filter(({ lost }) => lost > 0);
  const shown = sorted.slice(0, MOST_ROWS).map((segment) => segmentView(segment, nameOf));
  const unfolded = Math.max(lossy.length, MOST_UNFOLDED);
  const left = sorted.length - shown.length;
  return {
    caption: captionOf(lossy),
    rows: shown.slice(0, unfolded),
    others: shown.slice(unfolded),
    rest: left > 0 ? `${counted(left, 'more pair')} of vantage points: see the JSON report.` : '',
  };
}

function captionOf(lossy: readonly SegmentTotals[]): string {
  const how =
    'From each vantage point to the next one on the path. Lost: seen at the first, not at the second although that was capturing.';
  const lost = lossy.reduce((total, segment) => total + segment.lost, 0);
  if (lost === 0) return `Nothing was lost between the vantage points. ${how}`;
  return `${counted(lost, 'packet')} of all that could be compared ${lost === 1 ? 'was' : 'were'} lost. ${how}`;
}

function segmentView(segment: SegmentTotals, nameOf: (id: number) => string): SegmentView {
  const { latency, packets, lost, unknown } = segment;
  const text = (nanoseconds: number): string => formatLatency(nanoseconds / 1000);
  return {
    from: nameOf(segment.from),
    to: nameOf(segment.to),
    connections: formatCount(segment.connections),
    packets: formatCount(packets),
    lost: lost === 0 ? '' : formatCount(lost),
    share: lost === 0 ? '' : formatShare(lost, packets),
    unknown: unknown === 0 ? '' : formatCount(unknown),
    p50: latency === null ? '–' : text(latency.p50Ns),
    p99: latency === null ? '–' : text(latency.p99Ns),
    max: latency === null ? '–' : text(latency.maxNs),
    error: latency === null || latency.errorNs === 0 ? '' : `± ${text(latency.errorNs)}`,
  };
}
