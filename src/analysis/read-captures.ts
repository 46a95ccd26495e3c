/**
 * Reads capture groups through the hot path, in the thread that asks: opens each file, drains its cursor between refills, and keeps
 * what the report says about it. One file that cannot be read does not lose the rest.
 */
import { describeError, PodtrailError } from '../base/errors.js';
import type { EventListener } from '../base/events.js';
import type { RecordCursor } from '../capture/cursor.js';
import { openCapture } from '../capture/open.js';
import { FlowPart } from '../flow/flow-part.js';
import { FlowTracker } from '../flow/flow-tracker.js';
import { DecodeOptions } from '../wire/decode-options.js';
import { factsOf, type CaptureFacts } from './capture-facts.js';
import type { CaptureFile, NumberedGroup } from './capture-groups.js';
import { Drain } from './drain.js';
import { OddityCounters } from './oddity-counters.js';
import type { PartialResult } from './partial-result.js';
import type { AnalysisContext, AnalysisRequest } from './request.js';
import { VantagePoints } from './vantage-points.js';

/** What reading needs to know besides the captures. Plain data, so that a thread can be told. */
export type ReadSettings = Pick<AnalysisRequest, 'vxlanPorts' | 'maxFlows'>;

/** The partial result of these groups. */
export async function readCaptures(
  groups: readonly NumberedGroup[],
  settings: ReadSettings,
  context: AnalysisContext,
): Promise<PartialResult> {
  const reader = new CaptureReader(settings, context, totalBytes(groups));
  for (const { number, group } of groups) {
    const { files } = group;
    for (const [part, file] of files.entries()) {
      if (context.signal.aborted) break;
      await reader.read(file, number, part, part === files.length - 1 && files.length > 1);
    }
  }
  return reader.result();
}

/** Null if the size of some input is not known. */
export function totalBytes(groups: readonly NumberedGroup[]): number | null {
  let total = 0;
  for (const { group } of groups) {
    for (const { sizeBytes } of group.files) {
      if (sizeBytes === null) return null;
      total += sizeBytes;
    }
  }
  return total;
}

class CaptureReader {
  private readonly tracker: FlowTracker;
  private readonly vantages = new VantagePoints();
  private readonly drain: Drain;
  private readonly captures: CaptureFacts[] = [];
  private readonly failures: string[] = [];
  private readonly context: AnalysisContext;
  private readonly listener: EventListener;
  private readonly totalBytes: number | null;
  private finishedBytes = 0;
  private finishedPackets = 0;

  constructor(settings: ReadSettings, context: AnalysisContext, totalBytes: number | null) {
    this.tracker = new FlowTracker(settings.maxFlows);
    this.drain = new Drain(this.tracker, new DecodeOptions(settings.vxlanPorts), this.vantages);
    this.context = context;
    this.listener = context.listener;
    this.totalBytes = totalBytes;
  }

  /** `mayStillGrow`: the last part of a rotated capture, whose writer may be at work. */
  async read(file: CaptureFile, group: number, part: number, mayStillGrow: boolean): Promise<void> {
    const cursor = await this.open(file.path);
    if (cursor === null) return;
    const oddities = new OddityCounters();
    this.vantages.beginFile(group);
    this.drain.beginFile(file.firstTime);
    try {
      do {
        this.drain.run(cursor, oddities);
        this.listener({
          type: 'progress',
          bytes: this.finishedBytes + cursor.consumedBytes(),
          totalBytes: this.totalBytes,
          packets: this.finishedPackets + cursor.frameNumber,
        });
      } while (!this.context.signal.aborted && (await this.fill(cursor)));
    } finally {
      await cursor.close();
    }
    this.finishedBytes += cursor.consumedBytes();
    this.finishedPackets += cursor.frameNumber;
    const id = this.captures.length;
    this.captures.push(factsOf({ ...file, id, group, part }, cursor, this.vantages.currentSegments(), oddities));
    const { damage } = cursor;
    if (damage === null) return;
    if (mayStillGrow && damage.isCutOff) {
      this.listener({
        type: 'warning',
        message: `${file.path}: ends inside a record at byte ${damage.offset}`,
        hint: 'the last file of a rotated capture: it was probably still being written',
      });
      return;
    }
    this.fail(`${file.path}: ${damage.message}, at byte ${damage.offset}`, 'what came before it is in the report');
  }

  /** Fills the cursor; an interruption does not wait for an input that is silent. */
  private async fill(cursor: RecordCursor): Promise<boolean> {
    const { signal } = this.context;
    let stop = (): void => {};
    const interrupted = new Promise<false>((resolve) => {
      stop = () => {
        resolve(false);
      };
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([cursor.fill(), interrupted]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  result(): PartialResult {
    this.tracker.close();
    return {
      captures: this.captures,
      vantages: this.vantages,
      flows: new FlowPart(this.tracker),
      failures: this.failures,
      isInterrupted: this.context.signal.aborted,
    };
  }

  private async open(path: string): Promise<Awaited<ReturnType<typeof openCapture>> | null> {
    try {
      return await openCapture(path, { standardInput: this.context.standardInput });
    } catch (error) {
      if (error instanceof PodtrailError) this.fail(error.message, error.hint);
      else this.fail(`${path}: ${describeError(error)}`, null);
      return null;
    }
  }

  private fail(message: string, hint: string | null): void {
    this.failures.push(message);
    this.listener({ type: 'error', message, hint });
  }
}
