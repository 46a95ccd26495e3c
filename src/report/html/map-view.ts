/** The map of workloads, and the same pairs as a table. */
import { drawServiceMap } from '../charts/service-map.js';
import { buildServiceGraph, type ServiceGraph } from '../charts/service-graph.js';
import { counted, formatBytes, formatCount } from '../figures.js';
import { WorkloadNames, type PartyName } from '../naming.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const MOST_ROWS = 100;

/** A screen's width, and a phone's, on which a drawing made small could not be read. */
const WIDE = { width: 1080, mostNodes: 60, mostEdges: 120 };
const NARROW = { width: 360, mostNodes: 18, mostEdges: 36 };

export interface MapView {
  readonly wide: DrawingView;
  readonly narrow: DrawingView;
  readonly rows: readonly PairView[];
  readonly pairs: string;
  /** A sentence on pairs that are not in the table; empty if all are. */
  readonly rest: string;
}

export interface DrawingView {
  readonly svg: string;
  readonly caption: string;
}

export interface PairView {
  readonly client: PartyName;
  readonly server: PartyName;
  readonly ports: string;
  readonly connections: string;
  readonly failed: string;
  readonly bytes: string;
}

export function mapView({ summary, openSurface }: ViewContext): MapView | null {
  const { pairs, otherPairs } = summary.endpoints;
  const draw = (size: typeof WIDE): DrawingView => {
    const graph = buildServiceGraph(summary, size);
    return { svg: drawServiceMap(graph, size.width, openSurface), caption: captionOf(graph) };
  };
  if (buildServiceGraph(summary, WIDE).edges.length === 0) return null;
  const names = new WorkloadNames(summary);
  const rows = [...pairs]
    .sort((a, b) => b.failedConnections - a.failedConnections || b.bytes - a.bytes)
    .slice(0, MOST_ROWS)
    .map((pair) => ({
      client: names.nameOf(pair.client),
      server: names.nameOf(pair.server),
      ports: displayText(pair.ports.join(' ')),
      connections: formatCount(pair.connections),
      failed: pair.failedConnections === 0 ? '' : formatCount(pair.failedConnections),
      bytes: formatBytes(pair.bytes),
    }));
  const left = pairs.length - rows.length + otherPairs.pairs;
  return {
    wide: draw(WIDE),
    narrow: draw(NARROW),
    rows,
    pairs: counted(pairs.length + otherPairs.pairs, 'pair'),
    rest: left === 0 ? '' : `${counted(left, 'more pair')} with less traffic: see the JSON report.`,
  };
}

function captionOf({ edges, folded, hiddenEdges, hidesLinkTraffic }: ServiceGraph): string {
  const failures = edges.some((edge) => edge.failedConnections > 0);
  return [
    'From clients to servers; the wider, the more bytes.',
    failures ? 'Broken lines with ✕: connections that failed, and how many.' : '',
    folded === 0
      ? ''
      : `${counted(folded, 'workload')} with little traffic ${folded === 1 ? 'is' : 'are'} folded into “others”.`,
    hiddenEdges === 0 ? '' : `${counted(hiddenEdges, 'thin line')} left out.`,
    hidesLinkTraffic ? 'Multicast and traffic within a link is in the table only.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}
