/** Writing to standard output: each piece waits for the reader, and a reader that has gone is told from a disk that is full. */
import { PodtrailError, describeError } from '../base/errors.js';
import type { Sink } from '../report/index.js';
import type { TextStream } from './environment.js';

/** The reader of standard output has closed it, as `head` does; the run goes on without, quietly. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

const CLOSED_BY_READER: ReadonlySet<string> = new Set(['EPIPE', 'EOF', 'ERR_STREAM_DESTROYED']);

export class StreamOutput implements Sink {
  private readonly stream: TextStream;

  constructor(stream: TextStream) {
    this.stream = stream;
  }

  /** Rejects with BrokenPipe if nobody reads any more, else with what went wrong. */
  write(chunk: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stream.write(chunk, (error) => {
        if (error === null || error === undefined) resolve();
        else if (CLOSED_BY_READER.has((error as NodeJS.ErrnoException).code ?? '')) reject(new BrokenPipe());
        else
          reject(new PodtrailError('unwritable-output', `standard output: ${describeError(error)}`, { cause: error }));
      });
    });
  }
}
