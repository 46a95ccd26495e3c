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

const WIDTH = 1080;
const LEFT = 196;
const RIGHT = 136;
const BAND_HEIGHT = 44;
const LANE_HEIGHT = 30;
const GAP = 16;
const AXIS_HEIGHT = 30;
const TICKS = 6;
const ZONE_ROOM = 46;
const LABEL_CHARACTERS = 22;
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
  readonly input: TimelineInput;
  /** Horizontal position of the beginning of a bin. */
  readonly x: Position;
}

/** The chart as SVG markup. */
export function drawTimeline(input: TimelineInput, openSurface: SurfaceFactory): string {
  const { timeline, bands } = input;
  const hasFailures = timeline.failed.some((count) => count > 0);
  const lanes = hasFailures ? 2 : 1;
  const plot = bands.length * (BAND_HEIGHT + GAP) + lanes * (LANE_HEIGHT + GAP);
  const surface = openSurface({
    width: WIDTH,
    height: plot + AXIS_HEIGHT,
    className: 'timeline',
    title: 'Traffic over time',
    description: `Bytes per second at ${counted(bands.length, 'vantage point')}, and the connections that began or failed, in ${formatCount(timeline.bins)} steps of ${stepText(timeline)}. The table below has the same.`,
  });
  const x = surface.d3.scaleLinear([0, timeline.bins], [LEFT, WIDTH - RIGHT]);
  const scene: Scene = { surface, input, x };
  drawAxis(scene, plot);
  let top = 0;
  for (const band of bands) {
    drawBand(scene, band, top);
    top += BAND_HEIGHT + GAP;
  }
  drawLane(scene, 'started', timeline.started, top);
  if (hasFailures) drawLane(scene, 'failed', timeline.failed, top + LANE_HEIGHT + GAP);
  return surface.toString();
}

function stepText(timeline: Timeline): string {
  return formatDuration(timeline.binNs / 1000);
}

function drawBand({ surface, input, x }: Scene, band: TimelineBand, top: number): void {
  const most = Math.max(...band.bytes, 1);
  const bottom = top + BAND_HEIGHT;
  const y = surface.d3.scaleLinear([0, most], [bottom, top + 4]);
  const group = surface.svg.append('g').attr('class', 'band');
  group.append('path').attr('d', steps(band.bytes, x, y, bottom));
  baseLine(group, bottom);
  const total = band.bytes.reduce((sum, bytes) => sum + bytes, 0);
  const perSecond = most / (input.timeline.binNs / NANOSECONDS_PER_SECOND);
  labels(group, top + BAND_HEIGHT / 2, band.name, formatBytes(total), `peak ${formatBytes(Math.round(perSecond))}/s`);
}

/** The outline of a histogram; what stays the same from bin to bin is one line. */
function steps(values: readonly number[], x: Position, y: Position, bottom: number): string {
  let path = `M${round(x(0))} ${bottom}`;
  let level = bottom;
  values.forEach((value, bin) => {
    const next = round(y(value));
    if (next === level) return;
    path += `H${round(x(bin))}V${next}`;
    level = next;
  });
  return `${path}H${round(x(values.length))}V${bottom}Z`;
}

function drawLane(
  { surface, input, x }: Scene,
  kind: 'started' | 'failed',
  counts: readonly number[],
  top: number,
): void {
  const most = Math.max(...counts, 1);
  const bottom = top + LANE_HEIGHT;
  const y = surface.d3.scaleLinear([0, most], [bottom, top + 2]);
  const group = surface.svg.append('g').attr('class', `lane ${kind}`);
  const bars = counts.map((count, bin) => {
    if (count === 0) return '';
    const [from, to] = [x(bin), Math.max(x(bin + 1) - 0.4, x(bin) + 1.6)];
    return `M${round(from)} ${bottom}V${round(y(count))}H${round(to)}V${bottom}Z`;
  });
  group.append('path').attr('d', bars.join(''));
  baseLine(group, bottom);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const name = kind === 'started' ? 'New connections' : '✕ Failed connections';
  labels(
    group,
    top + LANE_HEIGHT / 2,
    name,
    formatCount(total),
    `peak ${formatCount(most)} in ${stepText(input.timeline)}`,
  );
}

/** What it is and how much on the left, how high it goes on the right. */
function labels(group: SvgNode, middle: number, name: string, total: string, peak: string): void {
  const text = (x: number, y: number, className: string, anchor: string, content: string): SvgNode =>
    group
      .append('text')
      .attr('class', className)
      .attr('x', x)
      .attr('y', round(y))
      .attr('text-anchor', anchor)
      .text(content);
  text(LEFT - 14, middle - 2, 'name', 'end', cutMiddle(name, LABEL_CHARACTERS))
    .append('title')
    .text(name);
  text(LEFT - 14, middle + 14, 'small', 'end', total);
  text(WIDTH - RIGHT + 12, middle + 5, 'small', 'start', peak);
}

function baseLine(group: SvgNode, y: number): void {
  group
    .append('path')
    .attr('class', 'base')
    .attr('d', `M${LEFT} ${y}H${WIDTH - RIGHT}`);
}

/** Ticks at round times of day in the page's zone, with the zone's name. */
function drawAxis({ surface, input }: Scene, bottom: number): void {
  const { d3, svg } = surface;
  const { timeline, zone } = input;
  const start = parseTimestamp(timeline.start);
  if (start === null) return;
  const startMs = start.seconds * 1000 + start.nanoseconds / 1_000_000;
  const lengthMs = (timeline.bins * timeline.binNs) / 1_000_000;
  // The scale counts in UTC; shifted by the offset it finds the round times of the zone.
  const shift = zone.offsetAt(start.seconds) * 1000;
  const scale = d3.scaleUtc([startMs + shift, startMs + shift + lengthMs], [LEFT, WIDTH - RIGHT]);
  const group = svg.append('g').attr('class', 'axis');
  const ticks = scale.ticks(TICKS);
  const [first = new Date(0), second = new Date(lengthMs)] = ticks;
  const stepMs = second.getTime() - first.getTime();
  for (const tick of ticks) {
    const x = round(scale(tick));
    group.append('path').attr('d', `M${x} 0V${bottom}`);
    if (x < LEFT + ZONE_ROOM) continue; // the zone's name stands there
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
    .attr('x', LEFT - 14)
    .attr('y', bottom + 18)
    .attr('text-anchor', 'end')
    .text(zone.label(start.seconds));
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
