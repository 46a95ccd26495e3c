/** Traffic over time, drawn, and in coarser steps as a table. */
import type { Timeline } from '../../model/document.js';
import { addNanoseconds, parseTimestamp } from '../../base/time.js';
import { drawTimeline } from '../charts/timeline-chart.js';
import { counted, formatBytes, formatCount, formatDuration } from '../figures.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const MOST_BANDS = 6;
const TABLE_ROWS = 20;

export interface TimelineView {
  readonly wide: string;
  /** For phones. */
  readonly narrow: string;
  readonly caption: string;
  readonly names: readonly string[];
  readonly rows: readonly {
    readonly time: string;
    readonly cells: readonly string[];
    readonly started: string;
    readonly failed: string;
  }[];
  readonly step: string;
}

export function timelineView(context: ViewContext): TimelineView | null {
  const { summary, zone, openSurface } = context;
  const { timeline } = summary;
  if (timeline === null || timeline.bins < 2) return null;
  const names = new Map(summary.vantagePoints.map((point) => [point.id, displayText(point.name)]));
  const seen = timeline.series
    .map((series) => ({
      name: names.get(series.vantagePoint) ?? `vantage point ${series.vantagePoint}`,
      bytes: series.bytes,
    }))
    .filter((band) => sum(band.bytes) > 0);
  const busiest = new Set([...seen].sort((a, b) => sum(b.bytes) - sum(a.bytes)).slice(0, MOST_BANDS));
  const bands = seen.filter((band) => busiest.has(band));
  const left = seen.length - bands.length;
  const perRow = Math.ceil(timeline.bins / TABLE_ROWS);
  return {
    wide: drawTimeline({ timeline, bands, zone }, 'wide', openSurface),
    narrow: drawTimeline({ timeline, bands, zone }, 'narrow', openSurface),
    caption: [
      'Bytes on the wire at each vantage point, every band on its own scale. What passes several points is seen at each of them.',
      left === 0 ? '' : `${counted(left, 'quieter vantage point')} not drawn.`,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    names: bands.map((band) => band.name),
    step: formatDuration((timeline.binNs * perRow) / 1000),
    rows: Array.from({ length: Math.ceil(timeline.bins / perRow) }, (_, row) => {
      const [from, to] = [row * perRow, (row + 1) * perRow];
      const failed = sum(timeline.failed.slice(from, to));
      return {
        time: timeOfBin(context, timeline, from),
        cells: bands.map((band) => formatBytes(sum(band.bytes.slice(from, to)))),
        started: formatCount(sum(timeline.started.slice(from, to))),
        failed: failed === 0 ? '' : formatCount(failed),
      };
    }),
  };
}

function timeOfBin({ zone, manyDays }: ViewContext, timeline: Timeline, bin: number): string {
  const start = parseTimestamp(timeline.start);
  if (start === null) return '';
  const moment = addNanoseconds(start, bin * timeline.binNs);
  const { date, time } = zone.format(moment.seconds, moment.nanoseconds);
  return manyDays ? `${date} ${time}` : time;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
