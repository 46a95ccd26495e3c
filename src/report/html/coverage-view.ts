/** What was captured where and when: vantage points with bars over the common time axis, what was missing, and the files. */
import type { CaptureSummary, TimeRange, VantagePoint } from '../../model/document.js';
import { nanosecondsBetween, parseTimestamp } from '../../base/time.js';
import { counted, formatBytes, formatCount, formatDuration } from '../figures.js';
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
  readonly gaps: readonly GapView[];
  readonly captures: readonly CaptureView[];
  /** Many files are folded away, unless one of them is damaged. */
  readonly folded: boolean;
}

export interface BarView {
  readonly left: string;
  readonly width: string;
}

/** A place where nothing was captured. */
export interface GapView {
  readonly place: string;
  readonly text: string;
  readonly connections: string;
}

export interface PointView {
  readonly name: string;
  /** The pod whose device it is, where its name does not say it. */
  readonly pod: string;
  readonly role: string;
  /** How node, interface and role were known. */
  readonly knownBy: string;
  /** Packets shown more than once; empty if none. */
  readonly copies: string;
  readonly dropped: string;
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
      pod: point.pod === null || point.name.includes(point.pod) ? '' : displayText(`pod ${point.pod}`),
      role: ROLES[point.role],
      knownBy: knownBy(point),
      copies: point.copies === 0 ? '' : counted(point.copies, 'copy', 'copies'),
      dropped: droppedAt(point, summary.captures),
      packets: formatCount(point.packets),
      bytes: formatBytes(point.wireBytes),
      time: rangeText(context, point.time),
      bar: barOf(context, point.time),
    })),
    gaps: summary.coverageGaps.map(({ node, role, text, connections }) => ({
      place: displayText(role === 'any' ? node : `${node}, ${ROLES[role]}`),
      text: displayText(text),
      connections: connections === 0 ? '' : formatCount(connections),
    })),
    captures: summary.captures.map((capture) => captureView(context, capture)),
    folded: summary.captures.length > MOST_FILES && summary.captures.every((capture) => capture.damage === null),
  };
}

const ROLES: Readonly<Record<VantagePoint['role'], string>> = {
  pod: 'pod',
  veth: 'veth of a pod',
  bridge: 'bridge',
  overlay: 'overlay',
  wireguard: 'WireGuard',
  underlay: 'underlay',
  loopback: 'loopback',
  any: 'any interface',
  nflog: 'NFLOG',
  unknown: 'not known',
};

/** `node: --vantage; role: ip link of node-1`; what is known in the same way is said once. */
function knownBy({ knownBy: known }: VantagePoint): string {
  const ways = new Map<string, string[]>();
  for (const what of ['node', 'interface', 'role'] as const) {
    const way = known[what];
    if (way !== null) ways.set(way, [...(ways.get(way) ?? []), what]);
  }
  const [only] = ways.keys();
  if (ways.size === 1 && only !== undefined) return displayText(only);
  return displayText([...ways].map(([way, what]) => `${what.join(' and ')}: ${way}`).join('; '));
}

/** Packets that the capturing kernels say they dropped; a dash where they do not say. */
function droppedAt(point: VantagePoint, captures: readonly CaptureSummary[]): string {
  const files = captures.filter(({ id }) => point.captures.includes(id));
  const interfaces = files.flatMap((file) =>
    file.interfaces.length === 1 ? file.interfaces : file.interfaces.filter(({ name }) => name === point.interface),
  );
  const dropped = interfaces.map((one) => one.droppedPackets).filter((count) => count !== null);
  return dropped.length === 0 ? '–' : formatCount(dropped.reduce((total, count) => total + count, 0));
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
