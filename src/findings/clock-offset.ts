/** Clocks of nodes that differ: logs and captures of the nodes cannot be compared without correction (A8). */
import type { NodeClock } from '../model/document.js';
import type { Detector, Draft } from './detector.js';

/** Below it hardly anybody who compares logs minds. */
const NOTABLE_NS = 1_000_000;

export function clockOffset(): Detector {
  return {
    drafts: ({ clocks }) =>
      (clocks?.nodes ?? [])
        .filter(({ offsetNs }) => Math.abs(offsetNs ?? 0) >= NOTABLE_NS)
        .map((clock): Draft => ({
          kind: 'clock-offset',
          severity: 'warning',
          confidence: clock.errorNs === null ? 'likely' : 'confirmed',
          title: `The clock of ${clock.node} is ${offsetOf(clock)} that of ${clocks?.reference}`,
          facts: [
            `Found by ${clock.packets} packets that both nodes show${clock.errorNs === null ? '' : `, right to ${(clock.errorNs / 1000).toFixed(1)} µs`}.`,
            'All times in this report are corrected.',
          ],
          meaning: 'Events in the logs of the two nodes are not in the order of their times.',
          next: [{ text: 'See whether the node’s clock is disciplined.', command: 'chronyc tracking || timedatectl' }],
          alternatives:
            clock.errorNs === null ? ['Only packets one way were seen: part of it may be their delay.'] : [],
          connections: [],
          connectionCount: 0,
          filters: null,
        })),
  };
}

function offsetOf({ offsetNs }: NodeClock): string {
  const milliseconds = Math.abs(offsetNs ?? 0) / 1e6;
  return `${milliseconds.toFixed(3)} ms ${(offsetNs ?? 0) < 0 ? 'behind' : 'ahead of'}`;
}
