/** What was captured where and when: vantage points with bars over the common time axis, and the files they came from. */
import type { CaptureSummary, TimeRange } from '../../model/document.js';
import { nanosecondsBetween, parseTimestamp } from '../../base/time.js';
import { formatBytes, formatCount, formatDuration } from '../figures.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

/** Bars shorter than this would not be seen. */
const LEAST_BAR_PERCENT = 0.6;
const MOST_FILES = 8;

export interface CoverageView {
  readonly count: string;
  readonly axisStart: string;
  readonly axisEnd: string;
  readonly points: readonly PointView[];
  readonly captures: readonly CaptureView[];
  /** Many files are folded away, unless one of them is damaged. */
  readonly folded: boolean;
}

export interface BarView {
  readonly left: string;
  readonly width: string;
}

export interface PointView {
  readonly name: string;
  readonly node: string;
  readonly role: string;
  readonly packets: string;
  readonly bytes: string;
  readonly time: string;
  readonly bar: BarView | null;
}

export interface CaptureView {
  readonly path: string;
  readonly format: string;
  readonly part: string;
  readonly packets: string;
  readonly bytes: string;
  readonly captured: string;
  readonly dropped: string;
  readonly time: string;
  readonly notes: readonly string[];
  readonly damage: string;
}

export function coverageView(context: ViewContext): CoverageView | null {
  const { summary } = context;
  if (summary.captures.length === 0) return null;
  return {
    count: formatCount(summary.captures.length),
    axisStart: summary.time === null ? '' : context.zone.formatTimestamp(summary.time.start).time.slice(0, 8),
    axisEnd: summary.time === null ? '' : context.zone.formatTimestamp(summary.time.end).time.slice(0, 8),
    points: summary.vantagePoints.map((point) => ({
      name: displayText(point.name),
      node: displayText(point.node ?? ''),
      role: point.role === 'unknown' ? '' : point.role,
      packets: formatCount(point.packets),
      bytes: formatBytes(point.wireBytes),
      time: rangeText(context, point.time),
      bar: barOf(context, point.time),
    })),
    captures: summary.captures.map((capture) => captureView(context, capture)),
    folded: summary.captures.length > MOST_FILES && summary.captures.every((capture) => capture.damage === null),
  };
}

function captureView(context: ViewContext, capture: CaptureSummary): CaptureView {
  const { rotation, compression, damage } = capture;
  const dropped = capture.interfaces.map((one) => one.droppedPackets).filter((count) => count !== null);
  const interfaces = capture.interfaces.map(
    ({ name, linkTypeName, packets }) =>
      `${name === null ? '' : `${name} `}${linkTypeName}: ${formatCount(packets)} packets`,
  );
  const comments = capture.interfaces.flatMap((one) => one.comments);
  return {
    path: displayText(capture.path),
    format: displayText(capture.format) + (compression === 'none' ? '' : `, ${compression}`),
    part: rotation === null ? '' : displayText(`part ${rotation.part} of ${rotation.parts} of ${rotation.group}`),
    packets: formatCount(capture.packets),
    bytes: formatBytes(capture.wireBytes),
    captured: capture.truncatedPackets === 0 ? '' : `${formatCount(capture.truncatedPackets)} cut short`,
    dropped: dropped.length === 0 ? '–' : formatCount(dropped.reduce((total, count) => total + count, 0)),
    time: rangeText(context, capture.time),
    notes: [...(interfaces.length > 1 ? interfaces : []), ...capture.notes, ...comments].map(displayText),
    damage: damage === null ? '' : displayText(`Damaged at byte ${formatCount(damage.offset)}: ${damage.message}`),
  };
}

function rangeText({ zone, manyDays }: ViewContext, range: TimeRange | null): string {
  if (range === null) return '';
  const [start, end] = [zone.formatTimestamp(range.start), zone.formatTimestamp(range.end)];
  const text = (moment: typeof start): string => (manyDays ? `${moment.date.slice(5)} ` : '') + moment.time.slice(0, 8);
  return `${text(start)}–${text(end)} (${formatDuration(range.durationNs / 1000)})`;
}

/** Where the range lies within the document's, in per cent. */
function barOf({ summary }: ViewContext, range: TimeRange | null): BarView | null {
  const whole = summary.time;
  if (range === null || whole === null || whole.durationNs === 0) return null;
  const [origin, start] = [parseTimestamp(whole.start), parseTimestamp(range.start)];
  if (origin === null || start === null) return null;
  const width = Math.max(LEAST_BAR_PERCENT, Math.min(100, (range.durationNs / whole.durationNs) * 100));
  const left = Math.max(0, Math.min(100 - width, (nanosecondsBetween(origin, start) / whole.durationNs) * 100));
  return { left: percent(left), width: percent(width) };
}

function percent(value: number): string {
  return `${Math.round(value * 100) / 100}%`;
}
