/** A whole analysis of a capture that is only in memory, as if it came through standard input. */
import { Readable } from 'node:stream';
import { analyze } from '../../src/analysis/analyze.js';
import type { AnalysisRequest, AnalysisResult } from '../../src/analysis/request.js';
import { writeReport } from '../../src/report/index.js';

const REQUEST: AnalysisRequest = {
  captures: ['-'],
  inventory: [],
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

/** `pieces`: sizes in which the bytes arrive, over and over. */
export async function analyzeBytes(
  bytes: Uint8Array,
  request: Partial<AnalysisRequest> = {},
  pieces: readonly number[] = [bytes.length],
): Promise<AnalysisResult> {
  return analyze(
    { ...REQUEST, ...request },
    {
      listener: () => undefined,
      signal: new AbortController().signal,
      standardInput: () => Readable.from(cut(bytes, pieces)),
    },
  );
}

function* cut(bytes: Uint8Array, pieces: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, pieces[turn % pieces.length] ?? 1);
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** The JSON report, as text. */
export async function jsonOf({ document }: AnalysisResult): Promise<string> {
  let text = '';
  await writeReport(
    'json',
    document,
    {
      write: (chunk) => {
        text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      },
    },
    { per: 'connection', timeZone: 'UTC', top: null },
  );
  return text;
}
