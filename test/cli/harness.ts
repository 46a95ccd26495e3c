/** Runs podtrail in this process with streams that remember, a folder of its own, and an analysis that a test makes up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { AnalysisContext, AnalysisRequest, AnalysisResult, InputDescription } from '../../src/analysis/request.js';
import type { Environment } from '../../src/cli/environment.js';
import { run } from '../../src/cli/run.js';
import type { Services } from '../../src/cli/services.js';
import { writeReport } from '../../src/report/index.js';
import { minimalDocument } from '../report/documents/plain.js';

/** A stream that keeps what is written, and can be a terminal. */
export class RememberingStream extends Writable {
  text = '';
  readonly isTTY?: boolean;
  readonly columns?: number;
  private readonly failure: NodeJS.ErrnoException | null;

  constructor(options: { columns?: number; failure?: NodeJS.ErrnoException } = {}) {
    super({ decodeStrings: false });
    this.failure = options.failure ?? null;
    if (options.columns !== undefined) {
      this.isTTY = true;
      this.columns = options.columns;
    }
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.failure !== null) {
      callback(this.failure);
      return;
    }
    this.text += chunk.toString();
    callback();
  }
}

export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made up`), { code });
}

export interface Setting {
  readonly services: Services;
  readonly stdin: string;
  readonly stdinIsTerminal: boolean;
  readonly stdout: RememberingStream;
  readonly stderr: RememberingStream;
  readonly variables: Record<string, string | undefined>;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the analysis was asked for, if it was. */
  readonly requests: readonly AnalysisRequest[];
}

/** One folder and the runs in it. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'podtrail-cli-'));
  readonly exits: number[] = [];
  private listeners: (() => void)[] = [];

  path(name: string): string {
    return join(this.folder, name);
  }

  /** What a terminal does when Ctrl-C is pressed. */
  interrupt(): void {
    for (const listener of [...this.listeners]) listener();
  }

  get listenerCount(): number {
    return this.listeners.length;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async run(words: readonly string[], setting: Partial<Setting> = {}): Promise<Outcome> {
    const requests: AnalysisRequest[] = [];
    const services = setting.services ?? servicesOf();
    const stdout = setting.stdout ?? new RememberingStream();
    const stderr = setting.stderr ?? new RememberingStream();
    const environment: Environment = {
      stdin: () => Readable.from([setting.stdin ?? '']),
      stdinIsTerminal: setting.stdinIsTerminal ?? true,
      stdout,
      stderr,
      variables: setting.variables ?? {},
      workingDirectory: this.folder,
      platform: setting.platform ?? 'linux',
      processors: 2,
      now: setting.now ?? ((): number => 0),
      localTimeZone: () => 'America/New_York',
      onInterrupt: (listener) => {
        this.listeners.push(listener);
        return () => {
          this.listeners = this.listeners.filter((other) => other !== listener);
        };
      },
      exitAtOnce: (code) => {
        this.exits.push(code);
      },
    };
    const remembering: Services = {
      ...services,
      analyze(request, context) {
        requests.push(request);
        return services.analyze(request, context);
      },
      describeInputs(request, context) {
        requests.push(request);
        return services.describeInputs(request, context);
      },
    };
    const exitCode = await run(words, environment, remembering);
    return { exitCode, stdout: stdout.text, stderr: stderr.text, requests };
  }
}

/** Services that analyse nothing and write real reports. */
export function servicesOf(members: Partial<Services> = {}): Services {
  return {
    async analyze(): Promise<AnalysisResult> {
      return { document: minimalDocument(), failures: [] };
    },
    async describeInputs(): Promise<readonly InputDescription[]> {
      return [];
    },
    writeReport,
    ...members,
  };
}

/** Services whose analysis is this function. */
export function analyzing(
  analyze: (request: AnalysisRequest, context: AnalysisContext) => AnalysisResult | Promise<AnalysisResult>,
): Services {
  return servicesOf({ analyze: async (request, context) => analyze(request, context) });
}
