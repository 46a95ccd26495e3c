/** The lab's vantage points: copies inside one, and where they are if nothing but their traffic tells. */
import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { VantagePoint } from '../../src/model/document.js';
import { withFolder } from '../analysis/pipeline.js';
import { analyzeCaptures, analyzeScenario, captureFiles, labRoot, readTruth, scenarioNames } from './scenarios.js';

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

/** Roles by the kind of capture that the lab says; a capture of all interfaces holds several. */
const ROLES: Readonly<Record<string, readonly VantagePoint['role'][]>> = {
  underlay: ['underlay'],
  nat: ['underlay'],
  overlay: ['overlay', 'wireguard'],
  overlay6: ['overlay'],
  bridge: ['bridge'],
  veth: ['veth'],
  pod: ['pod'],
  nflog: ['nflog'],
  any: ['any', 'veth', 'bridge', 'overlay', 'wireguard', 'underlay'],
  multi: ['bridge', 'overlay', 'wireguard', 'underlay'],
};

(labRoot === null ? describe.skip : describe)('captures whose names say nothing (need shared/lab)', () => {
  test.each(scenarioNames)('%s: what is said of node, role and pod is true', async (scenario) => {
    await withFolder(async (folder) => {
      const files = captureFiles(scenario);
      const renamed = files.map((file, index) => {
        const path = join(folder, `x${index}`);
        symlinkSync(file, path);
        return path;
      });
      const { document } = await analyzeCaptures(scenario, renamed);
      const { captures } = readTruth(scenario);
      let nodes = 0;
      for (const point of document.summary.vantagePoints) {
        const { path } = document.summary.captures[point.captures[0]!]!;
        const file = files[renamed.indexOf(path)]!;
        const truth = captures.find((each) => basename(each.file) === basename(file))!;
        if (point.node !== null) {
          nodes++;
          expect([truth.file, point.node]).toEqual([truth.file, truth.node]);
          expect(point.knownBy.node).not.toBeNull();
        }
        if (point.role !== 'unknown') expect(ROLES[truth.kind]).toContain(point.role);
        if (point.role === 'pod') expect(point.pod).toBe(truth.pod);
      }
      // With three nodes that talk to each other nearly all are known; of two, either may be the one.
      expect(nodes).toBeGreaterThanOrEqual(document.summary.vantagePoints.length / 2);
    });
  });
});
