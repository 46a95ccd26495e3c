/** The map of workloads, and the same pairs as a table. */
import { drawServiceMap } from '../charts/service-map.js';
import { buildServiceGraph, type ServiceGraph } from '../charts/service-graph.js';
import { counted, formatBytes, formatCount } from '../figures.js';
import { WorkloadNames, type PartyName } from '../naming.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const MOST_ROWS = 100;

export interface MapView {
  readonly svg: string;
  readonly caption: string;
  readonly rows: readonly PairView[];
  readonly pairs: string;
  /** A sentence on pairs that are not in the table; empty if all are. */
  readonly rest: string;
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
  const graph = buildServiceGraph(summary);
  if (graph.edges.length === 0) return null;
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
    svg: drawServiceMap(graph, openSurface),
    caption: captionOf(
      graph,
      rows.some((row) => row.failed !== ''),
    ),
    rows,
    pairs: counted(pairs.length + otherPairs.pairs, 'pair'),
    rest: left === 0 ? '' : `${counted(left, 'more pair')} with less traffic: see the JSON report.`,
  };
}

function captionOf({ folded, hiddenEdges, hidesLinkTraffic }: ServiceGraph, failures: boolean): string {
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
