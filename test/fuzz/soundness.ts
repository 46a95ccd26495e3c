/** What must hold of every report, whatever the capture held. */
import { expect } from '@jest/globals';
import type { Connection, ReportSummary } from '../../src/model/document.js';
import { problemsOf } from '../report/schema.js';

type Report = ReportSummary & { readonly connections: readonly Connection[] };

/** The report parses, fits its schema, and its numbers agree with each other. */
export function expectSound(json: string): void {
  const report = JSON.parse(json) as Report;
  expect(problemsOf(report)).toEqual([]);
  const { totals, captures, vantagePoints, connections } = report;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  expect(sum(captures.map(({ packets }) => packets))).toBe(totals.packets);
  expect(sum(captures.map(({ wireBytes }) => wireBytes))).toBe(totals.wireBytes);
  expect(sum(vantagePoints.map(({ packets }) => packets))).toBe(totals.packets);
  expect(sum(vantagePoints.map(({ wireBytes }) => wireBytes))).toBe(totals.wireBytes);
  expect(totals.undecodedPackets).toBeLessThanOrEqual(totals.packets);
  expect(connections).toHaveLength(totals.connections);
  expect(totals.connections).toBeLessThanOrEqual(totals.flows);
  expect(sum(Object.values(totals.connectionsByProtocol))).toBe(totals.connections);
  for (const connection of connections) expectSoundConnection(connection);
  expect(connections.map(({ start }) => start)).toEqual(connections.map(({ start }) => start).sort());
  for (const { id, packets, wireBytes } of vantagePoints) {
    // A packet is in one connection at most; its tunnels are carriers.
    const hops = connections.flatMap((connection) => connection.hops).filter(({ vantagePoint }) => vantagePoint === id);
    expect(sum(hops.map((hop) => hop.clientToServer.packets + hop.serverToClient.packets))).toBeLessThanOrEqual(
      packets,
    );
    expect(sum(hops.map((hop) => hop.clientToServer.wireBytes + hop.serverToClient.wireBytes))).toBeLessThanOrEqual(
      wireBytes,
    );
  }
}

function expectSoundConnection({ start, end, clientToServer, serverToClient, hops, countedAt }: Connection): void {
  expect(start <= end).toBe(true);
  expect(hops.map(({ vantagePoint }) => vantagePoint)).toContain(countedAt);
  for (const hop of hops) {
    expect(hop.start <= hop.end).toBe(true);
    expect(hop.clientToServer.packets + hop.serverToClient.packets).toBeGreaterThan(0);
    for (const { uniquePayloadBytes, payloadBytes, wireBytes, packets } of [hop.clientToServer, hop.serverToClient]) {
      expect(uniquePayloadBytes).toBeLessThanOrEqual(payloadBytes);
      if (packets === 0) expect([payloadBytes, wireBytes]).toEqual([0, 0]);
    }
  }
  const counters = [clientToServer, serverToClient];
  expect(
    hops.some((hop) => hop.vantagePoint === countedAt && equal([hop.clientToServer, hop.serverToClient], counters)),
  ).toBe(true);
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
