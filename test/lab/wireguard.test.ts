/** WireGuard on the lab's cluster: against the nodes' own `wg show`, tshark's reading of the same files, and the ground truth. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { analyze } from '../../src/analysis/analyze.js';
import type { ReportDocument } from '../../src/model/document.js';
import type { WireguardPeer, WireguardTraffic } from '../../src/model/wireguard.js';
import { analyzeScenario, labRoot, readTruth, requestFor, rowsOf, scenarioNames } from './scenarios.js';

const SCENARIO = '06-wireguard';
const isThere = scenarioNames.includes(SCENARIO);
const hasTshark = spawnSync('tshark', ['--version']).status === 0;

interface WireguardTruth {
  readonly nodes: readonly { readonly name: string; readonly ip: string; readonly wg_public_key: string }[];
}

function folder(...parts: string[]): string {
  return join(labRoot ?? '', SCENARIO, ...parts);
}

function peerOf({ summary }: ReportDocument, a: string, b: string): WireguardPeer {
  const peer = summary.wireguard?.peers.find((each) => each.a.node === a && each.b.node === b);
  if (peer === undefined) throw new Error(`no peers ${a} and ${b}`);
  return peer;
}

/** The direction's traffic at a node's own capture of its underlay. */
function trafficAt(document: ReportDocument, peer: WireguardPeer, direction: string, node: string): WireguardTraffic {
  const { vantagePoints } = document.summary;
  const found = peer.traffic.find((each) => {
    const { name } = vantagePoints[each.vantagePoint]!;
    return each.direction === direction && name === `${node}/eth1`;
  });
  if (found === undefined) throw new Error(`no traffic ${direction} at ${node}`);
  return found;
}

function tsharkRows(file: string, filter: string, fields: readonly string[]): string[][] {
  const options = fields.flatMap((field) => ['-e', field]);
  const output = execFileSync('tshark', ['-r', file, '-Y', filter, '-T', 'fields', ...options], { encoding: 'utf8' });
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

(isThere ? describe : describe.skip)('WireGuard in the lab', () => {
  let document: ReportDocument;

  beforeAll(async () => {
    ({ document } = await analyzeScenario(SCENARIO));
  });

  test('peers are the nodes, with the keys that they have', () => {
    const { nodes } = readTruth(SCENARIO) as unknown as WireguardTruth;
    const ends = (document.summary.wireguard?.peers ?? []).flatMap(({ a, b }) => [a, b]);
    expect(new Set(ends.map(({ node }) => node))).toEqual(new Set(nodes.map(({ name }) => name)));
    for (const { node, address, publicKey } of ends) {
      const truth = nodes.find(({ name }) => name === node)!;
      expect([address, publicKey]).toEqual([truth.ip, truth.wg_public_key]);
    }
  });

  test('transfers equal the `wg show` of the receiving nodes, and nothing was lost, repeated or overtaken', () => {
    const pairs = [
      ['node-1', 'node-2', 'a to b', 'node-2', 0],
      ['node-1', 'node-2', 'b to a', 'node-1', 1],
      ['node-2', 'node-3', 'a to b', 'node-3', 0],
      ['node-2', 'node-3', 'b to a', 'node-2', 1],
    ] as const;
    for (const [a, b, direction, receiver, sender] of pairs) {
      const peer = peerOf(document, a, b);
      const from = sender === 0 ? peer.a : peer.b;
      const lines = readFileSync(folder('hosts', receiver, 'wg-show-dump.txt'), 'utf8').split('\n');
      // public key, preshared key, endpoint, allowed IPs, latest handshake, received, sent, keep-alive
      const received = lines.map((line) => line.split('\t')).find(([key]) => key === from.publicKey)![5];
      for (const node of [a, b]) {
        const traffic = trafficAt(document, peer, direction, node);
        expect(traffic.bytes).toBe(Number(received));
        expect([traffic.lost, traffic.duplicates, traffic.reordered]).toEqual([0, 0, 0]);
      }
    }
    for (const { segments } of document.summary.wireguard?.peers ?? []) {
      for (const segment of segments) expect([segment.lost, segment.unknown]).toEqual([0, 0]);
    }
  });

  test('a handshake with a stale key is proven by MAC1, with the key that `wg show` has; others are completed', () => {
    const stale = peerOf(document, 'node-1', 'node-3');
    const configured = readFileSync(folder('hosts', 'node-1', 'wg-show-dump.txt'), 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .find((fields) => fields[2] === '192.168.56.13:51820')![0];
    expect(stale.state).toBe('failing');
    expect(stale.problems.map(({ kind, count }) => [kind, count])).toEqual([['wrong key', 3]]);
    expect(stale.handshakes.map(({ madeFor, key }) => [madeFor, key])).toEqual(Array(3).fill(['other', configured]));
    for (const [a, b] of [
      ['node-1', 'node-2'],
      ['node-2', 'node-3'],
    ] as const) {
      const { state, handshakes, problems } = peerOf(document, a, b);
      expect([state, problems]).toEqual(['working', []]);
      expect(handshakes.map(({ outcome, madeFor }) => [outcome, madeFor])).toEqual([['completed', 'peer']]);
    }
  });

  (hasTshark ? test : test.skip)('handshakes, indexes, counters and keep-alives are those that tshark reads', () => {
    for (const node of ['node-1', 'node-2', 'node-3']) {
      const vantage = document.summary.vantagePoints.find(({ name }) => name === `${node}/eth1`)!.id;
      const fields = ['wg.type', 'wg.sender', 'wg.receiver', 'wg.counter', 'udp.length', 'ip.src'];
      const rows = tsharkRows(folder('captures', `${node}.eth1.pcap`), 'wg', fields);
      const peers = document.summary.wireguard?.peers ?? [];
      const ofType = (type: string): string[][] => rows.filter(([each]) => each === type);
      const at = peers.flatMap(({ traffic }) => traffic.filter(({ vantagePoint }) => vantagePoint === vantage));
      const total = (count: (each: WireguardTraffic) => number): number => at.reduce((n, each) => n + count(each), 0);
      expect(total(({ initiations }) => initiations)).toBe(ofType('1').length);
      expect(total(({ responses }) => responses)).toBe(ofType('2').length);
      expect(total(({ dataMessages }) => dataMessages)).toBe(ofType('4').length);
      expect(total(({ keepAlives }) => keepAlives)).toBe(ofType('4').filter((row) => row[4] === '40').length);
      const seen = peers.flatMap(({ handshakes }) =>
        handshakes.filter(({ initiationSeenAt }) => initiationSeenAt.includes(vantage)),
      );
      expect(new Set(seen.map(({ initiatorIndex }) => initiatorIndex))).toEqual(
        new Set(ofType('1').map((row) => Number(row[1]))),
      );
      expect(new Set(seen.flatMap(({ responderIndex }) => responderIndex ?? []))).toEqual(
        new Set(ofType('2').map((row) => Number(row[1]))),
      );
      const sessions = peers.flatMap((peer) => peer.sessions.filter(({ vantagePoint }) => vantagePoint === vantage));
      for (const { receiverIndex, lowestCounter, highestCounter, messages } of sessions) {
        const counters = ofType('4')
          .filter((row) => Number(row[2]) === receiverIndex)
          .map((row) => Number(row[3]));
        expect([lowestCounter, highestCounter, messages]).toEqual([
          Math.min(...counters),
          Math.max(...counters),
          counters.length,
        ]);
      }
      expect(sessions).toHaveLength(new Set(ofType('4').map((row) => row[2])).size);
    }
  });

  test('every encrypted byte has its pair of pods', () => {
    const attributions = document.summary.wireguard!.peers.flatMap(({ attribution }) => attribution);
    // 95 packets were counted by hand at the sending nodes' flannel-wg; 6 more never found a session.
    expect(attributions.reduce((n, each) => n + each.matchedMessages, 0)).toBe(95);
    expect(attributions.reduce((n, each) => n + each.bytes, 0)).toBe(31_256);
    expect(attributions.reduce((n, each) => n + each.matchedBytes, 0)).toBe(31_256);
    expect(attributions.map(({ packetsWithoutMessage }) => packetsWithoutMessage)).toEqual([0, 0, 0, 0, 6]);
    for (const { pairs } of attributions) {
      for (const pair of pairs) {
        expect([pair.confidence, pair.lowBytes, pair.highBytes]).toEqual(['exact', pair.bytes, pair.bytes]);
      }
    }
    // What the two ends find on their own is the same.
    for (const { hops } of rowsOf(document)) {
      const told = hops.flatMap(({ wireguard }) => wireguard ?? []);
      for (const each of told) expect(each).toEqual(told[0]);
    }
  });

  test('inner bytes of a pair are those of its connections and pings', () => {
    const { pairs } = peerOf(document, 'node-1', 'node-2').attribution[0]!;
    const bytes = (source: string, destination: string): number | undefined =>
      pairs.find((pair) => pair.source.address === source && pair.destination.address === destination)?.packetBytes;
    const connections = rowsOf(document).filter(
      (row) => row.client.address === '10.244.1.25' && row.server.address === '10.244.2.24',
    );
    const atDevice = connections.flatMap((row) =>
      row.hops.filter(({ vantagePoint }) => document.summary.vantagePoints[vantagePoint]!.name === 'node-1/flannel-wg'),
    );
    // The device's frames are the IP packets themselves.
    expect(bytes('10.244.1.25', '10.244.2.24')).toBe(
      atDevice.reduce((n, { clientToServer }) => n + clientToServer.wireBytes, 0),
    );
  });

  test('messages that did not arrive at the other node are lost there, exactly as many as were taken out', async () => {
    for (const seed of [4, 5, 6]) {
      const removed = new Map<string, number>();
      const thinned = await analyzeChanged(seed, 'eth1', (frame) => {
        const receiver = frame.subarray(30, 34).join('.');
        // Ethernet, IPv4 and UDP headers, then a data message that arrives at this node.
        if (receiver !== '192.168.56.12' || frame[23] !== 17 || frame[42] !== 4) return true;
        const sender = frame.subarray(26, 30).join('.');
        removed.set(sender, (removed.get(sender) ?? 0) + 1);
        return false;
      });
      const segments = thinned.summary.wireguard!.peers.flatMap((peer) =>
        peer.segments.map((segment) => ({ ...segment, sender: segment.direction === 'a to b' ? peer.a : peer.b })),
      );
      for (const { sender, from, lost, unknown } of segments) {
        expect([from, sender.address, lost + unknown]).toEqual([
          from,
          sender.address,
          removed.get(sender.address) ?? 0,
        ]);
        // Only the last messages of a session may have come after the end of the capture.
        expect(unknown).toBeLessThanOrEqual(2);
      }
      const problems = thinned.summary.wireguard!.peers.flatMap((peer) =>
        peer.problems.filter((each) => each.kind === 'loss'),
      );
      expect(problems.length).toBe(segments.filter(({ lost }) => lost > 0).length);
    }
  });

  test('with packets missing at a WireGuard device no pair gets what is another one’s', async () => {
    const truth = new Map<string, number>();
    const keyOf = (peer: WireguardPeer, direction: string, source: string, destination: string): string =>
      `${peer.a.node}/${peer.b.node}/${direction}/${source}/${destination}`;
    for (const peer of document.summary.wireguard!.peers) {
      for (const { direction, pairs } of peer.attribution) {
        for (const { source, destination, bytes } of pairs) {
          truth.set(keyOf(peer, direction, source.address, destination.address), bytes);
        }
      }
    }
    for (const seed of [1, 2, 3]) {
      const thinned = await analyzeChanged(seed, 'flannel-wg', () => false);
      const attributions = thinned.summary.wireguard!.peers.flatMap((peer) =>
        peer.attribution.map((attribution) => ({ peer, attribution })),
      );
      for (const { peer, attribution } of attributions) {
        const isWhole = attribution.matchedBytes === attribution.bytes;
        for (const { source, destination, bytes, lowBytes, highBytes, confidence } of attribution.pairs) {
          const real = truth.get(keyOf(peer, attribution.direction, source.address, destination.address)) ?? 0;
          expect(bytes).toBeLessThanOrEqual(real);
          expect(lowBytes).toBeLessThanOrEqual(real);
          expect(highBytes).toBeGreaterThanOrEqual(real);
          if (!isWhole) expect(confidence).not.toBe('exact');
        }
      }
      expect(attributions.some(({ attribution }) => attribution.matchedBytes < attribution.bytes)).toBe(true);
    }
  });
});

/** Captures of the nodes' underlay and WireGuard devices, one of the two without the records that `isKept` refuses. */
async function analyzeChanged(
  seed: number,
  changed: 'eth1' | 'flannel-wg',
  isKept: (frame: Buffer) => boolean,
): Promise<ReportDocument> {
  const directory = mkdtempSync(join(tmpdir(), 'podtrail-wireguard-'));
  try {
    const random = pseudoRandom(seed);
    const captures = ['node-1', 'node-2', 'node-3'].flatMap((node) =>
      ['eth1', 'flannel-wg'].map((device) => {
        const original = folder('captures', `${node}.${device}.pcap`);
        const isWhole = device !== changed || (changed === 'eth1' && node !== 'node-2');
        if (isWhole) return original;
        const path = join(directory, `${node}.${device}.pcap`);
        writeFileSync(path, withoutSome(readFileSync(original), random, isKept));
        return path;
      }),
    );
    const { document } = await analyze(requestFor(captures, [folder('inventory'), folder('hosts')]), {
      listener: () => {},
      signal: new AbortController().signal,
      standardInput: () => new PassThrough(),
    });
    return document;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A little-endian pcap file; of about one record in twenty `isKept` decides whether it stays. */
function withoutSome(pcap: Buffer, random: () => number, isKept: (frame: Buffer) => boolean): Buffer {
  const kept = [pcap.subarray(0, 24)];
  for (let at = 24; at < pcap.length;) {
    const end = at + 16 + pcap.readUInt32LE(at + 8);
    if (random() >= 0.05 || isKept(pcap.subarray(at + 16, end))) kept.push(pcap.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

/** Numerical Recipes' linear congruential generator: the same numbers everywhere. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
