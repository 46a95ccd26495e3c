/**
 * Standard input that ends when the run is interrupted. Whoever reads it may be waiting for bytes that never come, and could not
 * look at the signal meanwhile; the end of the input wakes it, and what has been read by then is reported.
 */
import { PassThrough, type Readable } from 'node:stream';

/** The stream's bytes, up to its end or to the interruption, whichever comes first. */
export function endingWith(signal: AbortSignal, stream: Readable): Readable {
  const input = new PassThrough();
  const end = (): void => {
    stream.unpipe(input);
    input.end();
  };
  stream.on('error', (error) => input.destroy(error));
  stream.pipe(input);
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return input;
}
