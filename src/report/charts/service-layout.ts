/**
 * Where things stand on the map: clients to the left, servers to the right, each namespace a box, nothing on top of anything.
 *
 * A layered layout (Sugiyama, Tagawa & Toda 1981) made simple: cycles are broken by the greedy order of Eades, Lin & Smyth
 * (1993), a node's column is its longest way from a source, boxes span the columns of their nodes and are dropped onto the
 * columns one after the other. Boxes are moved, and nodes sorted by their neighbours, while that makes the edges shorter. No
 * forces, no randomness: the same graph gives the same picture.
 */
import type { GraphEdge, GraphNode, ServiceGraph } from './service-graph.js';

export const NODE_HEIGHT = 40;
const NODE_GAP = 14;
const BOX_PADDING = 12;
const BOX_TITLE = 24;
const BOX_GAP = 22;
const MOST_COLUMNS = 5;
const MOST_COLUMN_PITCH = 290;
const MOST_NODE_WIDTH = 190;
const LEAST_COLUMN_GAP = 76;
const SWEEPS = 6;
const HEIGHT_PER_EDGES = 8;

export interface PlacedNode extends GraphNode {
  readonly column: number;
  readonly isLastColumn: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface PlacedBox {
  readonly label: string;
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface ServiceLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  readonly boxes: readonly PlacedBox[];
}

/** Places the graph into a drawing of the given width; its height follows. */
export function layOutServices(graph: ServiceGraph, width: number): ServiceLayout {
  const columns = assignColumns(graph);
  const columnCount = Math.max(...columns.values(), 0) + 1;
  const inner = width - 2 * BOX_PADDING;
  const nodeWidth = Math.min(MOST_NODE_WIDTH, Math.floor((inner + LEAST_COLUMN_GAP) / columnCount - LEAST_COLUMN_GAP));
  const pitch = Math.min(MOST_COLUMN_PITCH, (inner - nodeWidth) / Math.max(1, columnCount - 1));
  const left = (width - (columnCount - 1) * pitch - nodeWidth) / 2;
  const neighbours = neighboursOf(graph);
  const placing: Placing = { graph, columns, columnCount, pitch, nodeWidth, left, width, neighbours };
  let best = place(placing, orderBoxes(placing, initialBoxes(graph)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const next = place(placing, pullNodes(placing, best));
    if (cost(graph, next.layout) >= cost(graph, best.layout)) break;
    best = next;
  }
  return best.layout;
}

interface Placing {
  readonly graph: ServiceGraph;
  readonly columns: ReadonlyMap<string, number>;
  readonly columnCount: number;
  readonly pitch: number;
  readonly nodeWidth: number;
  readonly left: number;
  readonly width: number;
  readonly neighbours: ReadonlyMap<string, readonly string[]>;
}

/** A box with its nodes in the order in which they are stacked. */
interface BoxOrder {
  readonly key: string;
  readonly label: string;
  readonly kind: string;
  readonly nodes: readonly GraphNode[];
}

interface Placement {
  readonly order: readonly BoxOrder[];
  readonly layout: ServiceLayout;
}

function initialBoxes(graph: ServiceGraph): BoxOrder[] {
  return graph.boxes.map((box) => ({ ...box, nodes: graph.nodes.filter((node) => node.box === box.key) }));
}

/**
 * Column of each node: its longest way from a source along edges that do not close a cycle, pressed evenly into the columns
 * there are.
 */
function assignColumns(graph: ServiceGraph): Map<string, number> {
  const order = acyclicOrder(graph);
  const rank = new Map(order.map((key, index) => [key, index]));
  const forward = graph.edges.filter((edge) => (rank.get(edge.client) ?? 0) < (rank.get(edge.server) ?? 0));
  const depths = new Map<string, number>();
  for (const key of order) {
    const before = forward.filter((edge) => edge.server === key).map((edge) => depths.get(edge.client) ?? 0);
    depths.set(key, Math.max(-1, ...before) + 1);
  }
  // A source moves right until it stands beside the first that it talks to.
  for (const key of order) {
    if (forward.some((edge) => edge.server === key)) continue;
    const after = forward.filter((edge) => edge.client === key).map((edge) => depths.get(edge.server) ?? 0);
    if (after.length > 0) depths.set(key, Math.max(0, Math.min(...after) - 1));
  }
  const levels = Math.max(...depths.values(), 0) + 1;
  if (levels <= MOST_COLUMNS) return depths;
  return new Map([...depths].map(([key, depth]) => [key, Math.floor((depth * MOST_COLUMNS) / levels)]));
}

/** Nodes in an order against which few edges run. */
function acyclicOrder(graph: ServiceGraph): string[] {
  const left = new Set(graph.nodes.map((node) => node.key));
  const first: string[] = [];
  const last: string[] = [];
  const degree = (key: string, end: 'client' | 'server'): number =>
    graph.edges.filter((edge) => edge[end] === key && left.has(edge.client) && left.has(edge.server)).length;
  while (left.size > 0) {
    const keys = [...left];
    const sink = keys.find((key) => degree(key, 'client') === 0 && degree(key, 'server') > 0);
    const source = keys.find((key) => degree(key, 'server') === 0);
    const next = sink ?? source ?? mostOutgoing(keys, degree);
    left.delete(next);
    if (next === sink) last.unshift(next);
    else first.push(next);
  }
  return [...first, ...last];
}

function mostOutgoing(keys: readonly string[], degree: (key: string, end: 'client' | 'server') => number): string {
  const surplus = (key: string): number => degree(key, 'client') - degree(key, 'server');
  return keys.reduce((best, key) => (surplus(key) > surplus(best) ? key : best));
}

/** Moves single boxes to other places while that helps. */
function orderBoxes(placing: Placing, boxes: readonly BoxOrder[]): BoxOrder[] {
  let order = [...boxes];
  let least = cost(placing.graph, place(placing, order).layout);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = least;
    for (const box of boxes) {
      const others = order.filter((other) => other.key !== box.key);
      for (let at = 0; at <= others.length; at++) {
        const moved = [...others.slice(0, at), box, ...others.slice(at)];
        const movedCost = cost(placing.graph, place(placing, moved).layout);
        if (movedCost < least) [order, least] = [moved, movedCost];
      }
    }
    if (least === before) break;
  }
  return order;
}

/** The same boxes with the nodes of each sorted by where their neighbours stand. */
function pullNodes({ neighbours }: Placing, { order, layout }: Placement): BoxOrder[] {
  const heightOf = (key: string): number => layout.nodes.get(key)?.y ?? 0;
  const pull = ({ key }: GraphNode): number => {
    const others = neighbours.get(key) ?? [];
    if (others.length === 0) return heightOf(key);
    return others.reduce((total, other) => total + heightOf(other), 0) / others.length;
  };
  return order.map((box) => {
    const pulls = new Map(box.nodes.map((node) => [node, pull(node)]));
    return { ...box, nodes: [...box.nodes].sort((a, b) => (pulls.get(a) ?? 0) - (pulls.get(b) ?? 0)) };
  });
}

/** Drops the boxes onto the columns, in order. */
function place(placing: Placing, order: readonly BoxOrder[]): Placement {
  const floor = new Array<number>(placing.columnCount).fill(0);
  const nodes = new Map<string, PlacedNode>();
  const boxes: PlacedBox[] = [];
  for (const box of order) {
    const columns = box.nodes.map((node) => placing.columns.get(node.key) ?? 0);
    const [from, to] = [Math.min(...columns), Math.max(...columns)];
    const top = Math.max(...floor.slice(from, to + 1));
    const filled = placeNodes(placing, box, top + BOX_TITLE, nodes);
    const height = BOX_TITLE + filled + BOX_PADDING;
    boxes.push({ label: box.label, kind: box.kind, ...span(placing, from, to), y: top, height });
    floor.fill(top + height + BOX_GAP, from, to + 1);
  }
  const height = Math.max(...floor, BOX_GAP) - BOX_GAP;
  return { order, layout: { width: placing.width, height, nodes, boxes } };
}

function neighboursOf(graph: ServiceGraph): Map<string, string[]> {
  const lists = new Map<string, string[]>(graph.nodes.map((node) => [node.key, []]));
  for (const { client, server } of graph.edges) {
    lists.get(client)?.push(server);
    lists.get(server)?.push(client);
  }
  return lists;
}

function span(placing: Placing, from: number, to: number): { readonly x: number; readonly width: number } {
  const x = columnX(placing, from) - BOX_PADDING;
  return { x, width: columnX(placing, to) + placing.nodeWidth + BOX_PADDING - x };
}

function columnX(placing: Placing, column: number): number {
  return placing.left + column * placing.pitch;
}

/** Stacks the nodes of a box below `top`; returns the height they fill. */
function placeNodes(placing: Placing, box: BoxOrder, top: number, nodes: Map<string, PlacedNode>): number {
  const stacks = new Map<number, GraphNode[]>();
  for (const node of box.nodes) {
    const column = placing.columns.get(node.key) ?? 0;
    stacks.set(column, [...(stacks.get(column) ?? []), node]);
  }
  const tallest = Math.max(...[...stacks.values()].map((stack) => stackHeight(stack.length)));
  for (const [column, stack] of stacks) {
    const start = top + (tallest - stackHeight(stack.length)) / 2;
    stack.forEach((node, index) => {
      const y = start + index * (NODE_HEIGHT + NODE_GAP);
      const isLastColumn = column === placing.columnCount - 1;
      nodes.set(node.key, { ...node, column, isLastColumn, x: columnX(placing, column), y, width: placing.nodeWidth });
    });
  }
  return tallest;
}

function stackHeight(count: number): number {
  return count * NODE_HEIGHT + (count - 1) * NODE_GAP;
}

/** How far edges climb, and how high the whole is: one long edge more is worth a lower picture. */
function cost(graph: ServiceGraph, layout: ServiceLayout): number {
  const heightWeight = 1 + graph.edges.length / HEIGHT_PER_EDGES;
  return graph.edges.reduce((total, edge) => total + climb(edge, layout), layout.height * heightWeight);
}

function climb(edge: GraphEdge, layout: ServiceLayout): number {
  const [client, server] = [layout.nodes.get(edge.client), layout.nodes.get(edge.server)];
  if (client === undefined || server === undefined) return 0;
  return Math.abs(client.y - server.y) * (edge.failedConnections > 0 ? 2 : 1);
}
