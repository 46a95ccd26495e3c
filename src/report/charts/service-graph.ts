/**
 * What the map shows: the workloads that fit it and the traffic between them, the rest folded into one node.
 *
 * Workloads with failed connections stay, then those with the most bytes. Boxes are the namespaces, and for what has none:
 * the nodes, the outside, and addresses of unknown owners. Traffic to groups and within a link (router solicitations, mDNS) is
 * left to the table: every pod has some, and it would tie all of them to one node.
 */
import type { OwnerKind } from '../../model/owner.js';
import type { ReportSummary, WorkloadPair } from '../../model/document.js';
import { WorkloadNames } from '../naming.js';
import { displayText } from '../text.js';

/** What fits a drawing. More curves are a tangle in which none can be followed. */
export interface GraphSize {
  readonly mostNodes: number;
  readonly mostEdges: number;
}

const OTHERS = 'others';
const NOT_DRAWN: ReadonlySet<OwnerKind> = new Set(['multicast', 'broadcast', 'link-local', 'loopback', 'unspecified']);

export interface GraphNode {
  readonly key: string;
  /** One word for the page's script: keys hold any text. */
  readonly id: string;
  /** Key of the box it stands in. */
  readonly box: string;
  /** What is written on it, not cut. */
  readonly label: string;
  /** `service`, or empty for workloads and what their box says. */
  readonly kind: string;
  /** For people who point at it: `shop/Deployment/frontend`. */
  readonly fullName: string;
  readonly pods: number;
  readonly bytes: number;
  readonly failedConnections: number;
}

export interface GraphEdge {
  readonly client: string;
  readonly server: string;
  readonly bytes: number;
  readonly connections: number;
  readonly failedConnections: number;
  readonly ports: readonly string[];
}

export interface GraphBox {
  readonly key: string;
  readonly label: string;
  /** `namespace`, or empty. */
  readonly kind: string;
}

export interface ServiceGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly boxes: readonly GraphBox[];
  /** Workloads folded into the node `others`. */
  readonly folded: number;
  /** Pairs with the least traffic that are not drawn. */
  readonly hiddenEdges: number;
  /** True if there is traffic to groups or within a link, which is not drawn. */
  readonly hidesLinkTraffic: boolean;
}

/** The graph of a document; edges and nodes with failures first, then by bytes. */
export function buildServiceGraph(summary: ReportSummary, size: GraphSize): ServiceGraph {
  const names = new WorkloadNames(summary);
  const isDrawn = (key: string): boolean => !NOT_DRAWN.has(names.find(key)?.kind ?? 'unknown');
  const pairs = summary.endpoints.pairs.filter((pair) => isDrawn(pair.client) && isDrawn(pair.server));
  const weights = weighNodes(pairs);
  const ranked = [...weights.keys()].sort((a, b) => compareWeights(weights.get(a), weights.get(b)) || (a < b ? -1 : 1));
  const folded = ranked.length > size.mostNodes ? ranked.slice(size.mostNodes - 1) : [];
  const hidden = new Set(folded);
  const keyOf = (key: string): string => (hidden.has(key) ? OTHERS : key);
  const boxes = new Map<string, GraphBox>();
  const nodes = ranked
    .filter((key) => !hidden.has(key))
    .map((key, index) => graphNode(key, `w${index}`, names, boxes, weights.get(key) ?? NOTHING));
  if (folded.length > 0) nodes.push(othersNode(folded, weights, boxes));
  const edges = mergePairs(pairs, keyOf);
  const drawn = edges.slice(0, size.mostEdges);
  const hiddenEdges = edges.length - drawn.length;
  const hidesLinkTraffic = pairs.length < summary.endpoints.pairs.length;
  return { nodes, edges: drawn, boxes: [...boxes.values()], folded: folded.length, hiddenEdges, hidesLinkTraffic };
}

interface Weight {
  readonly bytes: number;
  readonly failed: number;
}

const NOTHING: Weight = { bytes: 0, failed: 0 };

function weighNodes(pairs: readonly WorkloadPair[]): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  for (const pair of pairs) {
    for (const key of new Set([pair.client, pair.server])) {
      const before = weights.get(key) ?? NOTHING;
      weights.set(key, { bytes: before.bytes + pair.bytes, failed: before.failed + pair.failedConnections });
    }
  }
  return weights;
}

function compareWeights(a: Weight = NOTHING, b: Weight = NOTHING): number {
  return b.failed - a.failed || b.bytes - a.bytes;
}

function graphNode(
  key: string,
  id: string,
  names: WorkloadNames,
  boxes: Map<string, GraphBox>,
  weight: Weight,
): GraphNode {
  const workload = names.find(key);
  const box = boxOf(key, workload?.namespace ?? null, workload?.kind ?? 'unknown');
  if (!boxes.has(box.key)) boxes.set(box.key, box);
  return {
    key,
    id,
    box: box.key,
    label: box.key === 'outside' ? 'external' : names.nameOf(key).name.replace(/^service /, ''),
    kind: workload?.kind === 'service' ? 'service' : '',
    fullName: displayText(key),
    pods: workload?.kind === 'pod' ? workload.pods : 0,
    bytes: weight.bytes,
    failedConnections: weight.failed,
  };
}

function boxOf(key: string, namespace: string | null, kind: string): GraphBox {
  if (namespace !== null) return { key: `namespace ${namespace}`, label: displayText(namespace), kind: 'namespace' };
  if (kind === 'external' || key === 'external') return { key: 'outside', label: 'outside', kind: '' };
  if (kind === 'node' || kind === 'gateway') return { key: 'nodes', label: 'nodes', kind: '' };
  if (kind === 'unknown') return { key: 'unknown', label: 'unknown owners', kind: '' };
  return { key: 'other', label: 'other addresses', kind: '' };
}

function othersNode(
  folded: readonly string[],
  weights: ReadonlyMap<string, Weight>,
  boxes: Map<string, GraphBox>,
): GraphNode {
  boxes.set(OTHERS, { key: OTHERS, label: 'others', kind: '' });
  return {
    key: OTHERS,
    id: OTHERS,
    box: OTHERS,
    label: `${folded.length} others`,
    kind: '',
    fullName: `${folded.length} more workloads`,
    pods: 0,
    bytes: folded.reduce((total, key) => total + (weights.get(key)?.bytes ?? 0), 0),
    failedConnections: folded.reduce((total, key) => total + (weights.get(key)?.failed ?? 0), 0),
  };
}

function mergePairs(pairs: readonly WorkloadPair[], keyOf: (key: string) => string): GraphEdge[] {
  const edges = new Map<string, GraphEdge>();
  for (const pair of pairs) {
    const [client, server] = [keyOf(pair.client), keyOf(pair.server)];
    if (client === server) continue; // said in the table behind the map; a loop on one node tells little
    const key = JSON.stringify([client, server]);
    const before = edges.get(key);
    edges.set(key, {
      client,
      server,
      bytes: (before?.bytes ?? 0) + pair.bytes,
      connections: (before?.connections ?? 0) + pair.connections,
      failedConnections: (before?.failedConnections ?? 0) + pair.failedConnections,
      ports: [...new Set([...(before?.ports ?? []), ...pair.ports])].slice(0, 8),
    });
  }
  return [...edges.values()].sort((a, b) => b.failedConnections - a.failedConnections || b.bytes - a.bytes);
}
