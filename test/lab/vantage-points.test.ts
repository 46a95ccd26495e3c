/** The lab's vantage points: copies inside one. */
import { describe, expect, test } from '@jest/globals';
import type { VantagePoint } from '../../src/model/document.js';
import { analyzeScenario, labRoot } from './scenarios.js';

/**
 * Counted with tshark: packets of one file that agree in identification, addresses' protocol, TCP numbers, flags, length, window and
 * timestamps or UDP payload within 50 ms, and differ in time to live or source MAC address, or have an identification. The
 * bridges were captured in promiscuous mode; in 04b the wire sent 12 and 8 packets twice, as its own log says.
 */
const COPIES: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ['01-pod-to-pod', {}],
  ['02-services', { 'node-1/cni0': 87, 'node-2/cni0': 25, 'pod kube-system/coredns-fb64f9bf6m-qr9qn eth0': 49 }],
  ['02c-services-quiet', {}],
  ['03b-netpol', { 'node-2/cni0': 13 }],
  ['04a-loss', {}],
  ['04b-delay-reorder', { 'node-1/eth1': 12, 'node-2/eth1': 8 }],
  ['08b-udp-sctp', { 'pod shop/collector-gbwdb eth0': 21 }],
];

(labRoot === null ? describe.skip : describe)('copies inside one vantage point (need shared/lab)', () => {
  test.each(COPIES)('%s', async (scenario, expected) => {
    const { document } = await analyzeScenario(scenario);
    const points = document.summary.vantagePoints.filter(({ role }) => role !== 'any');
    const found = new Map(points.filter(({ copies }) => copies > 0).map(({ name, copies }) => [name, copies]));
    for (const [name, copies] of Object.entries(expected)) expect([name, found.get(name)]).toEqual([name, copies]);
    if (Object.keys(expected).length === 0) expect([...found]).toEqual([]);
    for (const point of points) expect(point.copies).toBeLessThan(half(point));
  });
});

function half({ packets }: VantagePoint): number {
  return Math.max(1, packets / 2);
}
