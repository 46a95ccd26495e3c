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

/** `ENOTDIR: not a directory, open '/a/b'`: Node's messages of system errors. */
const SYSTEM_ERROR = /^E[A-Z0-9]+: (.*?), \w+(?: '.*')?$/s;

/** One sentence about anything that was thrown; file-system errors lose Node's code prefix and repeated path. */
export function describeError(error: unknown): string {
  // By its members: an error of another realm (a worker's, a test's) is no instance of ours.
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'no such file or directory';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'ENOSPC') return 'no space left on the device';
  return SYSTEM_ERROR.exec(message)?.[1] ?? message;
}
