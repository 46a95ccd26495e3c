/** Exit codes, as scripts and pipelines see them. */
export const EXIT = {
  /** Everything that was asked for was read and written. */
  ok: 0,
  /** A gate said no: `policy check` found something that a proposal would break. */
  objection: 1,
  /** Wrong usage: nothing was read, nothing was written. */
  usage: 2,
  /** An input could not be read to its end, or an output not be written; the rest was. Wins over a gate's 1. */
  inputOutput: 3,
  /** Interrupted; what was known by then is written, marked partial. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
