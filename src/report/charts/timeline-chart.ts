/**
 * Draws traffic over time: a band per vantage point (the busiest), a lane of connections that began, a lane of those that
 * failed, on one time axis.
 *
 * Each band has a scale of its own and says its peak: a pod's few kilobytes beside an uplink's gigabits would be a flat line
 * on a common one. Copies of a packet at several vantage points are not added up, so neither are the bands. Dense marks are
 * one path each.
 */
import type { Timeline } from '../../model/document.js';
import { parseTimestamp } from '../../base/time.js';
import { counted, formatBytes, formatCount, formatDuration } from '../figures.js';
import { cutMiddle } from '../text.js';
import type { TimeZone } from '../zone.js';
import type { SurfaceFactory, SvgNode, SvgSurface } from './svg-surface.js';

/** Room around the plot. On a narrow chart the labels of a band stand above it instead of at its sides. */
interface Frame {
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly labelHeight: number;
  readonly labelCharacters: number;
  readonly ticks: number;
  /** More would be finer than the chart. */
  readonly mostBins: number;
}

const FRAMES = {
  wide: { width: 1080, left: 196, right: 136, labelHeight: 0, labelCharacters: 22, ticks: 6, mostBins: 1000 },
  narrow: { width: 360, left: 2, right: 2, labelHeight: 20, labelCharacters: 20, ticks: 3, mostBins: 160 },
} as const satisfies Record<string, Frame>;

const BAND_HEIGHT = 44;
const LANE_HEIGHT = 30;
const GAP = 16;
const AXIS_HEIGHT = 30;
/** Of the widest label of a tick, and of a character of the zone's name. */
const HALF_LABEL = 42;
const CHARACTER_WIDTH = 7;
const NANOSECONDS_PER_SECOND = 1_000_000_000;

export interface TimelineBand {
  /** Fit to be shown; cut here. */
  readonly name: string;
  readonly bytes: readonly number[];
}

export interface TimelineInput {
  readonly timeline: Timeline;
  readonly bands: readonly TimelineBand[];
  readonly zone: TimeZone;
}

type Position = (value: number) => number;

interface Scene {
  readonly surface: SvgSurface;
  readonly frame: Frame;
  readonly timeline: Timeline;
  readonly zone: TimeZone;
  /** Horizontal position of the beginning of a bin. */
  readonly x: Position;
}

/** The chart as SVG markup. */
export function drawTimeline(input: TimelineInput, size: keyof typeof FRAMES, openSurface: SurfaceFactory): string {
  const frame: Frame = FRAMES[size];
  const { timeline, bands } = coarsen(input, frame.mostBins);
  const hasFailures = timeline.failed.some((count) => count > 0);
  const lanes = hasFailures ? 2 : 1;
  const bandPitch = frame.labelHeight + BAND_HEIGHT + GAP;
  const lanePitch = frame.labelHeight + LANE_HEIGHT + GAP;
  const plot = bands.length * bandPitch + lanes * lanePitch;
  const surface = openSurface({
    width: frame.width,
    height: plot + AXIS_HEIGHT,
    id: `timeline-${size}`,
    className: 'timeline',
    title: 'Traffic over time',
    description: `Bytes per second at ${counted(bands.length, 'vantage point')}, and the connections that began or failed, in ${formatCount(timeline.bins)} steps of ${stepText(timeline)}. The table below has the same.`,
  });
  const x = surface.d3.scaleLinear([0, timeline.bins], [frame.left, frame.width - frame.right]);
  const scene: Scene = { surface, frame, timeline, zone: input.zone, x };
  drawAxis(scene, plot);
  bands.forEach((band, index) => drawBand(scene, band, index * bandPitch));
  const top = bands.length * bandPitch;
  drawLane(scene, 'started', timeline.started, top);
  if (hasFailures) drawLane(scene, 'failed', timeline.failed, top + lanePitch);
  return surface.toString();
}

/** The same with neighbouring bins added up, so that there are no more than `most`. */
function coarsen({ timeline, bands }: TimelineInput, most: number): Omit<TimelineInput, 'zone'> {
  const share = Math.ceil(timeline.bins / most);
  if (share <= 1) return { timeline, bands };
  const bins = Math.ceil(timeline.bins / share);
  const merge = (values: readonly number[]): number[] =>
    Array.from({ length: bins }, (_, bin) =>
      values.slice(bin * share, (bin + 1) * share).reduce((total, value) => total + value, 0),
    );
  return {
    timeline: {
      ...timeline,
      bins,
      binNs: timeline.binNs * share,
      started: merge(timeline.started),
      failed: merge(timeline.failed),
    },
    bands: bands.map((band) => ({ name: band.name, bytes: merge(band.bytes) })),
  };
}

function stepText(timeline: Timeline): string {
  return formatDuration(timeline.binNs / 1000);
}

function drawBand(scene: Scene, band: TimelineBand, above: number): void {
  const { surface, frame, timeline, x } = scene;
  const most = Math.max(...band.bytes, 1);
  const top = above + frame.labelHeight;
  const bottom = top + BAND_HEIGHT;
  const y = surface.d3.scaleLinear([0, most], [bottom, top + 4]);
  const group = surface.svg.append('g').attr('class', 'band');
  group.append('path').attr('d', steps(band.bytes, x, y, bottom));
  baseLine(group, frame, bottom);
  const total = band.bytes.reduce((sum, bytes) => sum + bytes, 0);
  const perSecond = most / (timeline.binNs / NANOSECONDS_PER_SECOND);
  const peak = `peak ${formatBytes(Math.round(perSecond))}/s`;
  drawLabels(scene, group, above, BAND_HEIGHT, { name: band.name, total: formatBytes(total), peak });
}

/** The outline of a histogram; what stays the same from bin to bin is one line. Steps are relative, for that is half as long. */
function steps(values: readonly number[], x: Position, y: Position, bottom: number): string {
  let path = `M${round(x(0))} ${bottom}`;
  let [from, level] = [round(x(0)), bottom];
  const stepTo = (at: number, height: number): void => {
    path += `h${round(at - from)}v${height - level}`;
    [from, level] = [at, height];
  };
  values.forEach((value, bin) => {
    const height = Math.round(y(value));
    if (height !== level) stepTo(round(x(bin)), height);
  });
  stepTo(round(x(values.length)), bottom);
  return `${path}Z`;
}

function drawLane(scene: Scene, kind: 'started' | 'failed', counts: readonly number[], above: number): void {
  const { surface, frame, timeline, x } = scene;
  const most = Math.max(...counts, 1);
  const top = above + frame.labelHeight;
  const bottom = top + LANE_HEIGHT;
  const y = surface.d3.scaleLinear([0, most], [bottom, top + 2]);
  const group = surface.svg.append('g').attr('class', `lane ${kind}`);
  const bars = counts.map((count, bin) => {
    if (count === 0) return '';
    const [from, to] = [x(bin), Math.max(x(bin + 1) - 0.4, x(bin) + 1.6)];
    return `M${round(from)} ${bottom}V${Math.round(y(count))}H${round(to)}V${bottom}Z`;
  });
  group.append('path').attr('d', bars.join(''));
  baseLine(group, frame, bottom);
  const total = counts.reduce((sum, count) => sum + count, 0);
  drawLabels(scene, group, above, LANE_HEIGHT, {
    name: kind === 'started' ? 'New connections' : '✕ Failed connections',
    total: formatCount(total),
    peak: `peak ${formatCount(most)} in ${stepText(timeline)}`,
  });
}

interface Labels {
  readonly name: string;
  readonly total: string;
  readonly peak: string;
}

/** What it is and how much on the left, how high it goes on the right; or all of it in a line above. */
function drawLabels({ frame }: Scene, group: SvgNode, above: number, height: number, labels: Labels): void {
  const text = (x: number, y: number, className: string, anchor: string, content: string): SvgNode =>
    group
      .append('text')
      .attr('class', className)
      .attr('x', x)
      .attr('y', round(y))
      .attr('text-anchor', anchor)
      .text(content);
  const { name, total, peak } = labels;
  const shown = cutMiddle(name, frame.labelCharacters);
  if (frame.labelHeight > 0) {
    text(frame.left, above + 14, 'name', 'start', shown)
      .append('title')
      .text(name);
    text(frame.width - frame.right, above + 14, 'small', 'end', `${total}, ${peak}`);
    return;
  }
  const middle = above + height / 2;
  text(frame.left - 14, middle - 2, 'name', 'end', shown)
    .append('title')
    .text(name);
  text(frame.left - 14, middle + 14, 'small', 'end', total);
  text(frame.width - frame.right + 12, middle + 5, 'small', 'start', peak);
}

function baseLine(group: SvgNode, { width, left, right }: Frame, y: number): void {
  group
    .append('path')
    .attr('class', 'base')
    .attr('d', `M${left} ${y}H${width - right}`);
}

/** Ticks at round times of day in the page's zone, with the zone's name. */
function drawAxis({ surface, frame, timeline, zone }: Scene, bottom: number): void {
  const { d3, svg } = surface;
  const start = parseTimestamp(timeline.start);
  if (start === null) return;
  const startMs = start.seconds * 1000 + start.nanoseconds / 1_000_000;
  const lengthMs = (timeline.bins * timeline.binNs) / 1_000_000;
  // The scale counts in UTC; shifted by the offset it finds the round times of the zone.
  const shift = zone.offsetAt(start.seconds) * 1000;
  const scale = d3.scaleUtc([startMs + shift, startMs + shift + lengthMs], [frame.left, frame.width - frame.right]);
  const group = svg.append('g').attr('class', 'axis');
  const name = zone.label(start.seconds);
  const isBeside = frame.labelHeight === 0;
  const firstLabel = frame.left + (isBeside ? 0 : name.length * CHARACTER_WIDTH) + HALF_LABEL;
  const ticks = scale.ticks(frame.ticks);
  const [first = new Date(0), second = new Date(lengthMs)] = ticks;
  const stepMs = second.getTime() - first.getTime();
  for (const tick of ticks) {
    const x = round(scale(tick));
    group.append('path').attr('d', `M${x} 0V${bottom}`);
    if (x < firstLabel || x > frame.width - HALF_LABEL) continue; // the zone's name stands there, or the edge is near
    const label = tickLabel(tick, stepMs);
    group
      .append('text')
      .attr('x', x)
      .attr('y', bottom + 18)
      .attr('text-anchor', 'middle')
      .text(label);
  }
  group
    .append('text')
    .attr('class', 'zone')
    .attr('x', isBeside ? frame.left - 14 : frame.left)
    .attr('y', bottom + 18)
    .attr('text-anchor', isBeside ? 'end' : 'start')
    .text(name);
}

/** As fine as the distance between ticks asks for. */
function tickLabel(tick: Date, stepMs: number): string {
  const text = tick.toISOString();
  if (stepMs < 1) return `${text.slice(17, 19)}.${text.slice(20, 23)} s`;
  if (stepMs < 1000) return text.slice(14, 23);
  if (stepMs < 60_000) return text.slice(11, 19);
  if (stepMs < 20 * 3_600_000) return text.slice(11, 16);
  return text.slice(0, 10);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
