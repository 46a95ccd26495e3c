/**
 * Everything that the templates show, as plain values: the page without its markup. Parts that have nothing to say are null, and
 * the template leaves them out. Text is fit to be shown; handlebars escapes it. Only `svg`, `rows`, `data`, `style` and
 * `script` are markup or code, made here and by the page's script, and are put in as they are.
 */
import { displayText } from '../text.js';
import { clocksView, type ClocksView } from './clocks-view.js';
import { connectionsView, type ConnectionsView } from './connections-view.js';
import { viewContext, type PageInput, type ViewContext } from './context.js';
import { coverageView, type CoverageView } from './coverage-view.js';
import { endpointsView, type EndpointsView } from './endpoints-view.js';
import { findingsView, type FindingsView } from './findings-view.js';
import { heroView, type HeroView } from './hero-view.js';
import { inputsView, type InputsView } from './inputs-view.js';
import { mapView, type MapView } from './map-view.js';
import { policiesView, type PoliciesView } from './policies-view.js';
import { segmentsView, type SegmentsView } from './segments-view.js';
import { timelineView, type TimelineView } from './timeline-view.js';
import { tunnelsView, type TunnelsView } from './tunnels-view.js';
import { undecodedView, type UndecodedView } from './undecoded-view.js';
import { wireguardView, type WireguardView } from './wireguard-view.js';

export interface PageView {
  readonly title: string;
  readonly style: string;
  readonly script: string;
  readonly scriptHash: string;
  readonly generator: string;
  readonly contents: readonly { readonly id: string; readonly title: string; readonly count: string }[];
  readonly hero: HeroView;
  readonly findings: FindingsView | null;
  readonly map: MapView | null;
  readonly timeline: TimelineView | null;
  readonly coverage: CoverageView | null;
  readonly segments: SegmentsView | null;
  readonly clocks: ClocksView | null;
  readonly policies: PoliciesView | null;
  readonly connections: ConnectionsView | null;
  readonly endpoints: EndpointsView | null;
  readonly tunnels: TunnelsView | null;
  readonly wireguard: WireguardView | null;
  readonly undecoded: UndecodedView | null;
  readonly inputs: InputsView;
}

/** The whole page as values. */
export function buildPageView(input: PageInput): PageView {
  const context = viewContext(input);
  const parts = {
    findings: findingsView(context),
    map: mapView(context),
    timeline: timelineView(context),
    coverage: coverageView(context),
    segments: segmentsView(context),
    clocks: clocksView(context),
    policies: policiesView(context),
    connections: connectionsView(context),
    endpoints: endpointsView(context),
    tunnels: tunnelsView(context),
    wireguard: wireguardView(context),
    undecoded: undecodedView(context),
    inputs: inputsView(context),
  };
  const { name, version } = context.summary.generator;
  return {
    title: pageTitle(context),
    style: input.style,
    script: input.script,
    scriptHash: input.scriptHash,
    generator: displayText(`${name} ${version}`),
    contents: tableOfContents(parts),
    hero: heroView(context),
    ...parts,
  };
}

type Parts = Omit<PageView, 'title' | 'style' | 'script' | 'scriptHash' | 'generator' | 'contents' | 'hero'>;

/** What tabs and bookmarks say. */
function pageTitle({ summary, zone, origin }: ViewContext): string {
  const when = origin === null ? '' : zone.formatTimestamp(origin);
  const [first, ...others] = summary.captures;
  const name = first === undefined ? 'no capture' : displayText(first.path.replace(/^.*[\\/]/, ''));
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${name}${more}${when === '' ? '' : `, ${when.date} ${when.time.slice(0, 5)}`} · podtrail`;
}

function tableOfContents(parts: Parts): PageView['contents'] {
  const { findings, map, timeline, coverage, segments, clocks, policies, connections, endpoints, tunnels, wireguard } =
    parts;
  const { undecoded } = parts;
  const entries = [
    { id: 'summary', title: 'In short', count: '', present: true },
    { id: 'findings', title: 'Findings', count: findings?.count ?? '', present: findings !== null },
    { id: 'map', title: 'Map', count: '', present: map !== null },
    { id: 'timeline', title: 'Timeline', count: '', present: timeline !== null },
    { id: 'coverage', title: 'Captures', count: coverage?.count ?? '', present: coverage !== null },
    { id: 'segments', title: 'Loss and latency', count: '', present: segments !== null },
    { id: 'clocks', title: 'Clocks', count: '', present: clocks !== null },
    { id: 'policies', title: 'Network policies', count: policies?.count ?? '', present: policies !== null },
    { id: 'connections', title: 'Connections', count: connections?.count ?? '', present: connections !== null },
    { id: 'endpoints', title: 'Workloads and pods', count: endpoints?.count ?? '', present: endpoints !== null },
    { id: 'tunnels', title: 'Tunnels', count: tunnels?.count ?? '', present: tunnels !== null },
    { id: 'wireguard', title: 'WireGuard', count: wireguard?.count ?? '', present: wireguard !== null },
    { id: 'undecoded', title: 'Oddities and unknowns', count: undecoded?.count ?? '', present: undecoded !== null },
    { id: 'inputs', title: 'Inputs', count: '', present: true },
  ];
  return entries.filter((entry) => entry.present).map(({ id, title, count }) => ({ id, title, count }));
}
