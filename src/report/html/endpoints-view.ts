/** Who took part: workloads, and the pods behind them. */
import type { EndpointTotals, WorkloadTotals } from '../../model/document.js';
import { counted, formatBytes, formatCount } from '../figures.js';
import { workloadName, workloadText, type PartyName } from '../naming.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

const MOST_WORKLOADS = 60;
const MOST_PODS = 100;

export interface EndpointsView {
  readonly count: string;
  readonly workloads: readonly WorkloadView[];
  readonly moreWorkloads: string;
  readonly pods: readonly PodView[];
  readonly morePods: string;
}

interface TotalsView {
  readonly asClient: string;
  readonly asServer: string;
  readonly failed: string;
  readonly sent: string;
  readonly received: string;
}

export interface WorkloadView extends TotalsView {
  readonly name: PartyName;
  readonly kind: string;
  readonly pods: string;
}

export interface PodView extends TotalsView {
  readonly name: PartyName;
  readonly address: string;
  readonly workload: string;
  readonly node: string;
  /** Why the owner is not plainly observed; empty if it is. */
  readonly doubt: string;
}

export function endpointsView({ summary }: ViewContext): EndpointsView | null {
  const { workloads, pods } = summary.endpoints;
  if (workloads.length === 0 && pods.length === 0) return null;
  return {
    count: formatCount(workloads.length),
    workloads: workloads.slice(0, MOST_WORKLOADS).map((workload) => ({
      name: workloadName(workload),
      kind: displayText(workload.workload?.kind ?? workload.kind),
      pods: workload.kind === 'pod' ? formatCount(workload.pods) : '',
      ...totalsView(workload),
    })),
    moreWorkloads: moreText(workloads.length - MOST_WORKLOADS, 'more workload'),
    pods: pods.slice(0, MOST_PODS).map(podView),
    morePods: moreText(pods.length - MOST_PODS, 'more pod'),
  };
}

function podView(pod: EndpointTotals): PodView {
  const { owner } = pod;
  const doubt = owner.confidence === 'observed' ? '' : `${owner.confidence}: ${owner.reason}`;
  return {
    name: {
      scope: owner.namespace === null ? '' : `${displayText(owner.namespace)}/`,
      name: displayText(owner.name ?? pod.addresses[0] ?? ''),
    },
    address: displayText(pod.addresses.join(', ')),
    workload: workloadText(owner),
    node: displayText(owner.node ?? ''),
    doubt: displayText(doubt),
    ...totalsView(pod),
  };
}

function totalsView(totals: EndpointTotals | WorkloadTotals): TotalsView {
  return {
    asClient: formatCount(totals.connectionsAsClient),
    asServer: formatCount(totals.connectionsAsServer),
    failed: totals.failedConnections === 0 ? '' : formatCount(totals.failedConnections),
    sent: formatBytes(totals.bytesSent),
    received: formatBytes(totals.bytesReceived),
  };
}

function moreText(count: number, noun: string): string {
  return count > 0 ? `${counted(count, noun)} with less traffic: see the JSON report.` : '';
}
