import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildServiceGraph } from '../../src/report/charts/service-graph.js';
import { NODE_HEIGHT, layOutServices } from '../../src/report/charts/service-layout.js';
import type { ReportSummary, WorkloadPair, WorkloadTotals } from '../../src/model/document.js';
import { buildSummary } from './documents/build.js';
import { richDocument } from './documents/shop.js';
import { all, one, parseHtml } from './dom.js';
import { write } from './write.js';

const MOST_NODES = 60;
const SIZE = { mostNodes: MOST_NODES, mostEdges: 120 };

function summaryOf(links: readonly { client: number; server: number; bytes: number; failed: number }[]): ReportSummary {
  const key = (index: number): string => `ns-${index % 5}/Deployment/w${index}`;
  const indexes = [...new Set(links.flatMap(({ client, server }) => [client, server]))];
  const workloads = indexes.map((index): WorkloadTotals => ({
    key: key(index),
    kind: 'pod',
    namespace: `ns-${index % 5}`,
    workload: { kind: 'Deployment', name: `w${index}` },
    label: `w${index}`,
    pods: 1,
    connectionsAsClient: 0,
    connectionsAsServer: 0,
    failedConnections: 0,
    bytesSent: 0,
    bytesReceived: 0,
  }));
  const pairs = links.map(({ client, server, bytes, failed }): WorkloadPair => ({
    client: key(client),
    server: key(server),
    ports: ['80/TCP'],
    connections: failed + 1,
    failedConnections: failed,
    bytes,
  }));
  return buildSummary({
    endpoints: { pods: [], workloads, pairs, otherPairs: { pairs: 0, connections: 0, bytes: 0 } },
  });
}

const links = fc.array(
  fc.record({ client: fc.nat(90), server: fc.nat(90), bytes: fc.nat(1e9), failed: fc.constantFrom(0, 0, 0, 3) }),
  { minLength: 1, maxLength: 120 },
);

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

describe('the map', () => {
  test.each([1080, 360])('lays any graph out with nothing on top of anything, inside its %i px', (width) => {
    fc.assert(
      fc.property(links, (made) => {
        const graph = buildServiceGraph(summaryOf(made), SIZE);
        fc.pre(graph.edges.length > 0);
        const layout = layOutServices(graph, width);
        const nodes = [...layout.nodes.values()].map((node) => ({ ...node, height: NODE_HEIGHT }));
        expect(nodes).toHaveLength(graph.nodes.length);
        for (const [index, node] of nodes.entries()) {
          for (const other of nodes.slice(index + 1)) expect(overlap(node, other)).toBe(false);
          const box = layout.boxes.find((one) => overlap(one, node));
          expect(node.x >= (box?.x ?? NaN) && node.x + node.width <= (box?.x ?? NaN) + (box?.width ?? NaN)).toBe(true);
          expect(node.y + node.height).toBeLessThanOrEqual((box?.y ?? NaN) + (box?.height ?? NaN));
        }
        for (const [index, box] of layout.boxes.entries()) {
          for (const other of layout.boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
          expect(box.x).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width).toBeLessThanOrEqual(width);
          expect(box.y + box.height).toBeLessThanOrEqual(layout.height);
        }
        expect(layOutServices(graph, width)).toEqual(layout);
      }),
      { numRuns: 40 },
    );
  });

  test('keeps every workload with failures among at most 60 nodes, and no bytes are lost in folding', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      client: index,
      server: index + 1,
      bytes: 1000 - index,
      failed: index === 99 ? 4 : 0,
    }));
    const graph = buildServiceGraph(summaryOf(many), SIZE);
    expect(graph.nodes).toHaveLength(MOST_NODES);
    expect(graph.nodes.map((node) => node.label)).toEqual(expect.arrayContaining(['w99', 'w100']));
    expect(graph.folded).toBe(101 - (MOST_NODES - 1));
    expect(graph.nodes.at(-1)).toMatchObject({ label: `${graph.folded} others` });
  });

  test('leaves traffic within a link to the table', () => {
    const summary = summaryOf([{ client: 0, server: 1, bytes: 10, failed: 0 }]);
    const multicast: WorkloadTotals = {
      ...(summary.endpoints.workloads[0] as WorkloadTotals),
      key: 'multicast',
      kind: 'multicast',
      namespace: null,
      workload: null,
      label: 'multicast',
    };
    const pair = { ...(summary.endpoints.pairs[0] as WorkloadPair), server: 'multicast' };
    const workloads = [...summary.endpoints.workloads, multicast];
    const pairs = [...summary.endpoints.pairs, pair];
    const graph = buildServiceGraph({ ...summary, endpoints: { ...summary.endpoints, workloads, pairs } }, SIZE);
    expect(graph.nodes.map((node) => node.label).sort()).toEqual(['w0', 'w1']);
    expect(graph.hidesLinkTraffic).toBe(true);
  });

  test('tells failures by colour class, sign and words', async () => {
    const document = richDocument({ connections: 200 });
    const map = one(parseHtml(await write('html', document)), '.on-wide svg.map');
    const failing = document.summary.endpoints.pairs.filter((pair) => pair.failedConnections > 0);
    expect(all(map, '.edge.failing')).toHaveLength(failing.length);
    for (const pair of failing) {
      const edge = all(map, '.edge.failing').find((one) =>
        one.textContent.startsWith(`${pair.client} → ${pair.server}:`),
      );
      expect(edge?.textContent).toContain(`${pair.failedConnections} failed`);
    }
    expect(all(map, '.node.failing .small').every((text) => /^✕ \d+ failed/.test(text.textContent))).toBe(true);
    expect(one(map, 'title#map-1080-title').textContent).toBe('Map of workloads');
  });
});

describe('the timeline', () => {
  test('draws the six busiest vantage points with their sums and both lanes, and says what is left out', async () => {
    const document = richDocument({ connections: 150 });
    const root = parseHtml(await write('html', document));
    const chart = one(root, '.on-wide svg.timeline');
    expect(all(chart, '.band')).toHaveLength(6);
    expect(all(chart, '.lane')).toHaveLength(2);
    const failed = document.summary.timeline?.failed.reduce((sum, count) => sum + count, 0);
    expect(one(chart, '.lane.failed .small:not([x="956"])').textContent).toBe(String(failed));
    expect(one(root, '#timeline .caption').textContent).toContain('3 quieter vantage points not drawn');
    for (const path of all(chart, 'path')) expect(path.getAttribute('d')).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('the table beside it adds up to the same', async () => {
    const document = richDocument({ connections: 150 });
    const root = parseHtml(await write('html', document));
    const started = all(root, '#timeline tbody tr').map((row) =>
      Number(all(row, 'td').at(-2)?.textContent.replaceAll(',', '')),
    );
    expect(started.reduce((sum, count) => sum + count, 0)).toBe(150);
  });
});
