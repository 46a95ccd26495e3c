/**
 * Shares capture groups out among threads, so that captures of several nodes are read side by side. A group is never divided: its
 * flows go on from file to file. The document does not depend on any of this.
 */
import { Worker } from 'node:worker_threads';
import type { EngineEvent, EventListener } from '../base/events.js';
import type { NumberedGroup } from './capture-groups.js';
import type { ReadSettings } from './read-captures.js';
import { revive, type PartialResult } from './partial-result.js';

/** What a thread is started with. */
export interface ThreadTask {
  readonly groups: readonly NumberedGroup[];
  readonly settings: ReadSettings;
}

/** What a thread says, and at last its result. */
export type ThreadMessage =
  { readonly kind: 'event'; readonly event: EngineEvent } | { readonly kind: 'result'; readonly result: PartialResult };

export const STOP_READING = 'stop reading';

/** Groups for each of at most `threads` threads: the largest first, each to the thread that has least. Numbers ascend within a thread. */
export function shareOut(groups: readonly NumberedGroup[], threads: number): NumberedGroup[][] {
  const shares = Array.from({ length: Math.min(threads, groups.length) }, () => ({
    bytes: 0,
    groups: [] as NumberedGroup[],
  }));
  if (shares.length === 0) return [];
  const sized = groups.map((each) => ({ each, bytes: bytesOf(each) }));
  sized.sort((a, b) => b.bytes - a.bytes || a.each.number - b.each.number);
  for (const { each, bytes } of sized) {
    const least = shares.reduce((best, share) => (share.bytes < best.bytes ? share : best));
    least.bytes += bytes;
    least.groups.push(each);
  }
  return shares.map((share) => share.groups.sort((a, b) => a.number - b.number));
}

function bytesOf({ group }: NumberedGroup): number {
  return group.files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
}

/** Reads each share in a thread of its own. Events are passed on as they come, progress added up. */
export async function readInThreads(
  shares: readonly (readonly NumberedGroup[])[],
  settings: ReadSettings,
  listener: EventListener,
  signal: AbortSignal,
): Promise<PartialResult[]> {
  const progress = new ProgressSum(shares, listener);
  const threads = shares.map((groups) => {
    return new Worker(new URL('./capture-worker.js', import.meta.url), {
      workerData: { groups, settings } satisfies ThreadTask,
    });
  });
  const stop = (): void => {
    for (const thread of threads) thread.postMessage(STOP_READING);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.all(threads.map((thread, index) => resultOf(thread, (event) => progress.hear(index, event))));
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

function resultOf(thread: Worker, listener: EventListener): Promise<PartialResult> {
  return new Promise((resolve, reject) => {
    thread.on('message', (message: ThreadMessage) => {
      if (message.kind === 'event') listener(message.event);
      else resolve(revive(message.result));
    });
    thread.on('error', reject);
    thread.on('exit', (code) => {
      reject(new Error(`A thread that reads captures ended with code ${code}.`));
    });
  });
}

/** The progress of several threads as one. */
class ProgressSum {
  private readonly bytes: number[];
  private readonly packets: number[];
  private readonly totalBytes: number;
  private readonly listener: EventListener;

  constructor(shares: readonly (readonly NumberedGroup[])[], listener: EventListener) {
    this.bytes = shares.map(() => 0);
    this.packets = shares.map(() => 0);
    this.totalBytes = shares.flat().reduce((sum, group) => sum + bytesOf(group), 0);
    this.listener = listener;
  }

  hear(thread: number, event: EngineEvent): void {
    if (event.type !== 'progress') return this.listener(event);
    this.bytes[thread] = event.bytes;
    this.packets[thread] = event.packets;
    const add = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
    this.listener({
      type: 'progress',
      bytes: add(this.bytes),
      totalBytes: this.totalBytes,
      packets: add(this.packets),
    });
  }
}
