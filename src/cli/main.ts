#!/usr/bin/env node
/** The program: gives the process around it to `run`. The only file that knows `process`. */
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import { run } from './run.js';

const INTERRUPTS = ['SIGINT', 'SIGTERM'] as const;
const STANDARD_INPUT_DESCRIPTOR = 0;
/**
 * How much code V8 may take into one optimised function, in bytes of its bytecode. The path of a packet is many small functions;
 * by default (920) the innermost of them stay calls. Measured: an eighth less time per packet, and no more beyond 2500.
 */
const INLINING_BUDGET = 2500;

setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINING_BUDGET}`);

const opened: Readable[] = [];

process.exitCode = await run(process.argv.slice(2), {
  stdin: () => {
    opened.push(process.stdin);
    return process.stdin;
  },
  stdinIsTerminal: isatty(STANDARD_INPUT_DESCRIPTOR),
  stdout: process.stdout,
  stderr: process.stderr,
  variables: process.env,
  workingDirectory: process.cwd(),
  platform: process.platform,
  processors: availableParallelism(),
  now: () => performance.now(),
  localTimeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  onInterrupt: (listener) => {
    for (const signal of INTERRUPTS) process.on(signal, listener);
    return () => {
      for (const signal of INTERRUPTS) process.off(signal, listener);
    };
  },
  exitAtOnce: (code) => process.exit(code),
});
// An interrupted run leaves its input open, and the process would wait for it.
for (const stream of opened) stream.destroy();
