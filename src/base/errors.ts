/**
 * Errors that a user can act on: a code for machines, a sentence that says what and where, and a hint that says what to do.
 * Anything else that is thrown is a defect of podtrail.
 */

export type ErrorCode =
  | 'usage'
  | 'unreadable-input'
  | 'unknown-format'
  | 'damaged-capture'
  | 'invalid-inventory'
  | 'invalid-config'
  | 'unwritable-output';

export class PodtrailError extends Error {
  override readonly name = 'PodtrailError';
  readonly code: ErrorCode;
  /** What to do about it; null where there is nothing to add. */
  readonly hint: string | null;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? null;
  }
}

/** One sentence about anything that was thrown; file-system errors lose Node's code prefix and repeated path. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const errno = error as NodeJS.ErrnoException;
  if (errno.code === 'ENOENT') return 'no such file or directory';
  if (errno.code === 'EACCES' || errno.code === 'EPERM') return 'permission denied';
  if (errno.code === 'EISDIR') return 'is a directory';
  if (errno.code === 'ENOSPC') return 'no space left on the device';
  return error.message;
}
