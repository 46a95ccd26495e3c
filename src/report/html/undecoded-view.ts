/** What could not be decoded or attributed, and why: oddities, ARP without answers, addresses that nobody is known to own. */
import { counted, formatBytes, formatCount } from '../figures.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

export interface UndecodedView {
  readonly count: string;
  /** Packets that belong to no flow, as a sentence; empty if there are none. */
  readonly undecoded: string;
  readonly oddities: readonly {
    readonly code: string;
    readonly explanation: string;
    readonly capture: string;
    readonly packets: string;
    readonly firstFrame: string;
  }[];
  readonly arp: readonly { readonly address: string; readonly requests: string }[];
  readonly unattributed: readonly {
    readonly address: string;
    readonly reason: string;
    readonly connections: string;
    readonly bytes: string;
  }[];
  /** On flows that a limit finished early; empty if none. */
  readonly limits: string;
}

export function undecodedView({ summary }: ViewContext): UndecodedView | null {
  const { oddities, unattributed, totals, captures } = summary;
  const paths = new Map(captures.map((capture) => [capture.id, capture.path]));
  const view: UndecodedView = {
    count: formatCount(oddities.length + unattributed.length + totals.arp.unanswered.length),
    undecoded:
      totals.undecodedPackets === 0
        ? ''
        : `${counted(totals.undecodedPackets, 'packet')} of ${formatCount(totals.packets)} ${totals.undecodedPackets === 1 ? 'belongs' : 'belong'} to no connection.`,
    oddities: oddities.map((oddity) => ({
      code: displayText(oddity.code),
      explanation: displayText(oddity.explanation),
      capture: displayText(paths.get(oddity.capture) ?? String(oddity.capture)),
      packets: formatCount(oddity.packets),
      firstFrame: formatCount(oddity.firstFrame),
    })),
    arp: totals.arp.unanswered.map((one) => ({
      address: displayText(one.address),
      requests: formatCount(one.requests),
    })),
    unattributed: unattributed.map((one) => ({
      address: displayText(one.address),
      reason: displayText(one.reason),
      connections: formatCount(one.connections),
      bytes: formatBytes(one.bytes),
    })),
    limits: limitsText(totals.flowsFinishedEarly, totals.flowsAggregated),
  };
  const isEmpty = view.count === '0' && view.undecoded === '' && view.limits === '';
  return isEmpty ? null : view;
}

function limitsText(finishedEarly: number, aggregated: number): string {
  const parts: string[] = [];
  if (finishedEarly > 0) parts.push(`${counted(finishedEarly, 'flow')} finished early because of the limit on flows`);
  if (aggregated > 0) parts.push(`${counted(aggregated, 'flow')} counted only in sums`);
  return parts.length === 0 ? '' : `${parts.join('; ')}.`;
}
