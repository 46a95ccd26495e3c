/**
 * What the command line needs of the process around it. Everything that a run reads or changes outside its files comes
 * through here, so that a test can run a whole command without a process; only main.ts makes one from `process`.
 */
import type { Readable, Writable } from 'node:stream';

/** Standard output or standard error: a stream that may be a terminal of some width. */
export type TextStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Environment {
  /** Opens standard input; called once at most. */
  readonly stdin: () => Readable;
  readonly stdinIsTerminal: boolean;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Relative paths of this module's own file access start here; the engine's start at the process's directory. */
  readonly workingDirectory: string;
  readonly platform: NodeJS.Platform;
  /** Processors that may be used. */
  readonly processors: number;
  /** Milliseconds from any start; for rates, never for data. */
  readonly now: () => number;
  /** IANA name of the machine's time zone. */
  readonly localTimeZone: () => string;
  /** Calls the listener at SIGINT and SIGTERM until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ends the process without waiting for anything: the second Ctrl-C. */
  readonly exitAtOnce: (code: number) => void;
}

/** Width to write for: the stream's when it is a terminal, else 80. */
export function columnsOf(stream: TextStream): number {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 0 ? stream.columns : 80;
}

/** Whether to write colours to this stream: to terminals only, and not where the user has said no (https://no-color.org). */
export function usesColor(stream: TextStream, variables: Environment['variables'], isRefused: boolean): boolean {
  const { NO_COLOR: refusal = '', TERM: terminal } = variables;
  return stream.isTTY === true && !isRefused && refusal === '' && terminal !== 'dumb';
}
