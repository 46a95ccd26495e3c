/**
 * Where the paths of connections lead and nothing was captured: nodes without a capture, nodes that packets were sent to through a
 * tunnel of which only the other end was captured, and nodes whose captures begin after, or end before, connections of theirs. A
 * connection with a hop at a vantage point of an unknown node proves nothing missing.
 */
import { compareText } from '../base/compare-text.js';
import { formatTimestamp, type Timestamp } from '../base/time.js';
import type { CoverageGap } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import type { ConnectionSet } from '../trail/connections.js';
import type { FlowSet } from '../trail/flow-set.js';
import type { ClockCorrection } from '../trail/clocks/clock-correction.js';
import type { Segment } from './segment.js';
import { correctTimes, spanOf, type Times } from './sums.js';
import type { NamedVantage } from './vantage-naming.js';

const MOST_GAPS = 100;
/** Captures that are started together begin and end this far apart, in seconds. */
const SLACK_SECONDS = 2;
const BETWEEN_NODES = new Set<NamedVantage['role']>(['underlay', 'overlay', 'wireguard', 'any']);

/** The ends and the time of connections. */
export interface ConnectionEnds {
  readonly length: number;
  client(index: number): Owner;
  server(index: number): Owner;
  start(index: number): Timestamp;
  end(index: number): Timestamp;
}

export interface CoverageInput {
  readonly named: readonly NamedVantage[];
  readonly segments: ReadonlyMap<number, readonly Segment[]>;
  readonly ends: ConnectionEnds;
  readonly connections: ConnectionSet;
  readonly flows: FlowSet;
  readonly clocks: ClockCorrection;
}

type Kind = 'nothing' | 'between' | 'late' | 'early';

/** Gaps, most connections first. */
export function findCoverageGaps(input: CoverageInput): CoverageGap[] {
  const { ends } = input;
  const nodes = nodesCaptured(input);
  const counts = new Map<string, { readonly node: string; readonly kind: Kind; connections: number }>();
  const count = (node: string, kind: Kind): void => {
    const key = `${kind} ${node}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { node, kind, connections: 1 });
    else known.connections++;
  };
  for (let index = 0; index < ends.length; index++) {
    const client = nodeOf(ends.client(index));
    const server = nodeOf(ends.server(index));
    if (isToAGroup(ends.server(index)) || (client === null && server === null) || hasHopAnywhere(input, index))
      continue;
    if (client !== null) countGaps(client, server, input, index, nodes, count);
    if (server !== null && server !== client) countGaps(server, client, input, index, nodes, count);
  }
  return [...counts.values()]
    .sort((a, b) => b.connections - a.connections || compareText(a.node, b.node) || compareText(a.kind, b.kind))
    .slice(0, MOST_GAPS)
    .map(({ node, kind, connections }) => describe(node, kind, connections, nodes.get(node)));
}

/** What was captured on a node, of all its vantage points. */
interface NodeCaptures {
  readonly times: Times;
  readonly seesBetweenNodes: boolean;
}

function nodesCaptured({ named, segments, clocks }: CoverageInput): Map<string, NodeCaptures> {
  const nodes = new Map<string, NodeCaptures>();
  for (const [id, { node, role }] of named.entries()) {
    if (node === null) continue;
    const known = nodes.get(node);
    const own = (segments.get(id) ?? []).map((segment) => correctTimes(segment.times(), id, clocks));
    nodes.set(node, {
      times: spanOf(known === undefined ? own : [known.times, ...own]),
      seesBetweenNodes: (known?.seesBetweenNodes ?? false) || BETWEEN_NODES.has(role),
    });
  }
  return nodes;
}

function nodeOf({ kind, node, confidence }: Owner): string | null {
  return (kind === 'pod' || kind === 'node' || kind === 'gateway') && confidence !== 'ambiguous' ? node : null;
}

/** What goes to a group arrives at nodes that have no part in a connection. */
function isToAGroup({ kind }: Owner): boolean {
  return kind === 'multicast' || kind === 'broadcast' || kind === 'link-local';
}

/** True if some hop is on a node that is not known: it may be the one that seems to be missing. */
function hasHopAnywhere({ named, connections, flows }: CoverageInput, index: number): boolean {
  return connections.hopsOf(index).some((hop) => {
    flows.load(hop);
    return named[flows.vantage]!.node === null;
  });
}

function countGaps(
  node: string,
  other: string | null,
  { ends }: CoverageInput,
  index: number,
  nodes: ReadonlyMap<string, NodeCaptures>,
  count: (node: string, kind: Kind) => void,
): void {
  const captures = nodes.get(node);
  if (captures === undefined) {
    count(node, 'nothing');
    return;
  }
  const isOtherSeen = other !== null && other !== node && (nodes.get(other)?.seesBetweenNodes ?? false);
  if (isOtherSeen && !captures.seesBetweenNodes) count(node, 'between');
  // What is seen nowhere else cannot have been before or after.
  if (other === null || other === node || !nodes.has(other)) return;
  const { earliestSeconds, latestSeconds } = captures.times;
  if (ends.start(index).seconds + SLACK_SECONDS < earliestSeconds) count(node, 'late');
  if (ends.end(index).seconds - SLACK_SECONDS > latestSeconds) count(node, 'early');
}

function describe(node: string, kind: Kind, connections: number, captures: NodeCaptures | undefined): CoverageGap {
  const { role, text } = sentence(
    node,
    kind,
    connections === 1 ? '1 connection' : `${connections} connections`,
    captures,
  );
  return { node, role, text, connections };
}

function sentence(
  node: string,
  kind: Kind,
  connections: string,
  captures: NodeCaptures | undefined,
): Pick<CoverageGap, 'role' | 'text'> {
  const times = captures?.times;
  switch (kind) {
    case 'nothing':
      return {
        role: 'any',
        text: `Nothing was captured on ${node}, an end of ${connections}: what arrived there, and what was lost on the way, cannot be told.`,
      };
    case 'between':
      return {
        role: 'underlay',
        text: `On ${node} nothing was captured between the nodes: of ${connections} it cannot be told whether packets were lost on the network or on ${node}.`,
      };
    case 'late':
      return {
        role: 'any',
        text: `The captures on ${node} show nothing before ${formatTimestamp(times?.earliestSeconds ?? 0, times?.earliestNanoseconds ?? 0)}: what of ${connections} arrived there until then cannot be told.`,
      };
    case 'early':
      return {
        role: 'any',
        text: `The captures on ${node} show nothing after ${formatTimestamp(times?.latestSeconds ?? 0, times?.latestNanoseconds ?? 0)}: what of ${connections} arrived there from then on cannot be told.`,
      };
  }
}
