/** The pipeline as tests call it: files in, document out, with everything else at its default. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { analyze } from '../../src/analysis/analyze.js';
import type { AnalysisRequest, AnalysisResult, Selection } from '../../src/analysis/request.js';
import type { EngineEvent } from '../../src/base/events.js';
import type { Connection, ReportDocument } from '../../src/model/document.js';
import { repositoryRoot } from '../tools/shared.js';

export const ALL: Selection = { namespaces: [], pods: [], since: null, until: null, top: null };

export interface Run extends AnalysisResult {
  readonly events: readonly EngineEvent[];
}

export async function run(
  request: Partial<AnalysisRequest>,
  options: { readonly standardInput?: Readable; readonly signal?: AbortSignal } = {},
): Promise<Run> {
  const events: EngineEvent[] = [];
  const result = await analyze(
    {
      captures: [],
      inventory: [],
      nodeDirectories: [],
      vantages: [],
      vxlanPorts: [],
      names: [],
      maxFlows: 1_000_000,
      workers: 1,
      leastBytesPerWorker: 0,
      selection: ALL,
      options: [],
      ...request,
    },
    {
      listener: (event) => events.push(event),
      signal: options.signal ?? new AbortController().signal,
      standardInput: () => options.standardInput ?? new PassThrough().end(),
    },
  );
  return { ...result, events };
}

export function rowsOf(document: ReportDocument): Connection[] {
  return Array.from({ length: document.connections.length }, (_, index) => document.connections.row(index));
}

export function sample(name: string, ...path: string[]): string {
  return join(repositoryRoot, 'samples', name, ...path);
}

/** Runs `use` with a fresh folder that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'podtrail-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** A little-endian classic pcap cut after every `size` records, each piece with the file header. */
export function splitPcap(file: Buffer, size: number): Buffer[] {
  const header = file.subarray(0, FILE_HEADER);
  const pieces: Buffer[] = [];
  let at = FILE_HEADER;
  while (at < file.length) {
    const start = at;
    for (let i = 0; i < size && at < file.length; i++) at += RECORD_HEADER + file.readUInt32LE(at + 8);
    pieces.push(Buffer.concat([header, file.subarray(start, at)]));
  }
  return pieces;
}
