/** How the clocks of the nodes differ, how that is known, and where a clock was set while it was captured. */
import type { NodeClock } from '../../model/document.js';
import { formatCount, formatLatency } from '../figures.js';
import { displayText } from '../text.js';
import type { ViewContext } from './context.js';

export interface ClocksView {
  readonly reference: string;
  readonly rows: readonly {
    readonly node: string;
    readonly offset: string;
    readonly drift: string;
    readonly basis: string;
    readonly packets: string;
  }[];
  readonly steps: readonly { readonly node: string; readonly time: string; readonly by: string }[];
}

const BASES: Readonly<Record<NodeClock['basis'], string>> = {
  reference: 'the reference',
  given: 'given with --clock',
  'packets both ways': 'packets seen on both nodes, in both directions',
  'packets one way': 'packets seen on both nodes, in one direction only: a bound',
  acknowledgements: 'TCP acknowledgements',
  none: 'nothing tells it',
};

export function clocksView({ summary, zone }: ViewContext): ClocksView | null {
  const { clocks } = summary;
  if (clocks === null) return null;
  return {
    reference: displayText(clocks.reference),
    rows: clocks.nodes.map((clock) => ({
      node: displayText(clock.node),
      offset: offsetText(clock),
      drift: driftText(clock),
      basis: BASES[clock.basis],
      packets: clock.packets === 0 ? '' : formatCount(clock.packets),
    })),
    steps: clocks.steps.map(({ node, time, byNs }) => {
      const moment = zone.formatTimestamp(time);
      return { node: displayText(node), time: `${moment.date} ${moment.time}`, by: signed(byNs) };
    }),
  };
}

function offsetText({ basis, offsetNs, errorNs }: NodeClock): string {
  if (basis === 'reference') return '0';
  if (offsetNs === null) return 'not known';
  return signed(offsetNs) + (errorNs === null ? '' : ` ± ${formatLatency(errorNs / 1000)}`);
}

function driftText({ basis, driftPpm, driftErrorPpm }: NodeClock): string {
  if (basis === 'reference' || driftPpm === null) return '–';
  const sign = driftPpm < 0 ? '−' : '+';
  return `${sign}${Math.abs(driftPpm).toFixed(2)}${driftErrorPpm === null ? '' : ` ± ${driftErrorPpm.toFixed(2)}`} ppm`;
}

/** With its sign, and to the microsecond however large it is: `+350.013 ms`, `−1,208.412 ms`. */
function signed(nanoseconds: number): string {
  const microseconds = Math.round(Math.abs(nanoseconds) / 1000);
  const fraction = String(microseconds % 1000).padStart(3, '0');
  return `${nanoseconds < 0 ? '−' : '+'}${formatCount(Math.floor(microseconds / 1000))}.${fraction} ms`;
}
