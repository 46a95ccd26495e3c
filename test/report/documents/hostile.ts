/** A document with hostile text wherever text comes from outside. */
import type { ReportDocument } from '../../../src/model/document.js';
import { deniedPolicy, somePolicies, someWireguard } from './cluster-wide.js';
import { START, buildCapture, buildConnection, buildEndpoint, buildHop, buildOwner, vantagePoint } from './build.js';
import { documentOf } from './totals.js';

export const HOSTILE_STRINGS: readonly string[] = [
  '<script>alert(1)</script>',
  '</script><script>alert(1)//',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '<!--<script>',
  ']]></style><svg onload=alert(1)>',
  '{{constructor}}{{{this}}}',
  '=HYPERLINK("http://evil.example","x")',
  '  =1+1',
  '@SUM(A1)',
  'a\u0000b\u0007c\u001b[31md',
  'line\r\nbreak\u2028and\u2029more',
  'left\u202egnp.exe\u2066iso\u2069',
  'half \ud800 pair \udc00',
  'javascript:alert(1)',
  '__proto__',
  '\ufeffbom\u200bzero',
  'x'.repeat(4000),
];

/** The rich document's shape with hostile text wherever text comes from outside. */
export function hostileDocument(strings: readonly string[] = HOSTILE_STRINGS): ReportDocument {
  const pick = (index: number): string => strings[index % strings.length] ?? '';
  const rows = strings.map((text, index) => {
    const owner = buildOwner({
      name: text,
      namespace: pick(index + 1),
      uid: pick(index + 2),
      node: pick(index + 3),
      workload: { kind: pick(index + 4), name: pick(index + 5) },
      labels: { [text]: pick(index + 6), app: text },
      confidence: 'ambiguous',
      reason: pick(index + 7),
      candidates: [{ kind: 'pod', namespace: text, name: pick(index + 8), uid: null }],
    });
    return buildConnection({
      id: `c-${(0x10000000 + index).toString(16)}`,
      client: buildEndpoint('10.244.1.7', 1000 + index, owner),
      server: buildEndpoint('10.244.1.8', 80, buildOwner({ ...owner, workload: null, name: pick(index + 9) })),
      dialed: buildEndpoint('10.96.0.1', 80, owner),
      service: { namespace: text, name: pick(index + 1), port: pick(index + 2) },
      nat: ['DNAT'],
      translatedBy: { evidence: 'conntrack', node: text },
      candidates: [{ of: 'service', text, service: null, connections: [] }],
      leftover: {
        ...{ pod: { kind: 'pod', namespace: text, name: text, uid: null }, until: START, successor: null },
        ...{ isTranslated: true, text: pick(index + 3) },
      },
      policy: deniedPolicy(text),
      state: index % 3 === 0 ? 'S0' : 'SF',
      hops: [
        buildHop({ nflogPrefix: text }),
        buildHop({ encapsulation: [{ kind: 'GRE', tunnelId: 5, outer: null }], vlans: [7] }),
      ],
    });
  });
  const owner = rows[0]?.client.owner ?? buildOwner();
  return documentOf(rows, {
    captures: strings.map((text, id) =>
      buildCapture(id, {
        path: text,
        rotation: { group: text, part: 1, parts: 2 },
        notes: [text],
        damage: { offset: 3, message: text },
        interfaces: buildCapture(0).interfaces.map((one) => ({
          ...one,
          name: text,
          description: text,
          comments: [text],
        })),
      }),
    ),
    vantagePoints: strings.map((text, id) => ({
      ...vantagePoint(id, text, text, text, 'unknown'),
      ...{ captures: [id], pod: `${text}/${text}`, knownBy: { node: text, interface: null, role: `${text} role` } },
    })),
    inventory: {
      snapshots: ['2026-11-23T14:08:12.000000000Z'],
      files: strings.map((path) => ({ path, recognizedAs: path, objects: 1 })),
      pods: 1,
      services: 1,
      nodes: 1,
      namespaces: 1,
      policies: 0,
      warnings: strings,
    },
    options: strings.map((value) => ({ name: value, value })),
    carriers: [
      {
        kind: 'VXLAN',
        tunnelId: 1,
        vantagePoint: 0,
        a: { address: '10.0.0.1', owner },
        b: { address: '10.0.0.2', owner },
        packetsAToB: 1,
        packetsBToA: 1,
        wireBytes: 1,
        innerFlows: 1,
        wireguard: null,
      },
    ],
    policies: somePolicies(pick(2)),
    wireguard: someWireguard(pick(3)),
    clocks: {
      reference: pick(0),
      nodes: strings.map((node) => ({
        ...{ node, offsetNs: 2_000_000, errorNs: null, driftPpm: null, driftErrorPpm: null },
        ...{ basis: 'given', packets: 0 },
      })),
      steps: strings.map((node) => ({ node, time: START, byNs: 1_000_000 })),
    },
    segments: strings.map((_, id) => ({
      ...{ from: id, to: 0, connections: 1, packets: 4, lost: 1, unknown: 0, estimate: null },
      ...{ smallestLostPayload: 10, largestDeliveredPayload: null },
      ...{ latency: null, latencyMissing: 'clocks not compared', captureDrops: 3 },
    })),
    findings: strings.map((text) => ({
      ...{ id: text, kind: text, severity: 'error', confidence: 'possible', title: text, meaning: text },
      ...{ facts: [text], next: [{ text, command: text }], alternatives: [text] },
      connections: [{ id: text, time: START, vantagePoint: 0 }],
      connectionCount: 1,
      filters: { wireshark: text, tcpdump: text },
    })),
    coverageGaps: strings.map((text) => ({ node: text, role: 'any', text, connections: 1 })),
    oddities: strings.map((text) => ({
      code: text,
      explanation: text,
      capture: 0,
      interface: 0,
      packets: 1,
      firstFrame: 1,
    })),
    unattributed: strings.map((text) => ({ address: '10.0.0.9', reason: text, connections: 1, bytes: 1 })),
    limitations: strings.map((text) => ({ severity: 'note', text, advice: text })),
  });
}
