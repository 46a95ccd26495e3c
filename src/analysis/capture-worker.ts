/** A thread that reads captures: gets its groups, says how it goes, hands over its partial result. */
import { parentPort, workerData } from 'node:worker_threads';
import { PassThrough } from 'node:stream';
import type { EngineEvent } from '../base/events.js';
import { STOP_READING, type ThreadMessage, type ThreadTask } from './capture-threads.js';
import { transferList } from './partial-result.js';
import { readCaptures } from './read-captures.js';

/** Bytes of input between two messages about progress. */
const PROGRESS_STEP = 4 * 1024 * 1024;

if (parentPort === null) throw new Error('capture-worker is a thread, not a program.');
const port = parentPort;
const { groups, settings } = workerData as ThreadTask;
const interruption = new AbortController();
let told = 0;

function say(message: ThreadMessage, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function hear(event: EngineEvent): void {
  if (event.type === 'progress') {
    if (event.bytes - told < PROGRESS_STEP) return;
    told = event.bytes;
  }
  say({ kind: 'event', event });
}

port.on('message', (message) => {
  if (message === STOP_READING) interruption.abort();
});
const result = await readCaptures(groups, settings, {
  listener: hear,
  signal: interruption.signal,
  // Standard input is the main thread's: groups that read it are not handed out.
  standardInput: () => new PassThrough().end(),
});
say({ kind: 'result', result }, transferList(result));
port.close();
