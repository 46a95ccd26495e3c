/** The lab's scenarios: their captures and inventory through the pipeline, and their ground truth. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { analyze } from '../../src/analysis/analyze.js';
import type { AnalysisRequest } from '../../src/analysis/request.js';
import type { Connection, ReportDocument } from '../../src/model/document.js';
import { sharedRoot } from '../tools/shared.js';

export const labRoot: string | null = sharedRoot === null ? null : join(sharedRoot, 'lab');

export const scenarioNames: readonly string[] =
  labRoot === null ? [] : readdirSync(labRoot).filter((name) => existsSync(join(labRoot, name, 'truth.json')));

export interface TruthEndpoint {
  readonly kind: 'pod' | 'node' | 'external' | 'none';
  readonly namespace: string | null;
  readonly name: string | null;
  readonly uid: string | null;
  readonly node: string | null;
  readonly hostNetwork: boolean;
  readonly ip: string;
  readonly port: number;
}

/** Of the kernel's TCP_INFO at close. */
export interface KernelBytes {
  readonly bytes_sent: number;
  readonly bytes_retrans: number;
  readonly bytes_received: number;
}

export interface TruthConnection {
  readonly id: string;
  readonly label: string;
  readonly proto: 'tcp' | 'udp' | 'sctp';
  readonly client: TruthEndpoint;
  readonly server: TruthEndpoint;
  readonly nat?: unknown;
  readonly start: number;
  readonly end: number;
  readonly outcome: string;
  readonly bytes_client_to_server: number | null;
  readonly bytes_server_to_client: number | null;
  readonly bytes_exact?: boolean;
  readonly client_tcp_info?: KernelBytes | null;
  readonly server_log?: { readonly tcp_info?: KernelBytes } | null;
  readonly service?: string | null;
  readonly must_see?: readonly MustSee[];
  readonly must_not_see?: readonly string[];
}

/** A place where a connection's packets must be seen, as they are there. */
export interface MustSee {
  readonly capture: string;
  readonly dir: 'both' | 'c2s' | 's2c';
  readonly src: string;
  readonly sport: number;
  readonly dst: string;
  readonly dport: number;
}

export interface TruthCapture {
  readonly file: string;
  readonly kind: string;
  readonly node: string;
  /** As `namespace/name`. */
  readonly pod: string | null;
}

export interface Truth {
  readonly captures: readonly TruthCapture[];
  readonly connections: readonly TruthConnection[];
  readonly clock_skew: Readonly<Record<string, number>>;
}

export function readTruth(scenario: string): Truth {
  return JSON.parse(readFileSync(join(labRoot!, scenario, 'truth.json'), 'utf8')) as Truth;
}

export function requestFor(captures: readonly string[], inventory: readonly string[]): AnalysisRequest {
  return {
    captures,
    inventory,
    nodeDirectories: [],
    vantages: [],
    vxlanPorts: [],
    names: [],
    maxFlows: 1_000_000,
    workers: 1,
    leastBytesPerWorker: 0,
    selection: { namespaces: [], pods: [], since: null, until: null, top: null },
    options: [],
  };
}

export type LabResult = { readonly document: ReportDocument; readonly failures: readonly string[] };

export function analyzeScenario(scenario: string): Promise<LabResult> {
  return analyzeCaptures(scenario, captureFiles(scenario));
}

/** Paths of the scenario's captures. */
export function captureFiles(scenario: string): string[] {
  const folder = join(labRoot!, scenario, 'captures');
  return readdirSync(folder).map((file) => join(folder, file));
}

/** These captures with the scenario's inventory. */
export function analyzeCaptures(scenario: string, captures: readonly string[]): Promise<LabResult> {
  const folder = join(labRoot!, scenario);
  return analyze(requestFor(captures, [join(folder, 'inventory'), join(folder, 'hosts')]), {
    listener: () => {},
    signal: new AbortController().signal,
    standardInput: () => new PassThrough(),
  });
}

export function rowsOf(document: ReportDocument): Connection[] {
  return Array.from({ length: document.connections.length }, (_, index) => document.connections.row(index));
}
