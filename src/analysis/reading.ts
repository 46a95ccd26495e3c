/**
 * One run's reading of captures, begun as soon as it can be: by threads from the start, or by the thread that asks for the result. Standard
 * input and pipes are always read by that one.
 */
import type { CaptureGroup, NumberedGroup } from './capture-groups.js';
import { readInThreads, shareOut } from './capture-threads.js';
import { mergePartialResults, type PartialResult, type ReadResult } from './partial-result.js';
import { readCaptures, totalBytes, type ReadSettings } from './read-captures.js';
import type { AnalysisContext, AnalysisRequest } from './request.js';

export class Reading {
  private readonly context: AnalysisContext;
  private readonly settings: ReadSettings;
  private readonly own: readonly NumberedGroup[];
  private readonly threads: Promise<PartialResult[]>;
  private readonly abandoned = new AbortController();

  constructor(groups: readonly CaptureGroup[], request: AnalysisRequest, context: AnalysisContext) {
    this.context = context;
    const numbered = groups.map((group, number) => ({ number, group }));
    const files = numbered.filter((each) => totalBytes([each]) !== null);
    const threads = threadsFor(files, request);
    const readers = threads + (threads === 0 || files.length < numbered.length ? 1 : 0);
    this.settings = { vxlanPorts: request.vxlanPorts, maxFlows: Math.ceil(request.maxFlows / readers) };
    this.own = threads === 0 ? numbered : numbered.filter((each) => !files.includes(each));
    const signal = AbortSignal.any([context.signal, this.abandoned.signal]);
    this.threads = readInThreads(shareOut(files, threads), this.settings, context.listener, signal);
    // Who abandons the reading does not wait for what it comes to.
    this.threads.catch(() => {});
  }

  async result(): Promise<ReadResult> {
    const own = this.own.length === 0 ? [] : [await readCaptures(this.own, this.settings, this.context)];
    const partials = [...(await this.threads), ...own];
    return mergePartialResults(
      partials.length === 0 ? [await readCaptures([], this.settings, this.context)] : partials,
    );
  }

  /** Ends the threads without asking for their result. */
  async abandon(): Promise<void> {
    this.abandoned.abort();
    await this.threads.catch(() => {});
  }
}

/** 0 where this thread reads as well as others would. */
function threadsFor(files: readonly NumberedGroup[], request: AnalysisRequest): number {
  if (request.workers < 2) return 0;
  const bytes = totalBytes(files) ?? 0;
  const worthwhile = request.leastBytesPerWorker === 0 ? Infinity : Math.floor(bytes / request.leastBytesPerWorker);
  return Math.min(request.workers, files.length, worthwhile);
}
