/**
 * Where things stand on the map: clients to the left, servers to the right, each namespace a box, nothing on top of anything.
 *
 * A layered layout (Sugiyama, Tagawa & Toda 1981) made simple: cycles are broken by the greedy order of Eades, Lin & Smyth
 * (1993), a node's column is its longest way from a source, boxes span the columns of their nodes and are dropped onto the
 * columns one after the other. Boxes are moved, and nodes sorted by their neighbours, while that makes the edges shorter. No
 * forces, no randomness: the same graph gives the same picture.
 */
import type { GraphBox, GraphNode, ServiceGraph } from './service-graph.js';

export const NODE_HEIGHT = 40;
const NODE_GAP = 14;
const BOX_PADDING = 12;
const BOX_TITLE = 24;
const BOX_GAP = 22;
const MOST_COLUMN_PITCH = 290;
const MOST_NODE_WIDTH = 190;
const LEAST_NODE_WIDTH = 132;
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

/** Places the graph into a drawing of the given width, in as many columns as it has room for; its height follows. */
export function layOutServices(graph: ServiceGraph, width: number): ServiceLayout {
  const grid = layOutGrid(graph, width);
  const springs = new Springs(graph);
  let best = orderBlocks(grid, springs, initialBlocks(graph, grid));
  let least = springs.cost(grid, best);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const next = pullNodes(grid, springs, best);
    const cost = springs.cost(grid, next);
    if (cost >= least) break;
    [best, least] = [next, cost];
  }
  return place(grid, best);
}

/** The columns, and which node stands in which. */
interface Grid {
  readonly columns: ReadonlyMap<string, number>;
  readonly columnCount: number;
  readonly pitch: number;
  readonly nodeWidth: number;
  readonly left: number;
  readonly width: number;
}

/** A box with its nodes in the order in which they are stacked, and what follows from that. */
interface Block {
  readonly box: GraphBox;
  readonly nodes: readonly GraphNode[];
  /** How far each node stands below the box's top. */
  readonly offsets: readonly number[];
  readonly firstColumn: number;
  readonly lastColumn: number;
  readonly height: number;
}

function layOutGrid(graph: ServiceGraph, width: number): Grid {
  const inner = width - 2 * BOX_PADDING;
  const mostColumns = Math.max(2, Math.floor((inner + LEAST_COLUMN_GAP) / (LEAST_NODE_WIDTH + LEAST_COLUMN_GAP)));
  const columns = assignColumns(graph, mostColumns);
  const columnCount = Math.max(...columns.values(), 0) + 1;
  const nodeWidth = Math.min(MOST_NODE_WIDTH, Math.floor((inner + LEAST_COLUMN_GAP) / columnCount - LEAST_COLUMN_GAP));
  const pitch = Math.min(MOST_COLUMN_PITCH, (inner - nodeWidth) / Math.max(1, columnCount - 1));
  const left = (width - (columnCount - 1) * pitch - nodeWidth) / 2;
  return { columns, columnCount, pitch, nodeWidth, left, width };
}

function initialBlocks(graph: ServiceGraph, grid: Grid): Block[] {
  return graph.boxes.map((box) =>
    stack(
      grid,
      box,
      graph.nodes.filter((node) => node.box === box.key),
    ),
  );
}

/** Stacks the nodes of a box, each column centred. */
function stack({ columns }: Grid, box: GraphBox, nodes: readonly GraphNode[]): Block {
  const columnOf = nodes.map((node) => columns.get(node.key) ?? 0);
  const counts = new Map<number, number>();
  for (const column of columnOf) counts.set(column, (counts.get(column) ?? 0) + 1);
  const tallest = Math.max(...[...counts.values()].map(stackHeight));
  const placed = new Map<number, number>();
  const offsets = columnOf.map((column) => {
    const index = placed.get(column) ?? 0;
    placed.set(column, index + 1);
    return BOX_TITLE + (tallest - stackHeight(counts.get(column) ?? 0)) / 2 + index * (NODE_HEIGHT + NODE_GAP);
  });
  const [firstColumn, lastColumn] = [Math.min(...columnOf), Math.max(...columnOf)];
  return { box, nodes, offsets, firstColumn, lastColumn, height: BOX_TITLE + tallest + BOX_PADDING };
}

function stackHeight(count: number): number {
  return count * NODE_HEIGHT + (count - 1) * NODE_GAP;
}

/** What pulls nodes to one height: the edges, by the indexes of their ends. Made for being asked thousands of times. */
class Springs {
  /** Where each node stood when the cost was last asked for, by its index in the graph. */
  readonly heights: Float64Array;
  private readonly indexes: ReadonlyMap<string, number>;
  private readonly neighbours: readonly (readonly number[])[];
  private readonly ends: Int32Array;
  private readonly weights: Float64Array;
  private readonly heightWeight: number;

  constructor(graph: ServiceGraph) {
    const indexes = new Map(graph.nodes.map((node, index) => [node.key, index]));
    const neighbours = graph.nodes.map((): number[] => []);
    this.heights = new Float64Array(graph.nodes.length);
    this.ends = new Int32Array(graph.edges.length * 2);
    this.weights = Float64Array.from(graph.edges, (edge) => (edge.failedConnections > 0 ? 2 : 1));
    // One long edge more is worth a lower picture.
    this.heightWeight = 1 + graph.edges.length / HEIGHT_PER_EDGES;
    graph.edges.forEach((edge, index) => {
      const [client, server] = [indexes.get(edge.client) ?? 0, indexes.get(edge.server) ?? 0];
      this.ends.set([client, server], index * 2);
      neighbours[client]?.push(server);
      neighbours[server]?.push(client);
    });
    this.indexes = indexes;
    this.neighbours = neighbours;
  }

  /** How far edges climb, and how high the whole is, with the blocks in this order. */
  cost(grid: Grid, order: readonly Block[]): number {
    const { heights, ends, weights } = this;
    const { tops, height } = drop(grid, order);
    order.forEach((block, at) => {
      const top = tops[at] ?? 0;
      block.nodes.forEach((node, index) => (heights[this.indexOf(node)] = top + (block.offsets[index] ?? 0)));
    });
    let cost = height * this.heightWeight;
    for (let edge = 0; edge < weights.length; edge++) {
      cost += Math.abs(heights[ends[edge * 2]!]! - heights[ends[edge * 2 + 1]!]!) * weights[edge]!;
    }
    return cost;
  }

  /** Mean height of what the node talks to; its own where it talks to nothing. */
  pull(node: GraphNode): number {
    const at = this.indexOf(node);
    const others = this.neighbours[at] ?? [];
    if (others.length === 0) return this.heights[at] ?? 0;
    return others.reduce((total, other) => total + (this.heights[other] ?? 0), 0) / others.length;
  }

  private indexOf(node: GraphNode): number {
    return this.indexes.get(node.key) ?? 0;
  }
}

/** Drops the blocks onto the columns, one after the other. */
function drop(
  { columnCount }: Grid,
  order: readonly Block[],
): { readonly tops: readonly number[]; readonly height: number } {
  const floor = new Array<number>(columnCount).fill(0);
  const tops = order.map(({ firstColumn, lastColumn, height }) => {
    let top = 0;
    for (let column = firstColumn; column <= lastColumn; column++) top = Math.max(top, floor[column] ?? 0);
    floor.fill(top + height + BOX_GAP, firstColumn, lastColumn + 1);
    return top;
  });
  return { tops, height: Math.max(...floor, BOX_GAP) - BOX_GAP };
}

/**
 * Column of each node: its longest way from a source along edges that do not close a cycle, pressed evenly into the columns
 * there are.
 */
function assignColumns(graph: ServiceGraph, mostColumns: number): Map<string, number> {
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
  if (levels <= mostColumns) return depths;
  return new Map([...depths].map(([key, depth]) => [key, Math.floor((depth * mostColumns) / levels)]));
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

/** Moves single blocks to other places while that helps. */
function orderBlocks(grid: Grid, springs: Springs, blocks: readonly Block[]): Block[] {
  let order = [...blocks];
  let least = springs.cost(grid, order);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = least;
    for (const block of blocks) {
      const others = order.filter((other) => other !== block);
      for (let at = 0; at <= others.length; at++) {
        const moved = [...others.slice(0, at), block, ...others.slice(at)];
        const cost = springs.cost(grid, moved);
        if (cost < least) [order, least] = [moved, cost];
      }
    }
    if (least === before) break;
  }
  return order;
}

/** The same blocks with the nodes of each sorted by where their neighbours stand. */
function pullNodes(grid: Grid, springs: Springs, order: readonly Block[]): Block[] {
  springs.cost(grid, order);
  const pulls = new Map(order.flatMap(({ nodes }) => nodes.map((node) => [node, springs.pull(node)])));
  return order.map(({ box, nodes }) =>
    stack(
      grid,
      box,
      [...nodes].sort((a, b) => (pulls.get(a) ?? 0) - (pulls.get(b) ?? 0)),
    ),
  );
}

/** The finished picture. */
function place(grid: Grid, order: readonly Block[]): ServiceLayout {
  const { tops, height } = drop(grid, order);
  const nodes = new Map<string, PlacedNode>();
  const boxes = order.map(
    ({ box, nodes: stacked, offsets, firstColumn, lastColumn, height: boxHeight }, at): PlacedBox => {
      const y = tops[at] ?? 0;
      stacked.forEach((node, index) => {
        const column = grid.columns.get(node.key) ?? 0;
        nodes.set(node.key, {
          ...node,
          column,
          isLastColumn: column === grid.columnCount - 1,
          x: columnX(grid, column),
          y: y + (offsets[index] ?? 0),
          width: grid.nodeWidth,
        });
      });
      const x = columnX(grid, firstColumn) - BOX_PADDING;
      const width = columnX(grid, lastColumn) + grid.nodeWidth + BOX_PADDING - x;
      return { label: box.label, kind: box.kind, x, y, width, height: boxHeight };
    },
  );
  return { width: grid.width, height, nodes, boxes };
}

function columnX(grid: Grid, column: number): number {
  return grid.left + column * grid.pitch;
}
