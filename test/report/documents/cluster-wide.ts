/** What a summary says of policies and WireGuard, small and with every kind of trouble. Texts can be replaced by hostile ones. */
import type { ConnectionPolicy, PolicySummary } from '../../../src/model/document.js';
import type { WireguardSummary } from '../../../src/model/wireguard.js';
import { START, buildOwner } from './build.js';

export function somePolicies(text = 'shop-policy'): PolicySummary {
  return {
    policies: [
      {
        ...{ id: 0, kind: 'NetworkPolicy', namespace: 'shop', name: text, file: text, lines: { first: 3, last: 21 } },
        ...{ tier: 'NetworkPolicy', priority: 0, ingressRules: 2, egressRules: null, pods: 4 },
        inForce: { from: null, until: null },
      },
      {
        ...{ id: 1, kind: 'NetworkPolicy', namespace: 'shop', name: 'deny-all', file: null, lines: null },
        ...{ tier: 'NetworkPolicy', priority: 0, ingressRules: 0, egressRules: 0, pods: 0 },
        inForce: { from: null, until: '2026-03-01T10:00:00.000000000Z' },
      },
    ],
    problems: [
      { severity: 'error', file: text, line: 7, policy: text, field: 'spec.ingress[0]', message: text },
      { severity: 'warning', file: null, line: null, policy: null, field: '', message: 'not read' },
    ],
    reading: { ipBlocks: 'exclude pods', hostNetworkPods: 'as nodes' },
    connectionsByVerdict: { allowed: 12, denied: 3, 'not selected': 90, undefined: 1 },
    connectionsByOutcome: { 'allowed and answered': 12, 'denied and dropped': 2, 'denied but established': 1 },
    outOfScope: 7,
    workloads: [
      {
        ...{ namespace: 'shop', workload: text, pods: 2, ingress: [0], egress: [] },
        ...{ connectionsIn: 4, connectionsOut: 9 },
      },
    ],
    otherWorkloads: 2,
    unusedRules: [{ policy: 0, direction: 'ingress', rule: 2, lines: { first: 9, last: 12 } }],
    selectingNothing: [1],
    matrix: {
      workloads: [
        { key: 'a', label: text, namespace: 'shop' },
        { key: 'b', label: 'backend', namespace: 'shop' },
        { key: 'c', label: 'outside the cluster', namespace: null },
      ],
      cells: [
        {
          ...{ client: 0, server: 1, allowed: 12, denied: 0, undefined: 0, deniedButEstablished: 0 },
          permits: 'some ports',
        },
        {
          ...{ client: 1, server: 0, allowed: 0, denied: 2, undefined: 0, deniedButEstablished: 0 },
          permits: 'nothing',
        },
        { ...{ client: 2, server: 1, allowed: 0, denied: 1, undefined: 0, deniedButEstablished: 1 }, permits: null },
        {
          ...{ client: 1, server: 2, allowed: 0, denied: 0, undefined: 1, deniedButEstablished: 0 },
          permits: 'all ports',
        },
      ],
      otherWorkloads: 5,
    },
  };
}

export function deniedPolicy(text = 'rule wants role=backend'): ConnectionPolicy {
  return {
    verdict: 'denied',
    outcome: 'denied but established',
    remarks: ['The policy may be younger than the connection.'],
    egress: { verdict: 'not selected', reason: 'no policy selects it', selecting: [], deciding: [], misses: [] },
    ingress: {
      ...{ verdict: 'denied', reason: 'no rule allows it', selecting: [0], deciding: [] },
      misses: [{ policy: 0, rule: 1, lines: { first: 9, last: 12 }, reasons: [`peer label app=frontend, ${text}`] }],
    },
  };
}

export function someWireguard(text = 'node-2'): WireguardSummary {
  const owner = buildOwner({ kind: 'node', namespace: null, name: text, node: text, workload: null, labels: {} });
  const end = (address: string, node: string | null, publicKey: string | null) => ({
    ...{ address, port: 51_820, owner, otherAddresses: [], node, publicKey },
    publicKeyFrom: publicKey === null ? null : 'wg show of node-1',
  });
  const handshake = { direction: 'a to b', time: START, vantagePoint: 2, initiatorIndex: 77, key: null } as const;
  const traffic = {
    ...{ start: START, end: START, initiations: 2, responses: 1, cookieReplies: 0, keepAlives: 3, sessions: 1 },
  };
  return {
    peers: [
      {
        a: end('192.168.56.11', 'node-1', 'aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxkISBoZWxsbyE='),
        b: end('192.168.56.12', text, null),
        state: 'failing',
        problems: [
          {
            ...{
              kind: 'unanswered',
              direction: 'a to b',
              text: `${text} does not answer.`,
              advice: 'Look at its firewall.',
            },
            ...{ start: START, end: START, count: 3 },
          },
        ],
        traffic: [
          {
            ...{ ...traffic, direction: 'a to b', vantagePoint: 2, dataMessages: 120, bytes: 18_000 },
            ...{ lost: 4, duplicates: 0, reordered: 1 },
          },
        ],
        handshakes: [
          {
            ...{ ...handshake, outcome: 'completed', latencyNs: 412_000, initiationSeenAt: [2], responseSeenAt: [2] },
            ...{ responderIndex: 12, madeFor: 'peer' },
          },
          {
            ...{ ...handshake, outcome: 'unanswered', latencyNs: null, initiationSeenAt: [2], responseSeenAt: [] },
            ...{ responderIndex: null, madeFor: 'unknown' },
          },
        ],
        otherHandshakes: 0,
        sessions: [],
        otherSessions: 0,
        segments: [],
        attribution: [
          {
            ...{ direction: 'a to b', node: 'node-1', innerAt: 1, outerAt: 2, messages: 117, bytes: 17_000 },
            ...{ matchedMessages: 117, matchedBytes: 16_000, packetsWithoutMessage: 0, isComplete: true },
            pairs: [
              {
                source: { address: '10.244.1.7', owner: buildOwner() },
                destination: { address: '10.244.2.9', owner: buildOwner({ name: text }) },
                ...{ packets: 117, packetBytes: 12_000, messages: 117, bytes: 16_000 },
                ...{ lowBytes: 15_000, highBytes: 17_000, confidence: 'range' },
              },
            ],
            otherPairs: { pairs: 0, bytes: 0 },
          },
        ],
      },
    ],
    otherPeers: 0,
    notKept: { handshakeMessages: 0, sessionMessages: 0, dataMessages: 0 },
  };
}
