/**
 * Draws the map of who talks to whom: namespaces as boxes, workloads as nodes, traffic as curves from client to server.
 *
 * Width is bytes (square root). A connection that failed is told three times: by colour, by a broken line, and by a sign with the
 * number of failures; the node it leads to says it in words. Names stand inside their nodes, so none covers another;
 * figures on curves are left out where there is no room. The table behind the map has all of it.
 */
import type { SurfaceFactory, SvgNode, SvgSurface } from './svg-surface.js';
import { counted, formatBytes, formatCount } from '../figures.js';
import { cutMiddle } from '../text.js';
import type { GraphEdge, ServiceGraph } from './service-graph.js';
import { NODE_HEIGHT, layOutServices, type PlacedBox, type PlacedNode, type ServiceLayout } from './service-layout.js';

const THINNEST = 1.2;
const THICKEST = 11;
/** Many curves are thinner, so that they can be told apart. */
const THICKEST_OF_MANY = 5;
const MANY_CURVES = 90;
/** A narrower drawing has thinner curves, and one figure on them for so many pixels. */
const FULL_WIDTH = 600;
const WIDTH_PER_FIGURE = 120;
/** Width of a character of a label, for the widest of the usual system fonts. */
const CHARACTER_WIDTH = 8.5;
const SMALL_CHARACTER_WIDTH = 7.2;
const FIGURE_HEIGHT = 14;
const PORT_SPACING = 7;
const FIGURE_PLACES = [0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75];

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Curve {
  readonly edge: GraphEdge;
  readonly client: PlacedNode;
  readonly server: PlacedNode;
  readonly points: readonly [Point, Point, Point, Point];
  readonly width: number;
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The map as SVG markup, in a width that text is readable in at its size. */
export function drawServiceMap(graph: ServiceGraph, width: number, openSurface: SurfaceFactory): string {
  const layout = layOutServices(graph, width);
  const surface = openSurface({
    width,
    height: Math.ceil(layout.height) + 2,
    id: `map-${width}`,
    className: 'map',
    title: 'Map of workloads',
    description: describe(graph),
  });
  const root = surface.svg.append('g').attr('transform', 'translate(0 1)');
  for (const box of layout.boxes) drawBox(root, box);
  const curves = placeCurves(surface, graph, layout);
  for (const curve of curves) drawCurve(root, curve);
  drawFigures(root, curves, layout);
  for (const node of layout.nodes.values()) drawNode(root, node);
  return surface.toString();
}

function describe(graph: ServiceGraph): string {
  const failing = graph.edges.filter((edge) => edge.failedConnections > 0).length;
  const failures = failing === 0 ? 'none with failed connections' : `${failing} with failed connections`;
  return `${counted(graph.nodes.length, 'workload')} in ${counted(graph.boxes.length, 'group')}, ${counted(graph.edges.length, 'pair')} that talk, ${failures}. The table below has the same.`;
}

function drawBox(root: SvgNode, box: PlacedBox): void {
  const group = root.append('g').attr('class', 'box');
  group
    .append('rect')
    .attr('x', round(box.x))
    .attr('y', round(box.y))
    .attr('width', round(box.width))
    .attr('height', round(box.height))
    .attr('rx', 10);
  const room = Math.floor((box.width - 24) / CHARACTER_WIDTH);
  group
    .append('text')
    .attr('x', round(box.x + 12))
    .attr('y', round(box.y + 17))
    .text(cutMiddle(box.label, Math.max(room, 4)))
    .append('title')
    .text(`${box.kind} ${box.label}`.trim());
}

function drawNode(root: SvgNode, node: PlacedNode): void {
  const link = root
    .append('a')
    .attr('class', node.failedConnections > 0 ? 'node failing' : 'node')
    .attr('href', '#connections')
    .attr('data-key', node.id)
    .attr('data-keys', node.id)
    .attr('data-filter', node.box === 'others' || node.box === 'outside' ? '' : node.label);
  link.append('title').text(`${node.fullName}: ${figures(node)}`);
  link
    .append('rect')
    .attr('x', round(node.x))
    .attr('y', round(node.y))
    .attr('width', round(node.width))
    .attr('height', NODE_HEIGHT)
    .attr('rx', 7);
  const room = node.width - 20;
  link
    .append('text')
    .attr('x', round(node.x + 10))
    .attr('y', round(node.y + 17))
    .text(cutMiddle(node.label, Math.floor(room / CHARACTER_WIDTH)));
  link
    .append('text')
    .attr('class', 'small')
    .attr('x', round(node.x + 10))
    .attr('y', round(node.y + 32))
    .text(firstThatFits([figures(node), failuresOf(node), formatBytes(node.bytes)], room));
}

function figures(node: PlacedNode): string {
  const pods = node.pods > 0 ? counted(node.pods, 'pod') : '';
  return [failuresOf(node), node.kind, pods, formatBytes(node.bytes)].filter((text) => text !== '').join(' · ');
}

function failuresOf(node: PlacedNode): string {
  return node.failedConnections === 0 ? '' : `✕ ${formatCount(node.failedConnections)} failed`;
}

function firstThatFits(texts: readonly string[], room: number): string {
  return texts.find((text) => text !== '' && text.length * SMALL_CHARACTER_WIDTH <= room) ?? '';
}

function placeCurves(surface: SvgSurface, graph: ServiceGraph, layout: ServiceLayout): Curve[] {
  const most = Math.max(...graph.edges.map((edge) => edge.bytes), 1);
  const widthOf = surface.d3.scaleSqrt([0, most], [THINNEST, thickest(graph.edges.length, layout.width)]);
  const ports = new PortSpreader(graph, layout);
  return graph.edges.flatMap((edge) => {
    const [client, server] = [layout.nodes.get(edge.client), layout.nodes.get(edge.server)];
    if (client === undefined || server === undefined) return [];
    const points = curvePoints(client, server, ports.offset(edge, 'client'), ports.offset(edge, 'server'));
    return [{ edge, client, server, points, width: widthOf(edge.bytes) }];
  });
}

function thickest(curves: number, width: number): number {
  return (
    (THICKEST - Math.min(1, curves / MANY_CURVES) * (THICKEST - THICKEST_OF_MANY)) * Math.min(1, width / FULL_WIDTH)
  );
}

/** Leaves the client on the side of the server, arrives at the server on the side of the client. */
function curvePoints(client: PlacedNode, server: PlacedNode, leave: number, arrive: number): Curve['points'] {
  const middle = NODE_HEIGHT / 2;
  const [fromY, toY] = [client.y + middle + leave, server.y + middle + arrive];
  if (client.column === server.column) {
    // Out and back on one side; in the last column on the left, where there is room.
    const x = client.isLastColumn ? client.x : client.x + client.width;
    const bulge = (34 + Math.min(40, Math.abs(fromY - toY) / 6)) * (client.isLastColumn ? -1 : 1);
    return [point(x, fromY), point(x + bulge, fromY), point(x + bulge, toY), point(x, toY)];
  }
  const forward = client.column < server.column;
  const from = forward ? client.x + client.width : client.x;
  const to = forward ? server.x : server.x + server.width;
  const reach = (to - from) * 0.5;
  return [point(from, fromY), point(from + reach, fromY), point(to - reach, toY), point(to, toY)];
}

function point(x: number, y: number): Point {
  return { x, y };
}

/** Spreads the curves at each side of a node, so that they do not all meet in one point. */
class PortSpreader {
  private readonly offsets = new Map<string, number>();

  constructor(graph: ServiceGraph, layout: ServiceLayout) {
    const sides = new Map<string, { readonly id: string; readonly height: number }[]>();
    for (const edge of graph.edges) {
      for (const end of ['client', 'server'] as const) {
        const [here, there] = [
          layout.nodes.get(edge[end]),
          layout.nodes.get(edge[end === 'client' ? 'server' : 'client']),
        ];
        if (here === undefined || there === undefined) continue;
        const side = `${edge[end]}\n${sideOf(here, there)}`;
        sides.set(side, [...(sides.get(side) ?? []), { id: portId(edge, end), height: there.y }]);
      }
    }
    for (const ports of sides.values()) this.spread(ports);
  }

  offset(edge: GraphEdge, end: 'client' | 'server'): number {
    return this.offsets.get(portId(edge, end)) ?? 0;
  }

  private spread(ports: readonly { readonly id: string; readonly height: number }[]): void {
    const spacing = Math.min(PORT_SPACING, (NODE_HEIGHT - 10) / Math.max(1, ports.length - 1));
    const sorted = [...ports].sort((a, b) => a.height - b.height);
    sorted.forEach(({ id }, index) => this.offsets.set(id, (index - (sorted.length - 1) / 2) * spacing));
  }
}

function sideOf(here: PlacedNode, there: PlacedNode): 'left' | 'right' {
  return there.column < here.column || (there.column === here.column && here.isLastColumn) ? 'left' : 'right';
}

function portId(edge: GraphEdge, end: string): string {
  return JSON.stringify([edge.client, edge.server, end]);
}

function drawCurve(root: SvgNode, curve: Curve): void {
  const { edge, points, width } = curve;
  const [a, b, c, d] = points.map(({ x, y }) => `${round(x)} ${round(y)}`);
  const group = root
    .append('g')
    .attr('class', edge.failedConnections > 0 ? 'edge failing' : 'edge')
    .attr('data-keys', `${curve.client.id} ${curve.server.id}`);
  group.append('title').text(curveTitle(curve));
  group.append('path').attr('d', `M${a}C${b} ${c} ${d}`).attr('stroke-width', round(width));
  group
    .append('path')
    .attr('class', 'head')
    .attr('d', arrowHead(points[2], points[3], width));
}

/** A triangle whose tip touches the node. */
function arrowHead(from: Point, tip: Point, width: number): string {
  const direction = tip.x >= from.x ? 1 : -1;
  const [length, half] = [7 + width * 0.5, 3.5 + width * 0.45];
  const back = round(tip.x - direction * length);
  return `M${round(tip.x)} ${round(tip.y)}L${back} ${round(tip.y - half)}V${round(tip.y + half)}Z`;
}

function curveTitle({ edge, client, server }: Curve): string {
  const failed = edge.failedConnections > 0 ? `, ${formatCount(edge.failedConnections)} failed` : '';
  const ports = edge.ports.length > 0 ? `, ${edge.ports.join(' ')}` : '';
  return `${client.fullName} → ${server.fullName}: ${counted(edge.connections, 'connection')}${failed}, ${formatBytes(edge.bytes)}${ports}`;
}

/** Failures on every curve that has them, bytes on the heaviest; each only where it covers nothing. */
function drawFigures(root: SvgNode, curves: readonly Curve[], layout: ServiceLayout): void {
  const taken: Rectangle[] = [
    ...[...layout.nodes.values()].map((node) => ({ ...node, height: NODE_HEIGHT })),
    ...layout.boxes.map((box) => ({
      x: box.x + 8,
      y: box.y + 2,
      width: box.label.length * CHARACTER_WIDTH,
      height: 20,
    })),
  ];
  const failing = curves.filter((curve) => curve.edge.failedConnections > 0);
  const heavy = curves
    .filter((curve) => curve.edge.failedConnections === 0)
    .slice(0, Math.floor(layout.width / WIDTH_PER_FIGURE));
  for (const curve of [...failing, ...heavy]) {
    const failed = curve.edge.failedConnections;
    const text = failed > 0 ? `✕ ${formatCount(failed)}` : formatBytes(curve.edge.bytes);
    const place = FIGURE_PLACES.map((share) => rectangleAt(curve, share, text)).find((one) =>
      isFree(one, taken, layout.width),
    );
    if (place === undefined) continue;
    taken.push(place);
    root
      .append('text')
      .attr('class', failed > 0 ? 'figure failing' : 'figure')
      .attr('x', round(place.x + place.width / 2))
      .attr('y', round(place.y + place.height - 3))
      .text(text);
  }
}

function rectangleAt(curve: Curve, share: number, text: string): Rectangle {
  const { x, y } = bezier(curve.points, share);
  const width = text.length * SMALL_CHARACTER_WIDTH + 6;
  return { x: x - width / 2, y: y - curve.width / 2 - FIGURE_HEIGHT - 1, width, height: FIGURE_HEIGHT };
}

function isFree(rectangle: Rectangle, taken: readonly Rectangle[], width: number): boolean {
  if (rectangle.x < 0 || rectangle.x + rectangle.width > width) return false;
  return taken.every(
    (other) =>
      rectangle.x >= other.x + other.width ||
      other.x >= rectangle.x + rectangle.width ||
      rectangle.y >= other.y + other.height ||
      other.y >= rectangle.y + rectangle.height,
  );
}

function bezier([a, b, c, d]: Curve['points'], t: number): Point {
  const s = 1 - t;
  const at = (member: 'x' | 'y'): number =>
    s * s * s * a[member] + 3 * s * s * t * b[member] + 3 * s * t * t * c[member] + t * t * t * d[member];
  return { x: at('x'), y: at('y') };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
